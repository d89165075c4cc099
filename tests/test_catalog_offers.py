"""The audit of the shipped offers, kept as tests."""

import re

import pytest

from catalog import SNAPSHOT_ON, Catalog, Offer, load_catalog
from catalog.load import SHIPPED

# USD a GPU-hour: outside these a price is a slip of units, of a node or of a year.
PRICE_BANDS = {
    "v100": (0.1, 3.5),
    "a100": (0.9, 5.5),
    "h100": (1.5, 13),
    "h200": (2, 13),
    "gh200": (2, 8),
    "b200": (3, 17),
    "b300": (4, 19),
    "gb200": (8, 30),
    "gb300": (8, 30),
    "l4": (0.3, 2),
    "l40": (0.5, 2),
    "l40s": (0.6, 4),
    "a40": (0.3, 2),
    "mi300x": (1.5, 6),
    "mi325x": (1.5, 7),
    "mi355x": (2, 10),
    "rtx": (0.15, 3),
    "tpu": (1, 5),
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The shipped catalog."""
    return load_catalog()


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
    """Where one provider sells both."""
    price = {
        (o.provider, o.gpu, o.pricing, o.gpus_per_node): o.usd_per_gpu_hour for o in catalog.offers
    }
    for (provider, gpu, pricing, node), usd in price.items():
        if pricing == "spot":
            assert usd < price.get((provider, gpu, "on_demand", node), 1e9), (provider, gpu)


def test_unproven_spot_prices_are_out_or_doubted(catalog: Catalog) -> None:
    """AWS spot prices were single-zone minima; CoreWeave's were read once."""
    spot = [offer for offer in catalog.offers if offer.pricing == "spot"]
    assert not [offer for offer in spot if offer.provider == "aws"]
    assert {offer.audit for offer in spot if offer.provider == "coreweave"} == {"doubtful"}


def test_the_network_belongs_to_the_offer(catalog: Catalog) -> None:
    """The same GPU has other network cards at another provider; Gb/s a GPU."""
    cards = {
        ("aws", "a100_sxm_40"): 50,
        ("aws", "a100_sxm_80"): 50,
        ("azure", "a100_sxm_40"): 200,
        ("azure", "a100_sxm_80"): 200,
        ("gcp", "a100_sxm_40"): 12.5,
        ("gcp", "a100_sxm_80"): 12.5,
        ("aws", "h100_sxm"): 400,
        ("azure", "h100_sxm"): 400,
        ("gcp", "h100_sxm"): 100,
    }
    sold = {(offer.provider, offer.gpu) for offer in catalog.offers}
    assert set(cards) <= sold
    for offer in catalog.offers:
        expected = cards.get((offer.provider, offer.gpu), offer.nic_gbps_per_gpu)
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
            assert offer.gpus_per_node == 8, offer.offer


def test_largest_clusters_are_published_or_the_class_s(catalog: Catalog) -> None:
    """Whoever set it, it is named as published or as our estimate."""
    for offer in catalog.offers:
        default = catalog.cluster_classes[offer.cluster_class].largest_cluster(offer.gpus_per_node)
        assert offer.max_gpus_basis == "published" or offer.max_gpus == default, offer.offer
        assert offer.max_gpus >= offer.min_gpus, offer.offer


def test_the_largest_runs_have_offers(catalog: Catalog) -> None:
    """A run of 405B parameters needs 8,000 GPUs and more; what sells them is our judgment."""
    large = [offer for offer in catalog.offers if offer.max_gpus >= 8192]
    assert {"aws", "oracle"} <= {offer.provider for offer in large}
    assert {offer.max_gpus_basis for offer in large} == {"estimate"}


def test_confirmed_offers_lead(catalog: Catalog) -> None:
    """More rows were confirmed or corrected than were never looked at; few are doubted."""
    audits = [offer.audit for offer in rented(catalog)]
    assert audits.count("confirmed") + audits.count("corrected") > audits.count("unaudited")
    assert audits.count("doubtful") <= 10


def test_no_offer_is_listed_twice(catalog: Catalog) -> None:
    """The newest reading of a product replaces the older one."""

    def product(offer: Offer) -> tuple[object, ...]:
        sizes = (offer.gpus_per_node, offer.min_gpus, offer.commitment_hours)
        return (offer.provider, offer.gpu, offer.pricing, *sizes, offer.usd_per_gpu_hour)

    products = [product(offer) for offer in catalog.offers]
    assert len(products) == len(set(products))


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
    assert f"states `instance_type` of {stated} of its {len(catalog.offers)} offers" in said
    by_key = {offer.offer: offer.instance_type for offer in catalog.offers}
    assert by_key["gcp_h100_sxm_on_demand"] == "a3-highgpu-8g"
    assert by_key["azure_h100_sxm_on_demand"] == "Standard_ND96isr_H100_v5"
    assert by_key["lambda_h100_sxm_on_demand"] == "gpu_8x_h100_sxm5"
    assert by_key["runpod_h100_sxm_on_demand"] == ""
