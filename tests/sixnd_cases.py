"""What the tests of ``import sixnd`` share: questions asked both ways, pages read, Python run."""

import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import sixnd

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parent.parent
FUNCTIONS = (
    *(sixnd.plan, sixnd.risk, sixnd.explain, sixnd.compare, sixnd.estimate, sixnd.frontier),
    *(sixnd.sensitivity, sixnd.afford, sixnd.report, sixnd.validate),
    *(sixnd.catalog.load, sixnd.catalog.filter, sixnd.catalog.gpus, sixnd.catalog.offers),
)
LATE = "1h"
Call = Callable[..., sixnd.Result]
Case = tuple[Call, dict[str, Any], str]
# What to ask by keyword, and the same in the command's words.
SAME: list[Case] = [
    (sixnd.plan, {"model": "8B", "deadline": "30d"}, "plan 8B --deadline 30d"),
    (
        sixnd.plan,
        {"model": 8e9, "deadline": 30, "gpu": ["A100"]},
        "plan 8B --deadline 30d --gpu A100",
    ),
    (sixnd.plan, {"model": "8B", "deadline": LATE}, f"plan 8B --deadline {LATE}"),
    (
        sixnd.plan,
        {"model": "8B", "deadline": "30d", "confidence": 0.9},
        "plan 8B --deadline 30d --confidence 0.9",
    ),
    (
        sixnd.plan,
        {"model": "8B", "minimize": "time", "quota": {"alpha": 64}, "tokens": "1T"},
        "plan 8B --minimize time --quota alpha=64 --tokens 1T",
    ),
    (
        sixnd.risk,
        {"model": "8B", "draws": 500, "seed": 7},
        "plan 8B --risk --draws 500 --seed 7",
    ),
    (sixnd.explain, {"model": "8B", "deadline": "30d"}, "explain 8B --deadline 30d"),
    (sixnd.explain, {"model": "8B", "deadline": LATE}, f"explain 8B --deadline {LATE}"),
    (
        sixnd.compare,
        {"model": "8B", "gpu": ("H100", "A100"), "deadline": "30d"},
        "compare 8B --gpu H100 --gpu A100 --deadline 30d",
    ),
    (sixnd.compare, {"model": "8B", "by": "pricing"}, "compare 8B --by pricing"),
    (
        sixnd.estimate,
        {"model": "8B", "gpu": "h100_sxm", "gpus": 64, "usd_per_gpu_hour": 2},
        "estimate 8B --gpu h100_sxm --gpus 64 --usd-per-gpu-hour 2",
    ),
    (sixnd.frontier, {"model": "8B", "points": 7}, "frontier 8B --points 7"),
    (sixnd.frontier, {"model": "8B", "deadline": LATE}, f"frontier 8B --deadline {LATE}"),
    (sixnd.sensitivity, {"model": "8B", "deadline": "30d"}, "sensitivity 8B --deadline 30d"),
    (sixnd.sensitivity, {"model": "8B", "deadline": LATE}, f"sensitivity 8B --deadline {LATE}"),
    (
        sixnd.afford,
        {"budget": "50k", "deadline": "30d", "tokens_per_parameter": 25},
        "afford --budget 50k --deadline 30d --tokens-per-parameter 25",
    ),
    (sixnd.catalog.gpus, {"gpu": "H100"}, "gpus --gpu H100"),
    (sixnd.catalog.gpus, {}, "gpus"),
    (sixnd.catalog.offers, {"pricing": "spot"}, "offers --pricing spot"),
]


class Page(HTMLParser):
    """The rows of a page, and what it has besides a table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.others: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count rows; note elements and attributes that no table has."""
        self.others |= {tag} - {"table", "caption", "thead", "tbody", "tr", "th", "td", "p"}
        self.others |= {name for name, _ in attrs} - {"style"}
        if tag == "tr":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        """The text of a cell."""
        if self.rows:
            self.rows[-1].append(data)


def run_python(*words: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, at the root."""
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
