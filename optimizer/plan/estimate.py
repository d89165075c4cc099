"""A fleet that is given: what it takes and costs, with nothing to choose."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from catalog import Catalog, Gpu, Offer, Precision, load_catalog
from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.market.confidence import CERTAIN
from optimizer.market.hardware import key_of, laid_out_as_gpus, layout_on, memory_of
from optimizer.market.run import Run, make_run
from optimizer.physics.mfu import Curve
from optimizer.plan.assumptions import Assumption, converted, published_evidence, run_assumptions
from optimizer.plan.bill import cost_at
from optimizer.plan.cost_assumptions import spot_assumption
from optimizer.plan.given_fleet import Given, given_fleet
from optimizer.plan.piloted import Piloted, piloted
from optimizer.plan.plan import slack_share
from optimizer.plan.published import Published, published_beside
from optimizer.plan.ranges import Span, mfu_range
from optimizer.plan.stacks import OPEN, Paced, stacks_beside
from optimizer.plan.warnings import (
    HIGHEST_PUBLISHED_MFU,
    beyond_published,
    extrapolated,
    price_warnings,
    speed_warnings,
    taken_back,
)
from optimizer.program.enumerate import Fleet as Rented
from optimizer.step.launch import Launch
from optimizer.step.predict import Prediction
from problems import Fleet, ProblemError, Question


@dataclass(frozen=True, slots=True)
class Estimate:
    """Days, GPU-hours and USD of a given fleet; ``cost_usd`` is None where nobody has a price.

    ``days`` run from signature to the last step, ``lead_days`` of them before the first. The
    ranges are what the MFU's own range makes of days and cost. ``stacks`` are the same fleet with
    other stacks, ``published`` whole runs like this one.
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
    layout: Launch | None
    memory_gb_per_gpu: float | None
    assumptions: tuple[Assumption, ...]
    warnings: tuple[str, ...]
    stacks: tuple[Paced, ...]
    published: tuple[Published, ...]
    pilot: Piloted | None = None
    lead_days: float = 0.0

    @property
    def gpus_per_node(self) -> int:
        """GPUs of one machine: all of them where there are fewer than one holds."""
        fleet = self.run.question.fleet
        assert fleet is not None
        return min(fleet.gpus_per_node, self.gpus)


def estimate_fleet(
    question: Question, catalog: Catalog | None = None, today: date | None = None
) -> Estimate:
    """What the fleet of the question takes; ProblemError where it has none or names no part."""
    catalog, fleet = catalog or load_catalog(), question.fleet
    if fleet is None:
        raise ProblemError(["fleet: is missing; expected a GPU model and a number of GPUs"])
    run = make_run(question, catalog)
    gpu = _the_gpu(run, fleet.gpu, catalog)
    given = given_fleet(run, gpu, fleet, catalog)
    offer, hardware, mfu = given.offer, given.hardware, given.mfu
    found = layout_on(hardware, given.fleet.gpus)
    span = mfu_range(hardware, given.fleet.gpus, mfu)
    priced = offer is not None or fleet.usd_per_gpu_hour is not None
    at = _At(given, run.runs)
    least, most = (mfu / reached for reached in (span.high, span.low))
    cost = at.cost(1.0) if priced else None
    days = at.days(1.0)
    term = given.fleet.candidate.term
    return Estimate(
        run=run,
        gpu=gpu,
        precision=hardware.precision,
        gpus=fleet.gpus,
        mfu=mfu,
        days=days,
        days_range=Span(at.days(least), at.days(most)),
        gpu_hours=given.fleet.gpu_hours * given.share,
        goodput=given.fleet.losses.goodput,
        usd_per_gpu_hour=term.usd_per_gpu_hour if priced else None,
        cost_usd=cost,
        cost_usd_range=Span(at.cost(least), at.cost(most)) if priced else None,
        price_basis=_basis(fleet.usd_per_gpu_hour, offer, fleet, gpu),
        price_read_on=offer.read_on if offer else None,
        layout=found.layout if found and laid_out_as_gpus(hardware) else None,
        memory_gb_per_gpu=memory_of(found) if found else None,
        assumptions=tuple(_assumptions(run, given, catalog)),
        warnings=tuple(_warnings(run, given, found, fleet, days, cost, today or date.today())),
        stacks=tuple(_paced(run, given, catalog, priced)),
        published=published_beside(run, gpu, hardware.precision, _one_run(given, run)),
        pilot=piloted(
            run, catalog, key_of(given.fleet.candidate.offer), given.fleet.gpus, mfu, span
        ),
        lead_days=term.lead_hours / HOURS_PER_DAY,
    )


def _paced(run: Run, given: Given, catalog: Catalog, priced: bool) -> Iterator[Paced]:
    """The same fleet with each other stack, or with none named, where one changes its speed."""
    hardware, asked = given.hardware, run.question.fleet
    if asked is None or hardware.basis in CERTAIN:
        return
    for stack in stacks_beside(run):
        then = given_fleet(replace(run, stack=stack), hardware.gpu, asked, catalog)
        at = _At(then, run.runs)
        yield Paced(stack or OPEN, at.days(1.0), at.cost(1.0) if priced else None, then.mfu)


def _one_run(given: Given, run: Run) -> float:
    """GPU-hours of one of the runs."""
    return given.fleet.gpu_hours * given.share / run.runs


@dataclass(frozen=True, slots=True)
class _At:
    """A given fleet's days and USD where every hour of training takes ``stretch`` times as long."""

    given: Given
    runs: int

    def days(self, stretch: float) -> float:
        """Days from signature to the last step of the first run."""
        return self.given.fleet.wall_hours_at(stretch) / HOURS_PER_DAY

    def cost(self, stretch: float) -> float:
        """USD of all runs, the GPUs that are no whole node included."""
        return cost_at(self.given.fleet, self.runs, stretch) * self.given.share


def _the_gpu(run: Run, asked: str, catalog: Catalog) -> Gpu:
    models = sorted(run.gpus or ())
    if len(models) != 1:
        what = f"{asked!r} names several GPU models; say which: {', '.join(models)}"
        raise ProblemError([f"gpu: {what}"])
    return catalog.gpus[models[0]]


def _assumptions(run: Run, given: Given, catalog: Catalog) -> Iterator[Assumption]:
    hardware = given.hardware
    yield from run_assumptions(run)
    yield from converted(run, hardware.gpu, hardware.precision)
    if hardware.basis == "predicted":
        yield from published_evidence(hardware.gpu, hardware.precision)
    if given.fleet.candidate.reliability.spot is not None:
        yield spot_assumption(run, catalog)


def _basis(given: float | None, offer: Offer | None, fleet: Fleet, gpu: Gpu) -> str:
    if given is not None:
        return "given"
    if offer is None:
        return f"nobody in the catalog sells {fleet.gpus:,} {gpu.name} at once"
    return f"{offer.offer}, the cheapest that sells so many"


def _warnings(
    run: Run,
    given: Given,
    found: Prediction | None,
    fleet: Fleet,
    days: float,
    cost: float | None,
    today: date,
) -> Iterator[str]:
    """What speaks against the fleet: limits it misses, a weak price, idle GPUs."""
    limits, hardware = run.limits, given.hardware
    if days * HOURS_PER_DAY > limits.deadline_hours:
        yield f"it misses the deadline of {say.days(limits.deadline_hours)}"
    if cost is not None and cost > limits.budget_usd:
        yield f"it costs more than the budget of {say.usd(limits.budget_usd)}"
    if given.offer is not None:
        yield from price_warnings(given.offer, today)
    if given.fleet.candidate.reliability.spot is not None:
        yield _taken_back(run, given.fleet)
    if hardware.basis == "predicted" and found is not None and found.extrapolates:
        yield extrapolated(hardware.gpu, hardware.precision)
    yield from speed_warnings(run, hardware.gpu, hardware.precision)
    if hardware.basis == "given":
        yield from _own_speed_warnings(run, given, found, fleet)
    elif hardware.basis != "measured" and found is not None:
        yield from found.warnings
    if fleet.gpus > fleet.gpus_per_node and fleet.gpus % fleet.gpus_per_node:
        yield f"{fleet.gpus:,} GPUs are not whole nodes of {fleet.gpus_per_node}"


def _taken_back(run: Run, fleet: Rented) -> str:
    """What the days of a spot fleet consist of, as a plan of it says."""
    running = fleet.wall_hours - fleet.candidate.term.lead_hours
    interruptions = fleet.losses.interruptions_per_hour * fleet.gpu_hours / run.runs / fleet.gpus
    slack = running * slack_share(fleet) / HOURS_PER_DAY
    return taken_back(interruptions, slack, fleet.wall_hours / HOURS_PER_DAY)


def _own_speed_warnings(
    run: Run, given: Given, found: Prediction | None, fleet: Fleet
) -> Iterator[str]:
    """What speaks against a speed of the user's own."""
    hardware = given.hardware
    if given.mfu > HIGHEST_PUBLISHED_MFU:
        yield beyond_published(given.mfu)
    if isinstance(hardware.curve, Curve) and hardware.curve.extrapolates(fleet.gpus):
        end = f"{hardware.curve.gpus[-1]:,.0f} GPUs"
        yield f"the MFU curve ends at {end}; its last slope goes on"
    if found is None:
        yield f"no layout of {run.shape.name} is known on {fleet.gpus:,} {hardware.gpu.name}"
