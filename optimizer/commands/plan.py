"""`sixnd plan` and `sixnd ask`: the best fleet for a question in options, or in words."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import check_place, read_question
from optimizer.commands.console import NO_PLAN, show
from optimizer.commands.estimate import print_estimate
from optimizer.commands.loading import fields_of, load_facts, solving
from optimizer.commands.risking import draw_risk, read_risk

if TYPE_CHECKING:
    from catalog import Catalog
    from optimizer.answer import Answer
    from optimizer.study.levers import Levers
    from optimizer.study.price_of_confidence import Premium
    from optimizer.study.risk import Risks
    from problems import Question


@o.takes(o.QUESTION_OPTIONS | o.RISK_OPTIONS | o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def plan(
    context: typer.Context,
    model: o.ModelArgument,
    write_lp: o.WriteLp = None,
    as_json: o.Json = False,
) -> None:
    """The cheapest (or fastest) fleet for one training run, proven."""
    asked = read_question(model, fields_of(context))
    drawing = read_risk(context, implied=asked.question.confidence is not None)
    facts = load_facts(context, tells=False)
    with asked.mistakes_placed():
        if asked.question.fleet is not None and write_lp is None and drawing is None:
            print_estimate(asked.question, facts, as_json)
            print("the fleet is given, so this is an estimate, not a plan", file=sys.stderr)
            return
        asked.expect_open_fleet()
        if write_lp is not None:
            _write_lp(asked.question, write_lp, facts)
        answer, levers = _answer(asked.question, facts, context)
    _print_answer(answer, levers, draw_risk(context, drawing, answer, facts), as_json)


@o.takes(o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def ask(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="QUESTION", help="A question in words.")],
    as_json: o.Json = False,
) -> None:
    """A question in words: its plan, and the command it stands for.

    In single quotes, because a shell takes the $5 out of "under $5M".
    """
    from problems import as_command, understand

    facts = load_facts(context, tells=False)
    families = [gpu.family for gpu in facts.gpus.values()]
    providers = {offer.provider for offer in facts.offers}
    question = understand(" ".join(words), [*families, *facts.gpus], providers, date.today())
    answer, levers = _answer(question, facts, context)
    print(f"understood: {as_command(question)}\n", file=sys.stderr if as_json else sys.stdout)
    _print_answer(answer, levers, None, as_json)


def _answer(
    question: "Question", facts: "Catalog", context: typer.Context
) -> tuple["Answer", "Levers | None"]:
    """The answer, and where it is a plan what would change it."""
    from optimizer.answer import answer_market
    from optimizer.market.market import open_market
    from optimizer.study.levers import plan_levers

    how = solving(context)
    market = open_market(question, facts)
    answer = answer_market(market, today=date.today(), in_full=True, **how)
    return answer, None if answer.plan is None else plan_levers(market, answer)


def _write_lp(question: "Question", path: Path, facts: "Catalog") -> None:
    from optimizer.program.lp import write_program

    check_place("--write-lp", path)
    write_program(question, path, facts)


def _print_answer(
    answer: "Answer",
    levers: "Levers | None",
    drawn: "tuple[Risks, Premium] | None",
    as_json: bool,
) -> None:
    from optimizer.report.told import told_data, told_text

    tell = told_data if as_json else told_text
    show(tell(answer, levers, drawn))
    if answer.plan is None:
        raise typer.Exit(NO_PLAN)
