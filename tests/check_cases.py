"""Plans of every kind, for the check: rented, under contract, owned, spot and more."""

from dataclasses import replace
from functools import cache

from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog
from optimizer import best_plan
from optimizer.market.market import open_market
from optimizer.market.run import Run
from optimizer.physics.mfu import Curve, Staircase
from optimizer.plan.plan import Plan
from problems import Question, make_question

CATALOG = make_catalog(
    [make_offer(commitment=100.0, upfront=5.0, lead=24.0), make_offer("beta_big", usd=9.0)],
    [make_gpu(), make_gpu("small", 300.0)],
)
HOPPER = replace(make_gpu(), architecture="Hopper")
CONTRACT = replace(
    make_offer(usd=1.0, pricing="reserved", longest=2000.0),
    setup_usd=900.0,
    minimum_usd=90_000.0,
    support_share=0.1,
    egress_usd=70.0,
    egress_usd_per_gb=0.5,
)
OWNED = make_offer("own_big", usd=0.0, pricing="owned", purchase=30_000.0, provider="own")
SPOT = make_offer(usd=1.0, pricing="spot", upfront=3.0)
SLICED = make_offer("gcp_tpu", "tpu_v6e", node=8, fabric="ici", most=256, upfront=100.0)
LAID_OUT = replace(make_catalog([make_offer()], [HOPPER]), efficiency={})
DEFAULT: dict[str, object] = {"model": "8B", "deadline": "30d"}
# Kinds of plan: the catalog, and what is asked of it.
KINDS: dict[str, tuple[Catalog, dict[str, object]]] = {
    "rented": (CATALOG, DEFAULT),
    "contract": (make_catalog([CONTRACT]), {**DEFAULT, "deadline": "60d", "runs": 3}),
    "owned": (make_catalog([OWNED]), {**DEFAULT, "pricing": "owned"}),
    "spot": (make_catalog([SPOT]), {**DEFAULT, "pricing": "spot", "deadline": "90d"}),
    "failing": (CATALOG, {**DEFAULT, "failures": 900}),
    "sure": (CATALOG, {**DEFAULT, "confidence": 0.9}),
    "laid out": (LAID_OUT, {**DEFAULT, "deadline": "90d"}),
    "capped": (CATALOG, {**DEFAULT, "power_cap": "100 kW", "minimize": "time"}),
    "fast": (make_catalog([make_offer()]), {**DEFAULT, "minimize": "time"}),
    "sliced": (
        make_catalog([SLICED], [make_gpu("tpu_v6e")], {"tpu_v6e": ((8, 0.5),)}),
        {**DEFAULT, "deadline": "9d"},
    ),
    "at once": (make_catalog([make_offer()]), {**DEFAULT, "capacity": "self_serve"}),
}
# On the others nothing is to be had.
PLANS = [kind for kind in KINDS if kind != "at once"]
Planned = tuple[Plan, Run, Catalog, Curve | Staircase]


@cache
def planned_as(kind: str) -> Planned:
    """A plan of one kind, its run, its catalog, and the MFU curve of its hardware."""
    catalog, asked = KINDS[kind]
    plan, run, curve = planned(catalog, **asked)
    return plan, run, catalog, curve


def planned(catalog: Catalog = CATALOG, **fields: object) -> tuple[Plan, Run, Curve | Staircase]:
    """A plan for an 8B model, its run, and the MFU curve of its hardware."""
    question: Question = make_question("", **{**DEFAULT, **fields})
    answer = best_plan(question, catalog, today=TODAY)
    assert answer.plan is not None
    market = open_market(question, catalog)
    (curve,) = {
        candidate.hardware.curve
        for candidate in market.candidates
        if candidate.offer.offer == answer.plan.offer
    }
    return answer.plan, market.run, curve
