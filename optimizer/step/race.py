"""Kinds of replica in a race over fleet sizes: where each holds the model, and its time there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from optimizer.step.hardware import HIGHEST_MFU
from optimizer.step.layouts import LARGEST_SHARD, Choices, Layouts, fill
from optimizer.step.memory import bytes_per_gpu, kept_per_layer, micro_batches, usable_bytes
from optimizer.step.search import Setting, by_size, ideal_seconds, replicas_of
from optimizer.step.seconds import era_factor, slowest_stage, step_seconds
from optimizer.step.transformer import Transformer
from optimizer.step.work import Work, work_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Whole numbers come out of divisions a little off.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Race:
    """Kinds of replica, each with the span of fleets, in nodes, that it can run on.

    More GPUs never need more memory each, so a kind that holds the model holds it up to where
    the batch has no more sequences for it. ``stage`` is its slowest stage's seconds.
    """

    setting: Setting
    work: Work
    kinds: Layouts
    first: Ints
    last: Ints
    stage: Floats

    def take(self, chosen: Bools | Ints) -> "Race":
        """The chosen kinds only."""
        return replace(
            self,
            kinds=self.kinds.take(chosen),
            first=self.first[chosen],
            last=self.last[chosen],
            stage=self.stage[chosen],
        )

    def seconds(self, nodes: Ints) -> Floats:
        """Seconds of a step, shape (kinds, sizes); infinite where a kind cannot run.

        ``nodes`` are the sizes, or a column with a size of each kind's own.
        """
        here, layouts = self.setting, self._layouts(nodes)
        times = step_seconds(self.work, here.machine, layouts, here.fit, self.stage[:, None])
        return np.where(self._runs(nodes), times, np.inf)

    def least_seconds(self, nodes: Ints) -> Floats:
        """Less than a step can take: stages and bubble alone, shape (kinds, sizes)."""
        layouts = self._layouts(nodes)
        bubble = (layouts.pipeline - 1) / layouts.interleave
        times = self.stage[:, None] * (micro_batches(self.work, layouts) + bubble)
        times = times * era_factor(self.work, self.setting.fit)
        return np.where(self._runs(nodes), times, np.inf)

    def mfu(self, nodes: Ints) -> Floats:
        """The best kind's MFU at each size."""
        gpus = self._gpus(nodes)
        lost = self.setting.slower(gpus)
        best = self.seconds(nodes).min(axis=0) * lost
        return np.asarray(np.minimum(ideal_seconds(self.setting, gpus) / best, HIGHEST_MFU))

    def _layouts(self, nodes: Ints) -> Layouts:
        return by_size(self.kinds, self._gpus(nodes))

    def _gpus(self, nodes: Ints) -> Floats:
        return np.asarray(nodes * self.setting.node, dtype=np.float64)

    def _runs(self, nodes: Ints) -> Bools:
        return np.asarray((self.first[:, None] <= nodes) & (nodes <= self.last[:, None]))


def race_of(setting: Setting, most: int) -> Race:
    """Every kind that holds the model on some fleet of up to that many nodes."""
    here = setting
    spans = spans_of(
        here.shape,
        here.seq_len,
        here.sequences,
        here.flash,
        here.node,
        here.domain,
        here.choices,
        float(usable_bytes(here.machine)),
        most,
    )
    stage = slowest_stage(here.work, here.machine, spans.kinds, here.fit)
    return Race(here, here.work, spans.kinds, spans.first, spans.last, stage)


@dataclass(frozen=True, slots=True)
class Spans:
    """Kinds of replica, and the fewest and the most nodes that each can run on."""

    kinds: Layouts
    first: Ints
    last: Ints


@lru_cache(maxsize=256)
def spans_of(
    shape: Transformer,
    seq_len: int,
    sequences: float,
    flash: bool,
    node: int,
    domain: int,
    choices: Choices,
    usable: float,
    most: int,
) -> Spans:
    """What memory and batch allow, remembered: the same on any network and in 8 or 16 bits."""
    work = work_of(shape, seq_len, sequences, flash)
    kinds = replicas_of(shape, seq_len, node, domain, choices)
    first, last = _bounds(kinds, sequences, node)
    last = np.minimum(last, most)
    some = first <= last
    kinds, first, last = kinds.take(some), first[some], last[some]
    some = _fit(work, kinds, last * node, usable)
    kinds, first, last = kinds.take(some), first[some], last[some]
    per_layer = kept_per_layer(work, kinds)
    first = _first_true(lambda n: _fit(work, kinds, n * node, usable, per_layer), first, last)
    return Spans(kinds, first, last)


def _fit(
    work: Work, kinds: Layouts, gpus: Ints, usable: float, per_layer: Floats | None = None
) -> Bools:
    layouts = fill(kinds, gpus / kinds.replica)
    return np.asarray(bytes_per_gpu(work, layouts, per_layer) <= usable)


def _first_true(test: Callable[[Ints], Bools], low: Ints, high: Ints) -> Ints:
    """The lowest values from ``low`` to ``high`` that pass; those above pass as well."""
    while (low < high).any():
        middle = (low + high) // 2
        passed = test(middle)
        low, high = np.where(passed, low, middle + 1), np.where(passed, middle, high)
    return high


def _bounds(kinds: Layouts, sequences: float, node: int) -> tuple[Ints, Ints]:
    """Nodes from and up to which each kind can exist, whatever the memory.

    One replica and a rank for every expert at least; a micro-batch for every replica and no
    sharding group beyond the largest at most.
    """
    least = np.maximum(kinds.replica, kinds.expert * kinds.pipeline) / node
    most = sequences * kinds.replica / kinds.least_sequences / node
    group = LARGEST_SHARD * kinds.tensor * kinds.pipeline / node
    most = np.where(np.isinf(kinds.shard), np.minimum(most, group), most)
    first = np.ceil(least * (1 - _ROUNDING)).astype(np.int64)
    return first, np.floor(most * (1 + _ROUNDING)).astype(np.int64)
