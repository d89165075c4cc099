"""The map from a list's columns to what an offer is made of, as --map takes it.

    map   = entry {"," entry}
    entry = field "=" column ["?"] {"/" unit} | field ":=" value

``provider=vendor,gpu=model,price=usd_per_hour/node``. A column that may be missing has a ? after
its name; of a column with a comma the whole entry is quoted. Units of a price: ``node`` (all GPUs
of a machine) or ``gpu``, ``cents``, and ``month`` (of 730 hours) or ``year`` (of 8,760) where it is
not an hour. Units of memory: ``mb``; without one it counts GB.
"""

import csv
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.csv_file import CatalogError
from catalog.inert import terminal_safe
from catalog.vocabulary import HOURS_OF

PRICES = ("price", "spot", "market", "price_1y", "price_3y")
FIELDS = {
    "provider": "who sells it",
    "gpu": "the GPU model",
    "form": "its form factor, where the model leaves it out: SXM5, PCIe",
    "memory": "memory of one GPU, GB",
    "count": "GPUs of the machine",
    "fraction": "share of a GPU that is sold",
    "instance": "what the provider calls the machine",
    "region": "the region, or several",
    "price": "the price, on demand unless pricing says otherwise",
    "spot": "the spot price",
    "market": "the price at third-party hosts",
    "price_1y": "the price with a commitment of a year",
    "price_3y": "the price with a commitment of three years",
    "pricing": "the kind of the price: on_demand, spot, reserved_1y, ...",
    "term": "the commitment: 1 year, 6 months",
    "unit": "what the price of this row is for: gpu-hour, node-hour",
    "currency": "the currency of the price",
    "original": "the currency that the list converted from",
    "min_gpus": "the fewest GPUs that are sold together",
    "samples": "over how many offers it is a median or an average",
    "part": "the price of the GPU alone, where the whole is blank",
    "stock": "whether there is any; blank: none",
    "variable": "whether the price varies",
    "read_on": "the day of this price",
    "key": "what a row is about, of whose rows the newest counts",
    "text": "the price in words",
    "note": "what to know",
}
UNITS = {"node", "gpu", "cents", "hour", "month", "year", "mb"}
HOURS = {unit: HOURS_OF[unit] for unit in ("hour", "month", "year")}


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a field comes from: a column with its units, or a value that holds for all rows."""

    column: str = ""
    value: str = ""
    units: frozenset[str] = frozenset()
    optional: bool = False

    @property
    def hours(self) -> float:
        """Hours that the price is for; 0 where the map does not say."""
        return next((hours for unit, hours in HOURS.items() if unit in self.units), 0.0)


Map = dict[str, Entry]


def read_map(written: Sequence[str], columns: Sequence[str]) -> Map:
    """The map of --map on a table with these columns; CatalogError with all that is wrong."""
    found: Map = {}
    mistakes: list[str] = []
    for text in _entries(written):
        field, equals, said = text.partition("=")
        constant = field.endswith(":")
        field, said = field.rstrip(": ").strip(), said.strip()
        shown = terminal_safe(text)[:60]
        if not equals or not said:
            what = f"{shown!r}; expected field=column or field:=value, such as gpu=model"
            mistakes.append(f"--map: {what}")
        elif field not in FIELDS:
            mistakes.append(f"--map: no field {field[:40]!r}; {nearest(field, FIELDS)}")
        elif field in found:
            mistakes.append(f"--map: {field!r} is given twice; expected once")
        elif constant:
            found[field] = Entry(value=said)
        else:
            entry = _entry(said, columns)
            if entry is None:
                name = terminal_safe(said)[:60]
                mistakes.append(f"--map: {field}: no column {name!r}; {nearest(said, columns)}")
            else:
                found[field] = entry
    if mistakes:
        raise CatalogError(mistakes)
    return found


def nearest(name: str, known: Iterable[str]) -> str:
    """'did you mean ...?', or what there is."""
    there = [*known]
    near = difflib.get_close_matches(name, there, n=1)
    if near:
        return f"did you mean {terminal_safe(near[0])[:60]!r}?"
    shown = terminal_safe(", ".join(there[:30]))[:400]
    return f"there are: {shown}{', ...' if len(there) > 30 else ''}"


def _entries(written: Sequence[str]) -> list[str]:
    rows = csv.reader(written, skipinitialspace=True)
    try:
        return [one.strip() for row in rows for one in row if one.strip()]
    except csv.Error as error:
        raise CatalogError([f"--map: {error}; check the quotes"]) from None


def _entry(said: str, columns: Sequence[str]) -> Entry | None:
    """The column that is meant: the whole text where a column is called so, else without units.

    An optional column that is missing is a blank value; None where another one is.
    """
    by_lower = {column.lower(): column for column in columns}
    name, units = said, set[str]()
    while True:
        optional = name.endswith("?")
        column = by_lower.get(name.lower()) or by_lower.get(name.rstrip("?").lower())
        if column is not None:
            return Entry(column, "", frozenset(units))
        head, slash, unit = name.rpartition("/")
        if not slash or unit.strip().lower() not in UNITS:
            return Entry(optional=True) if optional else None
        units.add(unit.strip().lower())
        name = head.strip()
