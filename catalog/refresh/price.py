"""One price of a list: what a GPU costs an hour in one region, under one term."""

from dataclasses import dataclass

from catalog.vocabulary import Pricing


@dataclass(frozen=True, slots=True)
class Price:
    """What one GPU costs an hour in one region, as part of one instance.

    ``zones`` are those whose spot prices the median is of. ``commitment_hours`` are those that
    the price binds for; ``read_on``, ``note`` and ``min_gpus`` are as in a ``Listing``.
    """

    provider: str
    gpu: str
    gpus: int
    instance: str
    region: str
    pricing: Pricing
    usd_per_gpu_hour: float
    zones: int = 1
    commitment_hours: int = 0
    note: str = ""
    read_on: str = ""
    min_gpus: int = 0
