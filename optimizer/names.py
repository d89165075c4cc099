"""Names that a question uses, in the catalogue's spelling; a name nobody has is a mistake."""

import re
from collections.abc import Collection, Iterable

from catalog import Catalog, match_gpu
from problems import ProblemError
from problems.mistakes import did_you_mean


def gpus_named(asked: Iterable[str], catalog: Catalog) -> frozenset[str] | None:
    """The GPU models of the names asked for, families spelled out; None, all, without names."""
    models = catalog.gpus.values()
    return frozenset(gpu for name in asked for gpu in match_gpu(name, models)) or None


def providers_named(asked: Collection[str], catalog: Catalog) -> frozenset[str] | None:
    """The providers asked for: 'AWS' is aws; None, all, without names."""
    known = {_squeezed(offer.provider): offer.provider for offer in catalog.offers}
    _refuse("provider", [n for n in asked if _squeezed(n) not in known], set(known.values()))
    return frozenset(known[_squeezed(name)] for name in asked) or None


def check_regions(asked: Iterable[str], catalog: Catalog) -> None:
    """Each region asked for is part of the name of a region on offer."""
    known = {name for offer in catalog.offers for name in offer.region.split()}
    unknown = [a for a in asked if not any(a.lower() in name.lower() for name in known)]
    _refuse("region", unknown, known)


def check_classes(asked: Iterable[str], catalog: Catalog) -> None:
    """Each cluster class is one of cluster_classes.csv."""
    known = catalog.cluster_classes
    _refuse("cluster class", [name for name in asked if name not in known], known)


def _refuse(what: str, unknown: list[str], known: Collection[str]) -> None:
    if unknown:
        names = sorted(known)
        mistakes = [f"unknown {what} {name!r}; {did_you_mean(name, names)}" for name in unknown]
        raise ProblemError(mistakes)


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
