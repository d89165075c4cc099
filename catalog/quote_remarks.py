"""What is said of quotes: what expired, was converted, takes another's place, or was assumed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from catalog.csv_file import Rows
from catalog.inert import terminal_safe
from catalog.quote_notes import contradictions
from catalog.quote_offers import QUOTE_SOURCE, Quote
from catalog.quote_prices import GPU_HOUR, USD, Unit
from catalog.quote_rows import Converted
from catalog.rows import Offer

# A contract takes about as long: quotes that end so soon are worth a word.
SOON_DAYS = 14
# Line, place among the line's remarks, sentence.
Remark = tuple[int, int, str]


def on_expiry(found: Rows, today: date) -> Iterator[Remark]:
    """Remarks on what has ended or soon will."""
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
            yield line, 5, f"{whose} expires {when}, on {end}"


def on_prices(converted: Iterable[Converted], fx: Mapping[str, float]) -> Iterator[Remark]:
    """How prices were converted: the first of each unit, for the others are read alike."""
    alike: dict[tuple[Unit, float], list[Converted]] = {}
    for one in converted:
        alike.setdefault((one.unit, one.gpus), []).append(one)
    for (unit, gpus), those in alike.items():
        first, more = those[0], len(those) - 1
        also = f"; {more:,} more prices alike" if more else ""
        what = f"{first.written!r} {_of(unit, gpus)} is {first.usd_per_gpu_hour:.6g} USD a GPU-hour"
        rate = (
            f" at your {fx[unit.currency]:g} USD a {unit.currency}" if unit.currency in fx else ""
        )
        yield first.line, 1, f"{what}{rate}{also}"


def _of(unit: Unit, gpus: float) -> str:
    """What a price is of, in words."""
    money = f"{unit.currency} cents" if unit.cents else unit.currency
    thing = {"gpu": "a GPU", "node": f"a node of {gpus:g} GPUs", "core": "a core"}[unit.thing]
    if unit.thing == "core":
        thing += f" ({1 / gpus:g} a chip)"
    elif unit.thing == "gpu" and gpus != 1:
        thing = f"{gpus:g} GPUs"
    span = {1.0: "an hour", 24.0: "a day", 730.0: "a month of 730 hours"}
    length = span.get(unit.hours, f"{unit.hours:,.0f} hours")
    of_money = "" if money == USD else f"in {money} "
    return f"{of_money}for {thing} and {length}"


def on_quotes(quotes: Iterable[Quote], known: Mapping[str, Offer]) -> Iterator[Remark]:
    """Remarks on what a quote replaces or lacks."""
    for quote in quotes:
        new = quote.offer
        if new.offer in known:
            old = known[new.offer]
            whose = "an earlier quote" if old.source == QUOTE_SOURCE else "the catalog"
            yield quote.line, 2, f"takes the place of {new.offer} in {whose}: {_prices(old, new)}"
        for what in (*quote.assumed, *_by_size(quote)):
            yield quote.line, 3, f"{new.offer}: {what}"


def _by_size(quote: Quote) -> Iterator[str]:
    """How tiers and a ramp-up are understood, which quotes seldom say."""
    if quote.tiers:
        tiers = ", ".join(f"{usd:.6g} from {gpus:,} GPUs" for gpus, usd in quote.tiers)
        yield f"all GPUs of a fleet are at the price of its size, USD a GPU-hour: {tiers}"
    if quote.ramp:
        yield "a fleet starts in the first week that has all its GPUs, and is paid from then on"


def on_notes(quotes: Iterable[Quote], converted: Iterable[Converted]) -> Iterator[Remark]:
    """What a note says otherwise than the columns."""
    units = {one.line: one.unit for one in converted}
    for quote in quotes:
        if quote.offer.note:
            for what in contradictions(quote.offer, units.get(quote.line, GPU_HOUR)):
                yield quote.line, 4, f"{quote.offer.offer}: {what}"


def _prices(old: Offer, new: Offer) -> str:
    if old.purchase_usd_per_gpu and new.purchase_usd_per_gpu:
        return f"{old.purchase_usd_per_gpu:,g} -> {new.purchase_usd_per_gpu:,g} USD a GPU"
    return f"{old.usd_per_gpu_hour:g} -> {new.usd_per_gpu_hour:g} USD a GPU-hour"


def said(where: str, remark: Remark) -> str:
    """A remark as it is printed, with file and line."""
    line, _, sentence = remark
    return terminal_safe(f"{where}:{line}: {sentence}")
