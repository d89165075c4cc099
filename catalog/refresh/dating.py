"""The day of a price list: what it states itself; the date of a file is that of a copy.

A list that states several days is as old as the oldest of them.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date

from catalog.columns import day
from catalog.csv_file import CatalogError
from catalog.inert import terminal_safe
from catalog.load import SNAPSHOT_ON

# What lists call the day on which a price was read.
DAY_NAMES = (
    *("read_on", "read_at", "date", "day", "collected_at", "fetched_at", "checked_at"),
    *("observed_at", "observation_day", "snapshot_date", "generated_at", "publicationdate"),
)
ASK = "say when the prices were read with --read-on YYYY-MM-DD"
_STARTS_WITH_A_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:$|[T ])")
_IN_JSON = re.compile(rf'"({"|".join(DAY_NAMES)})"\s*:\s*"([^"]{{10,40}})"', re.IGNORECASE)


def read_day(written: str, today: date) -> date:
    """The day of --read-on; a CatalogError where it is none, or lies ahead."""
    column = day(max(today, SNAPSHOT_ON))
    try:
        value = column.read(written.strip())
    except ValueError:
        what = f"{written[:40]!r}; expected {column.expected}"
        raise CatalogError([f"--read-on: {what}"]) from None
    assert isinstance(value, date)
    return value


def stated_day(name: str, text: str, today: date) -> tuple[date, str] | None:
    """The oldest day that a list states and where; None where it states none.

    CatalogError where that day lies ahead; ``name`` is what messages call the list.
    """
    stated = _in_json(text) if text.lstrip()[:1] in ("{", "[") else _in_column(text)
    days = [(found, where) for where, cell in stated if (found := _day(cell)) is not None]
    if not days:
        return None
    oldest, where = min(days)
    if oldest > max(today, SNAPSHOT_ON):
        what = f"{where} is {oldest.isoformat()}, which is not over yet; {ASK}"
        raise CatalogError([f"{terminal_safe(name)}: {what}"])
    return oldest, f"the list's {where}"


def undated(name: str) -> CatalogError:
    """What is said of a list whose day nobody states."""
    what = f"does not say when its prices were read (the date of a file is that of a copy); {ASK}"
    return CatalogError([f"{terminal_safe(name)}: {what}"])


def _in_json(text: str) -> Iterator[tuple[str, str]]:
    return ((found[1].lower(), found[2]) for found in _IN_JSON.finditer(text))


def _in_column(text: str) -> Iterator[tuple[str, str]]:
    """The cells of the first column that is called like a day; none of a text that is no CSV."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        known = [name for name in DAY_NAMES if name in header]
        if known:
            at = header.index(known[0])
            for cells in reader:
                if at < len(cells):
                    yield known[0], cells[at].strip()
    except csv.Error:  # told by whoever reads the list
        return


def _day(cell: str) -> date | None:
    """The day that a date or a time begins with."""
    found = _STARTS_WITH_A_DAY.match(cell)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
