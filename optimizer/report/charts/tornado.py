"""The sensitivity of a plan as a tornado chart: what moves the cost, and where the choice changes.

Where time is minimized the bars are days, else USD.
"""

from pathlib import Path
from typing import Any

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.market.run import Run
from optimizer.report.files import save_altair
from optimizer.report.text.sensitivity import factor_name
from optimizer.report.wording.stacks import WORDS
from optimizer.study.sensitivity import Case, Sensitivity

WIDTH, ROW = 560, 46
# A tenth is drawn dark inside the larger change of the same direction.
INNER = 0.1
COLORS = {
    "lower": "#a9c1e6",
    "lower by 10 %": "#0b3c8c",
    "higher": "#f7cd9e",
    "higher by 10 %": "#b85600",
}
GRAY, LIGHT = "#555", "#eee"


def save_tornado(run: Run, found: Sensitivity, path: Path) -> None:
    """Write the chart by the file's ending, all of it or nothing."""
    save_altair(tornado_chart(run, found), path)


def tornado_chart(run: Run, found: Sensitivity) -> Any:
    """The chart as Altair has it."""
    import altair as alt

    rows = _rows(run, found)
    names = _widest_first(rows)
    y = alt.Y("factor:N", title=None, sort=names, axis=alt.Axis(labelLimit=360))
    offset = alt.YOffset("side:N", sort=["lower", "higher"])
    what = "days" if run.objective == "time" else "cost"
    x = alt.X("delta:Q", title=f"change of the plan's {what}, %", scale=_scale(alt, rows))
    color = alt.Color(
        "kind:N",
        title="the figure is",
        scale=alt.Scale(domain=list(COLORS), range=list(COLORS.values())),
    )
    bars = [
        _on(alt, [row for row in rows if row["inner"] == inner])
        .mark_bar(size=ROW * 0.34)
        .encode(x=x.stack(None), y=y, yOffset=offset, color=color, tooltip=TOOLTIP)
        for inner in (False, True)
    ]
    words = [_words(alt, rows, right).encode(x=x, y=y, yOffset=offset) for right in (True, False)]
    other = _on(alt, [row for row in rows if row["other"]])
    other = other.mark_point(shape="diamond", size=55, filled=True, color="black", opacity=1)
    zero = _on(alt, [{"delta": 0.0}]).mark_rule(color=GRAY).encode(x="delta:Q")
    layers = [*bars, zero, *words, other.encode(x=x, y=y, yOffset=offset, tooltip=TOOLTIP)]
    size = {"width": WIDTH, "height": ROW * len(names)}
    chart = alt.layer(*layers).properties(**size, title=_title(run, found))
    return chart.configure_axis(gridColor=LIGHT)


TOOLTIP = ["factor:N", "label:N", "delta:Q", "offer:N", "gpus:Q"]


def _on(alt: Any, rows: list[dict[str, Any]]) -> Any:
    return alt.Chart(alt.Data(values=rows))


def _words(alt: Any, rows: list[dict[str, Any]], right: bool) -> Any:
    """The change at the end of each longer bar, beyond a diamond where there is one."""
    outer = [row for row in rows if not row["inner"] and (row["delta"] >= 0) == right]
    gap = 9 if right else -9
    chart = _on(alt, outer).mark_text(align="left" if right else "right", dx=gap, fontSize=11)
    return chart.encode(text="label:N")


def _title(run: Run, found: Sensitivity) -> dict[str, Any]:
    plan = found.base
    fleet = f"{plan.gpus:,} {plan.gpu_name} from {plan.provider}"
    days = say.days(plan.days * HOURS_PER_DAY)
    figures = [f"plan: {fleet}, {days}, {say.usd(plan.cost_usd)}"]
    if any(case.offer is not None and not case.same_decision for case in found.cases):
        figures.append("diamond: another offer is chosen")
    size, tokens = say.count(run.shape.parameters), say.count(run.tokens)
    return {
        "text": f"What if a figure is other than assumed: {size} parameters, {tokens} tokens",
        "subtitle": figures,
    }


def _rows(run: Run, found: Sensitivity) -> list[dict[str, Any]]:
    """A row for each case with a plan; the factor's name says where there is none.

    How GPUs may be had is not drawn: its cases lie on no side of the plan.
    """
    rows = []
    by_time = run.objective == "time"
    base = found.base.days if by_time else found.base.cost_usd
    for case in found.cases:
        if case.capacity is not None:
            continue
        value = case.days if by_time else case.cost_usd
        side = "higher" if case.change > 0 else "lower"
        inner = _has_inner(case, found)
        rows.append(
            {
                "factor": _named(run, found, case.factor),
                "side": side,
                "kind": f"{side} by 10 %" if inner else side,
                "inner": inner,
                "delta": 0.0 if value is None else round((value / base - 1) * 100, 3),
                "label": _short(case) if value is not None else "",
                "other": value is not None and not case.same_decision,
                "offer": case.offer or "",
                "gpus": case.gpus or 0,
            }
        )
    return rows


def _has_inner(case: Case, found: Sensitivity) -> bool:
    """Whether a bar lies inside the longer one of the same factor and direction."""
    return abs(case.change) == INNER and any(
        other.factor == case.factor and other.change * case.change > 0 and abs(other.change) > INNER
        for other in found.cases
    )


def _named(run: Run, found: Sensitivity, factor: str) -> str:
    name = factor_name(factor, run, found.base)
    none = [_short(c) for c in found.cases if c.factor == factor and c.cost_usd is None]
    return f"{name}; no plan at {', '.join(none)}" if none else name


def _short(case: Case) -> str:
    """What is other in a case, as the end of a bar has room for it."""
    return say.more(case.change) if case.stack is None else WORDS[case.stack]


def _widest_first(rows: list[dict[str, Any]]) -> list[str]:
    """Factors by how far their bars reach apart."""
    reach: dict[str, list[float]] = {}
    for row in rows:
        reach.setdefault(row["factor"], [0.0]).append(row["delta"])
    return sorted(reach, key=lambda name: min(reach[name]) - max(reach[name]))


def _scale(alt: Any, rows: list[dict[str, Any]]) -> Any:
    """Room for the words at both ends."""
    deltas = [0.0, *(row["delta"] for row in rows)]
    room = (max(deltas) - min(deltas)) * 0.18 or 1.0
    return alt.Scale(domain=[min(deltas) - room, max(deltas) + room], nice=False)
