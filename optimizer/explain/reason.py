"""One reason why no plan exists, and the change that makes one exist."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from optimizer.market.candidates import Rejected
from problems.command import option_of
from problems.question import ROWS


@dataclass(frozen=True, slots=True)
class Changed:
    """A limit that is a number: what was asked and the least that is enough, as it is stored."""

    limit: str
    asked: float
    needed: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """One number that is too small, or some that have to change together."""

    changed: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class OneMore:
    """A choice of the question, and what it would have to let in as well.

    ``added`` is empty where an offer states no region.
    """

    asked: tuple[str, ...]
    added: str


@dataclass(frozen=True, slots=True)
class OtherPrecision:
    """A precision that gives no plan, and one that does."""

    asked: str
    needed: str


@dataclass(frozen=True, slots=True)
class LargerCluster:
    """GPUs of the largest cluster of a class, and those that ``offer`` would have to sell.

    ``asked`` is None where only published sizes count and nobody publishes one: a node.
    """

    cluster_class: str
    asked: int | None
    needed: int
    offer: str


@dataclass(frozen=True, slots=True)
class LargerQuota:
    """GPUs of the user's quota of a provider, and those that are enough."""

    provider: str
    asked: int
    needed: int


@dataclass(frozen=True, slots=True)
class MoreSpotNodes:
    """Nodes that a spot fleet may have, and those that are enough."""

    asked: int
    needed: int


@dataclass(frozen=True, slots=True)
class LessConfidence:
    """A confidence in the deadline, and the highest that is low enough."""

    asked: float
    needed: float


@dataclass(frozen=True, slots=True)
class WithoutChoice:
    """A choice of the question that has to go, and what must change ``besides``, if anything."""

    choice: str
    asked: tuple[str, ...]
    besides: "Reason | None" = None


@dataclass(frozen=True, slots=True)
class NoneQualifies:
    """How many offers a limit rules out where none qualifies, and the largest of them."""

    offers: int
    nearest: Rejected


@dataclass(frozen=True, slots=True)
class NoOffers:
    """Nothing is on sale, or, where there are ``some`` offers, nothing that could run at all."""

    some: bool


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """Hours until the deadline, and the least that any fleet on sale takes: one of ``offer``."""

    asked_hours: float
    least_hours: float
    offer: str


Finding = (
    Numbers
    | OneMore
    | OtherPrecision
    | LargerCluster
    | LargerQuota
    | MoreSpotNodes
    | LessConfidence
    | WithoutChoice
    | NoneQualifies
    | NoOffers
    | OutOfReach
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One limit that rules every plan out, and the smallest change of it that admits one.

    ``finding`` has the figures. ``fields`` are the fields of the question to set, written as people
    write them; empty where no change of this limit alone is enough.
    """

    limit: str
    finding: Finding
    fields: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def options(self) -> str:
        """The change as options of the command; empty where there is none."""
        return shlex.join(
            word for key, value in self.fields.items() for word in _option(key, value)
        )


def _option(key: str, value: object) -> Iterator[str]:
    row = ROWS[key]
    for word in row.write(value) if isinstance(value, (Mapping, tuple)) else (str(value),):
        yield option_of(key, row)
        yield word
