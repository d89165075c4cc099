"""A measured MFU curve, read from the user's file."""

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

from optimizer.physics.mfu import Curve, make_curve
from problems.mistakes import shown

LARGEST_CURVE_FILE_BYTES = 1_000_000
LONGEST_NAME = 60


class CurveError(ValueError):
    """An MFU curve that cannot be used, with file and line where it came from one."""


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
