"""The rows of a file of quotes made ready: still valid, with a term, and priced in USD."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.columns import CellError
from catalog.csv_file import Rows, plain_header
from catalog.quote_cells import Money, WithoutUnit
from catalog.quote_columns import HIGHEST_PRICE, PRICE_EXPECTED, TERM_EXPECTED
from catalog.quote_contracts import Contracts
from catalog.quote_headers import PRICE, said_by
from catalog.quote_prices import GPU_HOUR, USD, Unit, gpus_priced, in_usd, rounded, unit_of
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
        self._headers = {name: said_by(found.headers.get(name, "")) for name in (PRICE, "tiers")}
        self._units: dict[tuple[Said, str, Said | None, str | None], Unit] = {}
        self.converted: list[Converted] = []

    def read(self, line: int, row: dict[str, Any]) -> str | None:
        """Put the row's prices into USD a GPU-hour; the currency they were in.

        None where one is a mistake, which is then noted. A price is never defaulted, not even to
        that of the offer whose place a quote takes.
        """
        amount: Money | None = row[PRICE]
        if row["tiers"] is not None:
            return self._tiers(line, row)
        if amount is not None:
            return self._put(line, row, PRICE, amount)
        if row["pricing"] == "owned":
            return row["currency"] or USD
        self._found.mistake(line, PRICE, f"is blank; expected {PRICE_EXPECTED}")
        return None

    def _tiers(self, line: int, row: dict[str, Any]) -> str | None:
        """Prices by the size of the fleet; the first stands for the row until they part."""
        if row[PRICE] is not None:
            what = f"{row[PRICE].written!r} is given beside {self._found.headers['tiers']!r}"
            self._found.mistake(line, PRICE, f"{what}; expected one of them; leave the other blank")
            return None
        read, currency = [], None
        for gpus, amount in row["tiers"]:
            currency = self._put(line, row, "tiers", amount)
            if currency is None:
                return None
            read.append((gpus, row[PRICE]))
        row["tiers"], row[PRICE] = tuple(read), read[0][1]
        return currency

    def _put(self, line: int, row: dict[str, Any], column: str, amount: Money) -> str | None:
        """Put one price into the row; its currency, or None where it is a mistake."""
        try:
            unit = self._unit(amount.said, column, row["unit"], row["currency"])
            row[PRICE] = self._usd(line, row, unit, amount)
        except CellError as error:
            said = str(error)
            said = said if repr(amount.figure) in said else f"{amount.written!r} {said}"
            self._found.mistake(line, column, said)
            return None
        except ValueError:
            self._found.mistake(line, column, f"{amount.written!r}; expected {PRICE_EXPECTED}")
            return None
        return unit.currency

    def _usd(self, line: int, row: dict[str, Any], unit: Unit, amount: Money) -> float:
        whole = in_usd(amount, unit, self._fx, self._found.delimiter == ";")
        if unit == GPU_HOUR:
            if not 0 < whole <= HIGHEST_PRICE:
                raise ValueError(amount.written)
            return whole
        gpus = gpus_priced(unit, row["gpu"], self._node(row))
        usd = rounded(whole / gpus / unit.hours)
        if not 0 < usd <= HIGHEST_PRICE:
            raise CellError(f"is {usd:,.6g} USD a GPU-hour; expected {PRICE_EXPECTED}")
        if unit.thing == "node" and unit.gpus:
            row["gpus_per_node"] = unit.gpus
        self.converted.append(Converted(line, amount.written, unit, gpus, usd))
        return usd

    def _node(self, row: Mapping[str, Any]) -> int | None:
        old = self._known.get(row["offer"])
        size: int | None = row["gpus_per_node"]
        return size if size is not None or old is None else old.gpus_per_node

    def _unit(self, cell: Said, header: str, column: Said | None, currency: str | None) -> Unit:
        """The unit of a price; a file has few of them."""
        key = cell, header, column, currency
        if key not in self._units:
            self._units[key] = unit_of(cell, self._headers[header], column or Said(), currency)
        return self._units[key]


def has_prices(found: Rows) -> bool:
    """Whether a file of quotes has a column of prices; else a mistake, and no rows."""
    if not found.headers or {PRICE, "tiers"} & found.headers.keys():
        return True
    found.rows.clear()
    found.mistakes.append(f"{found.where}:1: column {PRICE!r} is missing; expected in the header")
    return False


def current(found: Rows, prices: Prices, contracts: Contracts, today: date) -> Iterator[Line]:
    """The rows that have not expired; expired ones too must be without mistakes."""
    for line, row in found.rows:
        if found.has_too_many_mistakes(line):
            return
        currency = prices.read(line, row)
        sound = [contracts.read(line, row, currency or USD), _has_term(found, line, row)]
        has_expired = row["valid_until"] is not None and row["valid_until"] < today
        if currency is not None and all(sound) and not has_expired:
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
