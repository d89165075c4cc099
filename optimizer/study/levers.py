"""What would change the decision: prices at which it tips, limits that bind, a little more room.

Every figure is exact: prices by a formula over all fleets, a day and a node by deciding again.
"""

from dataclasses import dataclass

from optimizer.answer import Answer
from optimizer.explain.binding import Binding
from optimizer.explain.break_even import Lead, fleet_of, lead_of
from optimizer.market.market import Market
from optimizer.study.lost_offers import Lost, Others, count_others, lost_offers
from optimizer.study.marginal_value import value_of_a_day, value_of_a_node


@dataclass(frozen=True, slots=True)
class Levers:
    """Why the others lost, which limits bind, and what would change the plan.

    The values are what one more day, or one more node, saves in USD, and the node in days: 0
    where nothing changes, None where there is no such limit or no plan. Above
    ``winner_loses_above_usd_per_gpu_hour`` the plan's offer loses to ``winner_loses_to``, or,
    where that is None, to the budget; None where no price makes it lose and where time is
    minimized. ``others`` counts the offers that are neither the plan nor in ``lost``.
    """

    lost: tuple[Lost, ...]
    binding: tuple[Binding, ...]
    value_of_a_day_usd: float | None
    value_of_a_node_usd: float | None
    winner_loses_above_usd_per_gpu_hour: float | None
    winner_loses_to: str | None
    value_of_a_node_days: float | None
    others: tuple[Others, ...]


def levers(market: Market, answer: Answer) -> Levers:
    """All of it, for the answer that this market gave."""
    plan = None if answer.plan is None else fleet_of(market, answer.plan)
    lost = lost_offers(market, plan)
    named = {one.offer for one in lost}
    if answer.plan is not None:
        named.add(answer.plan.offer)
    return _levers(market, answer, lost, count_others(market, named))


def plan_levers(market: Market, answer: Answer) -> Levers:
    """The same without the offers that lost, which take longer than all the rest."""
    return _levers(market, answer, (), ())


def _levers(
    market: Market, answer: Answer, lost: tuple[Lost, ...], others: tuple[Others, ...]
) -> Levers:
    plan = answer.plan
    if plan is None:
        return Levers(lost, answer.binding, None, None, None, None, None, others)
    lead = Lead(None, None)
    if market.run.objective == "cost":
        lead = lead_of(market, fleet_of(market, plan))
    node = value_of_a_node(market, plan)
    return Levers(
        lost=lost,
        binding=answer.binding,
        value_of_a_day_usd=value_of_a_day(market, plan).usd,
        value_of_a_node_usd=None if node is None else node.usd,
        winner_loses_above_usd_per_gpu_hour=lead.loses_above_usd_per_gpu_hour,
        winner_loses_to=lead.loses_to,
        value_of_a_node_days=None if node is None else node.days,
        others=others,
    )
