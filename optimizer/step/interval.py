"""How sure a prediction is: the range that held-out errors of its kind span."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp

import numpy as np
from numpy.typing import NDArray

from optimizer.step.conditions import Conditions
from optimizer.step.constants import shipped

Floats = NDArray[np.float64]

KINDS = (
    "dense_16_bit",
    "dense_8_bit",
    "mixture",
    "few_gpus",
    "long_context",
    "logged",
    "production",
)
FEW_GPUS = 8
LONG_CONTEXT = 8192
# A little wider than the 10th and 90th percentile, as the next source is a new one.
_LOW_PERCENTILE, _HIGH_PERCENTILE = 8, 92
_LEAST_ROWS = 20
# Where nobody published a run near, the range is this much wider, in logarithms.
EXTRAPOLATES = 1.5


@dataclass(frozen=True, slots=True)
class ErrorRanges:
    """For each kind of run the low and high of ln(predicted / observed), held out."""

    by_kind: Mapping[str, tuple[float, float]]

    def around(self, mfu: float, run: Conditions) -> tuple[float, float]:
        """The low and high MFU beside a prediction for this run."""
        return self.span(mfu, kind_of(run))

    def span(self, mfu: float, kind: str, wider: float = 1.0) -> tuple[float, float]:
        """The low and high MFU beside a prediction of this kind; ``wider`` stretches it."""
        low, high = self.by_kind[kind]
        return mfu * exp(-max(high, 0.0) * wider), min(1.0, mfu * exp(-min(low, 0.0) * wider))


def kind_of(run: Conditions) -> str:
    """The kind of run by what its error depends on most."""
    if run.run.kind == "production":
        return "production"
    found = kind(run.shape.is_mixture, float(run.machine.low_precision), run.gpus, run.seq_len)
    return "logged" if run.run.kind == "logged" and found != "few_gpus" else found


def kind(mixture: bool, low_precision: float, gpus: float, seq_len: int) -> str:
    """The kind of a planned run."""
    if mixture:
        return "mixture"
    if gpus < FEW_GPUS:
        return "few_gpus"
    if seq_len > LONG_CONTEXT:
        return "long_context"
    return "dense_8_bit" if low_precision else "dense_16_bit"


def ranges_of(runs: Sequence[Conditions], errors: Floats) -> ErrorRanges:
    """The ranges that these held-out errors span; of a kind with few rows at least all rows'.

    A range of k sources is stretched by 1 + 1 / k: the next source differs from each of them.
    """
    kinds = np.array([kind_of(run) for run in runs])
    sources = np.array([run.run.source for run in runs])
    whole = _span(errors)
    spans = {}
    for name in KINDS:
        own = kinds == name
        low, high = _span(errors[own]) if own.any() else whole
        if own.sum() < _LEAST_ROWS:
            low, high = min(low, whole[0]), max(high, whole[1])
        stretch = 1 + 1 / max(len(set(sources[own])), 1)
        spans[name] = (stretch * low, stretch * high)
    return ErrorRanges(spans)


def _span(errors: Floats) -> tuple[float, float]:
    low, high = np.percentile(errors, [_LOW_PERCENTILE, _HIGH_PERCENTILE])
    return float(low), float(high)


@cache
def shipped_ranges() -> ErrorRanges:
    """The ranges of the last calibration."""
    return ErrorRanges({name: (low, high) for name, (low, high) in shipped()["ranges"].items()})
