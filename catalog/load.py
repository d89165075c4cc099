"""The catalog, read whole and checked whole: all mistakes are reported at once."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from catalog.check_bill import ANY, check_bill
from catalog.check_terms import check_terms
from catalog.csv_file import CatalogError, Rows, read_unique
from catalog.parts import check_parts, check_planned, planned_gpus, unplanned_gpus
from catalog.pause import collector_paused
from catalog.plausible import Doubt, doubts, price_bounds
from catalog.references import (
    check_classes,
    check_curves,
    check_precisions,
    check_readings,
    check_references,
)
from catalog.rows import (
    Breakpoint,
    ClusterClass,
    Default,
    FailureRate,
    Framework,
    FrameworkPeak,
    Gpu,
    Offer,
    PriceReading,
    Region,
    Source,
    StoragePrice,
    UnplannedGpu,
)
from catalog.tables import gpus_table, lendable_tables, own_tables, sources_table
from catalog.vocabulary import Capacity, Precision, Pricing

SHIPPED = Path(__file__).parent

# The day on which the shipped snapshot was last entered. A machine whose clock runs behind
# it can still plan; a figure dated after both is a mistake.
SNAPSHOT_ON = date(2026, 11, 29)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that can be bought and has been measured, with its sources.

    ``storage`` and ``failures`` have a row ``any`` for the providers and architectures that
    they do not list; ``regions`` lists those that are known, ``defaults`` every name of
    ``catalog.check_bill.DEFAULT_NAMES``. ``frameworks`` are training frameworks by name,
    ``framework_peaks`` what they divide an MFU by, by name and GPU.
    ``unplanned`` are parts that are known but lack a 16-bit peak; ``gpus`` does not have them.
    ``readings`` are what GPU-hours have cost over the months. ``held_back`` are the offers, by
    name, whose price cannot be true by them: no plan considers these. ``accepted`` are those that
    were let in all the same: see ``catalog.held_back``.
    ``remarks`` are sentences on the quotes that were added: see ``catalog.quotes``;
    ``expired_quotes`` are the last days of those that were not, by provider.
    """

    gpus: dict[str, Gpu]
    offers: tuple[Offer, ...]
    efficiency: dict[tuple[str, Precision], tuple[Breakpoint, ...]]
    cluster_classes: dict[str, ClusterClass]
    sources: dict[str, Source]
    regions: dict[str, Region]
    storage: dict[str, StoragePrice]
    failures: dict[str, FailureRate]
    defaults: dict[str, Default]
    folder: Path
    remarks: tuple[str, ...] = ()
    frameworks: dict[str, Framework] = field(default_factory=dict)
    framework_peaks: dict[tuple[str, str], FrameworkPeak] = field(default_factory=dict)
    unplanned: dict[str, UnplannedGpu] = field(default_factory=dict)
    readings: tuple[PriceReading, ...] = ()
    held_back: dict[str, Doubt] = field(default_factory=dict)
    accepted: dict[str, Doubt] = field(default_factory=dict)
    expired_quotes: dict[str, date] = field(default_factory=dict)

    def breakpoints(self, gpu: str, precision: Precision) -> tuple[Breakpoint, ...]:
        """Breakpoints by rising fleet size; empty where no curve is known."""
        return self.efficiency.get((gpu, precision), ())

    def failure_rate(self, architecture: str) -> FailureRate:
        """The published rate of an architecture, or of all of them together."""
        return self.failures.get(architecture, self.failures[ANY])

    def storage_of(self, provider: str) -> StoragePrice:
        """The provider's price of storage, or the usual one."""
        return self.storage.get(provider, self.storage[ANY])

    def planning(self, name: str) -> float:
        """One of the planning defaults of defaults.csv."""
        return self.defaults[name].value


@collector_paused()
def load_catalog(folder: Path = SHIPPED, today: date | None = None) -> Catalog:
    """The catalog in ``folder``, or a CatalogError that lists every mistake in it.

    Dates may lie neither after ``today`` (default: this machine's date) nor after the
    shipped snapshot's own day, whichever is later. What ``folder`` lacks of regions.csv,
    storage.csv, failures.csv, defaults.csv, frameworks.csv, framework_peaks.csv and
    price_readings.csv is the shipped file's, with its sources; where both name a source, the
    folder's own stands.
    """
    if not folder.is_dir():
        raise CatalogError([f"{folder}: no such folder; expected a catalog of CSV files"])
    latest = max(today or date.today(), SNAPSHOT_ON)
    files, lent = _read_files(folder, latest), _lent_files(folder, latest)
    _check_rows(files, lent)
    classes = _by_key(files["cluster_classes.csv"], "cluster_class", ClusterClass)
    gpus = planned_gpus(files["gpus.csv"])
    offers = _offers(files["offers.csv"], classes)
    check_precisions(files["efficiency.csv"], gpus)
    check_curves(files["efficiency.csv"], files["offers.csv"], gpus)
    _raise_mistakes(files)
    bill = {**files, **lent}
    readings = tuple(PriceReading(**row) for _, row in bill["price_readings.csv"].rows)
    return Catalog(
        gpus=gpus,
        offers=offers,
        efficiency=_curves(files["efficiency.csv"]),
        cluster_classes=classes,
        sources=_lent_sources(lent) | _by_key(files["sources.csv"], "source", Source),
        regions=_by_key(bill["regions.csv"], "region", Region),
        storage=_by_key(bill["storage.csv"], "provider", StoragePrice),
        failures=_by_key(bill["failures.csv"], "architecture", FailureRate),
        defaults=_by_key(bill["defaults.csv"], "name", Default),
        folder=folder,
        frameworks=_by_key(bill["frameworks.csv"], "framework", Framework),
        framework_peaks=_framework_peaks(bill["framework_peaks.csv"]),
        unplanned=unplanned_gpus(files["gpus.csv"]),
        readings=readings,
        held_back=doubts(offers, price_bounds(gpus, readings)),
    )


def _check_rows(files: dict[str, Rows], lent: dict[str, Rows]) -> None:
    """Raise a CatalogError for rows that contradict themselves, or rows of other tables."""
    check_terms(files["offers.csv"])
    check_parts(files["gpus.csv"])
    check_references(files)
    _raise_mistakes(files)
    check_classes(files["cluster_classes.csv"])
    for file in ("offers.csv", "efficiency.csv"):
        check_planned(files[file], files["gpus.csv"])
    check_bill({**files, **lent})
    check_readings({**files, **lent}["price_readings.csv"])
    _raise_mistakes({**files, **lent})


def _read_files(folder: Path, latest: date) -> dict[str, Rows]:
    there = (table for table in lendable_tables(latest) if (folder / table.file).exists())
    return {
        table.file: read_unique(folder / table.file, table)
        for table in (*own_tables(latest), *there)
    }


def _lent_files(folder: Path, latest: date) -> dict[str, Rows]:
    """The shipped tables in the place of those that the folder lacks."""
    lacking = [t.file for t in lendable_tables(latest) if not (folder / t.file).exists()]
    return {file: _lent(file, latest) for file in lacking}


def _lent(file: str, latest: date) -> Rows:
    """A shipped table whose mistakes are noted apart: others are lent it too."""
    shipped = _shipped_rows(file, latest)
    return replace(shipped, mistakes=[*shipped.mistakes], wrong_lines={*shipped.wrong_lines})


@lru_cache(maxsize=64)
def _shipped_rows(file: str, latest: date) -> Rows:
    """A shipped table, read once: it stays as it is while a process runs."""
    (table,) = (t for t in (*lendable_tables(latest), sources_table()) if t.file == file)
    return read_unique(SHIPPED / table.file, table)


def _lent_sources(lent: dict[str, Rows]) -> dict[str, Source]:
    """The shipped sources that rows of the shipped tables cite."""
    cited = {row.get("source") for found in lent.values() for _, row in found.rows}
    shipped = _by_key(_shipped_rows(sources_table().file, date.max), "source", Source)
    return {key: source for key, source in shipped.items() if key in cited}


def load_gpus(folder: Path = SHIPPED) -> dict[str, Gpu]:
    """The GPU models that can be planned with, by name; a CatalogError for mistakes in the file."""
    table = gpus_table(max(date.today(), SNAPSHOT_ON))
    found = read_unique(folder / table.file, table)
    check_parts(found)
    if found.mistakes:
        raise CatalogError(found.mistakes)
    return planned_gpus(found)


def _raise_mistakes(files: dict[str, Rows]) -> None:
    mistakes = [mistake for found in files.values() for mistake in found.mistakes]
    if mistakes:
        raise CatalogError(mistakes)


def _by_key(found: Rows, key: str, row_class: type) -> dict[str, Any]:
    return {row[key]: row_class(**row) for _, row in found.rows}


def _offers(found: Rows, classes: dict[str, ClusterClass]) -> tuple[Offer, ...]:
    """The offers; a largest cluster that nobody published is its class's default."""
    offers = []
    for line, row in found.rows:
        offer = make_offer(row, classes)
        check_largest(found, line, offer)
        offers.append(offer)
    return tuple(offers)


def check_largest(found: Rows, line: int, offer: Offer) -> None:
    """The largest cluster holds at least a node and the fewest GPUs sold; else a mistake."""
    if offer.max_gpus < max(offer.min_gpus, offer.gpus_per_node):
        published = offer.max_gpus_basis == "published"
        whose = "" if published else f", the default of class {offer.cluster_class!r}"
        least = f"min_gpus {offer.min_gpus} and one node of {offer.gpus_per_node}"
        found.mistake(line, "max_gpus", f"{offer.max_gpus}{whose}; expected at least {least}")


def capacity_of(pricing: Pricing, of_class: ClusterClass) -> Capacity:
    """How sure one gets an offer: spot and owned say so themselves, else its class does."""
    if pricing == "spot" or pricing == "owned":
        return pricing
    return of_class.capacity


def make_offer(
    row: dict[str, Any], classes: dict[str, ClusterClass], capacity: Capacity | None = None
) -> Offer:
    """One offer from its cells, with its largest cluster resolved; an owned GPU has no price.

    ``capacity`` is how it is had where its class does not decide that.
    """
    published = row["max_gpus"] is not None
    of_class = classes[row["cluster_class"]]
    default = of_class.largest_cluster(row["gpus_per_node"])
    resolved = {
        "max_gpus": row["max_gpus"] if published else default,
        "max_gpus_basis": "published" if published else "estimate",
        "usd_per_gpu_hour": row["usd_per_gpu_hour"] or 0.0,
        "capacity": capacity or capacity_of(row["pricing"], of_class),
    }
    return Offer(**(row | resolved))


def _curves(found: Rows) -> dict[tuple[str, Precision], tuple[Breakpoint, ...]]:
    """Breakpoints by GPU model and precision, smallest fleet first."""
    curves: dict[tuple[str, Precision], list[Breakpoint]] = {}
    for _, row in found.rows:
        point = Breakpoint(**row)
        curves.setdefault((point.gpu, point.precision), []).append(point)
    return {key: tuple(sorted(curve, key=lambda p: p.gpus)) for key, curve in curves.items()}


def _framework_peaks(found: Rows) -> dict[tuple[str, str], FrameworkPeak]:
    return {(row["framework"], row["gpu"]): FrameworkPeak(**row) for _, row in found.rows}
