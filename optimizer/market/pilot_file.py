"""Steps that the user measured, read from a CSV with the columns of observed_runs.csv.

Three columns are enough: ``gpu``, ``gpus`` and ``tokens_per_sec_per_gpu``. What a row leaves blank
is as in the question: its model, context, batch, precision and software. Every mistake in the file
is told at once.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import TypeVar

from catalog import Catalog, CatalogError, Gpu, Precision, UnknownGpuError, match_gpu
from catalog.columns import above_zero, text, whole
from catalog.csv_file import Rows, read_rows
from catalog.runs import ObservedRun, runs_table
from catalog.table import Table
from catalog.tables import LARGEST_CLUSTER
from catalog.units import TERA
from catalog.vocabulary import PRECISIONS
from optimizer.market.precision import precision_for
from optimizer.step.described import described_shape
from optimizer.step.kinds import PRODUCTION
from optimizer.step.machine import HIGHEST_MFU
from optimizer.step.posterior import Pilot
from optimizer.step.practice import choices_of_stack
from optimizer.step.predict import NoLayoutError, place_on, predict, setting_of
from optimizer.step.setting import BatchError
from optimizer.step.transformer import ShapeError
from problems import ModelShape, ProblemError, shape_of
from problems.mistakes import did_you_mean, shown

LARGEST_FILE_BYTES = 1_000_000
MOST_ROWS = 100
# Columns of observed_runs.csv that say nothing of a step, and a remark.
IGNORED = ("mfu_reported", "mfu_basis", "confidence", "note")
SPEED = "tokens_per_sec_per_gpu"
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Usual:
    """What a row leaves blank: the question's model, context, batch, precision and software."""

    shape: ModelShape
    seq_len: int
    global_batch: float
    precision: Precision | None
    stack: str | None


class RowError(ValueError):
    """A row that no step can be made of: the column, and what is wrong with it."""

    def __init__(self, column: str, what: str) -> None:
        self.column = column
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Measured:
    """A row of the file as the model sees it: where it was, and the MFU of its steps."""

    gpu: Gpu
    precision: Precision
    gpus: int
    mfu: float
    predicted: float
    pilot: Pilot


def pilots_table() -> Table:
    """The columns of observed_runs.csv, three of them needed, and nothing misspelled."""
    known = runs_table()
    columns = dict(known.columns)
    columns["id"] = text(blank="")
    columns["gpu"] = text()
    columns["gpus"] = whole("GPUs", 1, LARGEST_CLUSTER)
    columns[SPEED] = above_zero("tokens a second of one GPU", 1e9)
    columns |= {name: text(blank="") for name in IGNORED}
    needed = {"gpu", "gpus", SPEED}
    optional = frozenset(columns) - needed
    return Table("pilots", columns, ObservedRun, ("id",), optional)


def read_pilots(path: Path, usual: Usual, catalog: Catalog) -> tuple[Measured, ...]:
    """The steps of a file; ProblemError with every mistake in it."""
    found = _rows(path)
    steps = []
    for line, row in found.rows:
        kept = {name: value for name, value in row.items() if name not in IGNORED}
        try:
            steps.append(measured(ObservedRun(**kept, line=line), usual, catalog))
        except RowError as error:
            found.mistake(line, error.column, str(error))
    if found.mistakes:
        raise ProblemError([f"pilot: {m}" for m in sorted(found.mistakes, key=_line_of)])
    return tuple(steps)


def _line_of(mistake: str) -> int:
    """The line of 'file:line: ...'; 0 where the whole file is meant."""
    said = re.search(r":(\d+): ", mistake)
    return int(said[1]) if said else 0


def _rows(path: Path) -> Rows:
    """The cells of the file, once it is known to be a small one."""
    try:
        if path.is_file() and path.stat().st_size > LARGEST_FILE_BYTES:
            what = f"{path.name}: has {path.stat().st_size / 1e6:,.1f} MB; expected at most 1 MB"
            raise ProblemError([f"pilot: {what}; is it the right file?"])
        found = read_rows(path, pilots_table())
    except OSError as error:
        what = f"{shown(str(path))} cannot be read: {error.strerror}"
        raise ProblemError([f"pilot: {what}; expected a CSV file"]) from None
    except CatalogError as error:
        raise ProblemError([f"pilot: {mistake}" for mistake in error.mistakes]) from None
    if len(found.rows) > MOST_ROWS:
        found.mistake(found.rows[MOST_ROWS][0], "row", f"expected at most {MOST_ROWS} rows")
        del found.rows[MOST_ROWS:]
    return found


def measured(row: ObservedRun, usual: Usual, catalog: Catalog) -> Measured:
    """One row as a pilot; RowError where no such step can have been."""
    if row.kind == PRODUCTION:
        what = f"{PRODUCTION!r} is a whole run; expected steps that were timed, or nothing"
        raise RowError("kind", what)
    gpu = _gpu(row.gpu, catalog)
    precision = _precision(row, usual, gpu)
    shape = _shape(row, usual)
    node = min(row.gpus_per_node or 8, row.gpus or 1)
    length = row.seq_len or usual.seq_len
    batch = row.global_batch_tokens or (row.global_batch_seqs or 0) * length or usual.global_batch
    stack = _stack(row.stack) or usual.stack
    try:
        setting = setting_of(
            shape,
            gpu,
            precision,
            gpus_per_node=node,
            nic_gbps_per_gpu=row.nic_gbps,
            seq_len=length,
            global_batch_tokens=batch,
            stack=stack,
        )
        predicted = predict(setting, gpu, row.gpus or 1).mfu
    except ShapeError as error:
        raise RowError("model", str(error)) from None
    except BatchError as error:
        raise RowError("global_batch_tokens", str(error)) from None
    except NoLayoutError as error:
        raise RowError("gpus", f"{error}; expected a fleet that runs the step") from None
    mfu = _mfu(row, setting.shape.active_parameters, gpu, precision)
    place = place_on(setting.shape, gpu, precision, length).on(float(row.gpus or 1), batch)
    return Measured(
        gpu, precision, row.gpus or 1, mfu, predicted, Pilot(place, log(mfu / predicted))
    )


def _gpu(asked: str, catalog: Catalog) -> Gpu:
    try:
        found = match_gpu(asked[:60], catalog.gpus.values())
    except UnknownGpuError as error:
        raise RowError("gpu", f"{error}; expected one of gpus.csv") from None
    if len(found) > 1:
        raise RowError("gpu", f"{asked!r} is one of several; expected which: {', '.join(found)}")
    return catalog.gpus[found[0]]


def _precision(row: ObservedRun, usual: Usual, gpu: Gpu) -> Precision:
    """The row's own number format, else the run's on that part."""
    said = row.number_format if row.precision else precision_for(usual.precision, gpu)
    has = [p for p in PRECISIONS if gpu.peak_tflops(p)]
    if said is None or gpu.peak_tflops(said) is None:
        asked = row.precision or usual.precision or "16 bit"
        what = f"{shown(asked)} has no peak on {gpu.gpu}"
        raise RowError("precision", f"{what}; expected one of {', '.join(has)}")
    return said


def _stack(asked: str) -> str | None:
    if asked and asked not in choices_of_stack():
        hint = did_you_mean(asked[:60], choices_of_stack())
        raise RowError("stack", f"{shown(asked)} is none; expected a stack; {hint}")
    return asked or None


def _shape(row: ObservedRun, usual: Usual) -> ModelShape:
    """The model of the row: by its parameters, by its name, or the question's."""
    if row.params_b is not None:
        return _placed("params_b", lambda: described_shape(row))
    if not row.model:
        return usual.shape
    active = row.active_params_b * 1e9 if row.active_params_b else None
    return _placed("model", lambda: shape_of(row.model, active))


def _placed(column: str, make: Callable[[], Found]) -> Found:
    try:
        return make()
    except ProblemError as error:
        raise RowError(column, "; ".join(error.mistakes).removeprefix("model: ")) from None


def _mfu(row: ObservedRun, active: float, gpu: Gpu, precision: Precision) -> float:
    """6·N·tokens/s over the dense peak; no step is nearer to it than any part gets."""
    rate = row.tokens_per_sec_per_gpu or 0.0
    peak = (gpu.peak_tflops(precision) or 0.0) * TERA
    mfu = 6 * active * rate / peak
    if mfu > HIGHEST_MFU:
        most = HIGHEST_MFU * peak / (6 * active)
        what = f"{rate:,.6g} tokens a second are an MFU of {mfu:.0%} of the dense {precision} peak"
        raise RowError(SPEED, f"{what} of {gpu.gpu}; expected at most {most:,.5g}, of one GPU")
    return mfu
