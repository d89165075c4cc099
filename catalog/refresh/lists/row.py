"""One row of a table: who sells which GPU and how; or why it is no offer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from catalog.columns import CONTROL, number
from catalog.inert import terminal_safe
from catalog.quote_units import Said
from catalog.refresh.cells import ACTS, LONGEST_NAME, acts, plain, read_count
from catalog.refresh.listing import BESIDE_THE_HOST, NO_GPU, Found
from catalog.refresh.lists.asked import Asked, Priced
from catalog.refresh.lists.grammar import Entry, Map
from catalog.refresh.lists.records import SEVERAL
from catalog.refresh.lists.units import UNKNOWN_UNIT, currency_of, unit_says
from catalog.refresh.lists.words import AVERAGE, Kind, is_from, kind_of_price
from catalog.refresh.money import USD
from catalog.refresh.names import identify, tpu_slice
from catalog.refresh.tally import Tally

FRACTION = "a share of a GPU"
NONE_THERE = "none to be had at that count"
NO_COUNT = "no GPU count"
NO_NODE = "size of a node not stated: give count in the map, such as count:=8"
OTHER_PROVIDER = "of another provider than --provider"
NO_RATE = "currency without a rate: add --fx"
CURRENCIES_DIFFER = "the currency of the row and that of its header or unit differ"
COUNTS_DIFFER = "the GPU count and the one in the name differ"
FROM = "'from' price: the lowest of a range"
ONE_GPU = "size of a node not stated: counted as one GPU"
BAD_MEMORY = "memory is not a number: only that cell"

_LEADING_COUNT = re.compile(r"^\s*([0-9]{1,4})\s*[xX×]\s*")
_SPACED_GB = re.compile(r"([0-9]+)\s+(?=Gi?B)", re.IGNORECASE)
_SOLD_AS = re.compile(r"\b(on[- ]demand|spot|reserved|preemptible|interruptible)\b", re.IGNORECASE)
_BLANKS = {"-", "n/a", "na", "none", "null", "nan"}
_LONGEST_BLANK = max(map(len, _BLANKS))


@dataclass(slots=True)
class Reading:
    """A table as it is read: its map, what is asked of it, and what was found so far.

    ``found`` is by provider, and ``newest`` the newest day of each thing that is sold.
    ``products`` are those of rows read before, by the cells that tell them.
    """

    map: Map
    asked: Asked
    priced: tuple[Priced, ...]
    left_out: Tally
    notes: Tally
    found: dict[str, Found] = field(default_factory=dict)
    newest: dict[tuple[str, ...], date] = field(default_factory=dict)
    products: dict[tuple[str, ...], "Product"] = field(default_factory=dict)

    def seller(self, written: str) -> Found:
        """The ``Found`` of a provider, under the catalog's name."""
        name = self.asked.seller(written)
        if name not in self.found:
            self.found[name] = Found(name, self.left_out, self.notes, has_zones=False)
        return self.found[name]


@dataclass(frozen=True, slots=True)
class Product:
    """What a row sells but for region, day and price: ``gpus`` a machine, ``fewest`` together.

    ``rate`` is USD for one unit of its ``currency``, ``unit`` what its unit says of its prices,
    ``note`` what an offer of it says, and ``same`` what it is, of which the newest price counts.
    """

    found: Found
    kind: Kind
    gpu: str
    gpus: int
    fewest: int
    instance: str
    currency: str
    rate: float
    unit: Said
    note: str
    same: tuple[str, ...]


class Row(NamedTuple):
    """One row: its cells by field, and the table that it is of."""

    where: str
    cells: Mapping[str, str]
    table: Reading

    def cell(self, name: str) -> str:
        """The cell of a field; empty where it is not mapped, or says that there is nothing."""
        held = self.cells.get(name, "")
        return "" if len(held) <= _LONGEST_BLANK and held.lower() in _BLANKS else held

    def out(self, reason: str, name: str = "", gpu: str = "", found: Found | None = None) -> None:
        """Count the row as left out: where it stands, its column and its cell."""
        entry = self.table.map.get(name)
        column = entry.column if entry is not None else ""
        said = f"{self.where}: {column}: {self.cell(name)}" if column else self.where
        self.table.left_out.add(reason, terminal_safe(said))
        if gpu and found is not None:
            found.doubted.add(gpu)

    def is_name(self, name: str) -> bool:
        """Whether a cell can be a name; if not, the row is counted."""
        held = self.cells.get(name, "")
        if not held:
            return True
        if acts(held):
            self.out(ACTS, name)
        elif not held.isprintable() and CONTROL.search(held):
            self.out("control characters", name)
        elif len(held) > LONGEST_NAME and SEVERAL not in held:
            self.out(f"a name longer than {LONGEST_NAME} characters", name)
        else:
            return True
        return False

    def is_part(self) -> bool:
        """Whether the price is that of a GPU without its machine; if so, it is counted."""
        if not self.cell("part") or self.cell("price"):
            return False
        found = self._seller()
        gpu = self._gpu(found) if found is not None else ""
        if gpu:
            self.out(BESIDE_THE_HOST, "part", gpu, found)
        return True

    def product(self) -> Product | None:
        """What the row sells; None, and counted, where it is no offer."""
        found = self._seller()
        if found is None:
            return None
        kind = self._kind()
        if kind is None or self._is_no_offer():
            return None
        gpu = self._gpu(found)
        count = self._count(found, gpu) if gpu else None
        if count is None:
            return None
        unit = unit_says(self.cell("unit"))
        if unit is None:
            self.out(UNKNOWN_UNIT, "unit", gpu, found)
            return None
        codes = self._currencies(unit)
        if len(codes) > 1:
            self.out(CURRENCIES_DIFFER, "currency" if self.cell("currency") else "unit", gpu, found)
            return None
        money = self.table.asked.money
        currency = next(iter(codes), money.currency or USD)
        rate = money.rate(currency)
        if rate is None:
            self.out(NO_RATE, "currency" if self.cell("currency") else "unit", gpu, found)
            return None
        instance = plain(self.cell("instance"))
        same = (found.provider, gpu, kind.pricing, str(kind.hours), str(count), instance)
        note = self._note(currency)
        return Product(found, kind, gpu, *count, instance, currency, rate, unit, note, same)

    def _currencies(self, unit: Said) -> set[str]:
        """The currencies that the row, its unit and the headers of its prices state."""
        headers = (one.said.currency for one in self.table.priced)
        own = currency_of(self.cell("currency"))
        return {code for code in (own, unit.currency, *headers) if code}

    def _seller(self) -> Found | None:
        """The provider's ``Found``; None, and counted, where the row is not to be trusted."""
        if not all(map(self.is_name, ("provider", "gpu", "form", "instance"))):
            return None
        asked, stated = self.table.asked.provider, self.cell("provider")
        own = self.table.map.get("provider", Entry()).column
        seller = self.table.asked.seller
        if asked and own and seller(stated) != seller(asked):
            self.out(OTHER_PROVIDER, "provider")
            return None
        name = stated if own or not asked else asked
        if not seller(name):
            self.out("no provider", "provider")
            return None
        found = self.table.seller(name)
        found.rows += 1
        return found

    def _kind(self) -> Kind | None:
        """How it is sold and for how long it binds; None, and counted, where it is no offer."""
        named = self.cell("pricing")
        if "pricing" not in self.cells:
            # Where no column says it, the name of the product may: "H100 SXM reserved".
            said = _SOLD_AS.search(self.cell("gpu"))
            named = said[1] if said else ""
        about = f"{self.cell('note')} {self.cell('text')}"
        kind = kind_of_price(named, self.cell("term"), about)
        if kind.reason:
            self.out(kind.reason, "pricing")
            return None
        return kind

    def _is_no_offer(self) -> bool:
        """Whether it is an average, a share of a GPU, or sold out."""
        samples = self.cell("samples")
        if samples not in ("", "1", "1.0"):
            self.out(AVERAGE, "samples")
            return True
        if self.cell("fraction") not in ("", "1", "1.0"):
            self.out(FRACTION, "fraction")
            return True
        if "stock" in self.cells and self.table.map["stock"].column and not self.cell("stock"):
            self.out(NONE_THERE, "stock")
            return True
        return False

    def _gpu(self, found: Found) -> str:
        """The GPU model; empty, and counted, where it is not known."""
        written = _SOLD_AS.sub("", _SPACED_GB.sub(r"\1", _LEADING_COUNT.sub("", self.cell("gpu"))))
        if not written.strip():
            self.out(NO_GPU)
            return ""
        cut = tpu_slice(self.cell("gpu"))
        if cut is not None:
            host = found.one_host(cut, self.table.asked.gpus, terminal_safe(self.where))
            return host[0] if host else ""
        form = self.cell("form")
        is_form = re.match(r"SXM|PCI|NVL(?!INK)", form.upper())
        name = f"{written}-{form}" if is_form and form.upper() not in written.upper() else written
        instance = plain(self.cell("instance"))
        gpus, memory = self.table.asked.gpus, self._memory_gb()
        known = identify(found.provider, name, instance, gpus, memory)
        if not known.gpu:
            self.out(known.reason, "gpu", known.family, found)
        return known.gpu

    def _memory_gb(self) -> float:
        """GB of one GPU; 0 where the cell says nothing, or nothing that can be read."""
        written = re.sub(r"\s*Gi?B$", "", self.cell("memory"), flags=re.IGNORECASE)
        try:
            stated = number(written, 0, 1e7, low_is_open=False) if written else 0.0
        except ValueError:
            self.out(BAD_MEMORY, "memory")
            return 0.0
        units = self.table.map.get("memory", Entry()).units
        return stated / 1024 if "mb" in units else stated

    def _count(self, found: Found, gpu: str) -> tuple[int, int] | None:
        """GPUs of a machine and the fewest sold together; None, and counted, where not known."""
        cut = tpu_slice(self.cell("gpu"))
        if cut is not None:
            return cut.chips, cut.chips
        try:
            count, fewest = read_count(self.cell("count")), read_count(self.cell("min_gpus"))
        except ValueError:
            name = "count" if self.cell("count") else "min_gpus"
            self.out("GPU count is not a whole number", name, gpu, found)
            return None
        named = self._named_count()
        if count and named and count != named:
            self.out(COUNTS_DIFFER, "gpu", gpu, found)
            return None
        count = count or named
        if count:
            return count, max(count, fewest)
        if any(one.said.thing == "node" for one in self.table.priced):
            self.out(NO_COUNT, "count", gpu, found)
            return None
        if fewest <= 1:
            self.table.notes.add(ONE_GPU, terminal_safe(self.where))
            return 1, 1
        sizes = self.table.asked.nodes.get((found.provider, gpu), ())
        fitting = [size for size in sizes if fewest % size == 0]
        if not fitting:
            self.out(NO_NODE, "min_gpus", gpu, found)
            return None
        return max(fitting), fewest

    def _named_count(self) -> int:
        """GPUs of a machine that the name states, '8x B200'; 0 where it does not."""
        named = _LEADING_COUNT.match(self.cell("gpu"))
        return int(named[1]) if named else 0

    def _note(self, code: str) -> str:
        """What an offer says of its price: never the list's own words."""
        fixed = self.table.map.get("note", Entry()).value
        words = f"{self.cell('note')} {self.cell('text')}"
        original = self.cell("original").upper()
        is_sized = self.cell("count") or self.cell("min_gpus") or self._named_count()
        converted = re.fullmatch(r"[A-Z]{3}", original) and original != code
        said = (
            fixed,
            FROM if not fixed and is_from(words) else "",
            "the price varies" if self.cell("variable").lower() in ("true", "1", "yes") else "",
            f"the list converted it from {original}" if converted else "",
            self.table.asked.money.remark(code),
            ONE_GPU if not is_sized else "",
        )
        return "; ".join(filter(None, said))
