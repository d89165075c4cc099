"""The offers that can serve a run, and for each of the others the limit that rules it out."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog import Catalog, Offer
from catalog.slices import sizes_sold
from catalog.vocabulary import PUBLISHED
from optimizer.market.filters import FILTERS, Filter
from optimizer.market.hardware import Hardware, Unfit, hardware_of, key_of, largest_sizes
from optimizer.market.reliability import reliability_of
from optimizer.market.run import Run
from optimizer.market.terms import Term, Terms
from optimizer.physics.goodput import Reliability

# The limit that rules an offer out whose price cannot be true.
PRICE = "price"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that qualifies under one choice of its terms, with what the run makes of it.

    ``fewest_gpus`` and ``most_gpus`` are in whole nodes, or slices where it is sold in those.
    """

    offer: Offer
    term: Term
    reliability: Reliability
    hardware: Hardware
    fewest_gpus: int
    most_gpus: int

    @property
    def name(self) -> str:
        """The offer's name, and the duration where it is one of several."""
        label = self.term.label
        return f"{self.offer.offer}_{label}" if label else self.offer.offer


@dataclass(frozen=True, slots=True)
class Rejected:
    """An offer that cannot serve this run, which limit says so, and in few words by how much."""

    offer: Offer
    limit: str
    reason: str
    short: str = ""


def qualify(run: Run, catalog: Catalog) -> tuple[list[Candidate], list[Rejected]]:
    """The offers that can serve the run, and the rest with the limit that rules each out."""
    chosen_by = [one for one in FILTERS if one.chooses(run)]
    sieved = [(o, _filtered(o, run, chosen_by) or _implausible(o, catalog)) for o in catalog.offers]
    terms = Terms(run, catalog)
    most_of = {offer.offer: most_gpus(offer, run) for offer, refusal in sieved if refusal is None}
    sizes = largest_sizes((o, most_of[o.offer]) for o, refusal in sieved if refusal is None)
    known = {key: hardware_of(run, catalog, key, most) for key, most in sizes.items()}
    reliable: dict[tuple[str, int, bool], Reliability] = {}
    candidates: list[Candidate] = []
    rejected: list[Rejected] = []
    for offer, refusal in sieved:
        found = refusal or _sizes(offer, known[key_of(offer)], run, most_of[offer.offer])
        if isinstance(found, Rejected):
            rejected.append(found)
            continue
        hardware, fewest, most = found
        kind = (offer.gpu, offer.gpus_per_node, offer.pricing == "spot")
        if kind not in reliable:
            reliable[kind] = reliability_of(run, catalog, hardware.gpu, kind[1], kind[2])
        for term in terms.of(offer, hardware.gpu):
            candidate = Candidate(offer, term, reliable[kind], hardware, fewest, most)
            candidates.append(candidate)
    return candidates, rejected


def _filtered(offer: Offer, run: Run, chosen_by: Iterable[Filter]) -> Rejected | None:
    """The choice of the question that rules the offer out, and why; None where none does."""
    for one in chosen_by:
        refusal = one.refusal(offer, run)
        if refusal is not None:
            return Rejected(offer, one.name, refusal)
    return None


def _implausible(offer: Offer, catalog: Catalog) -> Rejected | None:
    """A price that cannot be true, unless the user accepted it."""
    doubt = catalog.held_back.get(offer.offer)
    return None if doubt is None else Rejected(offer, PRICE, f"held back: {doubt}", "held back")


def most_gpus(offer: Offer, run: Run) -> int:
    """The largest cluster of an offer, of which the user's quota may allow less.

    A judgment of ours gives way to the user's own. Nodes without a network between them are
    used one at a time, however many are sold. Spot capacity of many nodes is seldom all there,
    so fleets of it stay small unless the user asks for larger ones.
    """
    most = sold_gpus(offer, run)
    if offer.pricing == "spot":
        most = min(most, run.spot_nodes * offer.gpus_per_node)
    return min(most, run.quota.get(offer.provider, most))


def sold_gpus(offer: Offer, run: Run) -> int:
    """The largest cluster of an offer that is on sale, whatever the user's own limits.

    Where only published sizes count, one node of an offer whose size is our judgment.
    """
    overrides = run.largest_cluster
    if offer.fabric == "none":
        return min(offer.max_gpus, offer.gpus_per_node)
    if offer.max_gpus_basis == "estimate" and offer.cluster_class in overrides:
        return overrides[offer.cluster_class]
    if offer.max_gpus_basis == "estimate" and run.capacity == PUBLISHED:
        return min(offer.max_gpus, offer.gpus_per_node)
    return offer.max_gpus


def _sizes(
    offer: Offer, hardware: Hardware | Unfit, run: Run, most: int
) -> tuple[Hardware, int, int] | Rejected:
    """The hardware with the fewest and the most GPUs, or why the model does not run on it."""
    if isinstance(hardware, Unfit):
        if hardware.needs is not None:
            return _too_small(offer, hardware.needs, run)
        return Rejected(offer, hardware.limit, hardware.reason, hardware.short)
    node = offer.gpus_per_node
    least = -(-max(hardware.fewest_gpus, offer.min_gpus) // node) * node
    sizes = sizes_sold(offer)
    if sizes:
        least = next((n for n in sizes if n >= least), least)
        most = max((n for n in sizes if n <= most), default=0)
    if least > most // node * node:
        return _too_small(offer, least, run)
    return hardware, least, most


def _too_small(offer: Offer, needs: int, run: Run) -> Rejected:
    """The model, or the offer's smallest size, takes more than can be had."""
    most, sold = most_gpus(offer, run), sold_gpus(offer, run)
    takes = f"the model takes {needs:,} GPUs to hold"
    if sold // offer.gpus_per_node * offer.gpus_per_node >= needs:
        if run.quota.get(offer.provider, sold) < needs:
            why = f"{takes}; your quota of {offer.provider} is {most:,}"
            return Rejected(offer, "quota", why, f"needs {needs:,}, a quota of {most:,}")
        why = f"{takes}; {run.spot_nodes} spot nodes have {most:,}"
        return Rejected(offer, "spot_nodes", why, f"needs {needs:,}, {most:,} as spot")
    why = f"{takes}; {offer.offer} sells up to {most:,}"
    return Rejected(offer, "memory", why, f"needs {needs:,}, {most:,} sold")
