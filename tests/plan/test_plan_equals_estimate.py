"""A plan's own fleet, given: its estimate says the same days, USD, MFU and energy, to the cent."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from small_catalog import TODAY

from catalog import Catalog, load_catalog
from catalog.slices import sizes_sold
from optimizer import Estimate, Plan, best_plan, estimate_fleet
from optimizer.physics.energy import footprint
from problems import make_question

CENT = 0.005
EXACT = 1e-12
# What each kind of question asks for, on the shipped offers.
ASKED: dict[str, dict[str, object]] = {
    "on demand": {"model": "70B", "deadline": "30d", "pricing": "on_demand", "gpu": "B200"},
    "spot": {"model": "8B", "deadline": "60d", "pricing": "spot", "gpu": "H100"},
    "marketplace": {"model": "1B", "deadline": "60d", "pricing": "marketplace", "gpu": "H100"},
    "reserved": {"model": "70B", "deadline": "90d", "pricing": "reserved", "gpu": "H100"},
    "unused commitment": {"model": "8B", "deadline": "9d", "pricing": "reserved", "gpu": "H100"},
    "block": {"model": "13B", "deadline": "60d", "provider": "gcp", "pricing": "reserved"},
    "owned": {"model": "70B", "deadline": "60d", "pricing": "owned", "gpu": "H100"},
    "slice of TPUs": {"model": "70B", "deadline": "60d", "gpu": "tpu_v5p"},
    "mixture of experts": {
        "model": "deepseek-v3",
        "tokens": "1T",
        "precision": "fp8",
        "gpu": "H100",
    },
    "failures": {"model": "70B", "deadline": "60d", "failures": 60, "gpu": "B200"},
    "measured": {"model": "13B", "deadline": "30d", "mfu": 0.41, "gpu": "h100_sxm"},
    "stack": {"model": "70B", "deadline": "30d", "stack": "tuned", "gpu": "B200"},
    "pilot": {"model": "llama-3.1-8b", "tokens": "1T", "deadline": "30d", "gpu": "h100_sxm"},
    "confidence": {"model": "70B", "deadline": "99d", "confidence": 0.9, "gpu": "H100"},
    "by time": {"model": "8B", "tokens": "1T", "minimize": "time", "budget": "250k", "gpu": "B200"},
}
# What names the offer, or chooses among fleets: nothing is chosen of one that is given.
CHOOSING = ("gpu", "provider", "minimize", "budget", "confidence")


@lru_cache(maxsize=1)
def facts() -> Catalog:
    """The shipped catalog."""
    return load_catalog()


def both(fields: dict[str, object]) -> tuple[Plan, Estimate]:
    """The plan of a question, and the estimate of its fleet on its offer alone."""
    plan = best_plan(make_question("", **fields), facts(), today=TODAY).plan
    assert plan is not None
    rest = {key: value for key, value in fields.items() if key not in CHOOSING}
    fleet = {"gpu": plan.gpu, "gpus": plan.gpus}
    offers = tuple(offer for offer in facts().offers if offer.offer == plan.offer)
    alone = replace(facts(), offers=offers)
    question = make_question("", **rest | {"fleet": fleet, "pricing": plan.pricing})
    return plan, estimate_fleet(question, alone, TODAY)


def in_slices(plan: Plan) -> bool:
    """Whether the fleet is one that its offer sells whole."""
    sold = next(offer for offer in facts().offers if offer.offer == plan.offer)
    return plan.gpus in (sizes_sold(sold) or ())


# What makes a plan one of its kind.
OF_ITS_KIND: dict[str, Callable[[Plan], bool]] = {
    "spot": lambda plan: plan.slack_days > 0,
    "block": lambda plan: plan.block_days is not None,
    "unused commitment": lambda plan: plan.billed_gpu_hours > 1.01 * plan.gpu_hours,
    "slice of TPUs": in_slices,
    "mixture of experts": lambda plan: plan.layout is not None and plan.layout.expert > 1,
    "failures": lambda plan: plan.goodput < 1,
    "measured": lambda plan: plan.mfu_basis == "given",
    "confidence": lambda plan: plan.promised_days is not None,
}


@pytest.mark.parametrize("name", ASKED)
def test_a_plan_and_the_estimate_of_its_fleet_agree(tmp_path: Path, name: str) -> None:
    """On every kind of price, part and speed."""
    fields = dict(ASKED[name])
    if name == "pilot":
        path = tmp_path / "pilots.csv"
        path.write_text("gpu,gpus,tokens_per_sec_per_gpu\nh100_sxm,64,11000\n", encoding="utf-8")
        fields["pilot"] = str(path)
    plan, estimate = both(fields)
    assert name not in OF_ITS_KIND or OF_ITS_KIND[name](plan)
    assert estimate.price_basis.startswith(f"{plan.offer}, ")
    assert estimate.gpus == plan.gpus
    assert estimate.cost_usd == pytest.approx(plan.cost_usd, rel=EXACT, abs=CENT)
    for key in ("days", "lead_days", "gpu_hours", "mfu", "goodput", "usd_per_gpu_hour"):
        assert getattr(estimate, key) == pytest.approx(getattr(plan, key), rel=EXACT), key
    assert estimate.cost_usd_range is not None
    for its, planned in (
        (estimate.days_range, plan.days_range),
        (estimate.cost_usd_range, plan.cost_usd_range),
    ):
        assert (its.low, its.high) == pytest.approx((planned.low, planned.high), rel=EXACT)
    assert (estimate.layout, estimate.memory_gb_per_gpu) == (plan.layout, plan.memory_gb_per_gpu)
    assert energy(plan, estimate) == pytest.approx((plan.energy_mwh, plan.co2_kg), rel=EXACT)


def energy(plan: Plan, estimate: Estimate) -> tuple[float, float]:
    """MWh and kg of CO2 of the estimate's GPU-hours on the plan's offer."""
    offer = next(offer for offer in facts().offers if offer.offer == plan.offer)
    drawn = footprint(facts().gpus[plan.gpu], offer, estimate.gpu_hours, facts())
    return drawn.energy_mwh, drawn.co2_kg


def test_spot_capacity_at_a_price_of_ones_own_is_taken_back_too() -> None:
    """A typed price changes what an hour costs, not how many of them the days consist of."""

    def estimated(pricing: str, **more: object) -> Estimate:
        fleet = {"gpu": "h100_sxm", "gpus": 56, **more}
        asked = make_question("", model="13B", pricing=pricing, fleet=fleet)
        return estimate_fleet(asked, facts(), today=TODAY)

    listed, typed = estimated("spot"), estimated("spot", usd_per_gpu_hour=2.0)
    by_hour = estimated("on_demand", usd_per_gpu_hour=2.0)
    assert typed.cost_usd is not None
    assert (typed.days, typed.goodput) == pytest.approx((listed.days, listed.goodput))
    assert typed.cost_usd == pytest.approx(2.0 * typed.gpu_hours, rel=0.01)
    assert by_hour.days < 0.5 * typed.days
    for one in (listed, typed):
        (said,) = [warning for warning in one.warnings if "spot" in warning]
        # 25 % of what is expected are slack: a fifth of the whole.
        assert said.endswith(f"and {one.days / 5:.4g} days of the {one.days:.4g} days are slack")
        assert "spot" in [assumption.name for assumption in one.assumptions]
    assert not any("spot" in warning for warning in by_hour.warnings)
