"""An answer as a person reads it: a recommendation first, then what it rests on."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from optimizer import say
from optimizer.answer import Answer
from optimizer.assumptions import Assumption
from optimizer.comparison import Compared
from optimizer.estimate import Estimate
from optimizer.infeasible import Reason
from optimizer.optimum import Proof
from optimizer.plan import Plan
from optimizer.run import Run

PRICING_WORDS = {
    "on_demand": "on demand",
    "reserved": "reserved",
    "spot": "as spot capacity",
    "marketplace": "on the marketplace",
}


def answer_text(answer: Answer) -> Iterator[RenderableType]:
    """The recommendation, or what stands in the way of one."""
    if answer.plan is None or answer.proof is None:
        yield from _no_plan(answer)
        return
    yield from _recommendation(answer.plan)
    yield _facts(_plan_facts(answer.plan, answer.run, answer.proof, answer.offers_compared))
    if answer.warnings:
        yield from _listed("Before you sign", answer.warnings)
    if answer.alternatives:
        yield _heading("Runners-up")
        yield _runners_up(answer)
    yield from _ruled_out(answer)
    if answer.binding:
        bound = (f"{b.limit}: {b.asked}; without it {b.without}" for b in answer.binding)
        yield from _listed("Limits that bind", bound)
    yield from _assumed(answer.assumptions)
    yield Padding(Text(f"Oldest price compared: {answer.oldest_price}."), (1, 0, 0, 0))


def _recommendation(plan: Plan) -> Iterator[Text]:
    nodes = "1 node" if plan.nodes == 1 else f"{plan.nodes:,} nodes"
    words = PRICING_WORDS[plan.pricing]
    gpus = f"{plan.gpus:,} {plan.gpu_name}"
    rented = gpus if plan.gpus_per_node == 1 else f"{nodes} of {plan.gpus_per_node} ({gpus})"
    yield Text(f"Rent {rented} {words} from {plan.provider}:", style="bold")
    days, cost = say.days(plan.days * 24), say.usd(plan.cost_usd)
    yield Text(f"the run takes {days} and costs {cost}.", style="bold")


def _plan_facts(plan: Plan, run: Run, proof: Proof, offers: int) -> Iterator[tuple[str, str]]:
    yield "model", _model(run)
    yield "offer", f"{plan.offer}{f', {plan.region}' if plan.region else ''}, {plan.fabric} network"
    yield (
        "speed",
        f"MFU {plan.mfu:.1%} of the dense {plan.precision} peak ({plan.mfu_basis}), "
        f"goodput {plan.goodput:g}",
    )
    yield "bill", _bill(plan)
    if plan.lead_days:
        yield "lead time", f"{say.days(plan.lead_days * 24)} of it pass before the first step"
    layout = plan.layout
    yield (
        "layout",
        f"tensor parallel {layout.tensor_parallel}, state sharded over "
        f"{layout.state_sharded_over:,} GPUs, {plan.memory_gb_per_gpu:.1f} GB a GPU",
    )
    yield "proof", _proof(proof, run, offers)


def _model(run: Run) -> str:
    shape = run.shape
    size = say.count(shape.parameters)
    if shape.active_parameters != shape.parameters:
        size = f"{size} ({say.count(shape.active_parameters)} active)"
    named = "" if shape.name == size else f"{shape.name}, "
    return f"{named}{size} parameters, {say.count(run.tokens)} tokens, {run.flop:.3g} FLOP (6·N·D)"


def _bill(plan: Plan) -> str:
    used = f"{say.digits(plan.billed_gpu_hours)} GPU-hours at {plan.usd_per_gpu_hour:g} USD"
    if plan.billed_gpu_hours > plan.gpu_hours * 1.001:
        used += f", {say.digits(plan.gpu_hours)} of them used"
    if plan.upfront_usd:
        used += f", and {say.usd(plan.upfront_usd)} up front"
    return f"{used} (read {plan.price_read_on})"


def _proof(proof: Proof, run: Run, offers: int) -> str:
    best = "cheaper" if run.objective == "cost" else "faster"
    of = f"of the {offers} offers that qualify"
    if not proof.proven:
        return f"not complete: at most {proof.gap:.2%} from the best {of} ({proof.solver})"
    return f"nothing {of} is {best} within the limits ({proof.solver}, gap {proof.gap:.0%})"


def _runners_up(answer: Answer) -> Table:
    table = _table()
    for name, justify in (("offer", "left"), ("GPUs", "right"), ("days", "right")):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    table.add_column("cost, USD", justify="right", no_wrap=True)
    table.add_column("more", justify="right", no_wrap=True)
    table.add_column("why it lost", overflow="fold")
    assert answer.plan is not None, "runners-up are those of a plan"
    by_cost = answer.run.objective == "cost"
    for other in answer.alternatives:
        plan = other.plan
        share = other.costs_more_usd / answer.plan.cost_usd
        if not by_cost:
            share = other.takes_longer_days / answer.plan.days
        table.add_row(
            plan.offer,
            f"{plan.gpus:,}",
            say.digits(plan.days),
            say.usd(plan.cost_usd).removesuffix(" USD"),
            say.more(share),
            other.reason,
        )
    return table


def _ruled_out(answer: Answer) -> Iterator[RenderableType]:
    if answer.ruled_out:
        lines = (f"{model.gpu}: {model.reason}" for model in answer.ruled_out)
        yield from _listed("GPU models that cannot", lines)


def _no_plan(answer: Answer) -> Iterator[RenderableType]:
    run = answer.run
    yield Text(f"No plan exists for {_model(run)}.", style="bold")
    yield _heading("What stands in the way, and the smallest change that is enough")
    for reason in answer.reasons:
        yield Padding(_reason(reason), (0, 0, 0, 2))
    yield from _ruled_out(answer)
    yield from _assumed(answer.assumptions)


def _reason(reason: Reason) -> Text:
    said = f"{reason.limit}: {reason.asked} asked, {reason.needed} needed"
    if reason.options:
        said += f"; try {reason.options}"
    return Text(said)


def comparison_text(compared: list[Compared]) -> Iterator[RenderableType]:
    """The fleets side by side, then why some give no plan."""
    table = _table()
    for name in ("asked", "offer", "GPUs", "days", "cost, USD", "MFU"):
        right = name in ("GPUs", "days", "cost, USD", "MFU")
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for one in compared:
        plan = one.answer.plan
        if plan is None:
            table.add_row(one.gpu, "no plan", "", "", "", "")
            continue
        mark = "" if plan.mfu_basis == "published" else " (est.)"
        table.add_row(
            one.gpu,
            plan.offer,
            f"{plan.gpus:,}",
            say.digits(plan.days),
            say.usd(plan.cost_usd).removesuffix(" USD"),
            f"{plan.mfu:.1%}{mark if plan.mfu_basis == 'estimate' else ''}",
        )
    yield Text(f"Fleets for {_model(compared[0].answer.run)}", style="bold")
    yield table
    for one in compared:
        if one.answer.plan is None:
            yield _heading(f"{one.gpu}: no plan")
            for ruled in one.answer.ruled_out:
                yield Padding(Text(f"{ruled.gpu}: {ruled.reason}"), (0, 0, 0, 2))
            for reason in one.answer.reasons:
                yield Padding(_reason(reason), (0, 0, 0, 2))
    yield from _assumed(compared[0].answer.assumptions if compared[0].answer.plan is None else ())


def estimate_text(estimate: Estimate) -> Iterator[RenderableType]:
    """What a given fleet takes and costs."""
    fleet = f"{estimate.gpus:,} {estimate.gpu.name}"
    days = say.days(estimate.days * 24)
    cost = "an unknown amount" if estimate.cost_usd is None else say.usd(estimate.cost_usd)
    yield Text(f"On {fleet} the run takes {days} and costs {cost}.", style="bold")
    price = "" if estimate.usd_per_gpu_hour is None else f"{estimate.usd_per_gpu_hour:g} USD, "
    peak = estimate.gpu.peak_tflops(estimate.precision) or 0.0
    useful = f"{estimate.mfu * peak:,.4g} of {peak:,.4g} dense {estimate.precision} TFLOP/s a GPU"
    facts = [
        ("model", _model(estimate.run)),
        ("speed", f"MFU {estimate.mfu:.1%}: {useful}"),
        ("GPU-hours", say.digits(estimate.gpu_hours)),
        ("price", f"{price}{estimate.price_basis}"),
    ]
    yield _facts(iter(facts))
    if estimate.warnings:
        yield from _listed("Before you sign", estimate.warnings)
    yield from _assumed(estimate.assumptions)


def _assumed(assumptions: tuple[Assumption, ...]) -> Iterator[RenderableType]:
    if assumptions:
        lines = (f"{a.name}: {a.value} [{a.source}]" for a in assumptions)
        yield from _listed("Assumptions", lines)


def _listed(heading: str, lines: "Iterator[str] | tuple[str, ...]") -> Iterator[RenderableType]:
    yield _heading(heading)
    table = Table.grid(padding=(0, 1, 0, 0))
    for line in lines:
        table.add_row("  -", Text(line))
    yield table


def _heading(text: str) -> Padding:
    return Padding(Text(text, style="bold"), (1, 0, 0, 0))


def _facts(facts: Iterator[tuple[str, str]]) -> Padding:
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in facts:
        table.add_row(f"  {name}", Text(value))
    return Padding(table, (1, 0, 0, 0))


def _table() -> Table:
    return Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
