"""Google's SKUs in small files of their form: each trap is a test.

Prices are made up.
"""

from pathlib import Path

import pytest
from cloud_cases import A3, Json, bring, of_machine, sku
from refresh_market import left_out

from catalog.refresh.lists import gcp_skus
from catalog.refresh.lists.words import BLOCK

pytestmark = pytest.mark.usefixtures("home")


# 8 x 9.5 + 208 x 0.03 + 1,872 x 0.002 + 6,000 x 0.0803 / 730, over 8 GPUs.
A3_HIGH = (76 + 6.24 + 3.744 + 0.66) / 8


def test_gcp_parts_add_up(tmp_path: Path, home: Path) -> None:
    """GPUs, vCPUs, memory and the SSD that comes with it; nanos are billionths."""
    bring(tmp_path, "gcp-skus", {"skus": A3})
    offers = of_machine(home, "8x_a3_highgpu_8g")
    (offer,) = offers
    assert offer.usd_per_gpu_hour == pytest.approx(A3_HIGH, abs=1e-4)
    assert (offer.provider, offer.pricing) == ("gcp", "on_demand")
    assert offer.region == "europe-west4 us-central1"
    assert "summed from GPUs, vCPUs, memory and the local SSD" in offer.note


def test_gcp_pages_belong_together(tmp_path: Path, home: Path) -> None:
    """A machine's parts may stand on two pages, in two files."""
    bring(tmp_path, "gcp-skus", {"skus": A3[:2]}, {"skus": A3[2:], "nextPageToken": ""})
    assert of_machine(home, "8x_a3_highgpu_8g")


@pytest.mark.parametrize("missing", range(4))
def test_gcp_half_a_machine_is_none(tmp_path: Path, home: Path, missing: int) -> None:
    """A GPU row alone is not the machine; without a GPU there is nothing to sum."""
    parts = [one for number, one in enumerate(A3) if number != missing]
    imported = bring(tmp_path, "gcp-skus", {"skus": parts})
    assert imported.difference is None
    expected = set() if "GPU" in A3[missing]["description"] else {gcp_skus.MISSING}
    assert set(left_out(imported)) == expected


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        ("Nvidia H100 80GB GPU Calendar Mode running in Americas", BLOCK),
        ("DWS Calendar Mode A4 Nvidia B200 (1 gpu slice) in Americas", BLOCK),
        ("Nvidia H100 80GB GPU Defined Duration running in Americas", BLOCK),
        ("Nvidia H100 80GB GPU Flex Start running in Americas", BLOCK),
        ("A4 Nvidia B200 (1 gpu slice) running in Americas", gcp_skus.SLICE),
        ("Reserved A3 Instance Core in Americas", gcp_skus.OTHER_PRODUCT),
        ("A3 Sole Tenancy Instance Core", gcp_skus.NOT_A_PART),
        ("N1 Predefined Instance Core running in Americas", gcp_skus.NOT_A_PART),
    ],
)
def test_gcp_products_beside_the_list_price(
    tmp_path: Path, home: Path, described: str, reason: str
) -> None:
    """Their usage type says OnDemand too: the description tells them apart."""
    imported = bring(tmp_path, "gcp-skus", {"skus": [*A3, sku(described, 1.0)]})
    (offer,) = of_machine(home, "8x_a3_highgpu_8g")
    assert offer.usd_per_gpu_hour == pytest.approx(A3_HIGH, abs=1e-4)
    assert left_out(imported) == {reason: 1}


def test_gcp_spot_and_commitments(tmp_path: Path, home: Path) -> None:
    """Summed from their own parts, never mixed with those on demand."""
    spot, year = "Preemptible", "Commit1Yr"
    more = [
        sku("Spot Preemptible A3 Instance Core running in Americas", 0.01, spot),
        sku("Spot Preemptible A3 Instance Ram in Americas", 0.001, spot, "GiBy.h"),
        sku("Nvidia H100 80GB GPU attached to Spot Preemptible VMs in Americas", 3.0, spot),
        sku("SSD backed Local Storage attached to Spot Preemptible VMs", 0.04, spot, "GiBy.mo"),
        sku("Commitment v1: A3 Cpu in Americas for 1 Year", 0.02, year),
        sku("Commitment v1: A3 Ram in Americas for 1 Year", 0.001, year, "GiBy.h"),
        sku("Commitment v1: Nvidia H100 80GB GPU in Americas for 1 Year", 6.5, year),
    ]
    imported = bring(tmp_path, "gcp-skus", {"skus": [*A3, *more]})
    offers = of_machine(home, "8x_a3_highgpu_8g")
    assert {o.pricing for o in offers} == {"on_demand", "spot"}
    cheapest = min(offers, key=lambda o: o.usd_per_gpu_hour)
    expected = (24 + 208 * 0.01 + 1.872 + 6_000 * 0.04 / 730) / 8
    assert cheapest.pricing == "spot"
    assert cheapest.usd_per_gpu_hour == pytest.approx(expected, abs=1e-4)
    # The commitment has no local SSD here: half a machine.
    assert left_out(imported)[gcp_skus.MISSING] >= 2
    more.append(sku("Commitment v1: Local SSD in Americas for 1 Year", 0.05, year, "GiBy.mo"))
    bring(tmp_path, "gcp-skus", {"skus": [*A3, *more]})
    offers = of_machine(home, "8x_a3_highgpu_8g")
    (committed,) = [o for o in offers if o.pricing == "reserved"]
    expected = (52 + 208 * 0.02 + 1.872 + 6_000 * 0.05 / 730) / 8
    assert committed.usd_per_gpu_hour == pytest.approx(expected, abs=1e-4)
    assert committed.commitment_hours == 8760


def test_gcp_a3_mega_is_a_product_of_its_own(tmp_path: Path, home: Path) -> None:
    """Its host and its GPU have names of their own."""
    mega = [
        sku("A3Plus Instance Core running in Americas", 0.04),
        sku("A3Plus Instance Ram running in Americas", 0.003, unit="GiBy.h"),
        sku("Nvidia H100 80GB Mega GPU running in Americas", 10.5),
    ]
    bring(tmp_path, "gcp-skus", {"skus": [*A3, *mega]})
    (offer,) = of_machine(home, "a3_megagpu")
    expected = (84 + 208 * 0.04 + 1_872 * 0.003 + 0.66) / 8
    assert offer.usd_per_gpu_hour == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"units": None, "nanos": None}, gcp_skus.BAD_PRICE),
        ({"units": "x"}, gcp_skus.BAD_PRICE),
        ({"currencyCode": "EUR"}, "price in EUR: expected USD, or its rate in --fx EUR=..."),
    ],
)
def test_gcp_prices_that_are_none(tmp_path: Path, home: Path, changed: Json, reason: str) -> None:
    """The part has no price, so the machine has none."""
    gpu = sku("Nvidia H100 80GB GPU running in Americas", 9.5, **changed)
    imported = bring(tmp_path, "gcp-skus", {"skus": [*A3[:2], A3[3], gpu]})
    assert (imported.difference, left_out(imported)) == (None, {reason: 1})


def test_gcp_units_have_to_be_the_usual_ones(tmp_path: Path, home: Path) -> None:
    """A GPU by the month is not one by the hour."""
    gpu = sku("Nvidia H100 80GB GPU running in Americas", 9.5, unit="mo")
    imported = bring(tmp_path, "gcp-skus", {"skus": [*A3[:2], A3[3], gpu]})
    assert left_out(imported) == {gcp_skus.OTHER_UNIT: 1}
