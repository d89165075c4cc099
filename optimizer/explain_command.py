"""`sixnd explain`: why the plan won, and what would change it."""

from datetime import date
from typing import TYPE_CHECKING

import typer

from optimizer import options as o
from optimizer.asking import read_question
from optimizer.console import show
from optimizer.loading import fields_of, load_facts, solving

if TYPE_CHECKING:
    from optimizer.answer import Answer
    from optimizer.study.levers import Levers

NO_PLAN = 1


@o.takes(o.QUESTION_OPTIONS | o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def explain(context: typer.Context, model: o.ModelArgument, as_json: o.Json = False) -> None:
    """Why the plan won, and what would change it.

    Each offer that lost with its reason and the price at which it would win, the limits that
    bind, and what one more day and one more node are worth.
    """
    from optimizer.answer import answer_market
    from optimizer.market import open_market
    from optimizer.study.levers import levers

    asked = read_question(model, fields_of(context))
    with asked.mistakes_placed():
        asked.expect_open_fleet()
        facts, how = load_facts(context), solving(context)
        market = open_market(asked.question, facts)
        answer = answer_market(market, today=date.today(), **how)
        found = levers(market, answer)
    _print(answer, found, as_json)
    if answer.plan is None:
        raise typer.Exit(NO_PLAN)


def _print(answer: "Answer", found: "Levers", as_json: bool) -> None:
    from optimizer.report.levers import explained_text
    from optimizer.report.levers_json import explained_data
    from optimizer.report.text import answer_text

    if as_json:
        show(explained_data(answer, found))
    elif answer.plan is None:
        show(answer_text(answer))
    else:
        show(explained_text(answer, answer.plan, found))
