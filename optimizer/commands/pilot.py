"""`sixnd pilot`: the short runs to measure before one signs."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import check_place, read_question
from optimizer.commands.console import show, tell_written
from optimizer.commands.loading import fields_of, load_facts, solving
from optimizer.commands.no_plan import end_without_plan

FILLED = "pilots.csv"

TemplateFile = Annotated[
    Path | None,
    o.option("Also write the runs as a CSV to fill in, for --pilot.", "FILE", "--template", "-o"),
]


@o.takes(o.QUESTION_OPTIONS | o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def pilot(
    context: typer.Context,
    model: o.ModelArgument,
    template: TemplateFile = None,
    as_json: o.Json = False,
) -> None:
    """What to measure first: short runs that narrow a plan most.

    On a few nodes of the plan's part and of the best other one, with their time and cost.
    """
    from optimizer.answer import answer_market
    from optimizer.market.market import open_market
    from optimizer.report.text.piloting import piloting_data, piloting_text, template_of
    from optimizer.study.piloting import what_to_measure
    from problems.command import as_command

    asked, how = read_question(model, fields_of(context)), solving(context)
    path = None if template is None else Path(template)
    if path is not None:
        check_place("--template", path)
    with asked.mistakes_placed():
        asked.expect_open_fleet()
        market = open_market(asked.question, load_facts(context))
        answer = answer_market(market, today=date.today(), **how)
        if answer.plan is None:
            end_without_plan(answer, as_json)
        found = what_to_measure(market, answer)
    if path is not None:
        path.write_text(template_of(found), encoding="utf-8")
        tell_written(path)
    name = str(path) if path is not None else FILLED
    filled = as_command(asked.question.model_copy(update={"pilot": name}))
    show(piloting_data(found, market.run) if as_json else piloting_text(found, filled))
