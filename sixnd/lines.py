"""Plans and answers in one line, and as the few cells that a notebook shows."""

from collections.abc import Iterable, Mapping

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.answer import Answer
from optimizer.explain.reason import Reason
from optimizer.plan.plan import Plan
from optimizer.report.wording.reasons import reason_words
from sixnd.result import Table

FLEET = ("GPUs", "days", "USD", "MFU")


def fleet_line(plan: Plan) -> str:
    """What, where, days and USD of a plan."""
    days, usd = say.days(plan.days * HOURS_PER_DAY), say.usd(plan.cost_usd)
    return f"{plan.gpus:,} {plan.gpu_name}, {plan.offer}, {days}, {usd}"


def answer_line(answer: Answer) -> str:
    """The plan and how far it is proven, or the limits in the way."""
    if answer.plan is None or answer.proof is None:
        return f"no plan, {reasons_line(answer.reasons)}"
    sure = "proven" if answer.proof.proven else f"gap {answer.proof.gap:.2%}"
    return f"{fleet_line(answer.plan)}, {sure}"


def reasons_line(reasons: Iterable[Reason]) -> str:
    """The limits that stand in the way, each once."""
    return f"in the way: {'; '.join(dict.fromkeys(reason.limit for reason in reasons))}"


def fleet_cells(plan: Plan | None) -> tuple[str, ...]:
    """A plan's cells below the columns of ``FLEET``; dashes for none."""
    if plan is None:
        return ("-",) * len(FLEET)
    usd = say.usd_below(plan.cost_usd)
    return f"{plan.gpus:,}", say.digits(plan.days), usd, f"{plan.mfu:.1%}"


def plans_table(answer: Answer) -> Table:
    """The plan above its runners-up, or each limit with what it would have to be."""
    if answer.plan is None:
        rows = [(one.limit, *reason_words(one)) for one in answer.reasons]
        return Table(("limit", "asked", "needed"), rows)
    plans = [answer.plan, *(other.plan for other in answer.alternatives)]
    return Table(("offer", *FLEET), [(plan.offer, *fleet_cells(plan)) for plan in plans])


def side_by_side_line(found: Mapping[str, Answer]) -> str:
    """How many have a plan, and the best of them."""
    decided = [answer for answer in found.values() if answer.plan is not None]
    if not decided:
        return f"no plan for any of {', '.join(found)}"
    best = min(decided, key=lambda one: _value(one))
    return f"{len(decided)} of {len(found)} with a plan; best: {answer_line(best)}"


def _value(answer: Answer) -> float:
    assert answer.plan is not None
    return answer.plan.value(answer.run.objective)


def side_by_side(what: str, found: Mapping[str, Answer]) -> Table:
    """A row for each, with its fleet."""
    rows = []
    for name, answer in found.items():
        plan = answer.plan
        offer = "no plan" if plan is None else plan.offer
        rows.append((name, offer, *fleet_cells(plan)))
    return Table((what, "offer", *FLEET), rows)
