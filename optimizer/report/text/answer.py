"""An answer as a person reads it: a recommendation first, then what it rests on."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.answer import Answer
from optimizer.market.run import Run
from optimizer.plan.plan import Plan
from optimizer.program.decide import Proof
from optimizer.report.text.levers import levers_section
from optimizer.report.text.parts import (
    aligned,
    assumed,
    bill_table,
    facts,
    figures,
    heading,
    layout_line,
    listed,
    model_line,
    ranges,
    reason_line,
    titled,
)
from optimizer.report.text.piloted import pilot_line
from optimizer.report.wording.capacity import capacity_facts
from optimizer.report.wording.differences import difference_words
from optimizer.report.wording.held import accepted_line, held_line
from optimizer.report.wording.limits import binding_line, ruled_out_lines
from optimizer.report.wording.stacks import beside
from optimizer.study.calculation import kept_line
from optimizer.study.levers import Levers

PRICING_WORDS = {
    "on_demand": "on demand",
    "reserved": "reserved",
    "spot": "as spot capacity",
    "marketplace": "on the marketplace",
    "owned": "of your own",
}
MOST_REMARKS = 10
MOST_HELD = 3
SOLVER_NAMES = {"highs": "HiGHS", "cbc": "CBC"}


def answer_text(
    answer: Answer, levers: Levers | None = None, more: Iterable[RenderableType] = ()
) -> Iterator[RenderableType]:
    """The recommendation with ``more`` after its runners-up, or what stands in the way of one."""
    if answer.plan is None or answer.proof is None:
        yield from _no_plan(answer)
        return
    yield from _recommendation(answer.plan)
    yield from held_lines(answer)
    yield from facts(_plan_facts(answer, answer.plan, answer.proof))
    yield from heading("Bill")
    yield bill_table(answer.plan.bill)
    yield from listed("Your quotes", _few(answer.remarks))
    told = set(map(accepted_line, answer.accepted))
    yield from listed("Before you sign", (said for said in answer.warnings if said not in told))
    if answer.alternatives:
        yield from heading("Runners-up")
        yield from _runners_up(answer, answer.plan)
    yield from more
    yield from listed("GPU models that cannot", ruled_out_lines(answer.ruled_out))
    yield from listed("Limits that bind", map(binding_line, answer.binding))
    yield from levers_section(answer.plan, levers)
    yield from assumed(answer.assumptions)


def _recommendation(plan: Plan) -> Iterator[Text]:
    for line in decision(plan):
        yield Text(line, style="bold")
    if plan.mfu_range.low < plan.mfu_range.high:
        yield Text(f"Eight in ten, by MFU alone: {ranges(plan)}.")


def held_lines(answer: Answer) -> Iterator[Text]:
    """Prices that cannot be true, in a line each: those accepted, and those held back."""
    for held in answer.accepted:
        yield Text(f"warning: {accepted_line(held)}", overflow="fold")
    for held in answer.held_back[:MOST_HELD]:
        yield Text(f"held back: {held_line(held)}", overflow="fold")
    more = len(answer.held_back) - MOST_HELD
    if more > 0:
        yield Text(f"held back: {more:,} more; `sixnd catalog check` lists those of a catalog")


def decision(plan: Plan) -> tuple[str, str]:
    """What to do, and what it takes: two lines that are one sentence."""
    nodes = "1 node" if plan.nodes == 1 else f"{plan.nodes:,} nodes"
    gpus = f"{plan.gpus:,} {plan.gpu_name}"
    rented = gpus if plan.gpus_per_node == 1 else f"{nodes} of {plan.gpus_per_node} ({gpus})"
    words, provider = PRICING_WORDS[plan.pricing], plan.provider
    if plan.block_days:
        words = f"in a block of {plan.block_days} days"
    how = f"Buy {rented}:" if plan.pricing == "owned" else f"Rent {rented} {words} from {provider}:"
    days, cost = say.days(plan.days * HOURS_PER_DAY), say.usd(plan.cost_usd)
    takes = "the run takes" if plan.runs == 1 else f"each of {plan.runs:,} runs takes"
    costs = "costs" if plan.runs == 1 else "all of them cost"
    return how, f"{takes} {days} and {costs} {cost}."


def _plan_facts(answer: Answer, plan: Plan, proof: Proof) -> Iterator[tuple[str, str]]:
    where = plan.region or "region not stated"
    yield from titled(answer.run)
    yield "model", model_line(answer.run)
    yield "offer", f"{plan.offer}; {where}; network: {plan.fabric}"
    if answer.standing is not None:
        yield from capacity_facts(answer.standing)
    yield "speed", speed_line(plan)
    if answer.pilot is not None:
        yield "pilot", pilot_line(answer.pilot)
    one_run = plan.gpu_hours / plan.runs
    yield from beside(answer.run, answer.stacks, answer.published, one_run)
    yield "price", _price(plan)
    if plan.lead_days:
        yield "lead time", f"{say.days(plan.lead_days * HOURS_PER_DAY)} pass before the first step"
    if plan.promised_days is not None:
        yield "promise", _promise(answer.run, plan.promised_days)
    if plan.layout is not None:
        yield "layout", layout_line(plan)
    yield "energy", f"{say.digits(plan.energy_mwh)} MWh, {say.tonnes(plan.co2_kg)} of CO2"
    yield "proof", proof_line(proof, answer.run, answer.offers_compared)
    yield "prices", f"{days_line(answer, plan)}; catalog {answer.snapshot.name}"


def days_line(answer: Answer, plan: Plan) -> str:
    """When the prices were read that the decision rests on: the plan's and its runners-up's."""
    own = f"that of the plan read {plan.price_read_on}"
    if not answer.alternatives:
        return f"{own}; no other competes"
    return f"{own}, with those that compete {answer.oldest_price} to {answer.newest_price}"


def speed_line(plan: Plan) -> str:
    """MFU, what it rests on, and goodput."""
    mfu = f"MFU {plan.mfu:.1%} of the dense {plan.precision} peak, {plan.mfu_basis}"
    if plan.run_factor < 1:
        mfu += f" ({plan.step_mfu:.1%} in a step, {kept_line(plan.run_factor)})"
    return f"{mfu}; goodput {plan.goodput:.3g}"


def _few(remarks: tuple[str, ...]) -> tuple[str, ...]:
    """The first of many; --json has them all."""
    more = len(remarks) - MOST_REMARKS
    return (*remarks[:MOST_REMARKS], f"and {more:,} more") if more > 0 else remarks


def _promise(run: Run, days: float) -> str:
    """What the deadline rests on where a confidence was asked for."""
    sure = f"{run.confidence:.4g}"
    most = say.days(days * HOURS_PER_DAY)
    return f"{most} at most with a confidence of {sure}, by the range of the MFU"


def _price(plan: Plan) -> str:
    """What a GPU-hour costs, and when that was read."""
    what = "of your own" if plan.pricing == "owned" else f"read {plan.price_read_on}"
    return f"{say.price(plan.usd_per_gpu_hour)} USD per GPU-hour, {what}"


def proof_line(proof: Proof, run: Run, offers: int) -> str:
    """What was proven, over how many offers, by which solver."""
    solver = SOLVER_NAMES.get(proof.solver, proof.solver)
    how = f"{solver}, gap {proof.gap:.0%}" if proof.proven else solver
    return f"{proven_line(proof, run, offers)} ({how})"


def proven_line(proof: Proof, run: Run, offers: int) -> str:
    """What was proven, over how many offers."""
    best = "cheaper" if run.objective == "cost" else "faster"
    of = "of the 1 offer that qualifies" if offers == 1 else f"of the {offers} offers that qualify"
    if not proof.proven:
        return f"not complete: at most {proof.gap:.2%} from the best {of}"
    return f"no fleet {of} is {best} within the limits"


def _runners_up(answer: Answer, best: Plan) -> Iterator[Text]:
    """Two lines an alternative: its figures, and why it lost."""
    by_cost = answer.run.objective == "cost"
    rows = [("offer", "GPUs", "days", "cost, USD", "costs more" if by_cost else "takes longer")]
    for other in answer.alternatives:
        plan, objective = other.plan, answer.run.objective
        share = plan.value(objective) / best.value(objective) - 1
        rows.append((plan.offer, *figures(plan), say.more(share)))
    header, *lines = aligned(rows)
    yield Text(header, style="bold")
    for line, other in zip(lines, answer.alternatives, strict=True):
        yield Text(line)
        yield Text(f"  {difference_words(other.why)}", style="dim")


def _no_plan(answer: Answer) -> Iterator[RenderableType]:
    yield Text(f"No plan exists for {model_line(answer.run)}.", style="bold")
    yield from held_lines(answer)
    title = "What stands in the way"
    if any(reason.options for reason in answer.reasons):
        title += ", and the smallest change that alone is enough"
    yield from listed(title, (reason_line(reason) for reason in answer.reasons))
    yield from listed("Your quotes", _few(answer.remarks))
    yield from listed("Before you sign", answer.warnings)
    yield from listed("GPU models that cannot", ruled_out_lines(answer.ruled_out))
    yield from assumed(answer.assumptions)
