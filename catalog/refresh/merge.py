"""The files of a catalog with one import in it: whole tables are copied, offers are replaced."""

import csv
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from catalog.load import SHIPPED
from catalog.place import OFFERS_FILE, SNAPSHOT_FILE, read_snapshot_file
from catalog.refresh.delivery import Delivery
from catalog.refresh.difference import Change
from catalog.refresh.newest import Older, newest_rows
from catalog.refresh.offers import Cells, with_unique_names
from catalog.refresh.partial import Covered
from catalog.refresh.swap import named_errors
from catalog.refresh.whole import Whole

SOURCES_FILE = "sources.csv"
SIZE_SOURCE = "size_source"
REFRESHED_NAME = "refreshed"


class NothingNewerError(Exception):
    """An import all of whose rows have newer readings in the catalog: there is nothing to write."""

    def __init__(self, older: Sequence[Older]) -> None:
        self.older = tuple(older)
        super().__init__(f"{len(self.older)} rows, all older")


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of the offers: those kept for want of a price to be trusted, rows not taken.

    ``taken`` is how many of a provider's rows were.
    """

    kept: tuple[str, ...]
    older: tuple[Older, ...]
    taken: Mapping[str, int]


def write_catalog(new: Path, base: Path, deliveries: Iterable[Delivery]) -> Merged:
    """Fill the folder ``new``; what was kept of the old offers, and what is not taken of the list.

    Offers of a provider and pricing that the import has are replaced, unless they were read later
    than it; of a list that is not whole, only by a price of the same product and region. All others
    stay. NothingNewerError where that leaves nothing of the import.
    """
    header, old = _read(base / OFFERS_FILE)
    deliveries, older = _newest(list(deliveries), old)
    if not any(part.rows for part in deliveries):
        raise NothingNewerError(older)
    _copy_tables(base, new)
    whole = Whole(part for part in deliveries if part.is_whole)
    covered = Covered(row for part in deliveries if not part.is_whole for row in part.rows)
    doubted = [left["offer"] for row in old if (left := whole.doubted(row)) is not None]
    staying = (left for row in old if (left := whole.left(row)) is not None)
    kept = [left for row in staying if (left := covered.left(row)) is not None]
    imported = [row for part in deliveries for row in part.rows]
    rows = [*kept, *with_unique_names(imported, {row["offer"].strip() for row in kept})]
    rows.sort(key=lambda row: row["offer"])
    if SIZE_SOURCE not in header and any(row.get(SIZE_SOURCE) for row in imported):
        header = [*header, SIZE_SOURCE]
    _write(new / OFFERS_FILE, header, rows)
    brought = [part for part in deliveries if part.rows]
    _write_sources(new / SOURCES_FILE, base / SOURCES_FILE, brought)
    _write_snapshot(new / SNAPSHOT_FILE, base, brought, max(row["read_on"] for row in rows))
    return Merged(
        tuple(doubted), tuple(older), {part.provider: len(part.rows) for part in deliveries}
    )


def _newest(deliveries: list[Delivery], old: list[Cells]) -> tuple[list[Delivery], list[Older]]:
    """The deliveries without the rows that have a newer reading in the catalog, and these."""
    newest, older = [], []
    for part in deliveries:
        own = [row for row in old if row["provider"].strip() == part.provider]
        taken, left = newest_rows(part.rows, own)
        origin = {**part.origin, "offers": len(taken)}
        newest.append(replace(part, rows=taken, origin=origin))
        older += left
    return newest, older


def _copy_tables(base: Path, new: Path) -> None:
    """All files of a catalog. Tables that a newer version added are lent when loading."""
    # The shipped tables lie among code.
    files = SHIPPED.glob("*.csv") if base == SHIPPED else base.iterdir()
    for path in files:
        if path.is_file():
            # It is the copy for which there is no room, not the table that is copied.
            with named_errors(new / path.name):
                shutil.copyfile(path, new / path.name)


def _write_sources(path: Path, base: Path, deliveries: list[Delivery]) -> None:
    header, old = _read(base)
    new = {part.source["source"]: part.source for part in deliveries}
    rows = [row for row in old if row["source"].strip() not in new]
    held = {row["source"].strip() for row in rows} | set(new)
    # A folder of an older version lacks sources that came later.
    cited = {one["source"]: one for part in deliveries for one in part.cited}
    new |= {name: one for name, one in cited.items() if name not in held}
    _write(path, header, sorted([*rows, *new.values()], key=lambda row: row["source"]))


def _write_snapshot(path: Path, base: Path, deliveries: list[Delivery], newest: str) -> None:
    earlier = read_snapshot_file(base).get("sources")
    providers = {part.provider for part in deliveries if part.is_whole}
    again = [
        (part.origin.get("kind"), part.provider, part.origin.get("read_on")) for part in deliveries
    ]
    held = [
        one
        for one in (earlier if isinstance(earlier, list) else [])
        if isinstance(one, dict)
        and one.get("provider") not in providers
        and _reading(one) not in again
    ]
    stated = {
        "name": REFRESHED_NAME,
        "date": date.fromisoformat(newest.strip()).isoformat(),
        "sources": [*held, *(part.origin for part in deliveries)],
    }
    _write_json(path, stated)


def _reading(origin: Mapping[str, object]) -> tuple[object, ...]:
    """Which kind of list of which provider it was, and of which day."""
    return origin.get("kind"), origin.get("provider"), origin.get("read_on")


def _read(path: Path) -> tuple[list[str], list[Cells]]:
    """Header and rows as they stand."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        rows = [row for row in reader if any(row.values())]
        return list(reader.fieldnames or ()), rows


def add_questioned(folder: Path, changes: Iterable[Change]) -> None:
    """Note in snapshot.json the prices that moved so far that somebody should ask."""
    stated = read_snapshot_file(folder)
    moved: dict[str, list[dict[str, object]]] = defaultdict(list)
    for change in changes:
        moved[change.new.provider].append(
            {
                "offer": change.new.offer,
                "usd_per_gpu_hour": change.new.usd_per_gpu_hour,
                "was_usd_per_gpu_hour": change.old.usd_per_gpu_hour,
                "was_read_on": change.old.read_on.isoformat(),
            }
        )
    sources = stated.get("sources")
    for one in sources if isinstance(sources, list) else []:
        if isinstance(one, dict) and moved.get(str(one.get("provider"))):
            one["questioned"] = moved[str(one["provider"])]
    if moved:
        _write_json(folder / SNAPSHOT_FILE, stated)


def _write_json(path: Path, stated: Mapping[str, object]) -> None:
    with named_errors(path):
        path.write_text(json.dumps(stated, indent=2) + "\n", encoding="utf-8")


def _write(path: Path, header: list[str], rows: Iterable[Cells]) -> None:
    with named_errors(path), path.open("w", encoding="utf-8", newline="") as stream:
        # A folder of an older version lacks columns that came later.
        writer = csv.DictWriter(
            stream, header, restval="", extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)
