"""Why the plan won and what would change it, as a person reads it."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.answer import Answer
from optimizer.plan.plan import Plan
from optimizer.report.text.parts import aligned, figures, heading, listed, note
from optimizer.report.wording.differences import beside_the_plan
from optimizer.report.wording.levers import lever_lines, others_line, room_lines, winner_lines
from optimizer.report.wording.limits import binding_line
from optimizer.report.wording.losses import (
    can_win,
    lost_words,
    models_that_cannot,
    quotes_that_cannot,
)
from optimizer.study.levers import Levers
from optimizer.study.lost_offers import Lost


def explained_text(answer: Answer, plan: Plan, found: Levers) -> Iterator[RenderableType]:
    """The decision, the offers that lost, those that cannot, limits, and levers."""
    able = [lost for lost in found.lost if can_win(lost)]
    yield from _decision(answer, plan, able)
    if able:
        yield from heading("Why the others lost")
        yield from _table(able)
    yield from listed("Your quotes that cannot", quotes_that_cannot(found.lost))
    yield from listed("GPU models that cannot", models_that_cannot(found.lost))
    yield from listed("Offers not listed, by what they are", map(others_line, found.others))
    yield from listed("Limits that bind", map(binding_line, found.binding))
    yield from listed("Levers", lever_lines(plan, found))


def levers_section(plan: Plan, found: Levers | None) -> Iterator[RenderableType]:
    """A section of a plan: what a day and a node are worth, and how far its price may rise."""
    if found is not None:
        yield from listed("Levers", [*room_lines(plan, found), *winner_lines(plan, found)])


def _decision(answer: Answer, plan: Plan, able: list[Lost]) -> Iterator[Text]:
    what = f"{plan.gpus:,} {plan.gpu_name}, {say.days(plan.days * HOURS_PER_DAY)}"
    best = "Cheapest" if answer.run.objective == "cost" else "Fastest"
    first = f"{best} is {plan.offer} ({what}, {say.usd(plan.cost_usd)})"
    nearest = next((lost.plan for lost in able if lost.plan is not None), None)
    if nearest is None:
        yield Text(f"{first}: no other offer keeps the limits.", style="bold")
        return
    dearer = max(nearest.cost_usd - plan.cost_usd, 0.0)
    longer = max(nearest.latest_days - plan.latest_days, 0.0)
    more = beside_the_plan(answer.run, dearer, longer)
    yield Text(f"{first}; the next best, {nearest.offer}, {more}.", style="bold")


def _table(able: list[Lost]) -> Iterator[RenderableType]:
    """Two lines an offer: its figures and the price at which it wins, and why it lost."""
    rows = [("offer", "GPUs", "days", "cost, USD", "wins below"), *map(_row, able)]
    header, *lines = aligned(rows)
    yield Text(header, style="bold")
    for line, lost in zip(lines, able, strict=True):
        yield Text(line)
        yield Padding(note(lost_words(lost)), (0, 0, 0, 2))
    if any(lost.break_even_usd_per_gpu_hour for lost in able):
        yield note("wins below: USD per GPU-hour at which the offer would be the plan")


def _row(lost: Lost) -> tuple[str, ...]:
    price, plan = lost.break_even_usd_per_gpu_hour, lost.plan
    wins = "-" if price is None else say.price_under(price)
    if plan is None:
        return lost.offer, "-", "-", "-", wins
    return lost.offer, *figures(plan), wins
