"""What old prices could change: how far each may be wrong before another offer is the plan."""

from dataclasses import dataclass
from datetime import date

from optimizer.answer import Answer
from optimizer.market.market import Market
from optimizer.plan.plan import Plan
from optimizer.study.levers import levers


@dataclass(frozen=True, slots=True)
class Rival:
    """An offer that would be the plan below a price, USD per GPU-hour, and what was last read."""

    offer: str
    wins_below_usd_per_gpu_hour: float
    usd_per_gpu_hour: float
    read_on: date


@dataclass(frozen=True, slots=True)
class Aging:
    """How a decision hangs on the days of its prices.

    The plan holds while its offer stays under ``loses_above_usd_per_gpu_hour`` (None where no
    price makes it lose, and where time is minimized) and the rivals, the nearest first, stay above
    theirs; every other price as it is.
    """

    plan: Plan
    loses_above_usd_per_gpu_hour: float | None
    loses_to: str | None
    rivals: tuple[Rival, ...]


def aging(market: Market, answer: Answer) -> Aging | None:
    """For the answer that this market gave; None where it is no plan."""
    if answer.plan is None:
        return None
    found = levers(market, answer)
    days = {offer.offer: offer.read_on for offer in market.catalog.offers}
    rivals = [
        Rival(lost.offer, below, lost.usd_per_gpu_hour, days[lost.offer])
        for lost in found.lost
        if (below := lost.break_even_usd_per_gpu_hour) is not None and lost.usd_per_gpu_hour
    ]
    rivals.sort(key=lambda one: one.usd_per_gpu_hour / one.wins_below_usd_per_gpu_hour)
    return Aging(
        answer.plan,
        found.winner_loses_above_usd_per_gpu_hour,
        found.winner_loses_to,
        tuple(rivals),
    )
