"""The offers that can serve a run, and for each of the others the limit that rules it out."""

from dataclasses import dataclass

from catalog import Catalog, Offer
from optimizer.hardware import Hardware, Unfit, hardware_of, key_of, largest_sizes
from optimizer.run import Run


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that qualifies, with what the run makes of its hardware, in whole nodes."""

    offer: Offer
    hardware: Hardware
    fewest_gpus: int
    most_gpus: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """An offer that cannot serve this run, which limit says so, and in few words by how much."""

    offer: Offer
    limit: str
    reason: str
    short: str = ""


def qualify(run: Run, catalog: Catalog) -> tuple[list[Candidate], list[Rejected]]:
    """The offers that can serve the run, and the rest with the limit that rules each out."""
    sieved = [(offer, _filtered(offer, run)) for offer in catalog.offers]
    asked = [offer for offer, refusal in sieved if refusal is None]
    sizes = largest_sizes((o, most_gpus(o, run.question.largest_cluster)) for o in asked)
    known = {key: hardware_of(run, catalog, key, most) for key, most in sizes.items()}
    candidates, rejected = [], []
    for offer, refusal in sieved:
        found = refusal or _hold(offer, known[key_of(offer)], run)
        if isinstance(found, Candidate):
            candidates.append(found)
        else:
            rejected.append(found)
    return candidates, rejected


def _filtered(offer: Offer, run: Run) -> Rejected | None:
    """The filter of the question that rules the offer out, and why; None where none does."""
    question = run.question
    if run.gpus is not None and offer.gpu not in run.gpus:
        return Rejected(offer, "gpu", f"{offer.gpu} was not asked for")
    if run.providers is not None and offer.provider not in run.providers:
        return Rejected(offer, "provider", f"{offer.provider} was not asked for")
    if offer.pricing not in run.pricing:
        return Rejected(offer, "pricing", f"{offer.pricing} offers were not asked for")
    if question.region and not _in_region(offer, question.region):
        where = offer.region or "a region that is not stated"
        return Rejected(offer, "region", f"sold in {where}")
    return None


def _in_region(offer: Offer, regions: tuple[str, ...]) -> bool:
    return any(region.lower() in offer.region.lower() for region in regions)


def most_gpus(offer: Offer, overrides: dict[str, int]) -> int:
    """The largest cluster of an offer; a judgment of ours gives way to the user's own.

    Nodes without a network between them are used one at a time, however many are sold.
    """
    if offer.fabric == "none":
        return min(offer.max_gpus, offer.gpus_per_node)
    if offer.max_gpus_basis == "estimate" and offer.cluster_class in overrides:
        return overrides[offer.cluster_class]
    return offer.max_gpus


def _hold(offer: Offer, hardware: Hardware | Unfit, run: Run) -> Candidate | Rejected:
    """The candidate, or why the model does not run on what is on sale."""
    most = most_gpus(offer, run.question.largest_cluster)
    if isinstance(hardware, Unfit):
        if hardware.needs is not None:
            return _too_small(offer, hardware.needs, most)
        return Rejected(offer, hardware.limit, hardware.reason, hardware.short)
    node = offer.gpus_per_node
    least = -(-max(hardware.fewest_gpus, offer.min_gpus) // node) * node
    if least > most // node * node:
        return _too_small(offer, least, most)
    # Beyond the end of its curve the batch has too few sequences for so many GPUs.
    end = most if hardware.most_gpus is None else min(most, hardware.most_gpus)
    if least > end:
        why = f"a batch of {run.global_batch:,.0f} tokens is too small for {least:,} GPUs"
        return Rejected(offer, "global_batch", why, f"too few sequences for {least:,}")
    return Candidate(offer, hardware, least, end)


def _too_small(offer: Offer, needs: int, most: int) -> Rejected:
    why = f"the model takes {needs:,} GPUs to hold; {offer.offer} sells up to {most:,}"
    return Rejected(offer, "memory", why, f"needs {needs:,}, {most:,} sold")
