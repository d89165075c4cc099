"""What is asked of a table, and whether its map says enough to read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from catalog.columns import CellError
from catalog.csv_file import CatalogError
from catalog.inert import terminal_safe
from catalog.providers import match_provider
from catalog.quote_units import Said, Thing
from catalog.refresh.listing import provider_name
from catalog.refresh.lists.grammar import PRICES, Entry, Map
from catalog.refresh.lists.units import header_says
from catalog.refresh.money import USD, Money
from catalog.rows import Gpu


@dataclass(frozen=True, slots=True)
class Asked:
    """How a table is to be read: what was given with it, and what is known besides.

    ``read_on`` is the day of rows without one of their own; ``nodes`` are the node sizes that the
    shipped catalog has, by provider and GPU; ``sellers`` the providers that are known, squeezed.
    """

    gpus: Mapping[str, Gpu]
    nodes: Mapping[tuple[str, str], Sequence[int]]
    money: Money
    read_on: date
    today: date
    provider: str = ""
    unit: str = ""
    sellers: Mapping[str, str] = field(default_factory=dict)

    def seller(self, written: str) -> str:
        """The catalog's name of a provider, 'Nebius AI' too; empty where there is none."""
        try:
            return match_provider(written, self.sellers)
        except CellError:
            return provider_name(written)


@dataclass(frozen=True, slots=True)
class Priced:
    """A field with a price, and what header, map and options say of it.

    What they leave open, such as the thing that is sold, the row's unit has to say.
    """

    field: str
    said: Said


def priced_fields(mapping: Map, asked: Asked) -> tuple[tuple[Priced, ...], Money]:
    """The fields with a price, and the currency; CatalogError where the map does not say enough.

    What a price is of, for how long and in which money is said by the map, by the header, or by
    --unit and --currency. Nothing is assumed but an hour.
    """
    mistakes: list[str] = []
    if "provider" not in mapping and not asked.provider:
        mistakes.append("provider: no column says who sells it; add --provider NAME")
    if "gpu" not in mapping:
        mistakes.append("gpu: no column says which GPU; add gpu=COLUMN to --map")
    named = [name for name in PRICES if name in mapping]
    if not named:
        mistakes.append("price: no column has a price; add price=COLUMN/node or /gpu to --map")
    priced = []
    is_termed = not {"term", "pricing"}.isdisjoint(mapping)
    currencies = set()
    for name in named:
        try:
            said = header_says(name, mapping[name], is_termed)
            priced.append(_priced(name, mapping[name], said, asked, "unit" in mapping))
            currencies |= {said.currency or ""}
        except CellError as error:
            mistakes.append(f"{name}: {error}")
    money = asked.money
    try:
        money = _money(money, currencies - {""})
    except CellError as error:
        mistakes.append(str(error))
    if mistakes:
        raise CatalogError(mistakes)
    return tuple(priced), money


def _priced(name: str, entry: Entry, said: Said, asked: Asked, rows_say: bool) -> Priced:
    column = terminal_safe(entry.column)[:60]
    mapped = _thing(next(iter(entry.units & {"gpu", "node"}), ""))
    if said.thing == "core":
        raise CellError(f"{column!r} is a price of a core; expected that of a machine or a GPU")
    if mapped and said.thing and mapped != said.thing:
        raise CellError(
            f"{column!r} says {said.thing}, the map says {mapped}; expected one of them"
        )
    if entry.hours and said.hours and entry.hours != said.hours:
        raise CellError(
            f"{column!r} says {said.hours:g} hours, the map says {entry.hours:g}; expected one"
        )
    thing = mapped or said.thing or (None if rows_say else _thing(asked.unit))
    if thing is None and not rows_say:
        raise CellError(f"{column!r} of a machine, or of one GPU? add --unit node or --unit gpu")
    hours, cents = entry.hours or said.hours, "cents" in entry.units or said.cents
    return Priced(name, replace(said, thing=thing, hours=hours, cents=cents, others=()))


def _thing(word: str) -> Thing | None:
    """The thing of --unit or of a map; None for any other word."""
    return "node" if word == "node" else "gpu" if word == "gpu" else None


def _money(money: Money, said: set[str]) -> Money:
    """The currency of the list; CellError where headers and --currency differ, or need a rate."""
    if not said:
        return money
    if len(said) > 1:
        raise CellError(f"prices in {' and '.join(sorted(said))}; expected one currency; map one")
    (code,) = said
    if money.currency and money.currency != code:
        what = f"the header says {code}, --currency says {money.currency}; expected one of them"
        raise CellError(what)
    if money.rate(code) is None:
        raise CellError(f"the header says {code}; expected USD for one {code}; add --fx {code}=...")
    return Money("" if code == USD else code, money.rates)
