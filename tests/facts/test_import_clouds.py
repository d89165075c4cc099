"""The formats of large providers, in small files of the same form: each trap is a test.

Prices are made up.
"""

import json
import os
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from refresh_market import TODAY, tree, write_market

from catalog import CatalogError, Offer, load_catalog
from catalog.refresh.importing import Imported
from catalog.refresh.lists import aws_price_list, azure_retail, ec2instances, gcp_skus
from catalog.refresh.lists.cloud import ZERO
from catalog.refresh.lists.cloud_lists import import_cloud_list
from catalog.refresh.lists.importing import Given
from catalog.refresh.lists.words import BLOCK
from catalog.refresh.machines import NOT_KNOWN
from catalog.refresh.money import read_money
from catalog.refresh.prices import ROWS_DISAGREE, ZONES_DISAGREE

READ_ON = "2026-11-18"
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's catalog, not there yet."""
    folder = tmp_path / "mine"
    monkeypatch.setenv("SIXND_CATALOG", str(folder))
    return folder


def bring(
    folder: Path,
    kind: str,
    *lists: object,
    provider: str | None = None,
    fx: tuple[str, ...] = (),
    read_on: str | None = READ_ON,
) -> Imported:
    """Import these data, a file each; a text is written as it is."""
    paths = []
    for number, data in enumerate(lists):
        path = folder / f"list{number}.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        paths.append(str(path))
    market = write_market(folder / "shipped")
    given = Given(read_on, read_money(None, fx), provider, TODAY, shipped=market)
    return import_cloud_list(kind, paths, given)


def sold(home: Path) -> dict[tuple[str, str, float], Offer]:
    """The imported offers by region, pricing and commitment."""
    offers = [o for o in load_catalog(home, TODAY).offers if o.source.startswith("import_")]
    found: dict[tuple[str, str, float], Offer] = {
        (o.region, o.pricing, o.commitment_hours): o for o in offers
    }
    assert len(found) == len(offers)
    return found


def of_machine(home: Path, named: str) -> list[Offer]:
    """The imported offers of one machine, as their names have it."""
    return [o for o in load_catalog(home, TODAY).offers if named in o.offer]


def left_out(imported: Imported) -> dict[str, int]:
    """What was left out, counted."""
    return {reason.reason: reason.count for reason in imported.left_out}


# AWS

ATTRIBUTES = {
    "instanceType": "p5.48xlarge",
    "regionCode": "us-east-1",
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "capacitystatus": "Used",
    "preInstalledSw": "NA",
    "licenseModel": "No License required",
    "marketoption": "OnDemand",
    "usagetype": "BoxUsage:p5.48xlarge",
    "gpu": "8",
}


def product(sku: str, family: str = "Compute Instance", **changed: str) -> Json:
    """A row of products: the plain p5.48xlarge with these changes."""
    return {"sku": sku, "productFamily": family, "attributes": ATTRIBUTES | changed}


def dimensions(*priced: tuple[str, str], currency: str = "USD") -> Json:
    """The priceDimensions of one term: units and prices."""
    return {
        f"code{n}": {"unit": unit, "pricePerUnit": {currency: price}}
        for n, (unit, price) in enumerate(priced)
    }


def on_demand(price: str, currency: str = "USD") -> Json:
    """The term of a price on demand."""
    return {"code": {"priceDimensions": dimensions(("Hrs", price), currency=currency)}}


def reserved(length: str, option: str, *priced: tuple[str, str]) -> Json:
    """A term of a reservation."""
    stated = {"LeaseContractLength": length, "PurchaseOption": option, "OfferingClass": "standard"}
    return {"termAttributes": stated, "priceDimensions": dimensions(*priced)}


def aws(products: list[Json], prices: dict[str, Json], reservations: Json | None = None) -> Json:
    """An offer file with these rows and terms by SKU."""
    return {
        "formatVersion": "v1.0",
        "offerCode": "AmazonEC2",
        "publicationDate": "2026-11-10T20:15:38Z",
        "products": {one["sku"]: one for one in products},
        "terms": {"OnDemand": prices, "Reserved": reservations or {}},
    }


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


# Azure


def azure(**changed: Any) -> Json:
    """A row of the Retail Prices API: ND96isr H100 v5 on demand, with these changes."""
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": 96.0,
        "unitPrice": 96.0,
        "armRegionName": "eastus",
        "meterName": "ND96isr H100 v5",
        "productName": "Virtual Machines NDsr H100 v5 Series",
        "skuName": "ND96isr H100 v5",
        "serviceName": "Virtual Machines",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": "Standard_ND96isr_H100_v5",
    } | changed


def page(*items: Json) -> Json:
    """A page of rows."""
    return {"BillingCurrency": "USD", "Items": [*items], "NextPageLink": None, "Count": len(items)}


def test_azure_reservations_cost_a_whole_term(tmp_path: Path, home: Path) -> None:
    """Although their unit says '1 Hour'; savings plans are by the hour."""
    plans = [{"retailPrice": 64.0, "term": "1 Year"}, {"retailPrice": 40.0, "term": "3 Years"}]
    rows = (
        azure(savingsPlan=plans),
        azure(type="Reservation", reservationTerm="1 Year", retailPrice=560_640.0),
        azure(type="Reservation", reservationTerm="1 Month", retailPrice=99.0),
    )
    imported = bring(tmp_path, "azure-retail", page(*rows))
    offers = [o for o in load_catalog(home, TODAY).offers if o.provider == "azure"]
    assert sorted((o.pricing, o.commitment_hours, o.usd_per_gpu_hour) for o in offers) == [
        ("on_demand", 0, 12.0),
        ("reserved", 8760, 8.0),
        ("reserved", 8760, 8.0),
        ("reserved", 26280, 5.0),
    ]
    notes = {o.note.partition("; ")[2] for o in offers}
    assert any("reservation" in note for note in notes)
    assert any("savings plan" in note for note in notes)
    assert left_out(imported) == {azure_retail.OTHER_TERM: 1}


def test_azure_prices_of_today(tmp_path: Path, home: Path) -> None:
    """Dates around today, and one that ends with it, leave a price what it is."""
    day = TODAY.isoformat()
    dates = {"effectiveStartDate": f"{day}T00:00:00Z", "effectiveEndDate": f"{day}T23:59:59Z"}
    later = azure(effectiveStartDate="2027-03-01T00:00:00Z", retailPrice=140.0)
    imported = bring(tmp_path, "azure-retail", page(azure(**dates), later))
    assert [o.usd_per_gpu_hour for o in sold(home).values()] == [12.0]
    assert left_out(imported) == {azure_retail.NOT_YET: 1}


def test_azure_rows_that_disagree(tmp_path: Path, home: Path) -> None:
    """Are rows of one region, not its zones; the highest is what one pays at most."""
    imported = bring(tmp_path, "azure-retail", page(azure(), azure(retailPrice=120.0)))
    assert [o.usd_per_gpu_hour for o in sold(home).values()] == [15.0]
    said = {note.reason for note in imported.notes}
    assert ROWS_DISAGREE in said
    assert ZONES_DISAGREE not in said


def test_azure_spot(tmp_path: Path, home: Path) -> None:
    """Has no field: the names end in Spot."""
    spot = {"skuName": "ND96isr H100 v5 Spot", "meterName": "ND96isr H100 v5 Spot"}
    bring(tmp_path, "azure-retail", page(azure(), azure(**spot, retailPrice=24.0)))
    found = sold(home)
    assert found["eastus", "spot", 0].usd_per_gpu_hour == 3.0
    assert found["eastus", "on_demand", 0].usd_per_gpu_hour == 12.0


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"productName": "Virtual Machines NDsr H100 v5 Series Windows"}, azure_retail.WINDOWS),
        ({"meterName": "ND96isr H100 v5 Low Priority"}, azure_retail.LOW_PRIORITY),
        ({"type": "DevTestConsumption"}, azure_retail.OTHER_TYPE),
        ({"isPrimaryMeterRegion": False}, azure_retail.SECONDARY),
        ({"unitOfMeasure": "1 GB/Month"}, azure_retail.OTHER_UNIT),
        ({"serviceName": "Azure Machine Learning"}, azure_retail.OTHER_SERVICE),
        ({"productName": "NDsr H100 v5 Series Cloud Services"}, azure_retail.OTHER_SERVICE),
        ({"tierMinimumUnits": 100.0}, azure_retail.TIERED),
        ({"effectiveStartDate": "2027-03-01T00:00:00Z"}, azure_retail.NOT_YET),
        ({"effectiveEndDate": "2026-06-30T00:00:00Z"}, azure_retail.ENDED),
        ({"effectiveEndDate": f"{TODAY.isoformat()}T00:00:00Z"}, azure_retail.ENDED),
        ({"effectiveStartDate": "soon"}, azure_retail.BAD_DATE),
        ({"retailPrice": 0.0}, ZERO),
        ({"armSkuName": "Standard_D4ds_v5"}, NOT_KNOWN),
        ({"currencyCode": "EUR"}, "price in EUR: expected USD, or its rate in --fx EUR=..."),
        ({"retailPrice": "=1+1"}, "price is not a number"),
        ({"armRegionName": "<script>"}, "no region"),
    ],
)
def test_azure_rows_beside_the_plain_machine(
    tmp_path: Path, home: Path, changed: Json, reason: str
) -> None:
    """Each is another thing at a lower price."""
    rows = page(azure(), azure(**{"retailPrice": 8.0} | changed))
    imported = bring(tmp_path, "azure-retail", rows)
    assert [o.usd_per_gpu_hour for o in sold(home).values()] == [12.0]
    assert left_out(imported) == {reason: 1}


@pytest.mark.parametrize(
    "pages",
    [
        lambda a, b: json.dumps([page(a), page(b)]),
        lambda a, b: f"{json.dumps(page(a))}\n{json.dumps(page(b))}\n",
        lambda a, b: json.dumps([a, b]),
    ],
)
def test_azure_pages(tmp_path: Path, home: Path, pages: Callable[[Json, Json], str]) -> None:
    """In an array, a line each, or their rows alone."""
    text = pages(azure(), azure(armRegionName="ukwest", retailPrice=120.0))
    bring(tmp_path, "azure-retail", text)
    assert {o.region for o in sold(home).values()} == {"eastus", "ukwest"}


# ec2instances.info


def listed_machine(linux: object, **changed: Any) -> Json:
    """A machine with prices for one region and Linux, beside surcharges and dedicated hosts."""
    platforms = {"linux": linux, "dedicated": {"ondemand": "99"}, "emr": {"emr": "6.669"}}
    one = {"instance_type": "p5.48xlarge", "GPU": 8.0, "GPU_memory": 640, "pretty_name": "P5"}
    return one | {"pricing": {"us-east-1": platforms}} | changed


LINUX = {
    "ondemand": "56.0",
    "spot_min": "20.0",
    "spot_max": "28.0",
    "spot_avg": "24.000000",
    "reserved": {
        "yrTerm1Standard.noUpfront": "40",
        "yrTerm3Standard.allUpfront": "24",
        "yrTerm1Standard.partialUpfront": "20",
        "yrTerm3Savings.hybridbenefit": "1",
    },
}


def test_ec2instances(tmp_path: Path, home: Path) -> None:
    """Prices are strings, of a machine; dedicated hosts and surcharges are none."""
    imported = bring(tmp_path, "ec2instances", [listed_machine(LINUX)], provider="aws")
    found = {(pricing, hours): o for (_, pricing, hours), o in sold(home).items()}
    assert {key: o.usd_per_gpu_hour for key, o in found.items()} == {
        ("on_demand", 0): 7.0,
        ("spot", 0): 3.0,
        ("reserved", 8760): 5.0,
        ("reserved", 26280): 3.0,
    }
    assert left_out(imported) == {ec2instances.PARTIAL: 1, ec2instances.HYBRID: 1}


@pytest.mark.parametrize(
    ("linux", "reason"),
    [
        ({"ondemand": "0"}, ZERO),
        ({"spot_avg": "4.1"}, ec2instances.ESTIMATE),
        ("6.669", ec2instances.NO_LINUX),
        (None, ec2instances.NO_LINUX),
        ({"ondemand": "=1+1"}, "price is not a number"),
    ],
)
def test_ec2instances_without_a_price(
    tmp_path: Path, home: Path, linux: object, reason: str
) -> None:
    """'0' is how a machine without a price begins; a spot price alone may be an estimate."""
    imported = bring(tmp_path, "ec2instances", [listed_machine(linux)], provider="aws")
    assert (imported.difference, left_out(imported)) == (None, {reason: 1})


def test_ec2instances_of_google_have_no_gpus_in_the_price(tmp_path: Path, home: Path) -> None:
    """Cores and memory alone."""
    one = listed_machine({"ondemand": "9"}, instance_type="a3-highgpu-8g")
    imported = bring(tmp_path, "ec2instances", [one], provider="gcp")
    assert left_out(imported) == {ec2instances.WITHOUT_GPUS: 1}
    assert not home.exists()


@pytest.mark.parametrize("name", ["nd96isrh100v5", "ND96isr H100 v5", "Standard_ND96isr_H100_v5"])
def test_ec2instances_of_azure(tmp_path: Path, home: Path, name: str) -> None:
    """However the machine is spelled."""
    one = listed_machine({"ondemand": "96"}, instance_type=name)
    bring(tmp_path, "ec2instances", [one], provider="azure")
    (offer,) = sold(home).values()
    assert (offer.gpu, offer.usd_per_gpu_hour) == ("h100_sxm", 12.0)


def test_ec2instances_asks_whose_machines(tmp_path: Path) -> None:
    """The file does not say."""
    with pytest.raises(CatalogError, match="does not say whose machines it has; expected one of"):
        bring(tmp_path, "ec2instances", [listed_machine(LINUX)])
    with pytest.raises(CatalogError, match="'lambda'; expected one of aws, azure, gcp"):
        bring(tmp_path, "ec2instances", [listed_machine(LINUX)], provider="Lambda")


def test_ec2instances_with_other_gpus(tmp_path: Path, home: Path) -> None:
    """A machine that is not what its name says elsewhere."""
    imported = bring(tmp_path, "ec2instances", [listed_machine(LINUX, GPU=4.0)], provider="aws")
    assert left_out(imported) == {ec2instances.OTHER_COUNT: 1}


# Google


def sku(
    described: str, usd: float, usage: str = "OnDemand", unit: str = "h", **changed: Any
) -> Json:
    """A SKU of one part."""
    units, nanos = divmod(round(usd * 1e9), 10**9)
    price = {"currencyCode": "USD", "units": str(units), "nanos": nanos}
    expression = {
        "usageUnit": unit,
        "tieredRates": [{"startUsageAmount": 0, "unitPrice": price | changed}],
    }
    return {
        "description": described,
        "category": {"resourceFamily": "Compute", "usageType": usage},
        "serviceRegions": ["us-central1", "europe-west4"],
        "pricingInfo": [{"pricingExpression": expression}],
    }


A3 = [
    sku("A3 Instance Core running in Americas", 0.03),
    sku("A3 Instance Ram running in Americas", 0.002, unit="GiBy.h"),
    sku("Nvidia H100 80GB GPU running in Americas", 9.5),
    sku("SSD backed Local Storage", 0.0803, unit="GiBy.mo"),
]
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


# All of them

GOOD = {
    "aws-price-list": aws([product("A")], {"A": on_demand("56")}),
    "azure-retail": page(azure()),
    "ec2instances": [listed_machine(LINUX)],
    "gcp-skus": {"skus": A3},
}


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "in it; expected"),
        ("[]", "in it; expected"),
        ("[1, null, []]", "in it; expected"),
        ('{"products": 1, "Items": {"a": 1}, "skus": "x"}', "in it; expected"),
        ("a,b\n1,2\n", "not JSON"),
        ('{"a": ', "is it cut off?"),
        ("<!doctype html><p>", "it looks like a web page or XML"),
        ("InstanceType,AcceleratorName\n", "sixnd catalog import skypilot FILE"),
    ],
)
def test_files_that_are_none(tmp_path: Path, home: Path, kind: str, text: str, said: str) -> None:
    """One line that says what was expected; the catalog is as it was."""
    provider = "aws" if kind == "ec2instances" else None
    bring(tmp_path, kind, GOOD[kind], provider=provider)
    before = tree(home)
    with pytest.raises(CatalogError) as raised:
        bring(tmp_path, kind, text, provider=provider)
    assert said in str(raised.value)
    assert len(raised.value.mistakes) == 1
    assert tree(home) == before


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("other", GOOD)
def test_the_importer_that_comes_nearest(tmp_path: Path, home: Path, kind: str, other: str) -> None:
    """Is named where a list is given to another."""
    provider = "aws" if kind == "ec2instances" else None
    if kind == other:
        assert bring(tmp_path, kind, GOOD[kind], provider=provider).difference is not None
        return
    with pytest.raises(CatalogError, match=f"sixnd catalog import {other} FILE"):
        bring(tmp_path, kind, GOOD[other], provider=provider)


@pytest.mark.parametrize(
    ("kind", "do"), [("aws-price-list", "jq"), ("azure-retail", "filter"), ("gcp-skus", "keep")]
)
def test_500_mb_are_refused_with_what_to_do(tmp_path: Path, home: Path, kind: str, do: str) -> None:
    """Before a byte of it is read."""
    path = tmp_path / "index.json"
    with path.open("wb") as stream:
        stream.truncate(500_000_000)
    with pytest.raises(CatalogError, match=f"500 MB; expected at most 64 MB; .*{do}"):
        import_cloud_list(kind, [str(path)], Given(READ_ON, today=TODAY))
    assert not home.exists()


def test_all_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """At once."""
    with pytest.raises(CatalogError) as raised:
        bring(tmp_path, "azure-retail", "{", "x", page(azure()))
    assert len(raised.value.mistakes) == 2


def changed(data: Any, chance: random.Random) -> Any:
    """The data with one value, at any depth, put wrong."""
    wrong: tuple[Any, ...] = (
        None,
        True,
        0,
        -1,
        1e400,
        "",
        "x",
        "=1+1",
        [],
        {},
        [None],
        "9" * 400,
        10**400,
    )
    if isinstance(data, dict | list) and data and chance.random() < 0.9:
        keys = [*data] if isinstance(data, dict) else [*range(len(data))]
        key = chance.choice(keys)
        held = dict(data) if isinstance(data, dict) else list(data)
        held[key] = changed(data[key], chance)
        return held
    return chance.choice(wrong)


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("seed", range(10))
def test_damaged_lists_are_read_or_refused(
    tmp_path: Path, home: Path, kind: str, seed: int
) -> None:
    """Whatever stands where, there is no other error, and a catalog that loads is left."""
    chance, data = random.Random(seed), GOOD[kind]
    for _ in range(chance.randint(1, 5)):
        data = changed(data, chance)
    with suppress(CatalogError):
        bring(tmp_path, kind, data, provider="aws" if kind == "ec2instances" else None)
    if home.exists():
        assert load_catalog(home, TODAY).offers
