"""Currencies of price lists: USD, or what the user gives a rate for. No rate is looked up."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.columns import number
from catalog.csv_file import CatalogError

USD = "USD"
_CODE = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Money:
    """The currency of a list (empty: what its rows say, or else USD), and USD for one unit."""

    currency: str = ""
    rates: dict[str, float] = field(default_factory=dict)

    def rate(self, stated: str = "") -> float | None:
        """USD for one unit of what a row states, or else of the list's; None without a rate."""
        code = stated.strip().upper() or self.currency or USD
        return 1.0 if code == USD else self.rates.get(code)

    def remark(self, stated: str = "") -> str:
        """What an offer says of its conversion; empty for USD."""
        code = stated.strip().upper() or self.currency or USD
        return "" if code == USD else f"converted from {code} at {self.rates[code]:g} USD"


IN_USD = Money()


def read_money(currency: str | None, rates: Sequence[str]) -> Money:
    """What --currency and --fx say, such as EUR and EUR=1.09; CatalogError where they do not fit.

    A currency without its rate is refused: a rate that is guessed is a price that is invented.
    """
    read: dict[str, float] = {}
    mistakes = []
    for one in rates:
        code, equals, usd = (part.strip() for part in one.partition("="))
        code = code.upper()
        try:
            if not equals or not _CODE.fullmatch(code) or code == USD or code in read:
                raise ValueError(one)
            read[code] = number(usd, 0, math.inf, low_is_open=True)
        except ValueError:
            what = f"{one[:40]!r}; expected a currency once and USD for one unit, such as EUR=1.09"
            mistakes.append(f"--fx: {what}")
    code = (currency or "").strip().upper()
    if currency is not None and not _CODE.fullmatch(code):
        mistakes.append(f"--currency: {currency[:40]!r}; expected three letters such as EUR")
    elif code not in ("", USD, *read) and not mistakes:
        what = f"{code} without a rate; expected USD for one {code}; add --fx {code}=..."
        mistakes.append(f"--currency: {what}")
    if mistakes:
        raise CatalogError(mistakes)
    return Money("" if code == USD else code, read)
