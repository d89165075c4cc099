"""The files of a catalog with one import in it: whole tables are copied, offers are replaced."""

import csv
import json
import shutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from catalog.load import SHIPPED
from catalog.refresh.offers import Cells, with_unique_names
from catalog.refresh.place import OFFERS_FILE, SNAPSHOT_FILE, read_snapshot_file

SOURCES_FILE = "sources.csv"
REFRESHED_NAME = "refreshed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One provider's part of an import.

    ``rows`` and ``source`` are cells of offers.csv and sources.csv; ``doubted`` are GPU models or
    families that the list has without a price to be trusted; ``origin`` goes into snapshot.json.
    """

    provider: str
    rows: Sequence[Cells]
    source: Cells
    doubted: Collection[str]
    origin: dict[str, object]


def write_catalog(new: Path, base: Path, deliveries: Iterable[Delivery]) -> list[str]:
    """Fill the folder ``new``; the names of the offers kept for want of a price to be trusted.

    Offers of a provider and pricing that the import has are replaced; all others stay.
    """
    deliveries = list(deliveries)
    # The shipped tables lie among code. Tables that a newer version added are lent when loading.
    files = SHIPPED.glob("*.csv") if base == SHIPPED else base.iterdir()
    for path in files:
        if path.is_file():
            shutil.copyfile(path, new / path.name)
    header, old = _read(base / OFFERS_FILE)
    stays = _Stays(deliveries)
    doubted = [row["offer"] for row in old if stays.in_doubt(row)]
    kept = [row for row in old if stays.in_doubt(row) or not stays.is_replaced(row)]
    imported = [row for part in deliveries for row in part.rows]
    rows = [*kept, *with_unique_names(imported, {row["offer"].strip() for row in kept})]
    rows.sort(key=lambda row: row["offer"])
    _write(new / OFFERS_FILE, header, rows)
    _write_sources(new / SOURCES_FILE, base / SOURCES_FILE, deliveries)
    _write_snapshot(new / SNAPSHOT_FILE, base, deliveries, max(row["read_on"] for row in rows))
    return doubted


class _Stays:
    """Which offers of the old catalog an import leaves in place."""

    def __init__(self, deliveries: Iterable[Delivery]) -> None:
        self.sold: set[tuple[str, str]] = set()
        self.priced: set[tuple[str, str, str]] = set()
        self.doubted: set[tuple[str, str]] = set()
        for part in deliveries:
            self.sold |= {(row["provider"], row["pricing"]) for row in part.rows}
            self.priced |= {(row["provider"], row["gpu"], row["pricing"]) for row in part.rows}
            self.doubted |= {(part.provider, name) for name in part.doubted}

    def is_replaced(self, row: Cells) -> bool:
        """Whether the import has offers of the same provider and pricing."""
        return (row["provider"].strip(), row["pricing"].strip()) in self.sold

    def in_doubt(self, row: Cells) -> bool:
        """Whether it has them, but no price of this GPU to be trusted."""
        provider, gpu, pricing = (row[name].strip() for name in ("provider", "gpu", "pricing"))
        if not self.is_replaced(row) or (provider, gpu, pricing) in self.priced:
            return False
        words = gpu.split("_")
        names = ("_".join(words[:n]) for n in range(1, len(words) + 1))
        return any((provider, name) in self.doubted for name in names)


def _write_sources(path: Path, base: Path, deliveries: list[Delivery]) -> None:
    header, old = _read(base)
    new = {part.source["source"]: part.source for part in deliveries}
    rows = [row for row in old if row["source"].strip() not in new]
    _write(path, header, sorted([*rows, *new.values()], key=lambda row: row["source"]))


def _write_snapshot(path: Path, base: Path, deliveries: list[Delivery], newest: str) -> None:
    earlier = read_snapshot_file(base).get("sources")
    providers = {part.provider for part in deliveries}
    held = [
        one
        for one in (earlier if isinstance(earlier, list) else [])
        if isinstance(one, dict) and one.get("provider") not in providers
    ]
    stated = {
        "name": REFRESHED_NAME,
        "date": date.fromisoformat(newest.strip()).isoformat(),
        "sources": [*held, *(part.origin for part in deliveries)],
    }
    path.write_text(json.dumps(stated, indent=2) + "\n", encoding="utf-8")


def _read(path: Path) -> tuple[list[str], list[Cells]]:
    """Header and rows as they stand."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        rows = [row for row in reader if any(row.values())]
        return list(reader.fieldnames or ()), rows


def _write(path: Path, header: list[str], rows: Iterable[Cells]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        # A folder of an older version lacks columns that came later.
        writer = csv.DictWriter(
            stream, header, restval="", extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)
