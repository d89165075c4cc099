"""The judge: a true plan passes, and every figure that is bent is caught."""

from dataclasses import replace

import pytest
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog
from optimizer.answer import BrokenPlanError, best_plan
from optimizer.market.market import open_market
from optimizer.market.run import Run, make_run
from optimizer.physics.mfu import Curve, Staircase
from optimizer.plan.check import broken_promises
from optimizer.plan.plan import Plan, Span
from problems import Question, make_question

CATALOG = make_catalog(
    [make_offer(commitment=100.0, upfront=5.0, lead=24.0), make_offer("beta_big", usd=9.0)],
    [make_gpu(), make_gpu("small", 300.0)],
)


def planned(catalog: Catalog = CATALOG, **fields: object) -> tuple[Plan, Run, Curve | Staircase]:
    """A plan for an 8B model, its run, and the MFU curve of its hardware."""
    question: Question = make_question("", **{"model": "8B", "deadline": "30d", **fields})
    answer = best_plan(question, catalog, today=TODAY)
    assert answer.plan is not None
    market = open_market(question, catalog)
    (curve,) = {
        candidate.hardware.curve
        for candidate in market.candidates
        if candidate.offer.offer == answer.plan.offer
    }
    return answer.plan, market.run, curve


def test_a_true_plan_keeps_its_promises() -> None:
    """Nothing to say about a plan that is right."""
    plan, run, curve = planned()
    assert broken_promises(plan, run, CATALOG, curve) == []


@pytest.mark.parametrize(
    ("field", "bent"),
    [
        ("gpus", 9),
        ("nodes", 0),
        ("days", 1.0),
        ("gpu_hours", 1.0),
        ("billed_gpu_hours", 1.0),
        ("cost_usd", 1.0),
        ("mfu", 0.99),
        ("training_flop", 1e20),
        ("usd_per_gpu_hour", 0.5),
        ("provider", "nobody"),
        ("source", "elsewhere"),
        ("memory_gb_per_gpu", 79.0),
        ("goodput", 0.5),
        ("runs", 2),
        ("fabric", "roce"),
        ("block_days", 365),
        ("bill", ()),
        ("days_range", Span(1.0, 2.0)),
    ],
)
def test_a_bent_figure_is_caught(field: str, bent: object) -> None:
    """Each figure of a plan is recomputed, not believed."""
    plan, run, curve = planned()
    broken = broken_promises(replace(plan, **{field: bent}), run, CATALOG, curve)  # type: ignore[arg-type]
    assert broken


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({"deadline": "1h"}, "deadline"),
        ({"budget": "1 USD"}, "budget"),
        ({"max_gpus": 1}, "max_gpus"),
        ({"gpu": "small"}, "gpu"),
        ({"pricing": "spot"}, "pricing"),
        ({"region": "eu"}, "region"),
        ({"provider": "gamma"}, "provider"),
        ({"exclude_gpu": "big"}, "gpu"),
        ({"exclude_provider": "alpha"}, "provider"),
        ({"exclude_region": "US"}, "region"),
        ({"fabric": "efa"}, "fabric"),
        ({"quota": {"alpha": 7}}, "gpus"),
        ({"power_cap": "1kW"}, "power_cap"),
    ],
)
def test_a_broken_limit_is_caught(fields: dict[str, object], limit: str) -> None:
    """A plan made for one question is not a plan for a stricter one."""
    plan, _, curve = planned()
    other = make_offer("gamma_small", gpu="small", provider="gamma", region="eu", pricing="spot")
    wider = replace(CATALOG, offers=(*CATALOG.offers, other))
    run = make_run(make_question("", **{"model": "8B", **fields}), wider)
    assert any(broken.startswith(limit) for broken in broken_promises(plan, run, wider, curve))


def test_an_offer_that_is_gone_is_caught() -> None:
    """The offer must be in the catalog that the plan is checked against."""
    plan, run, curve = planned()
    assert broken_promises(plan, run, make_catalog([make_offer("other")]), curve)


def test_a_broken_plan_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the check finds something, there is an error instead of an answer."""
    monkeypatch.setattr("optimizer.answer.broken_promises", lambda *_: ["cost_usd: wrong"])
    with pytest.raises(BrokenPlanError, match="cost_usd: wrong"):
        planned()


def test_the_user_s_own_speed_is_checked_too() -> None:
    """TFLOP/s and MFU that a user gave are promises like the catalog's."""
    for fields in ({"mfu": 0.3}, {"tflops_per_gpu": 250}, {"tokens_per_second_per_gpu": 5000}):
        plan, run, curve = planned(**fields)
        assert broken_promises(plan, run, CATALOG, curve) == []
        assert broken_promises(replace(plan, mfu=plan.mfu * 1.01), run, CATALOG, curve)
