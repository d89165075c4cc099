"""What changed from one catalog to another: offers added, removed and priced anew.

Imports name offers otherwise than the shipped catalog, so an offer that has no namesake is the
successor of one of the same provider, GPU, pricing, node, commitment and, where both name one,
machine, in the same region. One that takes some regions of an old offer changes its price there,
though the old offer stays for others.
"""

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass

from catalog.load import Catalog
from catalog.refresh.partial import same_machine
from catalog.rows import Offer

Key = tuple[str, str, str, int, float, int]
# A third, less what a price of four digits is rounded by.
QUESTIONED_PERCENT = 100 / 3 - 0.01


@dataclass(frozen=True, slots=True)
class Change:
    """One offer at two prices, USD per GPU-hour; ``percent`` is the rise over the old one."""

    old: Offer
    new: Offer

    @property
    def percent(self) -> float:
        """Rise in percent of the old price; negative where it fell."""
        return 100 * (self.new.usd_per_gpu_hour / self.old.usd_per_gpu_hour - 1)


@dataclass(frozen=True, slots=True)
class ProviderDifference:
    """One provider's changes, the largest first, and its offers added and removed, by name.

    ``gone`` are GPU models with a pricing of which it has no offer any more.
    """

    provider: str
    changed: tuple[Change, ...]
    added: tuple[Offer, ...]
    removed: tuple[Offer, ...]
    gone: tuple[tuple[str, str], ...]

    @property
    def largest(self) -> float:
        """The largest change of a price in percent, either way; 0 without any."""
        return max((abs(change.percent) for change in self.changed), default=0.0)


@dataclass(frozen=True, slots=True)
class Difference:
    """Providers with a difference, that with the largest change of a price first."""

    providers: tuple[ProviderDifference, ...]
    same_price: int


def questioned(found: Difference) -> tuple[Change, ...]:
    """The newer readings that differ by a third or more from the older ones they replace."""
    return tuple(
        change
        for one in found.providers
        for change in one.changed
        if abs(change.percent) >= QUESTIONED_PERCENT and change.new.read_on > change.old.read_on
    )


def difference(old: Catalog, new: Catalog) -> Difference:
    """From the offers of one catalog to those of another."""
    pairs = _pairs(old.offers, new.offers)
    pairs += _taken_over(pairs, old.offers, new.offers)
    changes = [Change(a, b) for a, b in pairs if a.usd_per_gpu_hour != b.usd_per_gpu_hour]
    paired_old, paired_new = {a.offer for a, _ in pairs}, {b.offer for _, b in pairs}
    removed = [offer for offer in old.offers if offer.offer not in paired_old]
    added = [offer for offer in new.offers if offer.offer not in paired_new]
    names = {offer.provider for offer in (*removed, *added, *(c.new for c in changes))}
    sold = {(offer.provider, offer.gpu, offer.pricing) for offer in new.offers}
    found = [_of_provider(name, changes, added, removed, sold) for name in names]
    found.sort(key=lambda one: (-one.largest, one.provider))
    same = {offer.offer for _, offer in pairs} - {change.new.offer for change in changes}
    return Difference(tuple(found), len(same))


def _of_provider(
    provider: str,
    changes: Iterable[Change],
    added: Iterable[Offer],
    removed: Iterable[Offer],
    sold: Container[tuple[str, str, str]],
) -> ProviderDifference:
    changed = [change for change in changes if change.new.provider == provider]
    changed.sort(key=lambda change: (-abs(change.percent), change.new.offer))
    came, went = (
        tuple(offer for offer in offers if offer.provider == provider)
        for offers in (added, removed)
    )
    gone = {(one.gpu, one.pricing) for one in went if (provider, one.gpu, one.pricing) not in sold}
    return ProviderDifference(provider, tuple(changed), came, went, tuple(sorted(gone)))


def _pairs(old: Iterable[Offer], new: Iterable[Offer]) -> list[tuple[Offer, Offer]]:
    """Each offer with its namesake of the same product, or else with its successor."""
    named = {offer.offer: offer for offer in new}
    pairs: list[tuple[Offer, Offer]] = []
    left: list[Offer] = []
    for offer in old:
        namesake = named.get(offer.offer)
        if namesake is not None and _is_same_product(namesake, offer):
            pairs.append((offer, named.pop(offer.offer)))
        else:
            left.append(offer)
    candidates: dict[Key, list[Offer]] = defaultdict(list)
    for offer in named.values():
        candidates[_key(offer)].append(offer)
    for offer in left:
        successor = _successor(offer, candidates[_key(offer)])
        if successor is not None:
            candidates[_key(offer)].remove(successor)
            pairs.append((offer, successor))
    return pairs


def _taken_over(
    pairs: Iterable[tuple[Offer, Offer]], old: Iterable[Offer], new: Iterable[Offer]
) -> list[tuple[Offer, Offer]]:
    """Old offers with those besides their successors that took regions of theirs."""
    followed = {before.offer: after for before, after in pairs}
    candidates: dict[Key, list[Offer]] = defaultdict(list)
    for offer in new:
        candidates[_key(offer)].append(offer)
    taken: list[tuple[Offer, Offer]] = []
    for offer in old:
        after = followed.get(offer.offer)
        lost = {*offer.region.split()} - {*(after.region.split() if after else ())}
        taken += (
            (offer, one)
            for one in candidates[_key(offer)]
            if one is not after and lost & {*one.region.split()} and _is_same_product(offer, one)
        )
    return taken


def _key(offer: Offer) -> Key:
    sold = (offer.provider, offer.gpu, offer.pricing)
    return *sold, offer.gpus_per_node, offer.commitment_hours, offer.min_gpus


def _is_same_product(one: Offer, other: Offer) -> bool:
    machines = one.instance_type.lower(), other.instance_type.lower()
    return _key(one) == _key(other) and same_machine(*machines)


def _successor(offer: Offer, candidates: list[Offer]) -> Offer | None:
    """That with most regions in common; where a region is not stated, the cheapest."""
    same = [one for one in candidates if _is_same_product(offer, one)]
    fitting = [one for one in same if not offer.region or not one.region]
    shared = [one for one in same if _shared(offer, one)]
    if shared:
        return max(shared, key=lambda one: (_shared(offer, one), -_distance(offer, one), one.offer))
    return min(fitting, key=lambda one: (one.usd_per_gpu_hour, one.offer), default=None)


def _shared(one: Offer, other: Offer) -> int:
    return len({*one.region.split()} & {*other.region.split()})


def _distance(one: Offer, other: Offer) -> float:
    return abs(one.usd_per_gpu_hour - other.usd_per_gpu_hour)
