"""Compute and MFU curves, against sums done by hand and published figures."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_catalog import make_catalog, make_gpu, make_offer

from catalog import Precision
from optimizer.market.precision import precision_for
from optimizer.market.run import make_run
from optimizer.physics.compute import mfu_of, peak_hours, training_flop
from optimizer.physics.mfu import Staircase, constant, make_curve
from problems import make_question


def test_the_article_s_405b() -> None:
    """6 x 405e9 x 15.6e12 = 3.79e25 FLOP: 2 forward and 4 backward."""
    assert training_flop(405e9, 15.6e12) == pytest.approx(3.79e25, rel=1e-3)


def test_the_article_s_mfu() -> None:
    """380 of 1,000 TFLOP/s is an MFU of 38 %."""
    assert mfu_of(380, 1000) == pytest.approx(0.38)


def test_hours_at_the_peak() -> None:
    """3.6e21 FLOP at 1,000 TFLOP/s are 1,000 hours."""
    assert peak_hours(3.6e21, 1000) == pytest.approx(1000)


@pytest.mark.parametrize(
    ("gpus", "mfu"), [(1, 0.5), (8, 0.5), (16, 1 / 3), (24, 0.25), (40, 1 / 6)]
)
def test_one_over_mfu_is_linear(gpus: int, mfu: float) -> None:
    """Flat before the first breakpoint, linear in 1/MFU between, the last slope beyond."""
    assert make_curve([(8, 0.5), (24, 0.25)]).at(gpus) == pytest.approx(mfu)


def test_a_rising_curve_does_not_rise_beyond_its_end() -> None:
    """Where nobody measured, MFU never improves."""
    assert make_curve([(8, 0.3), (16, 0.4)]).at(1000) == pytest.approx(0.4)


@given(st.integers(1, 10**6))
def test_a_constant_is_constant(gpus: int) -> None:
    """One figure holds at every scale, and is no extrapolation."""
    assert constant(0.42).at(gpus) == pytest.approx(0.42)
    assert not constant(0.42).extrapolates(gpus)


@given(st.integers(1, 5000))
def test_segments_and_curve_agree(gpus: int) -> None:
    """The lines handed to the program are the curve."""
    curve = make_curve([(8, 0.5), (64, 0.45), (512, 0.47), (2048, 0.3)])
    (line,) = [s for s in curve.segments() if s.first < gpus <= s.last]
    assert 1 / (line.inverse + line.slope * gpus) == pytest.approx(curve.at(gpus))


def test_what_lies_beyond_the_last_point_is_extrapolated() -> None:
    """From the GPU after it on; a single figure claims to hold at every scale."""
    curve = make_curve([(8, 0.5), (24, 0.25)])
    assert [curve.extrapolates(gpus) for gpus in (8, 24, 25)] == [False, False, True]
    assert not make_curve([(8, 0.5)]).extrapolates(9)


STAIRS = Staircase((8.0, 32.0, 128.0), (0.5, 0.4, 0.3))


@pytest.mark.parametrize(
    ("gpus", "running", "mfu"),
    [
        (8, 8, 0.5),
        (16, 8, 0.25),
        (31, 8, 0.5 * 8 / 31),
        (32, 32, 0.4),
        (127, 32, 0.4 * 32 / 127),
        (128, 128, 0.3),
        (256, 128, 0.15),
    ],
)
def test_between_two_sizes_the_rest_idles(gpus: int, running: int, mfu: float) -> None:
    """Of 16 GPUs eight run at 0.5, which is 0.25 of the fleet; beyond the last size too."""
    assert STAIRS.running(gpus) == running
    assert STAIRS.at(gpus) == pytest.approx(mfu)
    assert not STAIRS.extrapolates(gpus)


@pytest.mark.parametrize(
    ("asked", "peaks", "precision"),
    [
        (None, {"bf16": 9.0, "fp16": 9.0}, "bf16"),
        (None, {"bf16": None, "fp16": 9.0}, "fp16"),
        (None, {"bf16": None, "fp16": None}, None),
        ("fp8", {"bf16": 9.0, "fp8": 18.0}, "fp8"),
        ("fp8", {"bf16": 9.0, "fp8": None}, None),
    ],
)
def test_the_precision_of_a_run(
    asked: Precision | None, peaks: dict[str, float | None], precision: Precision | None
) -> None:
    """The one asked for or none; else bf16, else fp16."""
    named: dict[str, Any] = {f"peak_{name}_tflops": peak for name, peak in peaks.items()}
    gpu = replace(make_gpu(), **named)
    assert precision_for(asked, gpu) == precision


def test_twenty_tokens_a_parameter() -> None:
    """Where none are given: 20 x 70e9 = 1.4e12, the everyday question's."""
    catalog = make_catalog([make_offer()])
    assert make_run(make_question("", model="70B"), catalog).tokens == pytest.approx(1.4e12)
