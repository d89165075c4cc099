"""A CSV file into typed rows: every mistake found, none silently repaired."""

import csv
import difflib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.tables import Table

LARGEST_FILE_MB = 64


class CatalogError(ValueError):
    """A catalog that cannot be trusted, with everything found wrong with it."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


@dataclass(slots=True)
class Rows:
    """The rows of one file with the line each stands on, and the mistakes met on the way."""

    where: str
    rows: list[tuple[int, Any]] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    def mistake(self, line: int, column: str, what: str) -> None:
        """Note a mistake as file:line, column, what is there and what was expected."""
        self.mistakes.append(f"{self.where}:{line}: {column}: {what}")


def read_rows(path: Path, table: Table) -> Rows:
    """The typed rows of ``path``; each row that cannot be read leaves its mistakes instead."""
    found = Rows(path.name)
    try:
        lines = open_checked(path)
    except CatalogError as error:
        found.mistakes += error.mistakes
        return found
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, [])
        found.mistakes += _header_mistakes(path, header, table)
        if not found.mistakes:
            _read_cells(reader, header, table, found)
    except csv.Error as error:
        found.mistake(reader.line_num, "row", f"not readable as CSV ({error}); check the quotes")
    if not found.rows and not found.mistakes:
        found.mistakes.append(f"{path.name}: no rows; expected at least one below the header")
    return found


def open_checked(path: Path) -> io.StringIO:
    """The file's text; a byte order mark and Windows line ends are accepted."""
    if path.is_dir():
        raise CatalogError([f"{path.name}: is a directory; expected a CSV file"])
    if not path.exists():
        raise CatalogError([f"{path}: no such file; expected a CSV file"])
    if not path.is_file():
        raise CatalogError([f"{path.name}: is a device or a pipe; expected a CSV file"])
    try:
        megabytes = path.stat().st_size / 1e6
        if megabytes > LARGEST_FILE_MB:
            what = f"has {megabytes:.1f} MB; expected at most {LARGEST_FILE_MB} MB"
            raise CatalogError([f"{path.name}: {what}; is it the right file?"])
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"not UTF-8 text at byte {error.start}; save it as CSV in UTF-8"
        raise CatalogError([f"{path.name}: {what}"]) from None
    except OSError as error:
        raise CatalogError([f"{path.name}: cannot be read: {error.strerror}"]) from None
    if not text.strip():
        raise CatalogError([f"{path.name}: is empty; expected a header line and rows"])
    return io.StringIO(text, newline="")


def _header_mistakes(path: Path, header: list[str], table: Table) -> Iterator[str]:
    expected = list(table.columns)
    for column in sorted({c for c in header if header.count(c) > 1}):
        yield f"{path.name}:1: column {column!r} appears twice; expected once; remove one"
    for column in header:
        if column not in table.columns and not table.open:
            near = difflib.get_close_matches(column, expected, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "columns are: " + ", ".join(expected)
            yield f"{path.name}:1: unknown column {column!r}; {hint}"
    for column in expected:
        if column not in header and column not in table.optional:
            yield f"{path.name}:1: column {column!r} is missing; expected in the header"


def _read_cells(reader: Any, header: list[str], table: Table, found: Rows) -> None:
    columns = [table.columns.get(name) for name in header]
    absent = {name: table.columns[name].blank for name in table.columns if name not in header}
    for cells in reader:
        line = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            what = f"has {len(cells)} cells; expected {len(columns)}; quote text that has commas"
            found.mistake(line, "row", what)
            continue
        row: dict[str, object] = dict(absent)
        for name, column, cell in zip(header, columns, cells, strict=True):
            if column is None:
                continue
            try:
                row[name] = column.read(cell.strip())
            except (ValueError, OverflowError):
                shown = repr(cell[:60]) if cell.strip() else "is blank"
                found.mistake(line, name, f"{shown}; expected {column.expected}")
        if len(row) == len(table.columns):
            found.rows.append((line, row))


def duplicate_mistakes(found: Rows, key: Iterable[str]) -> None:
    """Note every row whose key another row already has."""
    seen: dict[tuple[object, ...], int] = {}
    for line, row in found.rows:
        identity = tuple(row[k] for k in key)
        if identity in seen:
            said = " ".join(str(part) for part in identity)
            what = f"{said!r} is already on line {seen[identity]}; expected once"
            found.mistake(line, "+".join(key), what)
        else:
            seen[identity] = line
