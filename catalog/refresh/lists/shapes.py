"""Tables that are published with the same columns again and again, and what is no list of offers.

A shape is known by its columns; its map is in the grammar of --map.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.csv_file import CatalogError
from catalog.inert import terminal_safe

DISK = "disk comes on top"
LOWEST = "from: the provider's lowest price of the day"


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of table: the columns that tell it, and its map; or why it holds no offers."""

    name: str
    columns: tuple[str, ...]
    map: str = ""
    refused: str = ""


SHAPES = (
    Shape(
        "observations",
        ("gpu_model", "pricing", "segment", "usd_per_gpu_hour", "sample_size"),
        "provider=provider,gpu=gpu_model,pricing=pricing,instance=sku?,region=region?,"
        "count=gpu_count,price=usd_per_gpu_hour/gpu,read_on=date,samples=sample_size",
    ),
    Shape(
        "tiers",
        ("gpu_type", "price_tier", "per_gpu_hourly_usd", "total_hourly_usd"),
        "provider=provider,gpu=gpu_type,pricing=price_tier,instance=sku?,region=region?,"
        "count=gpu_count,price=total_hourly_usd/node,part=per_gpu_hourly_usd,read_on=fetched_at",
    ),
    Shape(
        "minimums",
        ("gpu_type", "provisioning", "usd_per_gpu_hour", "min_gpus"),
        "provider=provider,gpu=gpu_type,pricing=provisioning,price=usd_per_gpu_hour/gpu,"
        "min_gpus=min_gpus,read_on=checked_at,note=notes?",
    ),
    Shape(
        "averages",
        ("gpu", "provider", "average_usd_per_gpu_hour"),
        refused="averages over what a provider sells: nobody is asked to pay them",
    ),
    Shape(
        "rentals",
        ("provider", "gpu", "usd_hr", "kind", "min_gpus"),
        "provider=provider,gpu=gpu,memory=vram_gb?,price=usd_hr/gpu,pricing=kind,"
        "min_gpus=min_gpus,read_on=fetched_at?",
    ),
    Shape(
        "snapshots",
        ("chip", "provider", "gpus", "od_per_gpu_h", "spot_per_gpu_h"),
        "provider=provider,gpu=chip,memory=gpu_mem_gb?,region=region?,instance=sku?,count=gpus,"
        "price=od_per_gpu_h/gpu,spot=spot_per_gpu_h/gpu,read_on=snapshot_date?",
    ),
    Shape(
        "machines",
        ("sku", "accelerator", "accelerators", "linux_per_hour"),
        "gpu=accelerator,count=accelerators,instance=sku,region=region?,price=linux_per_hour/node,"
        "spot=linux_spot_per_hour?/node,price_1y=linux_savings_1y_per_hour?/node,"
        "price_3y=linux_savings_3y_per_hour?/node",
    ),
    Shape(
        "ticks",
        ("gpu_model", "provider", "price_type", "currency", "price_per_gpu_hour"),
        "provider=provider,gpu=gpu_model,instance=sku?,region=region?,count=gpu_count,"
        "fraction=gpu_fraction?,pricing=price_type,currency=currency,"
        "price=price_per_gpu_hour/gpu,original=original_currency?,read_on=observation_day?",
    ),
    Shape(
        "plans",
        ("name", "price_text", "price", "unit"),
        "gpu=name,price=price,unit=unit,text=price_text",
    ),
    Shape(
        "changes",
        ("key", "gpu", "vendor", "to_hourly_usd", "from_hourly_usd", "date"),
        "provider=vendor,gpu=gpu,memory=vram_gb?,pricing=tier?,price=to_hourly_usd,read_on=date,"
        "key=key",
    ),
    Shape(
        "regional",
        ("machine", "accelerator", "accelerators", "hour", "hour_spot", "month_1y", "month_3y"),
        "gpu=accelerator,count=accelerators,instance=machine,region=region,price=hour/node,"
        "spot=hour_spot/node,price_1y=month_1y/node/month,price_3y=month_3y/node/month,"
        "note:=local SSD is in the price; the list names regions that may not have the machine",
    ),
    Shape(
        "cheapest",
        ("cheapest_provider", "cheapest_gpu", "cheapest_usd"),
        "provider=cheapest_provider,gpu=cheapest_gpu,price=cheapest_usd/gpu,read_on=day,"
        f"note:={LOWEST}",
    ),
    Shape(
        "lambda",
        ("instance_type.name", "instance_type.price_cents_per_hour", "instance_type.specs.gpus"),
        "provider:=lambda,gpu=instance_type.description,instance=instance_type.name,"
        "count=instance_type.specs.gpus,price=instance_type.price_cents_per_hour/node/cents,"
        "region=regions_with_capacity_available[].name?",
    ),
    Shape(
        "shadeform",
        ("cloud_instance_type", "configuration.gpu_type", "configuration.num_gpus", "hourly_price"),
        "provider:=shadeform,pricing:=marketplace,gpu=configuration.gpu_type,"
        "form=configuration.interconnect?,memory=configuration.vram_per_gpu_in_gb?,"
        "count=configuration.num_gpus,instance=cloud_instance_type,region=availability[].region?,"
        "price=hourly_price/node/cents",
    ),
    Shape(
        "vast",
        ("gpu_name", "num_gpus", "dph_base", "min_bid"),
        "provider:=vast,pricing:=marketplace,gpu=gpu_name,memory=gpu_ram?/mb,count=num_gpus,"
        f"price=dph_base/node,spot=min_bid/node,region=geolocation?,note:={DISK}",
    ),
    Shape(
        "runpod",
        ("displayName", "memoryInGb", "securePrice", "communityPrice"),
        "provider:=runpod,gpu=displayName,memory=memoryInGb,instance=id,count:=1,"
        "price=securePrice/gpu,market=communityPrice/gpu,stock=lowestPrice.stockStatus?",
    ),
    # Whether the price is that of one GPU or of gpuCount was not read, so --unit has to say.
    Shape(
        "primeintellect",
        ("gpuType", "gpuCount", "prices.onDemand", "prices.communityPrice"),
        "provider:=primeintellect,pricing:=marketplace,gpu=gpuType,form=socket?,memory=gpuMemory?,"
        "count=gpuCount,region=region?,price=prices.onDemand,currency=prices.currency?,"
        "variable=prices.isVariable?",
    ),
)
_INDEX_COLUMN = re.compile(r"[a-z]+-[A-Z]*[0-9]+[A-Z]*")
# Headers that mean one thing wherever they stand, for tables of no known shape.
_PLAIN = {
    "provider": ("provider", "vendor", "cloud"),
    "gpu": ("gpu", "gpu_model", "gpu_type", "gpu_name", "accelerator"),
    "price": (
        *("usd_per_gpu_hour", "per_gpu_hourly_usd", "usd_per_gpu_hr", "price_per_gpu_hour_usd"),
        *("price_usd_per_gpu_hour", "price_per_gpu_hr_usd"),
    ),
}
_PLAIN_OPTIONAL = {
    "count": ("gpu_count", "num_gpus", "gpus", "gpus_per_node"),
    "region": ("region",),
    "instance": ("instance_type", "instance", "sku"),
    "pricing": ("pricing", "price_type", "pricing_type"),
    "min_gpus": ("min_gpus",),
    "term": ("term", "commitment"),
    "currency": ("currency",),
    "read_on": ("read_on", "date", "fetched_at", "checked_at", "observed_on"),
    "samples": ("sample_size", "samples"),
}


def named_shape(name: str) -> Shape:
    """The shape of --shape; CatalogError where there is none of that name."""
    found = {shape.name: shape for shape in SHAPES if shape.map}
    if name not in found:
        what = f"{terminal_safe(name)[:40]!r}; expected one of {', '.join(found)}"
        raise CatalogError([f"--shape: {what}"])
    return found[name]


def shape_of(columns: Sequence[str]) -> Shape | None:
    """The shape whose columns are all there, or a plain one; None where nothing is certain."""
    there = set(columns)
    known = [shape for shape in SHAPES if there.issuperset(shape.columns)]
    if len(known) == 1:
        return known[0]
    if _is_index(columns):
        return Shape("index", tuple(columns), refused="an index without offers: one price a day")
    return None if known else _plain(columns)


def _is_index(columns: Sequence[str]) -> bool:
    """Whether every column beside the day is a group of providers and a GPU."""
    rest = [column for column in columns if column.lower() not in ("date", "day")]
    return len(rest) < len(columns) and len(rest) > 1 and all(map(_INDEX_COLUMN.fullmatch, rest))


def _plain(columns: Sequence[str]) -> Shape | None:
    """A map by headers that mean one thing; None where one that is needed is not among them."""
    by_lower = {column.lower(): column for column in columns}
    entries = {}
    for field, names in (_PLAIN | _PLAIN_OPTIONAL).items():
        there = [by_lower[name] for name in names if name in by_lower]
        if len(there) > 1 or (not there and field in _PLAIN and field != "provider"):
            return None
        if there:
            unit = "/gpu" if field == "price" else ""
            entries[field] = f"{field}={there[0]}{unit}"
    return Shape("plain", tuple(columns), ",".join(entries.values()))
