"""Suggestions for questions without a plan, on the shipped catalog: each is a promise."""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from small_catalog import TODAY

from catalog import Catalog, load_catalog
from optimizer.explain.reason import Reason
from optimizer.explain.relax import reasons
from optimizer.market.limits import NUMBERS
from optimizer.market.market import Market, open_market
from optimizer.plan.estimate import estimate_fleet
from optimizer.program.bounds import within
from optimizer.program.enumerate import Fleet, best_fleet
from problems import ProblemError, Question, make_question

# More of them on request: CI draws some.
SUGGESTIONS = int(os.environ.get("SIXND_SUGGESTIONS", "40"))
EXACT = 1e-9
# Limits to ask for, and what they are set to: most of it is out of reach.
ASKED: dict[str, tuple[object, ...]] = {
    "deadline": ("12h", "1d", "3d", "10d"),
    "max_gpus": (8, 32, 64, 256, 1000),
    "budget": ("1k", "20k", "300k", "2M"),
    "power_cap": ("20kW", "200kW"),
    "gpu": ("h100", "a100", "b200", "rtx_a6000", "mi300x"),
    "provider": ("aws", "lambda", "gcp"),
    "confidence": (0.95,),
}
MODELS = ("7B", "13B", "70B", "llama-3.1-8b", "llama-3.1-405b", "mixtral-8x7b", "deepseek-v3")
PRICING = ("on_demand", "on_demand,reserved", "spot", "on_demand,reserved,owned")
# A digit less than the suggestion has.
STEPS = {"deadline": 0.02, "max_gpus": 1.0, "budget": 0.02, "power_cap": 0.11}
ROUNDED = 2e-3


@cache
def shipped() -> Catalog:
    """The shipped catalog."""
    return load_catalog()


def out_of_reach(drawn: random.Random) -> Iterator[tuple[dict[str, Any], Market]]:
    """Questions drawn at random that have no plan, with their markets."""
    while True:
        fields: dict[str, Any] = {
            "model": drawn.choice(MODELS),
            "tokens": drawn.choice(("100B", "1T", "5T")),
            "pricing": drawn.choice(PRICING),
        }
        for name in drawn.sample(sorted(ASKED), drawn.randint(1, 3)):
            fields[name] = drawn.choice(ASKED[name])
        try:
            market = open_market(make_question("", **fields), shipped())
        except ProblemError:
            continue
        if best(market) is None:
            yield fields, market


def best(market: Market) -> Fleet | None:
    """The cheapest fleet within the limits."""
    return best_fleet(within(market.segments, market.limits), "cost")


@pytest.mark.slow
def test_no_suggestion_misses_its_limit_and_a_little_less_does_not_do() -> None:
    """Fed back in each gives a plan, which is that of its own layout; a digit less gives none."""
    seen, questions = 0, out_of_reach(random.Random(11))
    while seen < SUGGESTIONS:
        fields, market = next(questions)
        for reason in reasons(market):
            if reason.fields:
                check(fields, reason)
                seen += 1


def check(fields: dict[str, Any], reason: Reason) -> None:
    """One suggestion, fed back in."""
    changed = {**fields, **reason.fields}
    question = make_question("", **changed)
    market = open_market(question, shipped())
    fleet = best(market)
    assert fleet is not None, changed
    keeps_by_its_layout(question, market, fleet)
    for number in NUMBERS:
        if set(reason.fields) == {number.name}:
            asked = number.asked(market.limits)
            less = min(asked * (1 - ROUNDED), asked - STEPS[number.name])
            limits = market.limits.but(**{number.name: less})
            assert best_fleet(within(market.segments, limits), "cost") is None, changed


def keeps_by_its_layout(question: Question, market: Market, fleet: Fleet) -> None:
    """The estimate of exactly that fleet takes as long and costs as much."""
    offer = fleet.candidate.offer
    if offer.block_days:
        return
    asked = question.model_dump(include={"model", "tokens"})
    asked |= {"pricing": offer.pricing, "fleet": {"gpu": offer.gpu, "gpus": fleet.gpus}}
    estimate = estimate_fleet(
        make_question("", **asked), replace(shipped(), offers=(offer,)), TODAY
    )
    if estimate.cost_usd is not None:
        assert estimate.days * 24 == pytest.approx(fleet.wall_hours, EXACT)
        assert estimate.cost_usd == pytest.approx(fleet.cost_usd, EXACT)
