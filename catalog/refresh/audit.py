"""What a reader of a catalog would doubt: findings, none of which keeps it from loading."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from statistics import median

from catalog.age import OLD_AFTER_DAYS
from catalog.load import Catalog
from catalog.place import questioned_prices
from catalog.refresh.audit_files import audit_files, audit_sources
from catalog.refresh.audit_parts import audit_parts
from catalog.refresh.finding import Finding
from catalog.rows import Offer

OUTLIER = 3
# A median of fewer offers says nothing.
FEWEST_FOR_A_MEDIAN = 3


def audit(catalog: Catalog, today: date) -> list[Finding]:
    """The findings, warnings first."""
    checks: tuple[Callable[[Catalog, date], Iterator[Finding]], ...] = (
        _implausible,
        _contracts_by_list,
        _questioned,
        _outliers,
        _dear_spot,
        _duplicates,
        _without_network,
        _old_prices,
        _unconfirmed,
        _unsold,
        _without_address,
        _class_defaults,
        audit_parts,
        audit_files,
        audit_sources,
    )
    found = [finding for check in checks for finding in check(catalog, today)]
    return sorted(found, key=lambda finding: finding.severity == "note")


def _implausible(catalog: Catalog, _: date) -> Iterator[Finding]:
    """Prices outside what any reading of the part allows: no plan considers them."""
    for name, doubt in (catalog.held_back | catalog.accepted).items():
        yield Finding("warning", "price that cannot be true", f"{doubt}", (name,))


def _contracts_by_list(catalog: Catalog, _: date) -> Iterator[Finding]:
    """What stands in a list carries no size that somebody negotiated: a contract is a quote."""
    for offer in catalog.offers:
        listed = catalog.sources[offer.source].kind != "quote"
        several = offer.max_gpus > offer.gpus_per_node or offer.pricing != "reserved"
        if offer.capacity == "contract" and listed and several:
            said = f"{offer.pricing} with up to {offer.max_gpus:,} GPUs of {offer.cluster_class}"
            yield Finding("warning", "list price with a contract's size", said, (offer.offer,))


def _questioned(catalog: Catalog, _: date) -> Iterator[Finding]:
    """Prices that the last import of a provider found a third or more away from those before."""
    offers = {offer.offer: offer for offer in catalog.offers}
    for was in questioned_prices(catalog.folder):
        offer = offers.get(was.offer)
        if offer is not None:
            usd, old = offer.usd_per_gpu_hour, was.was_usd_per_gpu_hour
            said = f"{usd:g} USD of {offer.read_on}; {old:g} on {was.was_read_on}"
            moved = f"{said} ({usd / old - 1:+.0%})".replace("%", " %")
            yield Finding("warning", "questioned price", moved, (was.offer,))


def _outliers(catalog: Catalog, _: date) -> Iterator[Finding]:
    """Prices outside 1/3 to 3 times the median of the same GPU and pricing.

    Of the provider's own regions and terms where it has several, else of all providers with one
    price each: a large cloud has twenty regions and would be the market alone.
    """
    groups: dict[tuple[str, str], list[Offer]] = defaultdict(list)
    for offer in catalog.offers:
        groups[offer.gpu, offer.pricing].append(offer)
    for (gpu, pricing), offers in sorted(groups.items()):
        of_provider: dict[str, list[float]] = defaultdict(list)
        for offer in offers:
            of_provider[offer.provider].append(offer.usd_per_gpu_hour)
        market = [median(prices) for prices in of_provider.values()]
        for offer in offers:
            own, usd = of_provider[offer.provider], offer.usd_per_gpu_hour
            prices = own if len(own) >= FEWEST_FOR_A_MEDIAN else market
            middle = median(prices)
            near = middle / OUTLIER <= usd <= middle * OUTLIER
            if not near and len(prices) >= FEWEST_FOR_A_MEDIAN:
                said = f"{usd:g} USD; the median of {gpu} {pricing} is {middle:.4g}"
                yield Finding("warning", "price far from the median", said, (offer.offer,))


def _dear_spot(catalog: Catalog, _: date) -> Iterator[Finding]:
    """Spot prices above the on-demand price of the same provider, GPU and, if stated, region."""
    on_demand: dict[tuple[str, str], list[Offer]] = defaultdict(list)
    for offer in catalog.offers:
        if offer.pricing == "on_demand":
            on_demand[offer.provider, offer.gpu].append(offer)
    for offer in catalog.offers:
        if offer.pricing != "spot":
            continue
        rivals = on_demand[offer.provider, offer.gpu]
        near = [one for one in rivals if {*one.region.split()} & {*offer.region.split()}]
        cheapest = min(near or rivals, key=lambda one: one.usd_per_gpu_hour, default=None)
        if cheapest is not None and offer.usd_per_gpu_hour > cheapest.usd_per_gpu_hour:
            said = f"{offer.usd_per_gpu_hour:g} USD; on demand {cheapest.usd_per_gpu_hour:g}"
            about = (offer.offer, cheapest.offer)
            yield Finding("warning", "spot dearer than on demand", said, about)


def _duplicates(catalog: Catalog, _: date) -> Iterator[Finding]:
    """Offers that differ in name and price alone, unless one list has both prices on one day."""
    groups: dict[tuple[object, ...], list[Offer]] = defaultdict(list)
    for offer in catalog.offers:
        sold = (offer.provider, offer.gpu, offer.pricing, offer.region, offer.gpus_per_node)
        groups[*sold, offer.min_gpus, offer.commitment_hours].append(offer)
    for offers in groups.values():
        prices = {offer.usd_per_gpu_hour for offer in offers}
        readings = {(offer.source, offer.read_on) for offer in offers}
        if len(offers) > len(prices) or len(readings) > 1:
            said = "same provider, GPU, pricing, region, node and terms"
            names = tuple(offer.offer for offer in offers)
            yield Finding("warning", "duplicates", said, names)


def _without_network(catalog: Catalog, _: date) -> Iterator[Finding]:
    """Several nodes, and nothing that joins them."""
    for offer in catalog.offers:
        several = offer.max_gpus > offer.gpus_per_node
        if several and (offer.fabric == "none" or _lacks_rate(offer)):
            said = f"up to {offer.max_gpus:,} GPUs in nodes of {offer.gpus_per_node}"
            yield Finding("warning", "several nodes without a network", said, (offer.offer,))


def _lacks_rate(offer: Offer) -> bool:
    return offer.nic_gbps_per_gpu is None and offer.fabric != "ici"


def _old_prices(catalog: Catalog, today: date) -> Iterator[Finding]:
    old = [offer for offer in catalog.offers if (today - offer.read_on).days > OLD_AFTER_DAYS]
    old.sort(key=lambda offer: (offer.read_on, offer.offer))
    if old:
        said = f"{len(old)} of {len(catalog.offers)} are older than {OLD_AFTER_DAYS} days"
        said += f"; the oldest is of {old[0].read_on.isoformat()}"
        yield Finding("warning", "old prices", said, tuple(offer.offer for offer in old))


def _unconfirmed(catalog: Catalog, _: date) -> Iterator[Finding]:
    counts = Counter(offer.audit for offer in catalog.offers)
    for audited in ("doubtful", "unaudited"):
        if counts[audited]:
            about = tuple(offer.offer for offer in catalog.offers if offer.audit == audited)
            said = f"{counts[audited]} of {len(catalog.offers)} offers"
            yield Finding("note", audited, said, about)


def _unsold(catalog: Catalog, _: date) -> Iterator[Finding]:
    sold = {offer.gpu for offer in catalog.offers}
    unsold = tuple(gpu for gpu in catalog.gpus if gpu not in sold)
    if unsold:
        yield Finding("note", "GPU models without an offer", f"{len(unsold)}", unsold)


def _without_address(catalog: Catalog, _: date) -> Iterator[Finding]:
    nowhere = tuple(name for name, source in catalog.sources.items() if not source.url)
    if nowhere:
        said = f"{len(nowhere)} of {len(catalog.sources)}: nobody can look there"
        yield Finding("note", "sources without an address", said, nowhere)


def _class_defaults(catalog: Catalog, _: date) -> Iterator[Finding]:
    estimated = tuple(o.offer for o in catalog.offers if o.max_gpus_basis == "estimate")
    if estimated:
        said = f"{len(estimated)} of {len(catalog.offers)} offers take their class's default"
        yield Finding("note", "largest cluster by judgment", said, estimated)
