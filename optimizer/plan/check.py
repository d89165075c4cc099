"""A plan examined again, from the catalog and the formulas alone: no program, no solver.

Every figure is computed here a second time, in the plainest way, so that a mistake in the
segments, the program or the solver cannot reach a reader.
"""

from collections.abc import Iterator
from math import exp, isclose, log
from statistics import NormalDist

import numpy as np

from catalog import Catalog, Gpu, Offer
from catalog.slices import sizes_sold
from catalog.vocabulary import capacity_within
from optimizer.market.candidates import most_gpus
from optimizer.market.own_speed import OwnSpeed
from optimizer.market.owning import own_rate
from optimizer.market.reliability import reliability_of
from optimizer.market.run import Run
from optimizer.market.terms import storage_price
from optimizer.physics.energy import draw_kw
from optimizer.physics.mfu import Curve, Staircase
from optimizer.plan.plan import Plan
from optimizer.step.launch import Launch
from optimizer.step.memory import USABLE_SHARE

RELATIVE_TOLERANCE = 1e-6
# Between two breakpoints the program takes lines, which the formulas leave by so much at most.
BETWEEN_BREAKPOINTS = 2e-3
STORAGE_TOLERANCE = 1.5e-2


def broken_promises(plan: Plan, run: Run, catalog: Catalog, curve: Curve | Staircase) -> list[str]:
    """What the plan says that is not so; empty for a plan that can be trusted.

    ``curve`` is the MFU of the whole run on the plan's hardware, the one figure taken as given.
    """
    offer = next((o for o in catalog.offers if o.offer == plan.offer), None)
    if offer is None:
        return [f"offer: no {plan.offer!r} in the catalog"]
    gpu = catalog.gpus[offer.gpu]
    return [
        *_wrong_terms(plan, offer),
        *_wrong_choice(plan, offer, run),
        *_wrong_size(plan, offer, gpu, run),
        *_wrong_figures(plan, offer, gpu, run, catalog, curve),
        *_wrong_bill(plan, offer, gpu, run, catalog),
        *_wrong_ranges(plan),
        *_broken_limits(plan, offer, run, catalog),
        *_broken_confidence(plan, run),
    ]


def _wrong_terms(plan: Plan, offer: Offer) -> Iterator[str]:
    """The plan's terms are the offer's."""
    terms = ("provider", "gpu", "pricing", "region", "gpus_per_node", "fabric", "source")
    for term in terms:
        if getattr(plan, term) != getattr(offer, term):
            yield f"{term}: {getattr(plan, term)} in the plan, {getattr(offer, term)} on offer"
    if offer.pricing != "owned" and plan.usd_per_gpu_hour != offer.usd_per_gpu_hour:
        yield f"price: {plan.usd_per_gpu_hour} in the plan, {offer.usd_per_gpu_hour} on offer"
    elapsed = plan.runs * (plan.latest_days - plan.lead_days) * 24
    if plan.block_days not in (offer.block_days or (None,)):
        yield f"block: {plan.block_days} days in the plan, not among those on offer"
    longest = plan.block_days * 24 if plan.block_days else offer.longest_hours
    if longest is not None and elapsed > longest * (1 + RELATIVE_TOLERANCE):
        yield f"term: the runs take {elapsed:.1f} hours, the offer ends after {longest:g}"


def _wrong_choice(plan: Plan, offer: Offer, run: Run) -> Iterator[str]:
    """The offer is one that was asked for."""
    if (run.gpus is not None and plan.gpu not in run.gpus) or plan.gpu in run.excluded_gpus:
        yield f"gpu: {plan.gpu} was not asked for"
    unwanted = run.excluded_providers
    if (run.providers is not None and plan.provider not in run.providers) or (
        plan.provider in unwanted
    ):
        yield f"provider: {plan.provider} was not asked for"
    if plan.pricing not in run.pricing:
        yield f"pricing: {plan.pricing} was not asked for"
    names = set(plan.region.split())
    if run.regions is not None and not names & run.regions:
        yield f"region: {plan.region} was not asked for"
    inside = names if run.regions is None else names & run.regions
    if run.excluded_regions is not None and not inside - run.excluded_regions:
        yield f"region: {plan.region} was left out"
    if run.fabrics is not None and plan.fabric not in run.fabrics:
        yield f"fabric: {plan.fabric} was not asked for"
    if run.capacity is not None and offer.capacity not in capacity_within(run.capacity):
        yield f"capacity: {offer.capacity} was not asked for"
    if run.precision not in (None, plan.precision):
        yield f"precision: {plan.precision} was not asked for"


def _wrong_size(plan: Plan, offer: Offer, gpu: Gpu, run: Run) -> Iterator[str]:
    """Whole nodes, as many as are on sale, that hold the model."""
    if plan.nodes < 1 or plan.gpus != plan.nodes * plan.gpus_per_node:
        yield f"gpus: {plan.gpus} are not {plan.nodes} nodes of {plan.gpus_per_node}"
    most = most_gpus(offer, run)
    if not offer.min_gpus <= plan.gpus <= most:
        yield f"gpus: {plan.gpus} rented, {offer.min_gpus} to {most} on sale"
    if (sizes := sizes_sold(offer)) and plan.gpus not in sizes:
        yield f"gpus: {plan.gpus} are no slice that is sold"
    needed = plan.memory_gb_per_gpu or 0.0
    if needed > gpu.memory_gb * USABLE_SHARE * (1 + RELATIVE_TOLERANCE):
        yield f"memory: {needed:.1f} GB needed of {gpu.memory_gb:g} GB"
    layout = plan.layout
    if layout is not None:
        replica = layout.tensor * layout.pipeline * layout.context
        used = replica * layout.data
        if used > plan.gpus or used + layout.idle != plan.gpus or used % plan.gpus_per_node:
            yield f"layout: {layout.data} replicas of {replica} GPUs do not lie on {plan.gpus}"
        shared = layout.data * layout.micro_batch * layout.micro_batches
        if shared != layout.sequences or (layout.interleave > 1 and _uneven(layout)):
            yield f"layout: {layout.sequences} sequences are not {shared}, in whole micro-batches"


def _wrong_figures(
    plan: Plan, offer: Offer, gpu: Gpu, run: Run, catalog: Catalog, curve: Curve | Staircase
) -> Iterator[str]:
    """FLOP, MFU, goodput, hours, days and USD follow from the formulas."""
    flop = 6 * run.shape.active_parameters * run.tokens
    mfu = _mfu_at(plan.gpus, gpu, run, curve)
    peak = (gpu.peak_tflops(run.precision_on(gpu) or "bf16") or 0.0) * 1e12
    hours = flop / (peak * mfu * plan.goodput) / 3600
    losses = reliability_of(run, catalog, gpu, offer.gpus_per_node, offer.pricing == "spot")
    running = _running(plan.gpus, curve)
    calendar = losses.elapsed(losses.at(running).availability)
    committed = (plan.block_days or 0) * 24 if offer.block_days else offer.commitment_hours
    billed = max(plan.runs * hours, committed * plan.gpus)
    if offer.minimum_usd:
        billed = max(billed, offer.minimum_usd / offer.usd_per_gpu_hour)
    expected = {
        "training_flop": (flop, RELATIVE_TOLERANCE),
        "mfu": (mfu, RELATIVE_TOLERANCE),
        "goodput": (losses.at(running).goodput, BETWEEN_BREAKPOINTS),
        "gpu_hours": (plan.runs * hours, RELATIVE_TOLERANCE),
        "days": (
            (offer.lead_time_hours + calendar * hours / plan.gpus) / 24,
            BETWEEN_BREAKPOINTS if offer.pricing == "spot" else RELATIVE_TOLERANCE,
        ),
        "billed_gpu_hours": (billed, RELATIVE_TOLERANCE),
    }
    for name, (value, room) in expected.items():
        said = getattr(plan, name)
        if not isclose(said, value, rel_tol=room):
            yield f"{name}: {said:.8g} in the plan, {value:.8g} by the formula"


def _wrong_bill(plan: Plan, offer: Offer, gpu: Gpu, run: Run, catalog: Catalog) -> Iterator[str]:
    """Each line of the bill follows from its formula, and the lines add up."""
    lines = {line.line: line.usd for line in plan.bill}
    price = offer.usd_per_gpu_hour
    if offer.pricing == "owned":
        price = own_rate(offer, gpu, catalog).usd_per_gpu_hour
    stored = (
        run.tokens * catalog.planning("bytes_per_token")
        + run.shape.parameters
        * catalog.planning("checkpoint_bytes_per_parameter")
        * catalog.planning("checkpoints_kept")
    ) / 1e9
    months = plan.runs * (plan.days * 24 - offer.lead_time_hours) / 730
    hourly = ("depreciation", "network", "energy", "colocation", "compute used")
    unused = ("committed, not used", "minimum spend, not used")
    checkpoint = run.shape.parameters * catalog.planning("checkpoint_bytes_per_parameter") / 1e9
    once = {
        "support": offer.support_share * price * plan.billed_gpu_hours,
        "set-up": offer.setup_usd,
        "egress, flat": offer.egress_usd,
        "egress": plan.runs * checkpoint * offer.egress_usd_per_gb,
    }
    expected = {
        **{name: (usd, lines.get(name, 0.0)) for name, usd in once.items()},
        "hours": (price * plan.gpu_hours, sum(lines.get(name, 0.0) for name in hourly)),
        "not used": (
            price * (plan.billed_gpu_hours - plan.gpu_hours),
            sum(lines.get(name, 0.0) for name in unused),
        ),
        "up front": (offer.upfront_usd_per_gpu * plan.gpus, lines.get("up front", 0.0)),
        "total": (sum(lines.values()), plan.cost_usd),
    }
    room = RELATIVE_TOLERANCE * plan.cost_usd
    for name, (value, said) in expected.items():
        if abs(said - value) > room:
            yield f"bill, {name}: {said:,.2f} USD in the plan, {value:,.2f} by the formula"
    storage = stored * storage_price(offer, run, catalog) * months
    if not isclose(lines.get("storage", 0.0), storage, rel_tol=STORAGE_TOLERANCE, abs_tol=room):
        said = lines.get("storage", 0.0)
        yield f"bill, storage: {said:,.2f} USD in the plan, {storage:,.2f} by the formula"


def _mfu_at(gpus: int, gpu: Gpu, run: Run, curve: Curve | Staircase) -> float:
    """MFU with 1/MFU linear between breakpoints, flat before them, going on after them.

    On a staircase that of the largest size below, on the GPUs that run.
    """
    if run.speed is not None:
        return _own_mfu(gpu, run, run.speed)
    if isinstance(curve, Staircase):
        return max(m * n for n, m in zip(curve.gpus, curve.mfu, strict=True) if n <= gpus) / gpus
    scale, inverse = np.array(curve.gpus), 1 / np.array(curve.mfu)
    if gpus > scale[-1] and len(scale) > 1:
        slope = max((inverse[-1] - inverse[-2]) / (scale[-1] - scale[-2]), 0.0)
        return float(1 / (inverse[-1] + slope * (gpus - scale[-1])))
    return float(1 / np.interp(gpus, scale, inverse))


def _running(gpus: int, curve: Curve | Staircase) -> float:
    """GPUs that are not idle."""
    return max(n for n in curve.gpus if n <= gpus) if isinstance(curve, Staircase) else gpus


def _uneven(layout: Launch) -> bool:
    """Whether interleaved stages get other than a multiple of their number of micro-batches."""
    return layout.micro_batches % layout.pipeline > 0


def _own_mfu(gpu: Gpu, run: Run, speed: OwnSpeed) -> float:
    """The MFU of a speed of the user's own: tokens a second, times 6·N, over the dense peak."""
    peak = (gpu.peak_tflops(run.precision_on(gpu) or "bf16") or 1) * 1e12
    six_n = 6 * run.shape.active_parameters
    tokens_a_second = {
        "tokens_per_second_per_gpu": speed.value,
        "tflops_per_gpu": speed.value * 1e12 / speed.flop_per_token,
        "mfu": speed.value * _framework_peak(gpu, speed) * 1e12 / speed.flop_per_token,
    }
    return six_n * tokens_a_second[speed.key] / peak


def _framework_peak(gpu: Gpu, speed: OwnSpeed) -> float:
    """TFLOP/s that the framework divides by; 0 where it divides by none."""
    found = {row.gpu: row.peak_tflops for row in speed.peaks}
    elsewhere = speed.framework.elsewhere_tflops if speed.framework is not None else None
    return found.get(gpu.gpu, elsewhere) or 0.0


def _wrong_ranges(plan: Plan) -> Iterator[str]:
    """Each range holds its figure."""
    for name in ("days", "cost_usd", "mfu"):
        said, span = getattr(plan, name), getattr(plan, f"{name}_range")
        room = RELATIVE_TOLERANCE * said
        if not span.low - room <= said <= span.high + room:
            yield f"{name}: {said:.8g} lies outside {span.low:.8g} to {span.high:.8g}"


def _broken_limits(plan: Plan, offer: Offer, run: Run, catalog: Catalog) -> Iterator[str]:
    """Deadline, cluster size, power and budget hold."""
    limits, room = run.limits, 1 + RELATIVE_TOLERANCE
    if plan.days * 24 > run.deadline_hours * room:
        yield f"deadline: {plan.days:.4g} days of {run.deadline_hours / 24:.4g}"
    if plan.gpus > limits["max_gpus"]:
        yield f"max_gpus: {plan.gpus} of {limits['max_gpus']:.0f}"
    power = plan.gpus * draw_kw(catalog.gpus[plan.gpu], offer, catalog)
    if power > limits["power_cap"] * room:
        yield f"power_cap: {power:,.1f} kW of {limits['power_cap']:,.1f}"
    if plan.cost_usd > limits["budget"] * room:
        yield f"budget: {plan.cost_usd:,.2f} USD of {limits['budget']:,.2f}"


def _broken_confidence(plan: Plan, run: Run) -> Iterator[str]:
    """The deadline holds at the quantile of the MFU that the confidence asks for.

    The lower half of a lognormal MFU whose 10th percentile is the low end of its range.
    """
    asked, normal = run.confidence, NormalDist()
    if asked is None:
        return
    lower = log(plan.mfu_range.low / plan.mfu)
    quantile = plan.mfu * exp(lower * normal.inv_cdf(1 - asked) / normal.inv_cdf(0.1))
    days = plan.lead_days + (plan.days - plan.lead_days) * plan.mfu / quantile
    if plan.promised_days is None or not isclose(
        plan.promised_days, days, rel_tol=RELATIVE_TOLERANCE
    ):
        yield f"promised_days: {plan.promised_days} in the plan, {days:.8g} by the formula"
    if days * 24 > run.deadline_hours * (1 + RELATIVE_TOLERANCE):
        yield f"confidence: at {asked:g} {days:.4g} days of {run.deadline_hours / 24:.4g}"
