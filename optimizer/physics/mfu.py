"""MFU against scale: a staircase where it is predicted, breakpoints where it was measured.

A predicted fleet runs on the largest launchable size that it holds, the rest of it idle: its time
stays what that size takes, and GPU-hours are a line through zero. Between points that a user
measured 1/MFU is linear: at a fixed global batch the part of a step that does not shrink with the
fleet (pipeline bubble, exposed gradient exchange, stragglers) is a constant, so GPU-hours are a
line in n too. Both keep the integer program exact.
"""

import csv
import io
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from problems.mistakes import shown

LARGEST_CURVE_FILE_BYTES = 1_000_000
LONGEST_NAME = 60


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


def read_curve(path: Path) -> Curve:
    """The curve that a user measured: a CSV with the columns gpus and mfu, two rows or more."""
    points: list[tuple[float, float]] = []
    for line, row in _rows(path):
        where = f"{path.name}:{line}"
        gpus, mfu = _number(row, where, "gpus"), _number(row, where, "mfu")
        if mfu > 1:
            said = shown(row["mfu"])
            raise CurveError(f"{where}: mfu: {said}; expected a share above 0 and at most 1")
        if points and points[-1][0] >= gpus:
            said = shown(row["gpus"])
            raise CurveError(f"{where}: gpus: {said}; expected more than the line before")
        points.append((gpus, mfu))
    if len(points) < 2:
        what = "expected two or more rows; for one MFU at every scale give the number itself"
        raise CurveError(f"{path.name}: {len(points)} row(s); {what}")
    return make_curve(points)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells by column; a mistake where they are not what the header says."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if sorted(header) != ["gpus", "mfu"]:
            what = "expected a header with the columns gpus and mfu, and no others"
            raise CurveError(f"{path.name}:1: {what}")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != 2:
                    what = f"has {len(cells)} cells; expected 2"
                    raise CurveError(f"{path.name}:{reader.line_num}: {what}")
                yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        what = f"not readable as CSV ({error}); check the quotes"
        raise CurveError(f"{path.name}:{reader.line_num}: {what}") from None


def _text(path: Path) -> str:
    where = path.name[:LONGEST_NAME]
    try:
        if path.exists() and not path.is_file():  # a pipe would wait for ever
            raise CurveError(f"{where}: is no regular file; expected a CSV: gpus,mfu")
        if path.stat().st_size > LARGEST_CURVE_FILE_BYTES:
            raise CurveError(f"{where}: larger than 1 MB; expected a small CSV: gpus,mfu")
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        raise CurveError(f"{where}: cannot be read ({why}); expected a CSV: gpus,mfu") from None


def _number(row: dict[str, str], where: str, column: str) -> float:
    """The cell as a number above zero; '42%' is 0.42."""
    cell = row[column].strip()
    try:
        value = float(cell.removesuffix("%")) / (100 if cell.endswith("%") else 1)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise CurveError(f"{where}: {column}: {shown(cell)}; expected a number above 0")
    return value
