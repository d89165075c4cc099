"""What a price list calls an accelerator, as a GPU model of the catalog, or why it is none.

Names are evidence, and so is the instance type where a name alone is ambiguous; what a list says
about memory and counts in its other columns is not. The names stand in accelerators.csv.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from catalog.rows import Gpu

TABLE = Path(__file__).with_name("accelerators.csv")
UNKNOWN = "GPU not in the catalog, or without an MFU curve there"
AMBIGUOUS = "form factor or memory not stated"
CONTRADICTION = "name and instance disagree on the form factor"
OTHER_MEMORY = "memory stated is not the GPU's"
OTHER_DOMAIN = "size of the NVLink domain is not the GPU's"
# Names that carry a size of memory round it: 180 or 192 GB for a B200.
MEMORY_SLACK = 0.15

_NOISE = {"NVIDIA", "AMD", "INTEL", "TESLA", "GEFORCE", "INSTINCT", "NVLINK", "NVL72"}
_NOISE |= {"GENERATION", "BLACKWELL", "SERVER", "EDITION", "OAM", "HBM2", "HBM2E", "HBM3", "HBM3E"}
_MEMORY = re.compile(r"([0-9]+)G(B|IB)?")
_FORM = re.compile(r"SXM|PCIE|NVL(?!INK|72)")
_DOMAIN = re.compile(r"NVL([0-9]+)")
_TPU = re.compile(r"(?:tpu-?)?(v[0-9]+[a-z]*)-([0-9]+)", re.IGNORECASE)
# Generations whose slices are named by cores, two a chip, and chips of one host.
_CORES_PER_CHIP = {"v4": 2, "v5p": 2, "v5e": 1, "v6e": 1}
CHIPS_PER_HOST = {"v4": 4, "v5p": 4, "v5e": 8, "v6e": 8}


@dataclass(frozen=True, slots=True)
class Known:
    """A GPU model, or else why there is none; ``family`` is what it may yet be a model of."""

    gpu: str = ""
    reason: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice of a TPU pod: its GPU model and its chips."""

    generation: str
    gpu: str
    chips: int


@dataclass(frozen=True, slots=True)
class _Row:
    provider: str
    instance: str
    gpu: str
    reason: str


def identify(
    provider: str, accelerator: str, instance: str, gpus: Mapping[str, Gpu], memory_gb: float = 0
) -> Known:
    """The GPU model that a list means; ``memory_gb`` where the list is to be trusted on it."""
    base, memory, forms = _parts(accelerator)
    memory = memory or round(memory_gb)
    found = _lookup(provider, base, memory, forms, instance)
    if not found.gpu:
        return found
    if found.gpu not in gpus:
        return Known(reason=UNKNOWN)
    own = {form for form in ("SXM", "PCIE", "NVL") if f"_{form.lower()}" in found.gpu}
    stated = {*forms, *_FORM.findall(instance.upper())}
    # An NVL is a pair of PCIe cards.
    if own and not stated <= own | ({"PCIE"} if own == {"NVL"} else set()):
        return Known(reason=CONTRADICTION, family=base.lower())
    domain = _DOMAIN.findall(found.gpu.upper())
    if domain and not {*_DOMAIN.findall(f"{accelerator} {instance}".upper())} <= {*domain}:
        return Known(reason=OTHER_DOMAIN, family=base.lower())
    size = gpus[found.gpu].memory_gb
    far = abs(memory - size) > MEMORY_SLACK * size
    if memory and (far or sibling_fits(found.gpu, memory, gpus)):
        return Known(reason=OTHER_MEMORY, family=base.lower())
    return found


def sibling_fits(gpu: str, memory_gb: float, gpus: Mapping[str, Gpu]) -> bool:
    """Whether another model of the family is nearer to a size of memory: 80 GB is no H100 NVL."""
    own = gpus[gpu]
    away = abs(memory_gb - own.memory_gb)
    family = (one for one in gpus.values() if one.family == own.family)
    return any(abs(memory_gb - one.memory_gb) < away for one in family)


def same_family(one: str, other: str) -> bool:
    """Whether two names are of one family: 'A100-80GB' and 'NVIDIA A100 SXM4'."""
    return _parts(one)[0] == _parts(other)[0]


def tpu_slice(accelerator: str) -> Slice | None:
    """The slice that 'tpu-v5p-16' (8 chips) or 'v5litepod-8' names; None for other names."""
    match = _TPU.fullmatch(accelerator)
    if match is None:
        return None
    generation = match[1].lower().replace("litepod", "e")
    chips = int(match[2]) // _CORES_PER_CHIP.get(generation, 1)
    return Slice(generation, f"tpu_{generation}", chips)


@lru_cache(maxsize=4096)
def _parts(accelerator: str) -> tuple[str, int, tuple[str, ...]]:
    """Model, memory in GB (0: not stated) and form factors of 'A100-80G-SXM4'."""
    words = re.findall(r"[A-Z0-9]+", re.sub(r"(?<=\d)(SXM|PCIE|NVL)", r"-\1", accelerator.upper()))
    words = [word for word in words if word not in _NOISE]
    memory = [int(match[1]) for match in map(_MEMORY.fullmatch, words) if match]
    forms = [match[0] for match in map(_FORM.match, words) if match]
    model = [word for word in words if not _MEMORY.fullmatch(word) and not _FORM.match(word)]
    # A second size is that of all GPUs together: A100-80GB-640GB.
    return "".join(model), memory[0] if memory else 0, tuple(dict.fromkeys(forms))


@lru_cache(maxsize=4096)
def _lookup(provider: str, base: str, memory: int, forms: tuple[str, ...], instance: str) -> Known:
    """The first row that fits, the most telling spelling of the name first."""
    form = forms[0] if forms else ""
    sizes = (f"{base}-{memory}G", base) if memory else (base,)
    spellings = [f"{size}-{form}" for size in sizes] if form else []
    for spelling in (*spellings, *sizes):
        for row in table().get(spelling, ()):
            if row.provider in ("", provider) and fnmatchcase(instance.lower(), row.instance):
                family = base.lower() if row.reason == AMBIGUOUS else ""
                return Known(row.gpu, row.reason, family)
    return Known(reason=UNKNOWN)


@lru_cache(maxsize=1)
def table() -> dict[str, tuple[_Row, ...]]:
    """The rows of accelerators.csv by name, in the file's order."""
    rows: dict[str, tuple[_Row, ...]] = {}
    with TABLE.open(encoding="utf-8", newline="") as stream:
        for cells in csv.DictReader(stream):
            pattern = cells["instance"].lower() or "*"
            row = _Row(cells["provider"], pattern, cells["gpu"], cells["reason"])
            rows[cells["accelerator"]] = (*rows.get(cells["accelerator"], ()), row)
    return rows
