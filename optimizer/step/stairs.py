"""The staircase: which fleet sizes a run can be launched on, and the best layout of each.

A size is launchable where a layout exists that launchers accept: whole nodes are whole replicas,
micro-batches share the batch evenly, interleaved stages get a multiple of their number, experts and
shards tile the ranks, and the fullest GPU holds its part. Between two launchable sizes nodes idle,
so the time of a step is a staircase: T(n) = T(n_k) for n_k <= n < n_k+1. What one size takes does
not depend on how many are looked at.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from optimizer.step.exchange import exchange_parts
from optimizer.step.holding import Entries, launchable, need_of
from optimizer.step.layouts import Layouts
from optimizer.step.machine import HIGHEST_MFU
from optimizer.step.seconds import era_factor, hand_over_seconds, slowest_stage, step_seconds
from optimizer.step.setting import Setting, ideal_seconds
from optimizer.step.sharing import ROUNDING, fill, handicaps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
    entries = launchable(need_of(setting), most_nodes)
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
