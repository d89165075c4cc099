"""What was asked by keyword as a question, a catalog, a day and a way to solve."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from numbers import Integral, Real
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from catalog import Catalog, load_catalog
from catalog.place import active_catalog
from optimizer.commands.asking import Asked, read_question, read_seconds, read_solver
from optimizer.program.solve import DEFAULT_TIME_LIMIT_S
from problems import ProblemError, Question
from problems.mistakes import shown

# The catalogs that are kept: the shipped one, one's own, and a few to compare them with.
MOST_CATALOGS = 4


@dataclass(frozen=True)
class Reading:
    """A question with what it is to be answered from, on a day."""

    asked: Asked
    facts: Catalog
    today: date
    solving: dict[str, Any]

    @property
    def question(self) -> Question:
        """The question alone."""
        return self.asked.question


def read(model: object, given: Mapping[str, Any], **more: object) -> Reading:
    """What the keywords of a call say; ``more`` are fields of the question besides them.

    ProblemError has every mistake, each beginning with the keyword that it was made in.
    """
    fields = {name: plain(value) for name, value in {**given, **more}.items()}
    question = {name: value for name, value in fields.items() if name in Question.model_fields}
    asked = read_question(plain(model), question, say=keyword_name)
    return Reading(
        asked=asked,
        facts=facts_of(given.get("catalog")),
        today=read_day(given.get("today")),
        solving=_solving(given),
    )


def keyword_name(field: str) -> str:
    """What a field of the question is called by who calls; the fleet's are keywords themselves."""
    return field.removeprefix("fleet.")


def plain(value: object) -> object:
    """A value as problem files have it: paths as text, any numbers as Python's, any list a list."""
    if isinstance(value, PathLike):
        return fspath(value)
    if isinstance(value, (bool, int, float, str, bytes)):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    if isinstance(value, Mapping):
        return {name: plain(held) for name, held in value.items()}
    return list(value) if isinstance(value, Iterable) else value


def facts_of(catalog: object) -> Catalog:
    """The catalog, or that of a folder; by default the active one. What was read is kept."""
    if isinstance(catalog, Catalog):
        return catalog
    if catalog is not None and not isinstance(catalog, (str, PathLike)):
        expected = "expected one of sixnd.catalog.load, or the folder of one"
        raise ProblemError([f"catalog: {shown(catalog)} is no catalog; {expected}"])
    folder = active_catalog() if catalog is None else Path(catalog)
    return _kept(folder, _state(folder), date.today())


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells whether a file of a folder was changed."""
    files = sorted(folder.glob("*.csv")) + sorted(folder.glob("*.json"))
    stats = ((file.name, file.stat()) for file in files)
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


@lru_cache(maxsize=MOST_CATALOGS)
def _kept(folder: Path, state: tuple[tuple[str, int, int], ...], today: date) -> Catalog:
    # Dates in a catalog are checked against the day, so a catalog is read again the day after.
    return load_catalog(folder)


def read_day(today: object) -> date:
    """The day on which prices are judged."""
    if today is None:
        return date.today()
    # A day that pandas does not know is a date by its type, and has no year.
    if isinstance(today, date) and today.year == today.year:
        return date(today.year, today.month, today.day)
    raise ProblemError([f"today: {shown(today)} is no day; expected a date: date(2026, 11, 25)"])


def _solving(given: Mapping[str, Any]) -> dict[str, Any]:
    """The solver and its time limit in seconds."""
    solver, limit = given.get("solver"), given.get("time_limit_s")
    return {
        "solver": read_solver("highs" if solver is None else solver, "solver"),
        "time_limit_s": read_seconds(
            DEFAULT_TIME_LIMIT_S if limit is None else limit, "time_limit_s"
        ),
    }
