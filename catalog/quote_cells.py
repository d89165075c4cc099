"""Cells of a quote as people write them: '$2.35', '12 months', 'on demand'."""

import re
from typing import NamedTuple

from catalog.columns import CellError
from catalog.quote_figures import FIGURE, unambiguous
from catalog.quote_units import Said, words_of
from catalog.vocabulary import HOURS_OF

LONGEST_CELL = 60

_TERM = re.compile(r"([0-9]+(?:\.[0-9]+)?)[ -]*([a-z]*)", re.IGNORECASE)
_NO_TERM = {"none", "no_term", "no_commitment", "on_demand"}

# Before a figure stands its currency, and nothing that would change it: no sign, no 'from'.
_MONEY = re.compile(rf"([^0-9+\-.,=~<>]*?) ?({FIGURE})((?![-–+0-9]).*)", re.IGNORECASE)
_RANGE = re.compile(r"[0-9] *(?:-|–|—|\.\.+|to|or) *(?:us)?[$€£]? *[0-9]", re.IGNORECASE)


_BARE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_NOTHING = Said()


class Money(NamedTuple):
    """A cell with a figure and what its words say: '€1,150.00 per node-month'."""

    written: str
    figure: str
    said: Said


class WithoutUnit(float):
    """A term as a bare number: hours under a header that says so, else not to be guessed."""


def money(cell: str) -> Money:
    """The one figure of a cell, with the currency and the unit that stand beside it.

    CellError for what is no single amount; a bare ValueError for what is no amount at all.
    """
    if _BARE.fullmatch(cell):
        return Money(cell, cell, _NOTHING)
    _check_length(cell)
    why = _why_no_money(cell)
    if why:
        raise CellError(f"{cell!r} {why}")
    found = _MONEY.fullmatch(" ".join(cell.split(" ")))
    if not found:
        raise ValueError(cell)
    said = words_in(cell, f"{found[1]} {found[3]}")
    if said.others:
        raise ValueError(cell)
    return Money(cell, found[2], said)


def words_in(cell: str, words: str) -> Said:
    """What the words of a cell say; CellError that names the cell where they say two things."""
    try:
        return words_of(words)
    except CellError as error:
        raise CellError(f"{cell!r}: {error}") from None


def _why_no_money(cell: str) -> str | None:
    if "%" in cell:
        return "is a percentage; expected a price"
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
    number, unit = float(unambiguous(found[1])), found[2].lower()
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
