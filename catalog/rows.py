"""What a row of each catalog table is: one frozen class a table, units in the names."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Precision = Literal["fp16", "bf16", "fp8", "fp4"]
Pricing = Literal["on_demand", "reserved", "spot", "marketplace"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure was read: a page, a paper, a table, or our own estimate."""

    source: str
    publisher: str
    title: str
    url: str
    says: str
    kind: str
    license: str


@dataclass(frozen=True, slots=True)
class Gpu:
    """One accelerator as its datasheet describes it; every peak is dense, in TFLOP/s."""

    gpu: str
    name: str
    vendor: str
    architecture: str
    year: int
    family: str
    memory_gb: float
    memory_gb_per_s: float
    peak_fp16_tflops: float | None
    peak_bf16_tflops: float | None
    peak_fp8_tflops: float | None
    peak_fp4_tflops: float | None
    scale_up: str
    scale_up_gb_per_s: float
    scale_up_gpus: int
    power_w: float | None
    server_w_per_gpu: float | None
    source: str
    read_on: date
    note: str

    def peak_tflops(self, precision: Precision) -> float | None:
        """Dense peak in TFLOP/s, or None where the part lacks the precision."""
        peaks = {
            "fp16": self.peak_fp16_tflops,
            "bf16": self.peak_bf16_tflops,
            "fp8": self.peak_fp8_tflops,
            "fp4": self.peak_fp4_tflops,
        }
        return peaks[precision]


@dataclass(frozen=True, slots=True)
class ClusterClass:
    """Our judgment of the largest cluster of a class of product, where none is published."""

    cluster_class: str
    max_nodes: int | None
    max_gpus: int | None
    basis: str
    note: str

    def largest_cluster(self, gpus_per_node: int) -> int:
        """GPUs of the largest cluster of this class, in nodes of the given size."""
        if self.max_nodes is not None:
            return self.max_nodes * gpus_per_node
        return self.max_gpus or 0


@dataclass(frozen=True, slots=True)
class Offer:
    """One purchasable line: provider, GPU model, region and terms."""

    offer: str
    provider: str
    gpu: str
    pricing: Pricing
    region: str
    gpus_per_node: int
    min_gpus: int
    max_gpus: int
    max_gpus_basis: Literal["published", "estimate"]
    cluster_class: str
    nic_gbps_per_gpu: float | None
    fabric: str
    usd_per_gpu_hour: float
    commitment_hours: float
    upfront_usd_per_gpu: float
    lead_time_hours: float
    source: str
    read_on: date
    audit: str
    note: str


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """MFU (6ND over the dense peak) of one GPU model and precision at one fleet size."""

    gpu: str
    precision: Precision
    gpus: int
    mfu: float
    basis: Literal["published", "estimate", "measured"]
    source: str
    read_on: date
    note: str
