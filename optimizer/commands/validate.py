"""`sixnd validate`: predicted against published training runs."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.commands.asking import check_plot
from optimizer.commands.console import progress_bar, show, tell_written
from optimizer.commands.options import Json, option
from problems import ProblemError
from problems.mistakes import shown

if TYPE_CHECKING:
    from optimizer.step.fit.score import Mode, Validation

DEFAULT_ROWS = "10"

Runs = Annotated[
    Path | None,
    option(
        "Runs of your own (default: the shipped ones); columns as in observed_runs.csv.",
        "OBSERVED.csv",
    ),
]
AsConfigured = Annotated[
    bool, typer.Option("--as-configured", help="Score each run under its own layout.")
]
StackTold = Annotated[
    bool,
    typer.Option("--stack-told", help="Tell the model the stack of each run's framework."),
]
Cross = Annotated[
    bool,
    typer.Option("--cross", help="Score each run by a calibration that has not seen its source."),
]
Rows = Annotated[
    str, option(f"How many of the worst runs to list, or all (default: {DEFAULT_ROWS}).", "N")
]
Plot = Annotated[
    Path | None, option("Also draw predicted against observed: .svg, .png or .html.", "FILE")
]


def validate(
    runs: Runs = None,
    as_configured: AsConfigured = False,
    stack_told: StackTold = False,
    cross: Cross = False,
    rows: Rows = DEFAULT_ROWS,
    plot: Plot = None,
    as_json: Json = False,
) -> None:
    """The model's predictions against published training runs."""
    from optimizer.report.text.validation import validation_text

    most = _read_rows(rows)
    if plot is not None:
        check_plot(Path(plot))
    mode: Mode = "configured" if as_configured else "told" if stack_told else "asked"
    found = _score(Path(runs) if runs else None, mode, cross)
    if plot is not None:
        from optimizer.report.charts.validation import save_chart

        save_chart(found, Path(plot))
        tell_written(Path(plot))
    show(found.as_dict() if as_json else validation_text(found, mode, cross, most))


def _score(path: Path | None, mode: "Mode", cross: bool) -> "Validation":
    from optimizer.study.scoring import score_runs

    if not cross:
        return score_runs(path, mode, cross)
    with progress_bar() as bar:
        tell = None if bar is None else partial(bar, "leaving sources out")
        return score_runs(path, mode, cross, tell)


def _read_rows(written: str) -> int | None:
    """How many rows to list; None for all of them."""
    if written.strip().lower() == "all":
        return None
    if not written.strip().isdigit():
        what = f"--rows: {shown(written)} is not a number of rows"
        raise ProblemError([f"{what}; expected a number such as 10, or all"])
    return int(written)
