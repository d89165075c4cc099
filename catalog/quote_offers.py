"""A quote made a whole offer: what its row leaves out, and what was assumed for it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from catalog.columns import REQUIRED, CellError
from catalog.load import Catalog, make_offer
from catalog.rows import Gpu, Offer, Pricing
from catalog.tables import offers_table

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


@dataclass(slots=True)
class Quote:
    """A whole offer from one line, with sentences on what was assumed for it.

    ``row`` are its cells, blanks filled. ``named`` is whether the buyer named it; else it is called
    provider_gpu_pricing at first.
    """

    line: int
    row: dict[str, Any]
    offer: Offer
    named: bool
    assumed: tuple[str, ...]


def quote_defaults(read_on: date) -> dict[str, object]:
    """What blank cells mean where no offer is replaced."""
    columns = offers_table(read_on).columns
    blanks = {name: c.blank for name, c in columns.items() if c.blank is not REQUIRED}
    return blanks | DEFAULTS | {"read_on": read_on}


def make_quote(
    line: int,
    row: dict[str, Any],
    catalog: Catalog,
    known: Mapping[str, Offer],
    defaults: Mapping[str, object],
) -> Quote:
    """The offer of a row; ``known`` are the catalog's by name.

    Blank cells keep what the offer of the same name has, or else are ``defaults``. CellError
    where the name is that of another product, or the catalog lacks the class of a single node.
    """
    said = {name: value for name, value in row.items() if value is not None}
    pricing = _pricing(said, known.get(row["offer"]))
    name = said.get("offer") or f"{row['provider']}_{row['gpu']}_{pricing}"
    old = known.get(name)
    if old is not None and (old.provider, old.gpu) != (row["provider"], row["gpu"]):
        what = f"{name!r} is {old.gpu} of {old.provider} in the catalog"
        raise CellError(f"{what}; expected a name of its own")
    kept = _kept(old, defaults, said, pricing)
    filled = {**defaults, **kept, **said, "offer": name, "pricing": pricing}
    filled["commitment_hours"] = float(filled["commitment_hours"])
    filled.pop("valid_until", None)
    assumed = _set_network(filled, said, old, catalog)
    offer = make_offer(filled, catalog.cluster_classes)
    if old is None and not said.keys() & {"max_gpus", "cluster_class"}:
        node = "one GPU" if offer.gpus_per_node == 1 else f"one node of {offer.gpus_per_node} GPUs"
        assumed += (f"no largest cluster is given: {node} is assumed; give one to use more",)
    return Quote(line, filled, offer, "offer" in said, assumed)


def _pricing(said: Mapping[str, Any], old: Offer | None) -> Pricing:
    """A quote with a term is reserved; one without is on demand, unless it was not."""
    if "pricing" in said:
        pricing: Pricing = said["pricing"]
        return pricing
    if old is not None and "commitment_hours" not in said:
        return old.pricing
    return "reserved" if said.get("commitment_hours") else "on_demand"


def _kept(
    old: Offer | None,
    defaults: Mapping[str, object],
    said: Mapping[str, Any],
    pricing: Pricing,
) -> dict[str, object]:
    """What a quote keeps of the offer whose place it takes: not who read it, nor our judgment.

    Blocks and a commitment exclude each other, and what is rented has no purchase price.
    """
    if old is None:
        return {}
    kept = asdict(old) | {name: defaults[name] for name in ("source", "read_on", "audit")}
    if old.max_gpus_basis == "estimate":
        kept["max_gpus"] = None
    outdated = {"usd_per_gpu_hour"}
    outdated |= {"block_days"} if said.get("commitment_hours") else set()
    outdated |= {"commitment_hours"} if said.get("block_days") else set()
    outdated |= {"purchase_usd_per_gpu"} if pricing != "owned" else set()
    return {name: value for name, value in kept.items() if name not in outdated}


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


def _largest(filled: dict[str, Any], catalog: Catalog) -> int:
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
