"""An import from beginning to end: lists read, prices checked, the user's catalog replaced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from catalog.columns import url
from catalog.csv_file import CatalogError
from catalog.load import SHIPPED, Catalog, load_catalog
from catalog.refresh.difference import Difference, difference
from catalog.refresh.fetch import Document, Opener, read_day, read_document
from catalog.refresh.hunted import open_hunt, read_provider
from catalog.refresh.listing import Found, provider_name
from catalog.refresh.merge import Delivery, write_catalog
from catalog.refresh.money import IN_USD, Money
from catalog.refresh.offers import Cells, Origin, offer_rows
from catalog.refresh.place import Snapshot, snapshot_of, user_catalog
from catalog.refresh.prices import real_prices
from catalog.refresh.skypilot import Progress, read_skypilot
from catalog.refresh.swap import replace_folder
from catalog.refresh.tally import Reason, Tally
from catalog.rows import Gpu

# Files that are called so name no provider: the folder does.
NAMELESS = {"vms", "catalog", "pricing", ""}
# What sources.csv calls the lists of each kind.
CALLED = {
    "aws_price_list": "AWS price list",
    "azure_retail": "Azure Retail Prices API",
    "csv": "Price list",
    "ec2instances": "ec2instances.info",
    "gcp_skus": "Google Cloud Billing Catalog",
    "gpuhunt": "gpuhunt catalog",
    "skypilot": "SkyPilot catalog",
}
NEW_PROVIDER = "provider new to the catalog"


@dataclass(frozen=True, slots=True)
class Listed:
    """One provider's list: what it is called, its day and where that comes from."""

    found: Found
    name: str
    read_on: date
    dated_by: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ProviderImport:
    """What one provider's list came to."""

    provider: str
    source: str
    read_on: date
    dated_by: str
    rows: int
    offers: int


@dataclass(frozen=True, slots=True)
class Imported:
    """An import and what it changed; ``difference`` and ``snapshot`` are None if it was empty.

    ``kept`` are old offers of GPUs whose new prices were all left out; ``failures`` are
    providers, with the reason, that could not be read at all.
    """

    folder: Path
    providers: tuple[ProviderImport, ...]
    left_out: tuple[Reason, ...]
    notes: tuple[Reason, ...]
    failures: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    difference: Difference | None = None
    snapshot: Snapshot | None = None


def import_skypilot(
    sources: Sequence[str],
    provider: str | None = None,
    read_on: str | None = None,
    today: date | None = None,
    open_url: Opener | None = None,
    progress: Progress | None = None,
    shipped: Path = SHIPPED,
    money: Money = IN_USD,
) -> Imported:
    """Import SkyPilot's files of one cloud each; CatalogError, and nothing written, if one fails.

    The provider is taken from the path, or given for a single file. ``money`` is the currency of
    all of them.
    """
    on = today or date.today()
    dated = read_day(read_on, on) if read_on is not None else None
    if provider is not None and len(sources) != 1:
        raise CatalogError(["--provider: names one provider; expected one file with it"])
    facts = load_catalog(shipped, on)
    left_out, notes = Tally(), Tally()
    lists: list[Listed] = []
    mistakes: list[str] = []
    for source in sources:
        try:
            document = read_document(source, on, dated, open_url, progress)
            name = _provider(document, provider)
            if any(name == other.found.provider for other in lists):
                raise CatalogError([f"{document.name}: {name} is there twice; expected it once"])
            found = Found(name, left_out, notes)
            read_skypilot(document.name, document.text, found, priceable(facts), progress, money)
            lists.append(
                Listed(found, document.name, document.read_on, document.dated_by, document.url)
            )
        except CatalogError as error:
            mistakes += error.mistakes
    if mistakes:
        raise CatalogError(mistakes)
    return install("skypilot", lists, facts, left_out, notes, on)


def import_gpuhunt(
    providers: Sequence[str] = (),
    read_on: str | None = None,
    today: date | None = None,
    progress: Progress | None = None,
    shipped: Path = SHIPPED,
) -> Imported:
    """Import gpuhunt's catalog, or some of its providers; one that fails is told, not fatal.

    CatalogError where the package is missing, or has no catalog at all.
    """
    on = today or date.today()
    dated = read_day(read_on, on) if read_on is not None else None
    hunt = open_hunt(providers, on)
    facts = load_catalog(shipped, on)
    left_out, notes, failures = Tally(), Tally(), [*hunt.failures]
    lists = []
    for name, when in hunt.dated.items():
        found = Found(provider_name(name), left_out, notes)
        failure = read_provider(hunt, name, found, priceable(facts), progress)
        if failure:
            failures.append(failure)
        else:
            lists.append(Listed(found, name, *((dated, "as given") if dated else when)))
    return install("gpuhunt", lists, facts, left_out, notes, on, failures)


def _provider(document: Document, given: str | None) -> str:
    """The provider that a file is of: vms.csv lies in its folder, aws.csv has its name."""
    parts = document.parts
    words = [given] if given is not None else [Path("", *parts).stem, *parts[-2:-1]]
    names = [provider_name(word) for word in words if word.lower() not in NAMELESS]
    if not names or not names[0]:
        shown = "--provider" if given is not None else document.name
        what = "names no provider; expected a path such as aws/vms.csv, or --provider aws"
        raise CatalogError([f"{shown}: {what}"])
    return names[0]


def priceable(facts: Catalog) -> dict[str, Gpu]:
    """The GPU models that an offer can be of: those with an MFU curve."""
    curved = {gpu for gpu, _ in facts.efficiency}
    return {name: gpu for name, gpu in facts.gpus.items() if name in curved}


def install(
    kind: str,
    lists: Sequence[Listed],
    facts: Catalog,
    left_out: Tally,
    notes: Tally,
    today: date,
    failures: Sequence[str] = (),
) -> Imported:
    """Put the prices of lists into the user's catalog; nothing is written where there are none.

    ``facts`` is the shipped catalog, which networks and sizes are taken from.
    """
    folder = user_catalog()
    parts = [(one, _delivery(kind, one, facts, notes, today)) for one in lists]
    providers = tuple(
        ProviderImport(
            part.provider, one.name, one.read_on, one.dated_by, one.found.rows, len(part.rows)
        )
        for one, part in parts
    )
    deliveries = [part for _, part in parts if part.rows]
    if not deliveries:
        return Imported(folder, providers, left_out.reasons(), notes.reasons(), tuple(failures))
    known = {offer.provider for offer in facts.offers}
    for part in deliveries:
        if part.provider not in known:
            notes.add(NEW_PROVIDER, part.provider)

    def fill(new: Path, old: Path | None) -> tuple[Difference, list[str], Snapshot]:
        before = _loaded(old, today) if old else facts
        kept = write_catalog(new, before.folder, deliveries)
        after = load_catalog(new, today)
        return difference(before, after), kept, snapshot_of(after)

    changes, kept, snapshot = replace_folder(folder, fill)
    return Imported(
        folder,
        providers,
        left_out.reasons(),
        notes.reasons(),
        tuple(failures),
        tuple(kept),
        changes,
        snapshot,
    )


def _loaded(folder: Path, today: date) -> Catalog:
    try:
        return load_catalog(folder, today)
    except CatalogError as error:
        hint = f"{folder}: the catalog to import into does not load; mend it, or delete the folder"
        raise CatalogError([hint, *error.mistakes]) from None


def _delivery(kind: str, one: Listed, facts: Catalog, notes: Tally, today: date) -> Delivery:
    found, day = one.found, one.read_on.isoformat()
    origin = Origin(f"import_{kind}_{found.provider}", day)
    rows = offer_rows(real_prices(found), origin, facts, notes)
    stated: dict[str, object] = {
        "kind": kind,
        "provider": found.provider,
        "from": one.url or Path(one.name).name,
        "read_on": day,
        "dated_by": one.dated_by,
        "imported_on": today.isoformat(),
        "offers": len(rows),
    }
    source = _source(kind, one, origin, today)
    return Delivery(found.provider, rows, source, frozenset(found.doubted), stated)


def _source(kind: str, one: Listed, origin: Origin, today: date) -> Cells:
    """The row of sources.csv that the imported offers rest on."""
    called = CALLED[kind]
    says = f"prices as the list has them on {origin.read_on} ({one.dated_by}), imported on"
    return {
        "source": origin.source,
        "publisher": called,
        "title": f"{called}: {one.found.provider}",
        "url": _web_address(one.url),
        "says": f"{says} {today.isoformat()}; nobody has read the provider's own page",
        "kind": "compiled_table",
        "license": "",
    }


def _web_address(address: str) -> str:
    """The address where sources.csv takes it, else nothing: a host without a dot is none."""
    try:
        return str(url().read(address))
    except ValueError:
        return ""
