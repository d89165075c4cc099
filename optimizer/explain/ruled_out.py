"""Why a GPU model has no fleet to give."""

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from optimizer.market.candidates import Candidate, Rejected
from optimizer.market.limits import NUMBERS, Limits, Number
from optimizer.market.market import Market
from optimizer.market.variation import only, with_limits
from optimizer.program.bounds import feasible
from optimizer.program.decide import decide_each
from optimizer.program.enumerate import Fleet
from problems.fields import SPEEDS

# Limits that lie in the part and the model, not in what was asked for; the last looked at first.
PHYSICAL = ("global_batch", *SPEEDS, "quota", "spot_nodes", "memory", "precision", "price")


# A limit, the fleet that misses it least, and whether it alone is in the way.
Missed = tuple[Number, Fleet, bool]


@dataclass(frozen=True, slots=True)
class TakesAtLeast:
    """The least that a fleet of a GPU model has of its limit, as it is stored: one of ``offer``.

    ``alone`` says whether the limit alone is in the way, ``confidence`` how sure a time is kept.
    """

    least: float
    offer: str
    alone: bool
    confidence: float | None


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A GPU model none of whose fleets keeps the limits, and what stands in the way.

    ``why`` is the largest offer that was refused, or how far the nearest fleet is off; None where
    each limit could be kept, but not all of them at once.
    """

    gpu: str
    limit: str
    why: Rejected | TakesAtLeast | None


def ruled_out(market: Market) -> list[RuledOut]:
    """The GPU models that were asked for, or else on offer, and have no fleet to give."""
    kept = feasible(market)
    able = {kept.candidates[i].offer.gpu for i in set(kept.candidate.tolist())}
    qualified = {candidate.offer.gpu for candidate in market.candidates} - able
    refused: dict[str, list[Rejected]] = defaultdict(list)
    for refusal in market.rejected:
        if refusal.limit in PHYSICAL and refusal.offer.gpu not in able:
            refused[refusal.offer.gpu].append(refusal)
    unable = only(market, lambda candidate: candidate.offer.gpu in qualified)
    missed = missed_least_each(unable, lambda candidate: candidate.offer.gpu)
    return [
        _too_limited(market, gpu, missed.get(gpu)) if gpu in qualified else _unfit(refused[gpu])
        for gpu in sorted({*qualified, *refused})
    ]


def _unfit(refusals: list[Rejected]) -> RuledOut:
    """A GPU model that no offer sells in a way that could run the model."""
    nearest = max(refusals, key=lambda refusal: refusal.offer.max_gpus)
    return RuledOut(nearest.offer.gpu, nearest.limit, nearest)


def _too_limited(market: Market, gpu: str, missed: Missed | None) -> RuledOut:
    """The one limit that, dropped alone, would let this GPU model in, and by how much."""
    if missed is None:
        return RuledOut(gpu, "several", None)
    number, fleet, alone = missed
    confidence = market.run.confidence if number.objective == "time" else None
    least, offer = fleet.value(number.objective), fleet.candidate.offer.offer
    return RuledOut(gpu, number.name, TakesAtLeast(least, offer, alone, confidence))


def missed_least(market: Market) -> Missed | None:
    """The limit that a market misses by the smallest share, and the fleet that does.

    Whether it alone is in the way comes with it. None where each limit could be kept, but not
    all of them at once, and where the offers end too early.
    """
    return missed_least_each(market, lambda _: None).get(None)


def missed_least_each(
    market: Market, group: Callable[[Candidate], Hashable]
) -> dict[Hashable, Missed]:
    """The same of each group of a market's candidates."""
    limits = market.limits
    missed: dict[Hashable, list[Missed]] = defaultdict(list)
    for number in NUMBERS:
        freed = with_limits(market, number.dropped(limits))
        for fleet in decide_each(freed, group, objective=number.objective):
            missed[group(fleet.candidate)].append((number, fleet, True))
    rest = with_limits(only(market, lambda candidate: group(candidate) not in missed), Limits())
    for number in NUMBERS:
        for fleet in decide_each(rest, group, objective=number.objective):
            if fleet.value(number.objective) > number.asked(limits):
                missed[group(fleet.candidate)].append((number, fleet, False))

    def overrun(one: Missed) -> float:
        return one[1].value(one[0].objective) / one[0].asked(limits)

    return {key: min(found, key=overrun) for key, found in missed.items()}
