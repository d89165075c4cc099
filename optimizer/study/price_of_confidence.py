"""What it costs to be surer of a deadline: the plan with a confidence beside the plain plan."""

from dataclasses import dataclass, replace

from catalog import Catalog
from optimizer.answer import Answer
from optimizer.market.market import make_market
from optimizer.plan.plan import Plan, make_plan
from optimizer.program.decide import decide
from optimizer.program.solve import DEFAULT_TIME_LIMIT_S, SolverName

USUAL_CONFIDENCE = 0.9


@dataclass(frozen=True, slots=True)
class Premium:
    """The plans of one question with and without a confidence in the deadline.

    ``sure`` is None where no fleet keeps the deadline that surely.
    """

    confidence: float
    plain: Plan
    sure: Plan | None

    @property
    def cost_usd(self) -> float | None:
        """What the confidence costs more, USD."""
        return None if self.sure is None else self.sure.cost_usd - self.plain.cost_usd

    @property
    def days(self) -> float | None:
        """By how much longer its run is expected to take.

        Below zero where a larger fleet buys the time in reserve.
        """
        return None if self.sure is None else self.sure.days - self.plain.days


def premium_of(
    answer: Answer,
    catalog: Catalog,
    *,
    solver: SolverName = "highs",
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
) -> Premium:
    """What the confidence of a question costs, or the usual one where it asks for none.

    The answer has to have a plan.
    """
    asked, plan = answer.run.confidence, answer.plan
    assert plan is not None, "without a plan there is nothing to be sure of"
    other = USUAL_CONFIDENCE if asked is None else None
    market = make_market(replace(answer.run, confidence=other), catalog)
    found = decide(market, solver=solver, time_limit_s=time_limit_s)
    beside = None if found is None else make_plan(market.run, catalog, found.fleet)
    if asked is None:
        return Premium(USUAL_CONFIDENCE, plan, beside)
    assert beside is not None, "every fleet that keeps the deadline surely keeps it as expected"
    return Premium(asked, beside, plan)
