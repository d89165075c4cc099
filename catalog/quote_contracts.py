"""The terms of a quote's contract made those of an offer: in USD, as shares, in hours."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from catalog.columns import CellError
from catalog.csv_file import Rows
from catalog.quote_cells import Money
from catalog.quote_contract_cells import Egress, Share
from catalog.quote_figures import COMMA_CURRENCIES, figure
from catalog.quote_prices import usd_each
from catalog.quote_units import currency_in
from catalog.tables import MOST_USD, YEARS_OF_COMMITMENT

_PER_CENT = 100
_MOST_USD_A_GB = 100


class Contracts:
    """Contract terms of one file; ``currency`` is that of a row's price, which they share."""

    def __init__(self, found: Rows, fx: Mapping[str, float], today: date) -> None:
        self._found, self._fx, self._today = found, fx, today
        self._columns = [name for name in _READERS if name in found.headers]

    def read(self, line: int, row: dict[str, Any], currency: str) -> bool:
        """Put the row's terms into the columns of an offer; False where one is a mistake."""
        sound = True
        for name in self._columns:
            if row[name] is None:
                continue
            try:
                _READERS[name](self, row, name, currency)
            except CellError as error:
                self._found.mistake(line, name, str(error))
                sound = False
            except ValueError:
                self._found.mistake(line, name, "is no amount; expected one such as 5,000 USD")
                sound = False
        return sound

    def _amount(self, row: dict[str, Any], name: str, currency: str) -> None:
        row[name] = self._usd(row[name], name, currency)

    def _support(self, row: dict[str, Any], name: str, _currency: str) -> None:
        row[name] = self._share(row[name], name)

    def _prepayment(self, row: dict[str, Any], name: str, currency: str) -> None:
        """A share of the bill; a sum is a least spend too, for nobody pays it back."""
        said = row[name]
        if isinstance(said, Share):
            row["prepaid_share"] = self._share(said, name)
        else:
            row["minimum_usd"] = max(row["minimum_usd"] or 0.0, self._usd(said, name, currency))

    def _egress(self, row: dict[str, Any], name: str, currency: str) -> None:
        said: Egress = row[name]
        header = self._found.headers[name].lower()
        gb = said.gb or (1.0 if "gb" in header else None)
        if gb is None and not said.is_flat and "flat" not in header:
            what = f"{said.amount.written!r}: for a GB or for all of it?"
            raise CellError(f"{what} expected 0.05 USD/GB or 500 USD flat")
        usd = self._usd(said.amount, name, currency)
        if gb is None:
            row["egress_usd"] = usd
        elif usd / gb > _MOST_USD_A_GB:
            raise CellError(f"is {usd / gb:,g} USD a GB; expected at most {_MOST_USD_A_GB}")
        else:
            row["egress_usd_per_gb"] = usd / gb

    def _delivery(self, row: dict[str, Any], name: str, _currency: str) -> None:
        said: date | float = row[name]
        if row["lead_time_hours"] is not None:
            raise CellError("is given beside lead_time_hours; expected one of them")
        hours = 24.0 * (said - self._today).days if isinstance(said, date) else said
        if hours > YEARS_OF_COMMITMENT:
            raise CellError("is more than ten years away; expected sooner")
        row["lead_time_hours"] = max(hours, 0.0)
        end = row["valid_until"]
        arrives = self._today + timedelta(hours=hours)
        if end is not None and end >= self._today and arrives > end:
            what = f"{arrives} is after {end}, the last day of the quote"
            raise CellError(f"{what}; expected delivery while its price holds")

    def _usd(self, said: Money, name: str, currency: str) -> float:
        header = currency_in(self._found.headers[name])
        if said.said.hours is not None or said.said.thing is not None:
            raise CellError(f"{said.written!r} is a price of time; expected one sum")
        if said.said.currency is not None and header not in (None, said.said.currency):
            raise CellError(f"{said.written!r} under a header in {header}; expected one currency")
        money = said.said.currency or header or currency
        commas = self._found.delimiter == ";" or money in COMMA_CURRENCIES
        try:
            usd = figure(said.figure, commas, is_sum=True) * usd_each(money, self._fx)
        except CellError as error:
            what = str(error)
            raise CellError(what if said.figure in what else f"{said.written!r} {what}") from None
        usd /= _PER_CENT if said.said.cents else 1
        if not 0 <= usd <= MOST_USD:
            raise CellError(f"{said.written!r} is {usd:,.6g} USD; expected 0 to {MOST_USD:,}")
        return usd

    def _share(self, said: Share, name: str) -> float:
        header = self._found.headers[name].lower()
        percent = said.percent or "%" in header or "percent" in header
        if percent and not said.percent and 0 < said.number < 1:
            what = f"{said.number:g} under a header in %: {said.number:g} % or {said.number:.4g}"
            raise CellError(f"{what} of it? expected one such as 10 %")
        if not percent and said.number >= 1:
            raise CellError(
                f"{said.number:g} may be a percentage; expected one such as 10 % or 0.1"
            )
        found = said.number / _PER_CENT if percent else said.number
        if found > 1:
            raise CellError(f"{said.number:g} % is more than all; expected at most 100 %")
        return found


_READERS = {
    "upfront_usd_per_gpu": Contracts._amount,
    "purchase_usd_per_gpu": Contracts._amount,
    "setup_usd": Contracts._amount,
    "minimum_usd": Contracts._amount,
    "support_share": Contracts._support,
    "prepayment": Contracts._prepayment,
    "egress": Contracts._egress,
    "delivery": Contracts._delivery,
}
