"""The rows of a file of quotes made ready: still valid, with a term, and priced in USD."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.columns import CellError
from catalog.csv_file import Rows, plain_header
from catalog.quote_cells import Money, WithoutUnit
from catalog.quote_columns import HIGHEST_PRICE, PRICE_EXPECTED, TERM_EXPECTED
from catalog.quote_headers import PRICE, said_by
from catalog.quote_prices import GPU_HOUR, Unit, gpus_priced, in_usd, rounded, unit_of
from catalog.quote_units import Said
from catalog.rows import Offer

Line = tuple[int, Any]


@dataclass(frozen=True, slots=True)
class Converted:
    """A price that was not given in USD a GPU-hour: the line, its cell, and what it is."""

    line: int
    written: str
    unit: Unit
    gpus: float
    usd_per_gpu_hour: float


class Prices:
    """The prices of one file in USD a GPU-hour, with those that had to be converted."""

    def __init__(self, found: Rows, known: Mapping[str, Offer], fx: Mapping[str, float]) -> None:
        self._found, self._known, self._fx = found, known, fx
        self._header = said_by(found.headers.get(PRICE, ""))
        self._units: dict[tuple[Said, Said | None, str | None], Unit] = {}
        self.converted: list[Converted] = []

    def price(self, line: int, row: dict[str, Any]) -> bool:
        """Put the row's price into USD a GPU-hour; False where that is a mistake, then noted.

        A price is never defaulted, not even to that of the offer whose place a quote takes.
        """
        amount: Money | None = row[PRICE]
        if amount is None:
            if row["pricing"] == "owned":
                return True
            self._found.mistake(line, PRICE, f"is blank; expected {PRICE_EXPECTED}")
            return False
        try:
            self._convert(line, row, amount)
        except CellError as error:
            said = str(error)
            said = said if repr(amount.figure) in said else f"{amount.written!r} {said}"
            self._found.mistake(line, PRICE, said)
            return False
        except ValueError:
            self._found.mistake(line, PRICE, f"{amount.written!r}; expected {PRICE_EXPECTED}")
            return False
        return True

    def _node(self, row: Mapping[str, Any]) -> int | None:
        old = self._known.get(row["offer"])
        size: int | None = row["gpus_per_node"]
        return size if size is not None or old is None else old.gpus_per_node

    def _convert(self, line: int, row: dict[str, Any], amount: Money) -> None:
        unit = self._unit(amount.said, row["unit"], row["currency"])
        whole = in_usd(amount, unit, self._fx, self._found.delimiter == ";")
        if unit == GPU_HOUR:
            if not 0 < whole <= HIGHEST_PRICE:
                raise ValueError(amount.written)
            row[PRICE] = whole
            return
        gpus = gpus_priced(unit, row["gpu"], self._node(row))
        usd = rounded(whole / gpus / unit.hours)
        if not 0 < usd <= HIGHEST_PRICE:
            raise CellError(f"is {usd:,.6g} USD a GPU-hour; expected {PRICE_EXPECTED}")
        row[PRICE] = usd
        if unit.thing == "node" and unit.gpus:
            row["gpus_per_node"] = unit.gpus
        self.converted.append(Converted(line, amount.written, unit, gpus, usd))

    def _unit(self, cell: Said, column: Said | None, currency: str | None) -> Unit:
        """The unit of a price; a file has few of them."""
        key = cell, column, currency
        if key not in self._units:
            self._units[key] = unit_of(cell, self._header, column or Said(), currency)
        return self._units[key]


def current(found: Rows, prices: Prices, today: date) -> Iterator[Line]:
    """The rows that have not expired; expired ones too must hold a price and a term."""
    for line, row in found.rows:
        if found.has_too_many_mistakes(line):
            return
        sound = [prices.price(line, row), _has_term(found, line, row)]
        has_expired = row["valid_until"] is not None and row["valid_until"] < today
        if all(sound) and not has_expired:
            yield line, row


def _has_term(found: Rows, line: int, row: dict[str, Any]) -> bool:
    """A bare number counts hours only under a header that says so: a term of 12 may be months."""
    term = row["commitment_hours"]
    if not isinstance(term, WithoutUnit) or not term:
        return True
    if plain_header(found.headers.get("commitment_hours", "")) == "commitment_hours":
        return True
    found.mistake(line, "commitment_hours", f"'{term:g}' has no unit; expected {TERM_EXPECTED}")
    return False
