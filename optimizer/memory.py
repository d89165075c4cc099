"""The fewest GPUs that hold a model: a first rule, clear rather than clever.

A GPU holds its share of the training state and the activations of one sequence:

    state        16 bytes a parameter, sharded over all GPUs: weights and gradients in 16 bit,
                 a 32-bit master copy and two Adam moments
                 (Rajbhandari et al. 2020, ZeRO, https://arxiv.org/abs/1910.02054, section 3.1)
    activations  s·h·(2·L + 34) bytes with full recomputation, s sequence, h hidden, L layers:
                 the input of each layer, and one layer at work with FlashAttention
                 (Korthikanti et al. 2022, https://arxiv.org/abs/2205.05198, sections 4 and 5),
                 split by tensor parallelism inside the node's fast domain

and a tenth of its memory stays free for buffers and fragmentation.
"""

import math

from catalog import Gpu
from problems import ModelShape

STATE_BYTES_PER_PARAMETER = 16
USABLE_SHARE = 0.9
BYTES_PER_GB = 1e9

# Tensor parallelism pays only over NVLink and its likes; over PCIe it is slower than waiting.
_FAST_DOMAIN_GB_PER_S = 100
_LARGEST_TENSOR_PARALLEL = 8


def tensor_parallel(gpu: Gpu, gpus_per_node: int) -> int:
    """GPUs of one node that share each layer: those joined by a fast fabric, at most 8."""
    if gpu.scale_up_gb_per_s < _FAST_DOMAIN_GB_PER_S:
        return 1
    return min(gpu.scale_up_gpus, gpus_per_node, _LARGEST_TENSOR_PARALLEL)


def activation_gb(shape: ModelShape, seq_len: int, tensor: int) -> float:
    """GB of activations on each GPU, one sequence in flight."""
    return seq_len * shape.hidden * (2 * shape.layers + 34) / tensor / BYTES_PER_GB


def memory_gb(shape: ModelShape, seq_len: int, tensor: int, gpus: int) -> float:
    """GB each of ``gpus`` GPUs needs for this model."""
    state = STATE_BYTES_PER_PARAMETER * shape.parameters / gpus / BYTES_PER_GB
    return state + activation_gb(shape, seq_len, tensor)


def fewest_gpus(shape: ModelShape, seq_len: int, gpu: Gpu, gpus_per_node: int) -> int | None:
    """The fewest GPUs, in nodes of that size, that hold the model; None where no number does."""
    tensor = tensor_parallel(gpu, gpus_per_node)
    left = gpu.memory_gb * USABLE_SHARE - activation_gb(shape, seq_len, tensor)
    if left <= 0:
        return None
    state = STATE_BYTES_PER_PARAMETER * shape.parameters / BYTES_PER_GB
    return max(1, math.ceil(state / left))
