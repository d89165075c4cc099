"""A CSV file into typed rows: every mistake found, none silently repaired."""

import csv
import difflib
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.columns import CellError
from catalog.inert import terminal_safe
from catalog.table import Table

LARGEST_FILE_MB = 64
MOST_COLUMNS = 200
MOST_ROWS = 200_000
# Whoever gave the wrong file needs no million sentences to see it.
MOST_MISTAKES = 1_000
_LONGEST_SHOWN = 60


class CatalogError(ValueError):
    """A catalog that cannot be trusted, with everything found wrong with it."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


@dataclass(slots=True)
class Rows:
    """The rows of one file with the line each stands on, and the mistakes met on the way.

    ``headers`` are the columns' headers as the file writes them, by column; ``is_cut`` says that
    there were too many mistakes to read on, ``is_broken`` that the file could not be read to its
    end. ``wrong_lines`` are the lines that have a mistake.
    """

    where: str
    rows: list[tuple[int, Any]] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False
    is_broken: bool = False
    wrong_lines: set[int] = field(default_factory=set)
    delimiter: str = ","

    @property
    def is_whole(self) -> bool:
        """Whether header and rows were read to the end, whatever is wrong with single rows."""
        return bool(self.headers) and not self.is_cut and not self.is_broken

    def mistake(self, line: int, column: str, what: str) -> None:
        """Note a mistake as file:line, column, what is there and what was expected."""
        header = self.headers.get(column, column)[:_LONGEST_SHOWN]
        self.wrong_lines.add(line)
        self.mistakes.append(terminal_safe(f"{self.where}:{line}: {header}: {what}"))

    def has_too_many_mistakes(self, line: int) -> bool:
        """Whether to stop at this line; that the rest was not read is then said too."""
        if len(self.mistakes) >= MOST_MISTAKES and not self.is_cut:
            self.is_cut = True
            what = f"more than {MOST_MISTAKES:,} mistakes before it; the rest was not checked"
            self.mistake(line, "row", what)
        return self.is_cut


@dataclass(frozen=True, slots=True)
class Spelling:
    """How people may write a table's headers: ``column`` is the one that a header means.

    ``why_not`` is a sentence on a header that is understood and yet cannot be used, ``known`` are
    headers to suggest beside the columns' names.
    """

    column: Callable[[str], str]
    why_not: Callable[[str], str | None]
    known: Collection[str]


def read_rows(path: Path, table: Table, spelling: Spelling | None = None) -> Rows:
    """The typed rows of ``path``; each row that cannot be read leaves its mistakes instead.

    With a ``spelling`` headers are read forgivingly, and cells may be parted by semicolons or
    tabs; without, headers have to be the table's.
    """
    found = Rows(terminal_safe(path.name))
    try:
        lines = open_checked(path)
    except CatalogError as error:
        found.mistakes += map(terminal_safe, error.mistakes)
        return found
    if spelling is not None:
        found.delimiter = _delimiter(lines)
    reader = csv.reader(lines, delimiter=found.delimiter, strict=True)
    try:
        written = next(reader, [])[: MOST_COLUMNS + 1]
        header = written if spelling is None else [spelling.column(cell) for cell in written]
        for what in _header_mistakes(written, header, table, spelling):
            found.mistakes.append(f"{found.where}:1: {what}")
        if not found.mistakes:
            said = (" ".join(cell.split()) for cell in written)
            found.headers = dict(zip(header, said, strict=True))
            _read_cells(reader, header, table, found)
    except csv.Error as error:
        found.is_broken = True
        found.mistake(reader.line_num, "row", f"not readable as CSV ({error}); check the quotes")
    if not found.rows and not found.mistakes:
        found.mistakes.append(f"{found.where}: no rows; expected at least one below the header")
    return found


def plain_header(written: str) -> str:
    """A header without case, spaces and dashes: '$ / GPU-hour' is usd_per_gpu_hour."""
    spelled = written.lower().replace("$", " usd ").replace("/", " per ")
    return "_".join(re.findall(r"[^\s_-]+", spelled))


def _delimiter(lines: io.StringIO) -> str:
    """What parts the cells of the first line: a comma, or a semicolon or tab if more of those."""
    first = lines.readline()
    lines.seek(0)
    return max(",;\t", key=first.count)


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


def _header_mistakes(
    written: list[str], header: list[str], table: Table, spelling: Spelling | None
) -> Iterator[str]:
    if len(header) > MOST_COLUMNS:
        yield f"more columns than {MOST_COLUMNS}; is it the right file?"
        return
    for column in sorted(c for c, times in Counter(header).items() if times > 1):
        yield _repeated([w for w, c in zip(written, header, strict=True) if c == column], column)
    unknown = [
        (cell, column)
        for cell, column in zip(written, header, strict=True)
        if column not in table.columns and not table.open
    ]
    refused = {cell: spelling.why_not(cell) for cell, _ in unknown} if spelling else {}
    for cell, column in unknown:
        why = refused.get(cell)
        shown = repr(cell[:_LONGEST_SHOWN])
        yield f"column {shown}: {why}" if why else _unknown(cell, column, table, spelling)
    if any(refused.values()):
        # It may be the one that is missing.
        return
    for column in table.columns:
        if column not in header and column not in table.optional:
            yield f"column {column!r} is missing; expected in the header"


def _unknown(written: str, column: str, table: Table, spelling: Spelling | None) -> str:
    known = [*table.columns, *(spelling.known if spelling is not None else ())]
    near = difflib.get_close_matches(column, known, n=1)
    columns = "columns are: " + ", ".join(table.columns)
    hint = f"did you mean {near[0]!r}?" if near else columns
    return f"unknown column {written[:_LONGEST_SHOWN]!r}; {hint}"


def _repeated(written: list[str], column: str) -> str:
    if set(written) == {column}:
        return f"column {column!r} appears twice; expected once; remove one"
    said = " and ".join(repr(cell[:_LONGEST_SHOWN]) for cell in written)
    return f"columns {said} both mean {column!r}; expected once; remove one"


def _read_cells(reader: Any, header: list[str], table: Table, found: Rows) -> None:
    columns = [table.columns.get(name) for name in header]
    absent = {name: table.columns[name].blank for name in table.columns if name not in header}
    # Most cells of a long table say what others above them say: each is read once.
    memory: list[dict[str, object]] = [{} for _ in columns]
    for cells in reader:
        line = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if found.has_too_many_mistakes(line):
            return
        if len(found.rows) >= MOST_ROWS:
            found.is_broken = True
            found.mistake(line, "row", f"expected at most {MOST_ROWS:,} rows; split the file")
            return
        if len(cells) != len(columns):
            parted = {";": "semicolons", "\t": "tabs"}.get(found.delimiter, "commas")
            what = f"has {len(cells)} cells; expected {len(columns)}; quote text that has {parted}"
            found.mistake(line, "row", what)
            continue
        row: dict[str, object] = dict(absent)
        for name, column, cell, read in zip(header, columns, cells, memory, strict=True):
            if column is None:
                continue
            if cell in read:
                row[name] = read[cell]
                continue
            try:
                row[name] = read[cell] = column.read(cell.strip())
            except CellError as error:
                found.mistake(line, name, str(error))
            except (ValueError, OverflowError):
                shown = repr(cell[:_LONGEST_SHOWN]) if cell.strip() else "is blank"
                found.mistake(line, name, f"{shown}; expected {column.expected}")
        if len(row) == len(table.columns):
            found.rows.append((line, row))


def read_unique(path: Path, table: Table) -> Rows:
    """The rows of a file, with a mistake for each whose key another row already has."""
    found = read_rows(path, table)
    _note_duplicates(found, table.key)
    return found


def checked_rows(path: Path, table: Table) -> list[tuple[int, dict[str, Any]]]:
    """Lines and rows of a file, or a CatalogError that lists every mistake in it."""
    found = read_unique(path, table)
    if found.mistakes:
        raise CatalogError(found.mistakes)
    return found.rows


def _note_duplicates(found: Rows, key: Iterable[str]) -> None:
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
