"""The plan: the one answer that every renderer reads."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from catalog import Breakpoint, Catalog
from optimizer.fleets import Fleet
from optimizer.hardware import Hardware, layout_on, memory_of, remarks_on
from optimizer.run import Run
from optimizer.step.predict import Prediction
from optimizer.step.search import Layout

HOURS_PER_DAY = 24
MfuBasis = Literal["predicted", "extrapolated", "published", "estimate", "measured", "given"]


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
    is predicted on a part with published runs, extrapolated to one without, predicted at the
    level of published or estimated points of the catalog (``mfu_sources``), measured, or given.
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
    span = _mfu_range(hardware, found, mfu)
    basis, sources = _provenance(hardware, found, catalog, fleet.gpus)
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
        layout=found.layout if found else None,
        memory_gb_per_gpu=memory_of(found) if found else None,
        remarks=tuple(remarks_on(hardware, found)) if found else (),
        price_read_on=offer.read_on,
        source=offer.source,
    )


def _mfu_range(hardware: Hardware, found: Prediction | None, mfu: float) -> Span:
    """The prediction's own range around this MFU; no width where it was measured or given."""
    if hardware.basis in ("given", "measured") or found is None:
        return Span(mfu, mfu)
    return Span(mfu * found.low / found.mfu, min(1.0, mfu * found.high / found.mfu))


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
    hardware: Hardware, found: Prediction | None, catalog: Catalog, gpus: int
) -> tuple[MfuBasis, tuple[str, ...]]:
    """What the MFU rests on, and the sources of the catalog's points where it is read off them."""
    if hardware.basis == "given":
        return "given", ()
    if hardware.basis == "predicted":
        return ("extrapolated" if found is None or found.extrapolates else "predicted"), ()
    points = catalog.breakpoints(hardware.gpu.gpu, hardware.precision)
    around = _around(points, gpus)
    sources = tuple(dict.fromkeys(point.source for point in around))
    # Beyond the last breakpoint nobody measured.
    within = gpus <= points[-1].gpus
    if hardware.basis == "measured":
        return ("measured" if within else "estimate"), sources
    published = within and all(point.basis == "published" for point in around)
    return ("published" if published else "estimate"), sources


def _around(points: tuple[Breakpoint, ...], gpus: int) -> list[Breakpoint]:
    """The breakpoints on both sides of that scale; one where it lies outside or upon one."""
    below = [point for point in points if point.gpus <= gpus]
    above = [point for point in points if point.gpus >= gpus]
    return [*below[-1:], *above[:1]]
