"""A buyer's own offers, in the columns of offers.csv, beside or instead of the catalog's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from catalog.check_terms import check_terms
from catalog.columns import CellError
from catalog.csv_file import CatalogError, Rows, read_rows
from catalog.held_back import judged
from catalog.load import SNAPSHOT_ON, Catalog, check_largest, make_offer
from catalog.quote_columns import quote_template, quotes_table
from catalog.quote_contracts import Contracts
from catalog.quote_headers import spelling
from catalog.quote_names import named_apart
from catalog.quote_offers import QUOTE_SOURCE, Quote, completed, quote_defaults
from catalog.quote_prices import checked_rates
from catalog.quote_remarks import Remark, on_expiry, on_notes, on_prices, on_quotes, said
from catalog.quote_rows import Line, Prices, current, has_prices
from catalog.quote_sizes import parted, replaced
from catalog.rows import Offer, Source
from catalog.vocabulary import Capacity, Pricing

__all__ = ["QUOTE_SOURCE", "add_quotes", "quote_template"]


def add_quotes(
    catalog: Catalog,
    path: Path,
    today: date | None = None,
    *,
    fx: Mapping[str, float] | None = None,
    skip_unreadable: bool = False,
) -> Catalog:
    """The catalog with the quotes of a file; one with a known name takes that offer's place.

    Columns that a file leaves out keep what that offer has, or else a cautious default. ``fx``
    are your rates, USD of one unit of a currency: ``{"EUR": 1.09}``. What was assumed, converted
    or replaced, and what has expired before ``today`` (default: this machine's date) or soon will
    is said in ``remarks``. CatalogError lists every mistake in the file; with ``skip_unreadable``
    rows with mistakes are left out instead, each with a remark, as long as one is left. ValueError
    for rates that are none. Names of GPUs and providers are forgiving, but PCIe is not SXM.
    """
    read_on, rates = today or date.today(), checked_rates(fx)
    table = quotes_table(catalog, max(read_on, SNAPSHOT_ON))
    found = read_rows(path, table, spelling(table.columns))
    known = {offer.offer: offer for offer in catalog.offers}
    prices, contracts = Prices(found, known, rates), Contracts(found, rates, read_on)
    rows = current(found, prices, contracts, read_on) if has_prices(found) else ()
    named = named_apart(found, _made(found, rows, catalog, known, read_on), known)
    named = [quote for quote in named if quote.line not in found.wrong_lines]
    added = parted(found, named, known)
    quotes = [quote for quote in named if quote.line not in found.wrong_lines]
    found.rows = [(line, row) for line, row in found.rows if line not in found.wrong_lines]
    if found.mistakes and not (skip_unreadable and found.rows and found.is_whole):
        raise CatalogError(found.mistakes)
    lines = {quote.line for quote in quotes}
    converted = [one for one in prices.converted if one.line in lines]
    remarks = [*on_expiry(found, read_on), *on_prices(converted, rates)]
    remarks += [*on_quotes(quotes, known), *on_notes(quotes, converted)]
    return judged(_quoted(catalog, found, quotes, added, remarks, read_on), added)


def _quoted(
    catalog: Catalog,
    found: Rows,
    quotes: Sequence[Quote],
    added: Sequence[Offer],
    remarks: Sequence[Remark],
    read_on: date,
) -> Catalog:
    """The catalog with these quotes in it, and what is to be said of the file."""
    return replace(
        catalog,
        offers=(*replaced(catalog.offers, quotes), *added),
        sources=_sources(catalog, found.where) if quotes else catalog.sources,
        remarks=(
            *catalog.remarks,
            *(f"left out: {mistake}" for mistake in found.mistakes),
            *(said(found.where, remark) for remark in sorted(remarks)),
        ),
        expired_quotes=_expired(catalog, found, read_on),
    )


def _expired(catalog: Catalog, found: Rows, today: date) -> dict[str, date]:
    """The last day of each provider's latest quote that has expired."""
    ends = dict(catalog.expired_quotes)
    for _, row in found.rows:
        end, provider = row["valid_until"], row["provider"]
        if end is not None and end < today:
            ends[provider] = max(end, ends.get(provider, end))
    return ends


def _check_fabric(found: Rows, line: int, row: dict[str, Any], offer: Offer) -> None:
    """A network where there is more than one node; one left out is the old one, or assumed."""
    if row["fabric"] == "none" and offer.max_gpus > offer.gpus_per_node:
        what = f"'none' for up to {offer.max_gpus:,} GPUs in nodes of {offer.gpus_per_node}"
        found.mistake(line, "fabric", f"{what}; expected the network between nodes")


def _made(
    found: Rows, rows: Iterable[Line], catalog: Catalog, known: Mapping[str, Offer], today: date
) -> Iterator[Quote]:
    """The rows as whole offers; what cannot be made one is added to the mistakes."""
    defaults = quote_defaults(today)
    for line, row in rows:
        try:
            filled, assumed = completed(row, catalog, known, defaults)
        except CellError as error:
            found.mistake(line, "offer", str(error))
            continue
        if not _has_sound_terms(found, line, filled):
            continue
        signed = _signed(row, filled["pricing"])
        offer = make_offer(filled, catalog.cluster_classes, signed)
        by_size = row["tiers"] or (), row["ramp"] or ()
        quote = Quote(line, offer, row["offer"] is not None, assumed, *by_size)
        check_largest(found, line, quote.offer)
        _check_fabric(found, line, row, quote.offer)
        yield quote


def _signed(row: dict[str, Any], pricing: Pricing) -> Capacity | None:
    """A quote is had by signing it, whatever the offer whose place it takes; unless it says how."""
    says = row["cluster_class"] is not None or pricing in ("spot", "owned")
    return None if says else "contract"


def _has_sound_terms(found: Rows, line: int, filled: dict[str, Any]) -> bool:
    """Whether price, purchase and durations go together, as in offers.csv; else mistakes."""
    whole = Rows(found.where, [(line, filled)], headers=found.headers)
    check_terms(whole)
    found.mistakes += whole.mistakes
    found.wrong_lines |= whole.wrong_lines
    return not whole.mistakes


def _sources(catalog: Catalog, file: str) -> dict[str, Source]:
    """The sources with the quotes as one of them; further files are added to its title."""
    earlier = catalog.sources.get(QUOTE_SOURCE)
    title = file if earlier is None else f"{earlier.title}, {file}"
    quoted = Source(QUOTE_SOURCE, "you", title, "", "offers given with --offers", "quote", "")
    return {**catalog.sources, QUOTE_SOURCE: quoted}
