"""Cells of strangers made safe: names, regions and numbers that cannot be anything else."""

import math
import re
from functools import lru_cache

from catalog.columns import number, whole_number

LONGEST_NAME = 100
LARGEST_NODE = 1024
# What a spreadsheet would run, and what a browser would take for markup.
_FORMULA = re.compile(r"\s*([=+@＝＋－＠]|-[A-Za-z(=+@])")
_MARKUP = re.compile(r"<\s*[/!?a-zA-Z]")
ACTS = "formula or markup in place of a name"


def slug(name: str) -> str:
    """The name in a-z, 0-9 and _: '../P5.48xlarge' is p5_48xlarge; may be empty."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """The name without what a shell, a spreadsheet or a list separated by spaces would act on."""
    return re.sub(r"[^A-Za-z0-9._+]+", "-", name).strip("-._+")


@lru_cache(maxsize=8192)
def acts(cell: str) -> bool:
    """Whether a cell is a formula or markup rather than a name: '=1+1', '<script>'."""
    return _FORMULA.match(cell) is not None or _MARKUP.search(cell) is not None


@lru_cache(maxsize=8192)
def read_price(cell: str) -> float | None:
    """USD; None where the cell is blank. ValueError where it is not a number above zero."""
    return number(cell, 0, math.inf, low_is_open=True) if cell else None


@lru_cache(maxsize=8192)
def read_count(cell: str) -> int:
    """GPUs: '8' and '8.0' are 8, blank and '0' are 0. ValueError where it is no whole number."""
    return whole_number(cell, 0, LARGEST_NODE) if cell else 0
