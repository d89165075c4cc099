"""ANSWERS: how it is decided and told. Imports facts (catalog) and questions (problems)."""

from optimizer.answer import Alternative, Answer, best_plan
from optimizer.comparison import Compared, compare_gpus
from optimizer.estimate import Estimate, estimate_fleet
from optimizer.infeasible import Reason
from optimizer.optimum import Proof
from optimizer.plan import Plan
from optimizer.solve import SolverError

__all__ = [
    "Alternative",
    "Answer",
    "Compared",
    "Estimate",
    "Plan",
    "Proof",
    "Reason",
    "SolverError",
    "best_plan",
    "compare_gpus",
    "estimate_fleet",
]
