"""A plan examined again, from the catalog and the formulas alone: no program, no solver.

Every figure is computed here a second time, in the plainest way and with nothing that made it, so
that a mistake in the market, the segments, the program or the solver cannot reach a reader. What
is taken as given is the MFU of the hardware with its range, the run with its names resolved, and
the memory that a layout takes.
"""

from catalog import Catalog
from optimizer.market.run import Run
from optimizer.physics.mfu import Curve, Staircase
from optimizer.plan.check.bill import wrong_bill, wrong_cost_range
from optimizer.plan.check.choice import wrong_choice, wrong_layout, wrong_size, wrong_terms
from optimizer.plan.check.facts import Case, peak_tflops
from optimizer.plan.check.figures import wrong_figures, wrong_ranges
from optimizer.plan.check.limits import broken_confidence, broken_limits, broken_term
from optimizer.plan.plan import Plan

# Without these nothing else can be computed.
ABOVE_ZERO = ("gpus", "gpus_per_node", "runs", "gpu_hours", "mfu", "goodput", "cost_usd")


def broken_promises(plan: Plan, run: Run, catalog: Catalog, curve: Curve | Staircase) -> list[str]:
    """What the plan says that is not so; empty for a plan that can be trusted.

    ``curve`` is the MFU of the whole run on the plan's hardware.
    """
    offer = next((o for o in catalog.offers if o.offer == plan.offer), None)
    if offer is None:
        return [f"offer: no {plan.offer!r} in the catalog"]
    if absurd := [name for name in ABOVE_ZERO if not getattr(plan, name) > 0]:
        return [f"{name}: {getattr(plan, name)}, expected more than 0" for name in absurd]
    span = plan.mfu_range
    if not 0 < span.low <= span.high:
        return [f"mfu_range: {span.low:g} to {span.high:g}"]
    if peak_tflops(catalog.gpus[offer.gpu], plan.precision) is None:
        return [f"precision: {offer.gpu} has no {plan.precision} peak"]
    case = Case(plan, offer, catalog.gpus[offer.gpu], run, catalog, curve)
    return [
        *wrong_terms(case),
        *wrong_choice(case),
        *wrong_size(case),
        *wrong_layout(case),
        *wrong_figures(case),
        *wrong_bill(case),
        *wrong_ranges(case),
        *wrong_cost_range(case),
        *broken_term(case),
        *broken_limits(case),
        *broken_confidence(case),
    ]
