#!/usr/bin/env bash
# aiconfigurator-core 0.12.0: GB200's bf16 multiplications in the vLLM 0.24.0 table are a tenth
# faster than B200's up to 1e12 FLOP and a quarter slower from 3e12 on (the median; at 8192 x 8192
# x 16384, 851 against 1463 TFLOP/s). The same PyTorch call on GB300 does not slow down, nor does
# GB200 under SGLang and TensorRT-LLM. Most likely that collection met a limit of power or heat;
# the table has no column that says so, and its metadata says "status: complete". Whoever
# interpolates in it takes GB200 for slower than B200 on large prefills.
#
# Shows versions and behavior; exit 1 when it changes. Needs Python 3.11 and about 250 MB.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-deps pyarrow==21.0.0
"$work/venv/bin/pip" download -q --no-deps -d "$work" aiconfigurator-core==0.12.0
python3 -m zipfile -e "$work"/aiconfigurator_core-0.12.0-*.whl "$work/wheel"
"$work/venv/bin/python" - "$work/wheel/aiconfigurator_core/systems/data" <<'PYTHON'
import sys
from pathlib import Path
from statistics import median

import pyarrow
import pyarrow.parquet as parquet

data = Path(sys.argv[1])
ENGINES = {"vllm": "0.24.0", "sglang": "0.5.14", "trtllm": "1.3.0rc20"}
SIZES = (("1e11 to 1e12 FLOP", 1e11, 1e12), ("3e12 FLOP and more", 3e12, 1e18))
print(f"aiconfigurator-core 0.12.0, pyarrow {pyarrow.__version__}")


def rates(system, engine):
    """TFLOP/s by m, n and k."""
    path = data / system / "gemm" / engine / ENGINES[engine] / "gemm_perf.parquet"
    rows = parquet.read_table(path, filters=[("gemm_dtype", "=", "bfloat16")]).to_pylist()
    shapes = {(r["m"], r["n"], r["k"]): r["latency"] for r in rows}
    return {s: 2 * s[0] * s[1] * s[2] / ms / 1e9 for s, ms in shapes.items()}


print("\nbf16, beside B200 at the same shapes (median), and TFLOP/s at 8192 x 8192 x 16384")
found = {}
for engine in ENGINES:
    base = rates("b200_sxm", engine)
    for system in ("gb200", "gb300"):
        mine = rates(system, engine)
        for name, low, high in SIZES:
            shapes = [s for s in mine if s in base and low <= 2 * s[0] * s[1] * s[2] < high]
            found[system, engine, name] = median(mine[s] / base[s] for s in shapes)
        beside = ", ".join(f"{name}: {found[system, engine, name]:.2f}" for name, *_ in SIZES)
        one = (8192, 8192, 16384)
        print(f"{system} {engine:7} {beside}; {mine[one]:5.0f} against {base[one]:.0f}")

large = SIZES[1][0]
as_described = (
    found["gb200", "vllm", large] < 0.8
    and found["gb200", "vllm", SIZES[0][0]] > 1.05
    and all(found["gb200", engine, large] > 0.95 for engine in ("sglang", "trtllm"))
    and all(found["gb300", engine, large] > 1.15 for engine in ENGINES)
)
print("\nas described" if as_described else "\nCHANGED")
sys.exit(not as_described)
PYTHON
