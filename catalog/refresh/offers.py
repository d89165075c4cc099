"""Prices into rows of offers.csv: one offer for all regions at one price, the rest borrowed.

A price list says nothing about networks and sizes: these come from the shipped offer of the same
provider, GPU and node, or else the offer is one node.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from catalog.columns import instance_type
from catalog.load import Catalog
from catalog.refresh.cells import slug
from catalog.refresh.price import Price
from catalog.refresh.tally import Tally
from catalog.rows import Offer

Cells = dict[str, str]

ONE_NODE = "network and largest cluster not known: counted as one node"
# Whose network stands for an offer of another kind; a contract's is a product of its own.
BORROWED_FROM = ("on_demand", "spot", "marketplace")
# A price on a list is not that of a contract or a block, and neither is its size.
LIST_CLASSES = {
    "gcp_calendar": "hyperscaler_rdma",
    "hyperscaler_block": "hyperscaler_rdma",
    "hyperscaler_contract": "hyperscaler_rdma",
    "neocloud_approval": "neocloud_quota",
    "neocloud_contract": "neocloud_quota",
}
# They sell GPUs by number: what lists call their machines are names of the lists.
NO_MACHINES = {"runpod", "vast"}
TERM_NAMES = {8760: "1y", 26280: "3y"}
# Spot prices differ between the zones of a region, and lists keep the lowest of them.
PRICED_BY_ZONE = {"aws"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the prices were read: a key of sources.csv, and the day."""

    source: str
    read_on: str


def offer_rows(
    prices: Iterable[Price], origin: Origin, shipped: Catalog, tally: Tally
) -> list[Cells]:
    """Rows of offers.csv, by name: provider, GPU, pricing, instance and the first region."""
    groups: dict[tuple[object, ...], list[Price]] = defaultdict(list)
    for price in prices:
        sold = (price.provider, price.gpu, price.pricing, price.instance, price.gpus)
        terms = (price.min_gpus, price.commitment_hours, price.note, price.read_on)
        groups[*sold, *terms, price.usd_per_gpu_hour].append(price)
    models: dict[tuple[str, str, int, str, str], Offer | None] = {}
    rows = []
    for group in groups.values():
        one = group[0]
        key = (one.provider, one.gpu, one.gpus, one.pricing, one.instance)
        if key not in models:
            models[key] = _model_offer(one, shipped)
        rows.append(_row(group, origin, models[key], tally))
    rows.sort(key=lambda row: (row["offer"], row["region"], float(row["usd_per_gpu_hour"])))
    return rows


def _row(group: list[Price], origin: Origin, model: Offer | None, tally: Tally) -> Cells:
    one = group[0]
    regions = sorted({price.region for price in group if price.region})
    if model is None:
        tally.add(ONE_NODE, f"{one.provider} {one.gpu}, {one.instance}")
    return {
        "offer": offer_name(one, regions[0] if regions else ""),
        "provider": one.provider,
        "gpu": one.gpu,
        "pricing": one.pricing,
        "region": " ".join(regions),
        "gpus_per_node": str(one.gpus),
        "min_gpus": str(one.min_gpus or one.gpus),
        **_network(one, model),
        "usd_per_gpu_hour": f"{one.usd_per_gpu_hour:.4f}".rstrip("0").rstrip("."),
        "commitment_hours": f"{one.commitment_hours}",
        "upfront_usd_per_gpu": "0",
        "lead_time_hours": "0",
        "source": origin.source,
        "read_on": one.read_on or origin.read_on,
        "audit": "doubtful" if _is_one_zone(group) else "unaudited",
        "note": "; ".join(_remarks(group, model)),
        "instance_type": "" if one.provider in NO_MACHINES else _instance_type(one.instance),
    }


def _instance_type(name: str) -> str:
    """The name where offers.csv takes it as that of a machine; else nothing."""
    try:
        return str(instance_type("").read(name))
    except ValueError:
        return ""


def offer_name(price: Price, region: str) -> str:
    """What the offer of a price is called: provider, GPU, pricing, term, instance, region."""
    hours = price.commitment_hours
    term = TERM_NAMES.get(hours, f"{hours}h") if hours else ""
    sold = (price.provider, price.gpu, price.pricing, term, f"{price.gpus}x")
    return "_".join(filter(None, (*sold, slug(price.instance), slug(region))))


def _is_one_zone(group: list[Price]) -> bool:
    """Whether a spot price is that of one zone: nearly always the lowest, and soon another."""
    one = group[0]
    by_zone = one.pricing == "spot" and one.provider in PRICED_BY_ZONE
    return by_zone and min(price.zones for price in group) == 1


def _remarks(group: list[Price], model: Offer | None) -> Iterable[str]:
    if group[0].instance:
        yield f"instance {group[0].instance}"
    if group[0].note:
        yield group[0].note
    if _is_one_zone(group):
        yield "spot price of a single zone"
    elif group[0].pricing == "spot":
        yield "median of the zones where a region has several"
    yield f"network and size as in {model.offer}" if model else "network not known: one node"


def _model_offer(price: Price, shipped: Catalog) -> Offer | None:
    """The shipped offer of the same provider, GPU and node whose network and size stand for it.

    That of the same machine where one is named so (A3 Mega for A3 Mega) and then of the same
    pricing; of several the one with the slowest network. What is reserved is a product of its own
    and lends nothing.
    """
    same = [
        offer
        for offer in shipped.offers
        if (offer.provider, offer.gpu) == (price.provider, price.gpu)
        and offer.gpus_per_node == price.gpus
    ]
    machine = price.instance.lower()
    named = [one for one in same if machine and one.instance_type.lower() == machine]
    for pool in (named, same):
        for pricing in (*{price.pricing} - {"reserved"}, *BORROWED_FROM):
            found = [offer for offer in pool if offer.pricing == pricing]
            if found:
                return min(found, key=lambda one: one.nic_gbps_per_gpu or 0.0)
    return None


def _network(price: Price, model: Offer | None) -> Cells:
    if model is None:
        return {"max_gpus": "", "cluster_class": "single_node", "fabric": "none"} | {
            "nic_gbps_per_gpu": "",
            "size_source": "",
        }
    cluster = LIST_CLASSES.get(model.cluster_class, model.cluster_class)
    sized = model.max_gpus_basis == "published" and cluster == model.cluster_class
    nic = model.nic_gbps_per_gpu
    return {
        "max_gpus": str(model.max_gpus) if sized else "",
        "cluster_class": cluster,
        "fabric": model.fabric,
        "nic_gbps_per_gpu": "" if nic is None else f"{nic:g}",
        # The list of prices did not publish the size.
        "size_source": (model.size_source or model.source) if sized else "",
    }


def with_unique_names(rows: Iterable[Cells], taken: Collection[str]) -> list[Cells]:
    """The rows, in order; a name that is taken, or comes up again, is numbered from 2 on."""
    used, named = set(taken), []
    for row in rows:
        name, number = row["offer"], 1
        while name in used:
            number += 1
            name = f"{row['offer']}_{number}"
        used.add(name)
        named.append({**row, "offer": name})
    return named
