"""Names for quotes that have none: each its own, and the same every time."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from operator import attrgetter

from catalog.csv_file import Rows
from catalog.quote_offers import QUOTE_SOURCE, Quote
from catalog.rows import Offer

_ALL_BUT_NAME = attrgetter(*(field.name for field in fields(Offer) if field.name != "offer"))
# Two rows that differ in nothing but the note are one quote.
_CONTENT = attrgetter(
    *(f"offer.{field.name}" for field in fields(Offer) if field.name != "note"), "tiers", "ramp"
)


def named_apart(found: Rows, quotes: Iterable[Quote], known: Mapping[str, Offer]) -> list[Quote]:
    """The quotes under names of their own; rows that say the same twice become mistakes.

    Of several that would be called provider_gpu_pricing the first is; the others get their term
    after it, or a number. A name that the buyer gave is kept; the catalog's names in ``known``
    are only taken where provider, GPU and pricing, or the buyer, say so.
    """
    quotes = list(quotes)
    # Backwards, so that the first line stays.
    given = {quote.offer.offer: quote.line for quote in reversed(quotes) if quote.named}
    reserved = given.keys() | {o.offer for o in known.values() if o.source != QUOTE_SOURCE}
    names = _Names(given, reserved)
    lines: dict[object, int] = {}
    apart = []
    for quote in quotes:
        if found.has_too_many_mistakes(quote.line):
            break
        name = quote.offer.offer
        first = lines.setdefault(_CONTENT(quote), quote.line)
        if first != quote.line:
            what = f"is the quote of line {first} again; expected it once; remove one"
            found.mistake(quote.line, "row", what)
        elif quote.named and given[name] != quote.line:
            what = f"{name!r} is already on line {given[name]}; expected once"
            found.mistake(quote.line, "offer", what)
        else:
            own = name if quote.named else names.free(name, quote.offer.commitment_hours)
            if own != name:
                quote.offer = _called(own, quote.offer)
            apart.append(quote)
    return apart


def _called(name: str, offer: Offer) -> Offer:
    """The offer under another name; dataclasses.replace takes three times as long."""
    return Offer(name, *_ALL_BUT_NAME(offer))


class _Names:
    """Names given out, none of them twice and none that is ``given`` by the buyer."""

    def __init__(self, given: Collection[str], reserved: Collection[str]) -> None:
        self._used = set(given)
        self._reserved = reserved
        self._numbers: Counter[str] = Counter()

    def free(self, base: str, hours: float) -> str:
        """The name itself, with its term, or with a number: the first that is free."""
        name = base
        if name in self._used and hours:
            name = f"{base}_{round(hours)}h"
        while name in self._used or (name != base and name in self._reserved):
            self._numbers[base] += 1
            name = f"{base}_{self._numbers[base] + 1}"
        self._used.add(name)
        return name
