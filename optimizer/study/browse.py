"""What the catalog has of what is asked for."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from catalog import Catalog, Gpu, Offer, Source
from catalog.vocabulary import PUBLISHED, capacity_within
from optimizer.market.named import gpus_named, providers_named, regions_named
from problems import ProblemError
from problems.fields import read_capacity, read_pricing
from problems.quantities import QuantityError

Read = TypeVar("Read")


def matching_gpus(catalog: Catalog, names: list[str]) -> list[Gpu]:
    """The GPU models of these names or families; all of them without names."""
    wanted = gpus_named(names, catalog)
    return [gpu for gpu in catalog.gpus.values() if wanted is None or gpu.gpu in wanted]


def matching_offers(
    catalog: Catalog,
    gpus: list[str],
    providers: list[str],
    pricing: str | None,
    regions: list[str],
    capacity: str | None,
) -> list[Offer]:
    """The offers of these GPUs, providers, kinds of price, regions and capacity.

    Cheapest first, those to buy last; of ``published`` capacity those whose size is published.
    """
    models, sellers = gpus_named(gpus, catalog), providers_named(providers, catalog)
    kinds = None if pricing is None else _read("pricing", read_pricing, pricing)
    places = regions_named(regions, catalog)
    level = None if capacity is None else _read("capacity", read_capacity, capacity)
    classes = None if level is None else capacity_within(level)
    found = [
        offer
        for offer in catalog.offers
        if (models is None or offer.gpu in models)
        and (sellers is None or offer.provider in sellers)
        and (kinds is None or offer.pricing in kinds)
        and (places is None or places & set(offer.region.split()))
        and (classes is None or offer.capacity in classes)
        and (level != PUBLISHED or offer.max_gpus_basis == "published")
    ]
    return sorted(found, key=_price)


def _price(offer: Offer) -> tuple[float, float, str]:
    """An hour's price; what has none is bought."""
    return offer.purchase_usd_per_gpu or 0.0, offer.usd_per_gpu_hour, offer.offer


def sources_of(catalog: Catalog, rows: Iterable[Gpu | Offer]) -> list[Source]:
    """The pages that these rows were read from, each once, by publisher."""
    keys = {row.source for row in rows}
    return sorted((catalog.sources[key] for key in keys), key=lambda s: (s.publisher, s.title))


def _read(field: str, read: Callable[[str], Read], written: str) -> Read:
    try:
        return read(written)
    except QuantityError as error:
        raise ProblemError([f"{field}: {error}"]) from None
