"""MFU against fleet size as few breakpoints, with 1/MFU linear in between."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from optimizer.step.layouts import LARGEST_SHARD, Layouts
from optimizer.step.search import Setting, holds, mfu_by_kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# The curve is checked at some sizes only, so it keeps a distance from the promised 0.5 %.
_TOLERANCE = 0.003
_COARSE = 9
# Close above the fewest GPUs each node more may do away with recomputation.
_NEAR_FEWEST = np.arange(1, 13)
# GPUs a sequence at which kinds of replica end, and GPUs that share a layer.
_SPLITS = np.array([0.25, 0.5, 1, 2, 4, 8])
_TENSOR = np.array([1.0, 2.0, 4.0, 8.0])
# Kinds of layout that come this near the best one at a coarse size stay in the race.
_NEAR = 0.96
_ROUNDS = 12


def fewest_gpus(setting: Setting, most_gpus: int) -> int | None:
    """The fewest GPUs, in whole nodes, on which some layout fits; None where none does."""
    last = most_gpus // setting.node
    if last < 1:
        return None
    sizes = np.unique(np.append(2 ** np.arange(int(np.log2(last)) + 1), last))
    while True:  # ends: the gap below the first size that fits shrinks to one node
        held = holds(setting, _gpus(setting, sizes))
        if not held.any():
            return None
        first = int(np.argmax(held))
        if first == 0 or sizes[first] - sizes[first - 1] == 1:
            return int(sizes[first]) * setting.node
        sizes = np.unique(np.linspace(sizes[first - 1], sizes[first], 9).astype(np.int64))


def breakpoints(setting: Setting, fewest: int, most: int) -> tuple[tuple[int, float], ...]:
    """Breakpoints (GPUs, MFU) from the fewest to the most GPUs, in whole nodes."""
    nodes = _first_look(setting, fewest // setting.node, max(most, fewest) // setting.node)
    kinds = _contenders(setting, setting.kinds(), nodes)
    known = _refined(setting, kinds, nodes)
    return tuple((n * setting.node, known[n]) for n in _fewest_points(known))


def _first_look(setting: Setting, first: int, last: int) -> Ints:
    """Nodes at which every kind is looked at: an even spread, and both sides of each limit.

    A kind of replica ends where the batch has no more sequences for it or its sharding group
    is as large as any.
    """
    spread = np.geomspace(first, last, _COARSE).round()
    near = first + _NEAR_FEWEST
    limits = np.concatenate([setting.sequences * _SPLITS, LARGEST_SHARD * _TENSOR]) / setting.node
    ends = np.concatenate([spread, near, np.floor(limits), np.floor(limits) + 1])
    return np.unique(ends[(first <= ends) & (ends <= last)]).astype(np.int64)


def _contenders(setting: Setting, kinds: Layouts, nodes: Ints) -> Layouts:
    """The kinds of replica that are best or nearly so at one of these sizes."""
    mfu = mfu_by_kind(setting, kinds, _gpus(setting, nodes))
    return kinds.take((mfu >= _NEAR * np.maximum(mfu.max(axis=0), 1e-9)).any(axis=1))


def _refined(setting: Setting, kinds: Layouts, nodes: Ints) -> dict[int, float]:
    """MFU by nodes, with sizes added until those between lie on the lines."""
    known = _reached(setting, kinds, nodes)
    gaps = set(pairwise(sorted(known)))
    for _ in range(_ROUNDS):
        missing = _inside(gaps)
        if not len(missing):
            break
        found = _reached(setting, kinds, missing)
        sizes = np.array(list(found), dtype=np.int64)
        bent = sizes[_off_the_line(known, sizes, np.array(list(found.values())))]
        before = sorted(known)
        known |= found
        gaps = _reopened(before, sorted(known), bent)
    return known


def _reached(setting: Setting, kinds: Layouts, nodes: Ints) -> dict[int, float]:
    """The best MFU by nodes; sizes on which no layout exists or fits are left out."""
    best = mfu_by_kind(setting, kinds, _gpus(setting, nodes)).max(axis=0)
    return {n: mfu for n, mfu in zip(nodes.tolist(), best.tolist(), strict=True) if mfu > 0}


def _gpus(setting: Setting, nodes: Ints) -> Floats:
    return np.asarray(nodes * setting.node, dtype=np.float64)


def _inside(ends: set[tuple[int, int]]) -> Ints:
    """Sizes in eighths of the way between each pair of ends."""
    between: set[int] = set()
    for a, b in ends:
        between |= {a + (b - a) * part // 8 for part in range(1, 8)} - {a, b}
    return np.array(sorted(between), dtype=np.int64)


def _off_the_line(known: dict[int, float], nodes: Ints, mfu: Floats) -> Bools:
    """Which of these sizes lie off the line between their neighbors in 1/MFU."""
    ends = np.array(sorted(known))
    inverse = np.array([1 / known[n] for n in ends.tolist()])
    return np.asarray(np.abs(np.interp(nodes, ends, inverse) * mfu - 1) > _TOLERANCE)


def _reopened(before: list[int], now: list[int], bent: Ints) -> set[tuple[int, int]]:
    """The gaps left inside each former gap in which some size was off the line."""
    reopened = np.unique(np.searchsorted(before, bent))
    spans = [(before[right - 1], before[right]) for right in reopened.tolist()]
    return {(a, b) for a, b in pairwise(now) if any(lo <= a and b <= hi for lo, hi in spans)}


def _fewest_points(known: dict[int, float]) -> list[int]:
    """Sizes to keep so that all others lie on the lines between them: each as far as it goes."""
    sizes = np.array(sorted(known))
    inverse = np.array([1 / known[n] for n in sizes.tolist()])
    kept, last = [0], len(sizes) - 1
    while kept[-1] < last:
        near, far = kept[-1] + 1, last
        while near < far:
            middle = (near + far + 1) // 2
            if _straight(sizes, inverse, kept[-1], middle):
                near = middle
            else:
                far = middle - 1
        kept.append(near)
    return [int(sizes[i]) for i in kept]


def _straight(sizes: Ints, inverse: Floats, start: int, end: int) -> bool:
    between = slice(start, end + 1)
    slope = (inverse[end] - inverse[start]) / (sizes[end] - sizes[start])
    line = inverse[start] + slope * (sizes[between] - sizes[start])
    return bool(np.all(np.abs(line / inverse[between] - 1) <= _TOLERANCE))
