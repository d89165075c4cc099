"""A buyer's own offers, in the columns of offers.csv, beside or instead of the catalog's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from catalog.columns import CellError
from catalog.csv_file import CatalogError, Rows, plain_header, read_rows
from catalog.inert import terminal_safe
from catalog.load import SNAPSHOT_ON, Catalog, check_largest, make_offer
from catalog.quote_cells import WithoutUnit
from catalog.quote_columns import (
    ALIASES,
    PRICE_EXPECTED,
    TERM_EXPECTED,
    quote_template,
    quotes_table,
)
from catalog.quote_names import named_apart
from catalog.quote_offers import QUOTE_SOURCE, Quote, completed, quote_defaults
from catalog.rows import Offer, Source
from catalog.terms import check_terms

__all__ = ["QUOTE_SOURCE", "add_quotes", "quote_template"]

# A contract takes about as long: quotes that end so soon are worth a word.
SOON_DAYS = 14
_Line = tuple[int, Any]


def add_quotes(catalog: Catalog, path: Path, today: date | None = None) -> Catalog:
    """The catalog with the quotes of a file; one with a known name takes that offer's place.

    Columns that a file leaves out keep what that offer has, or else a cautious default. What
    was assumed, what was replaced, and what has expired before ``today`` (default: this
    machine's date) or soon will is said in ``remarks``. CatalogError lists every mistake in
    the file. Names of GPUs and providers are forgiving, but PCIe and SXM are not the same.
    """
    read_on = today or date.today()
    found = read_rows(path, quotes_table(catalog, max(read_on, SNAPSHOT_ON)), ALIASES)
    known = {offer.offer: offer for offer in catalog.offers}
    made = _made(found, _current(found, read_on), catalog, known, read_on)
    quotes = named_apart(found, made, known)
    if found.mistakes:
        raise CatalogError(found.mistakes)
    remarks = sorted([*_on_expiry(found, read_on), *_on_quotes(quotes, known)])
    return replace(
        catalog,
        offers=_together(catalog.offers, quotes),
        sources=_sources(catalog, found.where) if quotes else catalog.sources,
        remarks=(*catalog.remarks, *(_said(found.where, *remark) for remark in remarks)),
    )


def _current(found: Rows, today: date) -> Iterator[_Line]:
    """The rows that have not expired; expired ones too must hold a price and a term."""
    for line, row in found.rows:
        if found.has_too_many_mistakes(line):
            return
        sound = [_has_price(found, line, row), _has_term(found, line, row)]
        has_expired = row["valid_until"] is not None and row["valid_until"] < today
        if all(sound) and not has_expired:
            yield line, row


def _has_price(found: Rows, line: int, row: dict[str, Any]) -> bool:
    """A price is never defaulted, not even to that of the offer whose place a quote takes."""
    if row["usd_per_gpu_hour"] is not None or row["pricing"] == "owned":
        return True
    found.mistake(line, "usd_per_gpu_hour", f"is blank; expected {PRICE_EXPECTED}")
    return False


def _has_term(found: Rows, line: int, row: dict[str, Any]) -> bool:
    """A bare number counts hours only under a header that says so: a term of 12 may be months."""
    term = row["commitment_hours"]
    header = plain_header(found.headers.get("commitment_hours", ""))
    if not isinstance(term, WithoutUnit) or not term or header == "commitment_hours":
        return True
    found.mistake(line, "commitment_hours", f"'{term:g}' has no unit; expected {TERM_EXPECTED}")
    return False


def _check_fabric(found: Rows, line: int, row: dict[str, Any], offer: Offer) -> None:
    """A network where there is more than one node; one left out is the old one, or assumed."""
    if row["fabric"] == "none" and offer.max_gpus > offer.gpus_per_node:
        what = f"'none' for up to {offer.max_gpus:,} GPUs in nodes of {offer.gpus_per_node}"
        found.mistake(line, "fabric", f"{what}; expected the network between nodes")


def _made(
    found: Rows, rows: Iterable[_Line], catalog: Catalog, known: Mapping[str, Offer], today: date
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
        offer = _signed(make_offer(filled, catalog.cluster_classes), row)
        quote = Quote(line, offer, row["offer"] is not None, assumed)
        check_largest(found, line, quote.offer)
        _check_fabric(found, line, row, quote.offer)
        yield quote


def _signed(offer: Offer, row: dict[str, Any]) -> Offer:
    """A quote is had by signing it, whatever the offer whose place it takes; unless it says how."""
    says = row["cluster_class"] is not None or offer.capacity in ("spot", "owned")
    return offer if says else replace(offer, capacity="contract")


def _has_sound_terms(found: Rows, line: int, filled: dict[str, Any]) -> bool:
    """Whether price, purchase and durations go together, as in offers.csv; else mistakes."""
    whole = Rows(found.where, [(line, filled)], headers=found.headers)
    check_terms(whole)
    found.mistakes += whole.mistakes
    return not whole.mistakes


def _on_expiry(found: Rows, today: date) -> Iterator[tuple[int, int, str]]:
    """Remarks, as line, place among the line's and sentence, on what has ended or soon will."""
    for line, row in found.rows:
        end = row["valid_until"]
        if end is None:
            continue
        whose = f"the quote of {row['provider']} for {row['gpu']}"
        days = (end - today).days
        if days < 0:
            yield line, 0, f"{whose} expired on {end} and is left out; ask for a new one"
        elif days <= SOON_DAYS:
            when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
            yield line, 3, f"{whose} expires {when}, on {end}"


def _on_quotes(
    quotes: Iterable[Quote], known: Mapping[str, Offer]
) -> Iterator[tuple[int, int, str]]:
    """Remarks, as line, place among the line's and sentence, on what a quote replaces or lacks."""
    for quote in quotes:
        new = quote.offer
        if new.offer in known:
            old = known[new.offer]
            whose = "an earlier quote" if old.source == QUOTE_SOURCE else "the catalog"
            yield quote.line, 1, f"takes the place of {new.offer} in {whose}: {_prices(old, new)}"
        for assumed in quote.assumed:
            yield quote.line, 2, f"{new.offer}: {assumed}"


def _prices(old: Offer, new: Offer) -> str:
    if old.purchase_usd_per_gpu and new.purchase_usd_per_gpu:
        return f"{old.purchase_usd_per_gpu:,g} -> {new.purchase_usd_per_gpu:,g} USD a GPU"
    return f"{old.usd_per_gpu_hour:g} -> {new.usd_per_gpu_hour:g} USD a GPU-hour"


def _said(where: str, line: int, _place: int, sentence: str) -> str:
    return terminal_safe(f"{where}:{line}: {sentence}")


def _together(offers: Iterable[Offer], quotes: Iterable[Quote]) -> tuple[Offer, ...]:
    added = {quote.offer.offer: quote.offer for quote in quotes}
    return (*(offer for offer in offers if offer.offer not in added), *added.values())


def _sources(catalog: Catalog, file: str) -> dict[str, Source]:
    """The sources with the quotes as one of them; further files are added to its title."""
    earlier = catalog.sources.get(QUOTE_SOURCE)
    title = file if earlier is None else f"{earlier.title}, {file}"
    quoted = Source(QUOTE_SOURCE, "you", title, "", "offers given with --offers", "quote", "")
    return {**catalog.sources, QUOTE_SOURCE: quoted}
