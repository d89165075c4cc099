"""A quote made a whole offer: what its row leaves out, and what was assumed for it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from catalog.columns import REQUIRED, CellError
from catalog.load import Catalog
from catalog.rows import Gpu, Offer
from catalog.tables import offers_table
from catalog.vocabulary import ETHERNET_GBPS_A_NODE, Pricing

QUOTE_SOURCE = "your_quote"
# What a quote that leaves a column out is taken to mean, beside the blanks of offers.csv. Without
# a largest cluster it is one node: more would be a guess in our own favor.
DEFAULTS: dict[str, object] = {
    "region": "",
    "gpus_per_node": 8,
    "min_gpus": 1,
    "cluster_class": "single_node",
    "fabric": "none",
    "commitment_hours": 0.0,
    "upfront_usd_per_gpu": 0.0,
    "lead_time_hours": 0.0,
    "source": QUOTE_SOURCE,
    "audit": "confirmed",
    "note": "",
}
CONTRACT_CLASS = "neocloud_contract"
# Columns of a quote that are none of an offer.
QUOTE_ONLY = frozenset(
    ("valid_until", "currency", "unit", "egress", "prepayment", "tiers", "ramp", "delivery")
)


@dataclass(slots=True)
class Quote:
    """A whole offer from one line, with sentences on what was assumed for it.

    ``named`` is whether the buyer named it; else it is called provider_gpu_pricing at first.
    ``tiers`` are USD per GPU-hour from so many GPUs on, ``ramp`` the GPUs there are in each week.
    """

    line: int
    offer: Offer
    named: bool
    assumed: tuple[str, ...]
    tiers: tuple[tuple[int, float], ...] = ()
    ramp: tuple[int, ...] = ()


def quote_defaults(read_on: date) -> dict[str, object]:
    """What blank cells mean where no offer is replaced."""
    columns = offers_table(read_on).columns
    blanks = {name: c.blank for name, c in columns.items() if c.blank is not REQUIRED}
    return blanks | DEFAULTS | {"read_on": read_on}


def completed(
    row: dict[str, Any],
    catalog: Catalog,
    known: Mapping[str, Offer],
    defaults: Mapping[str, object],
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A row of offers.csv from that of a quote, and sentences on what was assumed for it.

    Blank cells keep what the offer of the same name in ``known`` has, or else are ``defaults``;
    a price is always the row's. CellError where the name is that of another product, or the
    catalog lacks the class of a single node.
    """
    said = {name: value for name, value in row.items() if value is not None}
    pricing = _pricing(said, known.get(row["offer"]))
    name = said.get("offer") or f"{row['provider']}_{row['gpu']}_{pricing}"
    old = known.get(name)
    if old is not None and (old.provider, old.gpu) != (row["provider"], row["gpu"]):
        what = f"{name!r} is {old.gpu} of {old.provider} in the catalog"
        raise CellError(f"{what}; expected a name of its own")
    own = {**said, "offer": name, "pricing": pricing}
    by_size = _largest_by_size(row) if old is None and "max_gpus" not in said else 0
    if by_size:
        own["max_gpus"] = said["max_gpus"] = by_size
    filled = {**defaults, **_kept(old, own, defaults), **own}
    filled["commitment_hours"] = float(filled["commitment_hours"])
    if "max_gpus" in said and "size_source" not in said:
        filled["size_source"] = QUOTE_SOURCE
    for column in QUOTE_ONLY & filled.keys():
        del filled[column]
    assumed = _set_network(filled, said, old, catalog) + _slow_network(filled, catalog)
    if by_size:
        what = f"no largest cluster is given: the {by_size:,} GPUs that tiers or weeks end with are"
        assumed += (f"{what} assumed; give one to use more",)
    elif old is None and not said.keys() & {"max_gpus", "cluster_class"}:
        size = filled["gpus_per_node"]
        node = "one GPU" if size == 1 else f"one node of {size} GPUs"
        assumed += (f"no largest cluster is given: {node} is assumed; give one to use more",)
    if pricing == "reserved" and not filled["commitment_hours"] and not filled["block_days"]:
        assumed += ("reserved without a term: nothing is committed to; give the term",)
    return filled, assumed


def _largest_by_size(row: Mapping[str, Any]) -> int:
    """The most GPUs that tiers or a ramp-up speak of; 0 where there are none."""
    last_tier: int = row["tiers"][-1][0] if row["tiers"] else 0
    last_week: int = row["ramp"][-1] if row["ramp"] else 0
    size = row["gpus_per_node"] or DEFAULTS["gpus_per_node"]
    assert isinstance(size, int), "GPUs of a node are counted"
    return last_week or (-(-last_tier // size) * size)


def _pricing(said: Mapping[str, Any], old: Offer | None) -> Pricing:
    """A quote with a term is reserved; one without is on demand, unless it was not."""
    if "pricing" in said:
        pricing: Pricing = said["pricing"]
        return pricing
    if old is not None and "commitment_hours" not in said:
        return old.pricing
    return "reserved" if said.get("commitment_hours") else "on_demand"


def _kept(
    old: Offer | None, own: Mapping[str, Any], defaults: Mapping[str, object]
) -> dict[str, object]:
    """What a quote keeps of the offer whose place it takes: not who read it, nor our judgment,
    nor what no longer holds beside what the quote says.
    """
    if old is None:
        return {}
    kept = asdict(old) | {name: defaults[name] for name in ("source", "read_on", "audit")}
    if old.max_gpus_basis == "estimate":
        kept["max_gpus"] = None
    for column in _outdated(own, old):
        kept.pop(column)
    return kept


def _outdated(own: Mapping[str, Any], old: Offer) -> Iterator[str]:
    yield "usd_per_gpu_hour"
    if own.get("fabric", old.fabric) != old.fabric:
        yield "nic_gbps_per_gpu"
    if own["pricing"] != "owned":
        yield "purchase_usd_per_gpu"
    if own.get("commitment_hours"):
        yield "block_days"
    if own.get("block_days"):
        yield "commitment_hours"


def _set_network(
    filled: dict[str, Any], said: Mapping[str, Any], old: Offer | None, catalog: Catalog
) -> tuple[str, ...]:
    """Give several nodes the network that they must have; what was assumed of it.

    Nobody quotes hundreds of GPUs that cannot train together; only how fast they can is open.
    """
    node, most = filled["gpus_per_node"], _largest(filled, catalog)
    asks = said.keys() & {"max_gpus", "cluster_class"}
    networked = old is not None and old.fabric != "none"
    if not asks or networked or most <= node:
        return ()
    if "cluster_class" not in said and CONTRACT_CLASS in catalog.cluster_classes:
        filled["cluster_class"] = CONTRACT_CLASS
    if "fabric" in said:
        return ()
    filled["fabric"], network = _usual_network(catalog.gpus[filled["gpu"]])
    what = f"no network is given for {most:,} GPUs in nodes of {node}"
    return (f"{what}: {network} is assumed; give the network",)


def _slow_network(filled: Mapping[str, Any], catalog: Catalog) -> tuple[str, ...]:
    """A word on Ethernet of no stated speed, which is planned with a slow one."""
    several = _largest(filled, catalog) > filled["gpus_per_node"]
    if filled["fabric"] != "ethernet" or filled["nic_gbps_per_gpu"] is not None or not several:
        return ()
    what = f"ethernet without a speed: {ETHERNET_GBPS_A_NODE:g} Gb/s a node is assumed"
    return (f"{what}; give nic_gbps_per_gpu",)


def _largest(filled: Mapping[str, Any], catalog: Catalog) -> int:
    """The largest cluster, of the class where none is given; the class has to be known."""
    name = filled["cluster_class"]
    if name not in catalog.cluster_classes:
        known = ", ".join(sorted(catalog.cluster_classes))
        raise CellError(f"the catalog has no class {name!r}; expected the quote's own, of {known}")
    most: int | None = filled["max_gpus"]
    return most or catalog.cluster_classes[name].largest_cluster(filled["gpus_per_node"])


def _usual_network(gpu: Gpu) -> tuple[str, str]:
    """The fabric between nodes of a part, and how to say it."""
    if gpu.scale_up == "ici":
        return "ici", "the chips' own (ICI)"
    return "rdma", "RDMA at the usual speed of the part"
