"""What a fleet draws: kW a GPU with cooling, MWh of a run, and the CO2 of the grid's mix."""

from dataclasses import dataclass
from statistics import mean, median

from catalog import Catalog, Gpu, Offer

# Providers that publish a PUE of their own fleets below the usual; see defaults.csv.
HYPERSCALERS = ("aws", "azure", "gcp", "oracle")


@dataclass(frozen=True, slots=True)
class Footprint:
    """MWh that training draws, kg of CO2 that the grid emits for it, and what both rest on."""

    energy_mwh: float
    co2_kg: float
    basis: str


def rated_kw(gpu: Gpu, catalog: Catalog) -> float:
    """The server's rating a GPU, kW; where none is published, from the GPU's own power."""
    if gpu.server_w_per_gpu is not None:
        return gpu.server_w_per_gpu / 1000
    known = [g for g in catalog.gpus.values() if g.server_w_per_gpu and g.power_w]
    if gpu.power_w is not None:
        ratio = median((g.server_w_per_gpu or 0.0) / (g.power_w or 1.0) for g in known)
        return gpu.power_w * ratio / 1000
    return median(g.server_w_per_gpu or 0.0 for g in known) / 1000


def pue_of(offer: Offer, catalog: Catalog) -> float:
    """Power drawn by the building over that of its servers."""
    kind = "hyperscaler" if offer.provider in HYPERSCALERS else "colocation"
    return catalog.planning(f"pue_{kind}")


def draw_kw(gpu: Gpu, offer: Offer, catalog: Catalog) -> float:
    """kW that a GPU in training draws on average, its server and cooling included."""
    share = catalog.planning("power_draw_share")
    return rated_kw(gpu, catalog) * share * pue_of(offer, catalog)


def footprint(gpu: Gpu, offer: Offer, gpu_hours: float, catalog: Catalog) -> Footprint:
    """Energy and CO2 of so many GPU-hours of training."""
    kw = draw_kw(gpu, offer, catalog)
    mwh = gpu_hours * kw / 1000
    grams, grid = _grid(offer, catalog)
    basis = f"{kw:.2f} kW a GPU with server and cooling; {grams:,.0f} g CO2 a kWh ({grid})"
    return Footprint(mwh, mwh * grams, basis)


def _grid(offer: Offer, catalog: Catalog) -> tuple[float, str]:
    """g CO2 a kWh of the offer's regions, on average, and whose mix that is.

    A region that another provider calls the same lies elsewhere: Nebius has a us-central1 too.
    """
    names = [name for name in offer.region.split() if _is_own(name, offer, catalog)]
    known = [catalog.regions[name].g_co2_per_kwh for name in names]
    grams = [g for g in known if g is not None]
    if grams:
        return mean(grams), ", ".join(names)
    why = "no figure for the region" if offer.region else "region not known"
    return catalog.planning("grid_g_co2_per_kwh"), f"{why}: the average of the USA"


def _is_own(region: str, offer: Offer, catalog: Catalog) -> bool:
    """Whether the catalog's region of that name is the offer's provider's."""
    known = catalog.regions.get(region)
    return known is not None and known.provider == offer.provider
