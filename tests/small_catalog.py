"""Miniature catalogs made in memory: frozen, so that no price change can break a test."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from catalog import (
    Breakpoint,
    Catalog,
    ClusterClass,
    Default,
    FailureRate,
    Gpu,
    Offer,
    Region,
    Source,
    StoragePrice,
)
from catalog.vocabulary import Group, Pricing
from optimizer.physics.run_factor import RUN_FACTOR

READ_ON = date(2026, 11, 1)
TODAY = date(2026, 11, 20)
# The shipped planning defaults as they were on the day these tests were written.
DEFAULTS = {
    "bytes_per_token": 4,
    "checkpoint_bytes_per_parameter": 14,
    "checkpoint_gb_per_s_most": 50,
    "checkpoint_gb_per_s_per_node": 1,
    "checkpoint_interval_least_s": 600,
    "checkpoint_interval_most_s": 10800,
    "checkpoint_stall_s": 5,
    "checkpoints_kept": 10,
    "colocation_usd_per_kw_month": 184,
    "depreciation_years": 4,
    "electricity_usd_per_kwh": 0.0826,
    "grid_g_co2_per_kwh": 369.5,
    "network_share": 0.19,
    "power_draw_share": 0.76,
    "pue_colocation": 1.25,
    "pue_hyperscaler": 1.15,
    "restart_minutes": 15,
    "server_value_decay_per_year": 0.14,
    "spot_availability_eight_nodes": 0.5,
    "spot_availability_one_node": 0.8,
    "spot_growth_per_doubling": 0.1,
    "spot_interruptions_per_node_day": 1,
    "spot_most_nodes": 8,
    "spot_slack": 0.25,
}
REGIONS: dict[str, tuple[str, Group]] = {"us-east": ("US", "us")}
Curve = Sequence[tuple[int, float]]


def make_gpu(name: str = "big", peak: float | None = 1000.0, memory_gb: float = 80.0) -> Gpu:
    """A GPU with this dense bf16 peak in TFLOP/s, in nodes with a fast fabric."""
    return Gpu(
        gpu=name,
        name=name.upper(),
        vendor="Maker",
        architecture="Arch",
        year=2024,
        family=name.upper(),
        memory_gb=memory_gb,
        memory_gb_per_s=3000.0,
        peak_fp16_tflops=peak,
        peak_bf16_tflops=peak,
        peak_fp8_tflops=None,
        peak_fp4_tflops=None,
        scale_up="nvswitch",
        scale_up_gb_per_s=450.0,
        scale_up_gpus=8,
        power_w=700.0,
        server_w_per_gpu=1200.0,
        source="datasheet",
        read_on=READ_ON,
        note="",
    )


def make_offer(
    name: str = "alpha_big",
    gpu: str = "big",
    usd: float = 2.0,
    node: int = 8,
    most: int = 512,
    least: int = 1,
    commitment: float = 0.0,
    upfront: float = 0.0,
    lead: float = 0.0,
    pricing: Pricing = "on_demand",
    provider: str = "alpha",
    region: str = "us-east",
    estimated_size: bool = False,
    longest: float | None = None,
    block_days: tuple[int, ...] = (),
    purchase: float | None = None,
    fabric: str = "infiniband",
) -> Offer:
    """An offer; sizes in GPUs, ``commitment``, ``lead`` and ``longest`` in hours, USD a GPU."""
    return Offer(
        offer=name,
        provider=provider,
        gpu=gpu,
        pricing=pricing,
        region=region,
        gpus_per_node=node,
        min_gpus=least,
        max_gpus=most,
        max_gpus_basis="estimate" if estimated_size else "published",
        cluster_class="fast",
        nic_gbps_per_gpu=400.0,
        fabric=fabric,
        usd_per_gpu_hour=usd,
        commitment_hours=commitment,
        upfront_usd_per_gpu=upfront,
        lead_time_hours=lead,
        source="price_page",
        read_on=READ_ON,
        audit="confirmed",
        note="",
        longest_hours=longest,
        block_days=block_days,
        purchase_usd_per_gpu=purchase,
    )


def make_catalog(
    offers: Sequence[Offer],
    gpus: Sequence[Gpu] = (make_gpu(),),
    curves: Mapping[str, Curve] | None = None,
    regions: Mapping[str, tuple[str, Group]] = REGIONS,
) -> Catalog:
    """A catalog; a GPU without a curve of (GPUs, MFU) points gets 0.5 falling to 0.4.

    The MFU given is that of the whole run, so that sums stay short; a catalog holds steps'.
    ``regions`` have a country and a group each.
    """
    given = curves or {}
    efficiency = {
        gpu.gpu: tuple(
            Breakpoint(gpu.gpu, "bf16", n, mfu / RUN_FACTOR, "measured", "paper", READ_ON, "")
            for n, mfu in given.get(gpu.gpu, ((8, 0.5), (512, 0.4)))
        )
        for gpu in gpus
    }
    return Catalog(
        gpus={gpu.gpu: gpu for gpu in gpus},
        offers=tuple(offers),
        efficiency={(gpu, "bf16"): points for gpu, points in efficiency.items()},
        cluster_classes={"fast": ClusterClass("fast", None, 512, "a judgment", "")},
        sources={key: _source(key) for key in ("datasheet", "price_page", "paper")},
        regions={
            name: Region(name, "alpha", country, group, 400.0, "paper", READ_ON, "")
            for name, (country, group) in regions.items()
        },
        storage={"any": StoragePrice("any", 0.08, "price_page", READ_ON, "")},
        failures={"any": FailureRate("any", 1.0, 0.5, 3.0, "estimate", "paper", READ_ON, "")},
        defaults={
            name: Default(name, value, value, value, "", "paper", READ_ON, "")
            for name, value in DEFAULTS.items()
        },
        folder=Path("nowhere"),
    )


def _source(key: str) -> Source:
    return Source(key, "Publisher", key, "https://example.com", "says so", "quote", "")
