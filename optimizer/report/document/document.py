"""A recommendation as a document: the decision first, then what it rests on, section by section."""

from collections.abc import Iterator

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.report.document import fleets as fleets
from optimizer.report.document import money as money
from optimizer.report.document import studies as studies
from optimizer.report.document import trust as trust
from optimizer.report.document.blocks import Document, Section, capitalized
from optimizer.report.text.answer import decision, proven_line
from optimizer.report.text.asked import asked_line
from optimizer.report.text.parts import GUESSED
from optimizer.report.text.risk import chances, premium_line, share
from optimizer.report.wording.capacity import capacity_facts
from optimizer.report.wording.levers import winner_lines
from optimizer.report.wording.stacks import MOST_PUBLISHED, published_line, stacks_line
from optimizer.study.recommendation import Recommendation

# What stands on the first page; all of it is in the section on risks.
FIRST_CHECKS = 6
EIGHT_IN_TEN = "eight times in ten"


def document(found: Recommendation) -> Document:
    """Everything that a report says, in the order in which it says it."""
    run, plan, snapshot = found.answer.run, found.plan, found.answer.snapshot
    name = " ".join(run.name.split())
    return Document(
        title=name or f"Training plan for {say.count(run.shape.parameters)} parameters",
        subtitle=asked_line(run),
        decision=" ".join(decision(plan)),
        figures=tuple(_figures(found)),
        reasons=tuple(_reasons(found)),
        checks=tuple(map(capitalized, found.answer.warnings[:FIRST_CHECKS])),
        sections=tuple(_sections(found)),
        made=f"sixnd {found.version}, {found.today}, catalog {snapshot.name} of {snapshot.date}",
    )


def _figures(found: Recommendation) -> Iterator[tuple[str, str, str]]:
    """The figures that decide: cost, time, fleet, price, certainty."""
    plan, run, risk = found.plan, found.answer.run, found.risks.plan
    cost = say.between(say.usd(risk.cost_usd.p10), say.usd(risk.cost_usd.p90))
    yield (
        "Cost",
        say.usd(plan.cost_usd),
        f"{EIGHT_IN_TEN} {cost}, by MFU, failures and price",
    )
    days = say.between(
        say.days(risk.days.p10 * HOURS_PER_DAY), say.days(risk.days.p90 * HOURS_PER_DAY)
    )
    yield (
        "Time",
        say.days(plan.days * HOURS_PER_DAY),
        f"{EIGHT_IN_TEN} {days}, by MFU and failures",
    )
    nodes = f"{plan.nodes:,} nodes of {plan.gpus_per_node}" if plan.nodes > 1 else "1 node"
    yield "Fleet", f"{plan.gpus:,} {plan.gpu_name}", f"{nodes}, network: {plan.fabric}"
    price = f"{say.price(plan.usd_per_gpu_hour)} USD per GPU-hour"
    where = plan.region or "region not stated"
    yield "Price", price, f"{plan.offer}; {where}; read {plan.price_read_on}"
    ranked = sorted(chances(run, plan, risk), key=lambda one: one[1])
    (least, often), others = ranked[0], ranked[1:]
    said = [f"{least} is kept", *(f"{what} {share(other)}" for what, other in others)]
    yield "How sure", share(often), f"{'; '.join(said)}; the MFU is {plan.mfu_basis}"


def _reasons(found: Recommendation) -> Iterator[str]:
    """Why this plan, and how sure that is."""
    answer, plan = found.answer, found.plan
    yield f"Proven: {proven_line(found.proof, answer.run, answer.offers_compared)}."
    yield premium_line(found.premium, answer.run.confidence is not None)
    if answer.alternatives:
        yield f"{fleets.next_best(found)}."
    if answer.stacks:
        said = stacks_line(answer.run, answer.stacks)
        yield f"The same fleet with other software: {said}."
    if answer.standing is not None:
        for name, what in capacity_facts(answer.standing):
            yield f"{capitalized(name)}: {what}."
    hours = plan.gpu_hours / plan.runs
    for one in answer.published[:MOST_PUBLISHED]:
        yield f"A published run like it: {published_line(one, hours)}. {one.url}".rstrip()
    basis = f"The speed, {plan.mfu:.1%} of the GPUs' peak (the MFU), is {plan.mfu_basis}"
    if plan.mfu_basis in GUESSED:
        basis += ": no published run on that part in as many bits stands behind it"
    yield f"{basis}."
    yield from (f"{capitalized(line)}." for line in winner_lines(plan, found.levers))


def _sections(found: Recommendation) -> Iterator[Section]:
    yield fleets.compared(found)
    yield from fleets.runners_up(found)
    yield studies.levers(found)
    yield from studies.frontier(found)
    yield studies.sensitivity(found)
    yield money.bill(found)
    yield money.ways_to_pay(found)
    yield money.calculated(found)
    yield trust.assumptions(found)
    yield trust.risks(found)
    yield trust.sources(found)
    yield trust.proof(found)
