"""What changed between two catalogs, by hand: namesakes, successors, and the rest."""

from dataclasses import replace
from pathlib import Path

import pytest
from refresh_market import TODAY, write_market

from catalog import Catalog, Offer, load_catalog
from catalog.refresh.difference import Difference, difference


@pytest.fixture
def old(tmp_path: Path) -> Catalog:
    """The small catalog."""
    return load_catalog(write_market(tmp_path / "market"), TODAY)


def with_offers(catalog: Catalog, *offers: Offer) -> Catalog:
    """The catalog with these offers alone."""
    return replace(catalog, offers=offers)


def named(catalog: Catalog, name: str) -> Offer:
    """The offer of that name."""
    return next(offer for offer in catalog.offers if offer.offer == name)


def names(found: Difference) -> dict[str, tuple[list[str], list[str], list[str]]]:
    """Changed, added and removed by provider."""
    return {
        one.provider: (
            [f"{c.old.offer} > {c.new.offer}" for c in one.changed],
            [offer.offer for offer in one.added],
            [offer.offer for offer in one.removed],
        )
        for one in found.providers
    }


def test_the_same_catalog(old: Catalog) -> None:
    """Nothing differs."""
    assert difference(old, old) == Difference((), len(old.offers))


def test_prices_added_and_removed(old: Catalog) -> None:
    """By provider; that with the largest change, either way, comes first."""
    aws = named(old, "aws_h100_sxm_on_demand")
    lambda_ = named(old, "lambda_h100_sxm_on_demand")
    new = with_offers(
        old,
        *(o for o in old.offers if o.provider not in ("aws", "lambda", "gcp")),
        replace(aws, usd_per_gpu_hour=6.88 * 1.25),
        replace(lambda_, usd_per_gpu_hour=3.99 * 0.5),
        named(old, "gcp_tpu_v6e_on_demand"),
        replace(aws, offer="aws_b200_sxm_on_demand", gpu="b200_sxm"),
    )
    found = difference(old, new)
    assert list(names(found).items()) == [
        ("lambda", (["lambda_h100_sxm_on_demand > lambda_h100_sxm_on_demand"], [], [])),
        (
            "aws",
            (
                ["aws_h100_sxm_on_demand > aws_h100_sxm_on_demand"],
                ["aws_b200_sxm_on_demand"],
                ["aws_a100_sxm_40_on_demand", "aws_h100_sxm_reserved_3y"],
            ),
        ),
        ("gcp", ([], [], ["gcp_h100_sxm_on_demand"])),
    ]
    assert [round(c.percent) for one in found.providers for c in one.changed] == [-50, 25]
    assert found.same_price == 1
    assert [one.gone for one in found.providers] == [
        (),
        (("a100_sxm_40", "on_demand"), ("h100_sxm", "reserved")),
        (("h100_sxm", "on_demand"),),
    ]


def test_changes_of_a_provider_by_size(old: Catalog) -> None:
    """The largest first, whether up or down."""
    rises = {"aws_a100_sxm_40_on_demand": 1.1, "aws_h100_sxm_on_demand": 0.7}
    new = with_offers(
        old,
        *(
            replace(o, usd_per_gpu_hour=o.usd_per_gpu_hour * rises.get(o.offer, 1))
            for o in old.offers
        ),
    )
    (aws,) = difference(old, new).providers
    assert [change.new.offer for change in aws.changed] == list(rises)[::-1]
    assert round(aws.largest) == 30


@pytest.mark.parametrize(
    ("provider", "successor", "other"),
    [
        ("aws", ("x_us", "us-east-1", 7), ("x_eu", "eu-west-1", 6.88)),
        ("lambda", ("b", "us-2", 4), ("a", "us-1", 5)),
    ],
    ids=["in the region they share", "the cheapest where no region is stated"],
)
def test_an_offer_under_another_name_is_its_successor(
    old: Catalog, provider: str, successor: tuple[str, str, float], other: tuple[str, str, float]
) -> None:
    """The other one is new; lists without regions have the lowest price."""
    before = named(old, f"{provider}_h100_sxm_on_demand")
    after = (
        replace(before, offer=name, region=region, usd_per_gpu_hour=usd)
        for name, region, usd in (other, successor)
    )
    found = difference(with_offers(old, before), with_offers(old, *after))
    assert names(found) == {
        provider: ([f"{before.offer} > {successor[0]}"], [other[0]], []),
    }


def test_an_offer_that_takes_one_region_changes_its_price_there(old: Catalog) -> None:
    """The old offer stays for the other region, at its price."""
    aws = named(old, "aws_h100_sxm_on_demand")
    new = with_offers(
        old,
        replace(aws, region="us-west-2"),
        replace(aws, offer="x_us", region="us-east-1", usd_per_gpu_hour=3.44),
        replace(aws, offer="x_eu", region="eu-west-1", usd_per_gpu_hour=3.44),
    )
    found = difference(with_offers(old, aws), new)
    assert names(found) == {"aws": (["aws_h100_sxm_on_demand > x_us"], ["x_eu"], [])}
    assert round(found.providers[0].largest) == 50
    assert found.same_price == 1


def test_an_offer_of_several_regions_is_compared_with_that_of_each(old: Catalog) -> None:
    """Also where they become one; what covers its region still has lost nothing."""
    aws = named(old, "aws_h100_sxm_on_demand")
    us = replace(aws, offer="us", region="us-east-1", usd_per_gpu_hour=10)
    eu = replace(aws, offer="eu", region="eu-west-1", usd_per_gpu_hour=20)
    both = replace(aws, offer="both", region="eu-west-1 us-east-1", usd_per_gpu_hour=11)
    found = difference(with_offers(old, us, eu), with_offers(old, both))
    assert names(found) == {"aws": (["eu > both", "us > both"], [], [])}
    assert [round(c.percent) for c in found.providers[0].changed] == [-45, 10]
    beside = difference(with_offers(old, us, eu), with_offers(old, us, eu, both))
    assert names(beside) == {"aws": ([], ["both"], [])}


@pytest.mark.parametrize("machine", ["", "A3-HIGHGPU-8G", "a3-megagpu-8g"])
def test_another_machine_is_another_product(old: Catalog, machine: str) -> None:
    """Where both are named; capitals make no other machine."""
    high = replace(named(old, "gcp_h100_sxm_on_demand"), instance_type="a3-highgpu-8g")
    other = replace(high, offer="x", instance_type=machine, usd_per_gpu_hour=5)
    found = difference(with_offers(old, high), with_offers(old, other))
    if machine == "a3-megagpu-8g":
        assert names(found) == {"gcp": ([], ["x"], ["gcp_h100_sxm_on_demand"])}
    else:
        assert names(found) == {"gcp": (["gcp_h100_sxm_on_demand > x"], [], [])}


@pytest.mark.parametrize(
    "other",
    [
        {"gpus_per_node": 4, "min_gpus": 4},
        {"pricing": "spot"},
        {"gpu": "h100_pcie"},
        {"commitment_hours": 24.0},
        {"provider": "gcp"},
    ],
)
def test_another_product_is_no_successor(old: Catalog, other: dict[str, object]) -> None:
    """Neither under its own name nor under the old one."""
    aws = named(old, "aws_h100_sxm_on_demand")
    for name in ("other", aws.offer):
        new = with_offers(old, replace(aws, offer=name, **other))  # type: ignore[arg-type]
        found = difference(with_offers(old, aws), new)
        assert found.same_price == 0
        assert not any(one.changed for one in found.providers)
