"""The frontier of cost and time: the plans that nothing beats on both, cheapest to fastest."""

from dataclasses import dataclass, replace
from datetime import date
from math import inf, isinf

import numpy as np

from catalog.units import HOURS_PER_DAY
from optimizer.answer import Answer, checked_plan, without_plan
from optimizer.market.limits import NO_LIMIT
from optimizer.market.market import Market
from optimizer.market.run import Run
from optimizer.market.segments import TOLERANCE, Floats
from optimizer.plan.plan import Plan
from optimizer.program.bounds import feasible
from optimizer.study.pareto import Edge, edge_of

DEFAULT_POINTS = 50
FEWEST_POINTS = 2


@dataclass(frozen=True, slots=True)
class Point:
    """One plan of the frontier: days from signature to the last step of a run, USD of all runs.

    Where a confidence is asked for the days are those that are kept with it.
    """

    days: float
    cost_usd: float
    plan: Plan


@dataclass(frozen=True, slots=True)
class Frontier:
    """Plans that nothing beats on both cost and days, the cheapest and slowest first.

    ``points`` are some of them, the ends included; ``line`` holds days and USD of all.
    ``asked`` is the position of the point that answers the question itself, by the default
    deadline where it sets none; None where no plan is in time.
    """

    run: Run
    points: tuple[Point, ...]
    line: tuple[tuple[float, float], ...]
    asked: int | None

    @property
    def in_all(self) -> int:
        """How many plans nothing beats on both."""
        return len(self.line)

    def some(self, most: int) -> tuple[int, ...]:
        """Positions of up to ``most`` points: both ends, the question's own, others evenly."""
        last = len(self.points) - 1
        days = np.array([point.days for point in reversed(self.points)])
        own = None if self.asked is None else last - self.asked
        return tuple(last - at for at in reversed(_with(own, spread_evenly(days, most))))


def open_ended(market: Market) -> Market:
    """The market without the deadline that a question gets where it gives none."""
    if not market.run.leaves_open("deadline"):
        return market
    limits = market.limits.but(deadline=NO_LIMIT)
    return replace(market, run=replace(market.run, deadline_hours=inf), limits=limits)


def frontier(market: Market, points: int = DEFAULT_POINTS) -> Frontier:
    """The exact frontier within the question's limits, of which up to ``points`` are made plans.

    Where there are more, the ends stay and the others are spread evenly in log days. A deadline
    that the question does not give does not hold. The question's own plan is among them, if need
    be as a third of two. ValueError below two points.
    """
    if points < FEWEST_POINTS:
        raise ValueError(f"points: {points}; expected {FEWEST_POINTS} or more, for the ends")
    due = market.run.deadline_hours
    market = open_ended(market)
    edge = edge_of(feasible(market))
    own = _asked(market.run, edge, due)
    chosen = _with(own, spread_evenly(edge.latest_hours, points))
    plans = [checked_plan(market, edge.fleet(position)) for position in reversed(chosen)]
    found = tuple(Point(plan.latest_days, plan.cost_usd, plan) for plan in plans)
    days = (edge.latest_hours[::-1] / HOURS_PER_DAY).tolist()
    line = tuple(zip(days, edge.cost_usd[::-1].tolist(), strict=True))
    asked = None if own is None else len(chosen) - 1 - chosen.index(own)
    return Frontier(market.run, found, line, asked)


def why_nothing(market: Market, today: date) -> Answer:
    """What stands in the way where the frontier is empty: an answer without a plan."""
    market = open_ended(market)
    answer = without_plan(market, today)
    if isinf(market.run.deadline_hours):
        others = tuple(one for one in answer.assumptions if one.name != "deadline")
        return replace(answer, assumptions=others)
    return answer


def spread_evenly(values: Floats, most: int) -> list[int]:
    """Positions of up to ``most`` of the rising values: both ends, the others evenly in logs."""
    last = len(values) - 1
    if last < most:
        return list(range(last + 1))
    logs = np.log(values)
    chosen = [0]
    for step, target in enumerate(np.linspace(logs[0], logs[-1], most).tolist()[1:], start=1):
        after = min(int(np.searchsorted(logs, target)), last)
        nearest = after - (target - logs[after - 1] < logs[after] - target)
        # Each is another one, with enough left for those to come.
        chosen.append(min(max(int(nearest), chosen[-1] + 1), last - (most - 1 - step)))
    return chosen


def _asked(run: Run, edge: Edge, due: float) -> int | None:
    """The position on the edge of the question's own plan: the cheapest in time, or the fastest."""
    in_time = int(np.searchsorted(edge.latest_hours, due * (1 + TOLERANCE), side="right"))
    if not in_time:
        return None
    return in_time - 1 if run.objective == "cost" else 0


def _with(own: int | None, chosen: list[int]) -> list[int]:
    """The positions with this one among them, in the place of its neighbor where it is not."""
    if own is None or own in chosen:
        return chosen
    inner = range(1, len(chosen) - 1)
    place = min(inner, key=lambda at: abs(chosen[at] - own), default=None)
    if place is None:
        return sorted([*chosen, own])
    return [*chosen[:place], own, *chosen[place + 1 :]]
