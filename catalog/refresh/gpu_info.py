"""What SkyPilot's column GpuInfo says of a GPU, where it settles what the name leaves open.

The cell is a Python literal, JSON, a bare name or nothing. A literal is parsed, never evaluated.
"""

import ast
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from catalog.refresh.names import (
    AMBIGUOUS,
    OTHER_MEMORY,
    Known,
    identify,
    same_family,
    sibling_fits,
)
from catalog.rows import Gpu

LONGEST_CELL = 2_000
# Some lists put the memory of all GPUs where that of one belongs.
SAME_TOTAL = 0.01
CONTRADICTS = "GpuInfo contradicts the name on the memory"


@dataclass(frozen=True, slots=True)
class GpuInfo:
    """A GPU's name and its memory in GB; 0 where none is stated that adds up."""

    name: str
    memory_gb: float


@lru_cache(maxsize=4096)
def read_gpu_info(cell: str) -> GpuInfo | None:
    """The one GPU that the cell describes; None where there is none, or several kinds."""
    if not cell.startswith("{") or len(cell) > LONGEST_CELL:
        return None
    stated = _parsed(cell)
    gpus = stated.get("Gpus") if isinstance(stated, dict) else None
    if not isinstance(gpus, list) or len(gpus) != 1 or not isinstance(gpus[0], dict):
        return None
    gpu = gpus[0]
    name = gpu.get("Name")
    if not isinstance(name, str) or not name.isprintable():
        return None
    held = gpu.get("MemoryInfo")
    one = _number(held.get("SizeInMiB")) if isinstance(held, dict) else 0.0
    total, count = _number(stated.get("TotalGpuMemoryInMiB")), _number(gpu.get("Count"))
    if one and total and abs(one * (count or 1) - total) > SAME_TOTAL * total:
        one = 0.0
    return GpuInfo(name, one / 1024)


def settled(
    provider: str, accelerator: str, instance: str, cell: str, gpus: Mapping[str, Gpu]
) -> Known:
    """The GPU model that a row means, by name and instance and, where they differ, by GpuInfo.

    GpuInfo is often wrong, so it never overrules a name; only a memory that is that of another
    model of the family makes a row unusable.
    """
    known = identify(provider, accelerator, instance, gpus)
    info = read_gpu_info(cell)
    if info is None or not same_family(info.name, accelerator):
        return known
    by_memory = identify(provider, accelerator, instance, gpus, info.memory_gb)
    if known.gpu:
        other = by_memory.gpu not in ("", known.gpu)
        nearer = by_memory.reason == OTHER_MEMORY and sibling_fits(known.gpu, info.memory_gb, gpus)
        if info.memory_gb and (other or nearer):
            return Known(reason=CONTRADICTS, family=known.gpu.partition("_")[0])
        return known
    if by_memory.gpu:
        return by_memory
    if known.reason == AMBIGUOUS:
        named = identify(provider, info.name, info.name, gpus, info.memory_gb)
        return named if named.gpu else known
    return known


def _parsed(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(cell)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _number(value: object) -> float:
    """A finite size above zero, or 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if 0 < value < 1e12 else 0.0
