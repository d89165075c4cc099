"""Imports, differences, findings and places, as a person reads them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from catalog import Catalog, Offer
from catalog.place import Snapshot
from catalog.refresh.difference import Change, Difference, ProviderDifference
from catalog.refresh.finding import Finding
from catalog.refresh.importing import Imported
from catalog.refresh.newest import Older
from catalog.refresh.tally import Reason
from optimizer.report.text.parts import facts, heading, listed, note, plain_table
from optimizer.say import price

NAMES_OF_A_FINDING = 3


def imported_text(imported: Imported, most: int) -> Iterator[RenderableType]:
    """What came in, what was left out and why, and what changed: ``most`` offers of a kind."""
    offers = sum(one.offers for one in imported.providers)
    if imported.snapshot is None:
        why = "no list has a price that can be used"
        if imported.older:
            why = "the catalog has newer readings of all that the lists sell"
        yield Text(f"Nothing to import: {why}.", style="bold")
        yield note("no file was written")
    else:
        yield Text(f"Imported {_count(offers, 'offer')} into", style="bold")
        yield Text(f"{imported.folder}", overflow="fold")
    yield from _lists(imported)
    for row in imported.accepted[:most]:
        said = f"warning: {row}; it was accepted, and plans ask for --accept again"
        yield Text(said, overflow="fold")
    title = "Held back: prices that cannot be true; --accept OFFER takes one"
    yield from listed(title, _first(imported.held_back, most, str))
    title = "older: left, for the catalog has newer readings"
    yield from listed(title, _first(imported.older, most, _older))
    title = "questioned: taken, but a third or more away from the reading before"
    yield from listed(title, _first(imported.questioned, most, _questioned))
    yield from listed("Left out", map(_reason, imported.left_out))
    yield from listed("Taken with a remark", map(_reason, imported.notes))
    title = "Kept as they were: the list has their GPU, but no price to be trusted"
    yield from listed(title, imported.kept)
    if imported.difference is not None:
        yield from _difference(imported.difference, most)


def difference_text(
    found: Difference, snapshots: Sequence[tuple[Path, Snapshot]]
) -> Iterator[RenderableType]:
    """Every offer that differs, by provider; ``snapshots`` of the old folder and the new."""
    old, new = (f"{one.name} ({one.date.isoformat()})" for _, one in snapshots)
    yield Text(f"From {old} to {new}", style="bold")
    yield from _difference(found, None)


def findings_text(found: Sequence[Finding], catalog: Catalog) -> Iterator[RenderableType]:
    """The findings by check, warnings first, each with the names it is about."""
    warnings = sum(finding.severity == "warning" for finding in found)
    counted = f"{_count(warnings, 'warning')}, {_count(len(found) - warnings, 'note')}"
    yield Text(f"{_count(len(catalog.offers), 'offer')}: {counted}", style="bold")
    yield Text(f"{catalog.folder}", overflow="fold")
    titles = dict.fromkeys(f"{finding.severity}: {finding.check}" for finding in found)
    for title in titles:
        same = [one for one in found if f"{one.severity}: {one.check}" == title]
        yield from listed(title[:1].upper() + title[1:], map(_finding, same))


def where_text(active: Path, snapshot: Snapshot | None, user: Path) -> Iterator[RenderableType]:
    """The active folder, its snapshot and where an import would go."""
    rows = [("folder", str(active))]
    if snapshot is None:
        rows += [("holds", "no catalog yet; `sixnd catalog import` makes one there")]
    else:
        rows += [("snapshot", snapshot.name), ("date", snapshot.date.isoformat())]
    if active != user:
        rows += [("imports", f"go to {user}")]
    yield from list(facts(rows))[1:]


def _lists(imported: Imported) -> Iterator[RenderableType]:
    table = plain_table("provider", "list", "dated by", "read on", "offers", "rows", left=3)
    for one in imported.providers:
        counts = (f"{one.offers:,}", f"{one.rows:,}")
        table.add_row(one.provider, one.source, one.dated_by, one.read_on.isoformat(), *counts)
    if table.row_count:
        yield from heading("Lists")
        yield table


def _first(rows: Sequence[Any], most: int, say: Callable[[Any], str]) -> Iterator[str]:
    """The first of many; --json has them all."""
    yield from map(say, rows[:most])
    if len(rows) > most:
        yield f"and {len(rows) - most:,} more; --json has them all"


def _older(older: Older) -> str:
    where = f" in {' '.join(older.regions)}" if older.regions else ""
    return f"{older.offer}{where} of {older.read_on}: {older.newer} is of {older.newer_read_on}"


def _questioned(change: Change) -> str:
    old, new = change.old, change.new
    prices = f"{price(old.usd_per_gpu_hour)} ({old.read_on}) to {price(new.usd_per_gpu_hour)}"
    return f"{new.offer}: {prices} ({new.read_on}), {change.percent:+.0f} %"


def _reason(reason: Reason) -> str:
    return f"{reason.count:,}: {reason.reason}, such as {'; '.join(reason.examples)}"


def _difference(found: Difference, most: int | None) -> Iterator[RenderableType]:
    for one in found.providers:
        yield from heading(f"{one.provider}: {_counts(one)}")
        if one.gone:
            gone = ", ".join(f"{gpu} {pricing}" for gpu, pricing in one.gone)
            yield Text(f"  no offer left: {gone}", overflow="fold")
        if one.changed:
            yield _changes(one.changed[:most])
        yield from _offers("added", one.added, most)
        yield from _offers("removed", one.removed, most)
        if most is not None and max(map(len, (one.changed, one.added, one.removed))) > most:
            yield note("  the rest: sixnd catalog diff")
    yield Text()
    yield note(f"{_count(found.same_price, 'offer')} at the same price; USD per GPU-hour")


def _counts(one: ProviderDifference) -> str:
    counts = (("changed", one.changed), ("added", one.added), ("removed", one.removed))
    return ", ".join(f"{len(offers):,} {what}" for what, offers in counts if offers)


def _changes(changes: Iterable[Change]) -> RenderableType:
    table = plain_table("  offer", "old", "new", "change")
    for one in changes:
        prices = (price(one.old.usd_per_gpu_hour), price(one.new.usd_per_gpu_hour))
        table.add_row(f"  {one.new.offer}", *prices, f"{one.percent:+.1f} %")
    return table


def _offers(what: str, offers: Sequence[Offer], most: int | None) -> Iterator[RenderableType]:
    for offer in offers[:most]:
        yield Text(f"  {what} {offer.offer}, {price(offer.usd_per_gpu_hour)}", overflow="fold")


def _finding(finding: Finding) -> str:
    shown = ", ".join(finding.about[:NAMES_OF_A_FINDING])
    rest = len(finding.about) - NAMES_OF_A_FINDING
    return f"{finding.says}: {shown}{f' and {rest} more' if rest > 0 else ''}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
