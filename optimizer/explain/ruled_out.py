"""Why a GPU model has no fleet to give."""

from collections import defaultdict
from dataclasses import dataclass

from optimizer import say
from optimizer.market.candidates import Rejected
from optimizer.market.limits import NUMBERS, Limits, Number
from optimizer.market.market import Market
from optimizer.market.variation import only, with_limits
from optimizer.program.bounds import feasible
from optimizer.program.decide import Decision, decide
from optimizer.program.enumerate import Fleet
from problems.fields import SPEEDS

# Limits that lie in the part and the model, not in what was asked for.
PHYSICAL = ("memory", "precision", *SPEEDS, "global_batch", "quota", "spot_nodes", "price")


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A GPU model none of whose fleets keeps the limits, and what stands in the way.

    ``short`` says the same in a few words, for lists sorted by ``limit``.
    """

    gpu: str
    limit: str
    reason: str
    short: str


def ruled_out(market: Market) -> list[RuledOut]:
    """The GPU models that were asked for, or else on offer, and have no fleet to give."""
    kept = feasible(market)
    able = {kept.candidates[i].offer.gpu for i in set(kept.candidate.tolist())}
    qualified = {candidate.offer.gpu for candidate in market.candidates} - able
    refused: dict[str, list[Rejected]] = defaultdict(list)
    for refusal in market.rejected:
        if refusal.limit in PHYSICAL and refusal.offer.gpu not in able:
            refused[refusal.offer.gpu].append(refusal)
    return [
        _too_limited(market, gpu) if gpu in qualified else _unfit(refused[gpu])
        for gpu in sorted({*qualified, *refused})
    ]


def _unfit(refusals: list[Rejected]) -> RuledOut:
    """A GPU model that no offer sells in a way that could run the model."""
    nearest = max(refusals, key=lambda refusal: refusal.offer.max_gpus)
    return RuledOut(nearest.offer.gpu, nearest.limit, nearest.reason, nearest.short)


def _too_limited(market: Market, gpu: str) -> RuledOut:
    """The one limit that, dropped alone, would let this GPU model in, and by how much."""
    missed = missed_least(only(market, lambda candidate: candidate.offer.gpu == gpu))
    if missed is not None:
        number, fleet, alone = missed
        return _out(market, gpu, number, fleet, "" if alone else ", whatever the other limits")
    return RuledOut(gpu, "several", "misses several limits at once", "several limits at once")


def missed_least(market: Market) -> tuple[Number, Fleet, bool] | None:
    """The limit that a market misses by the smallest share, and the fleet that does.

    Whether it alone is in the way comes with it. None where each limit could be kept, but not
    all of them at once, and where the offers end too early.
    """
    limits = market.limits

    def least(number: Number, allowed: Limits) -> Decision | None:
        return decide(with_limits(market, allowed), objective=number.objective)

    missed = [
        (number, found.fleet, True)
        for number in NUMBERS
        if (found := least(number, number.dropped(limits)))
    ]
    missed = missed or [
        (number, found.fleet, False)
        for number in NUMBERS
        if (found := least(number, Limits()))
        and found.fleet.value(number.objective) > number.asked(limits)
    ]

    def overrun(one: tuple[Number, Fleet, bool]) -> float:
        return one[1].value(one[0].objective) / one[0].asked(limits)

    return min(missed, key=overrun, default=None)


def _out(market: Market, gpu: str, number: Number, fleet: Fleet, tail: str) -> RuledOut:
    least = number.say(fleet.value(number.objective))
    if number.objective == "time":
        tail = say.surely(market.run.confidence) + tail
    reason = f"takes at least {least} ({fleet.candidate.offer.offer}){tail}"
    return RuledOut(gpu, number.name, reason, least)
