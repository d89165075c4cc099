"""Fleets side by side: for each GPU model or family the plan it gives, or why it gives none."""

from dataclasses import dataclass, replace
from datetime import date

from catalog import Catalog, load_catalog, match_gpu
from optimizer.answer import Answer, answer_market
from optimizer.market.market import make_market
from optimizer.market.run import make_run
from optimizer.plan.assumptions import Assumption, run_assumptions
from optimizer.program.solve import DEFAULT_TIME_LIMIT_S, SolverName
from problems import Question


@dataclass(frozen=True, slots=True)
class Compared:
    """One GPU model or family, named as asked, with its answer."""

    gpu: str
    answer: Answer

    @property
    def run_assumptions(self) -> tuple[Assumption, ...]:
        """What all fleets of the comparison take for granted."""
        return tuple(run_assumptions(self.answer.run))


def compare_gpus(
    question: Question,
    catalog: Catalog | None = None,
    *,
    solver: SolverName = "highs",
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    today: date | None = None,
) -> list[Compared]:
    """The best plan of each GPU asked for, or of every family on offer, in that order."""
    catalog = catalog or load_catalog()
    run = make_run(question, catalog)
    compared = []
    for name in question.gpu or _families(catalog):
        models = frozenset(match_gpu(name, catalog.gpus.values()))
        own = replace(run, question=question.model_copy(update={"gpu": (name,)}), gpus=models)
        market = make_market(own, catalog)
        answer = answer_market(market, solver, time_limit_s, today or date.today())
        compared.append(Compared(name, answer))
    return compared


def _families(catalog: Catalog) -> list[str]:
    """The families of the GPUs on offer, newest first."""
    on_offer = {catalog.gpus[offer.gpu] for offer in catalog.offers}
    years = {gpu.family: gpu.year for gpu in on_offer}
    return sorted(years, key=lambda family: (-years[family], family))
