"""The options --risk, --draws and --seed, which --confidence implies, and what they add."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from optimizer.asking import read_whole

if TYPE_CHECKING:
    from rich.console import RenderableType

    from catalog import Catalog
    from optimizer.answer import Answer
    from optimizer.study.levers import Levers

FEWEST_DRAWS, MOST_DRAWS = 100, 1_000_000
LARGEST_SEED = 2**32 - 1


def read_risk(context: typer.Context, implied: bool) -> dict[str, Any] | None:
    """How to draw, as arguments of ``risks_of``; None where nothing asks for it or implies it."""
    from optimizer.study.risk import DRAWS, SEED

    draws, seed = context.params["draws"], context.params["seed"]
    if not (context.params["risk"] or implied) and draws is None and seed is None:
        return None
    return {
        "draws": DRAWS if draws is None else read_whole("--draws", draws, FEWEST_DRAWS, MOST_DRAWS),
        "seed": SEED if seed is None else read_whole("--seed", seed, 0, LARGEST_SEED),
    }


def answer_with_risk(
    answer: "Answer",
    levers: "Levers | None",
    facts: "Catalog",
    drawing: dict[str, Any],
    solving: dict[str, Any],
    as_json: bool,
) -> "dict[str, Any] | Iterator[RenderableType]":
    """What to print of an answer that has a plan, the section "How sure" in it."""
    from optimizer.report.json import answer_data
    from optimizer.report.levers_json import levers_data
    from optimizer.report.risk import risk_text
    from optimizer.report.risk_json import with_risk
    from optimizer.report.text import answer_text
    from optimizer.study.premium import premium_of
    from optimizer.study.risk import risks_of

    risks = risks_of(answer, facts, **drawing)
    premium = premium_of(answer, facts, **solving)
    if as_json:
        more = {} if levers is None else levers_data(levers)
        return with_risk(answer_data(answer) | more, risks, premium)
    return answer_text(answer, levers, risk_text(answer, risks, premium))
