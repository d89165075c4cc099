"""Why an offer is not the plan: what it costs more and for what, or which limit it misses."""

from dataclasses import replace
from math import inf

import numpy as np

from optimizer import say
from optimizer.explain.binding import what_ends
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
from problems.question import limit_words

NO_NETWORK = "no network between its nodes"


def why_dearer(plan: Fleet, other: Fleet) -> str:
    """What a fleet costs more than the plan, and the part of its bill that is most of it."""
    more = other.cost_usd - plan.cost_usd
    if more <= TOLERANCE * plan.cost_usd:
        return "costs the same" + (", on more GPUs" if other.gpus > plan.gpus else "")
    parts = [
        (theirs - ours, words)
        for ours, (theirs, words) in zip(
            _amounts(plan), zip(_amounts(other), _words(plan, other), strict=True), strict=True
        )
    ]
    return f"costs {say.usd(more)} more: {max(parts)[1]}"


def _amounts(fleet: Fleet) -> tuple[float, float, float, float]:
    """USD of the hours used, of those paid and not used, up front, and for storage and once."""
    term = fleet.candidate.term
    used = term.supported_usd_per_gpu_hour * fleet.gpu_hours
    idle = term.supported_usd_per_gpu_hour * (fleet.billed_gpu_hours - fleet.gpu_hours)
    upfront = term.upfront_usd_per_gpu * fleet.gpus
    return used, idle, upfront, fleet.cost_usd - used - idle - upfront


def _words(plan: Fleet, other: Fleet) -> tuple[str, str, str, str]:
    term = other.candidate.term
    share = 1 - other.gpu_hours / other.billed_gpu_hours
    idle = f"billed for {say.days(term.commitment_hours)} at least, {share:.0%} of it idle"
    if term.block_days is not None:
        idle = f"a block of {term.block_days} days is paid whole, {share:.0%} of it idle"
    elif other.pays_minimum:
        idle = f"{say.usd(term.minimum_usd)} are paid at least, {share:.0%} of it idle"
    upfront = f"{say.usd(term.upfront_usd_per_gpu)} a GPU up front"
    storage = f"{say.usd(_amounts(other)[3])} for storage"
    if term.once_usd(1):
        storage += ", set-up and egress"
    return price_and_speed(plan, other), idle, upfront, storage


def why_slower(market: Market, plan: Fleet, other: Fleet) -> str:
    """How much longer a fleet takes than the plan, and what keeps it from being faster."""
    longer = other.latest_hours - plan.latest_hours
    if longer <= TOLERANCE * plan.latest_hours:
        return "as fast" + (", and costs more" if other.cost_usd > plan.cost_usd else "")
    held = held_by(market, other) or "no larger fleet of it is faster"
    sure = say.surely(market.run.confidence)
    return f"takes {say.days(longer)} longer{sure}: {held}"


def held_by(market: Market, fleet: Fleet) -> str | None:
    """The limit that the next faster fleet would break; None where it would break none."""
    candidate, limits = fleet.candidate, market.limits
    offer, more = candidate.offer, candidate.hardware.faster_from(fleet.gpus)
    if more > candidate.most_gpus:
        if offer.fabric == "none":
            return NO_NETWORK
        return what_ends(market, candidate)[1]
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


def _limit_is(number: Number, limits: Limits) -> str:
    return f"the {limit_words(number.name)} is {number.say(number.asked(limits))}"


def why_not(market: Market) -> tuple[str, str]:
    """The offer of a market in which none keeps the limits that misses one least.

    Its name, and which limit by how much.
    """
    found = nearest(market)
    if found is None:
        own = market.segments
        return own.candidates[int(own.candidate[0])].offer.offer, "misses several limits at once"
    number, fleet, alone = found
    always = "" if alone else " whatever the other limits"
    said = _missed(market, number, fleet, always) if number else _past_the_term(market, fleet)
    return fleet.candidate.offer.offer, said


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


def _past_the_term(market: Market, fleet: Fleet) -> str:
    term, runs = fleet.candidate.term, market.run.runs
    hours = say.days(runs * (fleet.wall_hours - term.lead_hours))
    takes = "the run takes" if runs == 1 else f"{runs:,} runs take"
    return f"{takes} {hours} at best; the offer ends after {say.days(term.longest_hours)}"


def _missed(market: Market, number: Number, fleet: Fleet, always: str) -> str:
    least = number.say(fleet.value(number.objective))
    limit = _limit_is(number, market.limits)
    if number.name == "deadline":
        late = say.days(fleet.latest_hours - market.limits.deadline_hours)
        held = held_by(market, fleet)
        sure = say.surely(market.run.confidence)
        best = f"{least} at best{sure} on {say.gpus(fleet.gpus)}"
        said = f"misses the deadline by {late}{always}: {best}"
        return f"{said}; {held}" if held else said
    if number.name == "max_gpus":
        needs = f"needs {least}{always}" if always else f"needs {least} to keep the other limits"
        return f"{needs}; {limit}"
    return f"{number.bound.needs} {least} at least{always}; {limit}"


def why_over_budget(market: Market, fleet: Fleet) -> str:
    """An offer that only a lower price would bring within the budget."""
    budget = market.limits.budget_usd
    assert budget != NO_LIMIT, "there is a budget to be over"
    return f"costs {say.usd(fleet.cost_usd)} at least; the budget is {say.usd(budget)}"


def why_refused(refusal: Rejected) -> str:
    """Why an offer does not qualify, with the network it lacks where that is the cause."""
    alone = refusal.limit == "memory" and refusal.offer.fabric == "none"
    return refusal.reason + (f"; {NO_NETWORK}" if alone else "")
