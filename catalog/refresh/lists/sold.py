"""The prices of a row, in USD an hour for the machine, as listings and terms."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from math import inf, isclose
from typing import NamedTuple

from catalog.columns import CellError, number
from catalog.quote_units import currency_in
from catalog.refresh.cells import plain
from catalog.refresh.listing import MARKETPLACES, Found, Listing
from catalog.refresh.lists.records import SEVERAL
from catalog.refresh.lists.row import CURRENCIES_DIFFER, Product, Row
from catalog.refresh.lists.units import machine_hours
from catalog.refresh.lists.words import Kind, read_day
from catalog.refresh.money import USD
from catalog.refresh.price import Price
from catalog.refresh.skypilot import BAD_PRICE

WORDS_DIFFER = "price in words and price in numbers differ"
NO_PRICE = "no price"
NO_DAY = "day cannot be read: the price may be old"
AHEAD = "dated ahead of today"

# us-east-1, europe-west4, aa-1.
_CODE = re.compile(r"[a-z]+(-[a-z0-9]+)+")


class Draft(NamedTuple):
    """A row as read, until it is known whether a newer one of the same thing follows."""

    same: tuple[str, ...]
    day: date
    found: Found
    where: str
    listings: list[Listing]
    terms: list[Price]


def draft(row: Row, key: tuple[str, ...]) -> Draft | None:
    """What a row comes to; None, and counted, where it is no offer.

    Rows with the same ``key`` sell the same product: it is read once.
    """
    table = row.table
    if "part" in row.cells and row.is_part():
        return None
    one = table.products.get(key)
    if one is None:
        one = row.product()
        if one is None:
            return None
        table.products[key] = one
    else:
        one.found.rows += 1
    day = _day(row)
    if day is None or not row.is_name("region"):
        return None
    region, named = row.cell("region"), row.cell("key") if "key" in row.cells else ""
    same = (named,) if named else (*one.same, region)
    # A row without a price ends the price before it.
    table.newest[same] = max(day, table.newest.get(same, day))
    prices = _prices(row, one)
    if not prices:
        return None
    own = "" if day == table.asked.read_on else day.isoformat()
    about = (one.note, own, one.fewest if one.fewest > one.gpus else 0)
    listings: list[Listing] = []
    terms: list[Price] = []
    for name in _regions(region):
        sold = (one.found.provider, one.gpu, one.gpus, one.instance, name)
        listings += _listings(row.where, sold, one.kind, prices, about)
        terms += _terms(sold, one.kind, prices, about)
    return Draft(same, day, one.found, row.where, listings, terms)


@lru_cache(maxsize=4096)
def _regions(cell: str) -> tuple[str, ...]:
    """The regions of a cell, each once; an empty one where none is stated.

    Codes may stand beside one another ('us-east-1 us-west-2'); 'Sweden, SE' is one place.
    """
    parts = re.split(r"[\s,;|]+", cell)
    if not all(map(_CODE.fullmatch, parts)):
        parts = cell.split(SEVERAL)
    return tuple(dict.fromkeys(map(plain, parts)))


Sold = tuple[str, str, int, str, str]
About = tuple[str, str, int]


def _listings(
    where: str, sold: Sold, kind: Kind, prices: Mapping[str, float], about: About
) -> list[Listing]:
    usd, spot = prices.get("price"), prices.get("spot")
    if kind.pricing == "spot":
        usd, spot = None, usd if spot is None else spot
    elif kind.pricing == "reserved":
        usd = None
    marketplace = kind.pricing == "marketplace" or sold[0] in MARKETPLACES
    found = []
    if usd is not None or spot is not None:
        found.append(Listing(where, *sold, usd, spot, marketplace, *about))
    if "market" in prices:
        found.append(Listing(where, *sold, prices["market"], None, True, *about))
    return found


def _terms(sold: Sold, kind: Kind, prices: Mapping[str, float], about: About) -> list[Price]:
    if kind.pricing != "reserved" and "price_1y" not in prices and "price_3y" not in prices:
        return []
    bound = {"price_1y": 8760, "price_3y": 26280}
    if kind.pricing == "reserved":
        bound["price"] = kind.hours
    return [
        Price(*sold, "reserved", round(prices[name] / sold[2], 4), 1, hours, *about)
        for name, hours in bound.items()
        if name in prices
    ]


def _prices(row: Row, one: Product) -> dict[str, float]:
    """USD an hour for the machine, by field; empty, and counted, where there is none."""
    prices: dict[str, float] = {}
    bad = False
    for priced in row.table.priced:
        name, written = priced.field, row.cell(priced.field)
        if not written.strip("0."):
            continue
        factor = machine_hours(priced.said, one.unit, one.gpus)
        if isinstance(factor, str):
            row.out(factor, "unit" if row.cell("unit") else name, one.gpu, one.found)
            return {}
        if _is_marked_otherwise(written, one.currency):
            row.out(CURRENCIES_DIFFER, name, one.gpu, one.found)
            return {}
        try:
            prices[name] = _amount(written) * one.rate * factor
        except ValueError:
            reason = BAD_PRICE if name == "price" else f"{name}: {BAD_PRICE}"
            row.out(reason, name, one.gpu, one.found)
            bad = True
    if not prices and not bad:
        row.out(NO_PRICE, "price", one.gpu, one.found)
    elif "text" in row.cells and prices and _words_differ(row):
        row.out(WORDS_DIFFER, "text", one.gpu, one.found)
        return {}
    return prices


def _words_differ(row: Row) -> bool:
    text = row.cell("text")
    said = re.findall(r"[0-9]+(?:\.[0-9]+)?", text) if text else []
    stated = _amount(row.cell("price")) if said and row.cell("price") else 0.0
    return bool(said) and not any(isclose(float(one), stated, rel_tol=1e-6) for one in said)


def _day(row: Row) -> date | None:
    """The day of the price: the row's own, or else the list's."""
    asked, written = row.table.asked, row.cell("read_on")
    if not written:
        return asked.read_on
    try:
        stated = read_day(written)
    except ValueError:
        row.out(NO_DAY, "read_on")
        return None
    if stated > asked.today:
        row.out(AHEAD, "read_on")
        return None
    return stated


def _is_marked_otherwise(written: str, currency: str) -> bool:
    """Whether a price is in dollars by its own mark, and its currency is another one."""
    if "USD" in written or "US$" in written:
        return currency != USD
    try:
        return "$" in written and currency_in(f"$ {currency}") != currency
    except CellError:
        return True


@lru_cache(maxsize=8192)
def _amount(written: str) -> float:
    """The number of '2.5', '$2.50' or '2.50 USD'; ValueError for anything else."""
    bare = re.sub(r"^(US)?\$\s*|\s*USD$", "", written)
    return number(bare, 0, inf, low_is_open=True)
