"""The offers that can serve a run, and for each of the others the limit that rules it out."""

from dataclasses import dataclass

from catalog import Catalog, Offer, Precision
from optimizer.memory import fewest_gpus
from optimizer.mfu import Curve
from optimizer.run import Run


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that qualifies, with what the run makes of it."""

    offer: Offer
    precision: Precision
    curve: Curve
    fewest_gpus: int
    most_gpus: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """An offer that cannot serve this run, which limit says so, and in few words by how much."""

    offer: Offer
    limit: str
    reason: str
    short: str = ""


@dataclass(frozen=True, slots=True)
class _Hardware:
    """What the run makes of one GPU model in nodes of one size; the same for all its offers."""

    precision: Precision | None
    curve: Curve | None
    fewest_gpus: int | None


def qualify(run: Run, catalog: Catalog) -> tuple[list[Candidate], list[Rejected]]:
    """The offers that can serve the run, and the rest with the limit that rules each out."""
    known: dict[tuple[str, int], _Hardware] = {}
    candidates, rejected = [], []
    for offer in catalog.offers:
        found: Candidate | Rejected | None = _filtered(offer, run)
        if found is None:
            key = (offer.gpu, offer.gpus_per_node)
            if key not in known:
                known[key] = _hardware(run, catalog, *key)
            found = _hold(offer, known[key], run)
        if isinstance(found, Candidate):
            candidates.append(found)
        else:
            rejected.append(found)
    return candidates, rejected


def _hardware(run: Run, catalog: Catalog, name: str, gpus_per_node: int) -> _Hardware:
    gpu = catalog.gpus[name]
    precision = run.precision_on(gpu)
    curve = run.curve_on(gpu, precision, catalog) if precision else None
    return _Hardware(precision, curve, fewest_gpus(run.shape, run.seq_len, gpu, gpus_per_node))


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
    """The largest cluster of an offer; a judgement of ours gives way to the user's own."""
    if offer.max_gpus_basis == "estimate" and offer.cluster_class in overrides:
        return overrides[offer.cluster_class]
    return offer.max_gpus


def _hold(offer: Offer, hardware: _Hardware, run: Run) -> Candidate | Rejected:
    """The candidate, or why the model does not run on what is on sale."""
    if hardware.precision is None or hardware.curve is None:
        return _too_slow_or_unknown(offer, run)
    if hardware.fewest_gpus is None:
        why = f"the activations of one sequence do not fit in the memory of {offer.gpu}"
        return Rejected(offer, "memory", why, "one sequence does not fit")
    node, most = offer.gpus_per_node, most_gpus(offer, run.question.largest_cluster)
    least = -(-max(hardware.fewest_gpus, offer.min_gpus) // node) * node
    if least > most // node * node:
        why = f"the model takes {least:,} GPUs to hold; {offer.offer} sells up to {most:,}"
        return Rejected(offer, "memory", why, f"needs {least:,}, {most:,} sold")
    return Candidate(offer, hardware.precision, hardware.curve, least, most)


def _too_slow_or_unknown(offer: Offer, run: Run) -> Rejected:
    """Why there is no curve: the part is slower than asked, or lacks the precision."""
    tflops = run.question.tflops_per_gpu
    if tflops is not None:
        return Rejected(offer, "tflops_per_gpu", f"{offer.gpu} peaks below {tflops:g} TFLOP/s")
    asked = run.question.precision or "bf16 or fp16"
    return Rejected(offer, "precision", f"no {asked} figures for {offer.gpu}")
