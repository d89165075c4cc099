"""A document as plain data: what HTML and Markdown both say, in the same words and figures."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads to a page; without an address it is only text."""

    text: str
    url: str


Cell = str | Link


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, and whether it holds numbers, which stand at the right."""

    name: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below their headings; the first cell of a row says what the row is.

    ``foot`` is the row of totals, empty where there is none; ``marked`` is the row that stands
    out.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    foot: tuple[Cell, ...] = ()
    marked: int | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with what is said of each."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A line to copy into a shell."""

    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing as SVG; ``says`` is what it shows, in words, for who cannot see it."""

    title: str
    says: str
    svg: str


Block = Table | Paragraph | Bullets | Facts | Command | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and what stands below it; ``key`` is its address in the page."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole: a title, the decision, its key figures, what to check first, the sections.

    ``figures`` are name, figure and what explains it.
    """

    title: str
    subtitle: str
    decision: str
    figures: tuple[tuple[str, str, str], ...]
    reasons: tuple[str, ...]
    checks: tuple[str, ...]
    sections: tuple[Section, ...]
    made: str


def table(
    caption: str,
    columns: Iterable[str],
    rows: Iterable[tuple[Cell, ...]],
    *,
    left: int = 1,
    last: int = 0,
    foot: tuple[Cell, ...] = (),
    marked: int | None = None,
) -> Table:
    """A table whose columns are numbers, but for the first ``left`` and the ``last`` ones."""
    names = tuple(columns)
    numbers = range(left, len(names) - last)
    headings = tuple(Column(name, place in numbers) for place, name in enumerate(names))
    return Table(caption, headings, tuple(rows), foot, marked)


def capitalized(line: str) -> str:
    """A remark as a sentence of its own; a name at its beginning stays as it is."""
    first = line.partition(" ")[0]
    return line if "_" in first else line[:1].upper() + line[1:]
