"""The plan: the one answer that every renderer reads."""

from dataclasses import dataclass
from datetime import date
from math import exp, hypot, log
from typing import Literal

from catalog import Catalog
from optimizer.fleets import Fleet
from optimizer.hardware import Hardware, layout_on, memory_of, remarks_on
from optimizer.run import Run
from optimizer.say import HOURS_PER_DAY
from optimizer.step.batch import WHOLE_RUNS
from optimizer.step.predict import Prediction
from optimizer.step.search import Layout

# The ends of the published shares that whole runs reach of their steps, against the middle.
LEAST_KEPT, MOST_KEPT = (share / (sum(WHOLE_RUNS) / 2) for share in WHOLE_RUNS)
MfuBasis = Literal["predicted", "extrapolated", "anchored", "measured", "given"]


@dataclass(frozen=True, slots=True)
class Span:
    """A low and a high value: the 10th and the 90th percentile."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Plan:
    """One fleet for one run: what to rent, how long, what it costs, and on which figures.

    ``days`` run from signature to the last step, ``lead_days`` of them before the first.
    ``gpu_hours`` are used, ``billed_gpu_hours`` at least the commitment. ``mfu`` is that of the
    whole run, failures apart: ``step_mfu`` times ``run_factor``. ``mfu_basis`` says whether it
    is predicted on a part with published runs, extrapolated to one without, anchored to the level
    of the catalog's curve where no run of the architecture is known, measured, or given;
    ``mfu_sources`` are those of the curve.
    The ranges are what the MFU's own range makes of days and cost; with a measured or given MFU
    they have no width. ``layout`` and its memory are None where no layout of whole replicas is
    known; ``remarks`` say what slows it down. ``source`` is the key of the price's row in
    sources.csv.
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
    days_range: Span
    lead_days: float
    gpu_hours: float
    billed_gpu_hours: float
    usd_per_gpu_hour: float
    upfront_usd: float
    cost_usd: float
    cost_usd_range: Span
    mfu: float
    mfu_range: Span
    step_mfu: float
    run_factor: float
    mfu_basis: MfuBasis
    mfu_sources: tuple[str, ...]
    goodput: float
    training_flop: float
    global_batch_tokens: float
    layout: Layout | None
    memory_gb_per_gpu: float | None
    remarks: tuple[str, ...]
    price_read_on: date
    source: str


def make_plan(run: Run, catalog: Catalog, fleet: Fleet) -> Plan:
    """The plan that a fleet is for a run."""
    offer, hardware = fleet.candidate.offer, fleet.candidate.hardware
    found = layout_on(hardware, fleet.gpus)
    mfu = hardware.curve.at(fleet.gpus)
    span = mfu_range(hardware, found, mfu)
    basis, sources = _provenance(hardware, found, catalog)
    return Plan(
        offer=offer.offer,
        provider=offer.provider,
        gpu=offer.gpu,
        gpu_name=hardware.gpu.name,
        pricing=offer.pricing,
        region=offer.region,
        fabric=offer.fabric,
        precision=hardware.precision,
        nodes=fleet.nodes,
        gpus_per_node=offer.gpus_per_node,
        gpus=fleet.gpus,
        days=fleet.wall_hours / HOURS_PER_DAY,
        days_range=_days_range(fleet, mfu, span),
        lead_days=offer.lead_time_hours / HOURS_PER_DAY,
        gpu_hours=fleet.gpu_hours,
        billed_gpu_hours=max(fleet.gpu_hours, offer.commitment_hours * fleet.gpus),
        usd_per_gpu_hour=offer.usd_per_gpu_hour,
        upfront_usd=offer.upfront_usd_per_gpu * fleet.gpus,
        cost_usd=fleet.cost_usd,
        cost_usd_range=_cost_range(fleet, mfu, span),
        mfu=mfu,
        mfu_range=span,
        step_mfu=mfu / hardware.run_factor,
        run_factor=hardware.run_factor,
        mfu_basis=basis,
        mfu_sources=sources,
        goodput=run.goodput,
        training_flop=run.flop,
        global_batch_tokens=run.global_batch,
        layout=found.layout if found and hardware.basis != "anchored" else None,
        memory_gb_per_gpu=memory_of(found) if found else None,
        remarks=_remarks(hardware, found),
        price_read_on=offer.read_on,
        source=offer.source,
    )


def _remarks(hardware: Hardware, found: Prediction | None) -> tuple[str, ...]:
    """What slows the layout down; nothing of an architecture whose layouts are not known."""
    if found is None or hardware.basis == "anchored":
        return ()
    return tuple(remarks_on(hardware, found))


def mfu_range(hardware: Hardware, found: Prediction | None, mfu: float) -> Span:
    """The range of a whole run: that of its steps, and of what whole runs keep of them.

    Two independent spreads add as squares, in logarithms. No width where the MFU was measured
    or given.
    """
    if hardware.basis in ("given", "measured") or found is None:
        return Span(mfu, mfu)
    below = hypot(log(found.low / found.mfu), log(LEAST_KEPT))
    above = hypot(log(found.high / found.mfu), log(MOST_KEPT))
    return Span(mfu * exp(-below), min(1.0, mfu * exp(above)))


def _days_range(fleet: Fleet, mfu: float, span: Span) -> Span:
    """A higher MFU makes the run shorter; the wait before the first step stays."""
    lead = fleet.candidate.offer.lead_time_hours
    running = fleet.wall_hours - lead
    soonest, latest = (lead + running * mfu / reached for reached in (span.high, span.low))
    return Span(soonest / HOURS_PER_DAY, latest / HOURS_PER_DAY)


def _cost_range(fleet: Fleet, mfu: float, span: Span) -> Span:
    """GPU-hours go with 1 / MFU, but no fewer than the commitment are billed."""
    offer = fleet.candidate.offer

    def cost(reached: float) -> float:
        hours = max(fleet.gpu_hours * mfu / reached, offer.commitment_hours * fleet.gpus)
        return offer.usd_per_gpu_hour * hours + offer.upfront_usd_per_gpu * fleet.gpus

    return Span(cost(span.high), cost(span.low))


def _provenance(
    hardware: Hardware, found: Prediction | None, catalog: Catalog
) -> tuple[MfuBasis, tuple[str, ...]]:
    """What the MFU rests on, and the sources of the catalog's curve where it is of that level."""
    if hardware.basis == "given":
        return "given", ()
    if hardware.basis == "predicted":
        return ("extrapolated" if found is None or found.extrapolates else "predicted"), ()
    points = catalog.breakpoints(hardware.gpu.gpu, hardware.precision)
    return hardware.basis, tuple(dict.fromkeys(point.source for point in points))
