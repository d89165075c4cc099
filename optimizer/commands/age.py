"""`sixnd catalog age`: what is old in a catalog, and what that could change of a decision."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import read_question
from optimizer.commands.console import show
from optimizer.commands.loading import fields_of, load_facts, solving
from optimizer.commands.no_plan import end_without_plan
from problems import ProblemError

if TYPE_CHECKING:
    from catalog import Catalog
    from optimizer.answer import Answer
    from optimizer.study.age import Aging

Folder = Annotated[Path | None, o.argument("A catalog (default: the active one).", "FOLDER")]
Model = Annotated[
    str | None,
    o.option("The model of a question, or a problem file, to see what old prices change.", "70B"),
]


# The folder is the argument.
BESIDE = {name: kind for name, kind in o.CATALOG_OPTIONS.items() if name != "catalog"}


@o.takes(o.QUESTION_OPTIONS | BESIDE | o.SOLVER_OPTIONS)
def age(
    context: typer.Context,
    catalog: Folder = None,
    model: Model = None,
    as_json: o.Json = False,
) -> None:
    """How old the prices of a catalog are, and what that could change.

    By provider; and with a question, up to which prices its answer stays the same.

    \b
    sixnd catalog age --model 70B --deadline 30d
    """
    from catalog.age import ages
    from optimizer.report.text.age import age_data, age_text, aging_text

    today = date.today()
    _check_question(context, model)
    facts = load_facts(context)
    found = ages(facts)
    answered = None if model is None else _decided(context, model, facts, today)
    if answered is None:
        show(age_data(facts, found, None, today) if as_json else age_text(facts, found, today))
        return
    answer, decision = answered
    if as_json and decision is not None:
        show(age_data(facts, found, decision, today))
        return
    if not as_json:
        show(age_text(facts, found, today))
    if decision is None:
        end_without_plan(answer, as_json, age_data(facts, found, None, today))
    show(aging_text(answer, decision, today))


def _check_question(context: typer.Context, model: str | None) -> None:
    """Options of a question are of no use without a model."""
    given = [name for name in o.QUESTION_OPTIONS if context.params.get(name)]
    if model is None and given:
        option = "--" + given[0].replace("_", "-")
        what = f"is missing; expected a model or a problem file: {option} belongs to a question"
        raise ProblemError([f"--model: {what}"])


def _decided(
    context: typer.Context, model: str, facts: "Catalog", today: date
) -> "tuple[Answer, Aging | None]":
    from optimizer.answer import answer_market
    from optimizer.market.market import open_market
    from optimizer.study.age import aging

    asked = read_question(model, fields_of(context))
    with asked.mistakes_placed():
        asked.expect_open_fleet()
        market = open_market(asked.question, facts)
        answer = answer_market(market, today=today, **solving(context))
    return answer, aging(market, answer)
