"""A fleet that is given: what it takes and costs, with nothing to choose."""

from dataclasses import dataclass
from datetime import date

from catalog import Catalog, Gpu, Offer, Precision, load_catalog
from optimizer.assumptions import Assumption, run_assumptions
from optimizer.candidates import most_gpus
from optimizer.compute import peak_hours
from optimizer.hardware import Hardware, Unfit, hardware_of, layout_on, memory_of
from optimizer.plan import Span
from optimizer.run import Run, make_run
from optimizer.step.predict import Prediction
from optimizer.step.search import Layout
from problems import Fleet, ProblemError, Question

HOURS_PER_DAY = 24


@dataclass(frozen=True, slots=True)
class Estimate:
    """Days, GPU-hours and USD of a given fleet; ``cost_usd`` is None where nobody has a price."""

    run: Run
    gpu: Gpu
    precision: Precision
    gpus: int
    mfu: float
    days: float
    days_range: Span
    gpu_hours: float
    usd_per_gpu_hour: float | None
    cost_usd: float | None
    price_basis: str
    price_read_on: date | None
    layout: Layout | None
    memory_gb_per_gpu: float | None
    assumptions: tuple[Assumption, ...]
    warnings: tuple[str, ...]


def estimate_fleet(question: Question, catalog: Catalog | None = None) -> Estimate:
    """What the fleet of the question takes; ProblemError where it has none or names no part."""
    catalog = catalog or load_catalog()
    fleet = question.fleet
    if fleet is None:
        raise ProblemError(["fleet: is missing; expected a GPU model and a number of GPUs"])
    run = make_run(question, catalog)
    gpu = _the_gpu(run, fleet.gpu, catalog)
    speed = _speed(run, gpu, fleet, catalog)
    at_peak = peak_hours(run.flop, gpu.peak_tflops(speed.precision) or 0.0)
    hours = at_peak / (speed.mfu * run.goodput)
    days, found = hours / fleet.gpus / HOURS_PER_DAY, speed.found
    price = _price(run, gpu, fleet, hours, catalog)
    return Estimate(
        run=run,
        gpu=gpu,
        precision=speed.precision,
        gpus=fleet.gpus,
        mfu=speed.mfu,
        days=days,
        days_range=_days_range(run, found, days),
        gpu_hours=hours,
        usd_per_gpu_hour=price.usd_per_gpu_hour,
        cost_usd=price.cost_usd,
        price_basis=price.basis,
        price_read_on=price.read_on,
        layout=found.layout if found else None,
        memory_gb_per_gpu=memory_of(found) if found else None,
        assumptions=tuple(run_assumptions(run)),
        warnings=tuple(_warnings(speed, fleet)),
    )


def _the_gpu(run: Run, asked: str, catalog: Catalog) -> Gpu:
    models = sorted(run.gpus or ())
    if len(models) != 1:
        raise ProblemError(
            [f"gpu: {asked!r} names several GPU models; say which: {', '.join(models)}"]
        )
    return catalog.gpus[models[0]]


@dataclass(frozen=True, slots=True)
class _Speed:
    """The MFU of the whole run on the fleet, and the layout behind it where one is known."""

    precision: Precision
    mfu: float
    found: Prediction | None
    warnings: tuple[str, ...] = ()


def _speed(run: Run, gpu: Gpu, fleet: Fleet, catalog: Catalog) -> _Speed:
    """The fleet's speed, its network the usual one of the GPU's generation."""
    precision = run.precision_on(gpu)
    if precision is None:
        has = ", ".join(p for p in ("bf16", "fp16", "fp8") if gpu.peak_tflops(p))
        what = f"{gpu.gpu} has no {run.question.precision or '16-bit'} peak"
        raise ProblemError([f"precision: {what}; expected one of {has}"])
    node = min(fleet.gpus_per_node, fleet.gpus)
    hardware = hardware_of(run, catalog, (gpu.gpu, node, None), fleet.gpus)
    found = None
    if isinstance(hardware, Hardware):
        found = layout_on(hardware, fleet.gpus // node * node)
    if run.measured:
        return _own_speed(run, gpu, precision, fleet, found)
    if isinstance(hardware, Unfit):
        raise ProblemError([f"fleet.gpus: {_does_not_fit(run, gpu, fleet, hardware)}"])
    if hardware.basis != "predicted":
        return _Speed(precision, hardware.curve.at(fleet.gpus), found)
    if found is None:
        what = f"a batch of {run.global_batch:,.0f} tokens is too small for {fleet.gpus:,} GPUs"
        raise ProblemError([f"fleet.gpus: {what}; expected fewer, or a larger --global-batch"])
    return _Speed(precision, found.mfu * run.run_factor, found, found.warnings)


def _own_speed(
    run: Run, gpu: Gpu, precision: Precision, fleet: Fleet, found: Prediction | None
) -> _Speed:
    """What the user measured; it ran, so a layout that is not known is no mistake."""
    own, peak = run.own_curve(gpu, precision), gpu.peak_tflops(precision)
    if own is None:
        asked = f"{run.question.tflops_per_gpu:g} TFLOP/s is above the dense {precision} peak"
        what = f"{asked} of {gpu.name}"
        raise ProblemError([f"tflops_per_gpu: {what}; expected at most {peak:g}"])
    warnings = []
    if own.extrapolates(fleet.gpus):
        end = f"{own.gpus[-1]:,.0f} GPUs"
        warnings.append(f"the MFU curve ends at {end}; its last slope goes on")
    if found is None:
        warnings.append(f"no layout of {run.shape.name} is known on {fleet.gpus:,} {gpu.name}")
    return _Speed(precision, own.at(fleet.gpus), found, tuple(warnings))


def _does_not_fit(run: Run, gpu: Gpu, fleet: Fleet, unfit: Unfit) -> str:
    what = f"{fleet.gpus:,} {gpu.name} do not hold {run.shape.name}"
    if unfit.needs is None:
        return f"{what}; expected a part with more memory; no number of these does"
    return f"{what}; expected at least {unfit.needs:,}"


def _days_range(run: Run, found: Prediction | None, days: float) -> Span:
    if found is None or run.measured:
        return Span(days, days)
    return Span(days * found.mfu / found.high, days * found.mfu / found.low)


@dataclass(frozen=True, slots=True)
class _Price:
    """What a GPU-hour and the whole run cost, and who says so."""

    usd_per_gpu_hour: float | None
    cost_usd: float | None
    basis: str
    read_on: date | None = None


def _price(run: Run, gpu: Gpu, fleet: Fleet, hours: float, catalog: Catalog) -> _Price:
    """The price given, else the cheapest bill among the offers of so many GPUs, else none."""
    if fleet.usd_per_gpu_hour is not None:
        return _Price(fleet.usd_per_gpu_hour, fleet.usd_per_gpu_hour * hours, "given")
    bills = {
        offer.offer: (_bill(offer, fleet.gpus, hours), offer)
        for offer in catalog.offers
        if _serves(offer, run, gpu, fleet.gpus)
    }
    if not bills:
        return _Price(None, None, f"nobody in the catalog sells {fleet.gpus:,} {gpu.name} at once")
    cost, offer = bills[min(bills, key=lambda name: (bills[name][0], name))]
    basis = f"{offer.offer}, the cheapest that sells so many"
    return _Price(offer.usd_per_gpu_hour, cost, basis, offer.read_on)


def _bill(offer: Offer, gpus: int, hours: float) -> float:
    """USD for so many GPU-hours: at least the commitment, and what is due up front."""
    billed = max(hours, offer.commitment_hours * gpus)
    return offer.usd_per_gpu_hour * billed + offer.upfront_usd_per_gpu * gpus


def _serves(offer: Offer, run: Run, gpu: Gpu, gpus: int) -> bool:
    largest = most_gpus(offer, run.question.largest_cluster)
    return offer.gpu == gpu.gpu and offer.pricing in run.pricing and gpus <= largest


def _warnings(speed: _Speed, fleet: Fleet) -> list[str]:
    warnings = list(speed.warnings)
    if fleet.gpus > fleet.gpus_per_node and fleet.gpus % fleet.gpus_per_node:
        warnings.append(f"{fleet.gpus:,} GPUs are not whole nodes of {fleet.gpus_per_node}")
    return warnings
