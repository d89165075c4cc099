"""What moves the answer: which limits bind, why the runners-up lost, why a GPU model cannot."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from optimizer import say
from optimizer.market.candidates import Candidate, sold_gpus
from optimizer.market.filters import FILTERS
from optimizer.market.hardware import LARGEST_FLEET, Unfit, hardware_of, key_of
from optimizer.market.limits import NO_LIMIT, NUMBERS
from optimizer.market.market import Market, make_market
from optimizer.market.segments import make_segments
from optimizer.program.bounds import within
from optimizer.program.enumerate import Fleet, best_fleet

# A limit that costs less than this share does not bind: it would be said as 0.0 %.
NOTICEABLE = 5e-4


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit without which the plan would be better, and what it would then be."""

    limit: str
    asked: str
    without: str


def binding_limits(market: Market, plan: Fleet) -> list[Binding]:
    """The limits that make the plan worse than it would be without each of them alone."""
    found = [
        *_numbers(market, plan),
        *_sizes(market, plan),
        *_filters(market, plan),
        *_confidence(market, plan),
    ]
    return [binding for binding in found if binding is not None]


def _numbers(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    for number in NUMBERS:
        asked = number.asked(market.limits)
        if asked != NO_LIMIT:
            feasible = within(market.segments, number.dropped(market.limits))
            best = best_fleet(feasible, market.run.objective)
            yield _if_better(market, plan, best, number.name, number.say(asked))


def _sizes(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    """The largest cluster to be had, and the fewest GPUs that hold the model."""
    candidate = plan.candidate
    name, objective = candidate.offer.offer, market.run.objective
    holds = f"{name} takes {candidate.fewest_gpus:,} GPUs to hold the model"
    limit, asked, end = what_ends(market, candidate)
    beyond = make_segments(market.run, [_beyond_end(market, candidate, end)])
    larger = best_fleet(within(beyond, market.limits), objective)
    yield _if_better(market, plan, larger, limit, asked)
    # No layout fills these: they do not hold the model.
    too_small = replace(candidate, fewest_gpus=1, most_gpus=candidate.fewest_gpus - 1)
    fewer = within(make_segments(market.run, [too_small]), market.limits)
    yield _if_better(market, plan, best_fleet(fewer, objective), "memory", holds)


def what_ends(market: Market, candidate: Candidate) -> tuple[str, str, int]:
    """Which limit ends the fleets of an offer, in words, and the GPUs where the next would."""
    offer, run, most = candidate.offer, market.run, candidate.most_gpus
    sold = sold_gpus(offer, run)
    quota = run.quota.get(offer.provider, sold)
    spot = run.spot_nodes * offer.gpus_per_node if offer.pricing == "spot" else sold
    if quota < min(sold, spot):
        return "quota", f"your quota of {offer.provider} is {quota:,} GPUs", min(sold, spot)
    if spot < sold:
        asked = f"{run.spot_nodes} nodes of spot capacity"
        return "spot_nodes", asked, min(sold, quota)
    return "largest_cluster", f"{offer.offer} sells up to {most:,} GPUs", LARGEST_FLEET


def _beyond_end(market: Market, candidate: Candidate, end: int) -> Candidate:
    """The offer's fleets larger than can be had, up to where the next limit ends them."""
    key, fewest = key_of(candidate.offer), candidate.most_gpus + 1
    hardware = hardware_of(market.run, market.catalog, key, LARGEST_FLEET)
    if isinstance(hardware, Unfit):
        return replace(candidate, fewest_gpus=fewest)
    return replace(candidate, hardware=hardware, fewest_gpus=fewest, most_gpus=end)


def _filters(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    """The choices that the question made itself."""
    run = market.run
    for one in FILTERS:
        asked = one.asked(run.question)
        if asked:
            segments = make_market(one.dropped(run), market.catalog).segments
            best = best_fleet(within(segments, market.limits), run.objective)
            yield _if_better(market, plan, best, one.name, ", ".join(asked))


def _confidence(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    """The confidence: without it the expected hours have to keep the deadline."""
    asked = market.run.confidence
    if asked is not None:
        plain = within(market.segments.as_expected(), market.limits)
        best = best_fleet(plain, market.run.objective)
        expected = replace(plan, latest_hours=plan.wall_hours)
        yield _if_better(market, expected, best, "confidence", f"{asked:g}")


def _if_better(
    market: Market, plan: Fleet, best: Fleet | None, limit: str, asked: str
) -> Binding | None:
    objective = market.run.objective
    if best is None:
        return None
    gain = best.value(objective) / plan.value(objective) - 1
    if gain > -NOTICEABLE:
        return None
    offer = best.candidate.offer
    fleet = f"{best.gpus:,} {market.catalog.gpus[offer.gpu].name} of {offer.provider}"
    what = f"{say.usd(best.cost_usd)} in {say.days(best.wall_hours)} with {fleet}"
    return Binding(limit, asked, f"{what} ({objective} {say.more(gain)})")
