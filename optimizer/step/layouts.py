"""Which layouts exist: how a fleet splits a model and a batch, as arrays with one entry each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from optimizer.step.transformer import Transformer

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Recompute(IntEnum):
    """How much of the forward pass runs again in the backward pass."""

    NONE = 0
    SELECTIVE = 1
    FULL = 2


@dataclass(frozen=True, slots=True)
class Layouts:
    """Layouts side by side; arrays that broadcast against each other.

    ``tensor`` · ``pipeline`` · ``context`` · ``data`` GPUs hold the model ``data`` times.
    ``shard`` is the number of ranks over which weights and gradients are split (fully sharded
    data parallel); 1 means that only the optimizer's state is, over all replicas. ``recompute``
    holds values of ``Recompute``.
    """

    tensor: Floats
    pipeline: Floats
    interleave: Floats
    context: Floats
    data: Floats
    expert: Floats
    micro_batch: Floats
    recompute: Floats
    shard: Floats

    def __len__(self) -> int:
        """How many layouts there are."""
        return len(self.tensor)

    @property
    def replica(self) -> Floats:
        """GPUs that hold the model once."""
        return self.tensor * self.pipeline * self.context

    @property
    def least_sequences(self) -> Floats:
        """Sequences that one replica needs: interleaved stages take as many micro-batches as
        there are stages at a time (Narayanan et al. 2021, section 2.2). A team that lacks a few
        makes its batch a little larger.
        """
        stages = np.maximum(self.pipeline / BATCH_ROOM, 1.0)
        return self.micro_batch * np.where(self.interleave > 1, stages, 1.0)

    def take(self, chosen: NDArray[np.bool_] | Ints) -> "Layouts":
        """The chosen layouts only."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in self.__slots__})


def join(parts: list[Layouts]) -> Layouts:
    """Several sets of layouts, one after the other."""
    none = np.zeros(0)
    names = Layouts.__slots__
    return Layouts(**{n: np.concatenate([none, *(getattr(p, n) for p in parts)]) for n in names})


TENSOR = (1, 2, 4, 8)
PIPELINE = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
INTERLEAVE = (1, 2, 4, 8)
CONTEXT = (1, 2, 4, 8, 16, 32, 64)
EXPERT = (1, 2, 4, 8, 16, 32, 64, 128)
MICRO_BATCH = (1, 2, 4, 8, 16)
SHARDINGS = ("optimizer", "full", "node")
# More sequences at once in a pipeline only lengthen its bubble.
LARGEST_PIPED = 4
# The embedding and the output layer can each stand in for a layer of a chunk.
VOCABULARY_ENDS = 2
# How much larger a batch may become so that it fills an interleaved pipeline.
BATCH_ROOM = 1.1
# A rank's slice of a sequence; shorter ones leave the ring exposed.
SHORTEST_SLICE = 8192
# The most ranks that a published run gathers weights from; beyond, teams shard over groups.
LARGEST_SHARD = 2048


@dataclass(frozen=True, slots=True)
class Choices:
    """What each part of a layout may be; a published run narrows them to what it states."""

    tensor: tuple[int, ...] = TENSOR
    pipeline: tuple[int, ...] = PIPELINE
    interleave: tuple[int, ...] = INTERLEAVE
    context: tuple[int, ...] = CONTEXT
    expert: tuple[int, ...] = EXPERT
    micro_batch: tuple[int, ...] = MICRO_BATCH
    recompute: tuple[int, ...] = tuple(Recompute)
    sharding: tuple[str, ...] = SHARDINGS


def replicas(shape: Transformer, seq_len: int, node: int, domain: int, choices: Choices) -> Layouts:
    """Every way to hold the model once that can exist, with one replica each (``data`` 1).

    Heads and hidden split evenly over tensor parallelism, which stays in the node's fast
    domain or, without one, in the node; stages hold at least one layer; a mixture's experts
    divide over their ranks. Fully sharded layouts have no pipeline.
    """
    tensor = _tensor_choices(shape, node, domain, choices)
    shortest = 1 if len(choices.context) == 1 else min(SHORTEST_SLICE, seq_len)
    context = [c for c in choices.context if seq_len / c >= shortest]
    most = max(shape.experts, 1)
    expert = [e for e in choices.expert if e <= most and most % e == 0]
    stages = [p for p in choices.pipeline if 1 < p <= shape.layers]
    few = [m for m in choices.micro_batch if m <= LARGEST_PIPED] or list(choices.micro_batch)
    kept = {"tensor": tensor, "context": context, "expert": expert, "recompute": choices.recompute}
    piped = _grid(
        node,
        **kept,
        pipeline=stages,
        interleave=choices.interleave,
        micro_batch=few,
        sharding=[kind for kind in choices.sharding if kind == "optimizer"],
    )
    flat = _grid(
        node,
        **kept,
        pipeline=[p for p in choices.pipeline if p == 1],
        interleave=[1],
        micro_batch=choices.micro_batch,
        sharding=choices.sharding,
    )
    return join([piped.take(_even_chunks(piped, shape.layers, choices)), flat])


def _even_chunks(piped: Layouts, layers: int, choices: Choices) -> Bools:
    """Whether the layers, or the layers and the vocabulary's two ends, divide into even chunks.

    Only interleaving needs that, and a run that states its interleaving had it.
    """
    chunks = piped.pipeline * piped.interleave
    fits = chunks <= layers + VOCABULARY_ENDS
    if len(choices.interleave) == 1:
        return np.asarray(fits)
    even = (layers % chunks == 0) | ((layers + VOCABULARY_ENDS) % chunks == 0)
    return np.asarray(fits & (even | (piped.interleave == 1)))


def _grid(
    node: int,
    *,
    tensor: Sequence[int],
    pipeline: Sequence[int],
    interleave: Sequence[int],
    context: Sequence[int],
    expert: Sequence[int],
    micro_batch: Sequence[int],
    recompute: Sequence[int],
    sharding: Sequence[str],
) -> Layouts:
    """Every combination; ``shard`` is infinite where it means all ranks of a fleet to come."""
    kinds = [SHARDINGS.index(kind) for kind in sharding]
    axes = (tensor, pipeline, interleave, context, expert, micro_batch, recompute, kinds)
    grid = np.meshgrid(*(np.asarray(axis, dtype=np.float64) for axis in axes), indexing="ij")
    tp, pp, chunks, cp, ep, micro, again, kind = (axis.ravel() for axis in grid)
    in_node = np.maximum(node // tp, 1.0)
    sharded = np.select([kind == 0, kind == 1], [1.0, np.inf], in_node)
    # In a node of one rank a group of its own shards nothing.
    useful = (kind != SHARDINGS.index("node")) | (in_node > 1)
    return Layouts(
        tensor=tp,
        pipeline=pp,
        interleave=chunks,
        context=cp,
        data=np.ones_like(tp),
        expert=ep,
        micro_batch=micro,
        recompute=again,
        shard=sharded,
    ).take(useful)


def _tensor_choices(shape: Transformer, node: int, domain: int, choices: Choices) -> list[int]:
    """Degrees of tensor parallelism that divide heads and width and stay in the fast domain."""
    widest = max(node, min(domain, max(choices.tensor)))
    inside = [t for t in choices.tensor if t <= widest and (node % t == 0 or t > node)]
    return [t for t in inside if shape.heads % t == 0 and shape.hidden % t == 0]


def fill(layouts: Layouts, data: Floats) -> Layouts:
    """The layouts with that many replicas; shards over all ranks become a number of ranks."""
    shard = np.minimum(layouts.shard, np.maximum(data, 1.0) * layouts.context)
    return replace(layouts, data=data, shard=shard)


def exists_on(layouts: Layouts, sequences: float, whole: bool) -> Bools:
    """Whether each layout can exist: a sequence for every rank, groups that divide the ranks.

    Experts spread over data, context and tensor ranks, so there must be as many of those.
    Without ``whole`` the ranks need not divide, for fleets between whole replicas.
    """
    ranks = layouts.data * layouts.context
    exists = (
        (layouts.data >= 1)
        & (layouts.data * layouts.least_sequences <= sequences)
        & (layouts.shard <= LARGEST_SHARD)
        & (ranks * layouts.tensor >= layouts.expert)
    )
    if not whole:
        return np.asarray(exists)
    divides = (ranks * layouts.tensor % layouts.expert == 0) & (ranks % layouts.shard == 0)
    return np.asarray(exists & divides)


def on_fleet(layouts: Layouts, gpus: float, sequences: float, idle: bool) -> Layouts:
    """The layouts that can exist on that many GPUs; with ``idle`` some GPUs may be left over."""
    data = gpus / layouts.replica
    filled = fill(layouts, np.floor(data))
    exists = exists_on(filled, sequences, whole=True)
    return filled.take(exists if idle else exists & (filled.data == data))
