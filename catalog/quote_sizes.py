"""A quote whose price or start depends on the size of the fleet, parted into one offer a size.

Tiers give every GPU of a fleet the price of its size. A ramp-up lets a fleet start in the first
week in which there are as many GPUs: never sooner than it could, and no earlier smaller start is
counted on. Both part the sizes into intervals, and an offer of its own stands for each.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from catalog.csv_file import Rows
from catalog.quote_offers import QUOTE_SOURCE, Quote
from catalog.rows import Offer
from catalog.units import HOURS_PER_WEEK

_PIECE = re.compile(r"(.+)_from_[0-9]+")


def parted(found: Rows, quotes: Iterable[Quote], known: Mapping[str, Offer]) -> list[Offer]:
    """The offers of quotes, those of several sizes under the name of the quote and _from_GPUs.

    A mistake is noted where tiers or weeks and the largest cluster do not go together.
    """
    quotes = list(quotes)
    taken = {quote.offer.offer for quote in quotes}
    taken |= {name for name, offer in known.items() if offer.source != QUOTE_SOURCE}
    offers: list[Offer] = []
    for quote in quotes:
        if not quote.tiers and not quote.ramp:
            offers.append(quote.offer)
        elif _go_together(found, quote):
            offers += _named(found, quote, list(_pieces(quote)), taken)
    return offers


def replaced(offers: Iterable[Offer], quotes: Iterable[Quote]) -> Iterator[Offer]:
    """The offers whose place no quote takes: neither that of its name nor its earlier parts."""
    names = {quote.offer.offer for quote in quotes}
    for offer in offers:
        piece = _PIECE.fullmatch(offer.offer) if offer.source == QUOTE_SOURCE else None
        if offer.offer not in names and not (piece and piece[1] in names):
            yield offer


def _go_together(found: Rows, quote: Quote) -> bool:
    """Whether every tier and the whole ramp lie within what is sold."""
    most = quote.offer.max_gpus
    if quote.tiers and quote.tiers[-1][0] > most:
        what = f"a tier from {quote.tiers[-1][0]:,} GPUs, a largest cluster of {most:,}"
        found.mistake(quote.line, "tiers", f"{what}; expected no tier beyond it")
        return False
    if quote.ramp and quote.ramp[-1] < most:
        what = f"ends with {quote.ramp[-1]:,} GPUs, below the largest cluster of {most:,}"
        found.mistake(quote.line, "ramp", f"{what}; expected the weeks until all are there")
        return False
    return True


def _pieces(quote: Quote) -> Iterator[Offer]:
    """An offer for each interval of sizes that has one price, starts at once, and holds a node."""
    offer, node = quote.offer, quote.offer.gpus_per_node
    tiers = quote.tiers or ((1, offer.usd_per_gpu_hour),)
    weeks = quote.ramp or (offer.max_gpus,)
    least = max(offer.min_gpus, tiers[0][0])
    cuts = {least, offer.max_gpus + 1}
    cuts |= {gpus for gpus, _ in tiers} | {gpus + 1 for gpus in weeks}
    for first, after in pairwise(sorted(cut for cut in cuts if least <= cut <= offer.max_gpus + 1)):
        if -(-first // node) * node >= after:
            continue
        usd = [price for gpus, price in tiers if gpus <= first][-1]
        waits = HOURS_PER_WEEK * next(week for week, gpus in enumerate(weeks) if gpus >= first)
        lead = offer.lead_time_hours + waits
        size = {"min_gpus": first, "max_gpus": after - 1, "max_gpus_basis": "published"}
        yield replace(offer, usd_per_gpu_hour=usd, lead_time_hours=lead, **size)  # type: ignore[arg-type]


def _named(found: Rows, quote: Quote, pieces: list[Offer], taken: set[str]) -> list[Offer]:
    """The parts under names of their own; one that an offer has already is a mistake."""
    if len(pieces) == 1:
        return pieces
    named = [replace(one, offer=f"{one.offer}_from_{one.min_gpus}") for one in pieces]
    twice = [one.offer for one in named if one.offer in taken]
    if twice:
        what = f"{twice[0]!r} would be the name of a part of it, and is another offer's"
        found.mistake(quote.line, "offer", f"{what}; expected another name for one of them")
        return []
    return named
