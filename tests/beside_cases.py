"""Answers of a predicted catalog that other stacks and published runs stand beside."""

from dataclasses import replace
from functools import cache
from typing import Any

from small_catalog import TODAY, make_catalog, make_offer
from step_cases import gpus

from catalog import Catalog, load_catalog
from optimizer import best_plan, estimate_fleet
from optimizer.answer import Answer
from optimizer.plan.estimate import Estimate
from optimizer.plan.plan import Plan
from problems import make_question

LLAMA = {"model": "llama-3.1-405b", "tokens": "15.6T"}


@cache
def predicted() -> Catalog:
    """Every kind of price on real parts, whose MFU is predicted: 16-bit runs on two of them."""
    sold = [
        make_offer("alpha_h100", "h100_sxm", usd=2.5),
        make_offer("beta_h200", "h200_sxm", usd=3.1, provider="beta"),
        make_offer("gamma_a100", "a100_sxm_80", usd=1.2, provider="gamma", commitment=400.0),
        make_offer("delta_spot", "h100_sxm", usd=1.5, pricing="spot", provider="delta"),
        make_offer("own_h100", "h100_sxm", usd=0.0, pricing="owned", purchase=4e4, provider="own"),
        make_offer(
            "zeta_block", "h200_sxm", usd=2.6, pricing="reserved", block_days=(7, 14, 28),
            provider="zeta",
        ),
    ]  # fmt: skip
    parts = [gpus()[name] for name in ("h100_sxm", "h200_sxm", "a100_sxm_80")]
    return replace(make_catalog(sold, parts), efficiency={})


def large() -> Catalog:
    """As many H100 as Llama 3.1 405B was trained on."""
    sold = make_offer("alpha_h100", "h100_sxm", most=16384)
    made = make_catalog([sold], [gpus()["h100_sxm"]])
    return replace(made, efficiency={}, sources=made.sources | load_catalog().sources)


QUESTIONS: dict[str, dict[str, Any]] = {
    "cheapest": {"model": "8B", "deadline": "30d"},
    "default": {"model": "13B", "tokens": "200B"},
    "fastest": {"model": "8B", "minimize": "time", "budget": "30k"},
    "surely": {"model": "8B", "deadline": "12d", "confidence": 0.9},
    "spot": {"model": "8B", "deadline": "30d", "pricing": "spot,on_demand"},
    "owned": {"model": "8B", "deadline": "30d", "pricing": "owned,reserved", "runs": 3},
    "mixture": {"model": "mixtral-8x7b", "tokens": "200B", "deadline": "20d"},
    "tuned": {"model": "8B", "deadline": "30d", "stack": "tuned"},
    "named": {"model": "8B", "deadline": "30d", "stack": "fsdp"},
    "long": {"model": "8B", "deadline": "30d", "seq_len": "32k"},
}


@cache
def answer(name: str) -> Answer:
    """The answer to one of the questions above."""
    return best_plan(make_question("", **QUESTIONS[name]), predicted(), today=TODAY)


def plan_of(found: Answer) -> Plan:
    """The plan, which is there."""
    assert found.plan is not None
    return found.plan


def estimated(gpu: str, gpus: int, **fields: Any) -> Estimate:
    """The estimate of a given fleet at a given price."""
    fleet = {"gpu": gpu, "gpus": gpus, "usd_per_gpu_hour": 2.0}
    return estimate_fleet(make_question("", **fields, fleet=fleet), load_catalog(), TODAY)
