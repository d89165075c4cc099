"""The audit of the shipped offers, kept as tests."""

import re
from collections import Counter

import pytest

from catalog import SNAPSHOT_ON, Catalog, Offer
from catalog.load import SHIPPED

# USD a GPU-hour: outside these a price is a slip of units, of a node or of a year.
PRICE_BANDS = {
    "v100": (0.1, 3.5),
    "a100": (0.55, 8.5),
    "h100": (1.5, 22),
    "h200": (2, 22),
    "gh200": (2, 8),
    "b200": (3, 21),
    "b300": (3, 19),
    "gb200": (8, 30),
    "gb300": (8, 30),
    "l4": (0.3, 2),
    "l40": (0.5, 2),
    "l40s": (0.6, 5.5),
    "a40": (0.3, 2),
    "mi300x": (1, 12.5),
    "mi325x": (1.5, 7),
    "mi350x": (2, 10),
    "mi355x": (2, 10),
    "rtx": (0.15, 4.5),
    "tpu": (0.6, 5),
    "trainium1": (0.5, 2),
    "trainium2": (2, 6),
}
# The Azure price of Brazil is twice that of the US; nobody else's home price is as far out.
WIDEST_SPREAD = 2.2


def rented(catalog: Catalog) -> list[Offer]:
    """The offers that have a price an hour."""
    return [offer for offer in catalog.offers if offer.pricing != "owned"]


def test_old_prices_are_doubted(catalog: Catalog) -> None:
    """A price older than a year is kept only as a doubtful one."""
    for offer in catalog.offers:
        if (SNAPSHOT_ON - offer.read_on).days > 365:
            assert offer.audit == "doubtful", offer.offer


def test_prices_are_plausible(catalog: Catalog) -> None:
    """No price per node, per month or in cents."""
    for offer in rented(catalog):
        low, high = PRICE_BANDS[offer.gpu.split("_")[0]]
        assert low <= offer.usd_per_gpu_hour <= high, offer.offer


def test_an_offer_is_named_after_what_it_sells(catalog: Catalog) -> None:
    """Provider, GPU model and pricing stand in the name, in this order; what is owned says so."""
    for offer in catalog.offers:
        if offer.pricing == "owned":
            assert offer.offer == f"own_{offer.gpu}", offer.offer
        else:
            name = f"{offer.provider}_{offer.gpu}_{offer.pricing}"
            assert offer.offer.startswith(name), offer.offer


def test_only_reserved_offers_bind(catalog: Catalog) -> None:
    """A term or a block is what makes an offer reserved; years have 8,760 hours."""
    for offer in catalog.offers:
        binds = offer.commitment_hours > 0 or bool(offer.block_days)
        assert (offer.pricing == "reserved") == binds, offer.offer
        years = re.search(r"_(\d)y$", offer.offer)
        if years:
            assert offer.commitment_hours == 8760 * int(years[1]), offer.offer


def test_spot_is_cheaper_than_on_demand(catalog: Catalog) -> None:
    """Where one provider sells both, in a region that both were read for."""
    for spot in (offer for offer in catalog.offers if offer.pricing == "spot"):
        for other in catalog.offers:
            same = (other.provider, other.gpu, other.gpus_per_node, other.pricing)
            near = {*other.region.split()} & {*spot.region.split()} or other.region == spot.region
            machine = spot.instance_type in ("", other.instance_type)
            sold = (spot.provider, spot.gpu, spot.gpus_per_node, "on_demand")
            if near and machine and same == sold:
                assert spot.usd_per_gpu_hour < other.usd_per_gpu_hour, spot.offer


def test_unproven_spot_prices_are_out(catalog: Catalog) -> None:
    """AWS spot prices were single-zone minima."""
    spot = [offer for offer in catalog.offers if offer.pricing == "spot"]
    assert not [offer for offer in spot if offer.provider == "aws"]


def test_one_machine_costs_about_the_same_everywhere(catalog: Catalog) -> None:
    """Within a factor: beyond it a region's price is a slip of node or of product."""
    prices: dict[tuple[str, str, float], list[float]] = {}
    for offer in rented(catalog):
        fixed = offer.pricing != "spot" and not offer.block_days and offer.longest_hours is None
        if offer.instance_type and fixed:
            key = (offer.provider, offer.instance_type, offer.commitment_hours)
            prices.setdefault(key, []).append(offer.usd_per_gpu_hour)
    assert len(prices) > 50
    for machine, found in prices.items():
        assert max(found) / min(found) < WIDEST_SPREAD, machine


def test_a_price_for_the_node_is_the_price_of_its_gpus(catalog: Catalog) -> None:
    """Divided again from the sum that the note has of the source."""
    checked = 0
    for offer in rented(catalog):
        said = re.match(
            r"([\d.]+) USD (an hour|a month of 730 hours) for (the node|\d+ (?:GPUs|chips))",
            offer.note,
        )
        if said:
            hours = 1 if said[2] == "an hour" else 730
            usd = float(said[1]) / hours / offer.gpus_per_node
            assert offer.usd_per_gpu_hour == pytest.approx(usd, abs=6e-5), offer.offer
            checked += 1
    assert checked > 240


def test_the_network_belongs_to_the_offer(catalog: Catalog) -> None:
    """The same GPU has other network cards at another provider; Gb/s a GPU."""
    cards = {
        "p4d.24xlarge": 50,
        "p4de.24xlarge": 50,
        "p5.48xlarge": 400,
        "p5.4xlarge": None,
        "Standard_ND96asr_v4": 200,
        "Standard_ND96amsr_A100_v4": 200,
        "Standard_ND96isr_H100_v5": 400,
        "Standard_ND96isr_MI300X_v5": 400,
        "a2-highgpu-8g": 12.5,
        "a2-ultragpu-8g": 12.5,
        "a3-highgpu-8g": 100,
        "a3-megagpu-8g": 200,
        "a3-ultragpu-8g": 400,
        "a4-highgpu-8g": 400,
    }
    assert set(cards) <= {offer.instance_type for offer in catalog.offers}
    for offer in catalog.offers:
        expected = cards.get(offer.instance_type, offer.nic_gbps_per_gpu)
        assert offer.nic_gbps_per_gpu == expected, offer.offer


def test_only_a_fabric_joins_nodes(catalog: Catalog) -> None:
    """Without a fast network an offer is one node, however cheap."""
    for offer in catalog.offers:
        if offer.fabric in {"none", "ethernet"}:
            assert offer.max_gpus <= offer.gpus_per_node, offer.offer
        elif offer.fabric != "ici":
            assert offer.nic_gbps_per_gpu is not None, offer.offer
            assert offer.nic_gbps_per_gpu >= 50, offer.offer


def test_nodes_have_the_size_that_is_sold(catalog: Catalog) -> None:
    """NVL72 are rented by trays of 4 and bought by the rack, GH200 one by one, SXM parts by 8."""
    rented_by = {"gb200_nvl72": 4, "gb300_nvl72": 4, "gh200_96": 1}
    owned_by = {"gb200_nvl72": 72, "gb300_nvl72": 72, "gh200_96": 1}
    for offer in catalog.offers:
        sizes = owned_by if offer.pricing == "owned" else rented_by
        if offer.gpu in sizes:
            assert offer.gpus_per_node == sizes[offer.gpu], offer.offer
        if offer.pricing == "owned" and offer.gpu.split("_")[1:2] == ["sxm"]:
            assert offer.gpus_per_node == 8, offer.offer
        if offer.provider in {"aws", "azure", "gcp"} and offer.gpu.split("_")[1:2] == ["sxm"]:
            one = offer.instance_type == "p5.4xlarge"
            assert offer.gpus_per_node == (1 if one else 8), offer.offer


def test_largest_clusters_are_published_or_the_class_s(catalog: Catalog) -> None:
    """Whoever set it, it is named as published or as our estimate."""
    for offer in catalog.offers:
        default = catalog.cluster_classes[offer.cluster_class].largest_cluster(offer.gpus_per_node)
        assert offer.max_gpus_basis == "published" or offer.max_gpus == default, offer.offer
        assert offer.max_gpus >= offer.min_gpus, offer.offer


def test_a_list_price_is_no_contract(catalog: Catalog) -> None:
    """What stands in a list, or is a term that one clicks, promises no negotiated capacity."""
    hyperscalers = {"aws", "azure", "gcp", "oracle"}
    for offer in rented(catalog):
        listed = offer.pricing != "reserved"
        if listed or offer.provider in hyperscalers:
            of_class = catalog.cluster_classes[offer.cluster_class]
            assert of_class.capacity != "contract", offer.offer
            assert "contract" not in offer.cluster_class, offer.offer
    contracts = {offer.provider for offer in rented(catalog) if offer.capacity == "contract"}
    assert contracts == {"iforels", "qubrid"}


def test_a_size_has_somebody_who_published_it(catalog: Catalog) -> None:
    """And a blank one nobody; what one builds oneself has its class's."""
    for offer in rented(catalog):
        published = offer.max_gpus_basis == "published"
        assert published == bool(offer.size_source), offer.offer
    sizes = {
        "aws_h200_sxm_reserved_block_p5en": 512,
        "azure_h100_sxm_on_demand": 800,
        "azure_gb200_nvl72_on_demand": 400,
        "gcp_b200_sxm_reserved_calendar": 640,
        "runpod_h100_sxm_on_demand": 8,
    }
    by_key = {offer.offer: offer.max_gpus for offer in catalog.offers}
    assert {key: by_key[key] for key in sizes} == sizes


def test_capacity_is_that_of_the_product(catalog: Catalog) -> None:
    """A quota where the provider decides, a block or an approval where one books."""
    by_key = {offer.offer: offer.capacity for offer in catalog.offers}
    assert by_key["aws_h100_sxm_on_demand"] == "quota"
    assert by_key["aws_h100_sxm_reserved_3y"] == "quota"
    assert by_key["aws_h200_sxm_reserved_block_p5e"] == "block"
    assert by_key["azure_h100_sxm_spot_eastus"] == "spot"
    assert by_key["coreweave_h100_sxm_on_demand"] == "quota"
    assert by_key["gcp_b200_sxm_reserved_calendar"] == "approval"
    assert by_key["lambda_b200_sxm_reserved_cluster_64"] == "approval"
    assert by_key["oracle_b200_sxm_on_demand"] == "quota"
    assert by_key["runpod_h100_sxm_on_demand"] == "self_serve"
    assert by_key["together_h100_sxm_on_demand"] == "self_serve"


def test_a_quarter_of_the_prices_was_read_twice(catalog: Catalog) -> None:
    """Confirmed or corrected by a second reading; few are doubted."""
    audits = [offer.audit for offer in rented(catalog)]
    assert audits.count("confirmed") + audits.count("corrected") >= len(audits) / 4
    assert audits.count("doubtful") <= 12


def test_no_offer_is_listed_twice(catalog: Catalog) -> None:
    """The newest reading of a product in a region replaces the older one."""

    def products(offer: Offer) -> list[tuple[object, ...]]:
        sizes = (offer.gpus_per_node, offer.min_gpus, offer.commitment_hours, offer.block_days)
        machine = (offer.instance_type, offer.fabric, offer.longest_hours)
        product = (offer.provider, offer.gpu, offer.pricing, *sizes, *machine)
        return [(*product, region) for region in offer.region.split() or [""]]

    found = Counter(product for offer in catalog.offers for product in products(offer))
    assert [product for product, times in found.items() if times > 1] == []


def test_an_instance_type_is_one_machine(catalog: Catalog) -> None:
    """Of one provider, with one GPU model and number of them; the README says how many."""
    machines: dict[str, set[tuple[str, str, int]]] = {}
    for offer in catalog.offers:
        if offer.instance_type:
            machine = (offer.provider, offer.gpu, offer.gpus_per_node)
            machines.setdefault(offer.instance_type, set()).add(machine)
    assert all(len(found) == 1 for found in machines.values())
    stated = sum(bool(offer.instance_type) for offer in catalog.offers)
    said = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert f"`instance_type` is stated of {stated} of its {len(catalog.offers)} offers" in said
    by_key = {offer.offer: offer.instance_type for offer in catalog.offers}
    assert by_key["gcp_h100_sxm_on_demand"] == "a3-highgpu-8g"
    assert by_key["azure_h100_sxm_on_demand"] == "Standard_ND96isr_H100_v5"
    assert by_key["lambda_h100_sxm_on_demand"] == "gpu_8x_h100_sxm5"
    assert by_key["runpod_h100_sxm_on_demand"] == ""


def test_a_row_is_of_one_group_of_regions(catalog: Catalog) -> None:
    """So that a choice of regions takes the whole row or none of it."""
    for offer in catalog.offers:
        groups = {catalog.regions[name].group for name in offer.region.split()}
        assert len(groups) <= 1, offer.offer
