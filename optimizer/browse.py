"""What the catalog has of what is asked for."""

from collections.abc import Iterable

from catalog import Catalog, Gpu, Offer, Source
from optimizer.names import gpus_named, providers_named
from problems import ProblemError
from problems.fields import read_pricing
from problems.quantities import QuantityError


def matching_gpus(catalog: Catalog, names: list[str]) -> list[Gpu]:
    """The GPU models of these names or families; all of them without names."""
    wanted = gpus_named(names, catalog)
    return [gpu for gpu in catalog.gpus.values() if wanted is None or gpu.gpu in wanted]


def matching_offers(
    catalog: Catalog, gpus: list[str], providers: list[str], pricing: str | None
) -> list[Offer]:
    """The offers of these GPUs, providers and kinds of price, cheapest first, to buy last."""
    models, sellers = gpus_named(gpus, catalog), providers_named(providers, catalog)
    kinds = None if pricing is None else _kinds(pricing)
    found = [
        offer
        for offer in catalog.offers
        if (models is None or offer.gpu in models)
        and (sellers is None or offer.provider in sellers)
        and (kinds is None or offer.pricing in kinds)
    ]
    return sorted(found, key=_price)


def _price(offer: Offer) -> tuple[float, float, str]:
    """An hour's price; what has none is bought."""
    return offer.purchase_usd_per_gpu or 0.0, offer.usd_per_gpu_hour, offer.offer


def sources_of(catalog: Catalog, rows: Iterable[Gpu | Offer]) -> list[Source]:
    """The pages that these rows were read from, each once, by publisher."""
    keys = {row.source for row in rows}
    return sorted((catalog.sources[key] for key in keys), key=lambda s: (s.publisher, s.title))


def _kinds(pricing: str) -> tuple[str, ...]:
    try:
        return read_pricing(pricing)
    except QuantityError as error:
        raise ProblemError([f"pricing: {error}"]) from None
