"""The staircase: which fleet sizes a run can be launched on, and the best layout of each.

A size is launchable where a layout exists that launchers accept: whole nodes are whole replicas,
micro-batches share the batch evenly, interleaved stages get a multiple of their number, experts and
shards tile the ranks, and the fullest GPU holds its part. Between two launchable sizes nodes idle,
so the time of a step is a staircase: T(n) = T(n_k) for n_k <= n < n_k+1. What one size takes does
not depend on how many are looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from optimizer.step.exchange import exchange_parts
from optimizer.step.hardware import HIGHEST_MFU
from optimizer.step.layouts import (
    LARGEST_SHARD,
    ROUNDING,
    Choices,
    Layouts,
    fill,
    handicaps,
    shared_batch,
    tile_of,
)
from optimizer.step.memory import bytes_per_gpu, held_by, usable_bytes
from optimizer.step.seconds import era_factor, hand_over_seconds, slowest_stage, step_seconds
from optimizer.step.setting import Setting, ideal_seconds, replicas_of
from optimizer.step.transformer import Transformer
from optimizer.step.work import Work, work_of

# A search in eight parts tests seven times as much at a time and takes a third of the turns.
CUTS = 8
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stairs:
    """The launchable sizes that are faster than every smaller one, in rising order.

    ``nodes`` of ``gpus_per_node`` run a step of the batch asked for in ``seconds`` (of the batch
    that runs, as much as its share), practice included; ``layouts`` has one entry a size.
    """

    gpus_per_node: int
    nodes: Ints
    seconds: Floats
    layouts: Layouts

    def __len__(self) -> int:
        """How many sizes there are."""
        return len(self.nodes)

    def below(self, gpus: float) -> int | None:
        """The index of the size that runs on so many GPUs; None where even the first is larger."""
        at = int(np.searchsorted(self.nodes * self.gpus_per_node, gpus, side="right")) - 1
        return None if at < 0 else at


@lru_cache(maxsize=1024)
def stairs(setting: Setting, most_nodes: int) -> Stairs:
    """The staircase up to that many nodes."""
    entries = _entries_of(setting, most_nodes)
    kinds, which, nodes = entries.kinds, entries.which, entries.nodes
    stage = slowest_stage(setting.work, setting.machine, kinds, setting.fit)
    handicap = handicaps(kinds, setting.node)
    each, once = _least(setting, kinds, entries.first, stage)
    scale = era_factor(setting.work, setting.fit) * setting.sequences / entries.sequences
    gpus = nodes.astype(np.float64) * setting.node
    alone = np.asarray((each[which] * entries.count + once[which]) * scale)
    least = _reached(setting, gpus, alone) * handicap[which]
    timed = _promising(setting, entries, stage, least, handicap)
    return _climbed(setting, entries, timed, stage, handicap)


def _least(setting: Setting, kinds: Layouts, first: Floats, stage: Floats) -> tuple[Floats, Floats]:
    """Seconds that each kind takes for every micro-batch and once a step, at the very least.

    The exchange on the fewest replicas: it only grows with them.
    """
    layouts = fill(kinds, first, setting.sequences)
    each, once = exchange_parts(setting.work, setting.machine, layouts, stage, setting.fit)
    bubble = stage * (kinds.pipeline - 1) / kinds.interleave
    handed = hand_over_seconds(setting.work, setting.machine, kinds)
    return stage + handed + each, bubble + once


@dataclass(frozen=True, slots=True)
class Entries:
    """Kinds of replica on launchable sizes: entry i is kind ``which[i]`` on ``nodes[i]``, sorted.

    ``data`` replicas share ``sequences`` in ``count`` micro-batches each; ``first`` are the fewest
    replicas of each kind that hold the model.
    """

    kinds: Layouts
    first: Floats
    which: Ints
    nodes: Ints
    data: Floats
    sequences: Floats
    count: Floats

    def take(self, chosen: Ints) -> Layouts:
        """The layouts of these entries."""
        layouts = self.kinds.take(self.which[chosen])
        return fill(layouts, self.data[chosen], self.sequences[chosen])


def _entries_of(setting: Setting, most_nodes: int) -> Entries:
    here = setting
    return launchable(
        here.shape,
        here.seq_len,
        here.sequences,
        here.room,
        here.flash,
        here.gradient_bytes,
        here.node,
        here.widest,
        here.choices,
        float(usable_bytes(here.machine)),
        most_nodes,
    )


@lru_cache(maxsize=256)
def launchable(
    shape: Transformer,
    seq_len: int,
    sequences: float,
    room: float,
    flash: bool,
    gradient_bytes: float,
    node: int,
    widest: int,
    choices: Choices,
    usable: float,
    most_nodes: int,
) -> Entries:
    """What batch and memory allow, remembered: the same on any network and in 8 or 16 bits."""
    work = work_of(shape, seq_len, sequences, flash, gradient_bytes)
    kinds = replicas_of(shape, seq_len, node, widest, choices)
    first, last = _bounds(kinds, sequences * (1 + room), node, most_nodes)
    first = _fewest_held(work, kinds, first, last, sequences * (1 + room), usable)
    last = np.minimum(last, _before_plainer(first, len(choices.recompute)))
    some = first <= last
    kinds, first, last = kinds.take(some), first[some], last[some]
    which, data = _each(first, last, _step(kinds, node))
    return _shared(kinds, first, which, data, sequences, room, node)


def _fewest_held(
    work: Work, kinds: Layouts, first: Ints, last: Ints, sequences: float, usable: float
) -> Ints:
    """The fewest replicas of each kind that so much memory holds; past ``last`` where none do."""
    held = held_by(work, kinds)

    def holding(chosen: Ints) -> Callable[[Ints], Bools]:
        own, parts = kinds.take(chosen), held.take(chosen)

        def test(replicas: Ints) -> Bools:
            layouts = fill(own, replicas.astype(np.float64), sequences)
            return np.asarray(bytes_per_gpu(work, layouts, parts) <= usable)

        return test

    fewest = last + 1
    some = np.flatnonzero(first <= last)
    some = some[holding(some)(last[some])]
    fewest[some] = first[some]
    later = some[~holding(some)(first[some])]
    fewest[later] = _first_true(holding(later), first[later], last[later])
    return fewest


def _before_plainer(fewest: Ints, ways: int) -> Ints:
    """The most replicas of each kind before one that recomputes less, and so is faster, fits."""
    runs = np.minimum.accumulate(fewest.reshape(-1, ways), axis=1)
    no_other = np.full((len(runs), 1), np.iinfo(np.int64).max)
    return np.concatenate([no_other, runs[:, :-1] - 1], axis=1).ravel()


def _shared(
    kinds: Layouts,
    first: Ints,
    which: Ints,
    data: Floats,
    sequences: float,
    room: float,
    node: int,
) -> Entries:
    """Those whose micro-batches share the batch."""
    batch = shared_batch(data * kinds.step_by[which], sequences, room)
    enough = batch >= data * kinds.least_sequences[which]
    shared = np.flatnonzero((batch > 0) & enough)
    nodes = np.rint(data[shared] * kinds.replica[which[shared]] / node).astype(np.int64)
    # Numbers of 16 bit are sorted in one pass over their digits.
    short = nodes.astype(np.uint16) if len(nodes) and nodes.max() < 2**16 else nodes
    order = np.argsort(short, kind="stable")
    chosen = shared[order]
    which, data, batch = which[chosen], data[chosen], batch[chosen]
    count = batch / (data * kinds.micro_batch[which])
    return Entries(kinds, first.astype(np.float64), which, nodes[order], data, batch, count)


def _bounds(kinds: Layouts, sequences: float, node: int, most_nodes: int) -> tuple[Ints, Ints]:
    """The fewest and the most replicas of each kind that can exist, whatever the memory.

    Whole nodes at least; a share of the batch for every replica, no sharding group beyond the
    largest and no more nodes than asked for at most.
    """
    most = np.minimum(sequences / kinds.least_sequences, most_nodes * node / kinds.replica)
    groups = np.where(np.isinf(kinds.shard), LARGEST_SHARD / kinds.context, np.inf)
    most = np.floor(np.minimum(most, groups) * (1 + ROUNDING))
    step = _step(kinds, node)
    return step, (most // step * step).astype(np.int64)


def _step(kinds: Layouts, node: int) -> Ints:
    """By how many replicas a fleet of whole nodes grows whose ranks experts and shards tile."""
    whole = node // np.gcd(kinds.replica.astype(np.int64), node)
    return np.asarray(np.lcm(whole, tile_of(kinds)))


def _first_true(test: Callable[[Ints], Bools], low: Ints, high: Ints) -> Ints:
    """The lowest values from ``low`` to ``high`` that pass; those above pass as well.

    The range is cut in ``CUTS`` parts at a time, their ends tested together: shape (ends, values).
    """
    turns = np.arange(1, CUTS)[:, None]
    while (low < high).any():
        ends = low + (high - low) * turns // CUTS
        passed = test(ends)
        failed = np.where(passed, low - 1, ends).max(axis=0)
        high = np.where(passed, ends, high).min(axis=0)
        low = failed + 1
    return high


def _each(first: Ints, last: Ints, step: Ints) -> tuple[Ints, Floats]:
    """Every number of replicas of every kind: the kind's index, and the number."""
    begin = -(-first // step) * step
    counts = np.maximum((last - begin) // step + 1, 0)
    which = np.repeat(np.arange(len(first)), counts)
    turn = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    return which, (begin[which] + turn * step[which]).astype(np.float64)


def _reached(setting: Setting, gpus: Floats, seconds: Floats) -> Floats:
    """Seconds in practice; no step comes nearer to the peak than any has."""
    return np.asarray(
        np.maximum(seconds * setting.slower(gpus), ideal_seconds(setting, gpus) / HIGHEST_MFU)
    )


def _promising(
    setting: Setting, entries: Entries, stage: Floats, least: Floats, handicap: Floats
) -> Ints:
    """The entries that may be the best of their size and faster than every smaller one.

    The entry of each size that may take least is timed; what takes longer at the very least than
    that, or than one on fewer nodes, is out.
    """
    starts = np.flatnonzero(np.diff(entries.nodes, prepend=-1))
    if not len(starts):
        return np.zeros(0, np.int64)
    sizes = np.diff(np.append(starts, len(least)))
    lowest = np.repeat(np.minimum.reduceat(least, starts), sizes)
    likely = np.flatnonzero(least <= lowest)
    found = timed_entries(setting, entries, likely, stage) * handicap[entries.which[likely]]
    best = np.full(len(least), np.inf)
    best[likely] = found
    bound = np.minimum.accumulate(np.minimum.reduceat(best, starts))
    return np.flatnonzero(least <= np.repeat(bound, sizes) * (1 + ROUNDING))


def timed_entries(setting: Setting, entries: Entries, chosen: Ints, stage: Floats) -> Floats:
    """Seconds of a step of the batch asked for on these entries, practice included."""
    layouts = entries.take(chosen)
    own = stage[entries.which[chosen]]
    step = step_seconds(setting.work, setting.machine, layouts, setting.fit, own)
    seconds = np.asarray(step * setting.sequences / layouts.sequences)
    return _reached(setting, entries.nodes[chosen].astype(np.float64) * setting.node, seconds)


def _climbed(
    setting: Setting, entries: Entries, timed: Ints, stage: Floats, handicap: Floats
) -> Stairs:
    """The best entry of each size, and of the sizes those that are faster than all before.

    Handicaps count: a size whose best is laborious has to beat every smaller size by as much.
    """
    seconds = timed_entries(setting, entries, timed, stage)
    score = seconds * handicap[entries.which[timed]]
    nodes = entries.nodes[timed]
    order = np.lexsort((score, nodes))
    best = order[np.flatnonzero(np.diff(nodes[order], prepend=-1))]
    lowest, least = np.inf, np.inf
    kept = []
    for at, own, taken in zip(best, score[best].tolist(), seconds[best].tolist(), strict=True):
        if own < lowest and taken < least:
            kept.append(at)
            least = taken
        lowest = min(lowest, own)
    found = np.array(kept, dtype=np.int64)
    return Stairs(setting.node, nodes[found], seconds[found], entries.take(timed[found]))
