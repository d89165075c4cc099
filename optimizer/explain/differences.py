"""What sets a fleet apart from the plan, as figures: price and speed, idle hours, its largest size.

Each is a record that :mod:`optimizer.report.wording` says in words.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PriceAndSpeed:
    """What a GPU-hour costs and what a GPU does, as multiples of the plan's."""

    price: float
    speed: float


@dataclass(frozen=True, slots=True)
class PaidIdle:
    """The share of what is paid that is not used, and what makes it be paid.

    That is a block of days where there is one, else a minimum spend, else a commitment in hours.
    """

    share: float
    block_days: int | None
    minimum_usd: float | None
    commitment_hours: float


@dataclass(frozen=True, slots=True)
class SellsUpTo:
    """The GPUs of the largest fleet to be had, where a larger one would be faster."""

    gpus: int


@dataclass(frozen=True, slots=True)
class End:
    """Which limit ends the fleets of an offer, its size, and the GPUs where the next ends them.

    ``size`` is in GPUs ``of`` a provider (a quota) or an offer, or in nodes of spot capacity.
    """

    limit: Literal["quota", "spot_nodes", "largest_cluster"]
    of: str
    size: int
    next_gpus: int


@dataclass(frozen=True, slots=True)
class Holds:
    """The fewest GPUs of an offer that hold the model."""

    offer: str
    gpus: int
