"""`sixnd frontier`: what a day less costs, from the cheapest plan to the fastest."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import (
    check_ending,
    check_place,
    check_plot,
    read_points,
    read_question,
)
from optimizer.commands.console import show, tell_written
from optimizer.commands.loading import fields_of, load_facts
from optimizer.commands.no_plan import end_without_plan

DEFAULT_POINTS = "50"

Points = Annotated[
    str,
    o.option(f"How many plans at most, spread evenly, or all (default: {DEFAULT_POINTS}).", "N"),
]
Csv = Annotated[Path | None, o.option("Also write a row for each plan.", "FILE", "--csv", "-o")]
Plot = Annotated[Path | None, o.option("Also draw cost against days: .svg, .png or .html.", "FILE")]


@o.takes(o.QUESTION_OPTIONS | o.CATALOG_OPTIONS)
def frontier(
    context: typer.Context,
    model: o.ModelArgument,
    points: Points = DEFAULT_POINTS,
    csv: Csv = None,
    plot: Plot = None,
    as_json: o.Json = False,
) -> None:
    """What a day less costs: plans that nothing beats on both.

    They run from the cheapest to the fastest, each the best for its own cost and days. The
    deadline and the budget hold where they are given; without a deadline there is none.
    """
    from optimizer.market.market import open_market
    from optimizer.report.data.frontier import frontier_data, no_frontier_data, save_csv
    from optimizer.report.text.frontier import frontier_text
    from optimizer.study.frontier import frontier as find_frontier
    from optimizer.study.frontier import why_nothing

    most = read_points(points)
    if csv is not None:
        check_place("--csv", Path(csv))
        check_ending("--csv", Path(csv), (".csv",))
    if plot is not None:
        check_plot(Path(plot))
    asked = read_question(model, fields_of(context))
    with asked.mistakes_placed():
        asked.expect_open_fleet()
        market = open_market(asked.question, load_facts(context))
    found = find_frontier(market, most)
    if not found.points:
        answer = why_nothing(market, date.today())
        end_without_plan(answer, as_json, no_frontier_data(answer))
    if csv is not None:
        save_csv(found, Path(csv))
        tell_written(Path(csv))
    if plot is not None:
        from optimizer.report.charts.frontier import save_frontier

        save_frontier(found, Path(plot))
        tell_written(Path(plot))
    show(frontier_data(found) if as_json else frontier_text(found))
