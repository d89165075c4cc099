"""Seconds that one optimizer step takes, over all layouts at once.

A step is the slowest pipeline stage times the micro-batches and the bubble, then whatever of
the gradient exchange is not hidden, then the optimizer:

    step = stage · (m + (p − 1) / v) + exposed exchange + optimizer

with m micro-batches, p stages and v interleaved chunks a stage (Narayanan et al. 2021,
arXiv:2104.04473, section 2.2). Every array has one entry a layout, and all times are seconds.
"""

import numpy as np
from numpy.typing import NDArray

from optimizer.step.constants import Constants
from optimizer.step.exchange import exchange_seconds, group_rate, scale_up_rate
from optimizer.step.hardware import ARCHITECTURES, Machine
from optimizer.step.layouts import Layouts, Recompute
from optimizer.step.memory import micro_batches, split_parameters
from optimizer.step.work import Stack, Work

Floats = NDArray[np.float64]

# A backward pass multiplies twice what the forward pass does: by weights and by activations.
PASSES = 3.0
# FlashAttention's backward pass recomputes the scores: 2.5 forward passes (Dao et al. 2022).
FLASH_PASSES = 3.5
BYTES = 2.0
# A stage's chunk cannot be cut finer than one layer; the vocabulary's two ends count as two.
ENDS = 2.0
# Fleets of more GPUs than this meet stragglers and jitter.
STRAGGLERS_BEYOND = 8
# The year that the constant for a vendor's stack is of.
TUNED_IN = 2024
# Master weights, gradients and moments read and written, weights written, for each parameter.
OPTIMIZER_TRAFFIC_BYTES = 30.0


def step_seconds(
    work: Work,
    machine: Machine,
    layouts: Layouts,
    fit: Constants,
    stage: Floats | None = None,
) -> Floats:
    """Seconds of one step on each layout, shape (layouts,); ``stage`` where it is known."""
    if stage is None:
        stage = slowest_stage(work, machine, layouts, fit)
    count = micro_batches(work, layouts)
    pipeline = stage * (count + (layouts.pipeline - 1) / layouts.interleave)
    pipeline += hand_over_seconds(work, machine, layouts) * count
    exchange = exchange_seconds(work, machine, layouts, stage, count, fit)
    step = pipeline + exchange + optimizer_seconds(work, machine, layouts)
    return step * stack_factor(work, machine, fit)


def slowest_stage(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """The slowest stage's seconds on one micro-batch: the same on any number of replicas."""
    layer = layer_seconds(work, machine, layouts, fit)
    head = head_seconds(work, machine, layouts, fit)
    return stage_seconds(work, layouts, layer, head)


def stack_factor(work: Work, machine: Machine, fit: Constants) -> Floats:
    """Step time of the software stack against a typical one.

    A vendor's stack still gains every year. A mixture's own constants hold its gains.
    """
    gained = np.where(work.experts > 1, 1.0, fit.yearly ** (work.year - TUNED_IN))
    tuned = np.where(is_tuned(work, machine), fit.tuned * gained, 1.0)
    return np.where(work.stack == Stack.EARLY, fit.early, tuned)


def is_tuned(work: Work, machine: Machine) -> NDArray[np.bool_]:
    """Whether a vendor's stack is ahead: on A100 what teams run measured as fast."""
    young = machine.architecture > ARCHITECTURES.index("ampere")
    return np.asarray((work.stack == Stack.TUNED) & young)


def practice_factor(work: Work, machine: Machine, gpus: Floats, fit: Constants) -> Floats:
    """Step time of what teams run against the best layout: it grows with the fleet's size.

    Stragglers, jitter and layouts never tried cost a little more with each doubling beyond
    one node of eight. A vendor that tunes its stack tries the layouts.
    """
    doublings = np.log2(np.maximum(gpus, STRAGGLERS_BEYOND) / STRAGGLERS_BEYOND)
    return np.where(is_tuned(work, machine), 1.0, fit.practice * fit.doubling**doublings)


def tokens_at_once(work: Work, layouts: Layouts) -> Floats:
    """Tokens of a micro-batch on one context rank."""
    return layouts.micro_batch * work.seq_len / layouts.context


def matrix_rate(
    work: Work, machine: Machine, layouts: Layouts, tokens: Floats, fit: Constants
) -> Floats:
    """FLOP a second of a multiplication with these tokens: saturating in width and in tokens."""
    width = work.hidden / layouts.tensor
    slow = 1 + fit.half_width / width + fit.half_tokens / tokens
    share = machine.power_share * fit.efficiency(machine.architecture)
    return np.asarray(machine.wide_flops * share / slow)


def layer_seconds(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """One layer, forward and backward, on one micro-batch."""
    again = np.where(layouts.recompute == Recompute.FULL, fit.recompute, 0.0)
    some = np.where(layouts.recompute == Recompute.NONE, 0.0, 1.0)
    flash = work.flash
    multiply = multiply_seconds(work, machine, layouts, fit) * (PASSES + again)
    passes = np.where(flash > 0, FLASH_PASSES + again, PASSES + some)
    attend = attention_seconds(work, machine, layouts, fit) * passes
    move = traffic_seconds(work, machine, layouts, fit) * (PASSES + some)
    talk = tensor_seconds(work, machine, layouts, fit) * (2 + again)
    context = context_seconds(work, machine, layouts) * (PASSES + again)
    route = route_seconds(work, machine, layouts, fit) * (2 + again)
    fixed = fit.layer_seconds + np.where(layouts.tensor > 1, fit.tensor_seconds, 0.0)
    fixed = fixed + np.where(work.experts > 1, fit.routed_seconds, 0.0)
    ring = np.maximum(context - attend, 0.0)
    launch = fixed * (1 + again / PASSES)
    return np.asarray(multiply + attend + move + talk + ring + route + launch)


def multiply_seconds(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """A layer's weights times a micro-batch, forward."""
    tokens = tokens_at_once(work, layouts)
    flop = 2 * work.layer_params * tokens / layouts.tensor
    routed = work.routed_share
    low = machine.low_precision
    gain = np.where(low > 0, machine.peak_flops / machine.wide_flops * fit.low_precision, 1.0)
    dense = flop * (1 - routed) / (matrix_rate(work, machine, layouts, tokens, fit) * gain)
    # Each expert sees its share of the tokens of all ranks that send to it.
    share = work.experts_per_token / np.maximum(work.experts, 1.0)
    tokens_per_expert = tokens * share * layouts.expert
    rate = matrix_rate(work, machine, layouts, tokens_per_expert, fit) * fit.routed
    return dense + flop * routed / (rate * (1 + (gain - 1) * fit.routed_gain))


def attention_seconds(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """Scores and their product with the values, forward; always in 16 bit.

    4 · s · width FLOP a token over the whole square, half of it where a causal kernel skips the
    rest. Without FlashAttention the s × s scores cross the memory bus as well.
    """
    tokens = tokens_at_once(work, layouts)
    square = 4 * work.seq_len * work.attention_width * tokens / layouts.tensor
    flop = np.where(work.flash > 0, square / 2, square)
    rate = machine.wide_flops * machine.power_share * fit.efficiency(machine.architecture)
    scores = work.heads / layouts.tensor * tokens * work.seq_len * BYTES
    written = np.where(work.flash > 0, 0.0, scores * fit.score_passes / machine.memory_rate)
    return flop / (rate * fit.attention) + written


def traffic_seconds(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """Norms, residuals and activation functions, forward: bound by memory, not by FLOP."""
    values = 4 * work.hidden + work.mlp_width
    tokens = tokens_at_once(work, layouts) / layouts.tensor
    return fit.memory_passes * values * tokens * BYTES / machine.memory_rate


def tensor_seconds(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """Two all-reduces of the activations in a layer, forward (Shoeybi et al. 2019)."""
    tensor = layouts.tensor
    size = tokens_at_once(work, layouts) * work.hidden * BYTES
    rate = scale_up_rate(machine, tensor) * fit.tensor_share
    return 2 * 2 * (tensor - 1) / tensor * size / rate


def context_seconds(work: Work, machine: Machine, layouts: Layouts) -> Floats:
    """Keys and values around the ring of context ranks, forward (Liu et al. 2023)."""
    size = tokens_at_once(work, layouts) * 2 * work.kv_width / layouts.tensor * BYTES
    rate = group_rate(machine, layouts.context, layouts.tensor)
    return (layouts.context - 1) * size / rate


def route_seconds(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """Tokens to their experts and back, forward: two all-to-alls, and the sorting around them."""
    tokens = tokens_at_once(work, layouts) / layouts.tensor
    mixture = work.experts > 1
    size = tokens * work.experts_per_token * work.hidden * BYTES
    sent = size * (layouts.expert - 1) / layouts.expert
    reach = np.maximum(machine.domain, machine.node)
    near = layouts.expert <= reach
    rate = np.where(near, scale_up_rate(machine, layouts.expert), machine.nic_rate)
    sort = fit.routed_passes * size / machine.memory_rate
    return np.where(mixture, 2 * sent / (rate * fit.network_share) + sort, 0.0)


def head_seconds(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """The projection to the vocabulary on one micro-batch, forward and backward, in 16 bit."""
    tokens = tokens_at_once(work, layouts)
    flop = PASSES * 2 * work.hidden * work.vocab * tokens / layouts.tensor
    loss = PASSES * 4 * BYTES * work.vocab * tokens / layouts.tensor / machine.memory_rate
    return flop / matrix_rate(work, machine, layouts, tokens, fit) + loss


def stage_seconds(work: Work, layouts: Layouts, layer: Floats, head: Floats) -> Floats:
    """The slowest stage on one micro-batch, the better of two ways to cut the layers.

    Either every stage has the same layers and the last one the vocabulary as well, or the
    vocabulary's two ends count as a layer each (Llama 3: 126 + 2 = 16 · 8; BLOOM: 70 + 2).
    """
    even = np.ceil(work.layers / layouts.pipeline) * layer + head
    uneven = np.maximum(np.ceil((work.layers + ENDS) / layouts.pipeline) * layer, head)
    whole = work.layers * layer + head
    return np.where(layouts.pipeline > 1, np.minimum(even, uneven), whole)


def hand_over_seconds(work: Work, machine: Machine, layouts: Layouts) -> Floats:
    """Activations to the next stage and gradients back, for each micro-batch."""
    size = tokens_at_once(work, layouts) * work.hidden / layouts.tensor * BYTES
    across = layouts.pipeline * layouts.tensor > np.maximum(machine.domain, machine.node)
    rate = np.where(across, machine.nic_rate, machine.scale_up_rate)
    return np.where(layouts.pipeline > 1, 2 * layouts.interleave * size / rate, 0.0)


def optimizer_seconds(work: Work, machine: Machine, layouts: Layouts) -> Floats:
    """Adam over one GPU's share of the optimizer's state: bound by memory."""
    dense, routed = split_parameters(work, layouts)
    ranks = layouts.data * layouts.context
    share = (dense + routed) / np.where(layouts.shard > 1, layouts.shard, ranks)
    return share * OPTIMIZER_TRAFFIC_BYTES / machine.memory_rate
