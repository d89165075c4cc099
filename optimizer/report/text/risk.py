"""How sure an answer is, as a person reads it."""

from collections.abc import Callable, Iterator

from rich.console import RenderableType
from rich.text import Text

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.answer import Answer
from optimizer.market.confidence import CERTAIN
from optimizer.market.run import Run
from optimizer.plan.plan import Plan
from optimizer.report.text.parts import aligned, heading, in_column, note
from optimizer.study.price_of_confidence import Premium
from optimizer.study.risk import Percentiles, Risk, Risks
from problems.say import times_in_100

# A smaller share of the cost is not worth a word.
NO_PREMIUM = 5e-5
STACK_IN_RANGE = "the range of the MFU holds any software stack: --stack names one and narrows it"


def risk_text(answer: Answer, risks: Risks, premium: Premium) -> Iterator[RenderableType]:
    """The section of the plan: its percentiles, its chances, and those of its runners-up."""
    risk, run = risks.plan, answer.run
    yield from heading("How sure")
    rows = [
        ("", "1 in 10 below", "middle", "1 in 10 above"),
        ("days", *_three(risk.days, in_column)),
        ("cost, USD", *_three(risk.cost_usd, say.usd_below)),
    ]
    header, *lines = aligned(rows)
    yield Text(header, style="bold")
    yield from (Text(line) for line in lines)
    assert answer.plan is not None, "there is no risk without a plan"
    yield Text(kept_line(run, answer.plan, risk))
    yield Text(premium_line(premium, answer.run.confidence is not None))
    if answer.alternatives:
        plans = (answer.plan, *(other.plan for other in answer.alternatives))
        yield Text()
        yield from _beside(plans, (risk, *risks.alternatives))
        yield note("up to: nine times in ten no more than that")
    what = "MFU, interruptions and price drawn together"
    yield note(f"{risk.draws:,} draws of each: {what}; seed {risk.seed}")
    if run.stack is None and answer.plan.mfu_basis not in CERTAIN:
        yield note(STACK_IN_RANGE)


def kept_line(run: Run, plan: Plan, risk: Risk) -> str:
    """How often each limit is kept: 'Kept: the deadline of 30 days 51 times in 100.'"""
    said = (f"{what} {share(often)}" for what, often in chances(run, plan, risk))
    return f"Kept: {', '.join(said)}."


def chances(run: Run, plan: Plan, risk: Risk) -> Iterator[tuple[str, float]]:
    """The limits that may be missed, in words, and how often each is kept."""
    usual = "default " if run.leaves_open("deadline") else ""
    yield f"the {usual}deadline of {say.days(run.deadline_hours)}", risk.p_deadline
    if risk.p_budget is not None and run.budget_usd is not None:
        yield f"the budget of {say.usd(run.budget_usd)}", risk.p_budget
    if risk.p_term is not None:
        block = f"the block of {plan.block_days} days"
        yield block if plan.block_days else "the time for which the offer is sold", risk.p_term


def premium_line(premium: Premium, asked: bool) -> str:
    """What the confidence costs, and the plan without it; or that with it where none is asked."""
    level, more = times_in_100(premium.confidence), premium.cost_usd
    if premium.sure is None or more is None:
        return f"No fleet within the limits keeps the deadline {level}."
    other = premium.plain if asked else premium.sure
    fleet = f"{other.gpus:,} {other.gpu_name} of {other.provider}"
    days, cost = f"expected to take {say.days(other.days * HOURS_PER_DAY)}", say.usd(other.cost_usd)
    what = f"{'without that ' if asked else ''}{fleet}, {days}, for {cost}"
    share = more / premium.plain.cost_usd
    if abs(share) < NO_PREMIUM:
        return f"To keep the deadline {level} costs nothing more: {what}."
    word = "costs" if more > 0 else "saves"
    amount = f"{say.usd(abs(more))} {'more ' if more > 0 else ''}({say.more(share)})"
    return f"To keep the deadline {level} {word} {amount}: {what}."


def share(probability: float) -> str:
    """A probability in words: '83 times in 100', 'nearly always'."""
    if probability > 0.995:
        return "nearly always"
    if probability < 0.005:
        return "hardly ever"
    return f"{probability * 100:.0f} times in 100"


def _beside(plans: tuple[Plan, ...], risks: tuple[Risk, ...]) -> Iterator[Text]:
    """One line an offer: its chances, and what is kept nine times in ten."""
    rows: list[tuple[str, ...]] = [("offer", "in time", "in budget", "days up to", "USD up to")]
    for plan, risk in zip(plans, risks, strict=True):
        budget = "" if risk.p_budget is None else f"{risk.p_budget:.0%}"
        days, cost = in_column(risk.days.p90), say.count(risk.cost_usd.p90)
        rows.append((plan.offer, f"{risk.p_deadline:.0%}", budget, days, cost))
    if risks[0].p_budget is None:
        rows = [(*row[:2], *row[3:]) for row in rows]
    header, *lines = aligned(rows)
    yield Text(header, style="bold")
    yield from (Text(line) for line in lines)


def _three(found: Percentiles, written: Callable[[float], str]) -> tuple[str, str, str]:
    return written(found.p10), written(found.p50), written(found.p90)
