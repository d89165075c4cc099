"""Held-out errors summed up, and layouts that the model thinks faster than those published."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.step.conditions import Conditions


@dataclass(frozen=True, slots=True)
class Score:
    """One run: observed and predicted MFU, the range, and the error.

    ``slower_than`` is the run that its source made on the same fleet with a faster layout: a
    free layout has only that one to match.
    """

    id: str
    source: str
    gpu: str
    gpus: int
    kind: str
    stack: str
    observed_mfu: float
    predicted_mfu: float
    low: float
    high: float
    error: float
    slower_than: str | None = None

    @property
    def covered(self) -> bool:
        """Whether the range holds the observed MFU."""
        return self.low <= self.observed_mfu <= self.high


def faster_layouts(runs: Iterable[Conditions]) -> dict[str, str]:
    """By the id of a run the run of its source with the fastest layout of the same step."""
    fastest: dict[tuple[object, ...], Conditions] = {}
    runs = list(runs)
    for run in runs:
        best = fastest.setdefault(_step(run), run)
        if run.observed_mfu > best.observed_mfu:
            fastest[_step(run)] = run
    best_of = {run.run.id: fastest[_step(run)].run.id for run in runs}
    return {run: best for run, best in best_of.items() if run != best}


def _step(run: Conditions) -> tuple[object, ...]:
    """What makes two runs the same step in different layouts."""
    row = run.run
    hardware = (run.gpu.gpu, run.gpus, run.node, row.nic_gbps, row.power_w, row.precision)
    return (row.source, row.framework, run.shape, run.seq_len, run.sequences, *hardware)


def summary_of(rows: Sequence[Score]) -> dict[str, float | int | None]:
    """Median and 90th percentile of absolute error, bias, and the share inside the range."""
    if not rows:
        return {
            "n": 0,
            "median_abs_error": None,
            "p90_abs_error": None,
            "mean_abs_error": None,
            "bias": None,
            "interval_coverage": None,
        }
    errors = np.array([row.error for row in rows])
    return {
        "n": len(rows),
        "median_abs_error": float(np.median(np.abs(errors))),
        "p90_abs_error": float(np.percentile(np.abs(errors), 90)),
        "mean_abs_error": float(np.abs(errors).mean()),
        "bias": float(np.median(errors)),
        "interval_coverage": float(np.mean([row.covered for row in rows])),
    }


def grouped(rows: Sequence[Score], field: str) -> list[dict[str, object]]:
    """The summaries of the scores that share a value of the field, in the order of the values."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, field)].append(row)
    return [{field: name, **summary_of(groups[name])} for name in sorted(groups)]


def row_of(score: Score) -> dict[str, object]:
    """A score as a row of data."""
    return {name: getattr(score, name) for name in Score.__slots__}
