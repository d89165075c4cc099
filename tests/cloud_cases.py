"""Lists of large providers, a row or a machine at a time, and how tests import them.

Prices are made up.
"""

import json
from pathlib import Path
from typing import Any

from refresh_market import TODAY, write_market

from catalog import Offer, load_catalog
from catalog.refresh.importing import Imported
from catalog.refresh.lists.cloud_lists import import_cloud_list
from catalog.refresh.lists.importing import Given
from catalog.refresh.money import read_money

READ_ON = "2026-11-18"
Json = dict[str, Any]


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

# A list of each kind that can be read.
GOOD = {
    "aws-price-list": aws([product("A")], {"A": on_demand("56")}),
    "azure-retail": page(azure()),
    "ec2instances": [listed_machine(LINUX)],
    "gcp-skus": {"skus": A3},
}
