"""Why an offer is not the plan: what it costs more and for what, or which limit it misses."""

from dataclasses import replace
from math import inf

import numpy as np

from optimizer.explain.binding import what_ends
from optimizer.explain.differences import PaidIdle, PriceAndSpeed
from optimizer.explain.ruled_out import missed_least
from optimizer.explain.runners_up import price_and_speed
from optimizer.market.candidates import Rejected
from optimizer.market.limits import NO_LIMIT, NUMBERS, Limits, Number
from optimizer.market.market import Market
from optimizer.market.segments import TOLERANCE
from optimizer.market.variation import of_offer, with_limits
from optimizer.program.bounds import feasible
from optimizer.program.decide import decide
from optimizer.program.enumerate import Fleet, best_fleet
from optimizer.study.losses import (
    AsFast,
    CostsMore,
    CostsTheSame,
    HeldBy,
    LimitIs,
    Misses,
    MissesSeveral,
    NoNetwork,
    OverBudget,
    PastTerm,
    Refused,
    Storage,
    TakesLonger,
    Upfront,
)


def why_dearer(plan: Fleet, other: Fleet) -> CostsMore | CostsTheSame:
    """What a fleet costs more than the plan, and the part of its bill that is most of it."""
    more = other.cost_usd - plan.cost_usd
    if more <= TOLERANCE * plan.cost_usd:
        return CostsTheSame(on_more_gpus=other.gpus > plan.gpus)
    amounts = zip(_amounts(plan), _amounts(other), strict=True)
    differences = [theirs - ours for ours, theirs in amounts]
    most = max(range(len(differences)), key=lambda part: differences[part])
    return CostsMore(more, _parts(plan, other)[most])


def _amounts(fleet: Fleet) -> tuple[float, float, float, float]:
    """USD of the hours used, of those paid and not used, up front, and for storage and once."""
    term = fleet.candidate.term
    used = term.supported_usd_per_gpu_hour * fleet.gpu_hours
    idle = term.supported_usd_per_gpu_hour * (fleet.billed_gpu_hours - fleet.gpu_hours)
    upfront = term.upfront_usd_per_gpu * fleet.gpus
    return used, idle, upfront, fleet.cost_usd - used - idle - upfront


def _parts(plan: Fleet, other: Fleet) -> tuple[PriceAndSpeed, PaidIdle, Upfront, Storage]:
    """What to say of each of those amounts."""
    term = other.candidate.term
    share = 1 - other.gpu_hours / other.billed_gpu_hours
    minimum = term.minimum_usd if other.pays_minimum else None
    return (
        price_and_speed(plan, other),
        PaidIdle(share, term.block_days, minimum, term.commitment_hours),
        Upfront(term.upfront_usd_per_gpu),
        Storage(_amounts(other)[3], paid_once=bool(term.once_usd(1))),
    )


def why_slower(market: Market, plan: Fleet, other: Fleet) -> TakesLonger | AsFast:
    """How much longer a fleet takes than the plan, and what keeps it from being faster."""
    longer = other.latest_hours - plan.latest_hours
    if longer <= TOLERANCE * plan.latest_hours:
        return AsFast(costs_more=other.cost_usd > plan.cost_usd)
    return TakesLonger(longer, market.run.confidence, held_by(market, other))


def held_by(market: Market, fleet: Fleet) -> HeldBy | None:
    """The limit that the next faster fleet would break; None where it would break none."""
    candidate, limits = fleet.candidate, market.limits
    offer, more = candidate.offer, candidate.hardware.faster_from(fleet.gpus)
    if more > candidate.most_gpus:
        if offer.fabric == "none":
            return NoNetwork()
        return what_ends(market, candidate)
    # Limits on what grows with the fleet alone; of the others the fastest fleet tells.
    grows = {"max_gpus": float(more), "power_cap": candidate.term.kw_per_gpu * more}
    for number in NUMBERS:
        if grows.get(number.name, 0.0) > number.asked(limits):
            return _limit_is(number, limits)
    for number in NUMBERS:
        if number.name not in ("deadline", *grows) and _slows(number, market, offer.offer):
            return _limit_is(number, limits)
    return None


def _slows(number: Number, market: Market, offer: str) -> bool:
    """Whether an offer has a faster fleet without this limit."""
    if number.asked(market.limits) == NO_LIMIT:
        return False
    own = of_offer(market, offer)
    freed = decide(with_limits(own, number.dropped(own.limits)), objective="time")
    held = decide(own, objective="time")
    return (freed and freed.fleet) != (held and held.fleet)


def _limit_is(number: Number, limits: Limits) -> LimitIs:
    return LimitIs(number.name, number.asked(limits))


def why_not(market: Market) -> tuple[str, Misses | PastTerm | MissesSeveral]:
    """The offer of a market in which none keeps the limits that misses one least.

    Its name, and which limit by how much.
    """
    found = nearest(market)
    if found is None:
        own = market.segments
        return own.candidates[int(own.candidate[0])].offer.offer, MissesSeveral()
    number, fleet, alone = found
    offer = fleet.candidate.offer.offer
    if number is None:
        return offer, _past_the_term(market, fleet)
    return offer, _missed(market, number, fleet, alone)


def nearest(market: Market) -> tuple[Number | None, Fleet, bool] | None:
    """The limit that is missed, the fleet that misses it least, and whether it alone is missed.

    No limit, where the offer itself ends too early. None where each limit could be kept, but
    not all of them at once.
    """
    missed = missed_least(market)
    if missed is not None:
        return missed
    own = market.segments
    if len(feasible(with_limits(market, Limits()))):
        return None
    longest = own.take(own.longest_hours == own.longest_hours.max())
    endless = replace(longest, longest_hours=np.full(len(longest), inf))
    fleet = best_fleet(endless, "time")
    assert fleet is not None, "every candidate has fleets, however long they take"
    return None, fleet, True


def _past_the_term(market: Market, fleet: Fleet) -> PastTerm:
    term, runs = fleet.candidate.term, market.run.runs
    return PastTerm(runs, runs * (fleet.wall_hours - term.lead_hours), term.longest_hours)


def _missed(market: Market, number: Number, fleet: Fleet, alone: bool) -> Misses:
    late = number.name == "deadline"
    return Misses(
        limit=number.name,
        least=fleet.value(number.objective),
        asked=number.asked(market.limits),
        alone=alone,
        gpus=fleet.gpus,
        confidence=market.run.confidence,
        held_by=held_by(market, fleet) if late else None,
    )


def why_over_budget(market: Market, fleet: Fleet) -> OverBudget:
    """An offer that only a lower price would bring within the budget."""
    budget = market.limits.budget_usd
    assert budget != NO_LIMIT, "there is a budget to be over"
    return OverBudget(fleet.cost_usd, budget)


def why_refused(refusal: Rejected) -> Refused:
    """Why an offer does not qualify, with the network it lacks where that is the cause."""
    alone = refusal.limit == "memory" and refusal.offer.fabric == "none"
    return Refused(refusal, no_network=alone)
