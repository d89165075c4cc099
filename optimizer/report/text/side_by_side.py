"""Fleets side by side, and a fleet that was given, as a person reads them."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.plan.estimate import Estimate
from optimizer.report.text.parts import (
    ESTIMATED,
    GUESSED,
    assumed,
    facts,
    figures,
    layout_line,
    listed,
    mfu_marked,
    model_line,
    note,
    plain_table,
    ranges,
    reason_line,
    titled,
)
from optimizer.report.text.piloted import pilot_line
from optimizer.report.wording.limits import ruled_out_words
from optimizer.report.wording.stacks import beside
from optimizer.study.compare import Compared


def comparison_text(compared: list[Compared]) -> Iterator[RenderableType]:
    """A table of fleets, then why some give no plan."""
    yield Text(f"Fleets for {model_line(compared[0].answer.run)}", style="bold")
    yield Text()
    table = plain_table("GPU", "offer", "GPUs", "days", "cost, USD", "MFU", left=2)
    for one in compared:
        plan = one.answer.plan
        if plan is None:
            table.add_row(one.gpu, "no plan")
            continue
        table.add_row(one.gpu, plan.offer, *figures(plan), mfu_marked(plan))
    yield table
    plans = [(one.gpu, one.answer.plan) for one in compared if one.answer.plan]
    if any(plan.mfu_basis in GUESSED for _, plan in plans):
        yield note(ESTIMATED)
    how = (f"{gpu}: {layout_line(plan)}" for gpu, plan in plans if plan.layout)
    yield from listed("How the model lies on each", how)
    yield from listed(
        "Eight in ten, by MFU alone",
        (f"{gpu}: {ranges(plan)}" for gpu, plan in plans if plan.layout),
    )
    for one in compared:
        if one.answer.plan is None:
            yield from listed(f"{one.gpu}: no plan", _why_not(one))
    yield from assumed(compared[0].run_assumptions)


def _why_not(one: Compared) -> Iterator[str | Text]:
    """Why each model has no fleet, then the changes that are enough."""
    ruled_out = one.answer.ruled_out
    yield from (f"{model.gpu}: {ruled_out_words(model)[0]}" for model in ruled_out)
    # A reason without a change only says again why the models have no fleet.
    yield from (reason_line(r) for r in one.answer.reasons if r.options or not ruled_out)


def estimate_text(estimate: Estimate) -> Iterator[RenderableType]:
    """What a given fleet takes and costs."""
    fleet = f"{estimate.gpus:,} {estimate.gpu.name}"
    days = say.days(estimate.days * HOURS_PER_DAY)
    cost = "no price is known"
    if estimate.cost_usd is not None:
        cost = f"costs {say.usd(estimate.cost_usd)}"
    yield Text(f"On {fleet} the run takes {days} and {cost}.", style="bold")
    if estimate.days_range.low < estimate.days_range.high:
        yield Text(f"Eight in ten, by MFU alone: {ranges(estimate)}.")
    yield from facts(_estimate_facts(estimate))
    yield from listed("Before you sign", estimate.warnings)
    yield from assumed(estimate.assumptions)


def _estimate_facts(estimate: Estimate) -> Iterator[tuple[str, str]]:
    peak = estimate.gpu.peak_tflops(estimate.precision) or 0.0
    useful = f"{estimate.mfu * peak:,.4g} of {peak:,.4g} dense {estimate.precision} TFLOP/s a GPU"
    yield from titled(estimate.run)
    yield "model", model_line(estimate.run)
    yield "speed", f"MFU {estimate.mfu:.1%}: {useful}, goodput {estimate.goodput:.3g}"
    if estimate.pilot is not None:
        yield "pilot", pilot_line(estimate.pilot)
    yield "GPU-hours", say.digits(estimate.gpu_hours)
    if estimate.lead_days:
        yield (
            "lead time",
            f"{say.days(estimate.lead_days * HOURS_PER_DAY)} pass before the first step",
        )
    yield from beside(estimate.run, estimate.stacks, estimate.published, estimate.gpu_hours)
    if estimate.layout is not None:
        yield "layout", layout_line(estimate)
    if estimate.usd_per_gpu_hour is None:
        yield "price", estimate.price_basis
        return
    read = f", read {estimate.price_read_on}" if estimate.price_read_on else ""
    amount = f"{say.price(estimate.usd_per_gpu_hour)} USD per GPU-hour"
    yield "price", f"{amount}, {estimate.price_basis}{read}"
