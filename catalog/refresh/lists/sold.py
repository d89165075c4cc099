"""The prices of a row, in USD an hour for the machine, as listings and terms."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from math import inf, isclose
from typing import NamedTuple

from catalog.columns import number
from catalog.refresh.cells import plain
from catalog.refresh.listing import MARKETPLACES, Found, Listing
from catalog.refresh.lists.records import SEVERAL
from catalog.refresh.lists.row import Product, Row
from catalog.refresh.lists.words import Kind, read_day
from catalog.refresh.prices import Price
from catalog.refresh.skypilot import BAD_PRICE

WORDS_DIFFER = "price in words and price in numbers differ"
UNKNOWN_UNIT = "unit of the price not known"
NO_PRICE = "no price"
NO_DAY = "day cannot be read: the price may be old"
AHEAD = "dated ahead of today"

# us-east-1, europe-west4, aa-1.
_CODE = re.compile(r"[a-z]+(-[a-z0-9]+)+")
_PER_ROW = {"gpu": "gpu", "node": "node", "instance": "node", "server": "node", "machine": "node"}


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
        name, basis = priced.field, priced.basis
        written = row.cell(name)
        if not written.strip("0."):
            continue
        stated = basis or _unit_of_row(row)
        if not stated:
            row.out(UNKNOWN_UNIT, "unit", one.gpu, one.found)
            return {}
        try:
            usd = _amount(written) * one.rate / priced.divisor
        except ValueError:
            reason = BAD_PRICE if name == "price" else f"{name}: {BAD_PRICE}"
            row.out(reason, name, one.gpu, one.found)
            bad = True
            continue
        prices[name] = usd * one.gpus if stated == "gpu" else usd
    if not prices and not bad:
        row.out(NO_PRICE, "price", one.gpu, one.found)
    elif "text" in row.cells and prices and _words_differ(row):
        row.out(WORDS_DIFFER, "text", one.gpu, one.found)
        return {}
    return prices


def _unit_of_row(row: Row) -> str:
    """'gpu' or 'node' of 'gpu-hour' or 'instance/hour'; empty for any other unit."""
    words = re.findall(r"[a-z]+", row.cell("unit").lower())
    hourly = any(word in ("h", "hr", "hour") for word in words)
    named = [_PER_ROW[word] for word in words if word in _PER_ROW]
    return named[0] if hourly and len(named) == 1 else ""


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


@lru_cache(maxsize=8192)
def _amount(written: str) -> float:
    """The number of '2.5', '$2.50' or '2.50 USD'; ValueError for anything else."""
    bare = re.sub(r"^(US)?\$\s*|\s*USD$", "", written)
    return number(bare, 0, inf, low_is_open=True)
