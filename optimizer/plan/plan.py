"""The plan: the one answer that every renderer reads."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from catalog import Catalog
from catalog.units import HOURS_PER_DAY
from optimizer.market.hardware import Hardware, laid_out_as_gpus, layout_on, memory_of, remarks_on
from optimizer.market.run import Run
from optimizer.physics.compute import peak_hours
from optimizer.physics.energy import footprint
from optimizer.plan.bill import BillLine, bill_of
from optimizer.plan.ranges import Span, cost_range, days_range, mfu_range
from optimizer.program.enumerate import Fleet
from optimizer.step.launch import Launch
from optimizer.step.predict import Prediction

MfuBasis = Literal["predicted", "extrapolated", "anchored", "measured", "given"]
# What a plan says in the words of its offer, and of its fleet.
_OF_THE_OFFER = (
    *("offer", "provider", "gpu", "pricing", "region", "fabric", "gpus_per_node", "source"),
    *("capacity", "instance_type"),
)
_OF_THE_FLEET = ("nodes", "gpus", "gpu_hours", "billed_gpu_hours", "cost_usd")


@dataclass(frozen=True, slots=True)
class Plan:
    """One fleet for one run: what to rent, how long, what it costs, and on which figures.

    ``days`` run from signature to the last step of a run, ``lead_days`` of them before the first
    step and ``slack_days`` kept for spot capacity that is slow to come back. ``runs`` follow each
    other: ``gpu_hours`` are those that all of them use, ``billed_gpu_hours`` at least the
    commitment, and the ``bill`` adds up to ``cost_usd``. ``block_days`` is the duration of a
    reserved block. ``interruptions`` are expected in a run, with a checkpoint every
    ``checkpoint_minutes``; None where a goodput was given. Energy and CO2 are those of training.
    ``mfu`` is that of the whole run: ``step_mfu`` times ``run_factor``, which holds what usual
    interruptions take; ``goodput`` is what is left of it by those that take more.
    ``mfu_basis`` says whether it is predicted on a part with published runs, extrapolated to one
    without, anchored to the level of the catalog's curve where no run of the architecture is
    known, measured, or given; ``mfu_sources`` are those of the curve.
    ``idle_gpus`` are rented and run nothing: no layout makes use of them.
    ``instance_type`` is what the provider calls a node, empty where not known.
    ``promised_days`` are those that the run keeps with the confidence asked for, by the range of
    its MFU; None where none was.
    The ranges are what the MFU's own range makes of days and cost; with a measured or given MFU
    they have no width. ``layout`` and its memory are None where no layout of whole replicas is
    known; ``remarks`` say what slows it down. ``source`` is the key of the price's row in
    sources.csv. ``capacity`` is how sure one gets what is priced (catalog/vocabulary.py).
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
    slack_days: float
    block_days: int | None
    runs: int
    gpu_hours: float
    billed_gpu_hours: float
    usd_per_gpu_hour: float
    upfront_usd: float
    cost_usd: float
    cost_usd_range: Span
    bill: tuple[BillLine, ...]
    energy_mwh: float
    co2_kg: float
    energy_basis: str
    mfu: float
    mfu_range: Span
    step_mfu: float
    run_factor: float
    mfu_basis: MfuBasis
    mfu_sources: tuple[str, ...]
    goodput: float
    interruptions: float
    checkpoint_minutes: float | None
    training_flop: float
    global_batch_tokens: float
    layout: Launch | None
    memory_gb_per_gpu: float | None
    remarks: tuple[str, ...]
    price_read_on: date
    source: str
    capacity: str
    promised_days: float | None
    idle_gpus: int
    instance_type: str = ""

    @property
    def running_gpus(self) -> int:
        """GPUs that run; the others no layout makes use of."""
        return self.gpus - self.idle_gpus

    @property
    def latest_days(self) -> float:
        """Days that are kept with the confidence asked for; the expected ones without."""
        return self.days if self.promised_days is None else self.promised_days

    def value(self, objective: str) -> float:
        """What is made small: USD, or for "time" the days that are kept."""
        return self.cost_usd if objective == "cost" else self.latest_days


def make_plan(run: Run, catalog: Catalog, fleet: Fleet) -> Plan:
    """The plan that a fleet is for a run."""
    hardware, term, losses = fleet.candidate.hardware, fleet.candidate.term, fleet.losses
    running = fleet.wall_hours - term.lead_hours
    rented = fleet.gpu_hours / run.runs / fleet.gpus
    drawn = footprint(hardware.gpu, fleet.candidate.offer, fleet.gpu_hours, catalog)
    found = layout_on(hardware, fleet.gpus)
    mfu = hardware.curve.at(fleet.gpus)
    span = mfu_range(hardware, fleet.gpus, mfu)
    basis, sources = _provenance(hardware, found, catalog)
    return Plan(
        **_rented(fleet),
        **_laid_out(run, fleet, found),
        days=fleet.wall_hours / HOURS_PER_DAY,
        days_range=days_range(fleet, mfu, span),
        lead_days=term.lead_hours / HOURS_PER_DAY,
        slack_days=running * slack_share(fleet) / HOURS_PER_DAY,
        block_days=term.block_days,
        runs=run.runs,
        usd_per_gpu_hour=term.usd_per_gpu_hour,
        upfront_usd=term.upfront_usd_per_gpu * fleet.gpus,
        cost_usd_range=cost_range(run, fleet, mfu, span),
        bill=bill_of(run, catalog, fleet),
        energy_mwh=drawn.energy_mwh,
        co2_kg=drawn.co2_kg,
        energy_basis=drawn.basis,
        mfu=mfu,
        mfu_range=span,
        step_mfu=mfu / hardware.run_factor,
        run_factor=hardware.run_factor,
        mfu_basis=basis,
        mfu_sources=sources,
        goodput=_goodput(run, fleet, mfu),
        interruptions=losses.interruptions_per_hour * rented,
        checkpoint_minutes=None if losses.interval_hours is None else losses.interval_hours * 60,
        training_flop=run.flop,
        promised_days=_promised(run, fleet),
    )


def _rented(fleet: Fleet) -> dict[str, Any]:
    """What is rented and billed, as the offer and the fleet themselves say it."""
    offer, hardware = fleet.candidate.offer, fleet.candidate.hardware
    return {
        **{name: getattr(offer, name) for name in _OF_THE_OFFER},
        **{name: getattr(fleet, name) for name in _OF_THE_FLEET},
        "gpu_name": hardware.gpu.name,
        "precision": hardware.precision,
        "price_read_on": offer.read_on,
    }


def _laid_out(run: Run, fleet: Fleet, found: Prediction | None) -> dict[str, Any]:
    """How the run stands on the GPUs; what no known layout says is None, or the run's own."""
    hardware = fleet.candidate.hardware
    return {
        "layout": found.layout if found and laid_out_as_gpus(hardware) else None,
        "memory_gb_per_gpu": memory_of(found) if found else None,
        "global_batch_tokens": found.global_batch_tokens if found else run.global_batch,
        "remarks": _remarks(hardware, found),
        "idle_gpus": fleet.gpus - round(hardware.running(fleet.gpus)),
    }


def _promised(run: Run, fleet: Fleet) -> float | None:
    """Days kept with the confidence that was asked for."""
    return None if run.confidence is None else fleet.latest_hours / HOURS_PER_DAY


def _remarks(hardware: Hardware, found: Prediction | None) -> tuple[str, ...]:
    """What slows the layout down; nothing of an architecture whose layouts are not known."""
    if found is None or not laid_out_as_gpus(hardware):
        return ()
    return tuple(remarks_on(hardware, found))


def _goodput(run: Run, fleet: Fleet, mfu: float) -> float:
    """Productive over billed time, as the hours of the fleet have it."""
    hardware, one_run = fleet.candidate.hardware, fleet.gpu_hours / run.runs
    peak = hardware.gpu.peak_tflops(hardware.precision) or 0.0
    return peak_hours(run.flop, peak) / (mfu * one_run)


def slack_share(fleet: Fleet) -> float:
    """Of the time that a plan takes, the part that is kept in reserve."""
    spot = fleet.candidate.reliability.spot
    return spot.slack / (1 + spot.slack) if spot else 0.0


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
