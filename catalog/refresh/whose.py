"""Whose list a file is: a provider that is known by name, or one that the user names."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from catalog.csv_file import CatalogError
from catalog.inert import terminal_safe
from catalog.load import Catalog
from catalog.refresh.listing import MARKETPLACES, provider_name
from catalog.vocabulary import PROVIDER_ALIASES

EXPECTED = "expected a path that names one, such as aws/vms.csv, or --provider aws"
# 'to-do.csv' is not DigitalOcean's.
SHORTEST_WORD = 3


def known_names(facts: Catalog) -> frozenset[str]:
    """The providers that a path can name: those of the catalog, and those with other names."""
    sellers = {offer.provider for offer in facts.offers}
    regions = {region.provider for region in facts.regions.values()}
    return frozenset(sellers | regions | set(PROVIDER_ALIASES.values()) | MARKETPLACES)


def provider_of(
    name: str, parts: Sequence[str], known: Collection[str], given: str | None = None
) -> str:
    """The provider given, of any name, or the known one in the file's name or else its folder's.

    ``parts`` are those of the path, the file last; ``name`` is what messages call it. CatalogError
    where no known provider is named, or several are.
    """
    if given is not None:
        named = provider_name(given)
        if not named:
            what = f"{given[:40]!r} names no provider; expected one such as aws"
            raise CatalogError([f"--provider: {terminal_safe(what)}"])
        return named
    file = Path("", *parts[-1:]).stem
    for part in (file, *parts[-2:-1]):
        found = _named(part, known)
        if len(found) > 1:
            both = " and ".join(found)
            raise CatalogError([f"{terminal_safe(name)}: names {both}; expected one; {EXPECTED}"])
        if found:
            return found[0]
    raise CatalogError([f"{terminal_safe(name)}: names no provider that is known; {EXPECTED}"])


def _named(part: str, known: Collection[str]) -> list[str]:
    """The known providers in one part of a path: the whole of it, or else words of it."""
    whole = provider_name(part)
    if whole in known:
        return [whole]
    words = (word for word in re.findall(r"[a-z0-9]+", part.lower()) if len(word) >= SHORTEST_WORD)
    return sorted({provider_name(word) for word in words} & set(known))
