"""Tables of prices, brought into a user's catalog."""

import os
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from refresh_market import TODAY, write_market

from catalog import CatalogError, Offer, load_catalog
from catalog.refresh.importing import Imported
from catalog.refresh.lists.importing import Given, import_table
from catalog.refresh.money import read_money

READ_ON = "2026-11-18"


def bring(
    folder: Path,
    text: str,
    *maps: str,
    provider: str | None = None,
    unit: str | None = None,
    shape: str | None = None,
    fx: tuple[str, ...] = (),
    currency: str | None = None,
    read_on: str | None = READ_ON,
    name: str = "list.txt",
) -> Imported:
    """Import a table with this text into the user's catalog."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    stamp = datetime.fromisoformat(READ_ON).timestamp()
    os.utime(path, (stamp, stamp))
    market = write_market(folder / "shipped")
    given = Given(read_on, read_money(currency, fx), provider, TODAY, shipped=market)
    return import_table(str(path), maps, shape, unit, given)


def imported_offers(home: Path, *providers: str) -> list[Offer]:
    """What the user's catalog has of the imports, in order."""
    offers = load_catalog(home, TODAY).offers
    found = [o for o in offers if o.source.startswith("import_csv_")]
    return [one for one in found if not providers or one.provider in providers]


def damaged(tables: Sequence[str], seed: int) -> str:
    """One of the tables with up to forty of its characters put wrong."""
    chance = random.Random(seed)
    text = list(chance.choice(tables))
    for _ in range(chance.randint(1, 40)):
        wrong = ("", " ", ",", ";", "\n", '"', "=", "<b>", "9" * 400, "-", "{", "[", "null", "e9")
        text[chance.randrange(len(text))] = chance.choice(wrong)
    return "".join(text)


def read_or_refused(folder: Path, home: Path, text: str) -> None:
    """There is no error but a refusal, and a catalog that loads is left."""
    with suppress(CatalogError):
        bring(folder, text, provider="x", unit="gpu")
    if home.exists():
        assert load_catalog(home, TODAY).offers
