"""What one more choice admits: a GPU model, provider, kind of price, region, or larger size."""

from collections.abc import Iterator
from dataclasses import replace
from math import floor
from statistics import NormalDist

import numpy as np

from catalog import Offer
from catalog.vocabulary import NO_FAST_NETWORK, PRECISIONS, PUBLISHED
from optimizer.explain.reason import Reason
from optimizer.market.candidates import Candidate
from optimizer.market.filters import FILTERS
from optimizer.market.limits import NO_LIMIT
from optimizer.market.market import Market
from optimizer.market.segments import TOLERANCE, Segments
from optimizer.market.variation import of_run, only, with_run
from optimizer.program.bounds import within
from optimizer.program.decide import decide, decide_each
from optimizer.program.enumerate import Fleet
from problems.quantities import GPUS

UNLIMITED_GPUS = int(GPUS.most)


def filters_alone(market: Market) -> Iterator[Reason]:
    """For each filter of the question, the one more choice that admits the best plan."""
    run = market.run
    for one in FILTERS:
        # What is left open means a default only for the kinds of price.
        asked = one.asked(run) or (run.pricing if one.name == "pricing" else ())
        if not asked:
            continue
        fleets = decide_each(of_run(market, one.dropped(run)), _offer_name)
        # The best that can be asked for: an offer whose region nobody stated cannot.
        widened = (one.widened(run, fleet.candidate.offer) for fleet in fleets)
        first = next((change for change in widened if change is not None), None)
        if first is not None:
            yield Reason(one.name, ", ".join(asked), *first)
    if run.precision:
        yield from _precision_alone(market, run.precision)


def _offer_name(candidate: Candidate) -> str:
    return candidate.offer.offer


def _precision_alone(market: Market, asked: str) -> Iterator[Reason]:
    for other in PRECISIONS:
        if other != asked and decide(with_run(market, precision=other)):
            yield Reason("precision", asked, other, {"precision": other})


def cluster_alone(market: Market) -> Iterator[Reason]:
    """The smallest largest-cluster, of one class where ours is a judgment, that is enough."""
    classes = {offer.cluster_class for offer in _judged(market)}
    fleet = _smallest_fleet(market, dict.fromkeys(classes, UNLIMITED_GPUS))
    if fleet is not None:
        offer = fleet.candidate.offer
        raised = market.run.largest_cluster
        sizes = {**raised, offer.cluster_class: fleet.gpus}
        asked = f"{offer.cluster_class} up to {_sold(market, offer.cluster_class):,} GPUs"
        if market.run.capacity == PUBLISHED and offer.cluster_class not in raised:
            asked = f"{offer.cluster_class}, whose size nobody publishes: one node"
        fields: dict[str, object] = {"largest_cluster": sizes}
        needed = f"{fleet.gpus:,} ({offer.offer}), by a quota or a quote (--offers)"
        yield Reason("largest_cluster", asked, needed, fields)


def own_sizes_alone(market: Market) -> Iterator[Reason]:
    """The smallest quota of one provider, or number of spot nodes, that is enough."""
    run = market.run
    for provider, asked in run.quota.items():
        least = _gpus_with_any_quota(market, provider)
        if least is not None:
            fields: dict[str, object] = {"quota": {**run.quota, provider: least}}
            yield Reason("quota", f"{provider}: {asked:,}", f"{provider}: {least:,}", fields)
    if "spot" in run.pricing:
        nodes = _nodes_of_spot(market)
        if nodes is not None:
            yield Reason("spot_nodes", f"{run.spot_nodes}", f"{nodes}", {"spot_nodes": nodes})


def _gpus_with_any_quota(market: Market, provider: str) -> int | None:
    """GPUs of the smallest fleet of a provider that would do, whatever its quota."""
    run = market.run
    open_quota = {**run.quota, provider: UNLIMITED_GPUS}
    wider = with_run(market, quota=open_quota)
    found = decide(only(wider, lambda c: c.offer.provider == provider), objective="gpus")
    return found.fleet.gpus if found else None


def _nodes_of_spot(market: Market) -> int | None:
    """Nodes of the smallest spot fleet that would do, however many are allowed."""
    wider = with_run(market, spot_nodes=UNLIMITED_GPUS)
    spot = only(wider, lambda candidate: candidate.offer.pricing == "spot")
    fleets = decide_each(spot, lambda c: c.offer.gpus_per_node, objective="gpus")
    return min((fleet.nodes for fleet in fleets), default=None)


def confidence_alone(market: Market) -> Iterator[Reason]:
    """The highest confidence in the deadline that is low enough, in thousandths."""
    asked = market.run.confidence
    highest = _highest_confidence(market, asked) if asked is not None else 0.0
    written = floor(highest * 1000) / 1000
    if asked is not None and written > 0.5:
        yield Reason("confidence", f"{asked:g}", f"{written:g}", {"confidence": f"{written:g}"})


def _highest_confidence(market: Market, asked: float) -> float:
    """With which confidence some fleet within all other limits keeps the deadline; 0 with none.

    Its hours may be longer by so much: z(c) is to z(asked) as the logarithms of both stretches.
    On a segment the room there is for longer hours only grows or only shrinks with the fleet.
    """
    room = _room_for_longer_hours(market)
    if not len(room):
        return 0.0
    highest = -np.inf
    for nodes in (room.fewest_nodes, room.most_nodes):
        expected = room.wall_hours(nodes) - room.lead_hours
        within_term = room.longest_hours / room.runs
        allowed = np.minimum(market.limits.deadline_hours - room.lead_hours, within_term)
        allowed = np.maximum(allowed, TOLERANCE * expected)
        stretch = (room.latest_hours(nodes) - room.lead_hours) / expected
        unsure = stretch > 1 + TOLERANCE
        shares = np.log(allowed / expected)[unsure] / np.log(stretch)[unsure]
        highest = max(highest, float(shares.max(initial=-np.inf)))
    normal = NormalDist()
    return normal.cdf(highest * normal.inv_cdf(asked))


def _room_for_longer_hours(market: Market) -> Segments:
    """The fleets within all limits that no confidence touches, as they are with that asked for.

    The expected hours have to end within the term; they stand in for the latest ones meanwhile.
    """
    limits = market.limits.but(deadline=NO_LIMIT)
    return _swapped(within(_swapped(market.segments), limits))


def _swapped(s: Segments) -> Segments:
    """The latest hours in the place of the expected ones, and those in theirs."""
    return replace(
        s,
        base_elapsed=s.base_latest,
        elapsed_per_gpu=s.latest_per_gpu,
        base_latest=s.base_elapsed,
        latest_per_gpu=s.elapsed_per_gpu,
    )


def _smallest_fleet(market: Market, sizes: dict[str, int]) -> Fleet | None:
    """The smallest fleet within all limits, of the classes whose largest cluster is restated."""
    wider = with_run(market, largest_cluster={**market.run.largest_cluster, **sizes})
    fleets = decide_each(wider, lambda c: c.offer.cluster_class, objective="gpus")
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
    override = market.run.largest_cluster.get(cluster_class)
    own = [o.max_gpus for o in _judged(market) if o.cluster_class == cluster_class]
    return override or max(own)
