"""Sections on fleets: those of each GPU side by side, and the plans that lost."""

from collections.abc import Iterator

from optimizer import say
from optimizer.plan.plan import Plan
from optimizer.report.document.blocks import Block, Bullets, Paragraph, Section, table
from optimizer.report.text.parts import ESTIMATED, GUESSED, figures, layout_line, mfu_marked
from optimizer.report.wording.differences import beside_the_plan, difference_words
from optimizer.report.wording.limits import ruled_out_lines, ruled_out_words
from optimizer.report.wording.losses import can_win, lost_words, quotes_that_cannot
from optimizer.report.wording.reasons import reason_words
from optimizer.study.compare import Compared
from optimizer.study.lost_offers import Lost
from optimizer.study.recommendation import Recommendation
from problems.question import limit_words

FLEET_COLUMNS = ("GPU", "offer", "GPUs", "days", "cost, USD", "MFU")
LOST_COLUMNS = ("offer", "GPUs", "days", "cost, USD", "difference", "wins below", "why it lost")
LAYOUT = (
    "TP: so many GPUs share every layer; PP: so many hold the layers one after the other; DP: so "
    "many copies take different data; fully sharded: the copies share out what training keeps"
)
WINS = LOST_COLUMNS.index("wins below")
WINS_BELOW = (
    "Wins below: the price, USD per GPU-hour, under which the offer would be the plan; of owned "
    "servers their own rate."
)


def compared(found: Recommendation) -> Section:
    """The best fleet of each GPU, or why there is none."""
    plans = [one.answer.plan for one in found.fleets]
    rows = [_row(one) for one in found.fleets]
    marked = next((i for i, p in enumerate(plans) if p and p.offer == found.plan.offer), None)
    caption = "The best fleet of each GPU, within the same limits"
    blocks: list[Block] = [table(caption, FLEET_COLUMNS, rows, left=2, marked=marked)]
    if any(plan and plan.mfu_basis in GUESSED for plan in plans):
        blocks.append(Paragraph(ESTIMATED))
    how = [f"{one.gpu}: {layout_line(plan)}" for one, plan in _with(found) if plan.layout]
    if how:
        blocks += [Paragraph(f"How the model lies on each ({LAYOUT}):"), Bullets(tuple(how))]
    why = [line for one in found.fleets if one.answer.plan is None for line in _why_not(one)]
    if why:
        blocks += [Paragraph("No plan exists for:"), Bullets(tuple(why))]
    return Section("fleets", "Fleets compared", tuple(blocks))


def _with(found: Recommendation) -> Iterator[tuple[Compared, Plan]]:
    for one in found.fleets:
        if one.answer.plan is not None:
            yield one, one.answer.plan


def _row(one: Compared) -> tuple[str, ...]:
    plan = one.answer.plan
    if plan is None:
        return one.gpu, "no plan", "", "", "", ""
    return one.gpu, plan.offer, *figures(plan), mfu_marked(plan)


def _why_not(one: Compared) -> Iterator[str]:
    answer = one.answer
    yield from (
        f"{one.gpu}, {model.gpu}: {ruled_out_words(model)[0]}" for model in answer.ruled_out
    )
    if not answer.ruled_out:
        for reason in answer.reasons:
            asked, needed = reason_words(reason)
            yield f"{one.gpu}: {limit_words(reason.limit)} {asked}; needed: {needed}"


def runners_up(found: Recommendation) -> Iterator[Section]:
    """The offers that lost with the reason of each, and the GPU models that cannot."""
    able = [lost for lost in found.levers.lost if can_win(lost)]
    blocks: list[Block] = []
    if able:
        caption = "The best other offers, each at its best size"
        rows = [_lost(lost, found) for lost in able]
        priced = any(lost.break_even_usd_per_gpu_hour for lost in able)
        if priced:
            blocks += [table(caption, LOST_COLUMNS, rows, last=1), Paragraph(WINS_BELOW)]
        else:
            without = [(*row[:WINS], *row[WINS + 1 :]) for row in rows]
            columns = (*LOST_COLUMNS[:WINS], *LOST_COLUMNS[WINS + 1 :])
            blocks.append(table(caption, columns, without, last=1))
    quotes = tuple(quotes_that_cannot(found.levers.lost))
    if quotes:
        blocks += [Paragraph("Your quotes that cannot keep the limits:"), Bullets(quotes)]
    cannot = tuple(ruled_out_lines(found.answer.ruled_out))
    if cannot:
        blocks += [Paragraph("GPU models that cannot keep the limits:"), Bullets(cannot)]
    if blocks:
        yield Section("runners-up", "Runners-up, and why they lost", tuple(blocks))


def _lost(lost: Lost, found: Recommendation) -> tuple[str, ...]:
    price, plan = lost.break_even_usd_per_gpu_hour, lost.plan
    wins = "" if price is None else say.price_under(price)
    if plan is None:
        return lost.offer, "", "", "", "", wins, lost_words(lost)
    objective = found.answer.run.objective
    difference = plan.value(objective) / found.plan.value(objective) - 1
    return lost.offer, *figures(plan), say.more(difference), wins, lost_words(lost)


def next_best(found: Recommendation) -> str:
    """The first of the plans that lost, in a sentence."""
    other = found.answer.alternatives[0]
    plan = other.plan
    what = f"{plan.gpus:,} {plan.gpu_name} of {plan.provider} ({plan.offer})"
    run = found.answer.run
    difference = beside_the_plan(run, other.costs_more_usd, other.takes_longer_days)
    return f"Next best: {what} {difference}; {difference_words(other.why)}"
