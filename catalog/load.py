"""The catalogue, read whole and checked whole: all mistakes are reported at once."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from catalog.csv_file import CatalogError, Rows, duplicate_mistakes, read_rows
from catalog.rows import Breakpoint, ClusterClass, Gpu, Offer, Precision, Source
from catalog.tables import (
    Table,
    cluster_classes_table,
    efficiency_table,
    gpus_table,
    offers_table,
    sources_table,
)

SHIPPED = Path(__file__).parent

# The day on which the shipped snapshot was last entered. A machine whose clock runs behind
# it can still plan; a figure dated after both is a mistake.
SNAPSHOT_ON = date(2026, 11, 24)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that can be bought and has been measured, with its sources."""

    gpus: dict[str, Gpu]
    offers: tuple[Offer, ...]
    efficiency: dict[tuple[str, Precision], tuple[Breakpoint, ...]]
    cluster_classes: dict[str, ClusterClass]
    sources: dict[str, Source]
    folder: Path

    def breakpoints(self, gpu: str, precision: Precision) -> tuple[Breakpoint, ...]:
        """Breakpoints by rising fleet size; empty where no curve is known."""
        return self.efficiency.get((gpu, precision), ())

    def oldest_price(self) -> date:
        """The day on which the oldest price in the catalogue was read."""
        return min(offer.read_on for offer in self.offers)


def load_catalog(folder: Path = SHIPPED, today: date | None = None) -> Catalog:
    """The catalogue in ``folder``, or a CatalogError that lists every mistake in it.

    Dates may lie neither after ``today`` (default: this machine's date) nor after the
    shipped snapshot's own day, whichever is later.
    """
    if not folder.is_dir():
        raise CatalogError([f"{folder}: no such folder; expected a catalogue of CSV files"])
    latest = max(today or date.today(), SNAPSHOT_ON)
    tables = (
        sources_table(),
        gpus_table(latest),
        cluster_classes_table(),
        offers_table(latest),
        efficiency_table(latest),
    )
    files = {table.file: _read_unique(folder, table) for table in tables}
    if any(found.mistakes for found in files.values()):
        raise CatalogError([m for found in files.values() for m in found.mistakes])
    _check_references(files)
    _check_classes(files["cluster_classes.csv"])
    offers = _offers(files["offers.csv"], files["cluster_classes.csv"])
    _check_curves(files["efficiency.csv"], files["gpus.csv"], offers)
    mistakes = [m for found in files.values() for m in found.mistakes]
    if mistakes:
        raise CatalogError(mistakes)
    return Catalog(
        gpus={row["gpu"]: Gpu(**row) for _, row in files["gpus.csv"].rows},
        offers=tuple(offers),
        efficiency=_curves(files["efficiency.csv"]),
        cluster_classes=_classes(files["cluster_classes.csv"]),
        sources={row["source"]: Source(**row) for _, row in files["sources.csv"].rows},
        folder=folder,
    )


def load_gpus(folder: Path = SHIPPED) -> dict[str, Gpu]:
    """The GPU models alone, by name; a CatalogError where the file has mistakes."""
    found = _read_unique(folder, gpus_table(max(date.today(), SNAPSHOT_ON)))
    if found.mistakes:
        raise CatalogError(found.mistakes)
    return {row["gpu"]: Gpu(**row) for _, row in found.rows}


def _read_unique(folder: Path, table: Table) -> Rows:
    found = read_rows(folder / table.file, table)
    duplicate_mistakes(found, table.key)
    return found


def _check_references(files: dict[str, Rows]) -> None:
    """Every foreign key must resolve: sources, GPU models and cluster classes."""
    known = {
        "source": ("sources.csv", {row["source"] for _, row in files["sources.csv"].rows}),
        "gpu": ("gpus.csv", {row["gpu"] for _, row in files["gpus.csv"].rows}),
        "cluster_class": (
            "cluster_classes.csv",
            {row["cluster_class"] for _, row in files["cluster_classes.csv"].rows},
        ),
    }
    for found in files.values():
        for line, row in found.rows:
            for column, (file, keys) in known.items():
                if column in row and row[column] not in keys:
                    found.mistake(line, column, f"{row[column]!r}; expected a row of {file}")


def _check_classes(found: Rows) -> None:
    for line, row in found.rows:
        if (row["max_nodes"] is None) == (row["max_gpus"] is None):
            found.mistake(line, "max_nodes", "expected exactly one of max_nodes and max_gpus")


def _classes(found: Rows) -> dict[str, ClusterClass]:
    return {row["cluster_class"]: ClusterClass(**row) for _, row in found.rows}


def _offers(found: Rows, class_rows: Rows) -> list[Offer]:
    """The offers; a largest cluster that nobody published is its class's default."""
    classes = _classes(class_rows)
    offers = []
    for line, row in found.rows:
        if row["cluster_class"] not in classes:
            continue
        offer = make_offer(row, classes)
        if offer.max_gpus < max(offer.min_gpus, offer.gpus_per_node):
            least = f"min_gpus {offer.min_gpus} and one node of {offer.gpus_per_node}"
            found.mistake(line, "max_gpus", f"{offer.max_gpus}; expected at least {least}")
        offers.append(offer)
    return offers


def make_offer(row: dict[str, Any], classes: dict[str, ClusterClass]) -> Offer:
    """One offer from its cells, with its largest cluster resolved."""
    published = row["max_gpus"] is not None
    default = classes[row["cluster_class"]].largest_cluster(row["gpus_per_node"])
    resolved = {
        "max_gpus": row["max_gpus"] if published else default,
        "max_gpus_basis": "published" if published else "estimate",
    }
    return Offer(**(row | resolved))


def _check_curves(found: Rows, gpus: Rows, offers: list[Offer]) -> None:
    """Each curve's GPU has that precision, and each GPU on offer has a curve."""
    peaks = {row["gpu"]: row for _, row in gpus.rows}
    for line, row in found.rows:
        column = f"peak_{row['precision']}_tflops"
        if row["gpu"] in peaks and peaks[row["gpu"]][column] is None:
            found.mistake(line, "precision", f"{row['gpu']} has no {column} in gpus.csv")
    curved = {row["gpu"] for _, row in found.rows}
    for gpu in sorted({offer.gpu for offer in offers} - curved):
        found.mistakes.append(f"{found.where}: no row for {gpu}; expected one, it is on offer")


def _curves(found: Rows) -> dict[tuple[str, Precision], tuple[Breakpoint, ...]]:
    curves: dict[tuple[str, Precision], list[Breakpoint]] = {}
    for _, row in found.rows:
        point = Breakpoint(**row)
        curves.setdefault((point.gpu, point.precision), []).append(point)
    ordered = {key: tuple(sorted(c, key=lambda p: p.gpus)) for key, c in curves.items()}
    assert all(a.gpus < b.gpus for curve in ordered.values() for a, b in pairwise(curve))
    return ordered
