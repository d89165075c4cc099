"""With predicted speeds: plan and estimate are one, and the optimum is that of a count.

Nothing is a line between breakpoints here: storage, interruptions and every term are exact.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from drawn_cases import KINDS, offers
from exhaustive import allowed, every_fleet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_catalog import TODAY, make_catalog

from catalog import Catalog, load_catalog
from catalog.load import load_gpus
from optimizer import best_plan
from optimizer.market.market import Market, open_market
from optimizer.plan.check import broken_promises
from optimizer.plan.estimate import estimate_fleet
from optimizer.plan.plan import make_plan
from optimizer.program.enumerate import Fleet, fleet_on
from problems import Question, make_question

EXACT = 1e-9
# More of them on request: CI draws some.
QUESTIONS = int(os.environ.get("SIXND_QUESTIONS", "60"))
FLEETS = int(os.environ.get("SIXND_FLEETS", "60"))
PARTS = ("h100_sxm", "a100_sxm_80", "b200_sxm", "rtx_a6000", "mi300x")
RUNS = (("llama-3.1-8b", "200B"), ("13B", "100B"), ("mixtral-8x7b", "50B"), ("70B", "10B"))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Question, Catalog]:
    """Offers of real parts with any terms, and a question with limits from slack to impossible."""
    gpus = [load_gpus()[name] for name in draw(st.sets(st.sampled_from(PARTS), min_size=1))]
    kinds = (*KINDS, "spot")
    sold = [draw(offers(f"o{i}", gpus, kinds)) for i in range(draw(st.integers(1, 4)))]
    catalog = replace(make_catalog(sold, gpus), efficiency={})
    model, tokens = draw(st.sampled_from(RUNS))
    fields: dict[str, object] = {"model": model, "tokens": tokens, "precision": "bf16"}
    fields["pricing"] = "on_demand,reserved,owned,spot"
    fields["runs"] = draw(st.sampled_from([1, 1, 3]))
    fields["deadline"] = f"{draw(st.floats(20, 4000)):.2f}h"
    fields["failures"] = draw(st.floats(0, 900))
    fields["minimize"] = draw(st.sampled_from(["cost", "time"]))
    if draw(st.booleans()):
        fields["max_gpus"] = draw(st.integers(1, 130))
    if draw(st.booleans()):
        fields["budget"] = f"{draw(st.floats(1000, 2_000_000)):.2f}"
    return make_question("", **fields), catalog


@pytest.mark.slow
@settings(max_examples=QUESTIONS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_the_plan_is_the_best_of_all_sizes_offers_and_terms(case: tuple[Question, Catalog]) -> None:
    """Cost, or days, and feasibility agree with the count: no regret."""
    question, catalog = case
    fleets = allowed(list(every_fleet(question, catalog)), question)
    plan = best_plan(question, catalog, today=TODAY).plan
    if not fleets:
        assert plan is None
        return
    assert plan is not None
    if question.minimize == "cost":
        assert plan.cost_usd == pytest.approx(min(f.cost_usd for f in fleets), rel=EXACT)
    else:
        assert plan.days * 24 == pytest.approx(min(f.wall_hours for f in fleets), rel=EXACT)


@pytest.mark.slow
def test_an_estimate_of_any_fleet_is_what_a_plan_of_it_says() -> None:
    """Days, cost, hours, MFU, ranges and layout, idle GPUs or not; and the check agrees."""
    drawn = random.Random(7)
    catalog, seen = load_catalog(), 0
    while seen < FLEETS:
        market = _market(drawn, catalog)
        for fleet in _some_fleets(market, drawn):
            plan, offer = make_plan(market.run, catalog, fleet), fleet.candidate.offer
            curve = fleet.candidate.hardware.curve
            broken = broken_promises(plan, market.run, catalog, curve)
            # No limit is applied to these fleets, not that of the offer either.
            assert all(one.startswith("term: ") for one in broken), broken
            asked = {"gpu": offer.gpu, "gpus": fleet.gpus}
            question = market.run.question.model_dump(include={"model", "tokens"})
            question |= {"pricing": offer.pricing, "fleet": asked}
            alone = replace(catalog, offers=(offer,))
            estimate = estimate_fleet(make_question("", **question), alone, TODAY)
            assert estimate.cost_usd is not None
            assert estimate.cost_usd_range is not None
            said = (estimate.days, estimate.cost_usd, estimate.gpu_hours, estimate.mfu)
            assert said == pytest.approx(
                (plan.days, plan.cost_usd, plan.gpu_hours, plan.mfu), EXACT
            )
            assert estimate.days_range.high == pytest.approx(plan.days_range.high, EXACT)
            assert estimate.cost_usd_range.low == pytest.approx(plan.cost_usd_range.low, EXACT)
            assert estimate.layout == plan.layout
            seen += 1


def test_a_speed_of_ones_own_keeps_the_layout_of_its_nodes() -> None:
    """16,000 GPUs in nodes of 8 split layers inside a node, as a plan of theirs does."""
    fleet = {"gpu": "h100_sxm", "gpus": 16_000}
    fields = {"model": "llama-3.1-405b", "tokens": "15T", "tflops_per_gpu": 400, "fleet": fleet}
    layout = estimate_fleet(make_question("", **fields), load_catalog(), TODAY).layout
    assert layout is not None
    assert layout.gpus_per_node == 8
    assert layout.tensor > 1
    assert layout.idle < 1000


def _market(drawn: random.Random, catalog: Catalog) -> Market:
    """A run of any size on any kind of price."""
    models = ("7B", "70B", "llama-3.1-405b", "mixtral-8x7b", "deepseek-v3", "gemma-2-27b")
    kinds = ("on_demand", "reserved", "spot", "marketplace", "owned")
    fields = {"model": drawn.choice(models), "tokens": "1T", "deadline": "9y"}
    return open_market(make_question("", **fields, pricing=drawn.choice(kinds)), catalog)


def _some_fleets(market: Market, drawn: random.Random) -> Iterator[Fleet]:
    """Five fleets of any size that can be had, blocks left out."""
    segments = market.segments
    for _ in range(5 if len(segments) else 0):
        index = drawn.randrange(len(segments))
        most = int(segments.most_nodes[index])
        fleet = fleet_on(segments, index, drawn.randint(int(segments.fewest_nodes[index]), most))
        if not fleet.candidate.offer.block_days:
            yield fleet
