"""The sum behind a plan, step by step: every figure that goes in and every formula over them.

The formulas are written once, in the names of the figures, so that a page shows them with numbers
put in and a spreadsheet computes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from catalog import Catalog, Offer, Precision
from catalog.units import HOURS_PER_DAY, HOURS_PER_MONTH, SECONDS_PER_HOUR
from optimizer.market.owning import own_rate
from optimizer.market.run import Run
from optimizer.market.terms import storage_price, stored_gb
from optimizer.physics.compute import BACKWARD_FLOP, FORWARD_FLOP, peak_hours
from optimizer.physics.goodput import state_gb
from optimizer.plan.bill import COMMITTED, MINIMUM
from optimizer.plan.plan import Plan

GB_PER_TB = 1000
# Differences smaller than this share are rounding.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the sum: given where ``formula`` is empty, else computed from others.

    ``formula`` is arithmetic over keys of figures before it, with MAX for the largest of some.
    ``in_total`` marks the lines that add up to the cost.
    """

    key: str
    name: str
    value: float
    unit: str
    formula: str = ""
    note: str = ""
    in_total: bool = False


def calculation(run: Run, plan: Plan, catalog: Catalog) -> tuple[Figure, ...]:
    """From 6·N·D to the plan's days and USD; the last figure is its cost."""
    offer = next(offer for offer in catalog.offers if offer.offer == plan.offer)
    figures = [
        *_compute(run, plan, catalog),
        *_hours(run, plan),
        *_days(run, plan),
        *_money(run, plan, offer, catalog),
    ]
    lines = [figure for figure in figures if figure.in_total]
    total = sum(line.value for line in lines)
    formula = " + ".join(line.key for line in lines)
    figures.append(_usd("total_usd", "total", total, formula))
    return tuple(figures)


def _compute(run: Run, plan: Plan, catalog: Catalog) -> Iterator[Figure]:
    """Training compute, and the GPU-hours it would take at the dense peak."""
    precision: Precision = plan.precision  # type: ignore[assignment]
    peak = catalog.gpus[plan.gpu].peak_tflops(precision) or 0.0
    active, tokens = run.shape.active_parameters, run.tokens
    which = "active parameters, N" if active != run.shape.parameters else "parameters, N"
    yield Figure("parameters", which, active, "parameters")
    yield Figure("tokens", "tokens, D", tokens, "tokens")
    per_token = FORWARD_FLOP + BACKWARD_FLOP
    yield Figure(
        "training_flop",
        "training compute, 6·N·D",
        run.flop,
        "FLOP",
        f"{per_token} * parameters * tokens",
        "2 FLOP a parameter and token forward, 4 backward",
    )
    note = f"dense {plan.precision} peak of {plan.gpu_name}"
    yield Figure("peak_tflops", "peak of a GPU", peak, "TFLOP/s", note=note)
    yield _gpu_hours(
        "peak_gpu_hours",
        "GPU-hours at the peak",
        peak_hours(run.flop, peak),
        f"training_flop / (peak_tflops * 1E12 * {SECONDS_PER_HOUR})",
    )


def _hours(run: Run, plan: Plan) -> Iterator[Figure]:
    """GPU-hours that are used."""
    note: str = plan.mfu_basis
    if plan.run_factor < 1:
        note += f"; {plan.step_mfu:.1%} in a step, {kept_line(plan.run_factor)}"
    yield Figure("mfu", "MFU, share of the peak reached", plan.mfu, "", note=note)
    good = plan.goodput
    note = f"about {plan.interruptions:.3g} interruptions a run are counted in"
    if plan.run_factor < 1 and plan.interruptions:
        note += ", as far as they take more than the usual ones that the MFU holds"
    yield Figure("goodput", "goodput, productive share of the time", good, "", note=note)
    hours = plan.gpu_hours / plan.runs
    name = "GPU-hours of one run" if plan.runs > 1 else "GPU-hours used"
    yield _gpu_hours("run_gpu_hours", name, hours, "peak_gpu_hours / (mfu * goodput)")
    if plan.runs > 1:
        yield Figure("runs", "runs", plan.runs, "runs")
        name = "GPU-hours used by all runs"
        yield _gpu_hours("gpu_hours", name, plan.gpu_hours, "runs * run_gpu_hours")


def kept_line(run_factor: float) -> str:
    """What a whole run keeps of its steps' speed."""
    return f"{run_factor:.1%} of it kept in a whole run, usual interruptions included"


def _days(run: Run, plan: Plan) -> Iterator[Figure]:
    """The fleet, and the days from signature to the last step."""
    yield Figure("nodes", "nodes", plan.nodes, "nodes")
    each = plan.gpus_per_node
    yield Figure("gpus_per_node", "GPUs in a node", each, "GPUs")
    yield Figure("gpus", "GPUs", plan.gpus, "GPUs", "nodes * gpus_per_node")
    stretch = _stretch(plan)
    formula = f"run_gpu_hours / gpus / {HOURS_PER_DAY}"
    if abs(stretch - 1) > ROUNDING:
        note = "spot capacity is away for part of the time, and slack is kept"
        yield Figure("calendar", "hours that a rented hour takes", stretch, "", note=note)
        formula += " * calendar"
    if plan.lead_days:
        yield Figure("lead_days", "days before the first step", plan.lead_days, "days")
        formula += " + lead_days"
    name = "days of the first run" if plan.runs > 1 else "days"
    yield Figure("days", name, plan.days, "days", formula)


def _stretch(plan: Plan) -> float:
    """Hours on the calendar for an hour of training; above 1 on spot capacity only."""
    running = (plan.days - plan.lead_days) * HOURS_PER_DAY
    return running * plan.gpus * plan.runs / plan.gpu_hours


def _money(run: Run, plan: Plan, offer: Offer, catalog: Catalog) -> Iterator[Figure]:
    """The lines of the bill."""
    used = "gpu_hours" if plan.runs > 1 else "run_gpu_hours"
    if plan.pricing == "owned":
        yield from _owned(plan, offer, catalog, used)
    else:
        yield _price("price", "price of a GPU-hour", plan.usd_per_gpu_hour, f"of {plan.offer}")
        usd = plan.usd_per_gpu_hour * plan.gpu_hours
        yield _usd("compute_usd", "compute used", usd, f"price * {used}", True)
        yield from _commitment(plan, offer, used)
        yield from _contract(run, plan, offer, catalog)
    if plan.upfront_usd > 0:
        each = plan.upfront_usd / plan.gpus
        yield Figure("upfront_each", "up front, a GPU", each, "USD a GPU")
        yield _usd("upfront_usd", "up front", plan.upfront_usd, "upfront_each * gpus", True)
    yield from _storage(run, plan, offer, catalog)


def _owned(plan: Plan, offer: Offer, catalog: Catalog, used: str) -> Iterator[Figure]:
    """What a GPU-hour of one's own consists of."""
    own = own_rate(offer, catalog.gpus[plan.gpu], catalog)
    for part in ("depreciation", "network", "energy", "colocation"):
        rate: float = getattr(own, part)
        yield _price(f"{part}_price", f"{part}, a GPU-hour", rate, f"of {plan.offer}")
        usd = rate * plan.gpu_hours
        yield _usd(f"{part}_usd", part, usd, f"{part}_price * {used}", True)


def _commitment(plan: Plan, offer: Offer, used: str) -> Iterator[Figure]:
    """The GPU-hours of a commitment, a block or a minimum spend that are paid and not used."""
    hours = plan.block_days * HOURS_PER_DAY if plan.block_days else offer.commitment_hours
    least, name = [used], COMMITTED
    if hours:
        what = "block" if plan.block_days else "commitment"
        yield Figure("committed_hours", f"{what}, paid whole", hours, "hours a GPU")
        least.append("committed_hours * gpus")
    if offer.minimum_usd:
        yield _usd("minimum_usd", "minimum spend on GPU-hours", offer.minimum_usd, "")
        least.append("minimum_usd / price")
        name = MINIMUM if plan.billed_gpu_hours > hours * plan.gpus else COMMITTED
    if len(least) == 1:
        return
    formula = f"MAX({', '.join(least)})"
    yield _gpu_hours("billed_gpu_hours", "GPU-hours billed", plan.billed_gpu_hours, formula)
    idle = plan.usd_per_gpu_hour * (plan.billed_gpu_hours - plan.gpu_hours)
    formula = f"price * (billed_gpu_hours - {used})"
    yield _usd("idle_usd", name, idle, formula, True)


def _contract(run: Run, plan: Plan, offer: Offer, catalog: Catalog) -> Iterator[Figure]:
    """What a contract costs beside its GPU-hours: support, set-up, egress."""
    if offer.support_share:
        share = offer.support_share
        yield Figure("support_share", "support, share of the GPU-hours", share, "")
        billed = offer.minimum_usd or offer.commitment_hours or plan.block_days
        hours = "compute_usd + idle_usd" if billed else "compute_usd"
        usd = share * plan.usd_per_gpu_hour * plan.billed_gpu_hours
        yield _usd("support_usd", "support", usd, f"support_share * ({hours})", True)
    if offer.setup_usd:
        yield _usd("setup_usd", "set-up", offer.setup_usd, "", True)
    if offer.egress_usd:
        yield _usd("egress_flat_usd", "egress, flat", offer.egress_usd, "", True)
    if offer.egress_usd_per_gb:
        size, price = state_gb(run.shape.parameters, catalog), offer.egress_usd_per_gb
        yield Figure("checkpoint_gb", "last checkpoint", size, "GB")
        yield Figure("egress_price", "price of egress", price, "USD a GB")
        runs = "runs * " if plan.runs > 1 else ""
        usd, formula = plan.runs * size * price, f"{runs}checkpoint_gb * egress_price"
        yield _usd("egress_usd", "egress", usd, formula, True)


def _storage(run: Run, plan: Plan, offer: Offer, catalog: Catalog) -> Iterator[Figure]:
    """Data and checkpoints, kept while the runs last."""
    usd = sum(line.usd for line in plan.bill if line.line == "storage")
    if not usd:
        return
    stored, monthly = stored_gb(run, catalog), storage_price(offer, run, catalog)
    hours = usd / (stored * monthly / HOURS_PER_MONTH)
    terabytes = stored / GB_PER_TB
    note = "the tokens, and the checkpoints that are kept"
    yield Figure("stored_tb", "data and checkpoints", terabytes, "TB", note=note)
    yield Figure("storage_price", "price of storage", monthly, "USD a GB and month")
    running = plan.runs * (plan.days - plan.lead_days) * HOURS_PER_DAY
    yield from _kept(hours, running, plan)
    formula = f"stored_tb * {GB_PER_TB} * storage_price / {HOURS_PER_MONTH} * stored_hours"
    yield _usd("storage_usd", "storage", usd, formula, True)


def _kept(hours: float, running: float, plan: Plan) -> Iterator[Figure]:
    """The hours of storage: those of the runs, read off a line between breakpoints as they are."""
    days = "(days - lead_days)" if plan.lead_days else "days"
    runs = "runs * " if plan.runs > 1 else ""
    formula, share = f"{runs}{days} * {HOURS_PER_DAY}", hours / running
    if abs(share - 1) > ROUNDING:
        note = "rounded up: the program takes a straight line between two sizes of the fleet"
        yield Figure("line_share", "rounding up", share, "", note=note)
        formula += " * line_share"
    yield Figure("stored_hours", "hours of storage", hours, "hours", formula)


def _gpu_hours(key: str, name: str, hours: float, formula: str) -> Figure:
    return Figure(key, name, hours, "GPU-hours", formula)


def _price(key: str, name: str, usd: float, note: str) -> Figure:
    return Figure(key, name, usd, "USD a GPU-hour", note=note)


def _usd(key: str, name: str, usd: float, formula: str, in_total: bool = False) -> Figure:
    return Figure(key, name, usd, "USD", formula, "", in_total)
