"""Every fleet counted one by one, from the formulas and with nothing of the optimizer's own.

Slow and plain on purpose: it is the judge of the program, the bounds and the suggestions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from catalog import Catalog, Offer
from optimizer.step.batch import RUN_FACTOR
from optimizer.step.breakpoints import fewest_gpus
from optimizer.step.predict import setting_of
from problems import Question, shape_of

CLOSE = 1e-9
MOST_LOOKED_AT = 65_536


@dataclass(frozen=True)
class Counted:
    """One fleet: GPUs, hours from signature, USD."""

    offer: str
    gpus: int
    wall_hours: float
    cost_usd: float


def every_fleet(question: Question, catalog: Catalog, goodput: float) -> Iterator[Counted]:
    """All fleets that hold the model, of all offers asked for, whatever the other limits."""
    parameters = shape_of(question.model).parameters
    tokens = question.tokens or 20 * parameters
    for offer in catalog.offers:
        if question.gpu and offer.gpu not in question.gpu:
            continue
        most, fewest = _most(offer, question), _fewest(question, offer, catalog)
        points = catalog.efficiency[(offer.gpu, "bf16")]
        peak = (catalog.gpus[offer.gpu].peak_bf16_tflops or 0.0) * 1e12
        nodes = 1
        while nodes * offer.gpus_per_node <= most:
            gpus = nodes * offer.gpus_per_node
            nodes += 1
            if gpus < max(offer.min_gpus, fewest):
                continue
            mfu = RUN_FACTOR * _mfu([(p.gpus, p.mfu) for p in points], gpus)
            hours = 6 * parameters * tokens / (peak * mfu * goodput) / 3600
            billed = max(hours, offer.commitment_hours * gpus)
            cost = billed * offer.usd_per_gpu_hour + offer.upfront_usd_per_gpu * gpus
            yield Counted(offer.offer, gpus, offer.lead_time_hours + hours / gpus, cost)


def _most(offer: Offer, question: Question) -> int:
    """GPUs on sale; a judgment of the catalog gives way to the question's own."""
    if offer.max_gpus_basis == "published":
        return offer.max_gpus
    return question.largest_cluster.get(offer.cluster_class, offer.max_gpus)


def _fewest(question: Question, offer: Offer, catalog: Catalog) -> int:
    """The memory model's own answer: it is tested elsewhere, and decides nothing here."""
    shape, gpu = shape_of(question.model), catalog.gpus[offer.gpu]
    setting = setting_of(
        shape,
        gpu,
        "bf16",
        gpus_per_node=offer.gpus_per_node,
        nic_gbps_per_gpu=offer.nic_gbps_per_gpu,
        seq_len=question.seq_len,
    )
    return fewest_gpus(setting, MOST_LOOKED_AT // offer.gpus_per_node) or MOST_LOOKED_AT


def _mfu(points: list[tuple[int, float]], gpus: int) -> float:
    if gpus <= points[0][0]:
        return points[0][1]
    for (n0, m0), (n1, m1) in pairwise(points):
        if gpus <= n1:
            share = (gpus - n0) / (n1 - n0)
            return 1 / (1 / m0 + share * (1 / m1 - 1 / m0))
    if len(points) == 1:
        return points[-1][1]
    (n0, m0), (n1, m1) = points[-2:]
    slope = max(0.0, (1 / m1 - 1 / m0) / (n1 - n0))
    return 1 / (1 / m1 + slope * (gpus - n1))


def allowed(fleets: list[Counted], question: Question) -> list[Counted]:
    """The fleets that keep the question's deadline, size and budget."""
    deadline = question.deadline or 90 * 24.0
    return [
        fleet
        for fleet in fleets
        if fleet.wall_hours <= deadline * (1 + CLOSE)
        and fleet.gpus <= (question.max_gpus or fleet.gpus)
        and fleet.cost_usd <= (question.budget or fleet.cost_usd) * (1 + CLOSE)
    ]
