"""The frontier of cost and time as a person reads it."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.report.text.parts import (
    ESTIMATED,
    GUESSED,
    aligned,
    in_column,
    mfu_marked,
    model_line,
    note,
)
from optimizer.study.frontier import Frontier, Point
from problems.say import times_in_100

OWN = ">"


def frontier_text(found: Frontier) -> Iterator[RenderableType]:
    """What time costs between the ends, then a table, the cheapest plan first."""
    yield Text(_range(found), style="bold")
    yield Text(model_line(found.run))
    yield Text()
    unit, word = say.usd_unit(found.points[0].cost_usd)
    rows: list[tuple[str, ...]] = [("  offer", "GPUs", "days", f"{word}USD", "MFU")]
    rows += [_row(point, at == found.asked, unit) for at, point in enumerate(found.points)]
    header, *lines = aligned(rows)
    yield Text(header, style="bold")
    yield from (Text(line) for line in lines)
    yield Text()
    yield from (note(line) for line in _notes(found))


def _range(found: Frontier) -> str:
    cheapest, fastest = found.points[0], found.points[-1]
    if cheapest is fastest:
        return f"One plan is both the cheapest and the fastest: {_said(cheapest)}."
    return f"From {_said(cheapest)}\nto {_said(fastest)}:"


def _said(point: Point) -> str:
    return f"{say.usd(point.cost_usd)} in {say.days(point.days * HOURS_PER_DAY)}"


def _row(point: Point, own: bool, unit: float) -> tuple[str, ...]:
    plan = point.plan
    offer = f"{OWN if own else ' '} {plan.offer}"
    cost = say.in_usd_unit(plan.cost_usd, unit)
    return offer, f"{plan.gpus:,}", in_column(point.days), cost, mfu_marked(plan)


def _notes(found: Frontier) -> Iterator[str]:
    shown = len(found.points)
    if shown < found.in_all:
        yield f"{shown} of {found.in_all:,} plans that nothing beats on both; --points all for all"
    else:
        yield "nothing beats any of these on both cost and time"
    if found.asked is not None:
        usual = "" if not found.run.leaves_open("deadline") else ", by the default deadline"
        yield f"{OWN} answers your question{usual}"
    if found.run.confidence is not None:
        yield f"days: kept {times_in_100(found.run.confidence)}"
    if any(point.plan.mfu_basis in GUESSED for point in found.points):
        yield ESTIMATED
