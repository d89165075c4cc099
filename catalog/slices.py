"""The sizes in which chips are sold that have a network of their own: the slices of a TPU pod.

As Google's accelerator types name them and SkyPilot 0.14.1 lists them
(sky/catalog/data_fetchers/fetch_gcp.py, read 2026-11-29): v5p by cores, two a chip, v5e and v6e by
chips.
"""

from functools import lru_cache

from catalog.rows import Offer

_SMALL = (1, 4, 8, 16, 32, 64, 128, 256)
# Multiples of 128 cores that are not listed.
_NO_V5P = (8576, 9088, 9344, 10112, 10624, 11392)
_V5P_CORES = (8, 16, 32, 64, *(n for n in range(128, 12_289, 128) if n not in _NO_V5P))

# Chips of every slice, by part, in rising order.
SLICES: dict[str, tuple[int, ...]] = {
    "tpu_v5e": _SMALL,
    "tpu_v5p": tuple(cores // 2 for cores in _V5P_CORES),
    "tpu_v6e": _SMALL,
}


def sizes_sold(offer: Offer) -> tuple[int, ...]:
    """Chips of the slices that an offer is sold in, whole hosts; empty: any number of nodes."""
    return _slices(offer.gpu, offer.gpus_per_node) if offer.fabric == "ici" else ()


@lru_cache(maxsize=256)
def _slices(gpu: str, host: int) -> tuple[int, ...]:
    return tuple(n for n in SLICES.get(gpu, ()) if n % host == 0)
