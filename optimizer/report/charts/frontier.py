"""The frontier as a chart: days against cost, one mark for each GPU model."""

from collections.abc import Sequence
from math import floor, log10
from pathlib import Path
from typing import Any

from optimizer import say
from optimizer.report.files import save_altair
from optimizer.study.frontier import Frontier, Point
from problems.say import times_in_100

WIDTH, HEIGHT = 620, 400
# Each GPU model has a shape and a color of its own; the colors differ in brightness as well.
SHAPES = (
    *("circle", "square", "triangle-up", "diamond", "cross", "triangle-down"),
    *("triangle-right", "triangle-left"),
)
COLORS = (
    *("#0b3c8c", "#f08a24", "#007a5e", "#c46fb4", "#3a3a3a", "#d6b400", "#6cb4e8", "#8c1d18"),
)
GRAY, LIGHT = "#999", "#eee"
# Axes are logarithmic where the ends lie further apart than this.
FAR = 4.0
TICKS = (1, 2, 3, 5, 7)


def save_frontier(found: Frontier, path: Path) -> None:
    """Write the chart by the file's ending, all of it or nothing."""
    save_altair(frontier_chart(found), path)


def frontier_chart(found: Frontier) -> Any:
    """The chart as Altair has it."""
    import altair as alt

    unit, word = say.usd_unit(min(point.cost_usd for point in found.points))
    days, costs = zip(*((days, usd / unit) for days, usd in found.line), strict=True)
    x = alt.X(
        "days:Q", title=f"days from signature to the last step{_kept(found)}", **_axis(alt, days)
    )
    y = alt.Y("cost:Q", title=f"cost, {word}USD", **_axis(alt, costs))
    all_of_them = [{"days": d, "cost": c} for d, c in zip(days, costs, strict=True)]
    line = _on(alt, all_of_them).mark_line(color=GRAY, interpolate="step-after", strokeWidth=1.5)
    names = list(dict.fromkeys(point.plan.gpu_name for point in found.points))
    marks = _on(alt, [_row(point, unit) for point in found.points])
    marks = marks.mark_point(size=60, filled=True, opacity=1).encode(
        x=x,
        y=y,
        color=alt.Color("gpu:N", title="GPU model", scale=_named(alt, names, COLORS)),
        shape=alt.Shape("gpu:N", title="GPU model", scale=_named(alt, names, SHAPES)),
        tooltip=["offer:N", "gpus:Q", "days:Q", "cost:Q"],
    )
    layers = [line.encode(x=x, y=y), marks, *_own(alt, found, unit)]
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=_title(found))
    return chart.configure_axis(gridColor=LIGHT)


def _on(alt: Any, rows: list[dict[str, Any]]) -> Any:
    return alt.Chart(alt.Data(values=rows))


def _title(found: Frontier) -> dict[str, Any]:
    run = found.run
    model = f"{run.shape.name}, " if not run.shape.estimated else ""
    what = f"{model}{say.count(run.shape.parameters)} parameters, {say.count(run.tokens)} tokens"
    marked = len(found.points)
    some = f", {marked} of them marked" if marked < found.in_all else ""
    plans = "1 plan" if found.in_all == 1 else f"{found.in_all:,} plans"
    own = "; the ringed one answers your question" if found.asked is not None else ""
    return {
        "text": f"Cost against time: {what}",
        "subtitle": f"{plans} that nothing beats on both{some}{own}",
    }


def _kept(found: Frontier) -> str:
    """How surely the days are kept, where that was asked for."""
    sure = found.run.confidence
    return "" if sure is None else f", kept {times_in_100(sure)}"


def _own(alt: Any, found: Frontier, unit: float) -> list[Any]:
    """A ring around the question's own plan."""
    if found.asked is None:
        return []
    ring = _on(alt, [_row(found.points[found.asked], unit)])
    ring = ring.mark_point(size=260, color="black", strokeWidth=1.5)
    return [ring.encode(x="days:Q", y="cost:Q")]


def _row(point: Point, unit: float) -> dict[str, object]:
    plan = point.plan
    shown = {"days": float(f"{point.days:.6g}"), "cost": float(f"{point.cost_usd / unit:.6g}")}
    return {"gpu": plan.gpu_name, "offer": plan.offer, "gpus": plan.gpus, **shown}


def _axis(alt: Any, values: Sequence[float]) -> dict[str, Any]:
    """Linear, or logarithmic where the ends lie far apart; a little room at both ends."""
    low, high = min(values), max(values)
    if high > low * FAR:
        room = (high / low) ** 0.04
        low, high = low / room, high * room
        scale = alt.Scale(type="log", domain=[low, high], nice=False)
        return {"scale": scale, "axis": alt.Axis(values=_ticks(low, high), format=",")}
    room = (high - low) * 0.06 or high * 0.1
    scale = alt.Scale(domain=[low - room, high + room], nice=False, zero=False)
    return {"scale": scale, "axis": alt.Axis(tickCount=6)}


def _ticks(low: float, high: float) -> list[float]:
    """Round values between the two, a few in each power of ten."""
    powers = range(floor(log10(low)), floor(log10(high)) + 1)
    ticks = [float(f"{digit}e{power}") for power in powers for digit in TICKS]
    return [tick for tick in ticks if low <= tick <= high]


def _named(alt: Any, names: list[str], looks: tuple[str, ...]) -> Any:
    return alt.Scale(domain=names, range=[looks[i % len(looks)] for i in range(len(names))])
