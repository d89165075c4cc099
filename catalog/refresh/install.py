"""Lists that are read become offers of the user's catalog: what is taken, and what is not."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from catalog.columns import url
from catalog.csv_file import CatalogError
from catalog.held_back import ALL
from catalog.inert import terminal_safe
from catalog.load import Catalog, load_catalog
from catalog.place import Snapshot, snapshot_of, user_catalog
from catalog.plausible import price_bounds
from catalog.refresh.delivery import Delivery
from catalog.refresh.difference import Change, Difference, difference, questioned
from catalog.refresh.doubting import HeldRow, hold_back
from catalog.refresh.listing import Found
from catalog.refresh.merge import (
    SIZE_SOURCE,
    Merged,
    NothingNewerError,
    add_questioned,
    write_catalog,
)
from catalog.refresh.newest import Older
from catalog.refresh.offers import Cells, Origin, offer_rows
from catalog.refresh.prices import real_prices
from catalog.refresh.swap import replace_folder
from catalog.refresh.tally import Reason, Tally

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
# Lists that have all that a provider sells; others add to what is known of it.
WHOLE = {"gpuhunt", "skypilot"}
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
    providers, with the reason, that could not be read at all. ``held_back`` are prices that cannot
    be true, ``accepted`` such prices that were taken all the same, ``older`` rows with a newer
    reading in the catalog, and ``questioned`` prices that were taken and moved by a third or more.
    """

    folder: Path
    providers: tuple[ProviderImport, ...]
    left_out: tuple[Reason, ...]
    notes: tuple[Reason, ...]
    failures: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    difference: Difference | None = None
    snapshot: Snapshot | None = None
    held_back: tuple[HeldRow, ...] = ()
    accepted: tuple[HeldRow, ...] = ()
    older: tuple[Older, ...] = ()
    questioned: tuple[Change, ...] = ()


def install(
    kind: str,
    lists: Sequence[Listed],
    facts: Catalog,
    left_out: Tally,
    notes: Tally,
    today: date,
    failures: Sequence[str] = (),
    accept: Collection[str] = (),
) -> Imported:
    """Put the prices of lists into the user's catalog; nothing is written where there are none.

    ``facts`` is the shipped catalog, which networks, sizes and what prices can be are taken from.
    """
    folder = user_catalog()
    bounds = price_bounds(facts.gpus, facts.readings)
    odd = [row for one in lists for row in hold_back(one.found, bounds, accept)]
    parts = [(one, _delivery(kind, one, facts, notes, today)) for one in lists]
    _check_accepted(accept, odd, [part for _, part in parts])
    so_far = Imported(
        folder,
        tuple(_told(one, part) for one, part in parts),
        left_out.reasons(),
        notes.reasons(),
        tuple(failures),
        held_back=tuple(row for row in odd if not row.accepted),
        accepted=tuple(row for row in odd if row.accepted),
    )
    deliveries = [part for _, part in parts if part.rows]
    if not deliveries:
        return so_far
    known = {offer.provider for offer in facts.offers}
    for part in deliveries:
        if part.provider not in known:
            notes.add(NEW_PROVIDER, part.provider)
    return _put(so_far, deliveries, facts, notes, today)


def _put(
    so_far: Imported, deliveries: Sequence[Delivery], facts: Catalog, notes: Tally, today: date
) -> Imported:
    """The deliveries in the place of what the user's catalog has of them, and what came of it."""

    def fill(new: Path, old: Path | None) -> tuple[Difference, Merged, Snapshot]:
        before = _loaded(old, today) if old else facts
        merged = write_catalog(new, before.folder, deliveries)
        after = load_catalog(new, today)
        changes = difference(before, after)
        add_questioned(new, questioned(changes))
        return changes, merged, snapshot_of(after)

    try:
        changes, merged, snapshot = replace_folder(so_far.folder, fill)
    except NothingNewerError as nothing:
        none = tuple(replace(one, offers=0) for one in so_far.providers)
        return replace(so_far, providers=none, older=nothing.older)
    providers = tuple(
        replace(one, offers=merged.taken.get(one.provider, 0)) for one in so_far.providers
    )
    return replace(
        so_far,
        providers=providers,
        notes=notes.reasons(),
        kept=merged.kept,
        older=merged.older,
        difference=changes,
        questioned=questioned(changes),
        snapshot=snapshot,
    )


def _told(one: Listed, part: Delivery) -> ProviderImport:
    rows = (one.found.rows, len(part.rows))
    return ProviderImport(part.provider, one.name, one.read_on, one.dated_by, *rows)


def _check_accepted(
    accept: Collection[str], odd: Iterable[HeldRow], parts: Iterable[Delivery]
) -> None:
    """A name that nothing in the lists has is a mistake of the user's."""
    held = [row.offer for row in odd]
    there = {ALL, *held, *(row["offer"] for part in parts for row in part.rows)}
    unknown = [name for name in accept if name not in there]
    if unknown:
        near = f"held back are {', '.join(held[:3])}" if held else "no price is held back"
        what = f"is no offer of these lists; {near}; expected one of them, or all"
        raise CatalogError([f"--accept: {terminal_safe(n)[:80]!r} {what}" for n in unknown])


def _loaded(folder: Path, today: date) -> Catalog:
    try:
        return load_catalog(folder, today)
    except CatalogError as error:
        hint = f"{folder}: the catalog to import into does not load; mend it, or delete the folder"
        raise CatalogError([hint, *error.mistakes]) from None


def _delivery(kind: str, one: Listed, facts: Catalog, notes: Tally, today: date) -> Delivery:
    found, day = one.found, one.read_on.isoformat()
    # Prices of two lists that are not whole may stand side by side: each has its own source.
    dated = "" if kind in WHOLE else f"_{day.replace('-', '_')}"
    origin = Origin(f"import_{kind}_{found.provider}{dated}", day)
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
    doubted = frozenset(found.doubted)
    sizes = sorted({row[SIZE_SOURCE] for row in rows} - {""})
    cited = [asdict(facts.sources[name]) for name in sizes]
    unpriced = frozenset(found.unpriced)
    return Delivery(found.provider, rows, source, doubted, stated, kind in WHOLE, cited, unpriced)


def _source(kind: str, one: Listed, origin: Origin, today: date) -> Cells:
    """The row of sources.csv that the imported offers rest on."""
    called = CALLED[kind]
    nowhere = "" if _web_address(one.url) else "; address not recorded"
    says = f"prices as the list has them on {origin.read_on} ({one.dated_by}), imported on"
    return {
        "source": origin.source,
        "publisher": called,
        "title": f"{called}: {one.found.provider}",
        "url": _web_address(one.url),
        "says": f"{says} {today.isoformat()}; nobody has read the provider's own page{nowhere}",
        "kind": "compiled_table",
        "license": "",
    }


def _web_address(address: str) -> str:
    """The address where sources.csv takes it, else nothing: a host without a dot is none."""
    try:
        return str(url().read(address))
    except ValueError:
        return ""
