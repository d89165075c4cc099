"""`sixnd explain`: why the plan won, and what would change it."""

from datetime import date

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import read_question
from optimizer.commands.console import NO_PLAN, show
from optimizer.commands.loading import fields_of, load_facts, solving
from optimizer.commands.risking import draw_risk, read_risk


@o.takes(o.QUESTION_OPTIONS | o.RISK_OPTIONS | o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def explain(context: typer.Context, model: o.ModelArgument, as_json: o.Json = False) -> None:
    """Why the plan won, and what would change it.

    Each offer that lost with its reason and the price at which it would win, the limits that
    bind, and what one more day and one more node are worth.
    """
    from optimizer.answer import answer_market
    from optimizer.market.market import open_market
    from optimizer.report.told import why_data, why_text
    from optimizer.study.levers import levers

    asked = read_question(model, fields_of(context))
    drawing = read_risk(context, implied=asked.question.confidence is not None)
    with asked.mistakes_placed():
        asked.expect_open_fleet()
        facts, how = load_facts(context), solving(context)
        market = open_market(asked.question, facts)
        answer = answer_market(market, today=date.today(), **how)
        found = levers(market, answer)
    drawn = draw_risk(context, drawing, answer, facts)
    tell = why_data if as_json else why_text
    show(tell(answer, found, drawn))
    if answer.plan is None:
        raise typer.Exit(NO_PLAN)
