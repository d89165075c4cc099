"""Offers held back for a price that cannot be true, and those let in all the same."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import replace

from catalog.csv_file import CatalogError
from catalog.inert import terminal_safe
from catalog.load import Catalog
from catalog.plausible import doubts, price_bounds
from catalog.rows import Offer

ALL = "all"


def judged(catalog: Catalog, offers: Iterable[Offer]) -> Catalog:
    """The catalog with these of its offers judged anew; what is known of the others stays."""
    new = {offer.offer: offer for offer in offers}
    found = doubts(new.values(), price_bounds(catalog.gpus, catalog.readings))
    kept = {name: doubt for name, doubt in catalog.held_back.items() if name not in new}
    return replace(catalog, held_back=kept | found)


def accept(catalog: Catalog, names: Collection[str]) -> Catalog:
    """The catalog in which these offers are no longer held back; ``all`` names every one.

    CatalogError for a name that is no offer, with those held back that are near it; an offer
    whose price is plausible anyway may be named.
    """
    offers = {offer.offer for offer in catalog.offers}
    mistakes = [_unknown(name, catalog) for name in names if name != ALL and name not in offers]
    if mistakes:
        raise CatalogError(mistakes)
    taken = {
        name: doubt for name, doubt in catalog.held_back.items() if ALL in names or name in names
    }
    left = {name: doubt for name, doubt in catalog.held_back.items() if name not in taken}
    return replace(catalog, held_back=left, accepted=catalog.accepted | taken)


def _unknown(name: str, catalog: Catalog) -> str:
    near = difflib.get_close_matches(name, catalog.held_back, n=3) or list(catalog.held_back)[:3]
    held = f"; held back are {', '.join(near)}" if near else "; no offer is held back"
    return f"--accept: {terminal_safe(name)[:80]!r} is no offer{held}; expected one of them, or all"
