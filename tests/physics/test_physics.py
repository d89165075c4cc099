"""Compute and MFU curves, against sums done by hand and published figures."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.market.curve_file import CurveError, read_curve
from optimizer.physics.compute import mfu_of, peak_hours, training_flop
from optimizer.physics.mfu import constant, make_curve


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a header"),
        ("gpus,mfu\n8,0.5\n", "two or more rows"),
        ("gpus,mfu\n8,0.5\n8,0.4\n", "curve.csv:3: gpus: '8'; expected more than the line before"),
        ("gpus,mfu\n8,1.5\n16,0.4\n", "curve.csv:2: mfu: '1.5'; expected a share"),
        ("gpus,mfu\n8,nan\n16,0.4\n", "curve.csv:2: mfu: 'nan'; expected a number above 0"),
        ("gpus,mfu\n8,\n16,0.4\n", "curve.csv:2: mfu"),
        ("gpus;mfu\n8;0.5\n", "expected a header"),
    ],
)
def test_a_measured_curve_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    """Each error names file, line and column."""
    path = tmp_path / "curve.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CurveError) as caught:
        read_curve(path)
    assert said in str(caught.value)


def test_a_measured_curve_with_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    """What a spreadsheet writes is read."""
    path = tmp_path / "curve.csv"
    path.write_bytes(b"\xef\xbb\xbfgpus,mfu\r\n8,0.5\r\n16,0.4\r\n")
    assert read_curve(path).at(16) == pytest.approx(0.4)
