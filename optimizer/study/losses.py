"""Why an offer is not the plan, as figures: dearer, slower, refused, or which limit it misses.

Each is a record that :mod:`optimizer.report.wording` says in words.
"""

from dataclasses import dataclass

from optimizer.explain.differences import End, PaidIdle, PriceAndSpeed
from optimizer.market.candidates import Rejected


@dataclass(frozen=True, slots=True)
class Upfront:
    """USD a GPU that are paid up front."""

    usd_per_gpu: float


@dataclass(frozen=True, slots=True)
class Storage:
    """USD for storage, and for set-up and egress where they are ``paid_once`` as well."""

    usd: float
    paid_once: bool


@dataclass(frozen=True, slots=True)
class CostsMore:
    """USD more than the plan, and the part of the bill that is most of it."""

    usd: float
    because: PriceAndSpeed | PaidIdle | Upfront | Storage


@dataclass(frozen=True, slots=True)
class CostsTheSame:
    """A fleet that costs as much as the plan, and whether it has more GPUs."""

    on_more_gpus: bool


@dataclass(frozen=True, slots=True)
class NoNetwork:
    """Nothing joins the nodes of the offer, so one is used at a time."""


@dataclass(frozen=True, slots=True)
class LimitIs:
    """A limit of the question that is a number, as it is stored."""

    limit: str
    asked: float


# What keeps a fleet from being larger or faster.
HeldBy = NoNetwork | End | LimitIs


@dataclass(frozen=True, slots=True)
class TakesLonger:
    """Hours more than the plan, and what holds a faster fleet back; None where none is faster."""

    hours: float
    confidence: float | None
    held_by: HeldBy | None


@dataclass(frozen=True, slots=True)
class AsFast:
    """A fleet that takes as long as the plan, and whether it costs more."""

    costs_more: bool


@dataclass(frozen=True, slots=True)
class OverBudget:
    """USD of the cheapest fleet, and those of the budget."""

    cost_usd: float
    budget_usd: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The limit that rules the offer out before any fleet, and whether it lacks a network too."""

    refusal: Rejected
    no_network: bool


@dataclass(frozen=True, slots=True)
class MissesSeveral:
    """Each limit could be kept, but not all of them at once."""


@dataclass(frozen=True, slots=True)
class PastTerm:
    """Hours that all runs take at best, and those after which the offer ends."""

    runs: int
    hours: float
    term_hours: float


@dataclass(frozen=True, slots=True)
class Misses:
    """A limit that is missed, as it is stored: the least that a fleet has of it, and the one asked.

    ``alone`` says whether the limit alone is in the way, ``confidence`` how sure the deadline has
    to be kept, and ``held_by`` what keeps the fleet of ``gpus`` from being faster.
    """

    limit: str
    least: float
    asked: float
    alone: bool
    gpus: int
    confidence: float | None
    held_by: HeldBy | None


WhyLost = (
    CostsMore
    | CostsTheSame
    | TakesLonger
    | AsFast
    | OverBudget
    | Refused
    | MissesSeveral
    | PastTerm
    | Misses
)
