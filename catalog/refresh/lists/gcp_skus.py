"""SKUs of Google's Cloud Billing Catalog (v1): parts, which add up to machines.

A machine is its GPUs, vCPUs, memory and the local SSD that comes with it, all four sold the same
way in the same region. What the description calls calendar mode or flex start is another product,
although its usage type says OnDemand.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from catalog.columns import whole_number
from catalog.csv_file import CatalogError
from catalog.refresh.cells import plain
from catalog.refresh.lists.cloud import Cloud, Sold, field_of, objects, text_of
from catalog.refresh.lists.words import BLOCK
from catalog.refresh.machines import Machine
from catalog.units import HOURS_PER_MONTH, HOURS_PER_YEAR

NOT_A_PART = "not a part of a GPU machine"
OTHER_PRODUCT = "reserved, custom, premium, sole-tenant or suspended: another product"
SLICE = "slice of a machine: not stated what of it is in the price"
OTHER_UNIT = "unit of the part is not the usual one"
OTHER_USAGE = "usage type not known"
MISSING = "part without a price in the region"
BAD_PRICE = "price cannot be read"
TWO_PRICES = "two prices for one part: the higher counts"

_BLOCK = re.compile(r"calendar|dws|defined duration|flex[ -]?start", re.IGNORECASE)
_OTHER = re.compile(r"\b(reserved|custom|premium|sole tenancy|suspended)\b", re.IGNORECASE)
_SLICE = re.compile(r"gpu slice", re.IGNORECASE)
_GPU = re.compile(
    r"nvidia (?:tesla )?(h100 80gb (?:mega|plus)|h100 80gb|h200(?: 141gb)?|a100 80gb|a100|b200)"
    r"(?: [0-9]+gb)? gpu\b",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"\b(a2|a3|a4)[ -]?(plus|mega|ultra)?(?: instance)? (core|cpu|ram)\b", re.IGNORECASE
)
_SSD = re.compile(r"ssd backed local storage|\blocal ssd\b", re.IGNORECASE)
_USAGES = {"OnDemand": 0, "Preemptible": 0, "Commit1Yr": 1, "Commit3Yr": 3}
_UNITS = {"gpu": {"h": 1}, "core": {"h": 1}, "ram": {"GiBy.h": 1}}
_UNITS["ssd"] = {"GiBy.mo": HOURS_PER_MONTH, "GiBy.h": 1}
# Machine series by the beginning of its name: how descriptions call its host and its GPU.
_SERIES = {
    "a2-highgpu": ("a2", "a100"),
    "a2-megagpu": ("a2", "a100"),
    "a2-ultragpu": ("a2", "a100 80gb"),
    "a3-highgpu": ("a3", "h100 80gb"),
    "a3-megagpu": ("a3 mega", "h100 80gb mega"),
    "a3-ultragpu": ("a3 ultra", "h200"),
    "a4-highgpu": ("a4", "b200"),
}

Place = tuple[str, str]
Part = tuple[str, str]


@dataclass(slots=True)
class _Parts:
    """USD an hour of each part (its kind and name) by usage type and region."""

    cloud: Cloud
    prices: dict[Part, dict[Place, float]] = field(default_factory=lambda: defaultdict(dict))
    remarks: set[str] = field(default_factory=set)

    def add(self, where: str, part: Part, place: Place, usd: float) -> None:
        """Keep a part's price; of two, the higher."""
        held = self.prices[part].get(place)
        if held is not None and held != usd:
            self.cloud.found.notes.add(TWO_PRICES, f"{where}: {held:g} and {usd:g}")
        self.prices[part][place] = max(usd, held or usd)


def read_gcp(name: str, data: Any, cloud: Cloud) -> None:
    """Add the machines that SKUs add up to; CatalogError where the data hold no SKUs of v1."""
    pages = data if isinstance(data, list) else [data]
    skus = [sku for page in pages for sku in objects(field_of(page, "skus"))]
    if not skus and all("pricingInfo" in page for page in objects(pages)):
        skus = objects(pages)
    if not any("pricingInfo" in sku for sku in skus):
        what = (
            "no SKUs with 'pricingInfo' in it; expected answers of services.skus.list, version v1"
        )
        raise CatalogError([f"{name}: {what}"])
    parts = _Parts(cloud)
    for where, sku in cloud.items(name, skus):
        _take(where, sku, parts)
    for machine in cloud.machines.values():
        for region, sold in _machine(machine, parts):
            cloud.sell(f"{name}: {machine.instance}", machine, region, sold)


def _take(where: str, sku: dict[str, Any], parts: _Parts) -> None:
    """Keep a SKU's price in its regions, or count why it is none."""
    cloud, described = parts.cloud, text_of(sku.get("description"))
    where = f"{where}: {described}"
    part = _part(described)
    of_a_gpu = part is not None or "nvidia" in described.lower()
    usage = text_of(field_of(sku, "category", "usageType"))
    for applies, reason in (
        (of_a_gpu and _BLOCK.search(described), BLOCK),
        (of_a_gpu and _SLICE.search(described), SLICE),
        (part is None, NOT_A_PART),
        (_OTHER.search(described), OTHER_PRODUCT),
        (usage not in _USAGES, OTHER_USAGE),
    ):
        if applies:
            cloud.out(reason, where)
            return
    if part is None:
        return
    usd = _usd(where, part[0], sku, parts)
    regions = sku.get("serviceRegions")
    for region in regions if usd is not None and isinstance(regions, list) else ():
        parts.add(where, part, (usage, str(region)), usd or 0.0)


def _part(described: str) -> Part | None:
    """Which part a description is of: a GPU, a core or memory of a series, or local SSD."""
    gpu = _GPU.search(described)
    if gpu:
        name = gpu[1].lower().replace("plus", "mega")
        return "gpu", "h200" if name.startswith("h200") else name
    host = _HOST.search(described)
    if host:
        series = " ".join(filter(None, (host[1], host[2]))).lower().replace("plus", "mega")
        return ("ram" if host[3].lower() == "ram" else "core"), series
    return ("ssd", "") if _SSD.search(described) else None


def _usd(where: str, kind: str, sku: dict[str, Any], parts: _Parts) -> float | None:
    """USD an hour of one unit of a part: whole units, a text, and billionths."""
    cloud = parts.cloud
    infos = objects(sku.get("pricingInfo"))
    expression = field_of(infos[0], "pricingExpression") if infos else None
    divisor = _UNITS[kind].get(text_of(field_of(expression, "usageUnit")))
    if divisor is None:
        cloud.out(OTHER_UNIT, f"{where}: {field_of(expression, 'usageUnit')}")
        return None
    rates = [one for one in objects(field_of(expression, "tieredRates")) if _is_first(one)]
    price = field_of(rates[0], "unitPrice") if rates else None
    try:
        stated = _whole(field_of(price, "units")) + _whole(field_of(price, "nanos")) / 1e9
    except ValueError:
        stated = -1.0
    if price is None or stated <= 0:
        cloud.out(BAD_PRICE, where)
        return None
    currency = text_of(field_of(price, "currencyCode")) or "USD"
    rate = cloud.money.rate(currency)
    if rate is None:
        cloud.out(f"price in {currency}: expected USD, or its rate in --fx {currency}=...", where)
        return None
    parts.remarks.add(cloud.money.remark(currency))
    return stated * rate / divisor


def _whole(value: object) -> int:
    """A whole number or a text of one; nothing is 0. ValueError for anything else."""
    return whole_number(str(value), 0, 10**12) if value not in (None, "") else 0


def _is_first(rate: dict[str, Any]) -> bool:
    return rate.get("startUsageAmount", 0) in (0, 0.0)


def _machine(machine: Machine, parts: _Parts) -> Iterator[tuple[str, Sold]]:
    """A machine's price in each region where its GPU has one, if all its parts have."""
    series = _SERIES.get(machine.instance.rpartition("-")[0])
    if series is None:
        return
    host, gpu = series
    needed = [(("gpu", gpu), machine.gpus), (("core", host), machine.vcpus)]
    needed.append((("ram", host), machine.memory_gib))
    if machine.local_ssd_gib:
        needed.append((("ssd", ""), machine.local_ssd_gib))
    for place in parts.prices["gpu", gpu]:
        missing = [kind for (kind, name), _ in needed if place not in parts.prices[kind, name]]
        usage, region = place
        if missing:
            said = f"{machine.instance} in {region}, {usage}: {', '.join(missing)}"
            parts.cloud.out(MISSING, said, machine)
            continue
        usd = sum(parts.prices[part][place] * units for part, units in needed)
        yield plain(region), _sold(usage, usd, parts.remarks)


def _sold(usage: str, usd: float, remarks: set[str]) -> Sold:
    summed = "summed from GPUs, vCPUs, memory and the local SSD that comes with them"
    note = "; ".join(filter(None, (summed, *sorted(remarks))))
    if usage == "Preemptible":
        return Sold(spot_usd=usd, note=note)
    hours = _USAGES[usage] * HOURS_PER_YEAR
    return Sold(usd, hours=hours, note=f"committed use; {note}" if hours else note)
