"""`sixnd sensitivity`: what happens to a plan where a figure is other than assumed."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import check_plot, read_question
from optimizer.commands.console import show, tell_written
from optimizer.commands.loading import fields_of, load_facts
from optimizer.commands.no_plan import end_without_plan

Plot = Annotated[Path | None, o.option("Also draw a tornado chart: .svg, .png or .html.", "FILE")]


@o.takes(o.QUESTION_OPTIONS | o.CATALOG_OPTIONS)
def sensitivity(
    context: typer.Context,
    model: o.ModelArgument,
    plot: Plot = None,
    as_json: o.Json = False,
) -> None:
    """How cost and choice change where a figure is off.

    MFU, prices, tokens, deadline, failures and spot interruptions are changed one at a time, and
    the fleet is chosen anew; and from which change on another offer wins, sought between -50 %
    and +100 %.
    """
    from optimizer.answer import without_plan
    from optimizer.market.market import open_market
    from optimizer.report.data.sensitivity import no_sensitivity_data, sensitivity_data
    from optimizer.report.text.sensitivity import sensitivity_text
    from optimizer.study.sensitivity import sensitivity_of

    if plot is not None:
        check_plot(Path(plot))
    asked = read_question(model, fields_of(context))
    with asked.mistakes_placed():
        asked.expect_open_fleet()
        market = open_market(asked.question, load_facts(context))
        found = sensitivity_of(market)
    if found is None:
        answer = without_plan(market, date.today())
        end_without_plan(answer, as_json, no_sensitivity_data(answer))
    if plot is not None:
        from optimizer.report.charts.tornado import save_tornado

        save_tornado(market.run, found, Path(plot))
        tell_written(Path(plot))
    data = sensitivity_data(market.run, found)
    show(data if as_json else sensitivity_text(market.run, found))
