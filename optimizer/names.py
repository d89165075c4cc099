"""Names that a question uses, in the catalog's spelling; a name nobody has is a mistake.

Each mistake begins with the field of the question that it is about.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from catalog import Catalog, UnknownGpuError, match_gpu
from problems import ProblemError, Question
from problems.fields import PROVIDER_ALIASES
from problems.mistakes import did_you_mean, shown

# No name of a catalog is longer, and matching a longer one takes long.
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Named:
    """The GPU models and providers that a question names; None, all, where it names none."""

    gpus: frozenset[str] | None
    providers: frozenset[str] | None


def resolve_names(question: Question, catalog: Catalog) -> Named:
    """Every name of a question looked up; ProblemError tells all that nobody has."""
    fleet = question.fleet
    asked = question.gpu or ((fleet.gpu,) if fleet else ())
    mistakes: list[str] = []
    with _collected(mistakes):
        gpus = gpus_named(asked, catalog)
    with _collected(mistakes):
        providers = providers_named(question.provider, catalog)
    with _collected(mistakes):
        _check_regions(question.region, catalog)
    with _collected(mistakes):
        _check_classes(question.largest_cluster, catalog)
    if mistakes:
        raise ProblemError(mistakes)
    return Named(gpus, providers)


@contextmanager
def _collected(mistakes: list[str]) -> Iterator[None]:
    try:
        yield
    except ProblemError as error:
        mistakes += error.mistakes


def gpus_named(asked: Iterable[str], catalog: Catalog) -> frozenset[str] | None:
    """The GPU models of the names asked for, families spelled out; None, all, without names."""
    models = list(catalog.gpus.values())
    found: list[str] = []
    mistakes: list[str] = []
    for name in asked:
        try:
            found += match_gpu(name[:LONGEST_NAME], models)
        except UnknownGpuError as error:
            mistakes.append(f"gpu: {error}")
    if mistakes:
        raise ProblemError(mistakes)
    return frozenset(found) or None


def providers_named(asked: Collection[str], catalog: Catalog) -> frozenset[str] | None:
    """The providers asked for: 'AWS' and 'Amazon' are aws; None, all, without names."""
    known = {_squeezed(offer.provider): offer.provider for offer in catalog.offers}
    called = {alias: known[name] for alias, name in PROVIDER_ALIASES.items() if name in known}
    names = called | known
    unknown = [name for name in asked if _squeezed(name) not in names]
    _refuse("provider", "provider", unknown, set(known.values()))
    return frozenset(names[_squeezed(name)] for name in asked) or None


def _check_regions(asked: Iterable[str], catalog: Catalog) -> None:
    """Each region asked for is part of the name of a region on offer."""
    known = {name for offer in catalog.offers for name in offer.region.split()}
    unknown = [a for a in asked if not any(a.lower() in name.lower() for name in known)]
    _refuse("region", "region", unknown, known)


def _check_classes(asked: Iterable[str], catalog: Catalog) -> None:
    """Each cluster class is one of cluster_classes.csv."""
    known = catalog.cluster_classes
    unknown = [name for name in asked if name not in known]
    _refuse("largest_cluster", "cluster class", unknown, known)


def _refuse(field: str, what: str, unknown: list[str], known: Collection[str]) -> None:
    if unknown:
        hints = [f"{shown(name)}; {_hint(name, sorted(known))}" for name in unknown]
        raise ProblemError([f"{field}: unknown {what} {hint}" for hint in hints])


def _hint(name: str, known: list[str]) -> str:
    return did_you_mean(name[:LONGEST_NAME], known) if known else "the catalog names none"


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
