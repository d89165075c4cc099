"""How layouts share a batch over a fleet: replicas, micro-batches, tiles of experts."""

from dataclasses import replace

import numpy as np

from optimizer.step.layouts import LARGEST_SHARD, Bools, Floats, Ints, Layouts, Recompute
from optimizer.step.machine import LARGEST_NODE

# By how much a batch that is a rule's may move so that replicas share it evenly.
BATCH_ROOM = 0.05
# What a team would rather not do, and does where that is faster by more than this share.
HANDICAP = 0.02
# Whole numbers come out of divisions a little off.
ROUNDING = 1e-9


def fill(layouts: Layouts, data: Floats, sequences: Floats | float) -> Layouts:
    """The layouts with that many replicas and sequences; shards over all ranks become a number."""
    shard = np.minimum(layouts.shard, np.maximum(data, 1.0) * layouts.context)
    batch = np.broadcast_to(np.asarray(sequences, dtype=np.float64), np.shape(data))
    return replace(layouts, data=data, shard=shard, sequences=batch)


def shared_batch(unit: Floats, sequences: float, room: float) -> Floats:
    """The batch next to ``sequences`` that is a multiple of ``unit`` of them; 0 where none is near.

    ``room`` is how far it may move, as a share.
    """
    batch = np.maximum(np.rint(sequences / unit), 1.0) * unit
    near = np.abs(batch - sequences) <= room * sequences * (1 + ROUNDING)
    return np.where(near, batch, 0.0)


def tile_of(kinds: Layouts) -> Ints:
    """By how many replicas each kind grows, so that experts and shards tile the ranks.

    Experts spread over the data, context and tensor ranks that share their weights, so there must
    be as many of those.
    """
    experts = (kinds.expert * kinds.expert_tensor).astype(np.int64)
    sharing = (kinds.context * kinds.tensor).astype(np.int64)
    group = np.where(np.isfinite(kinds.shard), kinds.shard, 1.0).astype(np.int64)
    by_group = group // np.gcd(group, kinds.context.astype(np.int64))
    return np.asarray(np.lcm(experts // np.gcd(experts, sharing), by_group))


def handicaps(layouts: Layouts, node: Ints | int) -> Floats:
    """What each layout has to be faster by than a plain one.

    Pipeline stages, full recomputation and experts that straddle racks are not worth their trouble
    for less.
    """
    straddles = (np.asarray(node) > LARGEST_NODE) & (node % layouts.expert > 0)
    laborious = (layouts.pipeline > 1) | (layouts.recompute == Recompute.FULL) | straddles
    return np.where(laborious, 1 + HANDICAP, 1.0)


def on_fleet(layouts: Layouts, gpus: float, sequences: float, room: float = BATCH_ROOM) -> Layouts:
    """The layouts that launchers accept on exactly that many GPUs, the batch moved by ``room``."""
    whole = _filling(layouts, gpus)
    data = gpus / whole.replica
    batch = shared_batch(data * whole.step_by, sequences, room)
    filled = fill(whole, data, batch)
    enough = (batch > 0) & (batch >= data * whole.least_sequences)
    return filled.take(enough & _tiled(whole, filled))


def however_shared(layouts: Layouts, gpus: float, sequences: float) -> Layouts:
    """The layouts that fill that many GPUs with that batch, whether or not it divides.

    For runs that took place: their sources round batches, and change them on the way.
    """
    whole = _filling(layouts, gpus)
    filled = fill(whole, gpus / whole.replica, sequences)
    enough = filled.data * filled.micro_batch <= sequences
    return filled.take(enough & _tiled(whole, filled))


def _tiled(kinds: Layouts, filled: Layouts) -> Bools:
    """Whether experts and shards tile the ranks, and no group of shards is beyond the largest."""
    return np.asarray((filled.data % tile_of(kinds) == 0) & (filled.shard <= LARGEST_SHARD))


def _filling(layouts: Layouts, gpus: float) -> Layouts:
    """The kinds of which whole replicas fill so many GPUs."""
    return layouts.take(gpus % layouts.replica == 0)
