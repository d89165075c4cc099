"""The check shares nothing with what it judges: a function that errs is caught by it alone."""

import ast
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from check_cases import KINDS
from small_catalog import TODAY

from optimizer.answer import BrokenPlanError, best_plan
from optimizer.market.candidates import most_gpus
from optimizer.market.kept import DRAWN
from optimizer.market.reliability import reliability_of
from optimizer.physics.compute import peak_hours, training_flop
from optimizer.physics.energy import draw_kw
from optimizer.plan import check
from optimizer.plan.ranges import Span
from problems import make_question


def half(formula: Callable[..., Any]) -> Callable[..., Any]:
    """The formula with half of what it should give."""
    return lambda *given: 0.5 * formula(*given)


# What makes a figure, what it is replaced by, the kind of plan that it spoils, and who says so.
MADE_WRONG: dict[str, tuple[str, Any, str, str]] = {
    "no resale": (
        "optimizer.market.owning.resale_usd",
        lambda *_: 0.0,
        "owned",
        "usd_per_gpu_hour",
    ),
    "no network": (
        "optimizer.market.owning.network_usd",
        lambda *_: 0.0,
        "owned",
        "usd_per_gpu_hour",
    ),
    "half the power": ("optimizer.market.terms.draw_kw", half(draw_kw), "capped", "power_cap"),
    "half the energy": ("optimizer.physics.energy.draw_kw", half(draw_kw), "rented", "energy_mwh"),
    "every grid clean": (
        "optimizer.physics.energy._grid",
        lambda *_: (1.0, ""),
        "rented",
        "co2_kg",
    ),
    "no failures": (
        "optimizer.market.candidates.reliability_of",
        lambda *given: replace(reliability_of(*given), failures=0.0),
        "failing",
        "goodput",
    ),
    "spot for ever": (
        "optimizer.market.candidates.reliability_of",
        lambda *given: replace(reliability_of(*given), spot=None),
        "spot",
        "goodput",
    ),
    "any slice": ("optimizer.market.segments.sizes_sold", lambda _: (), "sliced", "gpus"),
    "twice as many": (
        "optimizer.market.candidates.most_gpus",
        lambda offer, run: 2 * most_gpus(offer, run),
        "fast",
        "gpus",
    ),
    "storage for free": (
        "optimizer.market.terms.storage_price",
        lambda *_: 0.0,
        "rented",
        "bill, storage",
    ),
    "light checkpoints": (
        "optimizer.market.terms.state_gb",
        lambda *_: 0.0,
        "contract",
        "bill, egress",
    ),
    "no support": (
        "optimizer.plan.bill._support",
        lambda *_: iter(()),
        "contract",
        "bill, support",
    ),
    "nothing up front": (
        "optimizer.plan.bill._upfront",
        lambda *_: iter(()),
        "rented",
        "bill, up front",
    ),
    "no set-up": ("optimizer.plan.bill._once", lambda *_: iter(()), "contract", "bill, set-up"),
    "half the work": ("optimizer.market.hours.peak_hours", half(peak_hours), "laid out", "goodput"),
    "another peak": (
        "optimizer.market.run.training_flop",
        half(training_flop),
        "rented",
        "training_flop",
    ),
    "memory to spare": (
        "optimizer.plan.plan.memory_of",
        lambda found: 1.5 * 80.0,
        "laid out",
        "memory",
    ),
    "wide ranges": (
        "optimizer.plan.plan.cost_range",
        lambda *_: Span(1, 1e9),
        "rented",
        "cost_usd_range",
    ),
    "any capacity": (
        "optimizer.market.filters.capacity_within",
        lambda _: {"quota"},
        "at once",
        "capacity",
    ),
}


@pytest.mark.parametrize("wrong", MADE_WRONG)
def test_what_is_made_wrong_never_reaches_a_reader(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that makes a figure errs: market, program and plan follow, the check does not."""
    where, instead, kind, says = MADE_WRONG[wrong]
    catalog, asked = KINDS[kind]
    question = make_question("", **asked)
    if wrong != "any capacity":  # rightly nothing is on sale at once
        best_plan(question, catalog, today=TODAY)
    monkeypatch.setattr(where, instead)
    DRAWN.forget()
    with pytest.raises(BrokenPlanError, match=rf"[(; ]{says}\b"):
        best_plan(question, catalog, today=TODAY)


def test_the_check_knows_nothing_of_what_it_judges() -> None:
    """It imports records, and computes everything else itself."""
    folder = Path(check.__file__).parent
    records = {
        "catalog": {"Catalog", "Gpu", "Offer"},
        "optimizer.physics.mfu": {"Curve", "Staircase"},
        "optimizer.plan.plan": {"Plan"},
        "optimizer.market.run": {"Run"},
    }
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.Import), file.name
            if isinstance(node, ast.ImportFrom) and node.module not in sys.stdlib_module_names:
                module, names = str(node.module), {name.name for name in node.names}
                own = module.startswith(check.__name__)
                standard = module.partition(".")[0] in sys.stdlib_module_names
                assert own or standard or names <= records.get(module, set()), (file.name, module)
