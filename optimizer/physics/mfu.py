"""MFU against scale: a staircase where it is predicted, breakpoints where it was measured.

A predicted fleet runs on the largest launchable size that it holds, the rest of it idle: its time
stays what that size takes, and GPU-hours are a line through zero. Between points that a user
measured 1/MFU is linear: at a fixed global batch the part of a step that does not shrink with the
fleet (pipeline bubble, exposed gradient exchange, stragglers) is a constant, so GPU-hours are a
line in n too. Both keep the integer program exact.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Segment:
    """1/MFU = inverse + slope·n for first <= n <= last GPUs."""

    first: float
    last: float
    inverse: float
    slope: float


@dataclass(frozen=True, slots=True)
class Curve:
    """An MFU curve through breakpoints (GPUs, MFU) of strictly rising fleet size.

    Before the first breakpoint MFU is flat. After the last one 1/MFU goes on rising with the
    last slope (never falling: nobody measured there), and ``extrapolates`` says so.
    """

    gpus: tuple[float, ...]
    mfu: tuple[float, ...]

    def segments(self) -> tuple[Segment, ...]:
        """The curve from one GPU to infinitely many, as lines in 1/MFU."""
        inverse = [1 / share for share in self.mfu]
        lines = [Segment(0, self.gpus[0], inverse[0], 0.0)]
        for (n0, y0), (n1, y1) in pairwise(zip(self.gpus, inverse, strict=True)):
            slope = (y1 - y0) / (n1 - n0)
            lines.append(Segment(n0, n1, y0 - slope * n0, slope))
        beyond = max(lines[-1].slope, 0.0)
        last = self.gpus[-1]
        lines.append(Segment(last, math.inf, inverse[-1] - beyond * last, beyond))
        return tuple(lines)

    def at(self, gpus: float) -> float:
        """MFU of a fleet of that many GPUs."""
        for line in self.segments():
            if gpus <= line.last:
                return 1 / (line.inverse + line.slope * gpus)
        raise AssertionError("the last segment has no end")

    def extrapolates(self, gpus: float) -> bool:
        """Whether a fleet of that size is larger than any breakpoint."""
        return len(self.gpus) > 1 and gpus > self.gpus[-1]


@dataclass(frozen=True, slots=True)
class Staircase:
    """MFU at launchable sizes, in rising order, each of them faster than all before it."""

    gpus: tuple[float, ...]
    mfu: tuple[float, ...]

    def running(self, gpus: float) -> float:
        """GPUs of a fleet that run, the others being idle; the first size below that."""
        return self.gpus[max(bisect_right(self.gpus, gpus) - 1, 0)]

    def at(self, gpus: float) -> float:
        """MFU of a fleet of that many GPUs, those idle counted."""
        place = max(bisect_right(self.gpus, gpus) - 1, 0)
        return self.mfu[place] * self.gpus[place] / gpus

    def extrapolates(self, gpus: float) -> bool:
        """Never: beyond the last size GPUs idle."""
        return False


def constant(mfu: float) -> Curve:
    """The same MFU at every scale."""
    return Curve((1.0,), (mfu,))


def make_curve(points: Sequence[tuple[float, float]]) -> Curve:
    """A curve through (GPUs, MFU) points in rising order of GPUs."""
    return Curve(tuple(n for n, _ in points), tuple(share for _, share in points))
