"""The columns of frames, for those that have no row to take them from."""

from collections.abc import Callable
from dataclasses import fields

from catalog import Gpu, Offer
from optimizer.plan.plan import Plan
from optimizer.report.data.frames import LOST
from optimizer.step.fit.summary import Score
from optimizer.study.sensitivity import Case


def names_of(record: type) -> tuple[str, ...]:
    """The fields of a record, which its rows have as columns."""
    return tuple(field.name for field in fields(record))


def _plan() -> tuple[str, ...]:
    return *names_of(Plan), "launch", *LOST


def _lost() -> tuple[str, ...]:
    why = ("reason", "break_even_usd_per_gpu_hour", "usd_per_gpu_hour", "quoted")
    return "offer", "gpu", "plan", *why


# By the kind of a result that was saved: what each of its rows has in JSON.
_SAVED: dict[str, Callable[[], tuple[str, ...]]] = {
    "plan": _plan,
    "afford": _plan,
    "report": _plan,
    "explain": _lost,
    "frontier": lambda: ("days", "cost_usd", "plan"),
    "sensitivity": lambda: names_of(Case),
    "validate": lambda: names_of(Score),
    "offers": lambda: names_of(Offer),
    "gpus": lambda: names_of(Gpu),
}


def saved_columns(kind: str) -> tuple[str, ...] | None:
    """The columns of a saved result of that kind without rows; None where they are not known."""
    return _SAVED[kind]() if kind in _SAVED else None
