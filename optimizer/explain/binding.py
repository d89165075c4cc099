"""What moves the answer: which limits bind, why the runners-up lost, why a GPU model cannot."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from optimizer.explain.differences import End, Holds
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

# A number as it is stored, names as they were asked for, or what ends or holds the plan's fleets.
Asked = float | tuple[str, ...] | End | Holds


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit without which the plan would be better, and what it would then be.

    ``found`` is what was asked of it. The fleet without it differs from the plan in ``objective``
    by the share ``gain``, which is below zero.
    """

    limit: str
    found: Asked
    gpus: int
    gpu_name: str
    provider: str
    cost_usd: float
    wall_hours: float
    objective: str
    gain: float


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
            yield _if_better(market, plan, best, number.name, asked)


def _sizes(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    """The largest cluster to be had, and the fewest GPUs that hold the model."""
    candidate = plan.candidate
    end = what_ends(market, candidate)
    beyond = with_candidates(market, [_beyond_end(market, candidate, end.next_gpus)])
    yield _if_better(market, plan, decide(beyond), end.limit, end)
    # No layout fills these: they do not hold the model.
    too_small = replace(candidate, fewest_gpus=1, most_gpus=candidate.fewest_gpus - 1)
    fewer = with_candidates(market, [too_small])
    holds = Holds(candidate.offer.offer, candidate.fewest_gpus)
    yield _if_better(market, plan, decide(fewer), "memory", holds)


def what_ends(market: Market, candidate: Candidate) -> End:
    """Which limit ends the fleets of an offer, and where the next would."""
    offer, run, most = candidate.offer, market.run, candidate.most_gpus
    sold = sold_gpus(offer, run)
    quota = run.quota.get(offer.provider, sold)
    spot = run.spot_nodes * offer.gpus_per_node if offer.pricing == "spot" else sold
    if quota < min(sold, spot):
        return End("quota", offer.provider, quota, min(sold, spot))
    if spot < sold:
        return End("spot_nodes", offer.offer, run.spot_nodes, min(sold, quota))
    return End("largest_cluster", offer.offer, most, LARGEST_FLEET)


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
            yield _if_better(market, plan, best, one.name, asked)


def _confidence(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    """The confidence: without it the expected hours have to keep the deadline."""
    asked = market.run.confidence
    if asked is not None:
        best = decide(replace(market, segments=market.segments.as_expected()))
        expected = replace(plan, latest_hours=plan.wall_hours)
        yield _if_better(market, expected, best, "confidence", asked)


def _if_better(
    market: Market, plan: Fleet, found: Decision | None, limit: str, asked: Asked
) -> Binding | None:
    objective = market.run.objective
    if found is None:
        return None
    best = found.fleet
    gain = best.value(objective) / plan.value(objective) - 1
    if gain > -NOTICEABLE:
        return None
    offer = best.candidate.offer
    return Binding(
        limit=limit,
        found=asked,
        gpus=best.gpus,
        gpu_name=market.catalog.gpus[offer.gpu].name,
        provider=offer.provider,
        cost_usd=best.cost_usd,
        wall_hours=best.wall_hours,
        objective=objective,
        gain=gain,
    )
