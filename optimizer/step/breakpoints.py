"""MFU against fleet size as few breakpoints, with 1/MFU linear in between."""

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from optimizer.step.layouts import BATCH_ROOM, LARGEST_SHARD
from optimizer.step.race import Race, race_of
from optimizer.step.search import Setting

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
_NEAR = 0.94
_ROUNDS = 12
# Parts in which a gap between sizes is looked into.
_PARTS = 6


@lru_cache(maxsize=1024)
def fewest_gpus(setting: Setting, most_gpus: int) -> int | None:
    """The fewest GPUs, in whole nodes, on which some layout fits; None where none does."""
    return fewest_of(race_of(setting, most_gpus // setting.node))


def fewest_of(race: Race) -> int | None:
    """The fewest GPUs on which some kind of this race runs."""
    return int(race.first.min()) * race.setting.node if len(race.kinds) else None


def breakpoints(race: Race, fewest: int, most: int) -> tuple[tuple[int, float], ...]:
    """Breakpoints (GPUs, MFU) from the fewest to the most GPUs, in whole nodes.

    They end where the batch has no more sequences for any kind of replica.
    """
    node = race.setting.node
    first, last = fewest // node, min(max(most, fewest) // node, int(race.last.max()))
    nodes = _first_look(race.setting, first, last)
    contenders = _contenders(race, nodes)
    known = _refined(contenders, np.union1d(nodes, _edges(contenders, first, last)))
    return tuple((n * node, known[n]) for n in _fewest_points(known))


def _first_look(setting: Setting, first: int, last: int) -> Ints:
    """Nodes at which every kind is looked at: an even spread, and both sides of each limit.

    A kind of replica ends where the batch has no more sequences for it or its sharding group
    is as large as any.
    """
    spread = np.geomspace(first, last, _COARSE).round()
    near = first + _NEAR_FEWEST
    room = setting.sequences * _SPLITS
    limits = np.concatenate([room, room * BATCH_ROOM, LARGEST_SHARD * _TENSOR]) / setting.node
    ends = np.concatenate([spread, near, np.floor(limits), np.floor(limits) + 1])
    return np.unique(ends[(first <= ends) & (ends <= last)]).astype(np.int64)


def _contenders(race: Race, nodes: Ints) -> Race:
    """The kinds of replica that are best or nearly so at one of these sizes.

    Only those are timed whose stages alone do not take longer than the whole step of others.
    """
    least = race.least_seconds(nodes)
    likely = np.zeros(len(race.kinds), dtype=bool)
    likely[least.argmin(axis=0)] = True
    found = race.take(likely).seconds(nodes).min(axis=0)
    timed = _near(least, found)
    seconds = race.take(timed).seconds(nodes)
    near = np.zeros(len(race.kinds), dtype=bool)
    near[np.flatnonzero(timed)[_near(seconds, seconds.min(axis=0))]] = True
    return race.take(near | _best_at_an_edge(race, race.take(near), nodes[0], nodes[-1]))


def _near(seconds: Floats, best: Floats) -> Bools:
    """Which kinds come near the best at one of the sizes that they can run on."""
    return np.asarray((np.isfinite(seconds) & (seconds * _NEAR <= best)).any(axis=1))


def _best_at_an_edge(race: Race, contenders: Race, first: int, last: int) -> Bools:
    """Which kinds beat the contenders where they begin or end: the only places they may hide."""
    best = np.zeros(len(race.kinds), dtype=bool)
    for edge in (np.maximum(race.first, first), np.minimum(race.last, last)):
        sizes, which = np.unique(edge, return_inverse=True)
        found, own = contenders.seconds(sizes).min(axis=0)[which, None], edge[:, None]
        hidden = np.flatnonzero((race.least_seconds(own) < found)[:, 0])
        best[hidden] |= (race.take(hidden).seconds(own[hidden]) < found[hidden])[:, 0]
    return best


def _edges(race: Race, first: int, last: int) -> Ints:
    """Both sides of each size at which a kind begins or ends: MFU jumps nowhere else."""
    edges = np.unique(np.concatenate([race.first - 1, race.first, race.last, race.last + 1]))
    return edges[(first <= edges) & (edges <= last)]


def _refined(race: Race, nodes: Ints) -> dict[int, float]:
    """MFU by nodes, with sizes added until those between lie on the lines."""
    known = _reached(race, nodes)
    gaps = set(pairwise(sorted(known)))
    for _ in range(_ROUNDS):
        missing = _inside(gaps)
        if not len(missing):
            break
        found = _reached(race, missing)
        sizes = np.array(list(found), dtype=np.int64)
        bent = sizes[_off_the_line(known, sizes, np.array(list(found.values())))]
        before = sorted(known)
        known |= found
        gaps = _reopened(before, sorted(known), bent)
    return known


def _reached(race: Race, nodes: Ints) -> dict[int, float]:
    """The best MFU by nodes; sizes that no kind can run on are left out."""
    pairs = zip(nodes.tolist(), race.mfu(nodes).tolist(), strict=True)
    return {size: found for size, found in pairs if found > 0}


def _inside(ends: set[tuple[int, int]]) -> Ints:
    """Sizes in parts of the way between each pair of ends."""
    between: set[int] = set()
    for a, b in ends:
        between |= {a + (b - a) * part // _PARTS for part in range(1, _PARTS)} - {a, b}
    return np.array(sorted(between), dtype=np.int64)


def _off_the_line(known: dict[int, float], nodes: Ints, mfu: Floats) -> Bools:
    """Which of these sizes lie off the line between their neighbors in 1/MFU."""
    ends = np.array(sorted(known))
    inverse = np.array([1 / known[n] for n in ends.tolist()])
    return np.asarray(np.abs(np.interp(nodes, ends, inverse) * mfu - 1) > _TOLERANCE)


def _reopened(before: list[int], now: list[int], bent: Ints) -> set[tuple[int, int]]:
    """The gaps left inside each former gap in which some size was off the line."""
    reopened = set(np.searchsorted(before, bent).tolist())
    inside = np.searchsorted(before, now[:-1], side="right").tolist()
    return {gap for gap, former in zip(pairwise(now), inside, strict=True) if former in reopened}


def _fewest_points(known: dict[int, float]) -> list[int]:
    """Sizes to keep so that all others lie on the lines between them: each as far as it goes.

    From a kept size every size between bounds the slope of the line from above and below.
    """
    sizes = np.array(sorted(known), dtype=np.float64)
    inverse = np.array([1 / known[n] for n in sorted(known)])
    kept = [0]
    while kept[-1] < len(sizes) - 1:
        start = kept[-1]
        run, rise = sizes[start + 1 :] - sizes[start], inverse[start + 1 :] - inverse[start]
        room = _TOLERANCE * inverse[start + 1 :]
        highest = np.minimum.accumulate((rise + room) / run)
        lowest = np.maximum.accumulate((rise - room) / run)
        slope = rise / run
        straight = np.flatnonzero((lowest <= slope) & (slope <= highest))
        kept.append(start + 1 + int(straight[-1]))
    return [int(sizes[i]) for i in kept]
