"""SkyPilot's catalog of one cloud: a CSV file whose prices are those of whole instances.

Read by the names in the header, so that columns of a later version do no harm. What a GPU is
follows from its name, the instance and, where these leave it open, from GpuInfo.
"""

import csv
import io
from collections.abc import Callable, Mapping
from typing import NamedTuple

from catalog.columns import CONTROL
from catalog.csv_file import CatalogError
from catalog.inert import terminal_safe
from catalog.refresh.cells import ACTS, LONGEST_NAME, acts, plain, read_count, read_price
from catalog.refresh.gpu_info import settled
from catalog.refresh.hosts import Part, joined
from catalog.refresh.listing import HOST_ONLY, MARKETPLACES, NO_GPU, Found, Listing, Unpriced
from catalog.refresh.lists.looks import hint
from catalog.refresh.money import IN_USD, Money
from catalog.refresh.names import Known, tpu_slice
from catalog.rows import Gpu

NEEDED = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region")
OPTIONAL = ("SpotPrice", "AvailabilityZone", "GpuInfo")
# The price file of a cluster of one's own has a price for each part and no machines.
PER_ACCELERATOR = ("AcceleratorName", "PricePerAccelerator", "Region")
ON_TOP = ("PricePerVCPU", "PricePerMemoryGB")
PROGRESS_STEP = 5_000
BAD_PRICE = "price is not a number above zero"
BAD_SPOT = "spot price is not a number above zero: only that cell"
NO_PRICE = "neither a price nor a spot price"
PARTS_ON_TOP = "processors and memory are priced on top: not the price of a machine"

Progress = Callable[[str, int, int], None]


class _Line(NamedTuple):
    """The cells of one row that matter, stripped."""

    where: str
    instance: str
    accelerator: str
    gpus: str
    price: str
    spot: str
    region: str
    zone: str
    info: str

    def __str__(self) -> str:
        said = self.instance or self.accelerator or "no name"
        return terminal_safe(f"{self.where}: {said} in {self.region or 'no region'}")


def read_skypilot(
    name: str,
    text: str,
    found: Found,
    gpus: Mapping[str, Gpu],
    progress: Progress | None = None,
    money: Money = IN_USD,
) -> None:
    """Add the lines of a SkyPilot file to ``found``, and count there what is left out.

    ``name`` is what messages call the file. CatalogError where it is no such file, or where its
    currency has no rate.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines = text.count("\n")
    rows = _Rows(found, gpus, money)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        columns = _columns(name, header, text)
        on_top = [header.index(column) for column in ON_TOP if column in header]
        for cells in reader:
            if not any(cells):
                continue
            found.rows += 1
            if progress and not found.rows % PROGRESS_STEP:
                progress(name, reader.line_num, lines)
            line = _line(f"{name}:{reader.line_num}", cells, len(header), columns, found)
            if line is None:
                continue
            if columns[1] == columns[0] and any(_costs(cells[at]) for at in on_top):
                found.leave_out(PARTS_ON_TOP, str(line))
            else:
                rows.take(line)
    except csv.Error as error:
        what = f"not readable as CSV ({error}); check the quotes"
        raise CatalogError([f"{name}:{reader.line_num}: {what}"]) from None
    found.listings += joined(rows.hosts, rows.parts, found)


def _columns(name: str, header: list[str], text: str) -> tuple[int, ...]:
    """Where the columns stand, -1 for one that is missing and may be."""
    if set(PER_ACCELERATOR) <= set(header):
        # One accelerator is what is sold: it is the instance as well.
        found = {
            "InstanceType": "AcceleratorName",
            "Price": "PricePerAccelerator",
            "AvailabilityZone": "Zone",
        }
        needed = [found.get(column, column) for column in (*NEEDED, *OPTIONAL)]
        return tuple(header.index(column) if column in header else -1 for column in needed)
    missing = [column for column in NEEDED if column not in header]
    if missing:
        what = f"no usable header: {', '.join(missing)} missing"
        expected = "expected the CSV of one cloud in SkyPilot's form"
        raise CatalogError([f"{name}:1: {what}; {expected}; {hint(text, 'skypilot')}"])
    wanted = (*NEEDED, *OPTIONAL)
    twice = [column for column in wanted if header.count(column) > 1]
    if twice:
        raise CatalogError([f"{name}:1: column {twice[0]!r} appears twice; expected once"])
    return tuple(header.index(column) if column in header else -1 for column in wanted)


def _costs(cell: str) -> bool:
    """Whether a cell holds anything but nothing or zero."""
    return bool(cell.strip().strip("0."))


def _line(
    where: str, cells: list[str], width: int, columns: tuple[int, ...], found: Found
) -> _Line | None:
    """The row's cells by name; None, and counted, where they cannot be trusted to be those."""
    if len(cells) != width:
        found.leave_out("wrong number of cells", f"{where}: {len(cells)}; expected {width}")
        return None
    # The quick question first: hardly any row has such a cell.
    if not "".join(cells).isprintable() and any(map(CONTROL.search, cells)):
        odd = next(cell for cell in cells if CONTROL.search(cell))
        found.leave_out("control characters", f"{where}: {terminal_safe(odd)}")
        return None
    instance, accelerator, count, price, region, spot, zone, info = [
        cells[at].strip() if at >= 0 else "" for at in columns
    ]
    if columns[2] < 0:
        count = "1" if accelerator else ""
    line = _Line(where, instance, accelerator, count, price, spot, region, zone, info)
    if max(len(instance), len(accelerator), len(region)) > LONGEST_NAME:
        found.leave_out(f"a name longer than {LONGEST_NAME} characters", where)
        return None
    if acts(instance) or acts(accelerator) or acts(region):
        found.leave_out(ACTS, str(line))
        return None
    return line


class _Rows:
    """Rows as they are taken: whole machines go to ``found``, hosts and GPUs apart are kept."""

    def __init__(self, found: Found, gpus: Mapping[str, Gpu], money: Money) -> None:
        rate = money.rate()
        if rate is None:
            raise CatalogError([f"{money.currency} without a rate; add --fx {money.currency}=..."])
        self.found, self.gpus, self.rate, self.note = found, gpus, rate, money.remark()
        self.marketplace = found.provider in MARKETPLACES
        self.known: dict[tuple[str, str, str], Known] = {}
        self.hosts: list[Part] = []
        self.parts: list[Part] = []

    def take(self, line: _Line) -> None:
        """Add the row's listing, or count why there is none."""
        found = self.found
        is_host = not line.accelerator and found.provider == "gcp"
        if not line.accelerator and not is_host:
            found.leave_out(NO_GPU, str(line))
            return
        known = ("", 0) if is_host else self._gpus(line)
        if known is None:
            return
        gpu, count = known
        prices = self._prices(line, gpu)
        region = plain(line.region)
        if prices is None:
            if not is_host:
                found.unpriced.add(Unpriced(gpu, count, plain(line.instance), region))
            return
        usd, spot = prices
        apart = is_host or (not line.instance and tpu_slice(line.accelerator) is None)
        if apart:
            place = (region, line.zone)
            part = Part(line.where, line.instance, line.accelerator, gpu, count, *place, usd, spot)
            (self.hosts if is_host else self.parts).append(part)
            return
        instance = plain(line.instance or line.accelerator)
        if not instance:
            found.leave_out("instance without a name", str(line), gpu)
            return
        if usd is None:
            found.tally.add("not sold on demand", str(line))
        marketplace = self.marketplace or line.instance.endswith("_COMMUNITY")
        sold = (found.provider, gpu, count, instance, region, usd, spot, marketplace, self.note)
        found.listings.append(Listing(line.where, *sold))

    def _prices(self, line: _Line, gpu: str) -> tuple[float | None, float | None] | None:
        """USD on demand and spot; None, and counted, where there is neither.

        A spot price that is none costs only itself.
        """
        try:
            usd = read_price(line.price)
        except ValueError:
            if line.accelerator:
                self.found.leave_out(BAD_PRICE, f"{line}: {terminal_safe(line.price)}", gpu)
            else:
                self.found.leave_out(HOST_ONLY, str(line))
            return None
        try:
            spot = read_price(line.spot)
        except ValueError:
            # Zero is how lists say that there is none.
            if line.accelerator and _costs(line.spot):
                self.found.tally.add(BAD_SPOT, f"{line}: {terminal_safe(line.spot)}")
            spot = None
        if usd is None and spot is None:
            self.found.leave_out(NO_PRICE, str(line), gpu)
            return None
        rate = self.rate
        return usd and usd * rate, spot and spot * rate

    def _gpus(self, line: _Line) -> tuple[str, int] | None:
        """The row's GPU model and number; None, and counted, where there is no such thing."""
        found = self.found
        cut = tpu_slice(line.accelerator)
        if cut is not None:
            return found.one_host(cut, self.gpus, f"{line} ({line.accelerator})")
        key = (line.accelerator, line.instance, line.info)
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = settled(found.provider, *key, self.gpus)
        if not known.gpu:
            found.unknown(known, f"{line} ({line.accelerator})")
            return None
        try:
            count = read_count(line.gpus)
        except ValueError:
            said = f"{line}: {terminal_safe(line.gpus)}"
            found.leave_out("GPU count is not a whole number", said, known.gpu)
            return None
        if count == 0:
            found.leave_out("no GPU count", str(line), known.gpu)
            return None
        return known.gpu, count
