"""The audit of a catalog: each finding on a catalog that has that one fault."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from refresh_market import TODAY, write_market

from catalog import Catalog, Offer, load_catalog
from catalog.refresh.audit import Finding, audit


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """The small catalog."""
    return load_catalog(write_market(tmp_path / "market"), TODAY)


def found(catalog: Catalog, check: str, today: date = TODAY) -> list[Finding]:
    """The findings of one check."""
    return [finding for finding in audit(catalog, today) if finding.check == check]


def changed(catalog: Catalog, name: str, **cells: object) -> Catalog:
    """The catalog with other cells in one offer."""
    offers = tuple(
        replace(o, **cells) if o.offer == name else o  # type: ignore[arg-type]
        for o in catalog.offers
    )
    return replace(catalog, offers=offers)


def beside(catalog: Catalog, *more: Offer) -> Catalog:
    """The catalog with more offers."""
    return replace(catalog, offers=(*catalog.offers, *more))


def h100(catalog: Catalog) -> Offer:
    """AWS's offer."""
    return next(o for o in catalog.offers if o.offer == "aws_h100_sxm_on_demand")


def test_warnings_come_first(catalog: Catalog) -> None:
    """Of a catalog without faults only notes are left."""
    severities = [finding.severity for finding in audit(catalog, TODAY)]
    assert set(severities) == {"note"}
    odd = changed(catalog, "aws_h100_sxm_on_demand", fabric="none")
    severities = [finding.severity for finding in audit(odd, TODAY)]
    assert severities == ["warning"] + ["note"] * (len(severities) - 1)


@pytest.mark.parametrize(("usd", "count"), [(20.6, 0), (20.7, 1), (2.3, 0), (2.28, 1)])
def test_prices_far_from_the_median(catalog: Catalog, usd: float, count: int) -> None:
    """The other two H100 on demand cost 6.88, so that is the median: 2.293 to 20.64 is near."""
    odd = changed(catalog, "gcp_h100_sxm_on_demand", usd_per_gpu_hour=6.88)
    odd = changed(odd, "lambda_h100_sxm_on_demand", usd_per_gpu_hour=usd)
    findings = found(odd, "price far from the median")
    assert [finding.about for finding in findings] == [("lambda_h100_sxm_on_demand",)] * count


def test_two_prices_have_no_median(catalog: Catalog) -> None:
    """Which of the two is wrong nobody can say."""
    two = replace(catalog, offers=catalog.offers[:2])
    two = beside(two, replace(h100(catalog), offer="x", provider="x", usd_per_gpu_hour=100.0))
    assert not found(two, "price far from the median")


def test_a_provider_with_many_regions_is_not_the_market(catalog: Catalog) -> None:
    """Its regions are held against each other, and a cheaper provider is no outlier for them."""
    base = h100(catalog)
    regions = [
        replace(base, offer=f"r{i}", provider="dear", usd_per_gpu_hour=20.0 + i) for i in range(9)
    ]
    odd = replace(base, offer="odd", provider="dear", usd_per_gpu_hour=100.0)
    assert not found(beside(catalog, *regions), "price far from the median")
    (finding,) = found(beside(catalog, *regions, odd), "price far from the median")
    assert finding.about == ("odd",)


def test_dear_spot(catalog: Catalog) -> None:
    """Held against on demand in the same region where both state one."""
    base = h100(catalog)
    spot = replace(base, offer="s", pricing="spot", region="us-east-1", usd_per_gpu_hour=7.0)
    (finding,) = found(beside(catalog, spot), "spot dearer than on demand")
    assert finding.about == ("s", "aws_h100_sxm_on_demand")
    dear = replace(base, offer="d", region="eu-west-1", usd_per_gpu_hour=9.0)
    near = replace(spot, region="eu-west-1")
    assert not found(beside(catalog, dear, near), "spot dearer than on demand")
    equal = beside(catalog, replace(spot, usd_per_gpu_hour=6.88))
    assert not found(equal, "spot dearer than on demand")


def test_duplicates(catalog: Catalog) -> None:
    """Two readings of one product; two products of one list on one day are none."""
    base = h100(catalog)
    same = replace(base, offer="x", usd_per_gpu_hour=base.usd_per_gpu_hour)
    assert [f.about for f in found(beside(catalog, same), "duplicates")] == [
        ("aws_h100_sxm_on_demand", "x")
    ]
    other_day = replace(base, offer="x", usd_per_gpu_hour=7.0, read_on=date(2026, 10, 1))
    assert found(beside(catalog, other_day), "duplicates")
    other_product = replace(base, offer="x", usd_per_gpu_hour=7.0)
    assert not found(beside(catalog, other_product), "duplicates")
    other_region = replace(same, region="eu-west-1")
    assert not found(beside(catalog, other_region), "duplicates")


def test_several_nodes_without_a_network(catalog: Catalog) -> None:
    """No fabric, or none of a known rate; TPUs have their own."""
    check = "several nodes without a network"
    assert not found(catalog, check)
    for cells in ({"fabric": "none"}, {"nic_gbps_per_gpu": None}):
        odd = changed(catalog, "aws_h100_sxm_on_demand", **cells)
        assert [finding.about for finding in found(odd, check)] == [("aws_h100_sxm_on_demand",)]
    one_node = changed(catalog, "aws_h100_sxm_on_demand", fabric="none", max_gpus=8)
    assert not found(one_node, check)


def test_old_prices(catalog: Catalog) -> None:
    """More than 60 days; the oldest is named."""
    odd = changed(catalog, "aws_h100_sxm_on_demand", read_on=date(2026, 9, 21))
    assert not found(odd, "old prices")
    (finding,) = found(odd, "old prices", date(2026, 11, 21))
    assert finding.says == "1 of 6 are older than 60 days; the oldest is of 2026-09-21"


def test_counts(catalog: Catalog) -> None:
    """Readings not confirmed, GPUs not sold, sources nobody can look at, judgments."""
    odd = changed(catalog, "aws_h100_sxm_on_demand", audit="doubtful")
    assert found(odd, "doubtful")[0].about == ("aws_h100_sxm_on_demand",)
    assert found(odd, "unaudited")[0].says == "1 of 6 offers"
    assert set(found(odd, "GPU models without an offer")[0].about) == {
        *("a100_sxm_80", "h100_pcie", "rtx_a6000", "b200_sxm", "l40s")
    }
    # Those of the planning defaults are lent by the shipped catalog.
    assert "guess" in found(odd, "sources without an address")[0].about
    assert found(odd, "largest cluster by judgment")[0].says.startswith("3 of 6 offers")


def test_the_shipped_catalog_has_no_fault_that_breaks_plans() -> None:
    """Networks for all fleets of several nodes, and no spot price above on demand."""
    shipped = load_catalog()
    for check in ("several nodes without a network", "spot dearer than on demand", "duplicates"):
        assert not found(shipped, check)
