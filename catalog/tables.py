"""The columns of every catalog file: the one place that says what each file must hold."""

from datetime import date

from catalog.columns import (
    Column,
    above_zero,
    day,
    day_counts,
    instance_type,
    month,
    name,
    not_negative,
    one_of,
    optional_name,
    share,
    text,
    url,
    whole,
    words,
)
from catalog.planning_tables import bill_tables, framework_tables
from catalog.rows import (
    Breakpoint,
    ClusterClass,
    Gpu,
    Offer,
    PriceReading,
    Source,
)
from catalog.table import Table
from catalog.vocabulary import CAPACITIES, FABRICS, PAYMENTS, PRECISIONS, PRICINGS

READING_KINDS = ("rent", "spot")
BITS = ("fp16", "bf16", "fp8", "fp4")
AUDITS = ("confirmed", "corrected", "unaudited", "doubtful")
SOURCE_KINDS = (
    "list_price",
    "compiled_table",
    "quote",
    "documentation",
    "datasheet",
    "dataset",
    "paper",
    "benchmark",
    "secondary",
    "memory",
    "estimate",
)
# Ten years; nobody sells longer.
YEARS_OF_COMMITMENT = 10 * 8760
LARGEST_CLUSTER = 10_000_000
MOST_USD = 10_000_000_000


def sources_table() -> Table:
    """sources.csv: every page, paper and estimate that a figure rests on."""
    columns = {
        "source": name(),
        "publisher": text(),
        "title": text(),
        "url": url(),
        "says": text(),
        "kind": one_of(SOURCE_KINDS),
        "license": text(blank=""),
    }
    return Table("sources.csv", columns, Source, ("source",))


def gpus_table(latest: date) -> Table:
    """gpus.csv: datasheets; a blank peak means that the part lacks the precision.

    What a part without a 16-bit peak may leave blank as well: see ``catalog.parts``.
    """
    peaks = {f"peak_{p}_tflops": above_zero("dense TFLOP/s", 1_000_000, blank=None) for p in BITS}
    columns = {
        "gpu": name(),
        "name": text(),
        "vendor": text(),
        "architecture": text(),
        "year": whole("year", 2010, 2100),
        "family": text(),
        "memory_gb": above_zero("GB", 10_000, blank=None),
        "memory_gb_per_s": above_zero("GB/s", 1_000_000, blank=None),
        **peaks,
        "scale_up": text(),
        "scale_up_gb_per_s": not_negative("GB/s in one direction", 1_000_000, blank=None),
        "scale_up_gpus": whole("GPUs", 1, 100_000, blank=None),
        "power_w": above_zero("W", 100_000, blank=None),
        "server_w_per_gpu": above_zero("W", 100_000, blank=None),
        "source": name(),
        "read_on": day(latest),
        "note": text(blank=""),
        "block_formats": words(),
    }
    return Table("gpus.csv", columns, Gpu, ("gpu",), frozenset({"block_formats"}))


def cluster_classes_table() -> Table:
    """cluster_classes.csv: our judgment of the largest cluster, by class of product."""
    columns = {
        "cluster_class": name(),
        "max_nodes": whole("nodes", 1, LARGEST_CLUSTER, blank=None),
        "max_gpus": whole("GPUs", 1, LARGEST_CLUSTER, blank=None),
        "basis": text(),
        "note": text(blank=""),
        "capacity": one_of(CAPACITIES, blank="quota"),
        "source": optional_name(),
    }
    optional = frozenset(("capacity", "source"))
    return Table("cluster_classes.csv", columns, ClusterClass, ("cluster_class",), optional)


def offers_table(latest: date) -> Table:
    """offers.csv: a blank max_gpus takes its cluster class's default.

    What a row has to hold depends on how it is sold: see ``catalog.check_terms``.
    """
    columns = {
        "offer": name(),
        "provider": name(),
        "gpu": name(),
        "pricing": one_of(PRICINGS),
        "region": text(blank=""),
        "gpus_per_node": whole("GPUs", 1, 1024),
        "min_gpus": whole("GPUs", 1, LARGEST_CLUSTER),
        "max_gpus": whole("GPUs", 1, LARGEST_CLUSTER, blank=None),
        "cluster_class": name(),
        "nic_gbps_per_gpu": above_zero("Gb/s a GPU", 100_000, blank=None),
        "fabric": one_of(FABRICS),
        "usd_per_gpu_hour": above_zero("USD a GPU-hour", 10_000, blank=None),
        "commitment_hours": not_negative("hours", YEARS_OF_COMMITMENT),
        "upfront_usd_per_gpu": not_negative("USD", 10_000_000),
        "lead_time_hours": not_negative("hours", YEARS_OF_COMMITMENT),
        "longest_hours": above_zero("hours", YEARS_OF_COMMITMENT, blank=None),
        "block_days": day_counts(blank=()),
        "purchase_usd_per_gpu": above_zero("USD a GPU", 10_000_000, blank=None),
        "source": name(),
        "read_on": day(latest),
        "audit": one_of(AUDITS),
        "note": text(blank=""),
        "instance_type": instance_type(blank=""),
        "size_source": optional_name(),
        **contract_columns(),
    }
    optional = frozenset(
        ("longest_hours", "block_days", "purchase_usd_per_gpu", "instance_type", "size_source")
    )
    optional |= contract_columns().keys()
    return Table("offers.csv", columns, Offer, ("offer",), optional)


def contract_columns() -> dict[str, Column]:
    """What a contract may say beside a price and a term; blank: nothing of the kind."""
    return {
        "setup_usd": not_negative("USD", MOST_USD, blank=0.0),
        "minimum_usd": not_negative("USD", MOST_USD, blank=0.0),
        "support_share": not_negative("a share", 1, blank=0.0),
        "egress_usd": not_negative("USD", MOST_USD, blank=0.0),
        "egress_usd_per_gb": not_negative("USD a GB", 100, blank=0.0),
        "prepaid_share": not_negative("a share", 1, blank=0.0),
        "payment": one_of(PAYMENTS[1:], blank=""),
    }


def efficiency_table(latest: date) -> Table:
    """efficiency.csv: MFU against fleet size, with the run or the estimate behind each point."""
    columns = {
        "gpu": name(),
        "precision": one_of(PRECISIONS),
        "gpus": whole("GPUs", 1, LARGEST_CLUSTER),
        "mfu": share(),
        "basis": one_of(("published", "estimate", "measured")),
        "source": name(),
        "read_on": day(latest),
        "note": text(),
    }
    return Table("efficiency.csv", columns, Breakpoint, ("gpu", "precision", "gpus"))


def price_readings_table(latest: date) -> Table:
    """price_readings.csv: what GPU-hours have cost, month by month, to judge a price by."""
    columns = {
        "gpu": name(),
        "kind": one_of(READING_KINDS),
        "month": month(latest),
        "lowest_usd_per_gpu_hour": above_zero("USD a GPU-hour", 10_000),
        "highest_usd_per_gpu_hour": above_zero("USD a GPU-hour", 10_000),
        "readings": whole("prices", 1, 1_000_000),
        "source": name(),
    }
    key = ("gpu", "kind", "month", "source")
    return Table("price_readings.csv", columns, PriceReading, key)


def all_tables(latest: date) -> tuple[Table, ...]:
    """Every table that ``load_catalog`` reads."""
    return *own_tables(latest), *lendable_tables(latest)


def own_tables(latest: date) -> tuple[Table, ...]:
    """The tables that every catalog has of its own."""
    return (
        sources_table(),
        gpus_table(latest),
        cluster_classes_table(),
        offers_table(latest),
        efficiency_table(latest),
    )


def lendable_tables(latest: date) -> tuple[Table, ...]:
    """The tables that a catalog may lack: the shipped ones then take their place."""
    return *bill_tables(latest), *framework_tables(latest), price_readings_table(latest)
