"""Fit the constants again from published runs and store them with their date and their error.

python -m optimizer.step.fit.recalibrate [RUNS.csv]
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from math import exp
from pathlib import Path

from catalog import Gpu, load_catalog
from catalog.runs import SHIPPED_RUNS, ObservedRun, load_runs
from optimizer.step.conditions import scorable
from optimizer.step.constants import SHIPPED, Constants
from optimizer.step.evidence import stored
from optimizer.step.fit.calibrate import evidence_of, fit_constants
from optimizer.step.fit.sample import make_sample
from optimizer.step.fit.score import (
    LAYOUTS,
    MODES,
    Kept,
    Validation,
    all_kept,
    cross_validate,
    levels_of,
)
from optimizer.step.fit.summary import summary_of
from optimizer.step.fit.whole_run import whole_run_share
from optimizer.step.kinds import PRODUCTION

_DIGITS = 5


def calibration_of(
    runs: Sequence[ObservedRun], gpus: Mapping[str, Gpu], today: date, kept: Kept = all_kept
) -> dict[str, object]:
    """Constants and levels from all runs, and the errors of each predicted without its source."""
    conditions, _ = scorable(runs, gpus)
    first = fit_constants(evidence_of(conditions, Constants()), Constants())
    # The fastest layouts are kept by the constants so far, so they are looked for once more.
    fit = fit_constants(evidence_of(conditions, first), first)
    samples = {mode: make_sample(conditions, layouts, fit)[0] for mode, layouts in LAYOUTS.items()}
    practice = {m: asdict(levels_of(samples[m], fit, told=m != "asked")) for m in MODES}
    held_out = {m: cross_validate(runs, gpus, fit, m, kept) for m in MODES}
    return {
        "fitted_on": today.isoformat(),
        "runs": len(held_out["asked"].rows),
        "constants": _rounded(asdict(fit)),
        "practice": _rounded(practice),
        "evidence": stored(samples["asked"].runs, runs),
        "held_out": {m: _rounded(_by_kind(found)) for m, found in held_out.items()},
        "whole_runs": _whole(held_out["asked"]),
    }


def _by_kind(found: Validation) -> dict[str, object]:
    kinds = sorted({row.kind for row in found.rows})
    return {kind: summary_of([r for r in found.rows if r.kind == kind]) for kind in kinds}


def _whole(found: Validation) -> list[dict[str, object]]:
    """Whole runs one by one: GPU-hours predicted over published, and whether the range holds."""
    rows = [row for row in found.rows if row.kind == PRODUCTION]
    return [{"id": r.id, "ratio": round(exp(-r.error), 3), "held": r.covered} for r in rows]


def _rounded(value: object) -> object:
    """The same with few digits in every number."""
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_rounded(one) for one in value]
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def main(arguments: Sequence[str]) -> None:
    """Calibrate from the shipped runs, or from the file named."""
    path = Path(arguments[0]) if arguments else SHIPPED_RUNS
    catalog = load_catalog()
    kept = partial(whole_run_share, catalog)
    calibration = calibration_of(load_runs(path), catalog.gpus, date.today(), kept)
    SHIPPED.write_text(json.dumps(calibration, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(calibration["held_out"], indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
