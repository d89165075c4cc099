"""`sixnd compare`: the best fleet of each GPU, or of each way to pay, side by side."""

from typing import TYPE_CHECKING, Any

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import read_one_of, read_question
from optimizer.commands.console import NO_PLAN, show
from optimizer.commands.loading import fields_of, load_facts, solving

if TYPE_CHECKING:
    from catalog import Catalog
    from problems import Question


@o.takes(o.QUESTION_OPTIONS | o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def compare(
    context: typer.Context,
    model: o.ModelArgument,
    by: o.By = "gpu",
    as_json: o.Json = False,
) -> None:
    """The best fleet of each GPU, side by side, or why it has none.

    Every family on offer is compared where no --gpu is given. With --by pricing: the best fleet to
    rent, to reserve and to buy, and from how many months or such runs buying wins.
    """
    asked = read_question(model, fields_of(context))
    compared_by = read_one_of("--by", by, ("gpu", "pricing"))
    with asked.mistakes_placed():
        asked.expect_open_fleet()
        facts, how = load_facts(context), solving(context)
        if compared_by == "pricing":
            found = _compare_pricing(asked.question, facts, how, as_json)
        else:
            found = _compare_gpus(asked.question, facts, how, as_json)
    if not found:
        raise typer.Exit(NO_PLAN)


def _compare_gpus(
    question: "Question", facts: "Catalog", how: dict[str, Any], as_json: bool
) -> bool:
    """Print the fleets of each GPU; whether any has a plan."""
    from optimizer.report.data.answer import comparison_data
    from optimizer.report.text.side_by_side import comparison_text
    from optimizer.study.compare import compare_gpus

    compared = compare_gpus(question, facts, **how)
    show(comparison_data(compared) if as_json else comparison_text(compared))
    return any(one.answer.plan is not None for one in compared)


def _compare_pricing(
    question: "Question", facts: "Catalog", how: dict[str, Any], as_json: bool
) -> bool:
    """Print the fleets of each kind of price; whether any has a plan."""
    from optimizer.report.data.answer import pricing_data
    from optimizer.report.text.rent_or_buy import pricing_text
    from optimizer.study.rent_or_buy import compare_pricing

    compared = compare_pricing(question, facts, **how)
    show(pricing_data(compared) if as_json else pricing_text(compared))
    return any(one.answer.plan is not None for one in compared.fleets)
