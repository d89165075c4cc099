"""The terms of an offer: what a GPU costs, for how long at least, and for how long at most.

A product sold in blocks of fixed durations is one choice of terms for each duration: the block
is billed whole, and the run has to end within it.
"""

from dataclasses import dataclass
from math import inf

from catalog import Catalog, Gpu, Offer
from catalog.units import HOURS_PER_DAY, HOURS_PER_MONTH
from optimizer.market.owning import OwnRate, own_rate
from optimizer.market.run import Run
from optimizer.physics.energy import draw_kw
from optimizer.physics.goodput import state_gb


@dataclass(frozen=True, slots=True)
class Term:
    """What one GPU of an offer costs and draws, under one choice of its duration.

    Every rented GPU is billed ``commitment_hours`` at least, and nothing runs longer than
    ``longest_hours``. ``own`` splits the hourly price of owned hardware. ``storage_usd_per_hour``
    is that of the whole run, not of a GPU. ``kw_per_gpu`` includes server and cooling.
    ``block_days`` is None where the duration is free. A contract costs ``setup_usd`` once and
    ``egress_usd`` a run, its GPU-hours at least ``minimum_usd`` and ``support_share`` more.
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
    setup_usd: float = 0.0
    egress_usd: float = 0.0
    minimum_usd: float = 0.0
    support_share: float = 0.0

    @property
    def supported_usd_per_gpu_hour(self) -> float:
        """USD per GPU-hour with the support that comes on top."""
        return self.usd_per_gpu_hour * (1 + self.support_share)

    @property
    def supported_minimum_usd(self) -> float:
        """USD that the GPU-hours cost at least, with the support that comes on top."""
        return self.minimum_usd * (1 + self.support_share)

    @property
    def least_gpu_hours(self) -> float:
        """GPU-hours that the minimum spend pays for; they are billed at least."""
        return self.minimum_usd / self.usd_per_gpu_hour if self.minimum_usd else 0.0

    def once_usd(self, runs: int) -> float:
        """USD that do not depend on the fleet: the set-up, and what every run moves out."""
        return self.setup_usd + self.egress_usd * runs

    @property
    def label(self) -> str:
        """What tells the terms of one offer apart, for names: '14d', or nothing."""
        return "" if self.block_days is None else f"{self.block_days}d"


def terms_of(offer: Offer, gpu: Gpu, run: Run, catalog: Catalog) -> list[Term]:
    """Every choice of terms that an offer leaves; one, but for blocks."""
    return Terms(run, catalog).of(offer, gpu)


class Terms:
    """The terms of many offers, what they share worked out once: storage by provider, power."""

    def __init__(self, run: Run, catalog: Catalog) -> None:
        self._run, self._catalog = run, catalog
        self._leaving = state_gb(run.shape.parameters, catalog)
        self._stored = stored_gb(run, catalog)
        self._storage: dict[str, float] = {}
        self._kw: dict[tuple[str, str], float] = {}

    def of(self, offer: Offer, gpu: Gpu) -> list[Term]:
        """Every choice of terms that an offer leaves; one, but for blocks."""
        if not offer.block_days:
            longest = offer.longest_hours or inf
            return [self._term(offer, gpu, offer.commitment_hours, longest, None)]
        blocks = ((days, float(days * HOURS_PER_DAY)) for days in offer.block_days)
        return [self._term(offer, gpu, hours, hours, days) for days, hours in blocks]

    def _term(
        self, offer: Offer, gpu: Gpu, commitment: float, longest: float, block_days: int | None
    ) -> Term:
        own = own_rate(offer, gpu, self._catalog) if offer.pricing == "owned" else None
        return Term(
            usd_per_gpu_hour=own.usd_per_gpu_hour if own else offer.usd_per_gpu_hour,
            upfront_usd_per_gpu=offer.upfront_usd_per_gpu,
            commitment_hours=commitment,
            longest_hours=longest,
            lead_hours=offer.lead_time_hours,
            storage_usd_per_hour=self._storage_usd(offer),
            kw_per_gpu=self._kw_of(offer, gpu),
            own=own,
            block_days=block_days,
            setup_usd=offer.setup_usd + offer.egress_usd,
            egress_usd=offer.egress_usd_per_gb * self._leaving,
            minimum_usd=offer.minimum_usd,
            support_share=offer.support_share,
        )

    def _storage_usd(self, offer: Offer) -> float:
        """USD an hour for what the run keeps, at the provider's price."""
        if offer.provider not in self._storage:
            price = storage_price(offer, self._run, self._catalog)
            self._storage[offer.provider] = self._stored * price / HOURS_PER_MONTH
        return self._storage[offer.provider]

    def _kw_of(self, offer: Offer, gpu: Gpu) -> float:
        """kW a GPU, by the part and whose building it is in."""
        key = gpu.gpu, offer.provider
        if key not in self._kw:
            self._kw[key] = draw_kw(gpu, offer, self._catalog)
        return self._kw[key]


def stored_gb(run: Run, catalog: Catalog) -> float:
    """GB kept while the run lasts: its tokens, and the checkpoints that are not deleted."""
    tokens = run.tokens * catalog.planning("bytes_per_token") / 1e9
    return tokens + catalog.planning("checkpoints_kept") * state_gb(run.shape.parameters, catalog)


def storage_price(offer: Offer, run: Run, catalog: Catalog) -> float:
    """USD per GB and month: the question's, else the provider's, else the usual."""
    if run.storage_price is not None:
        return run.storage_price
    return catalog.storage_of(offer.provider).usd_per_gb_month
