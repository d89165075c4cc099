"""AWS's price list in small files of its form: each trap is a test.

Prices are made up.
"""

import os
from datetime import datetime
from pathlib import Path

import pytest
from cloud_cases import READ_ON, aws, bring, on_demand, product, reserved, sold
from refresh_market import TODAY, left_out

from catalog.refresh.lists import aws_price_list
from catalog.refresh.lists.cloud import ZERO
from catalog.refresh.lists.cloud_lists import import_cloud_list
from catalog.refresh.lists.importing import Given
from catalog.refresh.machines import NOT_KNOWN

pytestmark = pytest.mark.usefixtures("home")


def test_aws_machine(tmp_path: Path, home: Path) -> None:
    """One price a GPU, with the network of the shipped offer and no contract."""
    imported = bring(tmp_path, "aws-price-list", aws([product("A")], {"A": on_demand("56.0")}))
    (offer,) = sold(home).values()
    assert (offer.provider, offer.gpu, offer.gpus_per_node) == ("aws", "h100_sxm", 8)
    assert (offer.usd_per_gpu_hour, offer.region) == (7.0, "us-east-1")
    assert offer.cluster_class == "hyperscaler_rdma"
    assert (left_out(imported), imported.providers[0].rows) == ({}, 1)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"marketoption": "CapacityBlock"}, aws_price_list.CAPACITY_BLOCK),
        ({"operatingSystem": "Windows"}, "operatingSystem is not Linux"),
        ({"operatingSystem": "RHEL"}, "operatingSystem is not Linux"),
        ({"tenancy": "Dedicated"}, "tenancy is not Shared"),
        ({"tenancy": "Host"}, "tenancy is not Shared"),
        ({"capacitystatus": "UnusedCapacityReservation"}, "capacitystatus is not Used"),
        ({"capacitystatus": "AllocatedHost"}, "capacitystatus is not Used"),
        ({"preInstalledSw": "SQL Std"}, "preInstalledSw is not NA"),
        ({"licenseModel": "Bring your own license"}, "licenseModel is not No License required"),
        ({"usagetype": "ReservedHostUsage:p5.48xlarge"}, aws_price_list.NOT_BOX_USAGE),
        ({"usagetype": "HostBoxUsage:p5.48xlarge"}, aws_price_list.NOT_BOX_USAGE),
        ({"instanceType": "m7i.large"}, NOT_KNOWN),
        ({"regionCode": ""}, "no region"),
    ],
)
def test_aws_rows_beside_the_plain_machine(
    tmp_path: Path, home: Path, changed: dict[str, str], reason: str
) -> None:
    """They repeat its price, or have a lower one that nobody can rent at."""
    rows = [product("A"), product("B", **changed)]
    prices = {"A": on_demand("56"), "B": on_demand("16")}
    imported = bring(tmp_path, "aws-price-list", aws(rows, prices))
    assert [o.usd_per_gpu_hour for o in sold(home).values()] == [7.0]
    assert left_out(imported) == {reason: 1}


def test_aws_region_prefixes_and_lists_of_before_capacity_blocks(
    tmp_path: Path, home: Path
) -> None:
    """APN1-BoxUsage is plain, and so is a row without marketoption."""
    row = product("A", usagetype="APN1-BoxUsage:p5.48xlarge", regionCode="ap-northeast-1")
    del row["attributes"]["marketoption"]
    bring(tmp_path, "aws-price-list", aws([row], {"A": on_demand("64")}))
    assert [o.region for o in sold(home).values()] == ["ap-northeast-1"]


def test_aws_zeros_are_no_prices(tmp_path: Path, home: Path) -> None:
    """What a reservation covers is listed at nothing."""
    prices = {"A": on_demand("0.0000000000"), "B": on_demand("56")}
    imported = bring(tmp_path, "aws-price-list", aws([product("A"), product("B")], prices))
    assert [o.usd_per_gpu_hour for o in sold(home).values()] == [7.0]
    assert left_out(imported) == {ZERO: 1}


def test_aws_reservations(tmp_path: Path, home: Path) -> None:
    """What is paid in advance is spread over the term, and said; it is no cost on top."""
    terms = {
        "a": reserved("1yr", "No Upfront", ("Hrs", "40")),
        "b": reserved("3yr", "All Upfront", ("Hrs", "0.0"), ("Quantity", "630720")),
        "c": reserved("5yr", "No Upfront", ("Hrs", "1")),
        "d": reserved("3yr", "All Upfront", ("Hrs", "0.0"), ("Quantity", "0")),
    }
    listed = aws([product("A")], {"A": on_demand("56")}, {"A": terms})
    imported = bring(tmp_path, "aws-price-list", listed)
    found = sold(home)
    one, three = (found["us-east-1", "reserved", hours] for hours in (8760, 26280))
    assert (one.usd_per_gpu_hour, one.upfront_usd_per_gpu) == (5.0, 0)
    # 630,720 USD over 26,280 hours are 24 USD an hour, 3 a GPU.
    assert (three.usd_per_gpu_hour, three.upfront_usd_per_gpu) == (3.0, 0)
    assert "All Upfront, standard; 78840 USD a GPU of it in advance" in three.note
    assert three.offer == "aws_h100_sxm_reserved_3y_8x_p5_48xlarge_us_east_1"
    assert one.cluster_class == "hyperscaler_rdma"
    assert left_out(imported) == {aws_price_list.NO_TERM: 1, "reservation without a price": 1}


def test_aws_partial_upfront(tmp_path: Path, home: Path) -> None:
    """Both dimensions count: 8 an hour and 70,080 a year are 16 an hour."""
    term = {"a": reserved("1yr", "Partial Upfront", ("Hrs", "8"), ("Quantity", "70080"))}
    bring(tmp_path, "aws-price-list", aws([product("A")], {}, {"A": term}))
    assert sold(home)["us-east-1", "reserved", 8760].usd_per_gpu_hour == 2.0


def test_aws_in_china_needs_a_rate(tmp_path: Path, home: Path) -> None:
    """CNY is not USD."""
    listed = aws([product("A", regionCode="cn-north-1")], {"A": on_demand("400", "CNY")})
    imported = bring(tmp_path, "aws-price-list", listed)
    assert (imported.difference, home.exists()) == (None, False)
    assert list(left_out(imported)) == ["price in CNY: expected USD, or its rate in --fx CNY=..."]
    bring(tmp_path, "aws-price-list", listed, fx=("CNY=0.14",))
    (offer,) = sold(home).values()
    assert (offer.usd_per_gpu_hour, "converted from CNY at 0.14 USD" in offer.note) == (7.0, True)


def test_aws_files_of_several_regions(tmp_path: Path, home: Path) -> None:
    """Are one list."""
    lists = [
        aws([product("A", regionCode=region)], {"A": on_demand(usd)})
        for region, usd in (("us-east-1", "56"), ("eu-west-2", "72"))
    ]
    imported = bring(tmp_path, "aws-price-list", *lists)
    assert {o.region: o.usd_per_gpu_hour for o in sold(home).values()} == {
        "us-east-1": 7.0,
        "eu-west-2": 9.0,
    }
    assert imported.providers[0].source.endswith("and 1 more")


def test_aws_day(tmp_path: Path, home: Path) -> None:
    """That of the publication, unless a day is given."""
    listed = aws([product("A")], {"A": on_demand("56")})
    bring(tmp_path, "aws-price-list", listed)
    assert {o.read_on.isoformat() for o in sold(home).values()} == {READ_ON}
    path, stamp = tmp_path / "list0.json", datetime(2026, 11, 18, 12).timestamp()
    os.utime(path, (stamp, stamp))
    given = Given(today=TODAY, shipped=tmp_path / "shipped")
    home.rename(tmp_path / "before")
    import_cloud_list("aws-price-list", [str(path)], given)
    assert {o.read_on.isoformat() for o in sold(home).values()} == {"2026-11-10"}
