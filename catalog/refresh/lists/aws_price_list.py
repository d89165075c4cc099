"""The AWS Price List: AmazonEC2's offer file of one region, in JSON.

A machine has dozens of rows that differ in what comes with it and in how it is paid. One of them
is the price on demand; those of its reservations hang on the same SKU.
"""

import re
from collections.abc import Iterator
from math import inf
from typing import Any

from catalog.columns import number
from catalog.csv_file import CatalogError
from catalog.refresh.lists.cloud import Cloud, Sold, field_of, objects, text_of
from catalog.refresh.machines import Machine
from catalog.units import HOURS_PER_YEAR

CAPACITY_BLOCK = "capacity block: sold for given days, not on demand"
NO_TERM = "reservation of a length that is not 1yr or 3yr"
NOT_BOX_USAGE = "usagetype is not BoxUsage"
_FAMILY = "Compute Instance"
# What the plain machine has; marketoption is missing in lists of before capacity blocks.
_PLAIN = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "capacitystatus": "Used",
    "preInstalledSw": "NA",
    "licenseModel": "No License required",
}
_BOX_USAGE = re.compile(r"(?:[A-Z0-9]+-)?BoxUsage(?::|$)")
_YEARS = {"1yr": 1, "3yr": 3}
# Keeps the machines with GPUs and their terms: a few MB of hundreds.
ONLY_GPUS = (
    "cut it to the machines with GPUs first: jq '(.products |= with_entries("
    "select(.value.attributes.gpu))) | .products as $p | .terms |= map_values(with_entries("
    "select($p[.key])))' index.json > gpus.json"
)


def read_aws(name: str, data: Any, cloud: Cloud) -> None:
    """Add the machines of a list to ``cloud``; CatalogError where it is no such list."""
    products, terms = field_of(data, "products"), field_of(data, "terms")
    if not isinstance(products, dict) or not isinstance(terms, dict):
        what = "no 'products' and 'terms' in it; expected the offer file of AmazonEC2 in JSON"
        raise CatalogError([f"{name}: {what}"])
    for sku, product in products.items():
        cloud.found.rows += 1
        machine = _machine(f"{name}: {sku}", product, cloud)
        if machine is None:
            continue
        attributes = product["attributes"]
        where = f"{name}: {sku}: {machine.instance}"
        region = cloud.region(attributes.get("regionCode"), where)
        if region:
            for sold in _sold(where, sku, terms, machine, cloud):
                cloud.sell(where, machine, region, sold)


def _machine(where: str, product: Any, cloud: Cloud) -> Machine | None:
    """The product's machine, plain and on Linux; None, and counted, for any other row."""
    attributes = field_of(product, "attributes")
    family = text_of(field_of(product, "productFamily"))
    if not isinstance(attributes, dict) or not family.startswith(_FAMILY):
        cloud.out(f"not of the family {_FAMILY!r}", f"{where}: {family or 'none'}")
        return None
    machine = cloud.machine(text_of(attributes.get("instanceType")), where)
    if machine is None:
        return None
    market = attributes.get("marketoption", "OnDemand")
    if market != "OnDemand":
        known = market == "CapacityBlock"
        reason = CAPACITY_BLOCK if known else "marketoption is not OnDemand"
        cloud.out(reason, f"{where}: {machine.instance}: {market}")
        return None
    for key, expected in _PLAIN.items():
        if attributes.get(key) != expected:
            said = f"{where}: {machine.instance}: {attributes.get(key)}"
            cloud.out(f"{key} is not {expected}", said)
            return None
    usage = text_of(attributes.get("usagetype"))
    if not _BOX_USAGE.match(usage):
        cloud.out(NOT_BOX_USAGE, f"{where}: {machine.instance}: {usage}")
        return None
    return machine


def _sold(
    where: str, sku: str, terms: dict[str, Any], machine: Machine, cloud: Cloud
) -> Iterator[Sold]:
    """The price on demand and those of the reservations of a SKU."""
    for term in objects(field_of(terms, "OnDemand", sku)):
        for dimension in objects(term.get("priceDimensions")):
            usd = _usd(where, dimension, machine, cloud)
            if usd is not None and dimension.get("unit") == "Hrs":
                yield Sold(usd, note=cloud.note(_price(dimension)[0]))
    for term in objects(field_of(terms, "Reserved", sku)):
        sold = _reserved(where, term, machine, cloud)
        if sold is not None:
            yield sold


def _reserved(where: str, term: dict[str, Any], machine: Machine, cloud: Cloud) -> Sold | None:
    """A reservation at what it comes to an hour; what is paid up front is spread over the term."""
    stated = term.get("termAttributes")
    length = text_of(field_of(stated, "LeaseContractLength"))
    option = text_of(field_of(stated, "PurchaseOption"))
    offering = text_of(field_of(stated, "OfferingClass"))
    if length not in _YEARS:
        cloud.out(NO_TERM, f"{where}: {length or 'none'}", machine)
        return None
    hours = _YEARS[length] * HOURS_PER_YEAR
    hourly, upfront, currency = 0.0, 0.0, "USD"
    for dimension in objects(term.get("priceDimensions")):
        if _number(dimension) == 0:
            continue  # the hourly price of All Upfront, or the sum of No Upfront
        currency = _price(dimension)[0]
        usd = _usd(where, dimension, machine, cloud)
        if usd is None:
            return None
        if dimension.get("unit") == "Quantity":
            upfront += usd
        else:
            hourly += usd
    if not hourly and not upfront:
        cloud.out("reservation without a price", f"{where}: {length} {option}", machine)
        return None
    said = ", ".join(one for one in (option, offering) if one.replace(" ", "").isalpha())
    paid = f"{upfront / machine.gpus:.0f} USD a GPU of it in advance" if upfront else ""
    return Sold(hourly + upfront / hours, hours=hours, note=cloud.note(currency, said, paid))


def _usd(where: str, dimension: dict[str, Any], machine: Machine, cloud: Cloud) -> float | None:
    currency, price = _price(dimension)
    return cloud.usd(price, currency, where, machine)


def _number(dimension: dict[str, Any]) -> float:
    """The number of a dimension, whatever its currency; -1 where it is none."""
    try:
        return number(_price(dimension)[1], 0, inf, low_is_open=False)
    except ValueError:
        return -1.0


def _price(dimension: dict[str, Any]) -> tuple[str, str]:
    """Currency and price of a dimension; USD where it has several."""
    stated = dimension.get("pricePerUnit")
    prices = stated if isinstance(stated, dict) else {}
    currency = "USD" if "USD" in prices or not prices else str(next(iter(prices)))
    return currency, str(prices.get(currency, ""))
