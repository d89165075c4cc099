"""instances.json of ec2instances.info: machines with prices by region and platform, as strings."""

import re
from collections.abc import Iterator
from typing import Any

from catalog.csv_file import CatalogError
from catalog.refresh.lists.cloud import Cloud, Sold, field_of, objects, text_of
from catalog.refresh.machines import Machine
from catalog.units import HOURS_PER_YEAR

NO_LINUX = "no price for plain Linux: dedicated hosts and surcharges are none"
WITHOUT_GPUS = "Google's machines are listed at the price of cores and memory, without the GPUs"
ESTIMATE = "spot price without lowest and highest: an estimate from a percentage"
PARTIAL = "partial upfront: not known whether the prepayment is in the price"
HYBRID = "hybrid benefit: a discount for owned Windows licenses"
OTHER_COUNT = "GPUs of the machine differ from the table's"
OTHER_PLAN = "a plan that is not known"
_PLAN = re.compile(r"yrTerm([13])(Standard|Convertible|Savings)\.(no|partial|all)Upfront")
_PLANS = {"Standard": "standard", "Convertible": "convertible", "Savings": "savings plan"}
_PAID = {"no": "No Upfront", "all": "All Upfront, spread over the term"}


def read_ec2instances(name: str, data: Any, cloud: Cloud) -> None:
    """Add the machines of a list to ``cloud``; CatalogError where it is no such list."""
    machines = [one for one in objects(data) if "instance_type" in one and "pricing" in one]
    if not isinstance(data, list) or not machines:
        what = "no machines with 'instance_type' and 'pricing' in it; expected instances.json"
        raise CatalogError([f"{name}: {what}"])
    for where, one in cloud.items(name, machines):
        machine = _machine(where, one, cloud)
        if machine is None:
            continue
        pricing = one["pricing"] if isinstance(one["pricing"], dict) else {}
        for region, platforms in pricing.items():
            place = f"{where}: {machine.instance} in {region}"
            named = cloud.region(region, place)
            for sold in _sold(place, platforms, machine, cloud) if named else ():
                cloud.sell(place, machine, named, sold)


def _machine(where: str, one: dict[str, Any], cloud: Cloud) -> Machine | None:
    """The machine, with as many GPUs as the list says; None, and counted, for any other."""
    machine = cloud.machine(text_of(one["instance_type"]), where)
    if machine is None:
        return None
    if cloud.found.provider == "gcp":
        cloud.out(WITHOUT_GPUS, f"{where}: {machine.instance}", machine)
        return None
    stated = one.get("GPU", machine.gpus)
    if stated != machine.gpus:
        cloud.out(OTHER_COUNT, f"{where}: {machine.instance}: {stated}", machine)
        return None
    return machine


def _sold(where: str, platforms: Any, machine: Machine, cloud: Cloud) -> Iterator[Sold]:
    linux = field_of(platforms, "linux")
    if not isinstance(linux, dict):
        cloud.out(NO_LINUX, where)
        return
    usd = spot = None
    if "ondemand" in linux:
        usd = cloud.usd(linux["ondemand"], "USD", where, machine)
    if linux.get("spot_avg") not in (None, "", "N/A", "0"):
        if linux.get("spot_min") and linux.get("spot_max"):
            spot = cloud.usd(linux["spot_avg"], "USD", f"{where}: spot", machine)
        else:
            cloud.out(ESTIMATE, f"{where}: {linux['spot_avg']}")
    if usd is not None or spot is not None:
        yield Sold(usd, spot)
    reserved = linux.get("reserved")
    for plan, price in reserved.items() if isinstance(reserved, dict) else ():
        yield from _reserved(f"{where}: {plan}", plan, price, machine, cloud)


def _reserved(
    where: str, plan: str, price: object, machine: Machine, cloud: Cloud
) -> Iterator[Sold]:
    found = _PLAN.fullmatch(plan)
    if found is None:
        cloud.out(HYBRID if "hybrid" in plan.lower() else OTHER_PLAN, where)
        return
    years, kind, paid = int(found[1]), _PLANS[found[2]], found[3]
    if paid == "partial":
        cloud.out(PARTIAL, where)
        return
    usd = cloud.usd(price, "USD", where, machine)
    if usd is not None:
        yield Sold(usd, hours=years * HOURS_PER_YEAR, note=f"{kind}, {_PAID[paid]}")
