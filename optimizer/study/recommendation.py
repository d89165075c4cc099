"""The recommendation: everything a report says, decided and computed once."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from catalog import Catalog
from optimizer.answer import Answer, answer_market
from optimizer.market.market import Market, open_market
from optimizer.plan.plan import Plan
from optimizer.program.decide import Proof
from optimizer.program.solve import DEFAULT_TIME_LIMIT_S, SolverName
from optimizer.study.calculation import Figure, calculation
from optimizer.study.cited import Cited, cited
from optimizer.study.compare import Compared, compare_gpus
from optimizer.study.frontier import Frontier, frontier
from optimizer.study.levers import Levers, levers
from optimizer.study.price_of_confidence import Premium, premium_of
from optimizer.study.rent_or_buy import PricingComparison, compare_pricing
from optimizer.study.risk import Risks, risks_of
from optimizer.study.sensitivity import Sensitivity, sensitivity_of
from optimizer.version import VERSION
from problems import Question, as_command


class NoPlanError(RuntimeError):
    """There is nothing to recommend; ``answer`` holds the reasons."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("no plan exists")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A plan with all that a reader needs to trust it, change it or refuse it.

    ``today`` is the day that prices are judged on, ``command`` what makes this report again.
    ``fleets`` are the best of each GPU asked for, else of each family among the plan and its
    runners-up.
    """

    today: date
    version: str
    command: str
    answer: Answer
    plan: Plan
    proof: Proof
    fleets: tuple[Compared, ...]
    pricing: PricingComparison
    levers: Levers
    frontier: Frontier
    sensitivity: Sensitivity
    risks: Risks
    premium: Premium
    calculation: tuple[Figure, ...]
    sources: tuple[Cited, ...]


def recommend(
    question: Question,
    catalog: Catalog,
    today: date,
    *,
    solver: SolverName = "highs",
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    options: Sequence[str] = (),
) -> Recommendation:
    """The recommendation for a question on a day; NoPlanError where no plan exists.

    ``options`` are words of the command line that are not of the question: a catalog, the file to
    write.
    """
    market = open_market(question, catalog)
    answer = answer_market(market, solver, time_limit_s, today, in_full=True)
    plan, proof, run = answer.plan, answer.proof, answer.run
    if plan is None or proof is None:
        raise NoPlanError(answer)
    asked = question.gpu or _families(answer, plan, catalog)
    each = question.model_copy(update={"gpu": tuple(asked)})
    fleets = compare_gpus(each, catalog, solver=solver, time_limit_s=time_limit_s, today=today)
    pricing = compare_pricing(
        question, catalog, solver=solver, time_limit_s=time_limit_s, today=today
    )
    plans = _plans(answer, plan, fleets, pricing)
    return Recommendation(
        today=today,
        version=VERSION,
        command=_command(question, today, options),
        answer=answer,
        plan=plan,
        proof=proof,
        fleets=tuple(fleets),
        pricing=pricing,
        levers=levers(market, answer),
        frontier=frontier(market),
        sensitivity=_studied(market),
        risks=risks_of(answer, catalog, today=today),
        premium=premium_of(answer, catalog, solver=solver, time_limit_s=time_limit_s),
        calculation=calculation(run, plan, catalog),
        sources=cited(run, plans, catalog),
    )


def _studied(market: Market) -> Sensitivity:
    found = sensitivity_of(market)
    assert found is not None, "there is a plan"
    return found


def _families(answer: Answer, plan: Plan, catalog: Catalog) -> list[str]:
    """The families of the plan and its runners-up, each once."""
    plans = [plan, *(other.plan for other in answer.alternatives)]
    return list(dict.fromkeys(catalog.gpus[one.gpu].family for one in plans))


def _plans(
    answer: Answer, plan: Plan, fleets: Iterable[Compared], pricing: PricingComparison
) -> Iterator[Plan]:
    """Every plan that the report shows, the recommended one first."""
    yield plan
    yield from (other.plan for other in answer.alternatives)
    answers = [*(one.answer for one in fleets), *(one.answer for one in pricing.fleets)]
    yield from (one.plan for one in answers if one.plan is not None)


def _command(question: Question, today: date, options: Iterable[str]) -> str:
    """The command that makes this report again, on the same day."""
    asked = as_command(question, "report")
    titled = ["--title", question.name] if question.name else []
    more = shlex.join([*titled, "--date", today.isoformat(), *options])
    return f"{asked} {more}"
