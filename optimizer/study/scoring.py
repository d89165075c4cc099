"""The model's predictions scored against published runs, or against runs of the user's own."""

from functools import partial
from pathlib import Path

from catalog import load_catalog
from catalog.runs import load_runs
from optimizer.step.fit.score import Mode, Progress, Validation, cross_validate, shipped_calibration
from optimizer.step.fit.score import validate as validate_runs
from optimizer.step.fit.whole_run import whole_run_share


def score_runs(
    path: Path | None, mode: Mode, cross: bool, progress: Progress | None = None
) -> Validation:
    """Each run's MFU beside the one predicted; ``cross``: by a calibration without its source.

    ``path`` is a file like observed_runs.csv; None means the shipped runs, and always the shipped
    catalog. CatalogError lists all mistakes of a file.
    """
    catalog, known, shipped_runs = load_catalog(), shipped_calibration(), load_runs()
    own, kept = load_runs(path) if path else shipped_runs, partial(whole_run_share, catalog)
    if not cross:
        return validate_runs(own, catalog.gpus, known, mode, kept)
    evidence = shipped_runs if path else None
    return cross_validate(own, catalog.gpus, known.fit, mode, kept, evidence, progress)
