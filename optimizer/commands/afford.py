"""`sixnd afford`: the largest compute-optimal model that a budget and a deadline afford."""

from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import read_question, read_ratio
from optimizer.commands.console import NO_PLAN, show
from optimizer.commands.loading import fields_of, load_facts, solving
from problems.quantities import say_count

if TYPE_CHECKING:
    from optimizer.study.afford import Affordable

# The model is what is asked for, so nothing is active of it.
OPTIONS = {name: kind for name, kind in o.QUESTION_OPTIONS.items() if name != "active"}

TokensPerParameter = Annotated[
    str | None,
    o.option(
        "Training tokens for each parameter, instead of --tokens (default: 20).",
        "20",
        about=o.SUBJECTS[o.RUN],
    ),
]


@o.takes(OPTIONS | o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def afford(
    context: typer.Context,
    tokens_per_parameter: TokensPerParameter = None,
    as_json: o.Json = False,
) -> None:
    """The largest model that a budget and a deadline afford.

    Compute-optimal, of three digits; also what a tenth more money and a tenth more time buy.

    \b
    sixnd afford --budget 5M --deadline 30d
    """
    from optimizer.study.afford import SMALLEST
    from optimizer.study.afford import afford as find_largest

    ratio = read_ratio(tokens_per_parameter)
    asked = read_question(say_count(SMALLEST), fields_of(context))
    facts = load_facts(context)
    with asked.mistakes_placed():
        found = find_largest(asked.question, facts, tokens_per_parameter=ratio, **solving(context))
    _print(found, as_json)
    if found.largest is None:
        raise typer.Exit(NO_PLAN)


def _print(found: "Affordable", as_json: bool) -> None:
    from optimizer.report.text.afford import afford_data, afford_text

    show(afford_data(found) if as_json else afford_text(found))
