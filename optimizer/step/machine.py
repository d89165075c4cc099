"""What a fleet's machines can do: rates in bytes and FLOP a second, as arrays or single values."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from catalog import Gpu, Precision
from catalog.units import GIGA

Floats = NDArray[np.float64]

SIXTEEN_BIT, EIGHT_BIT, FOUR_BIT = 16, 8, 4
BITS: dict[Precision, int] = {"fp16": 16, "bf16": 16, "fp8": 8, "mxfp8": 8, "mxfp4": 4, "nvfp4": 4}
ARCHITECTURES = (
    *("volta", "ampere", "hopper", "blackwell", "blackwell_ultra"),
    *("gb202", "ada", "cdna", "cdna4", "tpu", "other"),
)
# Watts and dense 16-bit TFLOP/s of the part that an architecture's efficiency was fitted to.
_FULL_POWER = {
    "volta": (300, 125),
    "ampere": (400, 312),
    "hopper": (700, 989.4),
    "blackwell": (1000, 2250),
    "blackwell_ultra": (1100, 2250),
    "gb202": (600, 503.8),
    "ada": (450, 165.2),
    "cdna": (750, 1307.4),
    "cdna4": (1400, 2516.6),
}
# The "80 GB" of a GPU are 80 GiB.
_GIBI = 2.0**30
_BITS_PER_BYTE = 8
# PCIe 4.0 x16 in one direction: what joins GPUs of a node outside any faster domain, but for
# parts on PCIe 5.0.
PCIE_GB_PER_S = 32.0
# Collectives through the host's bridge reach 10 to 13 GB/s of it, as nccl-tests shows; on PCIe 5.0
# 23 of 64, as the second witness does (README.md).
PCIE_SHARE = 0.4
# Where neither the offer nor the run says: the usual fabric of each generation, Gb/s a GPU.
_USUAL_NIC_GBPS = {"volta": 50.0, "ampere": 200.0, "hopper": 400.0, "ada": 50.0}
_USUAL_NIC_ELSE_GBPS = 400.0
# A fabric that joins more than this many is a rack's or a pod's.
LARGEST_NODE = 16
MOST_POWER_SHARE = 1.2
# Whatever practice says, no step comes nearer to its part's peak.
HIGHEST_MFU = 0.95


@dataclass(frozen=True, slots=True)
class Machine:
    """A GPU in its node on its fabric.

    ``peak_flops`` is dense in the run's precision, ``eight_flops`` in 8 and ``wide_flops`` in 16
    bit (attention and the vocabulary stay there), ``memory_rate``, ``scale_up_rate`` and
    ``nic_rate`` are bytes a second in one direction, ``bits`` those of the run's multiplications,
    ``block_scaled`` 1 where 8-bit numbers share a scale in small blocks,
    ``domain`` the GPUs that the fast fabric joins, ``power_share`` the share of the peak that the
    part's power sustains beside its architecture's flagship.
    """

    architecture: NDArray[np.int64]
    peak_flops: Floats
    eight_flops: Floats
    wide_flops: Floats
    bits: Floats
    block_scaled: Floats
    memory_bytes: Floats
    memory_rate: Floats
    scale_up_rate: Floats
    pcie_rate: Floats
    domain: Floats
    node: Floats
    nic_rate: Floats
    power_share: Floats


def machine_of(
    gpu: Gpu,
    precision: Precision,
    gpus_per_node: int,
    nic_gbps_per_gpu: float | None = None,
    power_w: float | None = None,
) -> Machine:
    """The machine of an offer or a published run; ValueError where the part lacks the precision.

    No NIC figure means the generation's usual one; ``power_w`` is that of a capped part.
    """
    peak, wide = gpu.peak_tflops(precision), gpu.peak_bf16_tflops or gpu.peak_fp16_tflops
    if peak is None or wide is None:
        raise ValueError(f"{gpu.gpu} has no {precision} peak; expected a precision it has")
    architecture = architecture_of(gpu)
    nic = nic_gbps_per_gpu or _USUAL_NIC_GBPS.get(architecture, _USUAL_NIC_ELSE_GBPS)
    values = {
        "peak_flops": peak * 1e12,
        "eight_flops": (gpu.peak_fp8_tflops or wide) * 1e12,
        "wide_flops": wide * 1e12,
        "bits": float(BITS[precision]),
        "block_scaled": float(precision == "mxfp8"),
        "memory_bytes": gpu.memory_gb * _GIBI,
        "memory_rate": gpu.memory_gb_per_s * GIGA,
        "scale_up_rate": max(gpu.scale_up_gb_per_s, PCIE_GB_PER_S) * GIGA,
        "pcie_rate": _pcie_gb_per_s(gpu) * PCIE_SHARE * GIGA,
        "domain": float(fast_domain(gpu, gpus_per_node)),
        "node": float(gpus_per_node),
        "nic_rate": nic / _BITS_PER_BYTE * GIGA,
        "power_share": _power_share(gpu, wide, power_w),
    }
    index = np.asarray(architecture_index(gpu))
    return Machine(index, **{name: np.asarray(value) for name, value in values.items()})


def fast_domain(gpu: Gpu, gpus_per_node: int) -> int:
    """GPUs that the fast fabric joins: those of the node, or of the rack where it is a rack's."""
    rack = gpu.scale_up_gpus > LARGEST_NODE
    return gpu.scale_up_gpus if rack else min(gpu.scale_up_gpus, gpus_per_node)


def architecture_of(gpu: Gpu) -> str:
    """The name under which the fit keeps this part's efficiency; 'other' where it has none."""
    word = gpu.architecture.lower().replace(" ", "")
    if "gb202" in word:
        return "gb202"
    # GA102 and AD102 cards share a design that sustains nearly all its peak.
    if word == "ampere" and gpu.scale_up == "pcie" and gpu.memory_gb <= 48:
        return "ada" if not gpu.gpu.startswith("a100") else "ampere"
    longest = sorted(ARCHITECTURES, key=len, reverse=True)
    found = (name for name in longest if word.startswith(name.replace("_", "")))
    return next(found, "other")


def architecture_index(gpu: Gpu) -> int:
    """The architecture's place among ARCHITECTURES."""
    return ARCHITECTURES.index(architecture_of(gpu))


def _power_share(gpu: Gpu, peak_tflops: float, power_w: float | None) -> float:
    """Share of the flagship's clock that the part's power allows.

    Dynamic power grows with the second to third power of the clock, so a part with a share x
    of the flagship's watts a TFLOP/s sustains about the square root of x of its clock: less on
    PCIe cards, up to where power no longer binds. A board with a Grace CPU has the flagship's die,
    its peak counted at a higher clock.
    """
    full, watts = _FULL_POWER.get(architecture_of(gpu)), power_w or gpu.power_w
    if full is None or watts is None:
        return 1.0
    full_watts, full_tflops = full
    if "grace" in gpu.architecture.lower():
        return min(MOST_POWER_SHARE, sqrt(watts / full_watts) * full_tflops / peak_tflops)
    return min(MOST_POWER_SHARE, sqrt(watts / peak_tflops * full_tflops / full_watts))


def _pcie_gb_per_s(gpu: Gpu) -> float:
    """The slot's rate in one direction: the part's own where PCIe is its fabric."""
    return max(gpu.scale_up_gb_per_s if gpu.scale_up == "pcie" else 0.0, PCIE_GB_PER_S)


def together(machines: list[Machine]) -> Machine:
    """Several machines as one with an array in each field."""
    fields = Machine.__slots__
    return Machine(**{f: np.array([getattr(m, f) for m in machines]) for f in fields})
