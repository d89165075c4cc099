"""Errors pooled over sources: what is common is found, and what is far out moves nothing."""

from collections.abc import Sequence

import numpy as np
import pytest

from optimizer.step.fit.pooling import Rows, pool, quantile, rows_of, weights
from optimizer.step.practice import Levels, Practice, members_of

AMPLE = 1e12
Y = 0.1


def rows(
    y: Sequence[float],
    source: Sequence[str],
    *,
    size: float = 7e9,
    tokens: Sequence[float] | None = None,
    year: int = 2026,
) -> Rows:
    """Runs of one kind on eight GPUs."""
    count = len(y)
    return rows_of(
        np.array(y),
        np.full(count, size),
        np.full(count, 8.0),
        np.full(count, AMPLE) if tokens is None else np.array(tokens),
        family=["dense"] * count,
        span=["dense_16_bit"] * count,
        source=source,
        year=[year] * count,
        names={"kind": ["dense_16_bit"] * count, "part": ["h100"] * count},
    )


def level_of(found: Levels) -> float:
    """What the only kind adds."""
    return found.members["kind"]["dense_16_bit"]


def pooled(held: Rows, sources_to_half: float = 0.0) -> Levels:
    """All of the rows set the level of their kind."""
    return pool(held, (("kind", sources_to_half),), np.ones(len(held.y), dtype=bool))


def test_a_source_counts_with_the_root_of_its_rows_and_half_after_two_years() -> None:
    """Four rows of a source weigh half each; two years later a quarter."""
    four, one = np.array(["a"] * 4), np.array(["b"])
    assert weights(four, np.full(4, 2026.0)) == pytest.approx([0.5] * 4)
    assert weights(one, np.array([2024.0])) == pytest.approx([0.5])
    # What is newer than the newest known counts as that.
    assert weights(one, np.array([2031.0])) == pytest.approx([1.0])


def test_the_weighted_median_of_equal_weights_is_the_median() -> None:
    """And half of the weight lies on each side of it."""
    values = np.array([3.0, 1.0, 2.0])
    assert quantile(values, np.ones(3), 0.5) == pytest.approx(2.0)
    assert quantile(values, np.array([1.0, 1.0, 10.0]), 0.5) == pytest.approx(2.0, abs=0.1)


def test_the_common_level_is_found_and_one_source_far_out_does_not_move_it() -> None:
    """Nine sources at 0.1 and one that is out by a factor of twenty."""
    names = [f"source {n}" for n in range(10)]
    assert level_of(pooled(rows([Y] * 9 + [-3.0], names))) == pytest.approx(Y)


@pytest.mark.parametrize("sources", [1, 3])
def test_a_level_is_believed_as_far_as_its_sources_carry_it(sources: int) -> None:
    """With k of one: of one source half, of three sources three quarters."""
    names = [f"source {n}" for n in range(sources)]
    share = sources / (sources + 1)
    assert level_of(pooled(rows([Y] * sources, names), 1.0)) == pytest.approx(Y * share)


def test_many_rows_of_one_source_are_one_source() -> None:
    """A sweep of a hundred points is believed no more than its source is."""
    assert level_of(pooled(rows([Y] * 100, ["sweep"] * 100), 1.0)) == pytest.approx(Y / 2)


def test_scarce_tokens_never_help() -> None:
    """A slope that says they do is left out; one that says they cost is kept in part."""
    names = [f"source {n % 20}" for n in range(200)]
    scarcity = np.linspace(0, 4, 200)
    tokens = 8 * 16_384 / 2**scarcity
    cost, gain = -0.1 * scarcity, 0.1 * scarcity
    assert pooled(rows(cost.tolist(), names, tokens=tokens.tolist())).slopes["dense"][1] < -0.08
    assert pooled(rows(gain.tolist(), names, tokens=tokens.tolist())).slopes["dense"][1] == 0.0


def test_a_range_holds_eight_in_ten_of_the_sources_and_some_more() -> None:
    """The 10th and 90th percentile of what is left, stretched as the next source is a new one."""
    y = np.linspace(-1, 1, 101).tolist()
    low, high = pooled(rows(y, [f"source {n}" for n in range(101)])).spans["dense_16_bit"]
    assert low == pytest.approx(-0.8, abs=0.03)
    assert high == pytest.approx(0.8, abs=0.03)


def test_what_a_part_adds_may_be_given() -> None:
    """The level is then that of the rest, and the part keeps what was given."""
    held = rows([Y] * 5, [f"source {n}" for n in range(5)])
    every = np.ones(5, dtype=bool)
    found = pool(held, (("kind", 0.0),), every, given={"part": {"h100": 0.04}})
    assert level_of(found) == pytest.approx(Y - 0.04)
    names = members_of("dense_16_bit", "h100", None)
    assert found.practice("dense", "dense_16_bit", names, 7e9).level == pytest.approx(Y)


def test_a_kind_that_nobody_knows_is_the_model_with_a_range() -> None:
    """No level, and three tenths either way."""
    found = Levels({}, {}, {}).practice("dense", "dense_16_bit", {"kind": "dense_16_bit"}, 70e9)
    assert found == Practice(0.0, 0.0, 0.3, 0.3)


def test_practice_slows_a_step_and_scarce_tokens_slow_it_more() -> None:
    """A tenth slower everywhere, and another tenth at half of ample tokens."""
    made = Practice(level=-0.1, scarce=-0.1)
    ample, half = 16_384.0 * 64, 8192.0 * 64
    assert made.slower(64, ample) == pytest.approx(np.exp(0.1))
    assert made.slower(64, half) == pytest.approx(np.exp(0.2))
