"""The audit of the shipped MFU curves, kept as tests."""

import re
from itertools import pairwise

import pytest

from catalog import Breakpoint, Catalog, Precision

# Tokens a second a GPU as the run's own source reports them, and billions of parameters.
MEASURED: list[tuple[str, Precision, int, float, float]] = [
    ("a100_pcie_80", "bf16", 8, 2104.89, 7.32),
    ("a100_sxm_40", "bf16", 8, 3679, 6.6589),
    ("a100_sxm_40", "bf16", 128, 376, 64.8624),
    ("a100_sxm_80", "bf16", 8, 916, 29.9752),
    ("a100_sxm_80", "bf16", 64, 410, 64.8624),
    ("a100_sxm_80", "bf16", 1024, 3486, 7.32),
    ("a100_sxm_80", "bf16", 2048, 380, 65.2),
    ("b200_sxm", "fp8", 8, 29994, 8.03),
    ("gb200_nvl72", "fp8", 8, 31357, 8.03),
    ("gb300_nvl72", "fp8", 8, 37556, 8.03),
    ("h100_sxm", "bf16", 8, 10643, 6.6589),
    ("h100_sxm", "bf16", 128, 1058, 64.8624),
    ("h100_sxm", "fp8", 8, 16154, 6.74),
    ("h100_sxm", "fp8", 512, 611.972, 175),
    ("h100_sxm", "fp8", 3584, 514.766, 175),
    ("h100_sxm", "fp8", 10752, 478.65, 175),
    ("tpu_v4", "bf16", 6144, 38.79, 540.35),
    ("tpu_v5p", "bf16", 512, 692, 68.98),
    ("tpu_v6e", "bf16", 256, 900, 68.98),
    ("v100_sxm2_32", "fp16", 128, 51.77, 104),
]


def curves(catalog: Catalog) -> list[tuple[Breakpoint, ...]]:
    """All MFU curves."""
    return list(catalog.efficiency.values())


def test_every_gpu_has_a_curve(catalog: Catalog) -> None:
    """In bf16, or in fp16 where the part has no bf16."""
    for gpu in catalog.gpus.values():
        precision: Precision = "fp16" if gpu.peak_bf16_tflops is None else "bf16"
        assert len(catalog.breakpoints(gpu.gpu, precision)) >= 2, gpu.gpu


def test_curves_fall_with_scale(catalog: Catalog) -> None:
    """More GPUs on one job are never busier, unless a run was published that says so."""
    for curve in curves(catalog):
        for small, large in pairwise(curve):
            assert large.mfu <= small.mfu or large.basis == "published", large


def test_mfu_is_what_tuned_teams_reach(catalog: Catalog) -> None:
    """Nothing beyond the best that was ever published, nothing that is no training run."""
    assert all(0.05 <= point.mfu <= 0.65 for curve in curves(catalog) for point in curve)


def test_pcie_parts_are_slower_than_their_sxm_siblings(catalog: Catalog) -> None:
    """Same peak, lower power and no NVLink."""
    for pcie, sxm in (("a100_pcie_80", "a100_sxm_80"), ("h100_pcie", "h100_sxm")):
        for slow, fast in zip(
            catalog.breakpoints(pcie, "bf16"), catalog.breakpoints(sxm, "bf16"), strict=False
        ):
            assert slow.mfu < fast.mfu


@pytest.mark.parametrize(("gpu", "precision", "gpus", "tokens", "billions"), MEASURED)
def test_published_points_are_6nd_over_the_dense_peak(
    catalog: Catalog, gpu: str, precision: Precision, gpus: int, tokens: float, billions: float
) -> None:
    """Recomputed from tokens a second: no recomputation, no attention, the run's own precision."""
    (point,) = [p for p in catalog.breakpoints(gpu, precision) if p.gpus == gpus]
    peak = catalog.gpus[gpu].peak_tflops(precision)
    assert peak is not None
    assert point.basis == "published"
    assert point.mfu == pytest.approx(6 * billions * 1e9 * tokens / (peak * 1e12), abs=2e-4)


def test_a_published_point_names_its_run_and_an_estimate_its_origin(catalog: Catalog) -> None:
    """No MFU without something to look up."""
    for curve in curves(catalog):
        for point in curve:
            kind = catalog.sources[point.source].kind
            if point.basis == "published":
                assert kind in {"paper", "benchmark", "secondary"}, point
            else:
                assert (
                    " x " in point.note
                    or "falls from" in point.note
                    or re.search(r"measured|reported|tokens/s", point.note)
                ), point


def test_estimates_carry_the_arithmetic_they_claim(catalog: Catalog) -> None:
    """'h100_sxm bf16 curve x 0.85' is that, at every breakpoint."""
    mfu = {(p.gpu, str(p.precision), p.gpus): p.mfu for curve in curves(catalog) for p in curve}
    claim = re.compile(r"(\w+) (bf16|fp8|fp16) curve x (\d+\.?\d*)")
    checked = 0
    for point in (point for curve in curves(catalog) for point in curve):
        match = claim.match(point.note)
        if match:
            base = mfu[match[1], match[2], point.gpus]
            assert point.mfu == pytest.approx(base * float(match[3]), abs=2e-4), point
            checked += 1
    assert checked > 100
