"""The hours that are kept with a confidence, segment by segment, by hand."""

from dataclasses import replace

import numpy as np
import pytest
from small_catalog import make_catalog, make_gpu, make_offer

from optimizer.market.confidence import stretch_of, with_latest
from optimizer.market.hardware import Hardware
from optimizer.market.market import open_market
from optimizer.physics.run_factor import LEAST_KEPT, RUN_FACTOR
from optimizer.step.kinds import FEW_GPUS
from optimizer.step.practice import Moved
from problems import make_question

# Columns of LINE: number, first, last; hours, elapsed hours and stay, each at 0 GPUs and a GPU.
TABLE = np.array(
    [
        [0, 1, 20, 100.0, 1.0, 200.0, 2.0, 300.0, 3.0],
        [1, 20, np.inf, 110.0, 0.5, 220.0, 1.0, 330.0, 1.5],
    ]
)
FIRST, LAST, ELAPSED, LATEST = 1, 2, slice(5, 7), slice(9, 11)


def hardware() -> Hardware:
    """A part whose MFU is predicted: of few GPUs otherwise than of many."""
    catalog = replace(make_catalog([make_offer(node=1)], [make_gpu()]), efficiency={})
    question = make_question("", model="1B", tokens="100B", seq_len=1024, deadline="60d")
    return open_market(question, catalog).segments.candidates[0].hardware


def test_a_segment_is_cut_where_ranges_change() -> None:
    """At eight GPUs, and where a pilot of 16 halves the range: each piece has its own stretch."""
    made = hardware()
    few = replace(made.setting.few, below=0.4)
    practice = replace(made.setting.practice, below=0.3, pilots=(Moved(16, 0.0, 0.5),))
    made = replace(made, setting=replace(made.setting, few=few, practice=practice))
    found = with_latest(TABLE, made, 0.9)
    assert found[:, 0].tolist() == [0, 1, 2, 3]
    assert found[:, FIRST].tolist() == [1, FEW_GPUS, 16, 20]
    assert found[:, LAST].tolist() == [FEW_GPUS - 0.5, 15.5, 20, np.inf]
    for row, step in zip(found, (0.4, 0.3, 0.15, 0.15), strict=True):
        slower = np.exp(np.hypot(step, np.log(RUN_FACTOR / LEAST_KEPT)))
        assert row[LATEST] == pytest.approx(row[ELAPSED] * slower)
    assert found[:, 3:9].tolist() == TABLE[[0, 0, 0, 1], 3:9].tolist()


@pytest.mark.parametrize(
    ("made", "confidence"),
    [
        (hardware(), None),
        (replace(hardware(), basis="measured"), 0.9),
        (replace(hardware(), basis="given"), 0.9),
    ],
)
def test_without_a_confidence_or_a_range_nothing_is_stretched(
    made: Hardware, confidence: float | None
) -> None:
    """Nor cut."""
    found = with_latest(TABLE, made, confidence)
    assert found[:, :9].tolist() == TABLE.tolist()
    assert found[:, LATEST].tolist() == TABLE[:, ELAPSED].tolist()


@pytest.mark.parametrize(("confidence", "stretch"), [(0.5, 1.0), (0.9, 1.25), (0.1, 0.8)])
def test_nine_in_ten_is_the_low_end_of_the_range(confidence: float, stretch: float) -> None:
    """A low end at 0.8 of the MFU is a run of 1.25 times the hours; half of all are shorter."""
    assert stretch_of(float(np.log(1.25)), confidence) == pytest.approx(stretch, rel=1e-4)
