"""A fleet that is given: what it takes and costs, with nothing to choose."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from catalog import Catalog, Gpu, Offer, Precision, load_catalog
from optimizer import say
from optimizer.assumptions import (
    HIGHEST_PUBLISHED_MFU,
    Assumption,
    beyond_published,
    converted,
    extrapolated,
    price_warnings,
    published_evidence,
    run_assumptions,
    speed_warnings,
)
from optimizer.compute import peak_hours
from optimizer.confidence import CERTAIN
from optimizer.given import Speed, bill, cheapest_offer, speed_of
from optimizer.goodput import reliability_of
from optimizer.hardware import memory_of
from optimizer.piloted import Piloted, piloted
from optimizer.plan import Span
from optimizer.published import Published, published_beside
from optimizer.run import Run, make_run
from optimizer.say import HOURS_PER_DAY
from optimizer.stacks import OPEN, Paced, stacks_beside
from optimizer.step.launch import Launch
from optimizer.step.search import Layout
from optimizer.terms import terms_of
from problems import Fleet, ProblemError, Question


@dataclass(frozen=True, slots=True)
class Estimate:
    """Days, GPU-hours and USD of a given fleet; ``cost_usd`` is None where nobody has a price.

    The ranges are what the MFU's own range makes of days and cost. ``stacks`` are the same fleet
    with other stacks, ``published`` whole runs like this one; ``launch`` is what a launcher is told
    of the layout, None where none is known in whole numbers.
    """

    run: Run
    gpu: Gpu
    precision: Precision
    gpus: int
    mfu: float
    goodput: float
    days: float
    days_range: Span
    gpu_hours: float
    usd_per_gpu_hour: float | None
    cost_usd: float | None
    cost_usd_range: Span | None
    price_basis: str
    price_read_on: date | None
    layout: Layout | None
    memory_gb_per_gpu: float | None
    assumptions: tuple[Assumption, ...]
    warnings: tuple[str, ...]
    stacks: tuple[Paced, ...]
    published: tuple[Published, ...]
    pilot: Piloted | None = None
    launch: Launch | None = None


def estimate_fleet(
    question: Question, catalog: Catalog | None = None, today: date | None = None
) -> Estimate:
    """What the fleet of the question takes; ProblemError where it has none or names no part."""
    catalog, fleet = catalog or load_catalog(), question.fleet
    if fleet is None:
        raise ProblemError(["fleet: is missing; expected a GPU model and a number of GPUs"])
    run = make_run(question, catalog)
    gpu = _the_gpu(run, fleet.gpu, catalog)
    given = fleet.usd_per_gpu_hour
    offer = cheapest_offer(run, gpu, fleet, catalog) if given is None else None
    speed = speed_of(run, gpu, fleet, offer, catalog)
    node = offer.gpus_per_node if offer else min(fleet.gpus_per_node, fleet.gpus)
    nic = offer.nic_gbps_per_gpu if offer else None
    spot = offer is not None and offer.pricing == "spot"
    reliability = reliability_of(run, catalog, gpu, node, spot)
    losses = reliability.at(fleet.gpus)

    def hours_at(mfu: float) -> float:
        """GPU-hours of the run at that MFU."""
        at_peak = peak_hours(run.flop, gpu.peak_tflops(speed.precision) or 0.0)
        return at_peak / (mfu * losses.goodput)

    def cost_of(hours: float) -> float | None:
        """USD for those GPU-hours."""
        if given is not None:
            return given * hours
        return bill(offer, gpu, run, catalog, fleet.gpus, hours) if offer else None

    hours = hours_at(speed.mfu)
    cost = cost_of(hours)
    span = Span(hours_at(speed.span.high), hours_at(speed.span.low))
    least, most = (cost_of(hours) for hours in (span.low, span.high))
    per_day = fleet.gpus * HOURS_PER_DAY / reliability.elapsed(losses)
    days = hours / per_day

    def paced(stack: str | None) -> Paced:
        """The same fleet with another stack, or with none named."""
        mfu = speed_of(replace(run, stack=stack), gpu, fleet, offer, catalog).mfu
        taken = hours_at(mfu)
        return Paced(stack or OPEN, taken / per_day, cost_of(taken), mfu)

    price = terms_of(offer, gpu, run, catalog)[0].usd_per_gpu_hour if offer else given
    return Estimate(
        run=run,
        gpu=gpu,
        precision=speed.precision,
        gpus=fleet.gpus,
        mfu=speed.mfu,
        days=days,
        days_range=Span(span.low / per_day, span.high / per_day),
        gpu_hours=hours,
        goodput=losses.goodput,
        usd_per_gpu_hour=price,
        cost_usd=cost,
        cost_usd_range=Span(least, most) if least is not None and most is not None else None,
        price_basis=_basis(given, offer, fleet, gpu),
        price_read_on=offer.read_on if offer else None,
        layout=speed.found.layout if speed.found else None,
        memory_gb_per_gpu=memory_of(speed.found) if speed.found else None,
        assumptions=tuple(_assumptions(run, gpu, speed)),
        warnings=tuple(_warnings(run, gpu, speed, fleet, offer, days, cost, today or date.today())),
        stacks=tuple(paced(s) for s in stacks_beside(run)) if speed.basis not in CERTAIN else (),
        published=published_beside(run, gpu, speed.precision, hours),
        pilot=piloted(run, catalog, (gpu.gpu, node, nic), fleet.gpus, speed.mfu, speed.span),
    )


def _the_gpu(run: Run, asked: str, catalog: Catalog) -> Gpu:
    models = sorted(run.gpus or ())
    if len(models) != 1:
        what = f"{asked!r} names several GPU models; say which: {', '.join(models)}"
        raise ProblemError([f"gpu: {what}"])
    return catalog.gpus[models[0]]


def _assumptions(run: Run, gpu: Gpu, speed: Speed) -> Iterator[Assumption]:
    yield from run_assumptions(run)
    yield from converted(run, gpu, speed.precision)
    if speed.basis == "predicted":
        yield from published_evidence(gpu, speed.precision)


def _basis(given: float | None, offer: Offer | None, fleet: Fleet, gpu: Gpu) -> str:
    if given is not None:
        return "given"
    if offer is None:
        return f"nobody in the catalog sells {fleet.gpus:,} {gpu.name} at once"
    return f"{offer.offer}, the cheapest that sells so many"


def _warnings(
    run: Run,
    gpu: Gpu,
    speed: Speed,
    fleet: Fleet,
    offer: Offer | None,
    days: float,
    cost: float | None,
    today: date,
) -> Iterator[str]:
    """What speaks against the fleet: limits it misses, a weak price, idle GPUs."""
    wall, question = days * HOURS_PER_DAY, run.question
    if question.deadline is not None and wall > question.deadline:
        yield f"it misses the deadline of {say.days(question.deadline)}"
    if question.budget is not None and cost is not None and cost > question.budget:
        yield f"it costs more than the budget of {say.usd(question.budget)}"
    if offer is not None:
        yield from price_warnings(offer, today)
    if speed.basis == "predicted" and speed.found is not None and speed.found.extrapolates:
        yield extrapolated(gpu, speed.precision)
    yield from speed_warnings(run, gpu, speed.precision)
    if speed.basis == "given" and speed.mfu > HIGHEST_PUBLISHED_MFU:
        yield beyond_published(speed.mfu)
    yield from speed.warnings
    if fleet.gpus > fleet.gpus_per_node and fleet.gpus % fleet.gpus_per_node:
        yield f"{fleet.gpus:,} GPUs are not whole nodes of {fleet.gpus_per_node}"
