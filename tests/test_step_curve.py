"""The curve is the model: within 0.5 % up to the most GPUs on offer, exact at the fewest."""

from itertools import pairwise

import numpy as np
import pytest
from step_cases import gpus, setting

from catalog import Precision
from optimizer.step.breakpoints import fewest_gpus
from optimizer.step.predict import curve, predict
from optimizer.step.search import best_layout, mfu_by_kind

CASES: list[tuple[str, str, Precision, int]] = [
    ("llama-3.1-8b", "h100_sxm", "bf16", 1024),
    ("llama-3.1-70b", "h100_sxm", "bf16", 4096),
    ("llama-3.1-405b", "h100_sxm", "fp8", 16384),
    ("llama-2-70b", "a100_sxm_80", "bf16", 2048),
    ("llama-2-70b", "rtx_a6000", "bf16", 1024),
    ("13B", "b200_sxm", "bf16", 512),
    ("gpt-3-175b", "v100_sxm2_32", "fp16", 4096),
    ("deepseek-v3", "h100_sxm", "fp8", 4096),
]


@pytest.mark.parametrize(("model", "gpu", "precision", "most"), CASES)
def test_the_curve_is_within_half_a_percent(
    model: str, gpu: str, precision: Precision, most: int
) -> None:
    """1/MFU is linear in n between breakpoints, and near the model everywhere."""
    here = setting(model, gpu, precision)
    points = curve(here, most)
    nodes = np.arange(points[0][0] + 8, most + 1, 8)
    sizes = nodes if len(nodes) < 500 else np.union1d(nodes[:100], nodes[::13])
    exact = mfu_by_kind(here, here.kinds(), sizes.astype(np.float64)).max(axis=0)
    inverse = np.interp(sizes, [n for n, _ in points], [1 / mfu for _, mfu in points])
    assert np.abs(inverse * exact - 1).max() <= 0.005
    assert len(points) <= 30


@pytest.mark.parametrize(
    ("model", "gpu", "precision"),
    [("1B", "v100_sxm2_16", "fp16"), ("llama-2-70b", "rtx_a6000", "bf16")],
)
def test_the_first_size_is_as_fast_as_its_best_layout(
    model: str, gpu: str, precision: Precision
) -> None:
    """Nodes without a network have no other size, so nothing may be interpolated there."""
    here = setting(model, gpu, precision)
    fewest, mfu = curve(here, 1024)[0]
    found = best_layout(here, fewest)
    assert found is not None
    assert mfu == found.mfu
    assert curve(here, fewest) == ((fewest, mfu),)


@pytest.mark.parametrize(
    ("model", "gpu", "node"),
    [
        ("deepseek-v3", "mi300x", 1),
        ("deepseek-v3", "rtx_a6000", 4),
        ("llama-3.1-70b", "h200_sxm", 1),
        ("llama-3.1-8b", "gb200_nvl72", 4),
    ],
)
def test_no_kind_of_layout_hides_between_breakpoints(model: str, gpu: str, node: int) -> None:
    """Also where kinds begin and end all over the curve: small nodes, mixtures of experts."""
    here = setting(model, gpu, node=node)
    points = curve(here, 4096)
    nodes = np.arange(points[0][0] + node, 4097, node)
    sizes = np.union1d(nodes[:100], nodes[:: 1 + len(nodes) // 400])
    exact = mfu_by_kind(here, here.kinds(), sizes.astype(np.float64)).max(axis=0)
    inverse = np.interp(sizes, [n for n, _ in points], [1 / mfu for _, mfu in points])
    assert np.abs(inverse * exact - 1).max() <= 0.005


@pytest.mark.parametrize("model", ["llama-3.1-8b", "llama-3.1-70b", "deepseek-v3"])
@pytest.mark.parametrize("node", [1, 8])
def test_the_fewest_gpus_hold_the_model_and_a_node_less_does_not(model: str, node: int) -> None:
    """Checked against every kind at both sizes."""
    here = setting(model, "h100_sxm", node=node)
    fewest = fewest_gpus(here, 4096)
    assert fewest is not None
    sizes = np.array([max(node, fewest - node), fewest], dtype=np.float64)
    before, at = mfu_by_kind(here, here.kinds(), sizes).max(axis=0)
    assert at > 0
    assert before == 0 or fewest == node
    assert fewest_gpus(here, fewest - node) is None


def test_a_small_batch_ends_the_curve() -> None:
    """Four sequences cannot occupy 4,096 GPUs: the curve ends where they split no further."""
    here = setting(batch=4 * 8192)
    points = curve(here, 4096)
    assert 32 <= points[-1][0] < 4096


def test_the_curve_starts_where_the_model_fits_and_rises_in_size() -> None:
    """The first breakpoint has a layout, a node less has none."""
    here = setting("llama-3.1-70b")
    points = curve(here, 4096)
    assert all(a < b for (a, _), (b, _) in pairwise(points))
    assert predict(here, gpus()["h100_sxm"], points[0][0]).mfu == pytest.approx(
        points[0][1], rel=0.02
    )
    assert curve(here, points[0][0] - 8) == ()


def test_a_fleet_of_whole_replicas_gets_what_the_curve_says() -> None:
    """The layout printed for a round size is the one behind the curve."""
    here = setting("llama-3.1-405b")
    points = curve(here, 16384)
    inverse = np.interp(4096, [n for n, _ in points], [1 / mfu for _, mfu in points])
    assert predict(here, gpus()["h100_sxm"], 4096).mfu == pytest.approx(1 / inverse, rel=0.01)
