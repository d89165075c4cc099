"""What the price of a row is of, from its header, the map and the row's own unit together."""

import re
from dataclasses import replace
from functools import lru_cache

from catalog.columns import CellError
from catalog.inert import terminal_safe
from catalog.quote_units import UNITS_READ, Said, currency_in, words_of
from catalog.refresh.lists.grammar import Entry
from catalog.refresh.lists.words import same_term, term_hours, without_term

UNKNOWN_UNIT = "unit of the price not known"
UNITS_DIFFER = "the row's unit and the price's header or map differ"
SIZES_DIFFER = "the price is of a node of another number of GPUs than the row's"

# Columns whose header may name the term that their price binds for.
_TERMS = {"price_1y": 8760, "price_3y": 26280}
# A number in front of a word multiplies it: '12 months', '24h'. H100 and 2026-11-02 do not.
_NUMBER = re.compile(r"(?<![A-Za-z0-9.,-])([0-9]+(?:[.,][0-9]+)*)(?=[\s_-]*[A-Za-z])")


def header_says(name: str, entry: Entry, is_termed: bool) -> Said:
    """What the header of a field says of its price; CellError where no GPU is sold so.

    Headers that the map explains need not be understood, but for their currency and lengths of
    time. ``is_termed``: another column says for how long the price binds.
    """
    header = entry.column.rpartition(".")[2]
    if name in _TERMS:
        hours = term_hours(header)
        if hours and not same_term(hours, _TERMS[name]):
            raise CellError(
                f"{terminal_safe(header)[:60]!r} is of another term than {name}; expected the same"
            )
        header = without_term(header)
    try:
        said = words_of(header)
    except CellError:
        if not entry.units & {"gpu", "node"}:
            raise
        if term_hours(header) > 1 and not is_termed:
            what = "names a term; map it as price_1y or price_3y, or add term:=... to --map"
            raise CellError(f"{terminal_safe(header)[:60]!r} {what}") from None
        return Said(currency=currency_in(header))
    for number in _NUMBER.findall(header):
        if number not in ("1", str(said.gpus)):
            raise CellError(f"{number!r} is no unit; expected a price per {UNITS_READ}")
    return said


@lru_cache(maxsize=4096)
def unit_says(written: str) -> Said | None:
    """What a row's unit says, such as 'EUR/GPU-hour'; None where it cannot be read."""
    try:
        said = words_of(written)
    except CellError:
        return None
    # 'per 1 hour' is 'per hour'.
    if said.thing == "core" or set(said.others) - {"1"}:
        return None
    return replace(said, others=())


def currency_of(written: str) -> str:
    """The code of a currency's cell: 'eur' and '€' are EUR; unknown words as they are."""
    try:
        said = words_of(written)
    except CellError:
        return written.strip().upper()
    alone = said.currency is not None and said == Said(currency=said.currency)
    return said.currency or "" if alone else written.strip().upper()


def machine_hours(header: Said, unit: Said, gpus: int) -> float | str:
    """What a figure is multiplied with to be the price of ``gpus`` GPUs for an hour, in whole
    units of its currency; or the reason why that is not known.
    """
    if _differ(header, unit):
        return UNITS_DIFFER
    thing, hours = header.thing or unit.thing, header.hours or unit.hours
    if thing is None or (header.thing is None and hours is None):
        return UNKNOWN_UNIT
    number = header.gpus or unit.gpus
    if thing == "node" and number not in (None, gpus):
        return SIZES_DIFFER
    machines = 1.0 if thing == "node" else gpus / (number or 1)
    return machines / (hours or 1.0) / (100 if header.cents or unit.cents else 1)


def _differ(header: Said, unit: Said) -> bool:
    """Whether both say something, and not the same; a GPU is one where no number stands by it."""
    if header.thing and unit.thing:
        both_gpus = header.thing == "gpu"
        if header.thing != unit.thing or (both_gpus and (header.gpus or 1) != (unit.gpus or 1)):
            return True
    if header.gpus and unit.gpus and header.gpus != unit.gpus:
        return True
    if header.hours and unit.hours and header.hours != unit.hours:
        return True
    # Whole units of a currency on one side, cents on the other.
    whole = (header.currency, header.cents), (unit.currency, unit.cents)
    return header.cents != unit.cents and any(code and not cents for code, cents in whole)
