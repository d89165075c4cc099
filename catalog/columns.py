"""How a cell becomes a value: one parser a kind of column, each with the form it expects."""

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

Parser = Callable[[str], object]

# Cells end up in terminals, spreadsheets and LP files: nothing that moves the cursor, ends a
# line or turns the reading direction.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# float() also takes 1_000, nan and the digits of other scripts.
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
# date.fromisoformat() also takes 20260801 and 2026-W31-6.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Regions are written with hyphens: us-east-1, eu-north-1, FIN-01.
_REGION = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
# Packages and frameworks are written with hyphens: ai2-olmo-core.
_PACKAGE = re.compile(r"[a-z][a-z0-9-]*")
# Machines: p5.48xlarge, Standard_ND96isr_H100_v5, BM.GPU4.8, a3-highgpu-8g.
_INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_COUNTRY = re.compile(r"[A-Z]{2}")
# 14, 1-14, or every seventh day: 21-182/7.
_DAYS = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4})(?:/([0-9]{1,4}))?)?")
_MOST_DURATIONS = 400
_URL = re.compile(r"https?://[^\s/]+\.[^\s]+")


class CellError(ValueError):
    """A cell that cannot be read, with its own sentence: what is there, what was expected."""


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


def _matching(pattern: re.Pattern[str]) -> Parser:
    def parse(cell: str) -> str:
        if not pattern.fullmatch(cell):
            raise ValueError(cell)
        return cell

    return parse


def _text(cell: str) -> str:
    if CONTROL.search(cell):
        raise ValueError(cell)
    return cell


def number(cell: str, low: float, high: float, low_is_open: bool) -> float:
    """A finite number within bounds; ValueError for anything else."""
    if not NUMBER.fullmatch(cell):
        raise ValueError(cell)
    value = float(cell)
    if not math.isfinite(value) or not low <= value <= high or (low_is_open and value == low):
        raise ValueError(cell)
    return value


def whole_number(cell: str, low: int, high: int) -> int:
    """A whole number within bounds, '8.0' too; ValueError for anything else."""
    value = number(cell, low, high, False)
    if value != int(value):
        raise ValueError(cell)
    return int(value)


def text(blank: object = REQUIRED) -> Column:
    """Free text on one line, without control characters."""
    return Column(_text, "text on one line without control characters", blank)


def url() -> Column:
    """A web address; blank where none is known."""
    return Column(_matching(_URL), "a web address (https://...), or nothing", "")


def name() -> Column:
    """An identifier that can be a variable's name in an LP file."""
    return Column(_matching(_NAME), "a name of a-z, 0-9 and _ that begins with a letter", REQUIRED)


def optional_name() -> Column:
    """An identifier, or nothing."""
    return Column(_matching(_NAME), "a name of a-z, 0-9 and _, or nothing", "")


def words() -> Column:
    """Words or phrases with | between them; none where the cell is blank."""

    def parse(cell: str) -> tuple[str, ...]:
        found = tuple(part.strip() for part in _text(cell).split("|"))
        if not all(found):
            raise ValueError(cell)
        return found

    return Column(parse, "words with | between them, or nothing", ())


def one_of(choices: Collection[str], blank: object = REQUIRED) -> Column:
    """One of a few words."""

    def parse(cell: str) -> str:
        if cell not in choices:
            raise ValueError(cell)
        return cell

    return Column(parse, "one of " + ", ".join(sorted(choices)), blank)


def above_zero(unit: str, high: float, blank: object = REQUIRED) -> Column:
    """A number above zero and at most ``high``."""
    expected = f"a number of {unit} above 0 and at most {high:,.0f}"
    return Column(lambda cell: number(cell, 0, high, True), expected, blank)


def not_negative(unit: str, high: float, blank: object = REQUIRED) -> Column:
    """A number from zero to ``high``."""
    expected = f"a number of {unit} from 0 to {high:,.0f}"
    return Column(lambda cell: number(cell, 0, high, False), expected, blank)


def whole(unit: str, low: int, high: int, blank: object = REQUIRED) -> Column:
    """A whole number from ``low`` to ``high``."""
    expected = f"a whole number of {unit} from {low} to {high}"
    return Column(lambda cell: whole_number(cell, low, high), expected, blank)


def share(blank: object = REQUIRED) -> Column:
    """A share above zero and at most one."""
    return Column(lambda cell: number(cell, 0, 1, True), "a share above 0 and at most 1", blank)


def region() -> Column:
    """A region as its provider writes it."""
    expected = "a region of letters, digits and - that begins with a letter, such as us-east-1"
    return Column(_matching(_REGION), expected, REQUIRED)


def package() -> Column:
    """The name of a software package."""
    expected = "a package's name of a-z, 0-9 and - that begins with a letter, such as torchtitan"
    return Column(_matching(_PACKAGE), expected, REQUIRED)


def packages(blank: object) -> Column:
    """Names of software, separated by spaces."""

    def parse(cell: str) -> tuple[str, ...]:
        return tuple(str(package().parse(name)) for name in cell.split())

    return Column(parse, "names of a-z, 0-9 and -, separated by spaces", blank)


def instance_type(blank: object) -> Column:
    """A machine as its provider calls it."""
    expected = "an instance type of letters, digits, '.', '_' and '-', such as p5.48xlarge"
    return Column(_matching(_INSTANCE), expected, blank)


def country() -> Column:
    """A country by its ISO 3166 code."""
    return Column(_matching(_COUNTRY), "a country by two capital letters (US, DE)", REQUIRED)


def day_counts(blank: object) -> Column:
    """The durations in whole days that something is sold in, ascending."""
    expected = (
        "whole days such as 7, 1-14 or 21-182/7 (every seventh), separated by spaces, "
        f"at most {_MOST_DURATIONS} durations"
    )
    return Column(_day_counts, expected, blank)


def _day_counts(cell: str) -> tuple[int, ...]:
    days: set[int] = set()
    for part in cell.split():
        found = _DAYS.fullmatch(part)
        if not found:
            raise ValueError(cell)
        first = int(found[1])
        last, step = int(found[2] or first), int(found[3] or 1)
        if not 1 <= first <= last or step == 0:
            raise ValueError(cell)
        days.update(range(first, last + 1, step))
    if len(days) > _MOST_DURATIONS:
        raise ValueError(cell)
    return tuple(sorted(days))


def day(latest: date, blank: object = REQUIRED) -> Column:
    """An ISO date that is not in the future."""

    def parse(cell: str) -> date:
        if not _DAY.fullmatch(cell) or (value := date.fromisoformat(cell)) > latest:
            raise ValueError(cell)
        return value

    return Column(parse, f"a date as YYYY-MM-DD, not after {latest.isoformat()}", blank)


def month(latest: date) -> Column:
    """A month that has begun."""

    def parse(cell: str) -> str:
        if not _MONTH.fullmatch(cell) or cell > f"{latest:%Y-%m}":
            raise ValueError(cell)
        return cell

    return Column(parse, f"a month as YYYY-MM, not after {latest:%Y-%m}", REQUIRED)
