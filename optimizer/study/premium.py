"""What it costs to be surer of a deadline: the plan with a confidence against the plain plan."""

from dataclasses import dataclass, replace

from catalog import Catalog
from optimizer.answer import Answer
from optimizer.filling import best_filled
from optimizer.market import make_market
from optimizer.plan import Plan, make_plan
from optimizer.solve import DEFAULT_TIME_LIMIT_S, SolverName


@dataclass(frozen=True, slots=True)
class Premium:
    """The plan of the same question without its confidence, and what the answer's differs by.

    ``cost_usd`` is what the confidence costs more, ``days`` by how much longer its run is
    expected to take: below zero where a larger fleet buys the time in reserve.
    """

    confidence: float
    plain: Plan
    cost_usd: float
    days: float


def premium_of(
    answer: Answer,
    catalog: Catalog,
    *,
    solver: SolverName = "highs",
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
) -> Premium | None:
    """What the confidence of a question costs; None where none was asked or no plan exists."""
    asked, plan = answer.run.question.confidence, answer.plan
    if asked is None or plan is None:
        return None
    question = answer.run.question.model_copy(update={"confidence": None})
    market = make_market(replace(answer.run, question=question), catalog)
    found = best_filled(market, solver, time_limit_s)
    assert found is not None, "every fleet that keeps the deadline surely keeps it as expected"
    plain = make_plan(market.run, catalog, found[0])
    return Premium(asked, plain, plan.cost_usd - plain.cost_usd, plan.days - plain.days)
