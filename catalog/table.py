"""A table of the catalog: its file and its columns."""

from dataclasses import dataclass

from catalog.columns import (
    Column,
)


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its columns, the row class they fill, and the columns that identify a row.

    ``optional`` columns may be absent from the header; their cells then count as blank. An
    ``open`` table ignores columns that it does not know.
    """

    file: str
    columns: dict[str, Column]
    row: type
    key: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    open: bool = False
