"""MFU against fleet size as few breakpoints, with 1/MFU linear in between."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from optimizer.step.layouts import Layouts
from optimizer.step.search import Setting, mfu_by_kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Half of what the curve may be off, as it is checked only at some sizes.
_TOLERANCE = 0.0025
_COARSE = 9
# Kinds of layout that come this near the best one at a coarse size stay in the race.
_NEAR = 0.96
_ROUNDS = 12


def fewest_gpus(setting: Setting, most_gpus: int) -> int | None:
    """The fewest GPUs, in whole nodes, on which some layout fits; None where none does."""
    kinds = setting.kinds()
    last = most_gpus // setting.node
    if last < 1:
        return None
    sizes = np.unique(np.append(2 ** np.arange(int(np.log2(last)) + 1), last))
    while True:
        held = (mfu_by_kind(setting, kinds, sizes * float(setting.node)) > 0).any(axis=0)
        if not held.any():
            return None
        first = int(np.argmax(held))
        if first == 0 or sizes[first] - sizes[first - 1] == 1:
            return int(sizes[first]) * setting.node
        sizes = np.unique(np.linspace(sizes[first - 1], sizes[first], 9).astype(np.int64))


def breakpoints(setting: Setting, fewest: int, most: int) -> tuple[tuple[int, float], ...]:
    """Breakpoints (GPUs, MFU) from the fewest to the most GPUs, in whole nodes."""
    first, last = fewest // setting.node, max(most // setting.node, fewest // setting.node)
    nodes = np.unique(np.geomspace(first, last, _COARSE).round().astype(np.int64))
    kinds = _contenders(setting, nodes)
    known = dict(zip(nodes.tolist(), _best(setting, kinds, nodes).tolist(), strict=True))
    for _ in range(_ROUNDS):
        missing = _to_look_at(known)
        if not len(missing):
            break
        found = _best(setting, kinds, missing)
        bent = _bent(known, missing, found)
        known |= {int(n): float(y) for n, y in zip(missing[bent], found[bent], strict=True)}
        if not bent.any():
            break
    points = sorted((n, y) for n, y in known.items() if y > 0)
    return tuple((n * setting.node, y) for n, y in points)


def _contenders(setting: Setting, nodes: Ints) -> Layouts:
    """The kinds of replica that are best or nearly so at one of these sizes."""
    kinds = setting.kinds()
    mfu = mfu_by_kind(setting, kinds, nodes * float(setting.node))
    near = mfu >= _NEAR * np.maximum(mfu.max(axis=0), 1e-9)
    return kinds.take(near.any(axis=1))


def _best(setting: Setting, kinds: Layouts, nodes: Ints) -> Floats:
    return np.asarray(mfu_by_kind(setting, kinds, nodes * float(setting.node)).max(axis=0))


def _to_look_at(known: dict[int, float]) -> Ints:
    """Sizes a quarter, a half and three quarters of the way between neighbors."""
    between: set[int] = set()
    for a, b in pairwise(sorted(known)):
        between |= {a + (b - a) * quarter // 4 for quarter in (1, 2, 3)} - {a, b}
    return np.array(sorted(between), dtype=np.int64)


def _bent(known: dict[int, float], nodes: Ints, mfu: Floats) -> NDArray[np.bool_]:
    """Which of these sizes lie off the line between their neighbors in 1/MFU."""
    ends = np.array(sorted(known))
    inverse = np.array([1 / max(known[int(n)], 1e-9) for n in ends])
    line = np.interp(nodes, ends, inverse)
    return np.asarray(np.abs(line * mfu - 1) > _TOLERANCE)
