"""Listings into prices one can plan on: a region has one, and what is no price is left out.

What is wrong with lists: placeholders, spot prices that are none, and regional prices at Google
that belong to another product.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import isclose
from statistics import median

from catalog.refresh.listing import Found, Listing
from catalog.refresh.price import Price
from catalog.vocabulary import Pricing

# No GPU costs as much or as little an hour; lists put such figures where they know none.
DEAREST_USD_PER_GPU_HOUR = 150
LEAST_USD_PER_GPU_HOUR = 0.001
TPU_PLACEHOLDER_USD = 700
# Mithril lists the reserve price of its auction.
MITHRIL_RESERVE_USD_PER_GPU = 1
# A round price on most of a provider's rows, over this many models, is no price of a GPU.
MODELS_OF_A_PLACEHOLDER = 3
# AWS shows a tenth of the on-demand price where a zone has no spot capacity.
SPOT_FLOOR = 0.1
OUTLIER = 3
# A median of fewer prices says nothing.
FEWEST_FOR_A_MEDIAN = 3
SAME = 1e-4

PLACEHOLDER = "placeholder, not a price"
NO_REAL_SPOT = "no real spot price"
ZONES_DISAGREE = "zones disagree on the on-demand price: the highest is kept"
ROWS_DISAGREE = "rows of one region disagree on the on-demand price: the highest is kept"
GCP_SPOT_ABOVE = "GCP: spot is not below on demand, so the on-demand price is another product's"
GCP_OUTLIER = "GCP: more than 3x or less than 1/3 of the GPU's median"


def real_prices(found: Found) -> list[Price]:
    """The prices of a provider's listings; what is left out is counted."""
    listings = list(_without_placeholders(found))
    regions: dict[tuple[str, int, str, str, bool, int], list[Listing]] = defaultdict(list)
    for one in listings:
        sold = (one.gpu, one.gpus, one.instance, one.region)
        regions[*sold, one.marketplace, one.min_gpus].append(one)
    prices = [price for zones in regions.values() for price in _regional(zones, found)]
    kept = _without_outliers(prices, found) if found.provider == "gcp" else prices
    return [*kept, *_real_terms(found)]


def _real_terms(found: Found) -> Iterator[Price]:
    """The prices that bind for a time, without figures that no GPU costs."""
    for price in found.terms:
        usd = price.usd_per_gpu_hour
        if LEAST_USD_PER_GPU_HOUR <= usd <= DEAREST_USD_PER_GPU_HOUR:
            yield price
        else:
            said = f"{price.instance} in {price.region or 'no region'}: {usd:g} a GPU"
            found.leave_out(PLACEHOLDER, said)
            found.doubt(price, price.pricing)


def _without_placeholders(found: Found) -> Iterator[Listing]:
    round_prices = _round_prices(found.listings)
    for one in found.listings:
        usd = one.usd if one.usd is not None else one.spot_usd
        if usd is not None and _is_placeholder(one, usd, round_prices):
            found.leave_out(PLACEHOLDER, f"{one}: {usd:g}")
            found.doubt(one)
        elif one.gpu.startswith("tpu_") and one.spot_usd == TPU_PLACEHOLDER_USD:
            # Only that cell: the price beside it is a price.
            found.tally.add(PLACEHOLDER, f"{one}: spot {one.spot_usd:g}")
            yield replace(one, spot_usd=None)
        else:
            yield one


def _is_placeholder(one: Listing, usd: float, round_prices: set[float]) -> bool:
    per_gpu = usd / one.gpus
    if not LEAST_USD_PER_GPU_HOUR <= per_gpu <= DEAREST_USD_PER_GPU_HOUR:
        return True
    if usd in round_prices or per_gpu in round_prices:
        return True
    if one.gpu.startswith("tpu_"):
        return usd == TPU_PLACEHOLDER_USD
    return one.provider == "mithril" and per_gpu == MITHRIL_RESERVE_USD_PER_GPU


def _round_prices(listings: Iterable[Listing]) -> set[float]:
    """Whole dollars, an instance or a GPU, that most rows of many models have in common."""
    priced = [(one, one.usd) for one in listings if one.usd is not None]
    placeholders: set[float] = set()
    for figures in ([usd for _, usd in priced], [usd / one.gpus for one, usd in priced]):
        models: dict[float, set[str]] = defaultdict(set)
        for (one, _), figure in zip(priced, figures, strict=True):
            models[figure].add(one.gpu)
        for figure, rows in Counter(figures).items():
            most = rows > len(priced) / 2 and len(models[figure]) >= MODELS_OF_A_PLACEHOLDER
            if most and figure == int(figure):
                placeholders.add(figure)
    return placeholders


def _regional(zones: list[Listing], found: Found) -> Iterator[Price]:
    """The on-demand and the spot price of one instance in one region."""
    dearest = _on_demand(zones, found)
    usd = dearest.usd if dearest is not None else None
    spots = _real_spots(zones, usd, found)
    if found.provider == "gcp" and usd is not None and _spot_reaches(zones, usd):
        found.leave_out(GCP_SPOT_ABOVE, f"{zones[0]}: {usd:g}")
        found.doubt(zones[0], "on_demand")
        usd = None
    if dearest is not None and usd is not None:
        yield _price(dearest, "marketplace" if dearest.marketplace else "on_demand", usd)
    if spots:
        oldest = min(spots, key=lambda zone: zone.read_on)
        yield _price(oldest, "spot", median(_spot(zone) for zone in spots), len(spots))


def _on_demand(zones: list[Listing], found: Found) -> Listing | None:
    """The zone whose on-demand price counts: the dearest."""
    stated = [zone for zone in zones if zone.usd is not None]
    if not stated:
        return None
    usd = [zone.usd or 0.0 for zone in stated]
    least, highest = min(usd), max(usd)
    if not isclose(least, highest, rel_tol=SAME):
        note = ZONES_DISAGREE if found.has_zones else ROWS_DISAGREE
        found.notes.add(note, f"{zones[0]}: {least:g} to {highest:g}")
    return stated[usd.index(highest)]


def _spot(zone: Listing) -> float:
    return zone.spot_usd or 0.0


def _real_spots(zones: list[Listing], usd: float | None, found: Found) -> list[Listing]:
    """The zones with a spot price, without those that only say that there is no capacity."""
    real = []
    for zone in zones:
        on_demand = zone.usd if zone.usd is not None else usd
        if zone.spot_usd is None:
            continue
        if _is_no_spot(zone, zone.spot_usd, on_demand):
            said = "no on-demand price" if on_demand is None else f"on demand {on_demand:g}"
            found.tally.add(NO_REAL_SPOT, f"{zone}: {zone.spot_usd:g}, {said}")
        else:
            real.append(zone)
    return real


def _is_no_spot(zone: Listing, spot: float, on_demand: float | None) -> bool:
    if spot / zone.gpus < LEAST_USD_PER_GPU_HOUR:
        return True
    if on_demand is None:
        return False
    share = spot / on_demand
    return share >= 1 - SAME or isclose(share, SPOT_FLOOR, rel_tol=SAME)


def _spot_reaches(zones: list[Listing], usd: float) -> bool:
    return any(zone.spot_usd is not None and zone.spot_usd >= usd for zone in zones)


def _price(one: Listing, pricing: Pricing, usd: float, zones: int = 1) -> Price:
    per_gpu = round(usd / one.gpus, 4)
    return Price(
        one.provider,
        one.gpu,
        one.gpus,
        one.instance,
        one.region,
        pricing,
        per_gpu,
        zones,
        note=one.note,
        read_on=one.read_on,
        min_gpus=one.min_gpus,
    )


def _without_outliers(prices: list[Price], found: Found) -> list[Price]:
    """Prices of one GPU differ between regions, but not by a factor of three."""
    by_gpu: dict[str, list[float]] = defaultdict(list)
    for price in prices:
        if price.pricing == "on_demand":
            by_gpu[price.gpu].append(price.usd_per_gpu_hour)
    middles = {gpu: median(p) for gpu, p in by_gpu.items() if len(p) >= FEWEST_FOR_A_MEDIAN}
    kept = []
    for price in prices:
        middle = middles.get(price.gpu) if price.pricing == "on_demand" else None
        usd = price.usd_per_gpu_hour
        if middle is not None and not middle / OUTLIER <= usd <= middle * OUTLIER:
            what = f"{price.instance} in {price.region}: {usd:g} a GPU, median {middle:g}"
            found.leave_out(GCP_OUTLIER, what)
            found.doubt(price, price.pricing)
        else:
            kept.append(price)
    return kept
