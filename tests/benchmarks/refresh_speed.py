"""How fast is an import: `python -m benchmarks.refresh_speed`.

100,000 rows in SkyPilot's form: 20 instance types of AWS in 30 regions, many zones each. Reading,
checking, writing and loading the catalog, against merely reading the file with the csv module,
the two in turn. Target: under 10 s.
"""

import csv
import io
import os
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

from catalog.place import VARIABLE
from catalog.refresh.importing import import_skypilot

ROWS = 100_000
REGIONS = 30
ROUNDS = 3
TODAY = date(2026, 11, 25)
HEADER = (
    *("InstanceType", "AcceleratorName", "AcceleratorCount", "vCPUs", "MemoryGiB", "GpuInfo"),
    *("Price", "SpotPrice", "Region", "AvailabilityZone"),
)
# Type, accelerator, GPUs, USD an hour; machines without a GPU are most of a cloud's list.
TYPES = (
    ("p5.48xlarge", "H100", 8, 55.04),
    ("p5en.48xlarge", "H200", 8, 63.296),
    ("p4d.24xlarge", "A100", 8, 21.9576),
    ("p4de.24xlarge", "A100-80GB", 8, 27.447),
    ("p6-b200.48xlarge", "B200", 8, 113.9328),
    ("g6e.xlarge", "L40S", 1, 1.861),
    ("g6e.48xlarge", "L40S", 8, 30.13),
    ("g5.xlarge", "A10G", 1, 1.006),
    ("p3.16xlarge", "V100", 8, 24.48),
    ("g4dn.xlarge", "T4", 1, 0.526),
    *((f"m{size}.large", "", 0, 0.1 * size) for size in range(1, 11)),
)


def price_list(rows: int = ROWS) -> str:
    """A list of that many rows, the same each time."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for number in range(rows):
        name, accelerator, gpus, usd = TYPES[number % len(TYPES)]
        region = f"region-{number // len(TYPES) % REGIONS}"
        zone = f"{region}-{number // len(TYPES) // REGIONS}"
        info = str({"Gpus": [{"Name": accelerator, "Count": gpus}]}) if accelerator else ""
        dearer = usd * (1 + number // len(TYPES) % REGIONS / 100)
        spot = f"{dearer * 0.4:.4f}"
        writer.writerow(
            (name, accelerator, gpus or "", 192, 2048, info, f"{dearer:.4f}", spot, region, zone)
        )
    return text.getvalue()


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds that the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def read_only(path: Path) -> int:
    """The number of rows, read and thrown away."""
    with path.open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.reader(stream))


def main() -> None:
    """Print seconds and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "aws" / "vms.csv"
        path.parent.mkdir()
        path.write_text(price_list(), encoding="utf-8")
        os.environ[VARIABLE] = str(Path(folder) / "catalog")
        pairs = []
        for _ in range(ROUNDS):
            reading = seconds(lambda: read_only(path))
            importing = seconds(
                lambda: import_skypilot([str(path)], read_on=TODAY.isoformat(), today=TODAY)
            )
            pairs.append((reading, importing))
    readings, imports = zip(*pairs, strict=True)
    ratio = median(importing / reading for reading, importing in pairs)
    print(f"{ROWS:,} rows: import {median(imports):.2f} s, csv alone {median(readings):.2f} s")
    print(f"ratio {ratio:.1f}; target: import under 10 s")


if __name__ == "__main__":
    main()
