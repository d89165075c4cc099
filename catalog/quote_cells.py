"""Cells of a quote as people write them: '$2.35', '12 months', 'on demand'."""

import re
import unicodedata

from catalog.columns import CellError
from catalog.vocabulary import HOURS_OF

LONGEST_CELL = 60

_TERM = re.compile(r"([0-9]+(?:\.[0-9]+)?)[ -]*([a-z]*)", re.IGNORECASE)
_NO_TERM = {"none", "no_term", "no_commitment", "on_demand"}

_PRICE = re.compile(
    r"(?:us ?\$|usd|\$)? ?"
    r"([+-]?[0-9.]+(?:e[+-]?[0-9]+)?)"
    r" ?(?:us ?\$|usd|\$)?"
    r"(?: ?(?:/|per) ?(?:gpu[ /-]?)?(?:h|hr|hour))?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"[0-9] *(?:-|–|—|\.\.+|to|or) *(?:us)?\$? *[0-9]", re.IGNORECASE)
_OTHER_DOLLARS = re.compile(r"(?<![a-z])(?!us ?\$)[a-z]+ ?\$", re.IGNORECASE)
_CURRENCY_CODES = re.compile(
    r"(?<![a-z])(?:eur|gbp|chf|jpy|cny|rmb|inr|cad|aud|nzd|sgd|hkd|sek|nok|dkk|krw|brl"
    r"|euros?|pounds?|francs?|yen|yuan|rupees?)(?![a-z])",
    re.IGNORECASE,
)


class WithoutUnit(float):
    """A term as a bare number: hours under a header that says so, else not to be guessed."""


def plain_price(cell: str) -> str:
    """The figure of a price in USD: '$2.35', '2.35 USD' and 'USD 2.35/h' give '2.35'.

    CellError for what is no single price in USD; a bare ValueError for what is no price at all.
    """
    _check_length(cell)
    why = _why_no_price(cell)
    if why:
        raise CellError(f"{cell!r} {why}")
    found = _PRICE.fullmatch(" ".join(cell.split()))
    if not found:
        raise ValueError(cell)
    return found[1]


def _why_no_price(cell: str) -> str | None:
    foreign = any(unicodedata.category(char) == "Sc" and char != "$" for char in cell)
    if foreign or _CURRENCY_CODES.search(cell) or _OTHER_DOLLARS.search(cell):
        return "is in another currency; expected USD; convert it at your rate"
    if "%" in cell:
        return "is a percentage; expected a price in USD"
    if "," in cell:
        return "has a comma, for decimals or thousands; expected a decimal point, such as 2.35"
    if _RANGE.search(cell):
        return "is a range; expected one price; use the one that you would pay"
    return None


def term_hours(cell: str) -> float:
    """The hours of a term: '12 months', '1 year', '90d', '720h'; 'none' is 0.

    A number without a unit comes back as ``WithoutUnit``. CellError for minutes or months,
    which 'm' leaves open; a bare ValueError for what is no term.
    """
    _check_length(cell)
    if word(cell) in _NO_TERM:
        return 0.0
    found = _TERM.fullmatch(cell)
    if not found:
        raise ValueError(cell)
    number, unit = float(found[1]), found[2].lower()
    if not unit:
        return WithoutUnit(number)
    if unit == "m":
        raise CellError(f"{cell!r}: minutes or months? expected a term such as 12 months")
    if unit not in HOURS_OF:
        raise ValueError(cell)
    return number * HOURS_OF[unit]


def word(cell: str) -> str:
    """A word of a fixed list without case, spaces and dashes: 'On Demand' is on_demand."""
    return "_".join(re.findall(r"[^\s_-]+", cell.lower()))


def _check_length(cell: str) -> None:
    if len(cell) > LONGEST_CELL:
        what = f"{cell[:LONGEST_CELL]!r}... has {len(cell):,} characters"
        raise CellError(f"{what}; expected at most {LONGEST_CELL}")
