"""`sixnd catalog`: import prices, see what changed, audit a catalog, say which one is used."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.commands.age import age
from optimizer.commands.asking import names
from optimizer.commands.console import progress_bar, show
from optimizer.commands.options import Json, argument, option
from optimizer.commands.price_lists import Accept, Currency, Fx, add_price_lists
from optimizer.commands.usage import Command

if TYPE_CHECKING:
    from catalog.refresh.importing import Imported

NOTHING_IMPORTED = 1
# How many offers of a kind an import lists for each provider; `sixnd catalog diff` has them all.
LISTED_AFTER_IMPORT = 5

_settings = {
    "rich_markup_mode": None,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
catalog_app = typer.Typer(help="Import prices, compare and audit catalogs.", **_settings)  # type: ignore[arg-type]
import_app = typer.Typer(help="Bring prices up to date from a list.", **_settings)  # type: ignore[arg-type]
catalog_app.add_typer(import_app, name="import")

Files = Annotated[
    list[str],
    argument("SkyPilot's CSV of one cloud, a path or an https address; repeatable.", "FILE_OR_URL"),
]
OneProvider = Annotated[
    str | None, option("The provider (default: the known one that the path names).", "aws")
]
Providers = Annotated[
    list[str] | None, option("A provider; repeatable (default: all).", "aws", "--provider")
]
ReadOn = Annotated[
    str | None,
    option("The day of the prices (default: the list's own, or Last-Modified).", "YYYY-MM-DD"),
]
OldFolder = Annotated[Path | None, argument("The old catalog (default: the shipped one).", "A")]
NewFolder = Annotated[Path | None, argument("The new catalog (default: the active one).", "B")]
AnyFolder = Annotated[Path | None, argument("A catalog (default: the active one).", "FOLDER")]


@import_app.command(cls=Command)
def skypilot(
    files: Files,
    provider: OneProvider = None,
    read_on: ReadOn = None,
    accept: Accept = None,
    currency: Currency = None,
    fx: Fx = None,
    as_json: Json = False,
) -> None:
    """Import SkyPilot's catalog files, one a cloud."""
    from catalog.refresh.importing import import_skypilot
    from catalog.refresh.money import read_money

    money = read_money(currency, names(fx))
    with progress_bar() as bar:
        imported = import_skypilot(
            files,
            provider,
            read_on,
            date.today(),
            progress=bar,
            accept=accept or (),
            money=money,
        )
    _print_import(imported, as_json)


@import_app.command(cls=Command)
def gpuhunt(
    providers: Providers = None,
    read_on: ReadOn = None,
    accept: Accept = None,
    as_json: Json = False,
) -> None:
    """Import the catalog of the package gpuhunt.

    From the folder GPUHUNT_CATALOG_DIR, or else as published. A provider that cannot be read is
    left out with a warning.
    """
    from catalog.refresh.importing import import_gpuhunt

    with progress_bar() as bar:
        imported = import_gpuhunt(
            names(providers), read_on, date.today(), progress=bar, accept=accept or ()
        )
    _print_import(imported, as_json)


add_price_lists(import_app, lambda imported, as_json: _print_import(imported, as_json))


@catalog_app.command(cls=Command)
def diff(old: OldFolder = None, new: NewFolder = None, as_json: Json = False) -> None:
    """Offers added, removed and priced anew, the largest changes first."""
    from catalog import load_catalog
    from catalog.load import SHIPPED
    from catalog.place import active_catalog, snapshot_of
    from catalog.refresh.difference import difference
    from optimizer.report.data.refresh import difference_data
    from optimizer.report.text.refresh import difference_text

    folders = [Path(old) if old else SHIPPED, Path(new) if new else active_catalog()]
    catalogs = [load_catalog(folder) for folder in folders]
    found = difference(*catalogs)
    snapshots = [(facts.folder, snapshot_of(facts)) for facts in catalogs]
    show(difference_data(found, snapshots) if as_json else difference_text(found, snapshots))


@catalog_app.command(cls=Command)
def check(folder: AnyFolder = None, as_json: Json = False) -> None:
    """What to doubt in a catalog: prices, dates, networks, sources.

    Exit code 0 where it loads, whatever is found, and 2 where it does not.
    """
    from catalog import load_catalog
    from catalog.place import active_catalog
    from catalog.refresh.audit import audit
    from optimizer.report.data.refresh import findings_data
    from optimizer.report.text.refresh import findings_text

    facts = load_catalog(Path(folder) if folder else active_catalog())
    found = audit(facts, date.today())
    show(findings_data(found, facts) if as_json else findings_text(found, facts))


@catalog_app.command(cls=Command)
def where(as_json: Json = False) -> None:
    """The folder of the active catalog, its name and its date."""
    from catalog.place import OFFERS_FILE, active_catalog, read_snapshot, user_catalog
    from optimizer.report.data.refresh import where_data
    from optimizer.report.text.refresh import where_text

    active, user = active_catalog(), user_catalog()
    snapshot = read_snapshot(active) if (active / OFFERS_FILE).is_file() else None
    show((where_data if as_json else where_text)(active, snapshot, user))


catalog_app.command(cls=Command)(age)


def _print_import(imported: "Imported", as_json: bool) -> None:
    """The report on stdout, a warning for each provider that could not be read on stderr."""
    from optimizer.report.data.refresh import imported_data
    from optimizer.report.text.refresh import imported_text

    show(imported_data(imported) if as_json else imported_text(imported, LISTED_AFTER_IMPORT))
    for failure in imported.failures:
        print(f"warning: {failure}", file=sys.stderr)
    if imported.difference is None:
        raise typer.Exit(NOTHING_IMPORTED)
