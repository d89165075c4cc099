"""Bytes the fullest GPU holds: weights, gradients, optimizer state, activations and a reserve.

State is Adam in mixed precision: weights in 16 bit, gradients in 32 (16 where a stack's recipe
keeps them so), a 32-bit master copy and two moments (Rajbhandari et al. 2020, ZeRO,
arXiv:1910.02054, section 3.1). Activations follow Korthikanti et al. 2022 (arXiv:2205.05198,
section 4) with the s × s matrix left out where FlashAttention is used (Dao et al. 2022,
arXiv:2205.14135). Of a pipeline the first rank has the embedding and the most micro-batches in
flight, the last one the output layer and its logits, those between them the most layers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.step.layouts import Layouts, Recompute
from optimizer.step.machine import Machine
from optimizer.step.split import Cut, cut_of
from optimizer.step.work import Work

Floats = NDArray[np.float64]

WEIGHT_BYTES = 2.0
# A 32-bit master copy and two 32-bit moments.
OPTIMIZER_BYTES = 12.0
# Of weights that are the master copy themselves: 16 bytes a parameter in all.
SHARDED_GRADIENT_BYTES = 2.0
# Layers that stand whole where weights are gathered: the one at work, and half of the next. A
# judgment: with two, a published run of 1T parameters on 1,024 A100 would not have fit.
GATHERED_LAYERS = 1.5
ACTIVATION_BYTES = 2.0
# Scores, softmax and dropout mask of unfused attention (Korthikanti et al. 2022, equation 2).
SCORE_BYTES = 5.0
# The logits in 16 and in 32 bit, and their gradient in 16: a loss that is fused with its softmax.
LOGIT_BYTES = 8.0
# The gradient in 32 bit as well, where weights are fully sharded: torchtitan's loss is not fused.
UNFUSED_LOGIT_BYTES = 12.0
# As the leanest stacks hold them, fused and in place.
LEAN_LOGIT_BYTES = 4.0
# CUDA context, communication buffers and fragmentation.
RESERVE_BYTES = 1e9
USABLE_SHARE = 0.97


@dataclass(frozen=True, slots=True)
class Held:
    """What a kind of layout holds of a model, whatever the number of its replicas.

    Parameters of the fullest GPU before any sharding, those every rank has and routed experts;
    bytes a layer keeps of a micro-batch, works with, and the logits take; layers by rank.
    """

    dense: Floats
    routed: Floats
    each: Floats
    working: Floats
    logits: Floats
    layers: Cut

    def take(self, chosen: NDArray[np.int64]) -> "Held":
        """What the chosen kinds hold."""
        return Held(
            self.dense[chosen],
            self.routed[chosen],
            self.each[chosen],
            self.working[chosen],
            self.logits[chosen],
            self.layers.take(chosen),
        )


def held_by(work: Work, layouts: Layouts) -> Held:
    """What these layouts hold, shape (layouts,)."""
    tokens = layouts.micro_batch * work.seq_len / layouts.context / layouts.tensor
    layers = cut(work, layouts)
    dense, routed = split_parameters(work, layouts, layers)
    return Held(
        dense=dense,
        routed=routed,
        each=tokens * kept_per_layer(work, layouts),
        working=tokens * _values_per_token(work) * ACTIVATION_BYTES,
        logits=tokens * work.vocab * _logit_bytes(work, layouts),
        layers=layers,
    )


def _logit_bytes(work: Work, layouts: Layouts) -> Floats:
    """Bytes of one logit, its gradient and what the loss needs of it."""
    plain = np.where(layouts.shard > 1, UNFUSED_LOGIT_BYTES, LOGIT_BYTES)
    return np.where(work.lean > 0, LEAN_LOGIT_BYTES, plain)


def bytes_per_gpu(work: Work, layouts: Layouts, held: Held | None = None) -> Floats:
    """Bytes on the fullest GPU, shape (layouts,); ``held`` where it is known."""
    held = held or held_by(work, layouts)
    activations = activation_bytes(work, layouts, held)
    return state_bytes(work, layouts, held) + activations + RESERVE_BYTES


def fits(work: Work, machine: Machine, layouts: Layouts) -> NDArray[np.bool_]:
    """Whether each layout fits the GPU's memory."""
    return np.asarray(bytes_per_gpu(work, layouts) <= usable_bytes(machine))


def usable_bytes(machine: Machine) -> Floats:
    """What of the GPU's memory a layout may fill."""
    return USABLE_SHARE * machine.memory_bytes


def cut(work: Work, layouts: Layouts) -> Cut:
    """Layers of each layout's first, fullest and last rank."""
    return cut_of(work.layers, layouts.pipeline, layouts.interleave)


def split_parameters(
    work: Work, layouts: Layouts, layers: Cut | None = None
) -> tuple[Floats, Floats]:
    """Parameters of the fullest GPU before any sharding: those every rank has, and routed experts.

    Without a pipeline what N has beyond the layers are its embeddings; with one the first and the
    last rank have a matrix of them each.
    """
    layers = layers or cut(work, layouts)
    shared = work.layer_params - work.routed_params
    table = work.vocab * work.hidden
    one = work.parameters - work.layers * work.expert_params
    ends = np.maximum(layers.first, layers.last) * shared + table
    dense = np.where(layouts.pipeline > 1, np.maximum(layers.fullest * shared, ends), one)
    spread = layouts.expert * layouts.expert_tensor
    return dense / layouts.tensor, layers.fullest * work.expert_params / spread


def state_bytes(work: Work, layouts: Layouts, held: Held) -> Floats:
    """Weights, gradients and optimizer state of the fullest GPU."""
    dense, routed = held.dense, held.routed
    ranks = layouts.data * layouts.context
    copies = np.maximum(ranks * layouts.tensor / (layouts.expert * layouts.expert_tensor), 1.0)
    sharded = layouts.shard > 1
    kept = WEIGHT_BYTES + work.gradient_bytes
    # Fully sharded weights are the master copy themselves.
    whole_state = WEIGHT_BYTES + SHARDED_GRADIENT_BYTES + OPTIMIZER_BYTES
    split, spread = layouts.shard, np.minimum(layouts.shard, copies)
    together = whole_state * (dense / split + routed / spread)
    apart = dense * (kept + OPTIMIZER_BYTES / ranks) + routed * (kept + OPTIMIZER_BYTES / copies)
    whole = GATHERED_LAYERS * WEIGHT_BYTES * (dense + routed) / work.layers
    return np.asarray(np.where(sharded, together + whole, apart))


def activation_bytes(work: Work, layouts: Layouts, held: Held) -> Floats:
    """Activations of the fullest stage: the first one of a pipeline, or the one with the head.

    Full recomputation keeps a checkpoint before every layer; lean stacks before every one, two or
    four, whichever takes least: fewer are kept, more layers are at work at once.
    """
    layers, each, working, logits = held.layers, held.each, held.working, held.logits
    flights = _in_flight(layouts)
    first = each * np.maximum(layers.first * flights[0], layers.fullest * flights[1])
    last = each * layers.last * flights[2] + logits
    whole = np.maximum(first, last) + working
    sparse = [np.maximum(first / e, last / e + logits * (1 - 1 / e)) + working * e for e in (2, 4)]
    full = (layouts.recompute == Recompute.FULL) & (work.lean > 0)
    return np.where(full, np.minimum.reduce([whole, *sparse]), whole)


def _in_flight(layouts: Layouts) -> tuple[Floats, Floats, Floats]:
    """Micro-batches whose activations the first, the second and the last rank hold at most.

    Rank i warms up with p - i of them, interleaved ranks with (2 (p - i) - 1 + (v - 1) p) / v
    (Narayanan et al. 2021, section 2.2; the first is Korthikanti's p + (p - 1) / v).
    """
    stages, turns = layouts.pipeline, layouts.interleave
    count = micro_batches(layouts)

    def at(rank: Floats) -> Floats:
        plain = stages - rank
        woven = (2 * plain - 1 + (turns - 1) * stages) / turns
        return np.asarray(np.minimum(count, np.where(turns > 1, woven, plain)))

    return at(np.zeros(())), at(np.minimum(stages - 1, 1.0)), at(stages - 1)


def micro_batches(layouts: Layouts) -> Floats:
    """Micro-batches of one replica in a step: a whole number of what launchers accept."""
    return np.maximum(layouts.sequences / (layouts.data * layouts.micro_batch), 1.0)


def _values_per_token(work: Work) -> Floats:
    """16-bit values that one layer leaves behind for each token when nothing is recomputed.

    Two norms' inputs and outputs (4 h), query, key, value and output, and the MLP: 34 h bytes
    for GPT-3 as in Korthikanti et al. 2022, less the dropout masks. Of a mixture a copy of the
    token for each of its experts as well: the input of their first multiplication.
    """
    copies = work.mixture_share * work.experts_per_token * work.routed_width
    return 4 * work.hidden + work.mixing_width + work.mlp_width + copies


def kept_per_layer(work: Work, layouts: Layouts) -> Floats:
    """Bytes a token leaves in one layer until its backward pass."""
    none = ACTIVATION_BYTES * _values_per_token(work)
    # Norms and activation functions run again, and so does what latents are expanded by.
    again = 2 * work.hidden + work.mlp_width / 3 + work.expanded
    selective = none - ACTIVATION_BYTES * again
    full = ACTIVATION_BYTES * work.hidden
    scores = np.where(work.flash > 0, 0.0, SCORE_BYTES * work.heads * work.seq_len)
    return np.select(
        [layouts.recompute == Recompute.FULL, layouts.recompute == Recompute.SELECTIVE],
        [full, selective],
        none + scores,
    )
