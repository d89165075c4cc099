"""SkyPilot's catalog of one cloud: a CSV file whose prices are those of whole instances.

Read by the names in the header. GpuInfo is a Python literal, JSON or nothing: it is not read.
"""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.columns import CONTROL
from catalog.csv_file import CatalogError
from catalog.inert import terminal_safe
from catalog.refresh.cells import (
    LONGEST_NAME,
    plain,
    read_count,
    read_price,
)
from catalog.refresh.listing import (
    BESIDE_THE_HOST,
    HOST_ONLY,
    MARKETPLACES,
    NO_GPU,
    Found,
    Listing,
)
from catalog.refresh.names import identify, tpu_slice
from catalog.rows import Gpu

NEEDED = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region")
OPTIONAL = ("SpotPrice", "AvailabilityZone")
PROGRESS_STEP = 5_000

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class _Line:
    """The cells of one row that matter, stripped."""

    where: str
    instance: str
    accelerator: str
    count: str
    price: str
    spot: str
    region: str

    def __str__(self) -> str:
        said = self.instance or self.accelerator or "no name"
        return terminal_safe(f"{self.where}: {said} in {self.region or 'no region'}")


def read_skypilot(
    name: str,
    text: str,
    found: Found,
    gpus: Mapping[str, Gpu],
    progress: Progress | None = None,
) -> None:
    """Add the lines of a SkyPilot file to ``found``, and count there what is left out.

    ``name`` is what messages call the file. CatalogError where it is no such file.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines = text.count("\n")
    try:
        header = [cell.strip() for cell in next(reader, [])]
        columns = _columns(name, header)
        for cells in reader:
            if not any(cells):
                continue
            found.rows += 1
            if progress and not found.rows % PROGRESS_STEP:
                progress(name, reader.line_num, lines)
            line = _line(f"{name}:{reader.line_num}", cells, len(header), columns, found)
            if line is not None:
                _take(line, found, gpus)
    except csv.Error as error:
        what = f"not readable as CSV ({error}); check the quotes"
        raise CatalogError([f"{name}:{reader.line_num}: {what}"]) from None


def _columns(name: str, header: list[str]) -> tuple[int, ...]:
    """Where the columns stand, -1 for an optional one that is missing."""
    missing = [column for column in NEEDED if column not in header]
    if missing:
        what = f"no usable header: {', '.join(missing)} missing"
        raise CatalogError([f"{name}:1: {what}; expected the CSV of one cloud in SkyPilot's form"])
    wanted = (*NEEDED, *OPTIONAL)
    twice = [column for column in wanted if header.count(column) > 1]
    if twice:
        raise CatalogError([f"{name}:1: column {twice[0]!r} appears twice; expected once"])
    return tuple(header.index(column) if column in header else -1 for column in wanted)


def _line(
    where: str, cells: list[str], width: int, columns: tuple[int, ...], found: Found
) -> _Line | None:
    """The row's cells by name; None, and counted, where they cannot be trusted to be those."""
    if len(cells) != width:
        found.leave_out("wrong number of cells", f"{where}: {len(cells)}; expected {width}")
        return None
    if any(map(CONTROL.search, cells)):
        odd = next(cell for cell in cells if CONTROL.search(cell))
        found.leave_out("control characters", f"{where}: {terminal_safe(odd)}")
        return None
    instance, accelerator, count, price, region, spot, _zone = (
        cells[at].strip() if at >= 0 else "" for at in columns
    )
    if max(len(instance), len(accelerator), len(region)) > LONGEST_NAME:
        found.leave_out(f"a name longer than {LONGEST_NAME} characters", where)
        return None
    return _Line(where, instance, accelerator, count, price, spot, region)


def _take(line: _Line, found: Found, gpus: Mapping[str, Gpu]) -> None:
    """Add the row's listing, or count why there is none."""
    if not line.accelerator:
        found.leave_out(HOST_ONLY if found.provider == "gcp" else NO_GPU, str(line))
        return
    known = _gpus(line, found, gpus)
    if known is None:
        return
    gpu, count = known
    try:
        price, spot = read_price(line.price), read_price(line.spot)
    except ValueError as error:
        found.leave_out("price is not a number above zero", f"{line}: {error}", gpu)
        return
    instance = plain(line.instance or line.accelerator)
    if not instance:
        found.leave_out("instance without a name", str(line), gpu)
        return
    listing = Listing(
        line.where,
        found.provider,
        gpu,
        count,
        instance,
        plain(line.region),
        price,
        spot,
        marketplace=found.provider in MARKETPLACES or line.instance.endswith("_COMMUNITY"),
    )
    if price is None:
        found.tally.add("not sold on demand", str(line))
    found.listings.append(listing)


def _gpus(line: _Line, found: Found, gpus: Mapping[str, Gpu]) -> tuple[str, int] | None:
    """The row's GPU model and number; None, and counted, where there is no such thing."""
    cut = tpu_slice(line.accelerator)
    if cut is not None:
        return found.one_host(cut, gpus, f"{line} ({line.accelerator})")
    known = identify(found.provider, line.accelerator, line.instance, gpus)
    if not line.instance:
        found.leave_out(BESIDE_THE_HOST, f"{line}", known.gpu or known.family)
        return None
    if not known.gpu:
        found.unknown(known, f"{line} ({line.accelerator})")
        return None
    try:
        count = read_count(line.count)
    except ValueError:
        found.leave_out("GPU count is not a whole number", f"{line}: {line.count}", known.gpu)
        return None
    if count == 0:
        found.leave_out("no GPU count", str(line), known.gpu)
        return None
    return known.gpu, count
