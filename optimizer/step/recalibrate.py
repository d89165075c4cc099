"""Fit the constants again from published runs and store them with their date and their error.

python -m optimizer.step.recalibrate [RUNS.csv]
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np

from catalog import Gpu
from catalog.load import load_gpus
from catalog.runs import SHIPPED_RUNS, ObservedRun, load_runs
from optimizer.step.calibrate import evidence_of, fit_constants
from optimizer.step.conditions import scorable
from optimizer.step.constants import SHIPPED, Constants
from optimizer.step.interval import ranges_of
from optimizer.step.score import cross_validate, summary_of

_DIGITS = 5


def calibration_of(
    runs: Sequence[ObservedRun], gpus: dict[str, Gpu], today: date
) -> dict[str, object]:
    """Constants fitted to all runs, and ranges and errors of each predicted without its source."""
    conditions, _ = scorable(runs, gpus)
    fit = fit_constants(evidence_of(conditions, Constants()), Constants())
    held_out = cross_validate(runs, gpus, fit)
    by_id = {c.run.id: c for c in conditions}
    errors = np.array([row.error for row in held_out.rows])
    ranges = ranges_of([by_id[row.id] for row in held_out.rows], errors)
    kinds = sorted({row.kind for row in held_out.rows})
    return {
        "fitted_on": today.isoformat(),
        "runs": len(held_out.rows),
        "constants": {name: _short(value) for name, value in asdict(fit).items()},
        "ranges": {k: [_short(low), _short(high)] for k, (low, high) in ranges.by_kind.items()},
        "held_out": {
            kind: {
                name: _short(value) if value is not None else None
                for name, value in summary_of([r for r in held_out.rows if r.kind == kind]).items()
            }
            for kind in kinds
        },
    }


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def main(arguments: Sequence[str]) -> None:
    """Calibrate from the shipped runs, or from the file named."""
    path = Path(arguments[0]) if arguments else SHIPPED_RUNS
    calibration = calibration_of(load_runs(path), load_gpus(), date.today())
    SHIPPED.write_text(json.dumps(calibration, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(calibration["held_out"], indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
