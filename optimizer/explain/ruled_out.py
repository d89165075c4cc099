"""Why a GPU model has no fleet to give."""

from collections import defaultdict
from dataclasses import dataclass

from optimizer import say
from optimizer.market.candidates import Candidate, Rejected
from optimizer.market.limits import NUMBERS, Limits, Number
from optimizer.market.market import Market
from optimizer.market.segments import Segments, make_segments
from optimizer.program.bounds import within
from optimizer.program.enumerate import Fleet, best_fleet
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
    feasible = within(market.segments, market.limits)
    able = {feasible.candidates[i].offer.gpu for i in set(feasible.candidate.tolist())}
    qualified: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in market.candidates:
        if candidate.offer.gpu not in able:
            qualified[candidate.offer.gpu].append(candidate)
    refused: dict[str, list[Rejected]] = defaultdict(list)
    for refusal in market.rejected:
        if refusal.limit in PHYSICAL and refusal.offer.gpu not in able:
            refused[refusal.offer.gpu].append(refusal)
    return [
        _too_limited(market, gpu, qualified[gpu]) if gpu in qualified else _unfit(refused[gpu])
        for gpu in sorted({*qualified, *refused})
    ]


def _unfit(refusals: list[Rejected]) -> RuledOut:
    """A GPU model that no offer sells in a way that could run the model."""
    nearest = max(refusals, key=lambda refusal: refusal.offer.max_gpus)
    return RuledOut(nearest.offer.gpu, nearest.limit, nearest.reason, nearest.short)


def _too_limited(market: Market, gpu: str, own: list[Candidate]) -> RuledOut:
    """The one limit that, dropped alone, would let this GPU model in, and by how much."""
    segments = make_segments(market.run, own)
    missed = missed_least(segments, market.limits)
    if missed is not None:
        number, fleet, alone = missed
        return _out(market, gpu, number, fleet, "" if alone else ", whatever the other limits")
    return RuledOut(gpu, "several", "misses several limits at once", "several limits at once")


def missed_least(segments: Segments, limits: Limits) -> tuple[Number, Fleet, bool] | None:
    """The limit that these segments miss by the smallest share, and the fleet that does.

    Whether it alone is in the way comes with it. None where each limit could be kept, but not
    all of them at once, and where the offers end too early.
    """
    missed = [
        (number, fleet, True)
        for number in NUMBERS
        if (fleet := best_fleet(within(segments, number.dropped(limits)), number.objective))
    ]
    missed = missed or [
        (number, fleet, False)
        for number in NUMBERS
        if (fleet := best_fleet(within(segments, Limits()), number.objective))
        and fleet.value(number.objective) > number.asked(limits)
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
