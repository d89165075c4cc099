"""Fleets side by side, and a fleet that was given, as a person reads them."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from optimizer import say
from optimizer.comparison import Compared
from optimizer.estimate import Estimate
from optimizer.report.parts import assumed, facts, listed, model_line, plain_table, reason_line


def comparison_text(compared: list[Compared]) -> Iterator[RenderableType]:
    """A table of fleets, then why some give no plan."""
    yield Text(f"Fleets for {model_line(compared[0].answer.run)}", style="bold")
    table = plain_table("asked", "offer", "GPUs", "days", "cost, USD", "MFU", left=2)
    for one in compared:
        plan = one.answer.plan
        if plan is None:
            table.add_row(one.gpu, "no plan")
            continue
        mark = "~" if plan.mfu_basis == "estimate" else ""
        cost, days = say.usd(plan.cost_usd).removesuffix(" USD"), say.digits(plan.days)
        mfu = f"{mark}{plan.mfu:.1%}"
        table.add_row(one.gpu, plan.offer, f"{plan.gpus:,}", days, cost, mfu)
    yield table
    yield Text("~ an estimate: no published run of that part at that scale", style="dim")
    for one in compared:
        if one.answer.plan is None:
            why = [f"{ruled.gpu}: {ruled.reason}" for ruled in one.answer.ruled_out]
            changes = [reason_line(reason) for reason in one.answer.reasons]
            yield from listed(f"{one.gpu}: no plan", [*why, *changes])
    yield from assumed(compared[0].run_assumptions)


def estimate_text(estimate: Estimate) -> Iterator[RenderableType]:
    """What a given fleet takes and costs."""
    fleet = f"{estimate.gpus:,} {estimate.gpu.name}"
    days = say.days(estimate.days * 24)
    cost = (
        "no price is known" if estimate.cost_usd is None else f"costs {say.usd(estimate.cost_usd)}"
    )
    yield Text(f"On {fleet} the run takes {days} and {cost}.", style="bold")
    peak = estimate.gpu.peak_tflops(estimate.precision) or 0.0
    useful = f"{estimate.mfu * peak:,.4g} of {peak:,.4g} dense {estimate.precision} TFLOP/s a GPU"
    price = estimate.price_basis
    if estimate.usd_per_gpu_hour is not None:
        price = f"{estimate.usd_per_gpu_hour:g} USD per GPU-hour, {price}"
    rows = [
        ("model", model_line(estimate.run)),
        ("speed", f"MFU {estimate.mfu:.1%}: {useful}, goodput {estimate.run.goodput:g}"),
        ("GPU-hours", say.digits(estimate.gpu_hours)),
        ("price", price),
    ]
    yield from facts(rows)
    yield from listed("Before you sign", estimate.warnings)
    yield from assumed(estimate.assumptions)
