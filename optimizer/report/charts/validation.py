"""Predicted against observed MFU as a chart: SVG, PNG or HTML by the file's ending."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from optimizer.report.files import save_altair
from optimizer.step.fit.score import Validation
from optimizer.step.fit.summary import Score

SIDE = 420
NEAR = 0.2


def save_chart(validation: Validation, path: Path) -> None:
    """Write the chart, all of it or nothing."""
    save_altair(validation_chart(validation.rows), path)


def validation_chart(rows: Sequence[Score]) -> Any:
    """Points of all runs, the line of equality, and 20 % to both sides of it."""
    import altair as alt

    data = {"values": [_point(row) for row in rows]}
    points = alt.Chart(alt.Data(**data)).mark_circle(size=28)  # type: ignore[no-untyped-call]
    ends = _ends(rows)
    axes = {
        "x": alt.X("observed:Q", title="published MFU, %", scale=alt.Scale(domain=ends)),
        "y": alt.Y("predicted:Q", title="predicted MFU, %", scale=alt.Scale(domain=ends)),
    }
    color = alt.Color("kind:N", title="kind of run")
    tooltip = ["id:N", "gpu:N", "gpus:Q", "observed:Q", "predicted:Q"]
    marks = points.encode(**axes, color=color, tooltip=tooltip)
    lines = [_line(alt, ends, factor) for factor in (1 - NEAR, 1.0, 1 + NEAR)]
    title = f"Predicted against published MFU, {len(rows)} runs; lines at -20 %, 0 and +20 %"
    layered = alt.layer(*lines, marks)
    return layered.properties(width=SIDE, height=SIDE, title=title)


def _line(alt: Any, ends: list[float], factor: float) -> Any:
    values = [{"observed": end, "predicted": end * factor} for end in ends]
    dash = [1, 0] if factor == 1 else [4, 3]
    line = alt.Chart(alt.Data(values=values)).mark_line(color="#888", strokeDash=dash, clip=True)
    return line.encode(x="observed:Q", y="predicted:Q")


def _point(row: Score) -> dict[str, object]:
    return {
        "id": row.id,
        "gpu": row.gpu,
        "gpus": row.gpus,
        "kind": row.kind.replace("_", " "),
        "observed": round(row.observed_mfu * 100, 2),
        "predicted": round(row.predicted_mfu * 100, 2),
    }


def _ends(rows: Sequence[Score]) -> list[float]:
    """From zero to the largest MFU of the chart, in tens of percent."""
    largest = max((max(row.observed_mfu, row.predicted_mfu) for row in rows), default=0.5)
    return [0.0, 10.0 * (int(largest * 10) + 1)]
