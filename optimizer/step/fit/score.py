"""Predicted against published: error = ln(predicted / observed MFU), run by run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from catalog import Gpu
from catalog.runs import ObservedRun
from optimizer.physics.run_factor import RUN_FACTOR, with_whole_run
from optimizer.step.conditions import Conditions, scorable
from optimizer.step.constants import Constants, shipped, shipped_constants
from optimizer.step.fit.calibrate import evidence_of, fit_constants
from optimizer.step.fit.pooling import ASKED, TOLD, Rows, pool, rows_of
from optimizer.step.fit.sample import LayoutMode, Sample, make_sample
from optimizer.step.fit.summary import Score, faster_layouts, grouped, row_of, summary_of
from optimizer.step.kinds import (
    LOGGED,
    PRODUCTION,
    family_of,
    kind_of,
    part_of,
    span_kind_of,
    step_kind_of,
)
from optimizer.step.practice import NEUTRAL, Levels, Practice, levels_from, members_of

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
# What a whole run keeps of its steps' speed, by the conditions of the run.
Kept = Callable[[Conditions], float]
# As plan would answer; with the stack of the run's framework; under the run's own layout as well.
Mode = Literal["asked", "told", "configured"]
MODES: tuple[Mode, ...] = get_args(Mode)
LAYOUTS: dict[Mode, LayoutMode] = {"asked": "free", "told": "free", "configured": "stated"}
FOLDS = 10


def all_kept(run: Conditions) -> float:
    """What a whole run keeps where interruptions are not counted."""
    return RUN_FACTOR


@dataclass(frozen=True, slots=True)
class Calibration:
    """The constants, and what practice adds to them in each way of asking."""

    fit: Constants
    asked: Levels
    told: Levels
    configured: Levels

    def levels(self, mode: Mode) -> Levels:
        """The levels of that way of asking."""
        levels: Levels = getattr(self, mode)
        return levels


def shipped_calibration() -> Calibration:
    """The last calibration."""
    levels = {mode: levels_from(shipped()["practice"][mode]) for mode in MODES}
    return Calibration(shipped_constants(), **levels)


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
            "by_gpu": grouped(self.rows, "gpu"),
            "by_source": grouped(self.rows, "source"),
            "by_kind": grouped(self.rows, "kind"),
            "by_stack": grouped(self.rows, "stack"),
            "by_kind_fastest_layout": grouped(self.fastest, "kind"),
            "rows": [row_of(score) for score in self.rows],
            "skipped": [{"id": i, "reason": why} for i, why in self.skipped.items()],
        }


def validate(
    runs: Iterable[ObservedRun],
    gpus: Mapping[str, Gpu],
    known: Calibration,
    mode: Mode = "asked",
    kept: Kept = all_kept,
) -> Validation:
    """Every run predicted with this calibration: asked, its stack told, or as configured."""
    conditions, skipped = scorable(runs, gpus)
    sample, unheld = make_sample(conditions, LAYOUTS[mode], known.fit)
    practice = practice_of(sample.runs, known.levels(mode), told=mode != "asked")
    scores = _scores(sample.runs, sample.predicted(known.fit), practice, kept)
    return Validation(scores, skipped | unheld)


def cross_validate(
    runs: Sequence[ObservedRun],
    gpus: Mapping[str, Gpu],
    start: Constants,
    mode: Mode = "asked",
    kept: Kept = all_kept,
    evidence_runs: Sequence[ObservedRun] | None = None,
    progress: Progress | None = None,
) -> Validation:
    """Every run predicted by a calibration that has not seen its source.

    Sources are left out a tenth at a time, whole. ``evidence_runs`` are what is fitted, the runs
    themselves unless given.
    """
    conditions, skipped = scorable(runs, gpus)
    sample, unheld = make_sample(conditions, LAYOUTS[mode], start)
    fitted, _ = scorable(evidence_runs, gpus) if evidence_runs is not None else (conditions, {})
    evidence = evidence_of(fitted, start)
    free = sample if evidence_runs is None and LAYOUTS[mode] == "free" else None
    pooled = free or make_sample(fitted, LAYOUTS[mode], start)[0]
    predicted = np.empty(len(sample.runs))
    practice = [NEUTRAL] * len(sample.runs)
    parts = _folds(sample.runs)
    for done, left in enumerate(parts):
        own = _of(sample, left)
        fit = fit_constants(evidence.take(~_of(evidence, left)), start)
        levels = levels_of(pooled.take(~_of(pooled, left)), fit, told=mode != "asked")
        predicted[own] = sample.take(own).predicted(fit)
        for at in np.flatnonzero(own):
            practice[at] = practice_of([sample.runs[at]], levels, told=mode != "asked")[0]
        if progress:
            progress(done + 1, len(parts))
    return Validation(_scores(sample.runs, predicted, practice, kept), skipped | unheld)


def levels_of(sample: Sample, fit: Constants, told: bool) -> Levels:
    """What practice adds to predictions with these constants, from runs laid side by side.

    What a part adds is what is left when stacks are told: a part that only young stacks ran on so
    far is not slow for it.
    """
    steps = [run.run.kind not in (PRODUCTION, LOGGED) for run in sample.runs]
    known = np.array(steps, dtype=bool)
    with_stacks = pool(_rows(sample, fit, told=True), TOLD, known)
    if told:
        return with_stacks
    part = {"part": with_stacks.members["part"]}
    return pool(_rows(sample, fit, told=False), ASKED, known, given=part)


def _rows(sample: Sample, fit: Constants, told: bool) -> Rows:
    runs = sample.runs
    return rows_of(
        -sample.errors(fit),
        np.array([run.shape.active_parameters for run in runs]),
        np.array([float(run.gpus) for run in runs]),
        np.array([run.sequences * run.seq_len for run in runs]),
        family=[family_of(run.shape.is_mixture) for run in runs],
        span=[span_kind_of(run) for run in runs],
        source=[run.run.source for run in runs],
        year=[run.run.year for run in runs],
        names=_names(runs, told),
    )


def _names(runs: Sequence[Conditions], told: bool) -> dict[str, list[str]]:
    """Each run's members of the factors."""
    members = [_members(run, told) for run in runs]
    return {factor: [one[factor] for one in members] for factor in members[0]} if members else {}


def _members(run: Conditions, told: bool) -> dict[str, str]:
    part = part_of(run.gpu.gpu, int(run.machine.bits), run.shape.is_mixture)
    return members_of(step_kind_of(run), part, run.stack if told else None)


def practice_of(runs: Sequence[Conditions], levels: Levels, told: bool) -> list[Practice]:
    """What teams reach of each run's step."""
    return [
        levels.practice(
            family_of(run.shape.is_mixture),
            span_kind_of(run),
            _members(run, told),
            run.shape.active_parameters,
        )
        for run in runs
    ]


def _folds(runs: Sequence[Conditions]) -> list[frozenset[str]]:
    """The sources in ten parts, as the letters of their names fall."""
    names = sorted({run.run.source for run in runs})
    return [part for at in range(FOLDS) if (part := frozenset(names[at::FOLDS]))]


def _of(sample: Sample, sources: frozenset[str]) -> NDArray[np.bool_]:
    return np.array([run.run.source in sources for run in sample.runs], dtype=bool)


def _scores(
    runs: Sequence[Conditions],
    predicted: Floats,
    practice: Sequence[Practice],
    kept: Kept,
) -> tuple[Score, ...]:
    """Every run's score."""
    faster = faster_layouts(runs)
    scored = zip(runs, predicted, practice, strict=True)
    return tuple(_score(c, float(p), known, kept, faster) for c, p, known in scored)


def _score(
    run: Conditions,
    model: float,
    practice: Practice,
    kept: Kept,
    faster: Mapping[str, str],
) -> Score:
    step = model / float(practice.slower(run.gpus, run.sequences * run.seq_len))
    whole = run.run.kind == PRODUCTION
    below, above = practice.below, practice.above
    if whole:
        below, above = with_whole_run(below, above)
    mfu = min(step * (kept(run) if whole else 1.0), 1.0)
    return Score(
        id=run.run.id,
        source=run.run.source,
        gpu=run.gpu.gpu,
        gpus=run.gpus,
        kind=kind_of(run),
        stack=run.stack,
        observed_mfu=run.observed_mfu,
        predicted_mfu=mfu,
        low=mfu * exp(-below),
        high=min(1.0, mfu * exp(above)),
        error=log(mfu / run.observed_mfu),
        slower_than=faster.get(run.run.id),
    )
