"""Which layouts exist: how a fleet splits a model and a batch, as arrays with one entry each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from optimizer.step.split import ENDS
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
    holds values of ``Recompute``. A step trains on ``sequences``.
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
    sequences: Floats

    def __len__(self) -> int:
        """How many layouts there are."""
        return len(self.tensor)

    @property
    def replica(self) -> Floats:
        """GPUs that hold the model once."""
        return self.tensor * self.pipeline * self.context

    @property
    def expert_tensor(self) -> Floats:
        """Ranks that split one expert: those of tensor parallelism that experts leave over."""
        return np.maximum(self.tensor / self.expert, 1.0)

    @property
    def least_sequences(self) -> Floats:
        """Sequences that one replica needs: a micro-batch for every stage."""
        return self.micro_batch * self.pipeline

    @property
    def step_by(self) -> Floats:
        """Sequences by which a replica's share of the batch can grow.

        Interleaved stages take as many micro-batches as there are stages at a time (Narayanan et
        al. 2021, section 2.2).
        """
        return self.micro_batch * np.where(self.interleave > 1, self.pipeline, 1.0)

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
INTERLEAVE = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12)
# Where none divides the layers, with or without their two ends, they are written out, so finely.
WRITTEN = (1, 2, 4)
CONTEXT = (1, 2, 4, 8, 16, 32, 64)
EXPERT = (1, 2, 4, 8, 16, 32, 64, 128)
MICRO_BATCH = (1, 2, 4, 8, 16)
SHARDINGS = ("optimizer", "full", "node")
# More sequences at once in a pipeline only lengthen its bubble.
LARGEST_PIPED = 4
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


def widest_tensor(node: int, domain: int, choices: Choices) -> int:
    """The most ranks of tensor parallelism: it stays in the fast domain or, without, in the node.

    Machines on which it is the same have the same layouts.
    """
    return max(node, min(domain, max(choices.tensor)))


def replicas(shape: Transformer, seq_len: int, node: int, widest: int, choices: Choices) -> Layouts:
    """Every way to hold the model once that can exist, with one replica each (``data`` 1).

    Heads and hidden split evenly over tensor parallelism of at most ``widest`` ranks; a sequence
    splits over twice its ranks; stages hold at least one layer; a mixture's experts divide over
    their ranks and fill whole groups of shards. Fully sharded layouts have no pipeline.
    """
    tensor = _tensor_choices(shape, node, widest, choices)
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
    kinds = join([piped.take(_cut(piped, shape.layers, choices)), flat])
    splits = _splits_sequence(kinds, seq_len, choices) & _splits_experts(kinds, shape, choices)
    return kinds.take(splits & _fills_shards(kinds))


def _splits_experts(kinds: Layouts, shape: Transformer, choices: Choices) -> Bools:
    """Whether an expert lies whole on a rank, or all of them on all tensor ranks.

    torchtitan knows nothing in between; a run that states its ranks had what it states.
    """
    whole = (kinds.expert == 1) | (kinds.expert >= kinds.tensor)
    return np.asarray(whole | (not shape.is_mixture) | (len(choices.expert) == 1))


def _fills_shards(kinds: Layouts) -> Bools:
    """Whether experts fill the ranks of a group of shards a whole number of times."""
    group = np.where(np.isfinite(kinds.shard) & (kinds.shard > 1), kinds.shard, 0.0)
    return np.asarray(group * kinds.tensor % (kinds.expert * kinds.expert_tensor) == 0)


def _splits_sequence(kinds: Layouts, seq_len: int, choices: Choices) -> Bools:
    """Whether tensor and context ranks divide a sequence: the causal ring deals out two slices."""
    slices = kinds.tensor * np.where(kinds.context > 1, 2 * kinds.context, 1.0)
    return np.asarray((seq_len % slices == 0) | (len(choices.context) == 1))


def _cut(piped: Layouts, layers: int, choices: Choices) -> Bools:
    """Whether the layers can be cut into so many chunks.

    The layers, or the layers and the vocabulary's two ends, divide evenly, or a written-out
    layout says where each goes; a run that states its interleaving had one of them. torchtitan
    counts its stages from the layers of each, which must come out at as many; a run that states its
    stages had them.
    """
    chunks = piped.pipeline * piped.interleave
    fits = chunks <= layers + ENDS
    if len(choices.interleave) == 1:
        return np.asarray(fits)
    even = (layers % chunks == 0) | ((layers + ENDS) % chunks == 0)
    finer = [p for p in choices.pipeline if _divides_finer(p, layers)]
    written = np.isin(piped.interleave, WRITTEN)
    whole = (piped.interleave == 1) | ~np.isin(piped.pipeline, finer)
    counted = _counts(chunks, layers) | (len(choices.pipeline) == 1)
    return np.asarray(fits & (even | (written & whole & counted)))


def _counts(chunks: Floats, layers: int) -> Bools:
    """Whether layers, perhaps with their ends, fill that many chunks alike, the last one aside."""
    counted = [np.ceil(held / np.ceil(held / chunks)) for held in layers + np.arange(ENDS + 1)]
    return np.asarray(np.any([found == chunks for found in counted], axis=0))


def _divides_finer(pipeline: int, layers: int) -> bool:
    """Whether some interleaving of so many stages divides the layers: then none is written out."""
    finer = [pipeline * turns for turns in INTERLEAVE if turns > 1]
    return any(layers % chunks == 0 or (layers + ENDS) % chunks == 0 for chunks in finer)


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
    """Every combination, those that differ in recomputation alone side by side.

    ``shard`` is infinite where it means all ranks of a fleet to come.
    """
    kinds = [SHARDINGS.index(kind) for kind in sharding]
    axes = (tensor, pipeline, interleave, context, expert, micro_batch, kinds, recompute)
    grid = np.meshgrid(*(np.asarray(axis, dtype=np.float64) for axis in axes), indexing="ij")
    tp, pp, chunks, cp, ep, micro, kind, again = (axis.ravel() for axis in grid)
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
        sequences=np.full_like(tp, np.nan),
    ).take(useful)


def _tensor_choices(shape: Transformer, node: int, widest: int, choices: Choices) -> list[int]:
    """Degrees of tensor parallelism that divide heads and width, up to the widest."""
    inside = [t for t in choices.tensor if t <= widest and (node % t == 0 or t > node)]
    split = [t for t in inside if shape.heads % t == 0 and shape.hidden % t == 0]
    # Megatron-Core copies heads of keys and values where there are fewer than ranks, torchtitan
    # does not; the one of multi-query attention is copied everywhere.
    if len(choices.tensor) == 1 or shape.kv_heads == 1:
        return split
    return [t for t in split if shape.kv_heads % t == 0]
