"""The options --risk, --draws and --seed, which --confidence implies, and what they add."""

from typing import TYPE_CHECKING, Any

import typer

from optimizer.commands.asking import read_whole
from optimizer.commands.loading import solving

if TYPE_CHECKING:
    from catalog import Catalog
    from optimizer.answer import Answer
    from optimizer.study.price_of_confidence import Premium
    from optimizer.study.risk import Risks


def read_risk(context: typer.Context, implied: bool) -> dict[str, Any] | None:
    """How to draw, as arguments of ``risks_of``; None where nothing asks for it or implies it."""
    draws, seed = context.params["draws"], context.params["seed"]
    if not (context.params["risk"] or implied) and draws is None and seed is None:
        return None
    from optimizer.study.risk import DRAWS, FEWEST_DRAWS, LARGEST_SEED, MOST_DRAWS, SEED

    return {
        "draws": DRAWS if draws is None else read_whole("--draws", draws, FEWEST_DRAWS, MOST_DRAWS),
        "seed": SEED if seed is None else read_whole("--seed", seed, 0, LARGEST_SEED),
    }


def draw_risk(
    context: typer.Context, drawing: dict[str, Any] | None, answer: "Answer", facts: "Catalog"
) -> "tuple[Risks, Premium] | None":
    """How sure an answer is, and what to be surer costs; None where not asked or without a plan."""
    if drawing is None or answer.plan is None:
        return None
    from optimizer.study.price_of_confidence import premium_of
    from optimizer.study.risk import risks_of

    return risks_of(answer, facts, **drawing), premium_of(answer, facts, **solving(context))
