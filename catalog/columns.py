"""How a cell becomes a value: one parser a kind of column, each with the form it expects."""

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

Parser = Callable[[str], object]

# Cells end up in terminals, spreadsheets and LP files: no control characters anywhere.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NAME = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how to read its cells, what to say when that fails, what a blank means.

    ``blank`` is the value of an empty cell; ``REQUIRED`` makes an empty cell a mistake.
    """

    parse: Parser
    expected: str
    blank: object

    def read(self, cell: str) -> object:
        """The cell's value; ValueError where it is not of the expected form."""
        if not cell:
            if self.blank is REQUIRED:
                raise ValueError(cell)
            return self.blank
        return self.parse(cell)


REQUIRED = object()


def _text(cell: str) -> str:
    if _CONTROL.search(cell):
        raise ValueError(cell)
    return cell


def _name(cell: str) -> str:
    if not _NAME.fullmatch(cell):
        raise ValueError(cell)
    return cell


def _number(cell: str, low: float, high: float, low_is_open: bool) -> float:
    value = float(cell)
    if not math.isfinite(value) or not low <= value <= high or (low_is_open and value == low):
        raise ValueError(cell)
    return value


def _whole(cell: str, low: int, high: int) -> int:
    value = float(cell)
    if not math.isfinite(value) or value != int(value) or not low <= value <= high:
        raise ValueError(cell)
    return int(value)


def text(blank: object = "") -> Column:
    """Free text without control characters."""
    return Column(_text, "text without control characters", blank)


def name() -> Column:
    """An identifier that can be a variable's name in an LP file."""
    return Column(_name, "a name of a-z, 0-9 and _", REQUIRED)


def one_of(choices: Collection[str]) -> Column:
    """One of a few words."""

    def parse(cell: str) -> str:
        if cell not in choices:
            raise ValueError(cell)
        return cell

    return Column(parse, "one of " + ", ".join(sorted(choices)), REQUIRED)


def above_zero(unit: str, high: float, blank: object = REQUIRED) -> Column:
    """A number above zero and at most ``high``."""
    expected = f"a number of {unit} above 0 and at most {high:g}"
    return Column(lambda cell: _number(cell, 0, high, True), expected, blank)


def not_negative(unit: str, high: float, blank: object = REQUIRED) -> Column:
    """A number from zero to ``high``."""
    expected = f"a number of {unit} from 0 to {high:g}"
    return Column(lambda cell: _number(cell, 0, high, False), expected, blank)


def whole(unit: str, low: int, high: int, blank: object = REQUIRED) -> Column:
    """A whole number from ``low`` to ``high``."""
    expected = f"a whole number of {unit} from {low} to {high}"
    return Column(lambda cell: _whole(cell, low, high), expected, blank)


def share(blank: object = REQUIRED) -> Column:
    """A share above zero and at most one."""
    return Column(lambda cell: _number(cell, 0, 1, True), "a share above 0 and at most 1", blank)


def day(latest: date, blank: object = REQUIRED) -> Column:
    """An ISO date that is not in the future."""

    def parse(cell: str) -> date:
        value = date.fromisoformat(cell)
        if value > latest or len(cell) != 10:
            raise ValueError(cell)
        return value

    return Column(parse, f"a date as YYYY-MM-DD, not after {latest.isoformat()}", blank)
