"""Sections on how far the recommendation can be trusted: assumptions, risks, sources, proof."""

from collections.abc import Iterator

from optimizer import say
from optimizer.market.confidence import CERTAIN
from optimizer.report.document.blocks import (
    Block,
    Bullets,
    Cell,
    Command,
    Facts,
    Link,
    Paragraph,
    Section,
    capitalized,
    table,
)
from optimizer.report.text.answer import days_line, proof_line, speed_line
from optimizer.report.text.asked import asked_line
from optimizer.report.text.parts import in_column, layout_line, model_line
from optimizer.report.text.piloted import pilot_line
from optimizer.report.text.risk import STACK_IN_RANGE, kept_line, premium_line
from optimizer.report.wording.held import held_line
from optimizer.study.cited import Cited
from optimizer.study.recommendation import Recommendation
from optimizer.study.risk import Risk

RISK_COLUMNS = ("what", "1 in 10 below", "middle", "1 in 10 above")
CHANCE_COLUMNS = ("offer", "in time", "in budget", "days, 9 in 10", "USD, 9 in 10")
KINDS = {
    "list_price": "price list",
    "compiled_table": "table compiled by others",
    "secondary": "text about the original",
    "memory": "from memory, not read again",
    "estimate": "our estimate",
}


def assumptions(found: Recommendation) -> Section:
    """What the question left open, each with the figure taken and its source."""
    rows = [(a.name.replace("_", " "), a.value, a.source) for a in found.answer.assumptions]
    caption = "What was assumed where the question says nothing"
    columns = ("assumption", "taken", "source, or what to set")
    return Section("assumptions", "Assumptions", (table(caption, columns, rows, left=3),))


def risks(found: Recommendation) -> Section:
    """What could make this plan wrong, and how far days and cost may lie from it."""
    blocks: list[Block] = [Paragraph("Nothing in particular speaks against this plan.")]
    if found.answer.warnings:
        blocks = [Bullets(tuple(map(capitalized, found.answer.warnings)))]
    if found.answer.held_back:
        held = tuple(map(held_line, found.answer.held_back))
        blocks += [Paragraph("Held back, at prices that cannot be true:"), Bullets(held)]
    if found.answer.remarks:
        blocks += [Paragraph("What was made of your quotes:"), Bullets(found.answer.remarks)]
    risk = found.risks.plan
    what = f"{risk.draws:,} random draws of MFU, interruptions and price together"
    drawn = table(f"Days and cost in {what}", RISK_COLUMNS, _percentiles(risk))
    beside = table("The same draws for this plan and the others", CHANCE_COLUMNS, _chances(found))
    sure = premium_line(found.premium, found.answer.run.confidence is not None)
    kept = kept_line(found.answer.run, found.plan, risk)
    blocks += [drawn, Paragraph(f"{kept} {sure}"), beside]
    if found.answer.run.stack is None and found.plan.mfu_basis not in CERTAIN:
        blocks.append(Paragraph(f"{capitalized(STACK_IN_RANGE)}."))
    return Section("risks", "Risks", tuple(blocks))


def _percentiles(risk: Risk) -> Iterator[tuple[str, ...]]:
    days, cost = risk.days, risk.cost_usd
    yield "days", *(in_column(n) for n in (days.p10, days.p50, days.p90))
    usd = (say.usd_below(n) for n in (cost.p10, cost.p50, cost.p90))
    yield "cost, USD", *usd


def _chances(found: Recommendation) -> Iterator[tuple[str, ...]]:
    """One row an offer: its chances, and what is kept nine times in ten."""
    plans = (found.plan, *(other.plan for other in found.answer.alternatives))
    drawn = (found.risks.plan, *found.risks.alternatives)
    for plan, risk in zip(plans, drawn, strict=True):
        budget = "no budget" if risk.p_budget is None else f"{risk.p_budget:.0%}"
        days, cost = in_column(risk.days.p90), say.usd_below(risk.cost_usd.p90)
        yield plan.offer, f"{risk.p_deadline:.0%}", budget, days, cost


def sources(found: Recommendation) -> Section:
    """Where the figures were read, and when."""
    rows = [_source(one) for one in found.sources]
    caption = "Sources of the figures above, with the day on which each was read"
    columns = ("publisher", "page", "kind", "read on", "used for")
    return Section("sources", "Sources", (table(caption, columns, rows, left=5),))


def _source(one: Cited) -> tuple[Cell, ...]:
    source = one.source
    days = f"{one.last_read}"
    if one.first_read != one.last_read:
        days = f"{one.first_read} to {one.last_read}"
    kind = KINDS.get(source.kind, source.kind.replace("_", " "))
    return source.publisher, Link(source.title, source.url), kind, days, ", ".join(one.used_for)


def proof(found: Recommendation) -> Section:
    """What was proven, and the command that does all of this again."""
    again = "The same question on the same catalog and day gives the same report, byte by byte."
    blocks = (Facts(tuple(_proof(found))), Paragraph(again), Command(found.command))
    return Section("proof", "Proof, and how to reproduce it", blocks)


def _proof(found: Recommendation) -> Iterator[tuple[str, str]]:
    answer, plan, proven = found.answer, found.plan, found.proof
    yield "question", asked_line(answer.run)
    yield "model", model_line(answer.run)
    yield "proof", proof_line(proven, answer.run, answer.offers_compared)
    by_cost = answer.run.objective == "cost"
    value, bound = (
        say.usd(n) if by_cost else say.days(n) for n in (proven.objective, proven.bound)
    )
    yield "plan and bound", f"{value}, and no fleet below {bound}"
    if proven.proven:
        yield "second check", "an exact count of the best fleet of every offer agrees"
    yield "third check", "days, hours and every line of the bill were computed twice, and agree"
    yield "speed", speed_line(plan)
    if answer.pilot is not None:
        yield "pilot", pilot_line(answer.pilot)
    if plan.layout is not None:
        yield "layout", layout_line(plan)
    yield "prices", days_line(answer, plan)
    yield "catalog", f"{answer.snapshot.name}, newest price of {answer.snapshot.date}"
    yield "made with", f"sixnd {found.version} on {found.today}"
