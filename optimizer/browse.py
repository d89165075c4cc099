"""What the catalogue has of what is asked for."""

from catalog import Catalog, Gpu, Offer
from optimizer.names import gpus_named, providers_named
from problems.fields import read_pricing


def matching_gpus(catalog: Catalog, names: list[str]) -> list[Gpu]:
    """The GPU models of these names or families; all of them without names."""
    wanted = gpus_named(names, catalog)
    return [gpu for gpu in catalog.gpus.values() if wanted is None or gpu.gpu in wanted]


def matching_offers(
    catalog: Catalog, gpus: list[str], providers: list[str], pricing: str | None
) -> list[Offer]:
    """The offers of these GPUs, providers and kinds of price, cheapest first."""
    models, sellers = gpus_named(gpus, catalog), providers_named(providers, catalog)
    kinds = read_pricing(pricing) if pricing else None
    found = [
        offer
        for offer in catalog.offers
        if (models is None or offer.gpu in models)
        and (sellers is None or offer.provider in sellers)
        and (kinds is None or offer.pricing in kinds)
    ]
    return sorted(found, key=lambda offer: (offer.usd_per_gpu_hour, offer.offer))
