"""A fleet that is given: what it takes and costs, with nothing to choose."""

from dataclasses import dataclass
from datetime import date

from catalog import Catalog, Gpu, Offer, Precision, load_catalog
from optimizer.assumptions import Assumption, run_assumptions
from optimizer.candidates import most_gpus
from optimizer.compute import peak_hours
from optimizer.memory import USABLE_SHARE, fewest_gpus
from optimizer.mfu import Curve
from optimizer.run import Run, make_run
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
    gpu_hours: float
    usd_per_gpu_hour: float | None
    cost_usd: float | None
    price_basis: str
    price_read_on: date | None
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
    precision, curve = _speed(run, gpu, catalog)
    mfu = curve.at(fleet.gpus)
    hours = peak_hours(run.flop, gpu.peak_tflops(precision) or 0.0) / (mfu * run.goodput)
    price = _price(run, gpu, fleet, hours, catalog)
    return Estimate(
        run=run,
        gpu=gpu,
        precision=precision,
        gpus=fleet.gpus,
        mfu=mfu,
        days=hours / fleet.gpus / HOURS_PER_DAY,
        gpu_hours=hours,
        usd_per_gpu_hour=price.usd_per_gpu_hour,
        cost_usd=price.cost_usd,
        price_basis=price.basis,
        price_read_on=price.read_on,
        assumptions=tuple(run_assumptions(run)),
        warnings=tuple(_warnings(run, gpu, curve, fleet.gpus, fleet.gpus_per_node)),
    )


def _the_gpu(run: Run, asked: str, catalog: Catalog) -> Gpu:
    models = sorted(run.gpus or ())
    if len(models) != 1:
        raise ProblemError(
            [f"gpu: {asked!r} names several GPU models; say which: {', '.join(models)}"]
        )
    return catalog.gpus[models[0]]


def _speed(run: Run, gpu: Gpu, catalog: Catalog) -> tuple[Precision, Curve]:
    precision = run.precision_on(gpu)
    if precision is None:
        has = ", ".join(p for p in ("bf16", "fp16", "fp8") if gpu.peak_tflops(p))
        what = f"{gpu.gpu} has no {run.question.precision or '16-bit'} peak"
        raise ProblemError([f"precision: {what}; expected one of {has}"])
    curve = run.curve_on(gpu, precision, catalog)
    peak, asked = gpu.peak_tflops(precision), run.question.tflops_per_gpu
    if curve is None and asked is not None:
        what = f"{asked:g} TFLOP/s is above the dense {precision} peak of {gpu.name}"
        raise ProblemError([f"tflops_per_gpu: {what}; expected at most {peak:g}"])
    if curve is None:
        what = f"no {precision} curve for {gpu.gpu} in the catalogue"
        raise ProblemError([f"mfu: {what}; give --mfu or --tflops-per-gpu"])
    return precision, curve


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


def _warnings(run: Run, gpu: Gpu, curve: Curve, gpus: int, gpus_per_node: int) -> list[str]:
    found = []
    if gpus_per_node > 1 and gpus % gpus_per_node:
        found.append(f"{gpus:,} GPUs are not whole nodes of {gpus_per_node}")
    fewest = fewest_gpus(run.shape, run.seq_len, gpu, gpus_per_node)
    if fewest is None or gpus < fewest:
        least = "no number of them does" if fewest is None else f"it takes {fewest:,}"
        room = f"{USABLE_SHARE:.0%} of {gpu.memory_gb:g} GB"
        found.append(f"{gpus:,} {gpu.name} do not hold {run.shape.name} in {room}: {least}")
    if curve.extrapolates(gpus):
        found.append(f"the MFU curve ends at {curve.gpus[-1]:,.0f} GPUs; its last slope goes on")
    return found
