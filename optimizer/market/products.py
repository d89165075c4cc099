"""What is sold, wherever: a product has an offer for each region with a price of its own."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable

from catalog import Offer
from optimizer.market.candidates import Candidate


def products(offers: Iterable[Offer]) -> Callable[[Candidate], Hashable]:
    """The product that a candidate's offer is of.

    Offers that differ in region and price alone are one product; those that are sold in the same
    regions under equal terms are as many.
    """
    met: Counter[Hashable] = Counter()
    known: dict[str, Hashable] = {}
    for offer in offers:
        machine = offer.provider, offer.gpu, offer.gpus_per_node, offer.nic_gbps_per_gpu
        terms = offer.pricing, offer.min_gpus, offer.commitment_hours, offer.block_days
        contract = offer.setup_usd, offer.minimum_usd, offer.support_share
        place = *machine, *terms, *contract, offer.region
        known[offer.offer] = (*machine, *terms, *contract, met[place])
        met[place] += 1
    return lambda candidate: known[candidate.offer.offer]
