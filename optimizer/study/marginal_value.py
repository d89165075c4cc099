"""What a little more room is worth: one more day, one more node, each by deciding again."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from catalog import Catalog, Offer
from catalog.units import HOURS_PER_DAY
from optimizer.market.candidates import Candidate, sold_gpus
from optimizer.market.hardware import key_of
from optimizer.market.limits import NO_LIMIT
from optimizer.market.market import Market, draw_market
from optimizer.market.run import Run
from optimizer.market.segments import ARRAYS, Segments
from optimizer.market.variation import only, with_limits
from optimizer.plan.plan import Plan
from optimizer.program.decide import Decision, decide


@dataclass(frozen=True, slots=True)
class Gain:
    """What the best plan with more room costs less, in USD, and takes less, in days."""

    usd: float
    days: float


NOTHING = Gain(0.0, 0.0)


def value_of_a_day(market: Market, plan: Plan) -> Gain:
    """The plan against the best one with the deadline 24 hours later."""
    later = market.limits.but(deadline=market.limits.deadline_hours + HOURS_PER_DAY)
    return _gain(market, plan, decide(with_limits(market, later)))


def value_of_a_node(market: Market, plan: Plan) -> Gain | None:
    """The plan against the best one with one more node of its offer within every limit of size.

    None where there is no such limit to raise: nodes without a network between them are used one
    at a time, however many there are.
    """
    raised = one_node_more(market.run, market.catalog, plan)
    if raised is None:
        return None
    run, catalog = raised
    changed = {key_of(offer) for offer in catalog.offers if _may_change(offer, run, plan)}
    same = tuple(offer for offer in catalog.offers if key_of(offer) in changed)
    wider = draw_market(run, replace(catalog, offers=same))
    others = only(market, lambda candidate: key_of(candidate.offer) not in changed)
    everything = _joined(others.segments, wider.segments)
    return _gain(market, plan, decide(replace(wider, segments=everything)))


def one_node_more(run: Run, catalog: Catalog, plan: Plan) -> tuple[Run, Catalog] | None:
    """The run and the catalog with the limits that hold the plan's offer one node higher.

    These are the cluster-size limit, the quota of its provider, the spot nodes where it is spot
    capacity, and the largest cluster of this offer, which no judgment then takes back.
    """
    node, most = plan.gpus_per_node, run.limits["max_gpus"]
    quota = {
        name: gpus + (node if name == plan.provider else 0) for name, gpus in run.quota.items()
    }
    alone = plan.fabric == "none"
    if alone and quota == run.quota and most == NO_LIMIT:
        return None
    spot_nodes = run.spot_nodes + (plan.pricing == "spot")
    limits = run.limits.but(max_gpus=most + node)
    raised = replace(run, limits=limits, quota=quota, spot_nodes=spot_nodes)

    def larger(offer: Offer) -> Offer:
        if offer.offer != plan.offer or alone:
            return offer
        return replace(offer, max_gpus=sold_gpus(offer, run) + node, max_gpus_basis="published")

    return raised, replace(catalog, offers=tuple(map(larger, catalog.offers)))


def _may_change(offer: Offer, run: Run, plan: Plan) -> bool:
    """Whether one more node can change what there is of an offer."""
    by_quota = offer.provider == plan.provider and offer.provider in run.quota
    by_spot = offer.pricing == plan.pricing == "spot"
    return offer.offer == plan.offer or by_quota or by_spot


def _joined(one: Segments, other: Segments) -> Segments:
    """The segments of two markets of the same run as those of one."""
    candidates: tuple[Candidate, ...] = (*one.candidates, *other.candidates)
    moved = replace(other, candidate=other.candidate + len(one.candidates))
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(one, name), getattr(moved, name)]) for name in ARRAYS
    }
    return replace(one, candidates=candidates, **joined)


def _gain(market: Market, plan: Plan, found: Decision | None) -> Gain:
    """Exactly nothing where the decision stays: a curve drawn further differs by a hair."""
    if found is None:
        return NOTHING
    best = found.fleet
    candidate = best.candidate
    same = (candidate.offer.offer, candidate.term.block_days, best.nodes)
    if same == (plan.offer, plan.block_days, plan.nodes):
        return NOTHING
    saved = plan.cost_usd - best.cost_usd
    sooner = plan.latest_days - best.latest_hours / HOURS_PER_DAY
    gain = saved if market.run.objective == "cost" else sooner
    # A curve drawn further may be worse by a hair; the plan is still there.
    return Gain(saved, sooner) if gain > 0 else NOTHING
