"""The parts that text answers share: headings, lists, facts, what a run is in one line."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from optimizer import say
from optimizer.assumptions import Assumption
from optimizer.infeasible import Reason
from optimizer.run import Run


def heading(text: str) -> Iterator[Text]:
    """A bold line with an empty line before it."""
    yield Text()
    yield Text(text, style="bold")


def listed(title: str, lines: Iterable[str]) -> Iterator[RenderableType]:
    """A heading and its lines; nothing at all without lines."""
    table = Table.grid(padding=(0, 1, 0, 0))
    for line in lines:
        table.add_row("  -", Text(line, overflow="fold"))
    if table.row_count:
        yield from heading(title)
        yield table


def facts(rows: Iterable[tuple[str, str]]) -> Iterator[RenderableType]:
    """Names and values in two columns."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in rows:
        table.add_row(f"  {name}", Text(value, overflow="fold"))
    yield Text()
    yield table


def plain_table(*columns: str, left: int = 1) -> Table:
    """A table without lines; all columns but the first ``left`` are numbers, aligned right."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for position, name in enumerate(columns):
        if position < left:
            table.add_column(name, overflow="fold")
        else:
            table.add_column(name, justify="right", no_wrap=True)
    return table


def model_line(run: Run) -> str:
    """The model, its tokens and the compute: '70B parameters, 1.4T tokens, 5.88e23 FLOP'."""
    shape = run.shape
    size = say.count(shape.parameters)
    named = "" if shape.name == size else f"{shape.name}, "
    if shape.active_parameters != shape.parameters:
        size = f"{size} ({say.count(shape.active_parameters)} active)"
    tokens, flop = say.count(run.tokens), say.flop(run.flop)
    return f"{named}{size} parameters, {tokens} tokens, {flop} (6·N·D)"


def reason_line(reason: Reason) -> str:
    """One limit in the way, and what to try."""
    said = f"{reason.limit}: {reason.asked}; needed: {reason.needed}"
    return f"{said}; try {reason.options}" if reason.options else said


def assumed(assumptions: Iterable[Assumption]) -> Iterator[RenderableType]:
    """What the answer takes for granted, each with its source."""
    lines = (f"{a.name}: {a.value} [{a.source}]" for a in assumptions)
    yield from listed("Assumptions", lines)
