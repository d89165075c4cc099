"""The price of a GPU-hour at which an offer costs no more than a given amount, exactly.

At n GPUs that is p(n) = (C - upfront(n) - storage(n) - once) / billed(n), support taken out, and
the break-even is its maximum over the fleets of the offer that keep every limit but the price's
own, the budget. On a segment all are lines in n, the last one with one kink, and a ratio of two
lines is monotonic, so the maximum is at an end of a segment or beside its kink. A minimum spend is
no matter of the price: a fleet that cannot pay it has none, and where one begins or ends to be
able to is a further end.
"""

from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np

from optimizer.market.candidates import Candidate
from optimizer.market.limits import NO_LIMIT
from optimizer.market.market import Market
from optimizer.market.owning import OwnRate
from optimizer.market.segments import TOLERANCE, Floats, Ints, Segments
from optimizer.market.variation import at_any_price, of_offer, only, without_offer
from optimizer.plan.plan import Plan
from optimizer.program.bounds import ends_and_kink, feasible
from optimizer.program.decide import decide
from optimizer.program.enumerate import Fleet, fleet_on

# No fleet keeps the limits; or what costs more than the rival by itself: the least of a contract,
# storage with what is paid up front, or the energy and colocation of what is bought.
NoPrice = Literal["no_fleet", "contract", "storage", "running"]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """USD per GPU-hour at which an offer costs as much as its rival; why there is none if None."""

    usd_per_gpu_hour: float | None
    no_price: NoPrice | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """Up to which price the plan's offer stays the best, and which offer is the best above it.

    Both are None where it has no rival and no budget. Without a rival but with a budget, no plan
    exists above the price.
    """

    loses_above_usd_per_gpu_hour: float | None
    loses_to: str | None


def fleet_of(market: Market, plan: Plan) -> Fleet:
    """The fleet that a plan of this market was made from."""

    def owns(candidate: Candidate) -> bool:
        offer, block = candidate.offer.offer, candidate.term.block_days
        return (offer, block) == (plan.offer, plan.block_days)

    own = only(market, owns).segments
    holds = (own.fewest_nodes <= plan.nodes) & (plan.nodes <= own.most_nodes)
    return fleet_on(own, int(np.flatnonzero(holds)[0]), plan.nodes)


def break_even(market: Market, rival: Fleet, offer: str) -> BreakEven:
    """The price below which ``offer`` beats the rival; of its own rate where it is bought."""
    own = feasible(at_any_price(of_offer(market, offer)))
    if not len(own):
        return BreakEven(None, "no_fleet")
    fleet = _best_paying(own, rival.cost_usd)
    if fleet is None:
        return BreakEven(None, "contract")
    price = _price(own, fleet, rival.cost_usd)
    if price <= 0:
        return BreakEven(None, "storage")
    rate = fleet.candidate.term.own
    if rate is not None and price <= rate.running:
        return BreakEven(None, "running")
    return BreakEven(price)


def lead_of(market: Market, plan: Fleet) -> Lead:
    """How far the price of the plan's offer may rise, every other price as it is."""
    winner = plan.candidate.offer.offer
    found = decide(without_offer(market, winner), objective="cost")
    rival = found.fleet if found is not None else None
    most = rival.cost_usd if rival is not None else market.limits.budget_usd
    own = feasible(at_any_price(of_offer(market, winner)))
    fleet = _best_paying(own, most) if most != NO_LIMIT else None
    if fleet is None:
        return Lead(None, None)
    loses_to = None if rival is None else rival.candidate.offer.offer
    return Lead(_price(own, fleet, most), loses_to)


def purchase_at(candidate: Candidate, usd_per_gpu_hour: float) -> float:
    """USD a GPU at which the server of an owned offer has that rate: both are in proportion."""
    rate: OwnRate | None = candidate.term.own
    assert rate is not None, "only what is bought has a rate of its own"
    bought = candidate.offer.purchase_usd_per_gpu or 0.0
    capital = rate.usd_per_gpu_hour - rate.running
    return bought * (usd_per_gpu_hour - rate.running) / capital


def _best_paying(segments: Segments, cost_usd: float) -> Fleet | None:
    """The fleet that can pay the highest price an hour and cost no more than this; None of none."""
    if not len(segments):
        return None
    trials = np.stack([*ends_and_kink(segments), *_beside_the_minimum(segments, cost_usd)])
    prices = np.stack([_prices(segments, nodes, cost_usd) for nodes in trials])
    trial, segment = np.unravel_index(np.argmax(prices), trials.shape)
    if prices[trial, segment] == -inf:
        return None
    return fleet_on(segments, int(segment), int(trials[trial, segment]))


def _prices(segments: Segments, nodes: Ints, cost_usd: float) -> Floats:
    """What a GPU-hour with its support may cost; minus infinity where the minimum costs more."""
    left = cost_usd - segments.fixed(nodes)
    support = np.array([1 + candidate.term.support_share for candidate in segments.candidates])
    prices = left / (segments.by_time(nodes) * support[segments.candidate])
    unpaid = (segments.minimum_usd > 0) & (left < segments.minimum_usd * (1 - TOLERANCE))
    return np.where(unpaid, -inf, prices)


def _beside_the_minimum(segments: Segments, cost_usd: float) -> list[Ints]:
    """The nodes of each segment beside which the minimum spend is all that can be paid."""
    if not segments.minimum_usd.any():
        return []
    none = np.zeros(len(segments))
    left = cost_usd - segments.minimum_usd - segments.fixed(none)
    each = segments.fixed(none + 1) - segments.fixed(none)
    edge = np.divide(left, each, out=none, where=each != 0)
    edge = np.clip(edge, segments.fewest_nodes, segments.most_nodes)
    return [side(edge).astype(np.int64) for side in (np.floor, np.ceil)]


def _price(segments: Segments, fleet: Fleet, cost_usd: float) -> float:
    term, runs = fleet.candidate.term, segments.runs
    fixed = term.storage_usd_per_hour * runs * fleet.stay_hours + term.once_usd(runs)
    fixed += term.upfront_usd_per_gpu * fleet.gpus
    by_time = max(fleet.gpu_hours, term.commitment_hours * fleet.gpus)
    return (cost_usd - fixed) / (by_time * (1 + term.support_share))
