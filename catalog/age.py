"""How old the prices of a catalog are, provider by provider."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from catalog.load import Catalog

# Prices rose by half within 2026: those of two months ago are old.
OLD_AFTER_DAYS = 60


@dataclass(frozen=True, slots=True)
class ProviderAge:
    """A provider's offers, and the first and the last day on which their prices were read."""

    provider: str
    offers: int
    oldest: date
    newest: date


def ages(catalog: Catalog) -> list[ProviderAge]:
    """Every provider of the catalog, that with the oldest price first."""
    days: dict[str, list[date]] = defaultdict(list)
    for offer in catalog.offers:
        days[offer.provider].append(offer.read_on)
    found = [ProviderAge(name, len(own), min(own), max(own)) for name, own in days.items()]
    return sorted(found, key=lambda one: (one.oldest, one.provider))
