"""Answers of providers' own interfaces: what a price there is of.

All values and names of providers are made up.
"""

from pathlib import Path

import pytest
from refresh_market import left_out
from table_cases import bring, damaged, imported_offers, read_or_refused

from catalog import CatalogError
from catalog.refresh.lists.row import NONE_THERE
from catalog.refresh.lists.shapes import DISK

pytestmark = pytest.mark.usefixtures("home")


LAMBDA = """\
{"data": {"gpu_8x_h100_sxm5": {"instance_type": {"name": "gpu_8x_h100_sxm5",
 "description": "8x H100 (80 GB SXM5)", "price_cents_per_hour": 2000,
 "specs": {"vcpus": 208, "memory_gib": 1800, "gpus": 8}},
 "regions_with_capacity_available": [{"name": "us-west-1"}, {"name": "us-east-1"}]},
 "gpu_8x_a100": {"instance_type": {"name": "gpu_8x_a100",
 "description": "8x A100 (40 GB SXM4)", "price_cents_per_hour": 1032,
 "specs": {"gpus": 8}}, "regions_with_capacity_available": []}}}
"""


def test_lambda_counts_cents_of_a_machine(tmp_path: Path, home: Path) -> None:
    """And gpu_8x_a100 is the part with 40 GB."""
    bring(tmp_path, LAMBDA)
    found = {o.gpu: o for o in imported_offers(home)}
    assert found["h100_sxm"].usd_per_gpu_hour == 2.5
    assert found["h100_sxm"].region == "us-east-1 us-west-1"
    assert found["a100_sxm_40"].usd_per_gpu_hour == 1.29
    assert {o.provider for o in found.values()} == {"lambda"}


SHADEFORM = """\
{"instance_types": [
 {"cloud": "c", "shade_instance_type": "H100", "cloud_instance_type": "h100x8",
  "hourly_price": 2000,
  "configuration": {"gpu_type": "H100", "interconnect": "sxm5", "num_gpus": 8,
  "memory_in_gb": 1440, "vram_per_gpu_in_gb": 80},
  "availability": [{"region": "aa-1", "available": true}]},
 {"cloud": "c", "shade_instance_type": "A6000", "cloud_instance_type": "gpu_1x",
  "hourly_price": 210,
  "configuration": {"gpu_type": "A100", "interconnect": "sxm4", "num_gpus": 1,
  "memory_in_gb": 12, "vram_per_gpu_in_gb": 48}, "availability": []}]}
"""


def test_shadeform_counts_cents_of_a_machine(tmp_path: Path, home: Path) -> None:
    """A sample that contradicts itself, an A100 with 48 GB, is none of the two."""
    imported = bring(tmp_path, SHADEFORM)
    (offer,) = imported_offers(home)
    assert (offer.provider, offer.pricing) == ("shadeform", "marketplace")
    assert (offer.usd_per_gpu_hour, "instance h100x8" in offer.note) == (2.5, True)
    assert sum(left_out(imported).values()) == 1


def test_vast_prices_a_whole_offer(tmp_path: Path, home: Path) -> None:
    """Without its disk; the bid is the spot price; memory in MB tells the part."""
    offer = '{{"gpu_name": "{0}", "gpu_ram": {1}, "num_gpus": 8, "dph_base": 16, "min_bid": 8}}'
    rows = (("H100 SXM", 81559), ("H100 SXM", 40960))
    text = f'{{"offers": [{", ".join(offer.format(*row) for row in rows)}]}}'
    imported = bring(tmp_path, text)
    found = {o.pricing: o for o in imported_offers(home)}
    assert {name: o.usd_per_gpu_hour for name, o in found.items()} == {"marketplace": 2, "spot": 1}
    assert DISK in found["marketplace"].note
    assert left_out(imported) == {"memory stated is not the GPU's": 1}


RUNPOD = """\
{"data": {"gpuTypes": [
 {"id": "NVIDIA H100 80GB HBM3", "displayName": "H100 SXM", "memoryInGb": 80, "securePrice": 2.5,
  "communityPrice": 2.25, "lowestPrice": {"stockStatus": "Low"}},
 {"id": "NVIDIA L40S", "displayName": "L40S", "memoryInGb": 48, "securePrice": 0.75,
  "communityPrice": 0, "lowestPrice": {"stockStatus": null}}]}}
"""


def test_runpod_prices_a_gpu(tmp_path: Path, home: Path) -> None:
    """Secure is its own, community that of third parties; no stock is none to be had."""
    imported = bring(tmp_path, RUNPOD)
    found = {o.pricing: o.usd_per_gpu_hour for o in imported_offers(home)}
    assert found == {"on_demand": 2.5, "marketplace": 2.25}
    assert left_out(imported) == {NONE_THERE: 1}


def test_prime_intellect_has_to_be_told_the_unit(tmp_path: Path, home: Path) -> None:
    """Whether its price is that of a GPU was not read, so it is not assumed."""
    text = (
        '{"items": [{"cloudId": "x", "gpuType": "H100_80GB", "socket": "SXM5", "gpuCount": 8,'
        '"gpuMemory": 80, "prices": {"onDemand": 20, "communityPrice": null, "isVariable": true,'
        '"currency": "USD"}}]}'
    )
    with pytest.raises(CatalogError, match="of a machine, or of one GPU"):
        bring(tmp_path, text)
    bring(tmp_path, text, unit="node")
    (offer,) = imported_offers(home)
    assert (offer.gpu, offer.usd_per_gpu_hour) == ("h100_sxm", 2.5)
    assert "the price varies" in offer.note


@pytest.mark.parametrize("seed", range(10))
def test_damaged_tables_are_read_or_refused(tmp_path: Path, home: Path, seed: int) -> None:
    """Whatever stands where."""
    read_or_refused(tmp_path, home, damaged((LAMBDA, SHADEFORM, RUNPOD), seed))
