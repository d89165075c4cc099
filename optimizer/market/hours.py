"""The hours of a run as lines in n: GPU-hours billed, GPU-hours elapsed, and hours of storage.

On a staircase all three are exact: from one launchable size to the next the time stays, so
GPU-hours are that time times n. On a curve that was measured each is a line between breakpoints by
definition: 1/MFU is given so, goodput is what interruptions leave at the breakpoints, and in
between 1/(MFU·goodput) is a line. The breakpoints lie close enough that the formulas in between
differ by a thousandth at most for hours, and by 1.25 % for storage.
"""

from collections.abc import Callable
from itertools import pairwise
from math import ceil, inf, isclose, log, sqrt

import numpy as np
from numpy.typing import NDArray

from optimizer.market.hardware import Hardware
from optimizer.market.run import Run
from optimizer.physics.compute import peak_hours
from optimizer.physics.goodput import Reliability
from optimizer.physics.mfu import Curve, Staircase

# n, and there GPU-hours billed, GPU-hours elapsed, hours of storage.
Point = tuple[float, float, float, float]
LINE = (
    *("number", "first", "last", "base_hours", "hours_per_gpu"),
    *("base_elapsed", "elapsed_per_gpu", "base_stay", "stay_per_gpu"),
)
# Breakpoints are at most this factor apart: hours of storage go with 1/n, whose chord then lies
# at most 1.25 % above it.
STEP = 1.25
# A chord further from the formulas, of hours billed, elapsed and stored, is split, down to
# segments so short that it does not matter.
CHORDS = (inf, 1e-3, 1e-3, 0.0125)
SHORTEST = 1.001
# The availability of spot capacity bends at these numbers of nodes.
BENDS = (1, 2, 4, 8)


def run_lines(
    run: Run, hardware: Hardware, reliability: Reliability, most_gpus: int
) -> NDArray[np.float64]:
    """One row a segment, in the columns of LINE, for one run on up to ``most_gpus`` GPUs."""
    peak = hardware.gpu.peak_tflops(hardware.precision)
    assert peak is not None, "hardware runs in a precision that has a peak"
    at_peak = peak_hours(run.flop, peak)
    if isinstance(hardware.curve, Staircase):
        return _steps(at_peak, hardware.curve, reliability)
    curve = hardware.curve

    def at(gpus: float) -> Point:
        return _at(at_peak, curve, reliability, gpus)

    ends = breakpoints(hardware, curve, reliability.spot is not None, most_gpus)
    points = _refined([at(n) for n in ends], at)
    rows = []
    for number, (one, other) in enumerate(pairwise(points)):
        lines = [_line(one, other, column) for column in (1, 2, 3)]
        rows.append([number, one[0], other[0], *(part for line in lines for part in line)])
    return np.array(rows)


def _steps(at_peak: float, curve: Staircase, reliability: Reliability) -> NDArray[np.float64]:
    """A row for each step: the hours of a run times n, on the calendar and in storage."""
    gpus, mfu = np.array(curve.gpus), np.array(curve.mfu)
    hours = at_peak / (mfu * gpus * reliability.goodputs(gpus))
    elapsed = hours * reliability.elapsed(reliability.availability(gpus))
    rows = np.zeros((len(gpus), len(LINE)))
    last = np.append(gpus[1:] - reliability.node, inf)
    for name, values in {
        "number": np.arange(len(gpus)),
        "first": gpus,
        "last": last,
        "hours_per_gpu": hours,
        "elapsed_per_gpu": elapsed,
        "base_stay": elapsed,
    }.items():
        rows[:, LINE.index(name)] = values
    return rows


def breakpoints(hardware: Hardware, curve: Curve, spot: bool, most_gpus: int) -> list[float]:
    """Fleet sizes where a segment ends: a geometric grid, and the breakpoints of the MFU curve.

    The grid does not depend on the most that is on sale, so that the hours of a fleet do not
    change where more or less of it can be had.
    """
    node = float(hardware.setting.node)
    steps = ceil(log(max(most_gpus / node, STEP)) / log(STEP))
    grid = [node * STEP**step for step in range(steps + 1)]
    bends = [nodes * node for nodes in BENDS] if spot else []
    inside = {n for n in (*curve.gpus, *bends) if node < n < grid[-1]}
    return sorted(inside.union(grid))


def _refined(points: list[Point], at: Callable[[float], Point]) -> list[Point]:
    """The points, with more between two where a chord lies too far from the formulas."""
    found = points[:1]
    for other in points[1:]:
        found += _between(found[-1], other, at)
        found.append(other)
    return found


def _between(one: Point, other: Point, at: Callable[[float], Point]) -> list[Point]:
    middle = at(sqrt(one[0] * other[0]))
    share = (middle[0] - one[0]) / (other[0] - one[0])
    chords = (low + share * (high - low) for low, high in zip(one, other, strict=True))
    near = all(
        isclose(chord, exact, rel_tol=room)
        for chord, exact, room in zip(chords, middle, CHORDS, strict=True)
    )
    if near or other[0] / one[0] < SHORTEST:
        return []
    return [*_between(one, middle, at), middle, *_between(middle, other, at)]


def _at(at_peak: float, curve: Curve, reliability: Reliability, gpus: float) -> Point:
    losses = reliability.at(gpus)
    hours = at_peak / (curve.at(gpus) * losses.goodput)
    elapsed = hours * reliability.elapsed(losses.availability)
    return gpus, hours, elapsed, elapsed / gpus


def _line(one: tuple[float, ...], other: tuple[float, ...], column: int) -> tuple[float, float]:
    """Value at n = 0 and slope of the line through two points."""
    slope = (other[column] - one[column]) / (other[0] - one[0])
    return one[column] - slope * one[0], slope
