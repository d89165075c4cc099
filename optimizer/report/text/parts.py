"""The parts that text answers share: headings, lists, facts, what a run is in one line."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.explain.reason import Reason
from optimizer.market.run import Run
from optimizer.plan.assumptions import Assumption
from optimizer.plan.bill import BillLine
from optimizer.plan.plan import Plan
from optimizer.report.wording.reasons import reason_words

if TYPE_CHECKING:
    from optimizer.plan.estimate import Estimate

# Bases of an MFU that no published run of the part stands behind.
GUESSED = ("anchored", "extrapolated")
ESTIMATED = "~ no published run on that part in as many bits: the MFU is extrapolated"


def heading(text: str) -> Iterator[Text]:
    """A bold line with an empty line before it."""
    yield Text()
    yield Text(text, style="bold")


def note(text: str) -> Text:
    """A remark that explains and can be skipped."""
    return Text(text, style="dim")


def listed(title: str, lines: Iterable[str | Text]) -> Iterator[RenderableType]:
    """A heading and its lines; nothing at all without lines."""
    table = Table.grid(padding=(0, 1, 0, 0))
    for line in lines:
        said = Text(line) if isinstance(line, str) else line
        said.overflow = "fold"
        table.add_row("  -", said)
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


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows of cells as lines, the first cell at the left and the others, numbers, at the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *numbers in rows:
        padded = (cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))
        lines.append("  ".join([name.ljust(widths[0]), *padded]))
    return lines


def bill_table(bill: Iterable[BillLine]) -> Table:
    """The lines of a bill, their USD at the right of the name, the basis beside them."""
    lines = tuple(bill)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    for line in lines:
        table.add_row(f"  {line.line}", f"{line.usd:,.0f}", line.basis)
    if len(lines) > 1:
        table.add_row("  total, USD", f"{sum(line.usd for line in lines):,.0f}", "")
    return table


def mfu_marked(plan: Plan) -> str:
    """The MFU, with ~ before it where no published run of the part stands behind it."""
    return f"{'~' if plan.mfu_basis in GUESSED else ''}{plan.mfu:.1%}"


def figures(plan: Plan) -> tuple[str, str, str]:
    """GPUs, days and USD of a plan, for a column each."""
    return f"{plan.gpus:,}", in_column(plan.days), say.usd_below(plan.cost_usd)


def in_column(number: float) -> str:
    """A number below others: the decimals stand where they line up."""
    return f"{number:,.1f}" if number >= 10 else f"{number:#.3g}"


def titled(run: Run) -> Iterator[tuple[str, str]]:
    """The title of a problem file, which may hold anything."""
    name = run.name
    if name:
        yield "problem", "".join(c if c.isprintable() else "?" for c in name)


def model_line(run: Run) -> str:
    """The model, its tokens and the compute: '70B parameters, 1.4T tokens, 5.88e23 FLOP'."""
    shape = run.shape
    size = say.count(shape.parameters)
    named = f"{shape.name}, " if not shape.estimated else ""
    if shape.active_parameters != shape.parameters:
        size = f"{size} ({say.count(shape.active_parameters)} active)"
    tokens, flop = say.count(run.tokens), say.flop(run.flop)
    return f"{named}{size} parameters, {tokens} tokens, {flop} (6·N·D)"


def ranges(plan: "Plan | Estimate") -> str:
    """What the range of the MFU makes of days and cost."""
    soonest, latest = plan.days_range.low * HOURS_PER_DAY, plan.days_range.high * HOURS_PER_DAY
    days = say.between(say.days(soonest), say.days(latest))
    cost = plan.cost_usd_range
    return f"{days}, {say.between(say.usd(cost.low), say.usd(cost.high))}" if cost else days


def layout_line(plan: "Plan | Estimate") -> str:
    """The layout in the field's shorthand, the batch that runs, memory, and what slows it down."""
    batch = f"{plan.layout.sequences:,} sequences a step" if plan.layout else ""
    memory = f"{plan.memory_gb_per_gpu:.1f} GB a GPU" if plan.memory_gb_per_gpu else ""
    remarks = plan.remarks if isinstance(plan, Plan) else ()
    return "; ".join(part for part in (str(plan.layout), batch, memory, *remarks) if part)


def reason_line(reason: Reason) -> Text:
    """One limit in the way; what to try stands on a line of its own, to be copied."""
    limits = reason.limit.replace(", ", " and ")
    asked, needed = reason_words(reason)
    if not reason.options:
        return Text(f"{limits}: {asked}; {needed}")
    said = Text(f"{limits}: {asked}; needed: {needed}\ntry ")
    return said.append(reason.options, style="bold")


def assumed(assumptions: Iterable[Assumption]) -> Iterator[RenderableType]:
    """What the answer takes for granted, each with its source."""
    lines = (Text(f"{a.name}: {a.value}\n").append(a.source, style="dim") for a in assumptions)
    yield from listed("Assumptions", lines)
