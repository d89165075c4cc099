"""Answers of Azure's Retail Prices API: pages of rows, a row a meter.

The price of a reservation is that of its whole term, although its unit says '1 Hour' as well.
"""

from collections.abc import Iterator
from typing import Any

from catalog.csv_file import CatalogError
from catalog.refresh.lists.cloud import Cloud, Sold, objects, text_of
from catalog.refresh.lists.words import read_day
from catalog.refresh.machines import Machine
from catalog.units import HOURS_PER_YEAR
from catalog.vocabulary import squeezed

WINDOWS = "Windows: the license is in the price"
LOW_PRIORITY = "Low Priority: the older kind of spot, for batch pools"
SECONDARY = "secondary meter of the region"
OTHER_TYPE = "type is neither Consumption nor Reservation"
OTHER_UNIT = "unit is not '1 Hour'"
OTHER_SERVICE = "not of the service Virtual Machines"
OTHER_TERM = "term is not of whole years"
NOT_YET = "effectiveStartDate is ahead of today: not the price yet"
ENDED = "effectiveEndDate has passed: the price no more"
BAD_DATE = "effective date cannot be read: the price may be of another time"
TIERED = "price of a higher tier"
_YEARS = {"1 Year": 1, "3 Years": 3, "5 Years": 5}
KEEP_MACHINES = (
    "ask for less: $filter=serviceName eq 'Virtual Machines' and armRegionName eq '...', or "
    "contains(armSkuName, 'Standard_N')"
)


def read_azure(name: str, data: Any, cloud: Cloud) -> None:
    """Add the rows of one page or several to ``cloud``; CatalogError where there are none."""
    items = [item for page in _pages(data) for item in objects(page.get("Items"))]
    if not items:
        what = "no 'Items' in it; expected answers of the Retail Prices API, as JSON or JSON lines"
        raise CatalogError([f"{name}: {what}"])
    for where, item in cloud.items(name, items):
        machine = _machine(where, item, cloud)
        region = cloud.region(item.get("armRegionName"), where) if machine else ""
        if machine is not None and region:
            place = f"{where}: {machine.instance}"
            for sold in _sold(place, item, machine, cloud):
                cloud.sell(place, machine, region, sold)


def _pages(data: Any) -> list[dict[str, Any]]:
    """Pages as they come, alone or in an array; an array of rows is one page."""
    if isinstance(data, list) and not any("Items" in page for page in objects(data)):
        return [{"Items": data}] if any("armSkuName" in row for row in objects(data)) else []
    return objects(data if isinstance(data, list) else [data])


def _machine(where: str, item: dict[str, Any], cloud: Cloud) -> Machine | None:
    """The row's machine on Linux; None, and counted, for any other row."""
    if item.get("serviceName", "Virtual Machines") != "Virtual Machines":
        cloud.out(OTHER_SERVICE, f"{where}: {text_of(item.get('serviceName'))}")
        return None
    machine = cloud.machine(text_of(item.get("armSkuName")), where)
    if machine is None:
        return None
    meter = f"{text_of(item.get('skuName'))} {text_of(item.get('meterName'))}"
    product = text_of(item.get("productName"))
    reasons = (
        (item.get("type") not in ("Consumption", "Reservation"), OTHER_TYPE),
        ("Windows" in product, WINDOWS),
        ("cloudservices" in squeezed(product), OTHER_SERVICE),
        ("Low Priority" in meter, LOW_PRIORITY),
        (item.get("isPrimaryMeterRegion") is False, SECONDARY),
        (text_of(item.get("unitOfMeasure")) != "1 Hour", OTHER_UNIT),
        (item.get("tierMinimumUnits", 0) not in (0, 0.0), TIERED),
    )
    reason = next((said for applies, said in reasons if applies), None) or _another_time(
        item, cloud
    )
    if reason is not None:
        cloud.out(reason, f"{where}: {machine.instance}: {meter.strip()}")
        return None
    return machine


def _another_time(item: dict[str, Any], cloud: Cloud) -> str | None:
    """Why a row is no price of today; None where it is one, or has no dates."""
    start, end = (item.get(f"effective{which}Date") for which in ("Start", "End"))
    try:
        starts = read_day(str(start)) if start else cloud.today
        ends = read_day(str(end)) if end else None
    except ValueError:
        return BAD_DATE
    if starts > cloud.today:
        return NOT_YET
    # A price that ends today at midnight was yesterday's.
    is_over = ends == cloud.today and "T00:00:00" in str(end)
    return ENDED if ends is not None and (ends < cloud.today or is_over) else None


def _sold(where: str, item: dict[str, Any], machine: Machine, cloud: Cloud) -> Iterator[Sold]:
    currency = text_of(item.get("currencyCode")) or "USD"
    usd = cloud.usd(item.get("retailPrice"), currency, where, machine)
    if item["type"] == "Reservation":
        term = text_of(item.get("reservationTerm"))
        if term not in _YEARS:
            cloud.out(OTHER_TERM, f"{where}: {term or 'none'}", machine)
        elif usd is not None:
            hours = _YEARS[term] * HOURS_PER_YEAR
            yield Sold(usd / hours, hours=hours, note=cloud.note(currency, "reservation"))
        return
    meter = f"{text_of(item.get('skuName'))} {text_of(item.get('meterName'))}"
    is_spot = "Spot" in meter.split()
    if usd is not None:
        note = cloud.note(currency)
        yield Sold(None if is_spot else usd, usd if is_spot else None, note=note)
    for plan in [] if is_spot else objects(item.get("savingsPlan")):
        yield from _savings(where, plan, currency, machine, cloud)


def _savings(
    where: str, plan: dict[str, Any], currency: str, machine: Machine, cloud: Cloud
) -> Iterator[Sold]:
    """A savings plan: its price is one of an hour."""
    term = text_of(plan.get("term"))
    if term not in _YEARS:
        cloud.out(OTHER_TERM, f"{where}: savings plan of {term or 'none'}", machine)
        return
    usd = cloud.usd(plan.get("retailPrice"), currency, where, machine)
    if usd is not None:
        note = cloud.note(currency, "savings plan")
        yield Sold(usd, hours=_YEARS[term] * HOURS_PER_YEAR, note=note)
