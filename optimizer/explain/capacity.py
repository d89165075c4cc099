"""What a plan's size rests on: how its GPUs are had, and what surer capacity would make of it.

A list price says what a GPU-hour costs, not that anybody gets so many. So each plan is set beside
the best of what needs no more than an API and a card, the best of published sizes, and the price
at which a signed contract would beat it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from catalog import Capacity, Offer
from catalog.quote_offers import CONTRACT_CLASS
from catalog.units import HOURS_PER_DAY
from catalog.vocabulary import CAPACITY_CLAIMS, NO_FAST_NETWORK, PUBLISHED, capacity_within
from optimizer.explain.break_even import break_even
from optimizer.market.candidates import Candidate, sold_gpus
from optimizer.market.hardware import Unfit, hardware_of, key_of
from optimizer.market.market import Market
from optimizer.market.terms import terms_of
from optimizer.market.variation import with_candidates
from optimizer.program.decide import decide
from optimizer.program.enumerate import Fleet

SURER = ("self_serve", PUBLISHED)
# How many parts a contract is priced for, in the size of the class that quotes fall back on.
MOST_PARTS = 3
NO_CLUSTER = (*NO_FAST_NETWORK, "ici")


@dataclass(frozen=True, slots=True)
class OnlyWith:
    """The best fleet where only ``level`` of capacity counts; None where none keeps the limits."""

    level: str
    offer: str | None
    gpus: int | None
    days: float | None
    cost_usd: float | None
    same_decision: bool


@dataclass(frozen=True, slots=True)
class ContractPrice:
    """USD per GPU-hour below which a contract for up to ``gpus`` of a part beats the plan.

    It is signed for the run: no minimum term, nothing up front.
    """

    gpu: str
    gpu_name: str
    gpus: int
    below_usd_per_gpu_hour: float


@dataclass(frozen=True, slots=True)
class Standing:
    """What the size of a plan rests on.

    ``capacity`` is the class of its offer. ``gpus`` is the largest fleet that ``publisher`` states
    for it in ``source`` (a key of sources.csv; empty where a node at a time is what is sold). It is
    None where nobody publishes one: then ``judged_gpus`` is our own judgment, or ``given_gpus`` the
    question's.
    """

    capacity: Capacity
    claims: str
    gpus: int | None
    source: str
    publisher: str
    judged_gpus: int | None
    given_gpus: int | None
    only: tuple[OnlyWith, ...]
    contracts: tuple[ContractPrice, ...]


def standing_of(market: Market, fleet: Fleet, others: Iterable[Fleet]) -> Standing:
    """What a plan's fleet rests on; ``others`` are runners-up, whose parts a contract may have."""
    offer, run = fleet.candidate.offer, market.run
    sold = sold_gpus(offer, run)
    # What is on sale is a node, and nobody has to judge that.
    stated = offer.max_gpus_basis == "published"
    published = stated or sold <= offer.gpus_per_node
    given = not published and offer.cluster_class in run.largest_cluster
    source = (offer.size_source or offer.source) if stated else ""
    levels = [level for level in SURER if level != run.capacity]
    return Standing(
        capacity=offer.capacity,
        claims=CAPACITY_CLAIMS[offer.capacity],
        gpus=sold if published else None,
        source=source,
        publisher=market.catalog.sources[source].publisher if source else "",
        judged_gpus=None if published or given else sold,
        given_gpus=sold if given else None,
        only=tuple(_only_with(market, fleet, level) for level in levels),
        contracts=tuple(_contract_prices(market, fleet, others)),
    )


def only_with(market: Market, level: str) -> Market:
    """What is left of a market where only ``level`` of capacity counts."""
    classes, run = capacity_within(level), replace(market.run, capacity=level)
    segments = market.segments
    if not len(segments):
        return market
    counts = np.array([c.offer.capacity in classes for c in segments.candidates], dtype=bool)
    most = np.array([sold_gpus(c.offer, run) // c.offer.gpus_per_node for c in segments.candidates])
    most_nodes = np.minimum(segments.most_nodes, most[segments.candidate])
    cut = replace(segments, most_nodes=most_nodes)
    kept = cut.take(counts[cut.candidate] & (cut.fewest_nodes <= cut.most_nodes))
    return replace(market, segments=kept)


def _only_with(market: Market, fleet: Fleet, level: str) -> OnlyWith:
    found = decide(only_with(market, level))
    if found is None:
        return OnlyWith(level, None, None, None, None, False)
    best = found.fleet
    same = (best.candidate.name, best.gpus) == (fleet.candidate.name, fleet.gpus)
    days = best.wall_hours / HOURS_PER_DAY
    return OnlyWith(level, best.candidate.offer.offer, best.gpus, days, best.cost_usd, same)


def _contract_prices(
    market: Market, fleet: Fleet, others: Iterable[Fleet]
) -> Iterator[ContractPrice]:
    """For the plan's part and those of the runners-up, where a size of contracts is known."""
    of_class = market.catalog.cluster_classes.get(CONTRACT_CLASS)
    counts = market.run.capacity is None or "contract" in capacity_within(market.run.capacity)
    if of_class is None or not counts or market.run.objective != "cost":
        return
    parts: dict[str, Candidate] = {}
    for one in (fleet, *others):
        if _can_be_signed(one.candidate.offer):
            parts.setdefault(one.candidate.offer.gpu, one.candidate)
    for candidate in islice(parts.values(), MOST_PARTS):
        gpus = of_class.largest_cluster(candidate.offer.gpus_per_node)
        price = _contract_price(market, fleet, candidate, gpus)
        if price is not None:
            part = candidate.hardware.gpu
            yield ContractPrice(part.gpu, part.name, gpus, price)


def _can_be_signed(offer: Offer) -> bool:
    """Rented, and with the network of a cluster: slices of TPUs have their own limits."""
    return offer.fabric not in NO_CLUSTER and offer.pricing not in ("spot", "owned")


def _contract_price(market: Market, rival: Fleet, like: Candidate, gpus: int) -> float | None:
    """The price below which up to ``gpus`` of that hardware, signed for the run alone, win."""
    run, catalog = market.run, market.catalog
    offer = replace(
        like.offer,
        offer="contract",
        pricing="reserved",
        min_gpus=1,
        max_gpus=gpus,
        commitment_hours=0.0,
        upfront_usd_per_gpu=0.0,
        longest_hours=None,
        block_days=(),
        capacity="contract",
        setup_usd=0.0,
        minimum_usd=0.0,
        support_share=0.0,
        egress_usd=0.0,
        egress_usd_per_gb=0.0,
    )
    hardware = hardware_of(run, catalog, key_of(offer), gpus)
    if isinstance(hardware, Unfit):
        return None
    node = offer.gpus_per_node
    fewest = -(-hardware.fewest_gpus // node) * node
    term = terms_of(offer, hardware.gpu, run, catalog)[0]
    signed = Candidate(offer, term, like.reliability, hardware, fewest, gpus)
    return break_even(with_candidates(market, [signed]), rival, offer.offer).usd_per_gpu_hour
