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
from optimizer.report.wording.limits import binding_line
from optimizer.report.wording.losses import can_win, models_that_cannot, quotes_that_cannot
from optimizer.study.levers import Levers
from optimizer.study.lost_offers import Lost, Others
from problems.question import ROWS

# As many offers are worth a negotiation, and none that would have to come down by more.
MOST_ASKED = 5
MOST_OFF = 0.5
# What keeps offers from being listed, before their number.
NOT_LISTED = {
    "cost": "dearer than those listed",
    "time": "slower than those listed",
    "several": "past several limits at once",
    "term": "sold for a shorter time than the run takes",
    "memory": "too few GPUs together to hold the model",
    "price": "held back: at prices that cannot be true",
} | {key: row.others for key, row in ROWS.items() if row.others}


def explained_text(answer: Answer, plan: Plan, found: Levers) -> Iterator[RenderableType]:
    """The decision, the offers that lost, those that cannot, limits, and levers."""
    able = [lost for lost in found.lost if can_win(lost)]
    yield from _decision(answer, plan, able)
    if able:
        yield from heading("Why the others lost")
        yield from _table(able)
    yield from listed("Your quotes that cannot", quotes_that_cannot(found.lost))
    yield from listed("GPU models that cannot", models_that_cannot(found.lost))
    yield from listed("Offers not listed, by what they are", map(_counted, found.others))
    yield from listed("Limits that bind", map(binding_line, found.binding))
    yield from listed("Levers", lever_lines(plan, found))


def levers_section(plan: Plan, found: Levers | None) -> Iterator[RenderableType]:
    """A section of a plan: what a day and a node are worth, and how far its price may rise."""
    if found is not None:
        yield from listed("Levers", [*_room(plan, found), *winner_lines(plan, found)])


def lever_lines(plan: Plan, found: Levers) -> Iterator[str]:
    """The values of a day and a node, how far the price may rise, and what to ask others for."""
    yield from _room(plan, found)
    yield from winner_lines(plan, found)
    asked = [line for lost in found.lost if (line := _ask(lost)) is not None]
    yield from asked[:MOST_ASKED]


def _decision(answer: Answer, plan: Plan, able: list[Lost]) -> Iterator[Text]:
    by_cost = answer.run.objective == "cost"
    what = f"{plan.gpus:,} {plan.gpu_name}, {say.days(plan.days * HOURS_PER_DAY)}"
    best = "Cheapest" if by_cost else "Fastest"
    first = f"{best} is {plan.offer} ({what}, {say.usd(plan.cost_usd)})"
    nearest = next((lost.plan for lost in able if lost.plan is not None), None)
    if nearest is None:
        yield Text(f"{first}: no other offer keeps the limits.", style="bold")
        return
    more = f"costs {say.usd(max(nearest.cost_usd - plan.cost_usd, 0.0))} more"
    if not by_cost:
        longer = max(nearest.latest_days - plan.latest_days, 0.0) * HOURS_PER_DAY
        more = f"takes {say.days(longer)} longer{say.surely(answer.run.confidence)}"
    yield Text(f"{first}; the next best, {nearest.offer}, {more}.", style="bold")


def _table(able: list[Lost]) -> Iterator[RenderableType]:
    """Two lines an offer: its figures and the price at which it wins, and why it lost."""
    rows = [("offer", "GPUs", "days", "cost, USD", "wins below"), *map(_row, able)]
    header, *lines = aligned(rows)
    yield Text(header, style="bold")
    for line, lost in zip(lines, able, strict=True):
        yield Text(line)
        yield Padding(note(lost.reason), (0, 0, 0, 2))
    if any(lost.break_even_usd_per_gpu_hour for lost in able):
        yield note("wins below: USD per GPU-hour at which the offer would be the plan")


def _row(lost: Lost) -> tuple[str, ...]:
    price, plan = lost.break_even_usd_per_gpu_hour, lost.plan
    wins = "-" if price is None else say.price_under(price)
    if plan is None:
        return lost.offer, "-", "-", "-", wins
    return lost.offer, *figures(plan), wins


def _counted(others: Others) -> str:
    return f"{NOT_LISTED[others.limit]}: {others.offers:,}"


def _room(plan: Plan, found: Levers) -> Iterator[str]:
    """The value of a day and of a node."""
    if found.value_of_a_day_usd:
        yield f"one more day saves {say.usd(found.value_of_a_day_usd)}"
    else:
        yield "one more day changes nothing"
    usd, days = found.value_of_a_node_usd, found.value_of_a_node_days
    of = "GPU" if plan.gpus_per_node == 1 else "GPUs"
    node = f"room for one more node ({plan.gpus_per_node} {of})"
    if usd is None or days is None:
        yield "one more node is of no use: the offer's nodes have no network between them"
    elif usd > 0:
        yield f"{node} saves {say.usd(usd)}{_and_days(days)}"
    elif usd < 0:
        yield f"{node} costs {say.usd(-usd)} more{_and_days(days)}"
    else:
        yield f"{node} changes nothing"


def _and_days(days: float) -> str:
    if not days:
        return ""
    how = "faster" if days > 0 else "slower"
    return f", and the run is {say.days(abs(days) * HOURS_PER_DAY)} {how}"


def winner_lines(plan: Plan, found: Levers) -> Iterator[str]:
    """How far the price of the plan's own offer may rise."""
    price = found.winner_loses_above_usd_per_gpu_hour
    if price is None:
        return
    today = f"{say.price(plan.usd_per_gpu_hour)} today"
    if plan.pricing == "owned":
        today = f"the rate of your own, {today}"
    up = f"{say.price_under(price)} USD per GPU-hour ({today})"
    if found.winner_loses_to is None:
        yield f"{plan.offer} keeps the budget up to {up}; above it there is no plan"
    else:
        yield f"{plan.offer} stays the best up to {up}; above it {found.winner_loses_to} wins"


def _ask(lost: Lost) -> str | None:
    """What to ask an offer's provider for; None where nothing sensible would do."""
    price, today = lost.break_even_usd_per_gpu_hour, lost.usd_per_gpu_hour
    bought = lost.plan is not None and lost.plan.pricing == "owned"
    if price is None or not today or bought or price < today * MOST_OFF:
        return None
    off = say.more(price / today - 1)
    less = f"ask for less than {say.price_under(price)} USD per GPU-hour"
    return f"{lost.offer}: {less} ({say.price(today)} today, {off})"
