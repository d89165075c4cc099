"""A catalog loaded, filtered and listed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from os import PathLike, fspath
from pathlib import Path

from catalog import Catalog, load_catalog
from catalog.held_back import accept as accept_offers
from catalog.place import active_catalog
from catalog.quotes import add_quotes
from optimizer.study.browse import matching_gpus, matching_offers
from sixnd.keywords import FilePath, Names
from sixnd.listed import Gpus, Offers
from sixnd.reading import facts_of


def load_facts(
    folder: FilePath | None,
    quotes: FilePath | Iterable[FilePath],
    fx: Mapping[str, float] | None,
    skip_unreadable: bool,
    accept: Names,
    today: date | None,
) -> Catalog:
    """The catalog of a folder with quotes in it, and with offers that were held back."""
    facts = load_catalog(active_catalog() if folder is None else Path(folder))
    files = [quotes] if isinstance(quotes, (str, PathLike)) else quotes
    for file in files:
        path = Path(fspath(file))
        facts = add_quotes(facts, path, today, fx=fx, skip_unreadable=skip_unreadable)
    taken = named(accept)
    return accept_offers(facts, taken) if taken else facts


def named(written: Names | None) -> list[str]:
    """The names in a text with commas, or in several texts; none for None."""
    parts = [written] if isinstance(written, str) else written or ()
    names = (name.strip() for part in parts for name in part.split(","))
    return [name for name in names if name]


def list_gpus(catalog: object, gpu: Names | None) -> Gpus:
    """The GPU models of these names; those that cannot be planned with where all are listed."""
    facts = facts_of(catalog)
    found = matching_gpus(facts, named(gpu))
    unplanned = () if named(gpu) else tuple(facts.unplanned.values())
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
    kinds = None if pricing is None else ",".join(named(pricing))
    found = matching_offers(facts, named(gpu), named(provider), kinds, named(region), capacity)
    return Offers(tuple(found), facts)


def catalog_of(found: Offers) -> Catalog:
    """The catalog that these offers were found in, with them alone and in its own order."""
    names = {one.offer for one in found.record}
    kept = tuple(one for one in found.catalog.offers if one.offer in names)
    return replace(found.catalog, offers=kept)
