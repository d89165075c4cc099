"""`sixnd estimate`: time and cost of a fleet that is given."""

from typing import TYPE_CHECKING

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import read_question
from optimizer.commands.console import show
from optimizer.commands.loading import fields_of, load_facts

if TYPE_CHECKING:
    from catalog import Catalog
    from problems import Question


# What the fleet leaves open: what is trained, what is assumed, and how GPUs are paid for.
ASKED = o.RUN_OPTIONS | o.ASSUMED_OPTIONS | {"pricing": o.QUESTION_OPTIONS["pricing"]}


@o.takes(o.FLEET_OPTIONS | ASKED | o.CATALOG_OPTIONS)
def estimate(context: typer.Context, model: o.ModelArgument, as_json: o.Json = False) -> None:
    """Time and cost of a fleet that you give; nothing is chosen."""
    given = {key: context.params[key] for key in o.FLEET_OPTIONS}
    fleet = {key: value for key, value in given.items() if value is not None}
    fields = {key: value for key, value in fields_of(context).items() if key not in given}
    asked = read_question(model, {**fields, "fleet": fleet})
    with asked.mistakes_placed():
        print_estimate(asked.question, load_facts(context), as_json)


def print_estimate(question: "Question", facts: "Catalog", as_json: bool) -> None:
    """Print what the fleet of a question makes of its run."""
    from optimizer.plan.estimate import estimate_fleet
    from optimizer.report.data.answer import estimate_data
    from optimizer.report.text.side_by_side import estimate_text

    found = estimate_fleet(question, facts)
    show(estimate_data(found) if as_json else estimate_text(found))
