"""Published runs laid side by side, each with its candidate layouts, for fitting and scoring."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from optimizer.step import machine as hardware
from optimizer.step import work
from optimizer.step.conditions import Conditions
from optimizer.step.constants import Constants
from optimizer.step.layouts import Layouts, join, replicas, widest_tensor
from optimizer.step.machine import Machine
from optimizer.step.memory import bytes_per_gpu, fits
from optimizer.step.seconds import step_seconds
from optimizer.step.sharing import handicaps, however_shared, on_fleet
from optimizer.step.work import Work, work_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Fields = TypeVar("Fields", Work, Machine, Layouts)
LayoutMode = Literal["free", "stated"]

# Layouts a run keeps for the fit: the fastest by the constants it starts from.
KEPT = 150
# A fleet of which no layout uses a larger share has none.
MOST_USED = 0.8


@dataclass(frozen=True, slots=True)
class Sample:
    """Runs and their layouts; the layouts of run i are ``first[i]`` to ``first[i] + count[i]``.

    ``ideal`` is the seconds of a step at MFU 1, ``handicap`` what a layout has to be faster by than
    a plain one.
    """

    runs: tuple[Conditions, ...]
    first: Ints
    count: Ints
    work: Work
    machine: Machine
    layouts: Layouts
    handicap: Floats
    ideal: Floats
    observed: Floats

    def take(self, chosen: Bools) -> "Sample":
        """The chosen runs only."""
        rows = np.flatnonzero(chosen)
        spans = [np.arange(self.first[i], self.first[i] + self.count[i]) for i in rows]
        entries = np.concatenate(spans) if spans else np.zeros(0, np.int64)
        count = self.count[rows]
        return replace(
            self,
            runs=tuple(self.runs[i] for i in rows),
            first=np.cumsum(count) - count,
            count=count,
            work=pick(self.work, entries),
            machine=pick(self.machine, entries),
            layouts=pick(self.layouts, entries),
            handicap=self.handicap[entries],
            ideal=self.ideal[rows],
            observed=self.observed[rows],
        )

    def predicted(self, fit: Constants) -> Floats:
        """The MFU of each run on its fastest layout, shape (runs,)."""
        if not self.runs:
            return np.zeros(0)
        seconds = step_seconds(self.work, self.machine, self.layouts, fit)
        # Of the batch that the run states, whatever batch the layout takes.
        seconds = seconds * self.work.sequences / self.layouts.sequences
        score = seconds * self.handicap
        best = np.repeat(np.minimum.reduceat(score, self.first), self.count)
        chosen = np.minimum.reduceat(np.where(score <= best, seconds, np.inf), self.first)
        return np.asarray(self.ideal / chosen)

    def errors(self, fit: Constants) -> Floats:
        """ln(predicted / observed MFU) of each run."""
        return np.log(self.predicted(fit) / self.observed)


def pick(fields: Fields, entries: Ints) -> Fields:
    """The chosen entries of every array."""
    names = type(fields).__slots__
    return replace(fields, **{name: getattr(fields, name)[entries] for name in names})


def make_sample(
    runs: Sequence[Conditions], mode: LayoutMode, fit: Constants
) -> tuple[Sample, dict[str, str]]:
    """The runs that have a layout that fits, and for the others the reason by their id."""
    kept, parts, skipped = [], [], {}
    for run in runs:
        found = _candidates(run, mode, fit)
        if isinstance(found, str):
            skipped[run.run.id] = found
        else:
            kept.append(run)
            parts.append(found)
    count = np.array([len(layouts) for layouts in parts], dtype=np.int64)
    owner = np.repeat(np.arange(len(parts)), count)
    layouts = join(parts)
    works = work.together([_work(run) for run in kept])
    machines = hardware.together([run.machine for run in kept])
    sample = Sample(
        runs=tuple(kept),
        first=np.cumsum(count) - count,
        count=count,
        work=pick(works, owner),
        machine=pick(machines, owner),
        layouts=layouts,
        handicap=handicaps(layouts, np.array([run.node for run in kept], dtype=np.int64)[owner]),
        ideal=np.array([_ideal_seconds(run) for run in kept]),
        observed=np.array([run.observed_mfu for run in kept]),
    )
    return sample, skipped


def _work(run: Conditions, lean: bool = True) -> Work:
    grads = run.gradient_bytes
    return work_of(run.shape, run.seq_len, run.sequences, run.flash, grads, lean=lean)


def _ideal_seconds(run: Conditions) -> float:
    tokens = run.sequences * run.seq_len
    return 6 * run.shape.active_parameters * tokens / (run.gpus * run.peak_tflops * 1e12)


def _laid_out(run: Conditions, every: Layouts, mode: LayoutMode) -> tuple[Layouts, Work]:
    """The layouts that launchers accept, and the work that says what they hold.

    In as much memory as plans count on or, where none fits, as runs that took place got by with; a
    run that states its own, or has none that launchers accept, as it is.
    """
    lean = _work(run)
    if mode == "free":
        layouts = on_fleet(every, run.gpus, run.sequences)
        for step in (_work(run, lean=False), lean):
            if fits(step, run.machine, layouts).any():
                return layouts, step
    exact = however_shared(every, run.gpus, run.sequences)
    if mode == "stated" or fits(lean, run.machine, exact).any():
        return exact, lean
    return _on_fewer(run, every) or exact, lean


def _on_fewer(run: Conditions, every: Layouts) -> Layouts | None:
    """The layouts on the largest smaller fleet of whole nodes that has one, some nodes idle."""
    for gpus in range(run.gpus - run.node, int(run.gpus * MOST_USED), -run.node):
        layouts = on_fleet(every, gpus, run.sequences)
        if fits(_work(run), run.machine, layouts).any():
            return layouts
    return None


def _candidates(run: Conditions, mode: LayoutMode, fit: Constants) -> Layouts | str:
    """The run's fastest layouts, or why it has none."""
    choices = run.free if mode == "free" else run.stated
    widest = widest_tensor(run.node, run.domain, choices)
    every = replicas(run.shape, run.seq_len, run.node, widest, choices)
    layouts, step = _laid_out(run, every, mode)
    if not len(layouts):
        batch = f"{run.sequences:,.0f} sequences"
        return f"no layout of this kind exists on {run.gpus:,} GPUs with a batch of {batch}"
    held = fits(step, run.machine, layouts)
    if not held.any():
        least = bytes_per_gpu(step, layouts).min() / 1e9
        return f"does not fit: {least:.0f} GB a GPU at least, {run.gpu.gpu} has {run.gpu.memory_gb}"
    layouts = layouts.take(held)
    seconds = step_seconds(step, run.machine, layouts, fit) / layouts.sequences
    return layouts.take(np.argsort(seconds, kind="stable")[:KEPT])
