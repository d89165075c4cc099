"""What is to be known of a plan before one signs it."""

from collections.abc import Iterator
from datetime import date
from math import exp

from catalog import Gpu, Offer, Precision
from catalog.age import OLD_AFTER_DAYS
from catalog.plausible import Doubt
from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.market.hardware import Hardware, layout_on
from optimizer.market.run import Run
from optimizer.plan.assumptions import kind_of_step, unpublished
from optimizer.plan.plan import Plan
from optimizer.program.enumerate import Fleet
from optimizer.step.machine import BITS, EIGHT_BIT
from optimizer.step.practice import class_of, stack_is_published

# The highest published by runs of 64 GPUs and more in observed_runs.csv is 56 %.
HIGHEST_PUBLISHED_MFU = 0.6
# Pilots that reach less or more than these shares of the prediction are hardly believed.
LEAST_BELIEVED, MOST_BELIEVED = 0.5, 1.6
# A limit is missed where it is missed by more than a thousandth.
PAST = 1.001


def speed_warnings(run: Run, gpu: Gpu, precision: Precision) -> Iterator[str]:
    """What to doubt of a speed on this part, whatever the fleet: its stack, pilots and bits."""
    if run.measured:
        return
    kind = kind_of_step(run, gpu, precision)
    if run.stack is not None and not stack_is_published(run.stack, kind):
        what = f"no published run of {run.stack} of this kind ({kind.replace('_', ' ')})"
        yield f"{what}: taken as {class_of(run.stack)} stacks in general"
    for number, pilot in enumerate(run.pilots, 1):
        reached = exp(pilot.error)
        if not LEAST_BELIEVED < reached < MOST_BELIEVED:
            what = f"pilot {number} reached {reached:.3g} times the prediction"
            yield f"{what} and is believed only in part: check its rate, GPUs and batch"
    if BITS[precision] < EIGHT_BIT:
        yield (
            "few models were trained in 4 bits: what that does to the model, and how much of it "
            "has to stay in 16, is in none of these figures"
        )


def plan_warnings(run: Run, plan: Plan, fleet: Fleet, today: date) -> list[str]:
    """What could make this very plan wrong."""
    offer = fleet.candidate.offer
    return [
        *price_warnings(offer, today),
        *_mfu_warnings(run, plan, fleet.candidate.hardware),
        *_confidence_warnings(run, plan),
        *terms_warnings(plan, fleet),
    ]


def price_warnings(offer: Offer, today: date) -> Iterator[str]:
    """What to doubt of an offer's price."""
    age = (today - offer.read_on).days
    if age > OLD_AFTER_DAYS:
        yield f"the price is {age} days old (read {offer.read_on}): read it again first"
    if offer.audit == "doubtful":
        yield f"an audit doubted this price: {offer.note}"
    elif offer.audit == "unaudited":
        yield "nobody has read this price a second time; ask for a quote"


def _mfu_warnings(run: Run, plan: Plan, hardware: Hardware) -> Iterator[str]:
    """What the prediction itself warns of, and a deadline that its range does not keep."""
    found = layout_on(hardware, plan.gpus)
    yield from speed_warnings(run, hardware.gpu, hardware.precision)
    if plan.mfu_basis == "extrapolated":
        yield extrapolated(hardware.gpu, hardware.precision)
    if plan.mfu_basis == "anchored":
        what = f"the step-time model has no constants for {plan.gpu_name}"
        yield f"{what}: the catalog's curve sets its level; it takes other software than GPUs do"
    if found is not None and plan.mfu_basis not in ("given", "measured"):
        yield from found.warnings
    latest = plan.days_range.high * HOURS_PER_DAY
    if latest > run.deadline_hours * PAST:
        late = f"by the MFU alone one run in ten takes {say.days(latest)} or more"
        yield f"{late}, past the deadline; --confidence 0.9 looks for a surer one"
    budget, dearest = run.budget_usd, plan.cost_usd_range.high
    if budget is not None and dearest > budget * PAST:
        yield f"by the MFU alone one run in ten costs {say.usd(dearest)} or more, past the budget"
    if plan.mfu_basis == "given" and plan.mfu > HIGHEST_PUBLISHED_MFU:
        yield beyond_published(plan.mfu)
    if run.curve is not None and run.curve.extrapolates(plan.gpus):
        largest = run.curve.gpus[-1]
        yield f"your MFU curve ends at {largest:,.0f} GPUs; beyond it the last slope goes on"
    ratio = run.tokens / run.shape.active_parameters
    if not 1 <= ratio <= 100_000:
        yield f"{ratio:.3g} tokens a parameter is unusual; are both numbers right?"


def extrapolated(gpu: Gpu, precision: Precision) -> str:
    """What to do about a prediction that no published run of the part stands behind."""
    return f"{unpublished(gpu, precision)}: its MFU is extrapolated; measure before you commit"


def beyond_published(mfu: float) -> str:
    """That an MFU that was given is more than anybody published."""
    return f"an MFU of {mfu:.0%} is more than large fleets are known to reach; measure again"


def _confidence_warnings(run: Run, plan: Plan) -> Iterator[str]:
    """A confidence that cannot change anything."""
    asked = run.confidence
    if asked is not None and plan.mfu_range.low == plan.mfu:
        basis = {"given": "yours", "measured": "measured"}.get(plan.mfu_basis, plan.mfu_basis)
        yield f"the MFU is {basis} and has no range: a confidence of {asked:g} changes nothing"


def taken_back(interruptions: float, slack_days: float, days: float) -> str:
    """What the days of spot capacity consist of."""
    kept, whole = say.days(slack_days * HOURS_PER_DAY), say.days(days * HOURS_PER_DAY)
    counted = f"about {interruptions:.0f} interruptions are counted in"
    return f"spot capacity can be taken back: {counted}, and {kept} of the {whole} are slack"


def terms_warnings(plan: Plan, fleet: Fleet) -> Iterator[str]:
    """What to know of the way of paying."""
    idle = plan.billed_gpu_hours - plan.gpu_hours
    if idle > plan.billed_gpu_hours * 0.001:
        term = fleet.candidate.term
        what = (
            f"{'block' if plan.block_days else 'commitment'} of {say.days(term.commitment_hours)}"
        )
        if fleet.pays_minimum:
            what = f"minimum spend of {say.usd(term.minimum_usd)}"
        share = idle / plan.billed_gpu_hours
        yield f"the {what} is billed in full: {share:.0%} of it is not used"
    longest = plan.runs * (plan.days_range.high - plan.lead_days)
    if plan.block_days and longest > plan.block_days:
        yield (
            f"the run has to end within the block of {plan.block_days} days; by the MFU alone one "
            f"in ten takes {say.days(longest * HOURS_PER_DAY)} or more, and then needs a longer "
            "block"
        )
    ends = fleet.candidate.term.longest_hours / HOURS_PER_DAY
    if not plan.block_days and longest > ends:
        yield (
            f"the offer ends after {say.days(ends * HOURS_PER_DAY)}; by the MFU alone one run in "
            f"ten takes {say.days(longest * HOURS_PER_DAY)} or more, and is cut off"
        )
    if plan.pricing == "spot":
        yield taken_back(plan.interruptions, plan.slack_days, plan.days)
    if plan.pricing == "marketplace":
        yield "a marketplace price is an asking price of the day; hosts differ"
    if plan.pricing == "owned":
        price = say.usd((fleet.candidate.offer.purchase_usd_per_gpu or 0.0) * plan.gpus)
        yield (
            f"the servers have to be bought first, {price}: this run bears its share of what they "
            "lose in value, and the fleet has to find other work for the rest of its life"
        )
        if not plan.lead_days:
            yield "delivery and installation are not in these days, and commonly take months"


def accepted_warning(offer: str, doubt: Doubt, decides: bool) -> str:
    """A price that cannot be true and was let in: against which readings, and what rests on it."""
    role = "was accepted and decides this plan" if decides else "was accepted"
    return f"{offer} at {doubt}; it {role}"
