"""Rent, reserve and buy side by side, as a person reads them."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from optimizer import say
from optimizer.plan.plan import Plan
from optimizer.report.text.parts import (
    ESTIMATED,
    GUESSED,
    aligned,
    figures,
    heading,
    listed,
    mfu_marked,
    model_line,
    note,
    reason_line,
)
from optimizer.study.rent_or_buy import BreakEven, Crossing, PricingComparison

WORDS = {
    "on_demand": "on demand",
    "reserved": "reserved",
    "spot": "spot",
    "marketplace": "marketplace",
    "owned": "bought",
}


def pricing_text(compared: PricingComparison) -> Iterator[RenderableType]:
    """A table of the kinds of price, the bill of each, why some give none, the break-even."""
    runs = compared.run.runs
    times = "" if runs == 1 else f"{runs:,} runs of "
    yield Text(f"Ways to pay for {times}{model_line(compared.run)}", style="bold")
    yield Text()
    plans = [(one.pricing, one.answer.plan) for one in compared.fleets if one.answer.plan]
    rows: list[tuple[str, ...]] = [("", "GPUs", "days", "cost, USD", "MFU")]
    rows += [_row(kind, plan) for kind, plan in plans]
    header, *lines = aligned(rows)
    yield Text(header, style="bold")
    for line, (_, plan) in zip(lines, plans, strict=True):
        yield Text(line)
        block = f", a block of {plan.block_days} days" if plan.block_days else ""
        yield note(f"  {plan.offer}{block}")
    if any(plan.mfu_basis in GUESSED for _, plan in plans):
        yield note(ESTIMATED)
    yield from heading("What each pays for")
    for kind, plan in plans:
        parts = (f"{line.line} {say.usd(line.usd)}" for line in plan.bill)
        yield Text(f"  {WORDS[kind]}: {'; '.join(parts)}")
    yield from listed("Break-even", break_even_lines(compared.break_even))
    for one in compared.fleets:
        if one.answer.plan is None:
            title = f"{WORDS[one.pricing]}: no plan"
            yield from listed(title, (reason_line(reason) for reason in one.answer.reasons))
    said = (warning for one in compared.fleets for warning in one.answer.terms_warnings)
    yield from listed("Before you sign", list(dict.fromkeys(said)))


def _row(kind: str, plan: Plan) -> tuple[str, ...]:
    return WORDS[kind], *figures(plan), mfu_marked(plan)


def break_even_lines(even: BreakEven) -> Iterator[str]:
    """From how many runs on buying beats renting, and reserving paying by the hour."""
    if even.buy is not None and even.purchase_usd is not None and even.resale_usd is not None:
        price = f"the fleet costs {say.usd(even.purchase_usd)} with its network"
        if even.buy.runs is None:
            left = say.usd(even.resale_usd)
            yield f"buying never wins: {price}, and is worth {left} at the end of its life"
        else:
            yield _crossing("buying and selling afterwards", even.buy)
            yield f"{price}, and its servers fetch {say.usd(even.resale_usd)} then"
        if even.buy_unsold is not None and even.buy_unsold.runs is not None:
            yield _crossing("buying, if the servers fetch nothing,", even.buy_unsold)
    if even.reserve is not None:
        if even.reserve.runs is None:
            yield f"reserving ({even.reserve.cheaper}) never beats paying by the hour"
        else:
            yield _crossing("reserving", even.reserve)


def _crossing(what: str, at: Crossing) -> str:
    """'buying wins from 7 such runs on, one after the other (6.8 months): ...'"""
    runs = "the first run" if at.runs == 1 else f"{at.runs:,} such runs"
    often = f"from {runs} on ({say.digits(at.months or 0.0)} months of use)"
    cost = f"{say.usd(at.cheaper_usd or 0.0)} with {at.cheaper}"
    if at.dearer_usd is None:
        return f"{what} wins {often}: {cost}, and {at.dearer} ends before"
    return f"{what} wins {often}: {cost}, {say.usd(at.dearer_usd)} with {at.dearer}"
