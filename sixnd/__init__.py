"""The cheapest way to train a language model by a date, proven by an integer program.

    import sixnd

    answer = sixnd.plan("70B", deadline="30d", gpu=["H100"])
    print(answer.plan.offer, answer.plan.days, answer.plan.cost_usd, answer.proof.gap)

Every function takes the question's keywords, spelled and read as in a problem file, and gives a
result that does not change: one line as its ``repr``, a small table in a notebook, ``frame`` for
pandas, ``text`` and ``json()`` as the command prints them. ``help(sixnd.plan)`` has every keyword.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from optimizer import version
from sixnd import catalog
from sixnd.inquiries import afford, frontier, report, sensitivity, validate
from sixnd.keywords import (
    AffordKeywords,
    EstimateKeywords,
    PlanKeywords,
    StudyKeywords,
)
from sixnd.questions import compare, estimate, explain, plan, risk
from sixnd.saved import OtherVersionWarning, load

if TYPE_CHECKING:
    from catalog import Catalog, CatalogError, Gpu, Offer
    from optimizer.answer import BrokenPlanError
    from optimizer.plan.plan import Plan
    from optimizer.program.decide import Proof
    from optimizer.program.solve import SolverError
    from optimizer.study.afford import Size
    from optimizer.study.frontier import Point
    from optimizer.study.levers import Levers
    from optimizer.study.recommendation import NoPlanError
    from optimizer.study.sensitivity import Case, Flip
    from problems import ProblemError, Question
    from sixnd.answers import Answer, Explanation, Risk
    from sixnd.evidence import Recommendation, Validation
    from sixnd.fleets import Affordable, Comparison, Estimate, PricingComparison
    from sixnd.listed import Gpus, Offers
    from sixnd.result import Result
    from sixnd.stored import Saved
    from sixnd.studies import Frontier, Sensitivity
    from sixnd.worded import Alternative, Reason

__all__ = [
    "AffordKeywords",
    "Affordable",
    "Alternative",
    "Answer",
    "BrokenPlanError",
    "Case",
    "Catalog",
    "CatalogError",
    "Comparison",
    "Estimate",
    "EstimateKeywords",
    "Explanation",
    "Flip",
    "Frontier",
    "Gpu",
    "Gpus",
    "Levers",
    "NoPlanError",
    "Offer",
    "Offers",
    "OtherVersionWarning",
    "Plan",
    "PlanKeywords",
    "Point",
    "PricingComparison",
    "ProblemError",
    "Proof",
    "Question",
    "Reason",
    "Recommendation",
    "Result",
    "Risk",
    "Saved",
    "Sensitivity",
    "Size",
    "SolverError",
    "StudyKeywords",
    "Validation",
    "__version__",
    "afford",
    "catalog",
    "compare",
    "estimate",
    "explain",
    "frontier",
    "load",
    "plan",
    "report",
    "risk",
    "sensitivity",
    "validate",
]

# Where each record is defined; imported when it is first asked for.
_HOMES = {
    "catalog": ("Catalog", "CatalogError", "Gpu", "Offer"),
    "optimizer.answer": ("BrokenPlanError",),
    "optimizer.program.decide": ("Proof",),
    "optimizer.plan.plan": ("Plan",),
    "optimizer.program.solve": ("SolverError",),
    "optimizer.study.afford": ("Size",),
    "optimizer.study.frontier": ("Point",),
    "optimizer.study.levers": ("Levers",),
    "optimizer.study.recommendation": ("NoPlanError",),
    "optimizer.study.sensitivity": ("Case", "Flip"),
    "problems": ("ProblemError", "Question"),
    "sixnd.answers": ("Answer", "Explanation", "Risk"),
    "sixnd.evidence": ("Recommendation", "Validation"),
    "sixnd.fleets": ("Affordable", "Comparison", "Estimate", "PricingComparison"),
    "sixnd.listed": ("Gpus", "Offers"),
    "sixnd.result": ("Result",),
    "sixnd.stored": ("Saved",),
    "sixnd.studies": ("Frontier", "Sensitivity"),
    "sixnd.worded": ("Alternative", "Reason"),
}

__version__ = version.VERSION

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # Pandas, PuLP, pydantic and numpy are most of the import time; a first plan needs some.
        for home, names in _HOMES.items():
            if name in names:
                return getattr(import_module(home), name)
        raise AttributeError(f"module 'sixnd' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__
