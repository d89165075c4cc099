"""The range of an MFU: lognormal, as whole runs keep it, and never above the peak."""

from dataclasses import replace
from math import exp, hypot, log
from typing import Literal

import pytest
from small_catalog import make_catalog, make_gpu, make_offer

from optimizer.market.confidence import spread
from optimizer.market.hardware import Hardware
from optimizer.market.market import open_market
from optimizer.physics.run_factor import LEAST_KEPT, MOST_KEPT, RUN_FACTOR
from optimizer.plan.ranges import Span, mfu_range
from optimizer.step.predict import range_of
from problems import make_question


def predicted() -> Hardware:
    """A part whose MFU is predicted, and so has a range."""
    catalog = replace(make_catalog([make_offer()], [make_gpu()]), efficiency={})
    question = make_question("", model="1B", tokens="100B", seq_len=1024, deadline="60d")
    hardware = open_market(question, catalog).segments.candidates[0].hardware
    assert hardware.scale == pytest.approx(RUN_FACTOR)
    return hardware


@pytest.mark.parametrize("step", [0.4, 0.95])
def test_a_range_is_a_step_s_with_what_whole_runs_keep(step: float) -> None:
    """Of logs the squares add; a step at 95 % of the peak is at most 5 % faster."""
    hardware = predicted()
    low, high = range_of(hardware.setting, 64, step)
    assert low == pytest.approx(step * exp(-hardware.setting.practice.range_on(64)[0]))
    assert (high == 1.0) == (step == 0.95)
    mfu = step * RUN_FACTOR
    below = hypot(log(step / low), log(RUN_FACTOR / LEAST_KEPT))
    above = hypot(log(high / step), log(MOST_KEPT / RUN_FACTOR))
    assert spread(hardware, 64, mfu) == pytest.approx((below, above))
    found = mfu_range(hardware, 64, mfu)
    assert found.low == pytest.approx(mfu * exp(-below))
    assert found.high == pytest.approx(min(mfu * exp(above), 1.0))


def test_a_whole_run_is_no_faster_than_the_peak() -> None:
    """However much more than usual it keeps."""
    assert mfu_range(predicted(), 64, 0.995).high == 1.0


@pytest.mark.parametrize("basis", ["given", "measured"])
def test_what_was_measured_has_no_range(basis: Literal["given", "measured"]) -> None:
    """It is taken as it is."""
    certain = replace(predicted(), basis=basis)
    assert spread(certain, 64, 0.4) == (0.0, 0.0)
    assert mfu_range(certain, 64, 0.4) == Span(0.4, 0.4)
