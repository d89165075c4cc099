"""A plan examined again, from the catalog and the formulas alone: no program, no solver.

Every figure is computed here a second time, in the plainest way, so that a mistake in the
segments, the program or the solver cannot reach a reader.
"""

from collections.abc import Iterator
from math import isclose

import numpy as np

from catalog import Catalog, Gpu, Offer
from optimizer.candidates import most_gpus
from optimizer.mfu import Curve
from optimizer.plan import Plan
from optimizer.run import Run
from optimizer.step.memory import USABLE_SHARE

RELATIVE_TOLERANCE = 1e-6


def broken_promises(plan: Plan, run: Run, catalog: Catalog, curve: Curve) -> list[str]:
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
        *_wrong_figures(plan, offer, gpu, run, curve),
        *_wrong_ranges(plan),
        *_broken_limits(plan, run),
    ]


def _wrong_terms(plan: Plan, offer: Offer) -> Iterator[str]:
    """The plan's terms are the offer's."""
    terms = ("provider", "gpu", "pricing", "region", "gpus_per_node", "usd_per_gpu_hour", "source")
    for term in terms:
        if getattr(plan, term) != getattr(offer, term):
            yield f"{term}: {getattr(plan, term)} in the plan, {getattr(offer, term)} on offer"


def _wrong_choice(plan: Plan, offer: Offer, run: Run) -> Iterator[str]:
    """The offer is one that was asked for."""
    if run.gpus is not None and plan.gpu not in run.gpus:
        yield f"gpu: {plan.gpu} was not asked for"
    if run.providers is not None and plan.provider not in run.providers:
        yield f"provider: {plan.provider} was not asked for"
    if plan.pricing not in run.pricing:
        yield f"pricing: {plan.pricing} was not asked for"
    regions = run.question.region
    if regions and not any(region.lower() in offer.region.lower() for region in regions):
        yield f"region: {plan.region} was not asked for"
    if run.question.precision not in (None, plan.precision):
        yield f"precision: {plan.precision} was not asked for"


def _wrong_size(plan: Plan, offer: Offer, gpu: Gpu, run: Run) -> Iterator[str]:
    """Whole nodes, as many as are on sale, that hold the model."""
    if plan.nodes < 1 or plan.gpus != plan.nodes * plan.gpus_per_node:
        yield f"gpus: {plan.gpus} are not {plan.nodes} nodes of {plan.gpus_per_node}"
    most = most_gpus(offer, run.question.largest_cluster)
    if not offer.min_gpus <= plan.gpus <= most:
        yield f"gpus: {plan.gpus} rented, {offer.min_gpus} to {most} on sale"
    needed = plan.memory_gb_per_gpu or 0.0
    if needed > gpu.memory_gb * USABLE_SHARE * (1 + RELATIVE_TOLERANCE):
        yield f"memory: {needed:.1f} GB needed of {gpu.memory_gb:g} GB"
    layout = plan.layout
    if layout is not None:
        replica = layout.tensor * layout.pipeline * layout.context
        idle = plan.gpus - replica * layout.data
        if not 0 <= idle < replica or plan.gpus_per_node % min(layout.tensor, plan.gpus_per_node):
            yield f"layout: {layout.data} replicas of {replica} GPUs do not lie on {plan.gpus}"


def _wrong_figures(plan: Plan, offer: Offer, gpu: Gpu, run: Run, curve: Curve) -> Iterator[str]:
    """FLOP, MFU, hours, days and USD follow from the formulas."""
    flop = 6 * run.shape.active_parameters * run.tokens
    mfu = _mfu_at(plan.gpus, gpu, run, curve)
    peak = (gpu.peak_tflops(run.precision_on(gpu) or "bf16") or 0.0) * 1e12
    hours = flop / (peak * mfu * run.goodput) / 3600
    billed = max(hours, offer.commitment_hours * plan.gpus)
    upfront = offer.upfront_usd_per_gpu * plan.gpus
    expected = {
        "training_flop": flop,
        "mfu": mfu,
        "gpu_hours": hours,
        "days": (offer.lead_time_hours + hours / plan.gpus) / 24,
        "billed_gpu_hours": billed,
        "cost_usd": offer.usd_per_gpu_hour * billed + upfront,
    }
    for name, value in expected.items():
        said = getattr(plan, name)
        if not isclose(said, value, rel_tol=RELATIVE_TOLERANCE):
            yield f"{name}: {said:.8g} in the plan, {value:.8g} by the formula"


def _mfu_at(gpus: int, gpu: Gpu, run: Run, curve: Curve) -> float:
    """MFU with 1/MFU linear between breakpoints, flat before them, going on after them."""
    if run.question.tflops_per_gpu is not None:
        return run.question.tflops_per_gpu / (gpu.peak_tflops(run.precision_on(gpu) or "bf16") or 1)
    scale, inverse = np.array(curve.gpus), 1 / np.array(curve.mfu)
    if gpus > scale[-1] and len(scale) > 1:
        slope = max((inverse[-1] - inverse[-2]) / (scale[-1] - scale[-2]), 0.0)
        return float(1 / (inverse[-1] + slope * (gpus - scale[-1])))
    return float(1 / np.interp(gpus, scale, inverse))


def _wrong_ranges(plan: Plan) -> Iterator[str]:
    """Each range holds its figure."""
    for name in ("days", "cost_usd", "mfu"):
        said, span = getattr(plan, name), getattr(plan, f"{name}_range")
        room = RELATIVE_TOLERANCE * said
        if not span.low - room <= said <= span.high + room:
            yield f"{name}: {said:.8g} lies outside {span.low:.8g} to {span.high:.8g}"


def _broken_limits(plan: Plan, run: Run) -> Iterator[str]:
    """Deadline, cluster size and budget hold."""
    question, room = run.question, 1 + RELATIVE_TOLERANCE
    if plan.days * 24 > run.deadline_hours * room:
        yield f"deadline: {plan.days:.4g} days of {run.deadline_hours / 24:.4g}"
    if question.max_gpus is not None and plan.gpus > question.max_gpus:
        yield f"max_gpus: {plan.gpus} of {question.max_gpus}"
    if question.budget is not None and plan.cost_usd > question.budget * room:
        yield f"budget: {plan.cost_usd:,.2f} USD of {question.budget:,.2f}"
