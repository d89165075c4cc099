"""Which layouts exist and fit on which sizes, whatever the network and the number of bits.

Kinds of replica are held by a part's memory from some number of replicas on; with each further one
its share of the optimizer's state shrinks. Of those numbers, launchers accept the ones that share
the batch evenly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.step.layouts import LARGEST_SHARD, Choices, Layouts
from optimizer.step.memory import bytes_per_gpu, held_by, usable_bytes
from optimizer.step.setting import Setting, replicas_of
from optimizer.step.sharing import ROUNDING, fill, shared_batch, tile_of
from optimizer.step.transformer import Transformer
from optimizer.step.work import work_of

# A search in eight parts tests seven times as much at a time and takes a third of the turns.
CUTS = 8
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Need(NamedTuple):
    """What decides which layouts exist and fit; ``usable`` is bytes of one GPU.

    The other fields are those of a ``Setting``.
    """

    shape: Transformer
    seq_len: int
    sequences: float
    room: float
    flash: bool
    gradient_bytes: float
    node: int
    widest: int
    choices: Choices
    usable: float

    @property
    def most_sequences(self) -> float:
        """The largest batch that may run."""
        return self.sequences * (1 + self.room)


def need_of(setting: Setting) -> Need:
    """What of a setting decides it."""
    return Need(
        setting.shape,
        setting.seq_len,
        setting.sequences,
        setting.room,
        setting.flash,
        setting.gradient_bytes,
        setting.node,
        setting.widest,
        setting.choices,
        float(usable_bytes(setting.machine)),
    )


@dataclass(frozen=True, slots=True)
class Holding:
    """Kinds of replica that fit from ``first`` to ``last`` of them, in multiples of ``step``."""

    kinds: Layouts
    first: Ints
    last: Ints
    step: Ints

    def up_to(self, nodes: int, node: int) -> "Holding":
        """Those on so many nodes at most."""
        most = np.floor(nodes * node / self.kinds.replica * (1 + ROUNDING)).astype(np.int64)
        last = np.minimum(self.last, most)
        some = self.first <= last
        return Holding(self.kinds.take(some), self.first[some], last[some], self.step[some])


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


@lru_cache(maxsize=256)
def launchable(need: Need, most_nodes: int) -> Entries:
    """The sizes of up to so many nodes that launchers accept, by kind of replica."""
    holding = holding_of(need).up_to(most_nodes, need.node)
    which, data = _each(holding.first, holding.last, holding.step)
    return _shared(holding, which, data, need)


def fewest_nodes(need: Need) -> int | None:
    """The fewest nodes that can be launched on, however many are on sale; None where none can."""
    holding = holding_of(need)
    if not len(holding.kinds):
        return None
    ends = holding.kinds.replica / need.node
    nodes, most = int((holding.first * ends).min()) + 1, (holding.last * ends).max()
    while not len(launchable(need, nodes).nodes):
        if nodes > most:
            return None
        nodes *= 2
    return int(launchable(need, nodes).nodes[0])


@lru_cache(maxsize=256)
def holding_of(need: Need) -> Holding:
    """What memory and batch allow, on any number of nodes."""
    kinds = replicas_of(need.shape, need.seq_len, need.node, need.widest, need.choices)
    step = _step(kinds, need.node)
    last = _most(kinds, need.most_sequences) // step * step
    first = _fewest_held(need, kinds, step, last)
    last = np.minimum(last, _before_plainer(first, len(need.choices.recompute)))
    some = first <= last
    return Holding(kinds.take(some), first[some], last[some], step[some])


def _fewest_held(need: Need, kinds: Layouts, first: Ints, last: Ints) -> Ints:
    """The fewest replicas of each kind that the memory holds; past ``last`` where none do."""
    work = work_of(need.shape, need.seq_len, need.sequences, need.flash, need.gradient_bytes)
    held = held_by(work, kinds)

    def holding(chosen: Ints) -> Callable[[Ints], Bools]:
        own, parts = kinds.take(chosen), held.take(chosen)

        def test(replicas: Ints) -> Bools:
            layouts = fill(own, replicas.astype(np.float64), need.most_sequences)
            return np.asarray(bytes_per_gpu(work, layouts, parts) <= need.usable)

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


def _shared(holding: Holding, which: Ints, data: Floats, need: Need) -> Entries:
    """Those whose micro-batches share the batch."""
    kinds, node = holding.kinds, need.node
    batch = shared_batch(data * kinds.step_by[which], need.sequences, need.room)
    enough = batch >= data * kinds.least_sequences[which]
    shared = np.flatnonzero((batch > 0) & enough)
    nodes = np.rint(data[shared] * kinds.replica[which[shared]] / node).astype(np.int64)
    # Numbers of 16 bit are sorted in one pass over their digits.
    short = nodes.astype(np.uint16) if len(nodes) and nodes.max() < 2**16 else nodes
    order = np.argsort(short, kind="stable")
    chosen = shared[order]
    which, data, batch = which[chosen], data[chosen], batch[chosen]
    count = batch / (data * kinds.micro_batch[which])
    first = holding.first.astype(np.float64)
    return Entries(kinds, first, which, nodes[order], data, batch, count)


def _most(kinds: Layouts, sequences: float) -> Ints:
    """The most replicas of each kind: one for each share of the batch, none in too large groups."""
    groups = np.where(np.isinf(kinds.shard), LARGEST_SHARD / kinds.context, np.inf)
    most = np.minimum(sequences / kinds.least_sequences, groups)
    return np.asarray(np.floor(most * (1 + ROUNDING)).astype(np.int64))


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
