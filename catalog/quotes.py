"""A buyer's own offers, in the columns of offers.csv, beside or instead of the catalog's."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from catalog.columns import Column
from catalog.csv_file import CatalogError, Rows, duplicate_mistakes, read_rows
from catalog.load import SNAPSHOT_ON, Catalog, check_largest, make_offer
from catalog.names import UnknownGpuError, match_gpu
from catalog.rows import Offer, Source
from catalog.tables import Table, offers_table
from catalog.terms import check_terms

QUOTE_SOURCE = "your_quote"
# What a quote that leaves a column out is taken to mean. Without a word on the network it is
# one node: a guess to the other side would train on GPUs that cannot talk to each other.
DEFAULTS: dict[str, object] = {
    "pricing": "on_demand",
    "region": "",
    "gpus_per_node": 8,
    "min_gpus": 1,
    "cluster_class": "single_node",
    "fabric": "none",
    "commitment_hours": 0.0,
    "upfront_usd_per_gpu": 0.0,
    "lead_time_hours": 0.0,
    "block_days": (),
    "source": QUOTE_SOURCE,
    "audit": "confirmed",
    "note": "",
}
REQUIRED_COLUMNS = ("provider", "gpu", "usd_per_gpu_hour")


def add_quotes(catalog: Catalog, path: Path, today: date | None = None) -> Catalog:
    """The catalog with the offers of a file; one with a known name takes that offer's place.

    Columns that a file leaves out keep what that offer has, or else are ``DEFAULTS``.
    CatalogError lists every mistake in the file. GPU names are forgiving, but have to name
    one model: PCIe and SXM are different products.
    """
    read_on = today or date.today()
    found = read_rows(path, _table(max(read_on, SNAPSHOT_ON)))
    offers = _offers(found, catalog, {**DEFAULTS, "read_on": read_on})
    if found.mistakes:
        raise CatalogError(found.mistakes)
    added = {offer.offer: offer for offer in offers}
    kept = tuple(offer for offer in catalog.offers if offer.offer not in added)
    source = Source(QUOTE_SOURCE, "you", path.name, "", "offers given with --offers", "quote", "")
    return replace(
        catalog,
        offers=(*kept, *offers),
        sources={**catalog.sources, QUOTE_SOURCE: source},
    )


def _table(latest: date) -> Table:
    """The columns of offers.csv, of which only provider, GPU and price are needed."""
    offers = offers_table(latest)
    columns = {
        name: column if name in REQUIRED_COLUMNS else replace(column, blank=None)
        for name, column in offers.columns.items()
    }
    columns["gpu"] = Column(str, "a GPU model such as h100_sxm", offers.columns["gpu"].blank)
    return Table("", columns, Offer, ("offer",), frozenset(columns) - {*REQUIRED_COLUMNS})


def _offers(found: Rows, catalog: Catalog, defaults: dict[str, object]) -> list[Offer]:
    """The offers of the rows; what is wrong with one is added to the mistakes."""
    named: list[tuple[int, Any]] = []
    for line, row in found.rows:
        gpu = _one_gpu(found, line, row["gpu"], catalog)
        if gpu is not None:
            whole = _completed({**row, "gpu": gpu}, catalog, defaults)
            if _known(found, line, whole, catalog):
                named.append((line, whole))
    checked = Rows(found.where, named)
    duplicate_mistakes(checked, ("offer",))
    check_terms(checked)
    found.mistakes += checked.mistakes
    offers = [(line, make_offer(row, catalog.cluster_classes)) for line, row in named]
    for line, offer in offers:
        check_largest(found, line, offer)
        _check_fabric(found, line, offer)
    return [offer for _, offer in offers]


def _completed(
    row: dict[str, Any], catalog: Catalog, defaults: dict[str, object]
) -> dict[str, Any]:
    """The row with its blanks filled, from the offer whose place it takes or else by default."""
    pricing = row["pricing"] or defaults["pricing"]
    name = row["offer"] or f"{row['provider']}_{row['gpu']}_{pricing}"
    old = next((offer for offer in catalog.offers if offer.offer == name), None)
    kept: dict[str, object] = {} if old is None else {**asdict(old), "source": QUOTE_SOURCE}
    if old is not None and old.max_gpus_basis == "estimate":
        kept["max_gpus"] = None
    kept |= {} if old is None else {"read_on": defaults["read_on"], "audit": defaults["audit"]}
    for column in _outdated(row, row["pricing"] or kept.get("pricing")):
        kept.pop(column, None)
    filled = {
        column: kept.get(column, defaults.get(column)) if value is None else value
        for column, value in row.items()
    }
    return {**filled, "offer": name}


def _outdated(row: dict[str, Any], pricing: object) -> Iterator[str]:
    """What of an old offer no longer holds beside what the row says of it."""
    yield "usd_per_gpu_hour"
    if pricing != "owned":
        yield "purchase_usd_per_gpu"
    if row["commitment_hours"]:
        yield "block_days"
    if row["block_days"]:
        yield "commitment_hours"


def _check_fabric(found: Rows, line: int, offer: Offer) -> None:
    """A network where there is more than one node."""
    if offer.fabric == "none" and offer.max_gpus > offer.gpus_per_node:
        what = f"'none' for up to {offer.max_gpus:,} GPUs in nodes of {offer.gpus_per_node}"
        found.mistake(line, "fabric", f"{what}; expected the network between nodes")


def _one_gpu(found: Rows, line: int, asked: str, catalog: Catalog) -> str | None:
    try:
        models = match_gpu(asked, catalog.gpus.values())
    except UnknownGpuError as error:
        found.mistake(line, "gpu", str(error))
        return None
    if len(models) > 1:
        listed = ", ".join(models)
        found.mistake(line, "gpu", f"{asked!r} names {listed}; expected one of them; say which")
        return None
    if not any(gpu == models[0] for gpu, _ in catalog.efficiency):
        found.mistake(line, "gpu", f"no MFU curve for {models[0]!r}; expected a GPU that has one")
        return None
    return models[0]


def _known(found: Rows, line: int, row: dict[str, Any], catalog: Catalog) -> bool:
    """Whether class and source are the catalog's; else a mistake."""
    known = {"cluster_class": catalog.cluster_classes, "source": {QUOTE_SOURCE, *catalog.sources}}
    wrong = [column for column, names in known.items() if row[column] not in names]
    for column in wrong:
        file = {"cluster_class": "cluster_classes.csv", "source": "sources.csv"}[column]
        found.mistake(line, column, f"{row[column]!r}; expected a row of {file}, or leave it blank")
    return not wrong
