"""What a note says that the columns do not: another currency, another unit, terms left out."""

import re
from collections.abc import Iterator
from functools import lru_cache

from catalog.columns import CellError
from catalog.quote_prices import Unit
from catalog.quote_units import Said, words_of
from catalog.rows import Offer

# Longer notes are looked at up to here.
_LONGEST_READ = 500
_MONEY = re.compile(
    r"[€£₹₩]|\b(?:USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|SGD|SEK|NOK|DKK|PLN)\b|\b[Ee]uros?\b"
)
_UNIT = re.compile(r"(?:\bper |/ ?|\ba )([a-z]+(?:[ /-]+[a-z]+)?)", re.IGNORECASE)
# '8 GPUs per node' and '400 Gb/s per GPU' are no prices.
_NO_PRICE = re.compile(r"(?:gpus?|cards?|nics?|[gt]b(?:/s|ps)|gbit/s|nodes?) ?$", re.IGNORECASE)
# What speaks of a term, and the columns of which one would then be filled in.
_SPOKEN: tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), columns, give)
    for pattern, columns, give in (
        (
            r"(?:(?:annual|yearly|monthly|quarterly|full|100 ?%|[0-9]+ ?%) )?"
            r"(?:pre-?pa(?:y|id)\w*|paid in advance|up-?front)",
            ("prepaid_share", "payment", "minimum_usd", "upfront_usd_per_gpu"),
            "the columns prepayment and payment",
        ),
        (r"set-?up fees?|installation fees?", ("setup_usd",), "the column set-up fee"),
        (r"min(?:imum|\.)? (?:spend|commit)\w*", ("minimum_usd",), "the column minimum spend"),
        (r"support fees?|[0-9.]+ ?% support", ("support_share",), "the column support"),
        (
            r"(?<!no )(?<!free )egress(?! (?:is )?(?:free|included))",
            ("egress_usd", "egress_usd_per_gb"),
            "the column egress",
        ),
        (
            r"[0-9]+[ -]?(?:months?|years?|yr)(?: \w+)? (?:term|commit\w*|contract|reserv\w*)",
            ("commitment_hours", "block_days"),
            "the column term",
        ),
    )
)


def contradictions(offer: Offer, unit: Unit) -> Iterator[str]:
    """Sentences on what the note of an offer says otherwise than its columns do."""
    money, units, terms = _read(offer.note[:_LONGEST_READ])
    for currency in money:
        if currency != unit.currency:
            read = f"the price is read in {unit.currency}"
            yield f"its note names {currency}; {read}: give the column currency if it is not"
    for phrase, said in units:
        if said.thing not in (None, unit.thing) or said.hours not in (None, unit.hours):
            read = "the price is read otherwise: give the column unit"
            yield f"its note says {phrase!r}; {read} if that is the price's"
    for phrase, place in terms:
        _, columns, give = _SPOKEN[place]
        if not any(getattr(offer, column) for column in columns):
            yield f"its note speaks of {phrase!r}, which is not in the bill; give {give}"


_Found = tuple[tuple[str, ...], tuple[tuple[str, Said], ...], tuple[tuple[str, int], ...]]


@lru_cache(maxsize=10_000)
def _read(note: str) -> _Found:
    """The currencies, the units and the terms that a note speaks of, each with its words."""
    if not note:
        return (), (), ()
    money = dict.fromkeys(words_of(sign).currency or "" for sign in _MONEY.findall(note))
    units = tuple(_units(note))
    terms = ((pattern.search(note), place) for place, (pattern, _, _) in enumerate(_SPOKEN))
    return tuple(money), units, tuple((found[0], place) for found, place in terms if found)


def _units(note: str) -> Iterator[tuple[str, Said]]:
    """The units of a price: 'per node-month'."""
    for found in _UNIT.finditer(note):
        if _NO_PRICE.search(note[: found.start()]):
            continue
        phrase = found[0].strip()
        for words in (found[1], re.split(r"[ /-]", found[1])[0]):
            try:
                said = words_of(words)
            except CellError:
                continue
            if not said.others and (said.thing or said.hours):
                yield phrase if words == found[1] else f"{found[0].split(words)[0]}{words}", said
                break
