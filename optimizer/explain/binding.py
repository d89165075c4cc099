"""What moves the answer: which limits bind, why the runners-up lost, why a GPU model cannot."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from optimizer import say
from optimizer.market.candidates import Candidate, sold_gpus
from optimizer.market.filters import FILTERS
from optimizer.market.hardware import LARGEST_FLEET, Unfit, hardware_of, key_of
from optimizer.market.limits import NO_LIMIT, NUMBERS
from optimizer.market.market import Market
from optimizer.market.variation import of_run, with_candidates, with_limits
from optimizer.program.decide import Decision, decide
from optimizer.program.enumerate import Fleet

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
            best = decide(with_limits(market, number.dropped(market.limits)))
            yield _if_better(market, plan, best, number.name, number.say(asked))


def _sizes(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    """The largest cluster to be had, and the fewest GPUs that hold the model."""
    candidate = plan.candidate
    name = candidate.offer.offer
    holds = f"{name} takes {candidate.fewest_gpus:,} GPUs to hold the model"
    limit, asked, end = what_ends(market, candidate)
    beyond = with_candidates(market, [_beyond_end(market, candidate, end)])
    yield _if_better(market, plan, decide(beyond), limit, asked)
    # No layout fills these: they do not hold the model.
    too_small = replace(candidate, fewest_gpus=1, most_gpus=candidate.fewest_gpus - 1)
    fewer = with_candidates(market, [too_small])
    yield _if_better(market, plan, decide(fewer), "memory", holds)


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
        asked = one.asked(run)
        if asked:
            best = decide(of_run(market, one.dropped(run)))
            yield _if_better(market, plan, best, one.name, ", ".join(asked))


def _confidence(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    """The confidence: without it the expected hours have to keep the deadline."""
    asked = market.run.confidence
    if asked is not None:
        best = decide(replace(market, segments=market.segments.as_expected()))
        expected = replace(plan, latest_hours=plan.wall_hours)
        yield _if_better(market, expected, best, "confidence", f"{asked:g}")


def _if_better(
    market: Market, plan: Fleet, found: Decision | None, limit: str, asked: str
) -> Binding | None:
    objective = market.run.objective
    if found is None:
        return None
    best = found.fleet
    gain = best.value(objective) / plan.value(objective) - 1
    if gain > -NOTICEABLE:
        return None
    offer = best.candidate.offer
    fleet = f"{best.gpus:,} {market.catalog.gpus[offer.gpu].name} of {offer.provider}"
    what = f"{say.usd(best.cost_usd)} in {say.days(best.wall_hours)} with {fleet}"
    return Binding(limit, asked, f"{what} ({objective} {say.more(gain)})")
