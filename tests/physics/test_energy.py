"""What a fleet draws and emits, by hand: ratings, buildings, grids, and what is not published."""

from dataclasses import replace

import pytest
from small_catalog import READ_ON, make_catalog, make_gpu, make_offer

from catalog import Catalog, Gpu, Region
from optimizer.physics.energy import draw_kw, footprint, pue_of, rated_kw


def part(name: str, power: float | None, server: float | None) -> Gpu:
    """A GPU that draws so many W, in servers rated for so many W a GPU."""
    return replace(make_gpu(name), power_w=power, server_w_per_gpu=server)


# Servers are rated for 2, 3 and 1.5 times the power of their GPUs. Of others half is known.
PARTS = (
    part("twice", 400, 800),
    part("thrice", 500, 1500),
    part("half_more", 300, 450),
    part("server_alone", None, 9000),
    part("another", None, 7000),
    part("power_alone", 600, None),
    part("neither", None, None),
)


def region(name: str, provider: str, grams: float | None) -> Region:
    """A region whose grid emits so many g of CO2 a kWh."""
    return Region(name, provider, "US", "us", grams, "paper", READ_ON, "")


def facts() -> Catalog:
    """The parts above, and grids of alpha and of aws."""
    catalog = make_catalog([make_offer()], PARTS)
    regions = (
        region("coal", "alpha", 800.0),
        region("water", "alpha", 30.0),
        region("unknown", "alpha", None),
        region("east", "aws", 400.0),
    )
    return replace(catalog, regions={one.region: one for one in regions})


@pytest.mark.parametrize(
    ("name", "kw"),
    [
        ("twice", 0.8),
        ("thrice", 1.5),
        ("server_alone", 9.0),
        # The median of 2, 3 and 1.5 times its power.
        ("power_alone", 2 * 0.6),
        # The median of 800, 1,500 and 450 W.
        ("neither", 0.8),
    ],
)
def test_what_a_server_is_rated_for(name: str, kw: float) -> None:
    """As published; else in the usual proportion to the GPU's power; else the usual."""
    assert rated_kw(facts().gpus[name], facts()) == pytest.approx(kw)


def test_buildings_of_hyperscalers_draw_less() -> None:
    """1.15 of the servers' power where 1.25 is usual; servers draw 0.76 of their rating."""
    aws, alpha = make_offer(provider="aws"), make_offer()
    assert (pue_of(aws, facts()), pue_of(alpha, facts())) == (1.15, 1.25)
    gpu = facts().gpus["twice"]
    assert draw_kw(gpu, aws, facts()) == pytest.approx(0.8 * 0.76 * 1.15)
    assert draw_kw(gpu, alpha, facts()) == pytest.approx(0.8 * 0.76 * 1.25)


@pytest.mark.parametrize(
    ("regions", "grams", "said"),
    [
        ("coal", 800, "800 g CO2 a kWh (coal)"),
        ("coal water", 415, "415 g CO2 a kWh (coal, water)"),
        ("coal unknown", 800, "800 g"),
        ("unknown", 369.5, "370 g CO2 a kWh (no figure for the region: the average of the USA)"),
        # aws has a region of that name, alpha has another one or none.
        ("east", 369.5, "no figure for the region"),
        ("nowhere", 369.5, "no figure for the region"),
        ("", 369.5, "region not known: the average of the USA"),
    ],
)
def test_a_thousand_hours_emit_what_their_grid_does(regions: str, grams: float, said: str) -> None:
    """1,000 GPU-hours at 0.76 kW are 0.76 MWh; g a kWh are kg a MWh."""
    offer = make_offer(region=regions)
    found = footprint(facts().gpus["twice"], offer, 1000.0, facts())
    assert found.energy_mwh == pytest.approx(0.8 * 0.76 * 1.25)
    assert found.co2_kg == pytest.approx(0.76 * grams)
    assert said in found.basis
    assert found.basis.startswith("0.76 kW a GPU")
