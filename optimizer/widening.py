"""What one more choice admits: a GPU model, provider, kind of price, region, or larger cluster."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from catalog import Offer
from optimizer.dominance import within
from optimizer.fleets import Fleet, best_fleet, best_fleets
from optimizer.market import Market, make_market
from optimizer.reason import Reason
from problems.fields import PRECISIONS, PRICING
from problems.quantities import GPUS

# Raising our judgment of the largest cluster makes sense only where nodes have a fast network.
NO_FAST_NETWORK = ("none", "ethernet")
UNLIMITED_GPUS = int(GPUS.most)


def filters_alone(market: Market) -> Iterator[Reason]:
    """For each filter of the question, the one more choice that admits the best plan."""
    run, question = market.run, market.run.question
    if run.gpus is not None:
        fleet = _best_with(market, gpus=None)
        if fleet:
            added = fleet.candidate.offer.gpu
            fields: dict[str, object] = {"gpu": (*question.gpu, added)}
            yield Reason("gpu", ", ".join(question.gpu), f"{added} as well", fields)
    if run.providers is not None:
        fleet = _best_with(market, providers=None)
        if fleet:
            added = fleet.candidate.offer.provider
            fields = {"provider": (*question.provider, added)}
            yield Reason("provider", ", ".join(question.provider), f"{added} as well", fields)
    yield from _pricing_alone(market)
    if question.region:
        yield from _region_alone(market)
    if question.precision:
        yield from _precision_alone(market, question.precision)


def _best_with(market: Market, **changes: Any) -> Fleet | None:
    """The best fleet within all limits once these fields of the run are changed."""
    wider = make_market(replace(market.run, **changes), market.catalog)
    return best_fleet(within(wider.segments, market.limits), market.run.objective)


def _pricing_alone(market: Market) -> Iterator[Reason]:
    asked = market.run.pricing
    fleet = _best_with(market, pricing=PRICING)
    if fleet:
        added = fleet.candidate.offer.pricing
        fields: dict[str, object] = {"pricing": (*asked, added)}
        yield Reason("pricing", ", ".join(asked), f"{added} as well", fields)


def _region_alone(market: Market) -> Iterator[Reason]:
    question = market.run.question
    # An offer whose region nobody stated cannot be asked for by region.
    stated = tuple({offer.region for offer in market.catalog.offers if offer.region})
    fleet = _best_with(market, question=question.model_copy(update={"region": stated}))
    if fleet:
        added = fleet.candidate.offer.region.split()[0]
        fields: dict[str, object] = {"region": (*question.region, added)}
        yield Reason("region", ", ".join(question.region), f"{added} as well", fields)


def _precision_alone(market: Market, asked: str) -> Iterator[Reason]:
    for other in PRECISIONS:
        changed = market.run.question.model_copy(update={"precision": other})
        if other != asked and _best_with(market, question=changed):
            yield Reason("precision", asked, other, {"precision": other})


def cluster_alone(market: Market) -> Iterator[Reason]:
    """The smallest largest-cluster, of one class where ours is a judgment, that is enough."""
    classes = {offer.cluster_class for offer in _judged(market)}
    fleet = _smallest_fleet(market, dict.fromkeys(classes, UNLIMITED_GPUS))
    while fleet is not None:
        offer = fleet.candidate.offer
        sizes = {offer.cluster_class: fleet.gpus}
        # A curve drawn up to fewer GPUs differs by a hair, so what is printed is tried itself.
        tried = _smallest_fleet(market, sizes)
        if tried is not None and tried.gpus >= fleet.gpus:
            asked = f"{offer.cluster_class} up to {_sold(market, offer.cluster_class):,} GPUs"
            fields: dict[str, object] = {
                "largest_cluster": {**market.run.question.largest_cluster, **sizes}
            }
            yield Reason("largest_cluster", asked, f"{fleet.gpus:,} ({offer.offer})", fields)
            return
        fleet = tried


def _smallest_fleet(market: Market, sizes: dict[str, int]) -> Fleet | None:
    """The smallest fleet within all limits, of the classes whose largest cluster is restated."""
    run = market.run
    raised = {**run.question.largest_cluster, **sizes}
    question = run.question.model_copy(update={"largest_cluster": raised})
    wider = make_market(replace(run, question=question), market.catalog)
    feasible = within(wider.segments, market.limits)
    fleets = best_fleets(feasible, "gpus", lambda candidate: candidate.offer.cluster_class)
    judged = {offer.offer for offer in _judged(market)}
    return next(
        (
            fleet
            for fleet in fleets
            if fleet.candidate.offer.cluster_class in sizes
            and fleet.candidate.offer.offer in judged
        ),
        None,
    )


def _judged(market: Market) -> Iterator[Offer]:
    """The offers whose largest cluster is our judgment, on a fast network."""
    for offer in market.catalog.offers:
        if offer.max_gpus_basis == "estimate" and offer.fabric not in NO_FAST_NETWORK:
            yield offer


def _sold(market: Market, cluster_class: str) -> int:
    """The largest cluster of a class as it stands now, by our judgment or the user's."""
    override = market.run.question.largest_cluster.get(cluster_class)
    own = [o.max_gpus for o in _judged(market) if o.cluster_class == cluster_class]
    return override or max(own)
