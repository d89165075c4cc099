"""MFU against scale: breakpoints, with 1/MFU linear in the number of GPUs between them.

At a fixed global batch the part of a step that does not shrink with the fleet (pipeline
bubble, exposed gradient exchange, stragglers) is a constant, so GPU-hours are a line in n.
That keeps the integer program exact: 1/MFU = inverse + slope·n on each segment.
"""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

LARGEST_CURVE_FILE_BYTES = 1_000_000


class CurveError(ValueError):
    """An MFU curve that cannot be used, with file and line where it came from one."""


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


def constant(mfu: float) -> Curve:
    """The same MFU at every scale."""
    return Curve((1.0,), (mfu,))


def make_curve(points: Sequence[tuple[float, float]]) -> Curve:
    """A curve through (GPUs, MFU) points in rising order of GPUs."""
    return Curve(tuple(n for n, _ in points), tuple(share for _, share in points))


def read_curve(path: Path) -> Curve:
    """The curve that a user measured: a CSV with the columns gpus and mfu, two rows or more."""
    points: list[tuple[float, float]] = []
    for line, gpus, mfu in _rows(path):
        where = f"{path.name}:{line}"
        points.append((_number(gpus, where, "gpus"), _number(mfu, where, "mfu")))
        if points[-1][1] > 1:
            raise CurveError(f"{where}: mfu: {mfu!r}; expected a share above 0 and at most 1")
        if len(points) > 1 and points[-2][0] >= points[-1][0]:
            raise CurveError(f"{where}: gpus: {gpus!r}; expected more than the line before")
    if len(points) < 2:
        what = "expected two or more rows; for one MFU at every scale give the number itself"
        raise CurveError(f"{path.name}: {len(points)} row(s); {what}")
    return make_curve(points)


def _rows(path: Path) -> list[tuple[int, str, str]]:
    try:
        if path.stat().st_size > LARGEST_CURVE_FILE_BYTES:
            raise CurveError(f"{path.name}: larger than 1 MB; expected a small CSV: gpus,mfu")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        raise CurveError(f"{path}: cannot be read ({why}); expected a CSV: gpus,mfu") from None
    reader = csv.DictReader(text.splitlines())
    if not {"gpus", "mfu"} <= set(reader.fieldnames or ()):
        raise CurveError(f"{path.name}:1: expected a header with the columns gpus and mfu")
    return [(reader.line_num, row["gpus"] or "", row["mfu"] or "") for row in reader]


def _number(cell: str, where: str, column: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise CurveError(f"{where}: {column}: {cell!r}; expected a number above 0")
    return value
