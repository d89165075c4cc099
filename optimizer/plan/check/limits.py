"""Whether a plan keeps the limits of its question and of its offer."""

from collections.abc import Iterator
from math import exp, isclose, log
from statistics import NormalDist

from optimizer.plan.check.facts import Case, draw_kw

CLOSE = 1e-6


def broken_limits(case: Case) -> Iterator[str]:
    """Deadline, cluster size, power and budget hold."""
    plan, most, room = case.plan, case.run.limits, 1 + CLOSE
    deadline = case.run.deadline_hours
    if plan.days * 24 > deadline * room:
        yield f"deadline: {plan.days:.4g} days of {deadline / 24:.4g}"
    if plan.gpus > most["max_gpus"]:
        yield f"max_gpus: {plan.gpus} of {most['max_gpus']:.0f}"
    power = plan.gpus * draw_kw(case)
    if power > most["power_cap"] * room:
        yield f"power_cap: {power:,.1f} kW of {most['power_cap']:,.1f}"
    if plan.cost_usd > most["budget"] * room:
        yield f"budget: {plan.cost_usd:,.2f} USD of {most['budget']:,.2f}"


def broken_term(case: Case) -> Iterator[str]:
    """All runs end before the offer does, with the confidence asked for."""
    plan = case.plan
    latest = plan.days if plan.promised_days is None else plan.promised_days
    elapsed = plan.runs * (latest * 24 - case.offer.lead_time_hours)
    longest = plan.block_days * 24 if plan.block_days else case.offer.longest_hours
    if longest is not None and elapsed > longest * (1 + CLOSE):
        yield f"term: the runs take {elapsed:.1f} hours, the offer ends after {longest:g}"


def broken_confidence(case: Case) -> Iterator[str]:
    """The deadline holds at the quantile of the MFU that the confidence asks for.

    The lower half of a lognormal MFU whose 10th percentile is the low end of its range.
    """
    plan, asked, normal = case.plan, case.run.confidence, NormalDist()
    if asked is None:
        if plan.promised_days is not None:
            yield f"promised_days: {plan.promised_days} in the plan, no confidence asked for"
        return
    lower = log(plan.mfu_range.low / plan.mfu)
    quantile = plan.mfu * exp(lower * normal.inv_cdf(1 - asked) / normal.inv_cdf(0.1))
    hours = case.offer.lead_time_hours + case.elapsed * plan.mfu / quantile
    if plan.promised_days is None or not isclose(plan.promised_days, hours / 24, rel_tol=CLOSE):
        yield f"promised_days: {plan.promised_days} in the plan, {hours / 24:.8g} by the formula"
    deadline = case.run.deadline_hours
    if hours > deadline * (1 + CLOSE):
        yield f"confidence: at {asked:g} {hours / 24:.4g} days of {deadline / 24:.4g}"
