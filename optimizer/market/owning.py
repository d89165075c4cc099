"""What a GPU of one's own costs an hour: depreciation, network, energy, colocation."""

from dataclasses import dataclass

from catalog import Catalog, Gpu, Offer
from catalog.units import HOURS_PER_MONTH, HOURS_PER_YEAR
from optimizer.physics.energy import draw_kw, rated_kw


@dataclass(frozen=True, slots=True)
class OwnRate:
    """USD per GPU-hour of owned hardware, by what it is for."""

    depreciation: float
    network: float
    energy: float
    colocation: float

    @property
    def usd_per_gpu_hour(self) -> float:
        """All of it together."""
        return self.depreciation + self.network + self.running

    @property
    def running(self) -> float:
        """What is paid only while the fleet stands: energy and colocation."""
        return self.energy + self.colocation


def own_rate(offer: Offer, gpu: Gpu, catalog: Catalog) -> OwnRate:
    """A run's share of the depreciation, straight over the life, and what running costs.

    The server is sold at the end of its life for what is left of its price; the network is
    worth nothing then.
    """
    hours = catalog.planning("depreciation_years") * HOURS_PER_YEAR
    server = offer.purchase_usd_per_gpu or 0.0
    left = resale_usd(server, catalog.planning("depreciation_years"), catalog)
    colocation = rated_kw(gpu, catalog) * catalog.planning("colocation_usd_per_kw_month")
    return OwnRate(
        depreciation=(server - left) / hours,
        network=network_usd(server, catalog) / hours,
        energy=draw_kw(gpu, offer, catalog) * catalog.planning("electricity_usd_per_kwh"),
        colocation=colocation / HOURS_PER_MONTH,
    )


def network_usd(server_usd: float, catalog: Catalog) -> float:
    """The network's price, as its share of the capital cost of servers and network together."""
    share = catalog.planning("network_share")
    return server_usd * share / (1 - share)


def resale_usd(server_usd: float, years: float, catalog: Catalog) -> float:
    """What a server is worth after so many years: its price falls by a constant factor a year."""
    return float(server_usd * 10 ** (-catalog.planning("server_value_decay_per_year") * years))
