"""Predicted against published: error = ln(predicted / observed MFU), run by run."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog import Gpu
from catalog.runs import ObservedRun
from optimizer.step.batch import RUN_FACTOR, USUAL_GOODPUT
from optimizer.step.calibrate import evidence_of, fit_constants
from optimizer.step.conditions import Conditions, scorable
from optimizer.step.constants import Constants
from optimizer.step.interval import ErrorRanges, kind_of, ranges_of
from optimizer.step.sample import Mode, make_sample

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]


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


@dataclass(frozen=True, slots=True)
class Validation:
    """Every run scored, and the others with the reason by their id."""

    rows: tuple[Score, ...]
    skipped: dict[str, str]

    @property
    def fastest(self) -> tuple[Score, ...]:
        """The rows without those whose source ran a faster layout on the same fleet."""
        return tuple(row for row in self.rows if row.slower_than is None)

    def as_dict(self) -> dict[str, object]:
        """The JSON of ``validate``."""
        return {
            "summary": summary_of(self.rows),
            "by_gpu": _grouped(self.rows, "gpu"),
            "by_source": _grouped(self.rows, "source"),
            "by_kind": _grouped(self.rows, "kind"),
            "by_kind_fastest_layout": _grouped(self.fastest, "kind"),
            "rows": [_row(score) for score in self.rows],
            "skipped": [{"id": i, "reason": why} for i, why in self.skipped.items()],
        }


def validate(
    runs: Iterable[ObservedRun],
    gpus: Mapping[str, Gpu],
    fit: Constants,
    ranges: ErrorRanges,
    as_configured: bool = False,
) -> Validation:
    """Every run predicted with these constants, layout free or the run's own."""
    conditions, skipped = scorable(runs, gpus)
    sample, unheld = make_sample(conditions, _mode(as_configured), fit)
    predicted = sample.predicted(fit) * _whole_run(sample.runs)
    everywhere = dict.fromkeys((c.run.source for c in sample.runs), ranges)
    return Validation(_scores(sample.runs, predicted, everywhere), skipped | unheld)


def cross_validate(
    runs: Sequence[ObservedRun],
    gpus: Mapping[str, Gpu],
    start: Constants,
    as_configured: bool = False,
    evidence_runs: Sequence[ObservedRun] | None = None,
    progress: Progress | None = None,
) -> Validation:
    """Every run predicted with constants fitted without its source.

    ``evidence_runs`` are what is fitted, the runs themselves unless given; the errors of the
    other sources make a run's range.
    """
    conditions, skipped = scorable(runs, gpus)
    sample, unheld = make_sample(conditions, _mode(as_configured), start)
    fitted, _ = scorable(evidence_runs, gpus) if evidence_runs is not None else (conditions, {})
    evidence = evidence_of(fitted, start)
    source = np.array([c.run.source for c in sample.runs])
    predicted = np.empty(len(source))
    names = sorted(set(source))
    for done, name in enumerate(names):
        own = source == name
        fit = fit_constants(evidence.without(name), start)
        predicted[own] = sample.take(own).predicted(fit)
        if progress:
            progress(done + 1, len(names))
    predicted *= _whole_run(sample.runs)
    ranges = _ranges_without(sample.runs, np.log(predicted / sample.observed), names)
    return Validation(_scores(sample.runs, predicted, ranges), skipped | unheld)


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


def _mode(as_configured: bool) -> Mode:
    return "stated" if as_configured else "free"


def _whole_run(runs: Sequence[Conditions]) -> Floats:
    """The share of a step's MFU that a whole production run reaches; 1 where steps are timed."""
    whole = RUN_FACTOR * USUAL_GOODPUT
    return np.array([whole if r.run.kind == "production" else 1.0 for r in runs])


def _ranges_without(
    runs: Sequence[Conditions], errors: Floats, sources: Sequence[str]
) -> dict[str, ErrorRanges]:
    """For each source the ranges that the errors of all others span."""
    ranges = {}
    for source in sources:
        other = [i for i, run in enumerate(runs) if run.run.source != source]
        ranges[source] = ranges_of([runs[i] for i in other], errors[other])
    return ranges


def _scores(
    runs: Sequence[Conditions], predicted: Floats, ranges: Mapping[str, ErrorRanges]
) -> tuple[Score, ...]:
    """Every run's score, with the ranges of its source."""
    faster = faster_layouts(runs)
    scored = zip(runs, predicted, strict=True)
    return tuple(_score(c, p, ranges[c.run.source], faster) for c, p in scored)


def _score(
    run: Conditions, predicted: float, ranges: ErrorRanges, faster: Mapping[str, str]
) -> Score:
    low, high = ranges.around(predicted, run)
    return Score(
        id=run.run.id,
        source=run.run.source,
        gpu=run.gpu.gpu,
        gpus=run.gpus,
        kind=kind_of(run),
        observed_mfu=run.observed_mfu,
        predicted_mfu=float(predicted),
        low=low,
        high=high,
        error=float(np.log(predicted / run.observed_mfu)),
        slower_than=faster.get(run.run.id),
    )


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


def _grouped(rows: Sequence[Score], field: str) -> list[dict[str, object]]:
    groups: dict[str, list[Score]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, field)].append(row)
    return [{field: name, **summary_of(groups[name])} for name in sorted(groups)]


def _row(score: Score) -> dict[str, object]:
    return {name: getattr(score, name) for name in Score.__slots__}
