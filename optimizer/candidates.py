"""Question x catalogue -> priced segments: all arithmetic of the program happens here.

One entry of every array is one segment of one offer's MFU curve. On it the whole run takes
a + b·n GPU-hours on n GPUs, so every limit of the question is a bound on n.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from catalog import Catalog, Gpu, Offer, Precision
from optimizer.compute import peak_hours
from optimizer.memory import fewest_gpus
from optimizer.mfu import Curve
from optimizer.run import Run

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A bound met to one part in a billion is met: prices and peaks have four digits.
TOLERANCE = 1e-9
NO_LIMIT = np.inf


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
    """An offer that cannot serve this run, and which limit says so."""

    offer: Offer
    limit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The question's limits; NO_LIMIT where there is none."""

    deadline_hours: float = NO_LIMIT
    max_gpus: float = NO_LIMIT
    budget_usd: float = NO_LIMIT


@dataclass(frozen=True, slots=True)
class Segments:
    """The segments of all candidates; arrays of equal length, one entry a segment.

    ``candidate`` indexes ``candidates``, ``number`` counts an offer's segments; GPU-hours of
    the run are ``base_hours + hours_per_gpu · n`` for n = node · nodes, with
    ``fewest_nodes <= nodes <= most_nodes``. ``usd_per_gpu_hour``, ``upfront_usd`` (per GPU),
    ``commitment_hours`` and ``lead_hours`` repeat the offer's terms.
    """

    candidates: tuple[Candidate, ...]
    candidate: Ints
    number: Ints
    base_hours: Floats
    hours_per_gpu: Floats
    node: Ints
    fewest_nodes: Ints
    most_nodes: Ints
    usd_per_gpu_hour: Floats
    upfront_usd: Floats
    commitment_hours: Floats
    lead_hours: Floats

    def __len__(self) -> int:
        """How many segments there are."""
        return len(self.candidate)

    def take(self, chosen: NDArray[np.bool_] | Ints) -> "Segments":
        """The chosen segments only."""
        names = [name for name in self.__slots__ if name != "candidates"]
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def hours(self, nodes: Floats | Ints) -> Floats:
        """GPU-hours of the run on each segment at that many nodes."""
        return self.base_hours + self.hours_per_gpu * (self.node * nodes)

    def wall_hours(self, nodes: Floats | Ints) -> Floats:
        """Hours from signature to the last step."""
        return self.lead_hours + self.hours(nodes) / (self.node * nodes)

    def cost(self, nodes: Floats | Ints) -> Floats:
        """USD of the run: GPU-hours billed, at least the commitment, and up-front cost."""
        gpus = self.node * nodes
        billed = np.maximum(self.hours(nodes), self.commitment_hours * gpus)
        return self.usd_per_gpu_hour * billed + self.upfront_usd * gpus


def qualify(run: Run, catalog: Catalog) -> tuple[list[Candidate], list[Rejected]]:
    """The offers that can serve the run, and the rest with the limit that rules each out."""
    question = run.question
    fits: dict[tuple[str, int], int | None] = {}
    candidates, rejected = [], []
    for offer in catalog.offers:
        gpu = catalog.gpus[offer.gpu]
        filtered = _filtered(offer, run)
        if filtered:
            rejected.append(Rejected(offer, *filtered))
            continue
        precision = run.precision_on(gpu)
        curve = run.curve_on(gpu, precision, catalog) if precision else None
        if precision is None or curve is None:
            reason = f"{gpu.name} has no {question.precision or 'bf16 or fp16'} figures"
            rejected.append(Rejected(offer, "precision", reason))
            continue
        key = (offer.gpu, offer.gpus_per_node)
        if key not in fits:
            fits[key] = fewest_gpus(run.shape, run.seq_len, gpu, offer)
        most = _most_gpus(offer, question.largest_cluster)
        candidate, why = _hold(offer, precision, curve, fits[key], most)
        if candidate:
            candidates.append(candidate)
        else:
            rejected.append(Rejected(offer, "memory", why))
    return candidates, rejected


def _filtered(offer: Offer, run: Run) -> tuple[str, str] | None:
    """The filter of the question that rules the offer out, and why; None where none does."""
    question = run.question
    if run.gpus is not None and offer.gpu not in run.gpus:
        return "gpu", f"{offer.gpu} was not asked for"
    if question.provider and offer.provider not in question.provider:
        return "provider", f"{offer.provider} was not asked for"
    if offer.pricing not in run.pricing:
        return "pricing", f"{offer.pricing} offers were not asked for"
    regions = [region.lower() for region in question.region]
    if regions and not any(region in offer.region.lower() for region in regions):
        return "region", f"sold in {offer.region or 'a region that is not stated'}"
    return None


def _most_gpus(offer: Offer, overrides: dict[str, int]) -> int:
    if offer.max_gpus_basis == "estimate" and offer.cluster_class in overrides:
        return overrides[offer.cluster_class]
    return offer.max_gpus


def _hold(
    offer: Offer, precision: Precision, curve: Curve, fewest: int | None, most: int
) -> tuple[Candidate | None, str]:
    """The candidate, or None and why: the model does not fit what is on sale."""
    if fewest is None:
        return None, f"one sequence does not fit in the memory of one {offer.gpu}"
    node = offer.gpus_per_node
    least = -(-max(fewest, offer.min_gpus) // node) * node
    if least > most // node * node:
        return None, f"holding the model takes {least:,} {offer.gpu}; {offer.offer} sells {most:,}"
    return Candidate(offer, precision, curve, least, most), ""


def make_segments(run: Run, catalog: Catalog, candidates: list[Candidate]) -> Segments:
    """Every candidate's curve as lines in GPU-hours, cut to the fleets that are on sale."""
    lines: dict[tuple[str, Precision], Floats] = {}
    parts, owners = [], []
    for index, candidate in enumerate(candidates):
        key = (candidate.offer.gpu, candidate.precision)
        if key not in lines:
            gpu = catalog.gpus[candidate.offer.gpu]
            lines[key] = _hours_lines(run, gpu, candidate.precision, candidate.curve)
        parts.append(lines[key])
        owners.append(np.full(len(lines[key]), index))
    table = np.concatenate(parts) if parts else np.zeros((0, 5))
    owner = np.concatenate(owners).astype(np.int64) if owners else np.zeros(0, np.int64)
    return _on_sale(tuple(candidates), owner, table)


def _hours_lines(run: Run, gpu: Gpu, precision: Precision, curve: Curve) -> Floats:
    """Rows (number, first GPU, last GPU, a, b): GPU-hours of the run are a + b·n."""
    peak = gpu.peak_tflops(precision)
    assert peak is not None, "a candidate's precision has a peak"
    at_peak = peak_hours(run.flop, peak) / run.goodput
    return np.array(
        [
            (number, line.first, line.last, at_peak * line.inverse, at_peak * line.slope)
            for number, line in enumerate(curve.segments())
        ]
    )


def _on_sale(candidates: tuple[Candidate, ...], owner: Ints, table: Floats) -> Segments:
    """Segments between the fewest and the most GPUs of their offers, in whole nodes."""

    def term(values: list[float]) -> Floats:
        return np.array(values, dtype=np.float64)[owner] if len(owner) else np.zeros(0)

    offers = [c.offer for c in candidates]
    node = term([o.gpus_per_node for o in offers]).astype(np.int64)
    least = np.maximum(term([c.fewest_gpus for c in candidates]), table[:, 1])
    most = np.minimum(term([c.most_gpus for c in candidates]), table[:, 2])
    segments = Segments(
        candidates=candidates,
        candidate=owner,
        number=table[:, 0].astype(np.int64),
        base_hours=table[:, 3],
        hours_per_gpu=table[:, 4],
        node=node,
        fewest_nodes=np.maximum(np.ceil(least / node), 1).astype(np.int64),
        most_nodes=np.floor(most / node).astype(np.int64),
        usd_per_gpu_hour=term([o.usd_per_gpu_hour for o in offers]),
        upfront_usd=term([o.upfront_usd_per_gpu for o in offers]),
        commitment_hours=term([o.commitment_hours for o in offers]),
        lead_hours=term([o.lead_time_hours for o in offers]),
    )
    return segments.take(segments.fewest_nodes <= segments.most_nodes)
