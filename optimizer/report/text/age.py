"""How old a catalog's prices are and what that could change, as text and as plain data."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from catalog import Catalog
from catalog.age import ProviderAge
from optimizer import say
from optimizer.answer import Answer
from optimizer.report.text.parts import listed, model_line, note, plain_table
from optimizer.study.age import Aging, Rival

# Rivals that would have to cost less than half are not worth a reading.
MOST_RIVALS = 5
MOST_OFF = 0.5


def age_text(
    catalog: Catalog, found: Sequence[ProviderAge], today: date
) -> Iterator[RenderableType]:
    """Providers with their offers and days, that with the oldest price first."""
    yield Text(f"{len(catalog.offers):,} offers, their age on {today.isoformat()}", style="bold")
    yield Text(f"{catalog.folder}", overflow="fold")
    yield Text()
    table = plain_table("provider", "offers", "oldest", "newest", "days old")
    for one in found:
        old, new = (today - one.oldest).days, (today - one.newest).days
        days = f"{new:,}" if old == new else f"{new:,} to {old:,}"
        read = (one.oldest.isoformat(), one.newest.isoformat())
        table.add_row(one.provider, f"{one.offers:,}", *read, days)
    yield table


def aging_text(answer: Answer, found: Aging, today: date) -> Iterator[RenderableType]:
    """What the decision hangs on: the plan's own price, and the rivals that are nearest."""
    plan = found.plan
    yield from listed(f"What that could change for {model_line(answer.run)}", _holds(found, today))
    near = [
        rival
        for rival in found.rivals
        if rival.wins_below_usd_per_gpu_hour >= rival.usd_per_gpu_hour * MOST_OFF
    ]
    title = f"and while these stay above, for {plan.offer} to stay the best"
    yield from listed(title, (_above(rival, today) for rival in near[:MOST_RIVALS]))
    if answer.run.objective == "cost":
        yield note("each price alone, every other as it was read; USD per GPU-hour")


def _holds(found: Aging, today: date) -> Iterator[str]:
    plan, above = found.plan, found.loses_above_usd_per_gpu_hour
    read = _read(plan.usd_per_gpu_hour, plan.price_read_on, today)
    if above is None:
        yield f"{plan.offer} is the plan whatever its price ({read})"
        return
    under = f"the decision holds while {plan.offer} stays under {say.price_under(above)} USD"
    then = f"{found.loses_to} wins" if found.loses_to else "there is no plan within the budget"
    yield f"{under} a GPU-hour ({read}); above it {then}"


def _above(rival: Rival, today: date) -> str:
    below = say.price_under(rival.wins_below_usd_per_gpu_hour)
    return f"{rival.offer} above {below} ({_read(rival.usd_per_gpu_hour, rival.read_on, today)})"


def _read(usd: float, day: date, today: date) -> str:
    days = (today - day).days
    ago = "today" if days == 0 else "1 day ago" if days == 1 else f"{days:,} days ago"
    return f"{say.price(usd)} read on {day.isoformat()}, {ago}"


def age_data(
    catalog: Catalog, found: Sequence[ProviderAge], decision: Aging | None, today: date
) -> dict[str, Any]:
    """The keys of `catalog age --json`; the decision is null without a question or a plan."""
    return {
        "folder": str(catalog.folder),
        "today": today.isoformat(),
        "offers": len(catalog.offers),
        "providers": [
            {**asdict(one), "oldest": one.oldest.isoformat(), "newest": one.newest.isoformat()}
            for one in found
        ],
        "decision": None if decision is None else _decision(decision),
    }


def _decision(found: Aging) -> dict[str, Any]:
    plan = found.plan
    return {
        "offer": plan.offer,
        "usd_per_gpu_hour": plan.usd_per_gpu_hour,
        "read_on": plan.price_read_on.isoformat(),
        "loses_above_usd_per_gpu_hour": found.loses_above_usd_per_gpu_hour,
        "loses_to": found.loses_to,
        "rivals": [
            {**asdict(rival), "read_on": rival.read_on.isoformat()} for rival in found.rivals
        ],
    }
