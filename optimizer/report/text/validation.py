"""Predicted against published, as a person reads it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.report.text.parts import heading, listed, note, plain_table
from optimizer.step.fit.score import Mode, Validation
from optimizer.step.fit.summary import Score

COLUMNS = ("runs", "median", "90th pct.", "mean", "bias", "in range")
# What the model was told of each run.
ASKED: dict[Mode, str] = {
    "asked": "as plan is asked: no stack, no layout",
    "told": "stack told, layout free",
    "configured": "stack told, under each run's own layout",
}
FIGURES = ("median_abs_error", "p90_abs_error", "mean_abs_error", "bias", "interval_coverage")


def validation_text(
    validation: Validation, mode: Mode, cross: bool, most: int | None
) -> Iterator[RenderableType]:
    """The summary, by kind, GPU and source, the worst runs, and what was not scored."""
    data = validation.as_dict()
    fit = ", by a calibration without the run's source" if cross else ""
    yield Text(f"Predicted against published MFU, {ASKED[mode]}{fit}", style="bold")
    yield note("errors are |ln(predicted / observed)|; bias is their signed median")
    yield Text()
    yield _groups("all runs", [{"all runs": "all", **_mapping(data["summary"])}])
    for title, key, name in (
        ("By kind of run", "by_kind", "kind"),
        ("By stack", "by_stack", "stack"),
        ("By GPU", "by_gpu", "gpu"),
        ("By source", "by_source", "source"),
    ):
        yield from heading(title)
        yield _groups(name, [_mapping(row) for row in _list(data[key])])
    if validation.rows:
        yield from _worst(validation.rows, most)
    yield from listed("Not scored", _reasons(validation.skipped))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _groups(name: str, groups: Sequence[Mapping[str, Any]]) -> Table:
    table = plain_table(name, *COLUMNS)
    for group in groups:
        figures = ("" if group[f] is None else f"{group[f]:.1%}" for f in FIGURES)
        table.add_row(str(group[name]), f"{group['n']}", *figures)
    return table


def _worst(rows: Sequence[Score], most: int | None) -> Iterator[RenderableType]:
    """The runs with the largest errors."""
    ranked = sorted(rows, key=lambda row: -abs(row.error))[:most]
    if not ranked:
        return
    yield from heading("Worst runs" if most is not None else "Every run, the worst first")
    table = plain_table("run", "GPU", "GPUs", "published", "predicted", "range", "error", left=2)
    for row in ranked:
        span = f"{row.low:.0%}-{row.high:.0%}"
        table.add_row(*run_cells(row), span, f"{row.error:+.2f}")
    yield table


def run_cells(row: Score) -> tuple[str, ...]:
    """A run and its fleet, with its MFU as published and as predicted."""
    mfus = (f"{mfu:.1%}" for mfu in (row.observed_mfu, row.predicted_mfu))
    return row.id, row.gpu, f"{row.gpus:,}", *mfus


def _reasons(skipped: Mapping[str, str]) -> Iterator[str]:
    """How many runs for each reason, with the runs' names; figures in a reason put aside."""
    counted = Counter(re.sub(r":.*", "", reason) for reason in skipped.values())
    for reason, count in counted.most_common():
        runs = [run for run, why in skipped.items() if re.sub(r":.*", "", why) == reason]
        yield f"{count} {'run' if count == 1 else 'runs'}, {reason}: {', '.join(runs)}"
