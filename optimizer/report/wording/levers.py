"""What would change a decision, in words: a day, a node, prices, and what to ask others for."""

from collections.abc import Iterator

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.plan.plan import Plan
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


def lever_lines(plan: Plan, found: Levers) -> Iterator[str]:
    """The values of a day and a node, how far the price may rise, and what to ask others for."""
    yield from room_lines(plan, found)
    yield from winner_lines(plan, found)
    asked = [line for lost in found.lost if (line := _ask(lost)) is not None]
    yield from asked[:MOST_ASKED]


def others_line(others: Others) -> str:
    """How many offers are not listed, by what they are."""
    return f"{NOT_LISTED[others.limit]}: {others.offers:,}"


def room_lines(plan: Plan, found: Levers) -> Iterator[str]:
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
