"""Figures as people write them: '2.35', '1,150.00', '1.150,00', '2,10' where commas are decimal."""

import re

from catalog.columns import CellError

# Where these are the money, a comma is a decimal one as often as not.
COMMA_CURRENCIES = frozenset(
    ("EUR", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BRL", "IDR", "ISK")
)
_SPACES = " \u00a0\u202f'’"
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?", re.IGNORECASE)
_GROUPED_BY_SPACE = re.compile(rf"[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+(?:[.,][0-9]{{1,2}})?")
_COMMAS_THEN_DOT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+")
_DOTS_THEN_COMMA = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+")
_SEVERAL_COMMAS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){2,}")
_SEVERAL_DOTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}")
_ONE_COMMA = re.compile(r"[0-9]+,[0-9]+")
# One separator and three digits after it: thousands here, decimals there.
_EITHER = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}")

# What a figure is made of, for whoever looks for one among words.
FIGURE = rf"[+-]?[0-9.][0-9.,]*(?:[{_SPACES}][0-9]{{3}}(?![0-9])[0-9.,]*)*(?:e[+-]?[0-9]+)?"


def unambiguous(written: str) -> str:
    """The cell of a count or of hours; CellError where its point may part thousands: '8.760'."""
    found = re.match(r"[1-9][0-9]{0,2}\.[0-9]{3}(?![0-9])", written)
    if found:
        either = found[0]
        what = f"{written!r} may be {float(either):g} or {either.replace('.', '')}"
        raise CellError(f"{what}; expected it without the point, or with other decimals")
    return written


def figure(written: str, decimal_comma: bool = False, *, is_sum: bool = False) -> float:
    """The number that is written; CellError where it may be two, ValueError where it is none.

    ``decimal_comma`` says that where it comes from commas are decimal: '2,10' is then 2.1, and
    '1.150' is refused, which may be 1,150 there. A sum of money has no third decimal: where
    ``is_sum``, '50,000' and '50.000' are fifty thousand.
    """
    either = _EITHER.fullmatch(written)
    if either and is_sum:
        return float(written.replace(either[1], ""))
    if either and (either[1] == "," or decimal_comma):
        whole, part = re.split(r"[.,]", written)
        what = f"{written!r} may be {whole}.{part} or {whole}{part}"
        raise CellError(f"{what}; expected it without the comma or point, or with two decimals")
    if _PLAIN.fullmatch(written):
        return float(written)
    if _COMMAS_THEN_DOT.fullmatch(written) or _SEVERAL_COMMAS.fullmatch(written):
        return float(written.replace(",", ""))
    if _DOTS_THEN_COMMA.fullmatch(written) or _SEVERAL_DOTS.fullmatch(written):
        return float(written.replace(".", "").replace(",", "."))
    if _GROUPED_BY_SPACE.fullmatch(written):
        return float(re.sub(f"[{_SPACES}]", "", written).replace(",", "."))
    if _ONE_COMMA.fullmatch(written):
        if decimal_comma:
            return float(written.replace(",", "."))
        what = f"{written!r} has a comma, for decimals or thousands"
        raise CellError(f"{what}; expected a decimal point, such as 2.35")
    raise ValueError(written)
