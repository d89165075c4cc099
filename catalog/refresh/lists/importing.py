"""Imports of tables, from the file to the user's catalog."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from catalog.csv_file import LARGEST_FILE_MB, CatalogError
from catalog.inert import terminal_safe
from catalog.load import SHIPPED, Catalog, load_catalog
from catalog.providers import known_providers
from catalog.refresh.dating import read_day
from catalog.refresh.fetch import Document, Opener, is_url, read_document
from catalog.refresh.importing import Imported, Listed, install, priceable
from catalog.refresh.listing import provider_name
from catalog.refresh.lists.asked import Asked
from catalog.refresh.lists.grammar import nearest, read_map
from catalog.refresh.lists.looks import hint, looks_like
from catalog.refresh.lists.mapped import read_mapped
from catalog.refresh.lists.nested import flattened
from catalog.refresh.lists.records import Records, read_data, table_of_data, table_of_text
from catalog.refresh.lists.shapes import Shape, named_shape, shape_of
from catalog.refresh.lists.words import read_day as day_of
from catalog.refresh.money import IN_USD, Money
from catalog.refresh.skypilot import Progress
from catalog.refresh.tally import Tally
from catalog.refresh.whose import known_names

UNITS = ("node", "gpu")
KEEP_GPUS = "keep the rows of GPU machines alone and try again"


@dataclass(frozen=True, slots=True)
class Given:
    """What is given with a list: its day, currency and provider, and offers to take in any case.

    ``accept``, ``open_url`` and ``progress`` are as in ``import_skypilot``.
    """

    read_on: str | None = None
    money: Money = IN_USD
    provider: str | None = None
    today: date | None = None
    open_url: Opener | None = None
    progress: Progress | None = None
    shipped: Path = SHIPPED
    accept: Collection[str] = ()


def import_table(
    source: str,
    maps: Sequence[str] = (),
    shape: str | None = None,
    unit: str | None = None,
    given: Given | None = None,
) -> Imported:
    """Import a table of prices: CSV, JSON, JSON lines or YAML, at a path or an https address.

    ``maps`` are entries as in ``catalog.refresh.lists.grammar``; without them ``shape`` names a
    known one, or the columns tell it. CatalogError, and nothing written, where the table cannot
    be read or is no list of offers.
    """
    given = given or Given()
    on, facts, document = opened(source, given, KEEP_GPUS)
    _check(maps, shape, unit, given.provider)
    records, known = _table(document)
    if maps:
        mapping = read_map(maps, records.columns)
    else:
        chosen = named_shape(shape) if shape is not None else known
        mapping = read_map([_map_of(chosen, records, document)], records.columns)
    day = document.read_on if given.read_on else _own_day(records, document, on)
    asked = _asked(facts, given, day, on, unit or "")
    left_out, notes = Tally(), Tally()
    try:
        found = read_mapped(document.name, records, mapping, asked, left_out, notes, given.progress)
    except CatalogError as error:
        raise CatalogError([f"{document.name}: {one}" for one in error.mistakes]) from None
    dated_by = document.dated_by if day == document.read_on else "the list"
    lists = [Listed(one, document.name, day, dated_by, document.url) for one in found]
    return install("csv", lists, facts, left_out, notes, on, accept=given.accept)


def _check(maps: Sequence[str], shape: str | None, unit: str | None, provider: str | None) -> None:
    """CatalogError, with all of them, where options are none or do not go together."""
    mistakes = []
    if unit is not None and unit not in UNITS:
        mistakes.append(f"--unit: {terminal_safe(unit)[:40]!r}; expected node or gpu")
    if maps and shape is not None:
        mistakes.append("--shape: given with --map; expected one of them; leave out the other")
    if provider is not None and not provider_name(provider):
        mistakes.append("--provider: names no provider; expected a name such as lambda")
    if mistakes:
        raise CatalogError(mistakes)


def _asked(facts: Catalog, given: Given, read_on: date, today: date, unit: str) -> Asked:
    """How a table is to be read, with what the shipped catalog knows."""
    nodes: dict[tuple[str, str], set[int]] = defaultdict(set)
    for offer in facts.offers:
        nodes[offer.provider, offer.gpu].add(offer.gpus_per_node)
    return Asked(
        priceable(facts),
        {key: sorted(sizes) for key, sizes in nodes.items()},
        given.money,
        read_on,
        today,
        given.provider or "",
        unit,
        known_providers(known_names(facts)),
    )


def opened(source: str, given: Given, do: str) -> tuple[date, Catalog, Document]:
    """Today, the shipped catalog, and the list; a file that is too large says what to do."""
    on = given.today or date.today()
    dated = read_day(given.read_on, on) if given.read_on is not None else None
    path = Path(source)
    if not is_url(source) and path.is_file() and path.stat().st_size > LARGEST_FILE_MB * 1e6:
        size = f"{path.stat().st_size / 1e6:,.0f} MB"
        what = f"{size}; expected at most {LARGEST_FILE_MB} MB; {do}"
        raise CatalogError([f"{terminal_safe(path.name)}: {what}"])
    document = read_document(source, on, dated, given.open_url, given.progress)
    return on, load_catalog(given.shipped, on), document


def _table(document: Document) -> tuple[Records, Shape | None]:
    """The table in a document, and the shape that its columns tell."""
    try:
        data = read_data(document.name, document.text)
        if data is None:
            records = table_of_text(document.name, document.text)
        else:
            records = table_of_data(document.name, flattened(data))
    except CatalogError as error:
        what, _ = looks_like(document.text)
        told = f"; {hint(document.text, 'csv')}" if what else ""
        raise CatalogError([f"{one}{told}" for one in error.mistakes]) from None
    return records, shape_of(records.columns)


def _map_of(shape: Shape | None, records: Records, document: Document) -> str:
    """The shape's map; CatalogError where it holds no offers, or is not known."""
    if shape is None:
        there = nearest("", records.columns)
        what = f"columns of no known list; {there}; {hint(document.text, 'csv')}"
        raise CatalogError([f"{document.name}: {what}"])
    if shape.refused:
        raise CatalogError([f"{document.name}: {shape.refused}; expected a list of offers"])
    return shape.map


def _own_day(records: Records, document: Document, today: date) -> date:
    """The day that a list states for all of its rows, where it is one; else the document's."""
    try:
        stated = day_of(records.day)
    except ValueError:
        return document.read_on
    return stated if stated <= today else document.read_on
