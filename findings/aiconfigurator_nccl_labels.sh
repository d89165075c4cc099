#!/usr/bin/env bash
# aiconfigurator-core 0.12.0: three traps in its NCCL tables (nccl_perf.parquet).
#
# 1. The folder's version is not the version measured. gb200.yaml names nccl 2.23, and the folder
#    nccl/2.23 says "runtime: nccl 2.23" in its collection_meta.yaml; all its rows have version
#    2.29.2. The same holds for the folder that the system file names on h100, h200, b200, b300
#    and gb300.
# 2. Those folders, but b300's, hold two to five rows under one key, with times up to 4.2 times
#    apart.
# 3. message_size counts elements, not bytes: the largest is 2^28 for half and 2^29 for int8, both
#    512 MiB. Taken as bytes, half comes out at half its bandwidth.
# And one outlier: eight L40S gather at 1.2 GB/s a GPU, two at 19.6.
#
# Shows versions and behavior; exit 1 when any of it changes. Needs Python 3.11 and about 250 MB.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-deps pyarrow==21.0.0
"$work/venv/bin/pip" download -q --no-deps -d "$work" aiconfigurator-core==0.12.0
python3 -m zipfile -e "$work"/aiconfigurator_core-0.12.0-*.whl "$work/wheel"
"$work/venv/bin/python" - "$work/wheel/aiconfigurator_core/systems" <<'PYTHON'
import re
import sys
from collections import defaultdict
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet

systems = Path(sys.argv[1])
print(f"aiconfigurator-core 0.12.0, pyarrow {pyarrow.__version__}")


def rows_of(system, folder):
    path = systems / "data" / system / "comm" / "nccl" / folder / "nccl_perf.parquet"
    return parquet.read_table(path).to_pylist()


def gather(system, ranks, folder, dtype="half", elements=2**28, value_bytes=2):
    """GB/s on the bus of the largest all_gather, with that many bytes a unit of message_size."""
    key = ("all_gather", dtype, ranks, elements)
    names = ("op_name", "nccl_dtype", "num_gpus", "message_size")
    times = [r["latency"] for r in rows_of(system, folder) if tuple(map(r.get, names)) == key]
    return elements * value_bytes * (ranks - 1) / ranks / min(times) / 1e6


print("\nsystem     folder named   its meta   version in its rows   rows   keys   same key, times apart")
mislabeled, spread = set(), 1.0
for name in ("h100_sxm", "h200_sxm", "b200_sxm", "b300_sxm", "gb200", "gb300"):
    text = (systems / f"{name}.yaml").read_text()
    folder = re.search(r"nccl_version: '([^']+)'", text)[1]
    meta = (systems / "data" / name / "comm" / "nccl" / folder / "collection_meta.yaml").read_text()
    declared = re.search(r"version: '?([0-9.]+)", meta.split("runtime:")[1])[1]
    times, versions = defaultdict(list), set()
    rows = rows_of(name, folder)
    for row in rows:
        key = row["op_name"], row["nccl_dtype"], row["num_gpus"], row["message_size"]
        times[key].append(row["latency"])
        versions.add(row["version"])
    apart = max(max(t) / min(t) for t in times.values())
    spread = max(spread, apart)
    if versions == {"2.29.2"} and declared == folder != "2.29.2":
        mislabeled.add(name)
    print(f"{name:10} {folder:14} {declared:10} {','.join(versions):20} {len(rows):6} {len(times):6}   up to {apart:.2f}x")

sizes = {}
for row in rows_of("h100_sxm", "2.29.2"):
    kept = sizes.get(row["nccl_dtype"], 0)
    sizes[row["nccl_dtype"]] = max(kept, row["message_size"])
as_elements = gather("h100_sxm", 8, "2.29.2")
as_bytes = gather("h100_sxm", 8, "2.29.2", value_bytes=1)
int8 = gather("h100_sxm", 8, "2.29.2", "int8", 2**29, 1)
print(f"\nlargest message_size: {sizes}")
print(f"all_gather of 8 H100, half: {as_elements:.0f} GB/s if it counts elements, {as_bytes:.0f} if bytes; int8: {int8:.0f}")
two, eight = (gather("l40s", ranks, "2.27.3") for ranks in (2, 8))
print(f"all_gather of L40S, 512 MiB: 2 ranks {two:.1f} GB/s, 8 ranks {eight:.1f} GB/s")

as_described = (
    len(mislabeled) == 6
    and spread > 4
    and sizes == {"half": 2**28, "int8": 2**29}
    and abs(as_elements / int8 - 1) < 0.01
    and two > 10 * eight
)
print("\nas described" if as_described else "\nCHANGED")
sys.exit(not as_described)
PYTHON
