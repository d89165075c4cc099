"""Bytes each GPU holds: weights, gradients, optimizer state, activations and a reserve.

State is Adam in mixed precision: weights and gradients in 16 bit, a 32-bit master copy and two
moments (Rajbhandari et al. 2020, ZeRO, arXiv:1910.02054, section 3.1). Activations follow
Korthikanti et al. 2022 (arXiv:2205.05198, section 4) with the s × s matrix left out where
FlashAttention is used (Dao et al. 2022, arXiv:2205.14135).
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.step.hardware import Machine
from optimizer.step.layouts import Layouts, Recompute
from optimizer.step.work import Work

Floats = NDArray[np.float64]

WEIGHT_BYTES = 2.0
# Gradients in 16 bit, as the leanest stacks keep them; 32-bit ones take 2 bytes more.
GRADIENT_BYTES = 2.0
# A 32-bit master copy and two 32-bit moments.
OPTIMIZER_BYTES = 12.0
ACTIVATION_BYTES = 2.0
# Scores, softmax and dropout mask of unfused attention (Korthikanti et al. 2022, equation 2).
SCORE_BYTES = 5.0
# The logits in 16 bit and their gradient in 16 bit, the softmax fused with the loss.
LOGIT_BYTES = 4.0
# CUDA context, communication buffers and fragmentation.
RESERVE_BYTES = 1e9
USABLE_SHARE = 0.97


def bytes_per_gpu(work: Work, layouts: Layouts, per_layer: Floats | None = None) -> Floats:
    """Bytes on the fullest GPU, shape (layouts,); ``per_layer`` where it is known."""
    activations = activation_bytes(work, layouts, per_layer)
    return state_bytes(work, layouts) + activations + RESERVE_BYTES


def fits(work: Work, machine: Machine, layouts: Layouts) -> NDArray[np.bool_]:
    """Whether each layout fits the GPU's memory."""
    return np.asarray(bytes_per_gpu(work, layouts) <= usable_bytes(machine))


def usable_bytes(machine: Machine) -> Floats:
    """What of the GPU's memory a layout may fill."""
    return USABLE_SHARE * machine.memory_bytes


def split_parameters(work: Work, layouts: Layouts) -> tuple[Floats, Floats]:
    """Parameters of one GPU before any sharding: those every rank has, and routed experts."""
    routed = work.layers * work.expert_params
    dense = (work.parameters - routed) / (layouts.tensor * layouts.pipeline)
    # Experts lie on expert-parallel ranks in place of tensor-parallel ones.
    spread = np.maximum(layouts.expert, layouts.tensor)
    return dense, routed / (layouts.pipeline * spread)


def state_bytes(work: Work, layouts: Layouts) -> Floats:
    """Weights, gradients and optimizer state of one GPU."""
    dense, routed = split_parameters(work, layouts)
    ranks = layouts.data * layouts.context
    copies = np.maximum(ranks * layouts.tensor / np.maximum(layouts.expert, layouts.tensor), 1.0)
    sharded = layouts.shard > 1
    kept = WEIGHT_BYTES + GRADIENT_BYTES
    split = np.where(sharded, layouts.shard, 1.0)
    dense_bytes = dense * (kept / split + OPTIMIZER_BYTES / np.where(sharded, split, ranks))
    held = np.minimum(split, copies)
    routed_bytes = routed * (kept / held + OPTIMIZER_BYTES / np.where(sharded, held, copies))
    # Fully sharded: about one layer stands whole, the module at work and the one fetched next.
    whole = WEIGHT_BYTES * (dense + routed) / work.layers
    return np.asarray(dense_bytes + routed_bytes + np.where(sharded, whole, 0.0))


def activation_bytes(work: Work, layouts: Layouts, per_layer: Floats | None = None) -> Floats:
    """Activations of the fullest stage: the first one of a pipeline, or the one with the head.

    Full recomputation keeps a checkpoint before every one, two or four layers, whichever is
    leanest: fewer are kept, more layers are at work at once.
    """
    tokens = layouts.micro_batch * work.seq_len / layouts.context / layouts.tensor
    layers = work.layers / layouts.pipeline
    kept = tokens * layers * (kept_per_layer(work, layouts) if per_layer is None else per_layer)
    working = tokens * _values_per_token(work) * ACTIVATION_BYTES
    logits = tokens * work.vocab * LOGIT_BYTES
    # Interleaved stages warm up with more micro-batches (Korthikanti et al. 2022, section 4).
    more = np.where(layouts.interleave > 1, (layouts.pipeline - 1) / layouts.interleave, 0.0)
    flights = np.minimum(micro_batches(work, layouts), layouts.pipeline + more)
    first = np.where(layouts.pipeline > 1, kept * flights, 0.0)
    last = kept * np.minimum(flights, 2.0) + logits
    whole = np.maximum(first, last) + working
    full = layouts.recompute == Recompute.FULL
    sparse = [np.maximum(first / e, last / e + logits * (1 - 1 / e)) + working * e for e in (2, 4)]
    return np.where(full, np.minimum.reduce([whole, *sparse]), whole)


def micro_batches(work: Work, layouts: Layouts) -> Floats:
    """Micro-batches of one replica in a step; a team rounds its batch to a whole number."""
    return np.maximum(work.sequences / (layouts.data * layouts.micro_batch), 1.0)


def _values_per_token(work: Work) -> Floats:
    """16-bit values that one layer leaves behind for each token when nothing is recomputed.

    Two norms' inputs and outputs (4 h), query, key, value and output, and the MLP: 34 h bytes
    for GPT-3 as in Korthikanti et al. 2022, less the dropout masks.
    """
    return 4 * work.hidden + work.mixing_width + work.mlp_width


def kept_per_layer(work: Work, layouts: Layouts) -> Floats:
    """Bytes a token leaves in one layer until its backward pass."""
    none = ACTIVATION_BYTES * _values_per_token(work)
    # Norms and activation functions run again, their outputs are not kept.
    selective = none - ACTIVATION_BYTES * (2 * work.hidden + work.mlp_width / 3)
    full = ACTIVATION_BYTES * work.hidden
    scores = np.where(work.flash > 0, 0.0, SCORE_BYTES * work.heads * work.seq_len)
    return np.select(
        [layouts.recompute == Recompute.FULL, layouts.recompute == Recompute.SELECTIVE],
        [full, selective],
        none + scores,
    )
