"""ANSWERS: how it is decided and told. Imports facts (catalog) and questions (problems)."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.answer import Alternative, Answer, best_plan
    from optimizer.explain.reason import Reason
    from optimizer.plan.estimate import Estimate, estimate_fleet
    from optimizer.plan.plan import Plan
    from optimizer.program.decide import Proof
    from optimizer.program.solve import SolverError
    from optimizer.report.data.frames import comparison_frame, plans_frame
    from optimizer.study.compare import Compared, compare_gpus

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
    "comparison_frame",
    "estimate_fleet",
    "plans_frame",
]

_HOMES = {
    "answer": ("Alternative", "Answer", "best_plan"),
    "explain.reason": ("Reason",),
    "plan.estimate": ("Estimate", "estimate_fleet"),
    "plan.plan": ("Plan",),
    "program.decide": ("Proof",),
    "program.solve": ("SolverError",),
    "report.data.frames": ("comparison_frame", "plans_frame"),
    "study.compare": ("Compared", "compare_gpus"),
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # PuLP and numpy are most of the import time, and `sixnd --help` does not need them.
        for home, names in _HOMES.items():
            if name in names:
                return getattr(import_module(f"optimizer.{home}"), name)
        raise AttributeError(f"module 'optimizer' has no attribute {name!r}")
