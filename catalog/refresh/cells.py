"""Cells of strangers made safe: names, regions and numbers that cannot be anything else."""

import math
import re

# float() also takes 1_000, nan and the digits of other scripts.
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
LONGEST_NAME = 100
LARGEST_NODE = 1024


def spelled_out(text: str) -> str:
    """The text on one line, control characters as escapes: a tab is \\t."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def slug(name: str) -> str:
    """The name in a-z, 0-9 and _: '../P5.48xlarge' is p5_48xlarge; may be empty."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def plain(name: str) -> str:
    """The name without what a shell, a spreadsheet or a list separated by spaces would act on."""
    return re.sub(r"[^A-Za-z0-9._+]+", "-", name).strip("-._+")


def read_price(cell: str) -> float | None:
    """USD; None where the cell is blank. ValueError where it is not a number above zero."""
    if not cell:
        return None
    if not _NUMBER.fullmatch(cell):
        raise ValueError(cell)
    value = float(cell)
    if not math.isfinite(value) or value <= 0:
        raise ValueError(cell)
    return value


def read_count(cell: str) -> int:
    """GPUs: '8' and '8.0' are 8, blank and '0' are 0. ValueError where it is no whole number."""
    if not cell:
        return 0
    if not _NUMBER.fullmatch(cell):
        raise ValueError(cell)
    value = float(cell)
    if not math.isfinite(value) or value != int(value) or not 0 <= value <= LARGEST_NODE:
        raise ValueError(cell)
    return int(value)
