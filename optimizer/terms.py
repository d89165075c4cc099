"""The terms of an offer: what a GPU costs, for how long at least, and for how long at most.

A product sold in blocks of fixed durations is one choice of terms for each duration: the block
is billed whole, and the run has to end within it.
"""

from dataclasses import dataclass
from math import inf

from catalog import Catalog, Gpu, Offer
from optimizer.energy import draw_kw
from optimizer.goodput import state_gb
from optimizer.owning import HOURS_PER_MONTH, OwnRate, own_rate
from optimizer.run import Run
from optimizer.say import HOURS_PER_DAY


@dataclass(frozen=True, slots=True)
class Term:
    """What one GPU of an offer costs and draws, under one choice of its duration.

    Every rented GPU is billed ``commitment_hours`` at least, and nothing runs longer than
    ``longest_hours``. ``own`` splits the hourly price of owned hardware. ``storage_usd_per_hour``
    is that of the whole run, not of a GPU. ``kw_per_gpu`` includes server and cooling.
    ``block_days`` is None where the duration is free.
    """

    usd_per_gpu_hour: float
    upfront_usd_per_gpu: float
    commitment_hours: float
    longest_hours: float
    lead_hours: float
    storage_usd_per_hour: float
    kw_per_gpu: float
    own: OwnRate | None = None
    block_days: int | None = None

    @property
    def label(self) -> str:
        """What tells the terms of one offer apart, for names: '14d', or nothing."""
        return "" if self.block_days is None else f"{self.block_days}d"


def terms_of(offer: Offer, gpu: Gpu, run: Run, catalog: Catalog) -> list[Term]:
    """Every choice of terms that an offer leaves; one, but for blocks."""
    own = own_rate(offer, gpu, catalog) if offer.pricing == "owned" else None
    storage = stored_gb(run, catalog) * storage_price(offer, run, catalog) / HOURS_PER_MONTH

    def term(commitment: float, longest: float, block_days: int | None) -> Term:
        return Term(
            usd_per_gpu_hour=own.usd_per_gpu_hour if own else offer.usd_per_gpu_hour,
            upfront_usd_per_gpu=offer.upfront_usd_per_gpu,
            commitment_hours=commitment,
            longest_hours=longest,
            lead_hours=offer.lead_time_hours,
            storage_usd_per_hour=storage,
            kw_per_gpu=draw_kw(gpu, offer, catalog),
            own=own,
            block_days=block_days,
        )

    if not offer.block_days:
        return [term(offer.commitment_hours, offer.longest_hours or inf, None)]
    blocks = ((days, float(days * HOURS_PER_DAY)) for days in offer.block_days)
    return [term(hours, hours, days) for days, hours in blocks]


def stored_gb(run: Run, catalog: Catalog) -> float:
    """GB kept while the run lasts: its tokens, and the checkpoints that are not deleted."""
    tokens = run.tokens * catalog.planning("bytes_per_token") / 1e9
    return tokens + catalog.planning("checkpoints_kept") * state_gb(run.shape.parameters, catalog)


def storage_price(offer: Offer, run: Run, catalog: Catalog) -> float:
    """USD per GB and month: the question's, else the provider's, else the usual."""
    if run.question.storage_price is not None:
        return run.question.storage_price
    return catalog.storage_of(offer.provider).usd_per_gb_month
