"""The tables of measured kernels in aiconfigurator-core 0.12.0 (Apache-2.0), summed up.

The wheel holds matrix multiplications and NCCL collectives as inference engines run them, part by
part. What is read here becomes ``optimizer/step/witness.csv``; nothing else needs the package.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from catalog import Gpu

DATA = Path("aiconfigurator_core", "systems", "data")
# The package's name of each part, and ours.
PARTS = {
    "a100_sxm": "a100_sxm_80",
    "h100_sxm": "h100_sxm",
    "h200_sxm": "h200_sxm",
    "b200_sxm": "b200_sxm",
    "b300_sxm": "b300_sxm",
    "gb200": "gb200_nvl72",
    "gb300": "gb300_nvl72",
    "l40s": "l40s",
    "rtx_pro_6000_server": "rtx_pro_6000",
}
PRECISIONS = {"bf16": "bfloat16", "fp8": "fp8"}
# Hidden width and tensor parallelism of layers whose four matrices the tables hold.
_TENSORS = {4096: (1, 2, 4, 8), 8192: (2, 4, 8), 16384: (4, 8)}
LAYERS = tuple((hidden, tensor) for hidden, all_ in _TENSORS.items() for tensor in all_)
TOKENS = (2048, 4096, 8192, 16384)
# A layer is wide from this hidden / TP on, else narrow.
WIDE = 2048
# What a layer's tensor parallelism moves at 8k tokens of 8k values, and a layer's own weights.
COLLECTIVES = {"all_gather": 512, "reduce_scatter": 128, "all_reduce": 128}
# The tables end at a tray of four on the racks, so H100 is kept at four ranks as well.
RANKS = {"h100_sxm": (4, 8), "gb200_nvl72": (4,), "gb300_nvl72": (4,)}
USUAL_RANKS = (8,)
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the witness: ``measured`` is a share of the dense peak, or GB/s on the bus.

    ``case`` is the shape class or the message size; one rank means a matrix multiplication.
    """

    part: str
    precision: str
    kind: str
    case: str
    ranks: int
    measured: float
    source: str


def facts_of(folder: Path, gpus: dict[str, Gpu]) -> list[Fact]:
    """All lines, from the folder where the wheel was unpacked; OSError where it was not."""
    data = folder / DATA
    if not data.is_dir():
        raise FileNotFoundError(f"no {DATA} in {folder}")
    found: list[Fact] = []
    for theirs, ours in PARTS.items():
        found += _shares(data / theirs / "gemm", gpus[ours])
        found += _rates(data / theirs / "comm" / "nccl", ours)
    return found


def shape_class(hidden: int, tensor: int) -> str:
    """The class that a layer's shape is summed up in."""
    return "wide" if hidden // tensor >= WIDE else "narrow"


def matrices(hidden: int, tensor: int) -> list[tuple[int, int]]:
    """(n, k) of a layer's four matrices on one rank: columns are split first, rows then."""
    up = 4 * hidden // tensor
    return [(3 * hidden // tensor, hidden), (hidden, hidden // tensor), (up, hidden), (hidden, up)]


def _shares(folder: Path, gpu: Gpu) -> Iterator[Fact]:
    """Median shares of the dense peak over layers, tokens and the three inference engines."""
    tables = {engine.name: _newest(engine) for engine in sorted(folder.iterdir())}
    source = "; ".join(f"{name} {version.name}" for name, version in tables.items())
    times = {name: _times(version / "gemm_perf.parquet") for name, version in tables.items()}
    for ours, theirs in PRECISIONS.items():
        peak = gpu.peak_bf16_tflops if ours == "bf16" else gpu.peak_fp8_tflops
        if not peak:
            continue
        for case in ("wide", "narrow"):
            layers = [layer for layer in LAYERS if shape_class(*layer) == case]
            rates = [r for name in times for r in _layer_rates(times[name], theirs, layers)]
            share = float(pd.Series(rates).median()) / peak
            yield Fact(gpu.gpu, ours, "gemm", case, 1, round(share, 3), source)


def _layer_rates(
    times: "pd.Series[float]", precision: str, layers: list[tuple[int, int]]
) -> Iterator[float]:
    """TFLOP/s of each layer and number of tokens that the table holds all four matrices of."""
    for hidden, tensor in layers:
        for tokens in TOKENS:
            shapes = [(precision, tokens, n, k) for n, k in matrices(hidden, tensor)]
            if all(shape in times.index for shape in shapes):
                flop = sum(2 * m * n * k for _, m, n, k in shapes)
                yield flop / sum(float(times[shape]) for shape in shapes) / 1e9


def _times(path: Path) -> "pd.Series[float]":
    """Milliseconds by precision, m, n and k."""
    table = pd.read_parquet(path)
    return table.groupby(["gemm_dtype", "m", "n", "k"])["latency"].median()


def _rates(folder: Path, part: str) -> Iterator[Fact]:
    """Bus bandwidth of each collective at its size, as nccl-tests defines it."""
    newest = _newest(folder)
    table = pd.read_parquet(newest / "nccl_perf.parquet")
    table = table[table["nccl_dtype"] == "half"]
    for kind, mib in COLLECTIVES.items():
        for ranks in RANKS.get(part, USUAL_RANKS):
            # The size is in elements, not in bytes.
            size = table["message_size"] * 2 == mib * _MIB
            rows = table[size & (table["op_name"] == kind) & (table["num_gpus"] == ranks)]
            sent = mib * _MIB * (ranks - 1) / ranks * (2 if kind == "all_reduce" else 1)
            rate = sent / float(rows["latency"].median()) / 1e6
            source = f"nccl {newest.name}"
            yield Fact(part, "bf16", kind, f"{mib} MiB", ranks, round(rate, 1), source)


def _newest(folder: Path) -> Path:
    """The latest version that has tables of its own: some folders only point to another."""
    measured = [path for path in folder.iterdir() if any(path.glob("*.parquet"))]
    return max(measured, key=lambda path: [int(n) for n in _numbers(path.name)])


def _numbers(version: str) -> list[str]:
    """The numbers of a version's name: 1.3.0rc20 is 1, 3, 0, 20."""
    return "".join(c if c.isdigit() else " " for c in version).split()
