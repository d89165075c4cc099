"""Where the catalog is: the user's own folder once something was imported, else the shipped one."""

import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from catalog.csv_file import CatalogError, read_rows
from catalog.load import SHIPPED, SNAPSHOT_ON, Catalog
from catalog.tables import offers_table

VARIABLE = "SIXND_CATALOG"
SNAPSHOT_FILE = "snapshot.json"
OFFERS_FILE = "offers.csv"
SHIPPED_NAME = "shipped"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a catalog is called, and the day of its newest price."""

    name: str
    date: date


@dataclass(frozen=True, slots=True)
class Questioned:
    """An offer whose price moved by a third or more: what it was, USD per GPU-hour, and when."""

    offer: str
    was_usd_per_gpu_hour: float
    was_read_on: date


def user_catalog() -> Path:
    """The folder that imports go to; it need not exist. SIXND_CATALOG names another one."""
    given = os.environ.get(VARIABLE, "")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_data_dir

    return Path(user_data_dir("sixnd")) / "catalog"


def active_catalog() -> Path:
    """The folder to plan with: the user's if it is named or there, else the shipped one."""
    folder = user_catalog()
    whole = standing(folder)
    if os.environ.get(VARIABLE) or (whole / OFFERS_FILE).is_file():
        return whole
    return SHIPPED


def predecessor(folder: Path) -> Path:
    """Where a folder's old version is kept while the new one is put in its place."""
    return folder.with_name(f".{folder.name}.old")


def standing(folder: Path) -> Path:
    """The folder, or its old version where putting a new one in place was cut off."""
    old = predecessor(folder.resolve())
    return old if not folder.exists() and (old / OFFERS_FILE).is_file() else folder


def read_snapshot(folder: Path) -> Snapshot:
    """Name and date of a catalog: the newest day of its offers; a CatalogError where unreadable.

    A folder without snapshot.json has its own name.
    """
    return Snapshot(_name(folder), _newest_price(folder))


def snapshot_of(catalog: Catalog) -> Snapshot:
    """The same of a catalog that is loaded, without reading its offers again."""
    newest = max((offer.read_on for offer in catalog.offers), default=SNAPSHOT_ON)
    return Snapshot(_name(catalog.folder), newest)


def _name(folder: Path) -> str:
    """What the shipped catalog is called, or what snapshot.json says; the folder's without one."""
    if folder.resolve() == SHIPPED.resolve():
        return SHIPPED_NAME
    if not (folder / SNAPSHOT_FILE).exists():
        return folder.resolve().name
    stated = read_snapshot_file(folder)
    try:
        date.fromisoformat(str(stated["date"]))
        return str(stated["name"])
    except (KeyError, ValueError):
        raise _unreadable("no name, or no date as YYYY-MM-DD") from None


def read_snapshot_file(folder: Path) -> dict[str, object]:
    """All that snapshot.json says; empty where there is none."""
    path = folder / SNAPSHOT_FILE
    if not path.exists():
        return {}
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise _unreadable("not JSON in UTF-8") from None
    if not isinstance(stated, dict):
        raise _unreadable("not a JSON object")
    return stated


def questioned_prices(folder: Path) -> list[Questioned]:
    """The prices that the last import of each provider questioned, as snapshot.json has them."""
    sources = read_snapshot_file(folder).get("sources")
    found = []
    for source in sources if isinstance(sources, list) else []:
        noted = source.get("questioned") if isinstance(source, dict) else None
        for one in noted if isinstance(noted, list) else []:
            try:
                usd = float(one["was_usd_per_gpu_hour"])
                day = date.fromisoformat(one["was_read_on"])
                found.append(Questioned(str(one["offer"]), usd, day))
            except (KeyError, TypeError, ValueError):
                raise _unreadable("a questioned price without offer, price or day") from None
    return found


def _unreadable(what: str) -> CatalogError:
    return CatalogError([f"{SNAPSHOT_FILE}: {what}; expected what an import wrote; delete it"])


def _newest_price(folder: Path) -> date:
    found = read_rows(folder / OFFERS_FILE, offers_table(max(date.today(), SNAPSHOT_ON)))
    if found.mistakes:
        raise CatalogError(found.mistakes)
    newest: date = max(row["read_on"] for _, row in found.rows)
    return newest
