"""What is asked of a table, and whether its map says enough to read it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from catalog.csv_file import CatalogError
from catalog.inert import terminal_safe
from catalog.refresh.lists.grammar import PRICES, Entry, Map
from catalog.refresh.money import Money
from catalog.rows import Gpu


@dataclass(frozen=True, slots=True)
class Asked:
    """How a table is to be read: what was given with it, and what is known besides.

    ``read_on`` is the day of rows without one of their own; ``nodes`` are the node sizes that the
    shipped catalog has, by provider and GPU.
    """

    gpus: Mapping[str, Gpu]
    nodes: Mapping[tuple[str, str], Sequence[int]]
    money: Money
    read_on: date
    today: date
    provider: str = ""
    unit: str = ""


def check_map(mapping: Map, asked: Asked) -> None:
    """CatalogError where provider, GPU or the unit of a price are not said."""
    mistakes = []
    if "provider" not in mapping and not asked.provider:
        mistakes.append("provider: no column says who sells it; add --provider NAME")
    if "gpu" not in mapping:
        mistakes.append("gpu: no column says which GPU; add gpu=COLUMN to --map")
    priced = [name for name in PRICES if name in mapping]
    if not priced:
        mistakes.append("price: no column has a price; add price=COLUMN/node or /gpu to --map")
    for name in priced:
        if not basis_of(mapping[name], asked) and "unit" not in mapping:
            column = terminal_safe(mapping[name].column)[:60]
            what = f"{name}: {column!r} of a machine, or of one GPU? add --unit node or --unit gpu"
            mistakes.append(what)
    if mistakes:
        raise CatalogError(mistakes)


def basis_of(entry: Entry, asked: Asked) -> str:
    """'gpu' or 'node': by the map, by --unit, or by a header that says it; else nothing."""
    stated = entry.units & {"gpu", "node"}
    if len(stated) == 1:
        return next(iter(stated))
    squeezed = re.sub(r"[^a-z]", "", entry.column.lower())
    return asked.unit or ("gpu" if re.search(r"pergpu|gpuh(ou)?r", squeezed) else "")
