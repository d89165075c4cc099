"""`sixnd explain`: why the plan won, and what would change it."""

from datetime import date
from typing import TYPE_CHECKING

import typer

from optimizer import options as o
from optimizer.asking import read_question
from optimizer.console import show
from optimizer.loading import fields_of, load_facts, solving
from optimizer.risking import draw_risk, read_risk

if TYPE_CHECKING:
    from optimizer.answer import Answer
    from optimizer.study.levers import Levers
    from optimizer.study.premium import Premium
    from optimizer.study.risk import Risks

NO_PLAN = 1


@o.takes(o.QUESTION_OPTIONS | o.RISK_OPTIONS | o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def explain(context: typer.Context, model: o.ModelArgument, as_json: o.Json = False) -> None:
    """Why the plan won, and what would change it.

    Each offer that lost with its reason and the price at which it would win, the limits that
    bind, and what one more day and one more node are worth.
    """
    from optimizer.answer import answer_market
    from optimizer.market import open_market
    from optimizer.study.levers import levers

    asked = read_question(model, fields_of(context))
    drawing = read_risk(context, implied=asked.question.confidence is not None)
    with asked.mistakes_placed():
        asked.expect_open_fleet()
        facts, how = load_facts(context), solving(context)
        market = open_market(asked.question, facts)
        answer = answer_market(market, today=date.today(), **how)
        found = levers(market, answer)
    _print(answer, found, draw_risk(context, drawing, answer, facts), as_json)
    if answer.plan is None:
        raise typer.Exit(NO_PLAN)


def _print(
    answer: "Answer", found: "Levers", drawn: "tuple[Risks, Premium] | None", as_json: bool
) -> None:
    from optimizer.report.levers import explained_text
    from optimizer.report.levers_json import explained_data
    from optimizer.report.risk import risk_text
    from optimizer.report.risk_json import risk_data
    from optimizer.report.text import answer_text

    if as_json:
        show(explained_data(answer, found) | (risk_data(*drawn) if drawn else {}))
    elif answer.plan is None:
        show(answer_text(answer))
    else:
        sure = risk_text(answer, *drawn) if drawn else ()
        show([*explained_text(answer, answer.plan, found), *sure])
