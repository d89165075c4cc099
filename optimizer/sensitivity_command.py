"""`sixnd sensitivity`: what happens to a plan where a figure is other than assumed."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer import options as o
from optimizer.asking import check_plot, read_question
from optimizer.console import show
from optimizer.loading import fields_of, load_facts

if TYPE_CHECKING:
    from optimizer.market import Market

NO_PLAN = 1

Plot = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Also draw a tornado chart: .svg, .png or .html.",
        show_default=False,
    ),
]


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
    from optimizer.market import open_market
    from optimizer.report.sensitivity import sensitivity_text
    from optimizer.report.sensitivity_json import sensitivity_data
    from optimizer.study.sensitivity import sensitivity_of

    if plot is not None:
        check_plot(Path(plot))
    asked = read_question(model, fields_of(context))
    with asked.mistakes_placed():
        asked.expect_open_fleet()
        market = open_market(asked.question, load_facts(context))
        found = sensitivity_of(market)
    if found is None:
        _say_why_not(market, as_json)
        raise typer.Exit(NO_PLAN)
    if plot is not None:
        from optimizer.report.tornado import save_tornado

        save_tornado(market.run, found, Path(plot))
    data = sensitivity_data(market.run, found)
    show(data if as_json else sensitivity_text(market.run, found))


def _say_why_not(market: "Market", as_json: bool) -> None:
    """What stands in the way of every plan, as `plan` says it."""
    from optimizer.answer import without_plan
    from optimizer.report.json import answer_data
    from optimizer.report.text import answer_text

    answer = without_plan(market, date.today())
    show(answer_data(answer) if as_json else answer_text(answer))
