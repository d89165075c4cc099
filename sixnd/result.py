"""What every result can do: one line, text, JSON, a table in a notebook, a frame of pandas."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from optimizer.commands.asking import check_place
from optimizer.commands.console import as_json, as_text
from optimizer.report.files import whole_file
from optimizer.report.inert import plain
from sixnd.keywords import FilePath

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

# Rows that a notebook shows; a frame has all.
MOST_ROWS = 20
CELL = "padding:.2em .8em;text-align:{}"


class Table(NamedTuple):
    """Cells of text for a page: the first column is words, the others are figures."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


class Result(ABC):
    """An answer of sixnd, whatever it is about; it does not change.

    ``repr`` is one line, a notebook shows a small table.
    """

    def to_dict(self) -> dict[str, Any]:
        """The keys of the command's ``--json``, which the README lists; "sixnd" is the version."""
        data: dict[str, Any] = json.loads(self.json())
        return data

    def json(self) -> str:
        """What the command prints with ``--json``: USD, days, GPU-hours, shares of 1."""
        return as_json(self._data())

    def save(self, path: FilePath) -> None:
        """Write the JSON to a file, all of it or nothing; ``sixnd.load`` reads it back.

        Raises ProblemError for a place where no file can be written, OSError where writing fails.
        """
        place = Path(path)
        check_place("path", place)
        with whole_file(place) as part:
            part.write_text(f"{self.json()}\n", encoding="utf-8")

    @property
    def text(self) -> str:
        """What the command prints, as wide as the window and 100 columns at most."""
        return as_text(self._said())

    @property
    @abstractmethod
    def frame(self) -> "pd.DataFrame":
        """The result as a table of pandas."""

    @abstractmethod
    def _data(self) -> dict[str, Any]:
        """The keys of the command's JSON."""

    @abstractmethod
    def _said(self) -> "Iterable[RenderableType]":
        """The parts of the command's text."""

    @abstractmethod
    def _line(self) -> str:
        """What it is in one line."""

    @abstractmethod
    def _table(self) -> Table:
        """The few figures that a notebook shows."""

    def __repr__(self) -> str:
        """One line: what, where, days, USD, proven or the gap."""
        return plain(f"<sixnd.{type(self).__name__}: {self._line()}>")

    def _repr_html_(self) -> str:
        """A small table that needs nothing from elsewhere."""
        return page(f"{type(self).__name__}: {self._line()}", self._table())


def page(caption: str, table: Table) -> str:
    """A caption and rows as HTML: every text escaped, no script, no address."""
    head = _row("th", table.columns)
    shown = "".join(_row("td", row) for row in table.rows[:MOST_ROWS])
    left = len(table.rows) - MOST_ROWS
    more = f"<p>and {left:,} more</p>" if left > 0 else ""
    title = f'<caption style="text-align:left">{_inert(caption)}</caption>'
    return f"<table>{title}<thead>{head}</thead><tbody>{shown}</tbody></table>{more}"


def _row(tag: str, cells: Sequence[str]) -> str:
    sides = ["left", *["right"] * (len(cells) - 1)]
    parts = (
        f'<{tag} style="{CELL.format(side)}">{_inert(cell)}</{tag}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(parts)}</tr>"


def _inert(text: str) -> str:
    return escape(plain(text), quote=True)
