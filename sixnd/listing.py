"""A catalog loaded, filtered and listed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from math import inf
from numbers import Real
from os import PathLike
from pathlib import Path

from catalog import Catalog, load_catalog
from catalog.held_back import accept as accept_offers
from catalog.place import active_catalog
from catalog.quote_prices import checked_rates
from catalog.quotes import add_quotes
from optimizer.study.browse import matching_gpus, matching_offers
from problems import ProblemError
from problems.mistakes import shown
from sixnd.keywords import FilePath, Names
from sixnd.listed import Gpus, Offers
from sixnd.reading import facts_of, read_day


def load_facts(
    folder: FilePath | None,
    quotes: FilePath | Iterable[FilePath] | None,
    fx: Mapping[str, float] | None,
    skip_unreadable: bool,
    accept: Names | None,
    today: date | None,
) -> Catalog:
    """The catalog of a folder with quotes in it, and with offers that were held back."""
    place = active_catalog() if folder is None else path_of("folder", folder)
    files, rates, taken = _files(quotes), _rates(fx), named("accept", accept)
    day = None if today is None else read_day(today)
    facts = load_catalog(place)
    for path in files:
        facts = add_quotes(facts, path, day, fx=rates, skip_unreadable=skip_unreadable)
    return accept_offers(facts, taken) if taken else facts


def path_of(keyword: str, written: object) -> Path:
    """A path; ProblemError for what is none."""
    if not isinstance(written, (str, PathLike)):
        raise ProblemError([f"{keyword}: {shown(written)} is no path; expected a text or a Path"])
    return Path(written)


def _files(quotes: FilePath | Iterable[FilePath] | None) -> list[Path]:
    if quotes is None:
        return []
    if isinstance(quotes, (str, bytes, PathLike)) or not isinstance(quotes, Iterable):
        return [path_of("quotes", quotes)]
    return [path_of("quotes", file) for file in quotes]


def _rates(fx: object) -> dict[str, float]:
    """USD of one unit of each currency; ValueError for what is no code or no rate."""
    if fx is None:
        return {}
    expected = 'expected currencies, each with the USD of one unit: {"EUR": 1.09}'
    if not isinstance(fx, Mapping):
        raise ValueError(f"fx: {shown(fx)} is no table of rates; {expected}")
    for code, rate in fx.items():
        if not isinstance(code, str):
            raise ValueError(f"fx: {shown(code)} is no currency; {expected}")
        if isinstance(rate, bool) or not isinstance(rate, Real):
            raise ValueError(f"fx: {shown(code)}: {shown(rate)} is no number; {expected}")
    return checked_rates({code: _float(rate) for code, rate in fx.items()})


def _float(number: Real) -> float:
    try:
        return float(number)
    except OverflowError:  # a whole number may be beyond any float
        return inf


def named(keyword: str, written: object) -> list[str]:
    """The names in a text with commas, or in several texts; none for None.

    Raises ProblemError for what is no text, beginning with the keyword.
    """
    parts = [] if written is None else written
    if isinstance(parts, (str, bytes)) or not isinstance(parts, Iterable):
        parts = [parts]
    names: list[str] = []
    for part in parts:
        if not isinstance(part, str):
            expected = 'expected a text, or several: ["one", "another"]'
            raise ProblemError([f"{keyword}: {shown(part)} is no name; {expected}"])
        names += (name.strip() for name in part.split(","))
    return [name for name in names if name]


def list_gpus(catalog: object, gpu: Names | None) -> Gpus:
    """The GPU models of these names; those that cannot be planned with where all are listed."""
    facts = facts_of(catalog)
    names = named("gpu", gpu)
    found = matching_gpus(facts, names)
    unplanned = () if names else tuple(facts.unplanned.values())
    return Gpus(tuple(found), unplanned, facts)


def list_offers(
    catalog: object,
    gpu: Names | None,
    provider: Names | None,
    pricing: Names | None,
    region: Names | None,
    capacity: str | None,
) -> Offers:
    """The offers of these GPUs, providers, kinds of price, regions and capacity."""
    facts = facts_of(catalog)
    models, sellers, places = (
        named("gpu", gpu),
        named("provider", provider),
        named("region", region),
    )
    kinds = None if pricing is None else ",".join(named("pricing", pricing))
    found = matching_offers(facts, models, sellers, kinds, places, capacity)
    return Offers(tuple(found), facts)


def catalog_of(found: Offers) -> Catalog:
    """The catalog that these offers were found in, with them alone and in its own order."""
    names = {one.offer for one in found.record}
    kept = tuple(one for one in found.catalog.offers if one.offer in names)
    return replace(found.catalog, offers=kept)
