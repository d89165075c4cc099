"""The plan: the one answer that every renderer reads."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from catalog import Breakpoint, Catalog
from optimizer.candidates import Candidate
from optimizer.fleets import Fleet
from optimizer.memory import memory_gb, tensor_parallel
from optimizer.run import Run

HOURS_PER_DAY = 24
MfuBasis = Literal["published", "estimate", "given"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the model lies on the fleet: GPUs that share a layer, GPUs that share the state."""

    tensor_parallel: int
    state_sharded_over: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One fleet for one run: what to rent, how long, what it costs, and on which figures.

    ``days`` run from signature to the last step, ``lead_days`` of them before the first.
    ``gpu_hours`` are used, ``billed_gpu_hours`` at least the commitment. ``source`` is the key
    of the price's row in sources.csv, ``mfu_sources`` those of the breakpoints around it.
    """

    offer: str
    provider: str
    gpu: str
    gpu_name: str
    pricing: str
    region: str
    fabric: str
    precision: str
    nodes: int
    gpus_per_node: int
    gpus: int
    days: float
    lead_days: float
    gpu_hours: float
    billed_gpu_hours: float
    usd_per_gpu_hour: float
    upfront_usd: float
    cost_usd: float
    mfu: float
    mfu_basis: MfuBasis
    mfu_sources: tuple[str, ...]
    goodput: float
    training_flop: float
    layout: Layout
    memory_gb_per_gpu: float
    price_read_on: date
    source: str


def make_plan(run: Run, catalog: Catalog, fleet: Fleet) -> Plan:
    """The plan that a fleet is for a run."""
    offer = fleet.candidate.offer
    gpu = catalog.gpus[offer.gpu]
    tensor = tensor_parallel(gpu, offer.gpus_per_node)
    billed = max(fleet.gpu_hours, offer.commitment_hours * fleet.gpus)
    basis, sources = mfu_provenance(run, catalog, fleet.candidate, fleet.gpus)
    return Plan(
        offer=offer.offer,
        provider=offer.provider,
        gpu=offer.gpu,
        gpu_name=gpu.name,
        pricing=offer.pricing,
        region=offer.region,
        fabric=offer.fabric,
        precision=fleet.candidate.precision,
        nodes=fleet.nodes,
        gpus_per_node=offer.gpus_per_node,
        gpus=fleet.gpus,
        days=fleet.wall_hours / HOURS_PER_DAY,
        lead_days=offer.lead_time_hours / HOURS_PER_DAY,
        gpu_hours=fleet.gpu_hours,
        billed_gpu_hours=billed,
        usd_per_gpu_hour=offer.usd_per_gpu_hour,
        upfront_usd=offer.upfront_usd_per_gpu * fleet.gpus,
        cost_usd=fleet.cost_usd,
        mfu=fleet.candidate.curve.at(fleet.gpus),
        mfu_basis=basis,
        mfu_sources=sources,
        goodput=run.goodput,
        training_flop=run.flop,
        layout=Layout(tensor, fleet.gpus),
        memory_gb_per_gpu=memory_gb(run.shape, run.seq_len, tensor, fleet.gpus),
        price_read_on=offer.read_on,
        source=offer.source,
    )


def mfu_provenance(
    run: Run, catalog: Catalog, candidate: Candidate, gpus: int
) -> tuple[MfuBasis, tuple[str, ...]]:
    """Whether the MFU at that scale is published, and the sources of the points around it.

    Beyond the last breakpoint nobody measured, so the figure is an estimate.
    """
    if run.measured:
        return "given", ()
    points = catalog.breakpoints(candidate.offer.gpu, candidate.precision)
    around = _around(points, gpus)
    measured = gpus <= points[-1].gpus and all(p.basis == "published" for p in around)
    sources = tuple(dict.fromkeys(point.source for point in around))
    return "published" if measured else "estimate", sources


def _around(points: tuple[Breakpoint, ...], gpus: int) -> list[Breakpoint]:
    """The breakpoints on both sides of that scale; one where it lies outside or upon one."""
    below = [point for point in points if point.gpus <= gpus]
    above = [point for point in points if point.gpus >= gpus]
    return [*below[-1:], *above[:1]]
