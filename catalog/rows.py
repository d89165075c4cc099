"""What a row of each catalog table is: one frozen class a table, units in the names."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from catalog.vocabulary import Capacity, Group, Payment, Precision, Pricing

ReadingKind = Literal["rent", "spot"]


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
    """One accelerator as its datasheet describes it; every peak is dense, in TFLOP/s.

    ``block_formats`` are those whose numbers share a scale in small blocks (mxfp8, mxfp4, nvfp4)
    and that the part multiplies itself, at the peak of as many bits.
    """

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
    block_formats: tuple[str, ...] = ()

    def peak_tflops(self, precision: Precision) -> float | None:
        """Dense peak in TFLOP/s, or None where the part lacks the precision."""
        peaks = {
            "fp16": self.peak_fp16_tflops,
            "bf16": self.peak_bf16_tflops,
            "fp8": self.peak_fp8_tflops,
        }
        if precision in peaks:
            return peaks[precision]
        of_its_bits = self.peak_fp8_tflops if precision == "mxfp8" else self.peak_fp4_tflops
        return of_its_bits if precision in self.block_formats else None


@dataclass(frozen=True, slots=True)
class UnplannedGpu:
    """An accelerator that is known but has no 16-bit peak: no plan and no offer can be of it.

    Units as in ``Gpu``; None: not published.
    """

    gpu: str
    name: str
    vendor: str
    architecture: str
    year: int
    family: str
    memory_gb: float | None
    memory_gb_per_s: float | None
    peak_fp16_tflops: None
    peak_bf16_tflops: None
    peak_fp8_tflops: float | None
    peak_fp4_tflops: float | None
    scale_up: str
    scale_up_gb_per_s: float | None
    scale_up_gpus: int | None
    power_w: float | None
    server_w_per_gpu: float | None
    source: str
    read_on: date
    note: str
    block_formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClusterClass:
    """How a class of product is had, and our judgment of its largest where none is published.

    ``source`` is who published what the size rests on (empty: a judgment alone).
    """

    cluster_class: str
    max_nodes: int | None
    max_gpus: int | None
    basis: str
    note: str
    capacity: Capacity = "quota"
    source: str = ""

    def largest_cluster(self, gpus_per_node: int) -> int:
        """GPUs of the largest cluster of this class, in nodes of the given size."""
        if self.max_nodes is not None:
            return self.max_nodes * gpus_per_node
        return self.max_gpus or 0


@dataclass(frozen=True, slots=True)
class Offer:
    """One purchasable line: provider, GPU model, region and terms.

    ``longest_hours`` is the most hours it runs (None: no end), ``block_days`` the whole days it
    is sold in, ascending (empty: any length). An ``owned`` offer is bought, not rented: its
    ``usd_per_gpu_hour`` is 0 and it has a ``purchase_usd_per_gpu``. ``instance_type`` is what the
    provider calls the machine (empty: not stated). ``capacity`` is how sure one gets what is
    priced, ``size_source`` who published ``max_gpus`` (empty: nobody, or the price's source).
    A contract may cost ``setup_usd`` and ``egress_usd`` once, ``egress_usd_per_gb`` for what
    leaves, and ``support_share`` on top of its GPU-hours, for which at least ``minimum_usd`` are
    paid. ``prepaid_share`` of all is due on signature, the rest by ``payment``.
    """

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
    longest_hours: float | None = None
    block_days: tuple[int, ...] = ()
    purchase_usd_per_gpu: float | None = None
    instance_type: str = ""
    size_source: str = ""
    capacity: Capacity = "quota"
    setup_usd: float = 0.0
    minimum_usd: float = 0.0
    support_share: float = 0.0
    egress_usd: float = 0.0
    egress_usd_per_gb: float = 0.0
    prepaid_share: float = 0.0
    payment: Payment = ""


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


@dataclass(frozen=True, slots=True)
class Region:
    """A provider's region: country (ISO 3166 alpha-2), group, and its grid in g CO2e a kWh.

    ``also`` are other words for it: the city, and how the provider's API spells it.
    """

    region: str
    provider: str
    country: str
    group: Group
    g_co2_per_kwh: float | None
    source: str
    read_on: date
    note: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoragePrice:
    """What a provider takes for keeping one GB (10^9 bytes) for a month; ``any``: the default."""

    provider: str
    usd_per_gb_month: float
    source: str
    read_on: date
    note: str


@dataclass(frozen=True, slots=True)
class FailureRate:
    """Unexpected interruptions of a run per 1,000 GPU-days, by GPU architecture.

    ``low`` and ``high`` are the published extremes; ``any`` is the default.
    """

    architecture: str
    interruptions_per_1000_gpu_days: float
    low: float
    high: float
    basis: Literal["published", "estimate"]
    source: str
    read_on: date
    note: str


@dataclass(frozen=True, slots=True)
class Default:
    """What we plan with where nothing else is said, and the range that is published."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    read_on: date
    note: str


@dataclass(frozen=True, slots=True)
class Framework:
    """How a training framework counts the speed that it logs.

    ``rule`` is how it counts FLOP a token; ``elsewhere_tflops`` the peak that it divides by on
    parts without one in framework_peaks.csv (None: it logs no MFU there). It is called by
    ``also`` as well.
    """

    framework: str
    also: tuple[str, ...]
    package: str
    version: str
    rule: str
    elsewhere_tflops: float | None
    read_on: date
    note: str


@dataclass(frozen=True, slots=True)
class FrameworkPeak:
    """The 16-bit TFLOP/s that a framework divides by on one GPU; None: it logs no MFU there."""

    framework: str
    gpu: str
    device: str
    peak_tflops: float | None
    note: str


@dataclass(frozen=True, slots=True)
class PriceReading:
    """What one source asked for one GPU model in one month (YYYY-MM), USD per GPU-hour.

    ``readings`` is how many different prices lie from the lowest to the highest. ``rent`` is on
    demand, reserved and on marketplaces.
    """

    gpu: str
    kind: ReadingKind
    month: str
    lowest_usd_per_gpu_hour: float
    highest_usd_per_gpu_hour: float
    readings: int
    source: str
