"""What a reader of the files themselves would doubt: order, places on a machine, loose sources."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from catalog.csv_file import read_rows
from catalog.load import SNAPSHOT_ON, Catalog
from catalog.refresh.finding import Finding
from catalog.table import Table
from catalog.tables import all_tables

# A page is public; a folder is somebody's.
_PLACE = re.compile(r"(^|[\s\",(])/(work|tmp|home|mnt|root|Users)/|localhost|file:", re.MULTILINE)
_ATTRIBUTED = re.compile(r"\(https://\S+\); changed: ")
# Kinds of source that have no page.
NOWHERE = {"estimate", "memory"}


class _Sourced(Protocol):
    """A row with a source and a note."""

    @property
    def source(self) -> str:
        """Key of sources.csv."""
        ...

    @property
    def note(self) -> str:
        """What to know."""
        ...


def audit_files(catalog: Catalog, today: date) -> Iterator[Finding]:
    """The folder's CSV files, as they stand; a table that is lent is not looked at."""
    for table in all_tables(max(today, SNAPSHOT_ON)):
        path = catalog.folder / table.file
        if path.is_file():
            yield from _audit_file(path, table)


def _audit_file(path: Path, table: Table) -> Iterator[Finding]:
    keys = [tuple(row[name] for name in table.key) for _, row in read_rows(path, table).rows]
    for before, after in pairwise(keys):
        if after < before:
            said = f"{_spelled(after)} stands after {_spelled(before)}; expected rows by key"
            yield Finding("note", "rows out of order", said, (path.name,))
            break
    text = path.read_bytes().decode("utf-8-sig")
    place = _PLACE.search(text)
    if place is not None:
        line = text.count("\n", 0, place.start()) + 1
        said = f"line {line} names a place on a machine; expected a public page"
        yield Finding("warning", "place on a machine", said, (path.name,))
    if "\r" in text or not text.endswith("\n"):
        said = "expected lines that end with a line feed alone, the last one too"
        yield Finding("note", "line ends", said, (path.name,))


def _spelled(key: tuple[object, ...]) -> str:
    return " ".join(str(part) for part in key)


def audit_sources(catalog: Catalog, _: date) -> Iterator[Finding]:
    """Sources that nothing cites, that do not say why they have no address, or lack a license."""
    cited = _cited(catalog)
    loose = tuple(name for name in catalog.sources if name not in cited)
    if loose:
        said = f"{len(loose)}: no row cites them and no note names them"
        yield Finding("note", "sources that are not used", said, loose)
    for check, about in (
        ("sources without an address or a reason", _unexplained(catalog)),
        ("sources without a license", _unlicensed(catalog)),
        ("licenses whose attribution is not complete", _unattributed(catalog)),
    ):
        if about:
            yield Finding("note", check, f"{len(about)} of {len(catalog.sources)}", about)


def _cited(catalog: Catalog) -> set[str]:
    """The sources that rows cite, and the words of notes: a median names what it leans on."""
    dated: tuple[_Sourced, ...] = (
        *catalog.offers,
        *catalog.gpus.values(),
        *catalog.unplanned.values(),
        *(point for curve in catalog.efficiency.values() for point in curve),
        *catalog.regions.values(),
        *catalog.storage.values(),
        *catalog.failures.values(),
        *catalog.defaults.values(),
    )
    cited = {row.source for row in dated}
    cited |= {reading.source for reading in catalog.readings}
    cited |= {offer.size_source for offer in catalog.offers}
    cited |= {one.source for one in catalog.cluster_classes.values()}
    return cited | {word for row in dated for word in re.findall(r"\w+", row.note)}


def _unexplained(catalog: Catalog) -> tuple[str, ...]:
    """Blank addresses are explained; our own estimates and memory have none."""
    return tuple(
        source.source
        for source in catalog.sources.values()
        if not source.url and source.kind not in NOWHERE and "not recorded" not in source.says
    )


def _unlicensed(catalog: Catalog) -> tuple[str, ...]:
    """Also that none was found is said."""
    return tuple(one.source for one in catalog.sources.values() if not one.license)


def _unattributed(catalog: Catalog) -> tuple[str, ...]:
    """A license that asks for attribution has it: a link, and what was changed."""
    return tuple(
        source.source
        for source in catalog.sources.values()
        if source.license.startswith("CC BY") and not _ATTRIBUTED.search(source.license)
    )
