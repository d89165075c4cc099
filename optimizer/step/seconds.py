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
from optimizer.step.exchange import exchange_seconds, exposed, group_rate, scale_up_rate
from optimizer.step.layouts import Layouts, Recompute
from optimizer.step.machine import EIGHT_BIT, SIXTEEN_BIT, Machine
from optimizer.step.memory import cut, micro_batches, split_parameters
from optimizer.step.work import Work

Floats = NDArray[np.float64]

# A backward pass multiplies twice what the forward pass does: by weights and by activations.
PASSES = 3.0
# FlashAttention's backward pass recomputes the scores: 2.5 forward passes (Dao et al. 2022).
FLASH_PASSES = 3.5
BYTES = 2.0
# DeepSeek-V3 sends a token to four nodes at most (arXiv:2412.19437, section 2.1.2), and one copy
# to each: there the fast fabric passes it on.
MOST_NODES_PER_TOKEN = 4.0
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
    count = micro_batches(layouts)
    pipeline = stage * (count + (layouts.pipeline - 1) / layouts.interleave)
    pipeline += hand_over_seconds(work, machine, layouts) * count
    exchange = exchange_seconds(work, machine, layouts, stage, count, fit)
    step = pipeline + exchange + optimizer_seconds(work, machine, layouts)
    return step * era_factor(work, fit)


def slowest_stage(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """The slowest stage's seconds on one micro-batch: the same on any number of replicas."""
    layer = layer_seconds(work, machine, layouts, fit)
    head = head_seconds(work, machine, layouts, fit)
    return stage_seconds(work, layouts, layer, head)


def era_factor(work: Work, fit: Constants) -> Floats:
    """Step time of software from before FlashAttention against later software."""
    return np.where(work.flash > 0, 1.0, fit.early)


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
    multiply = multiply + expand_seconds(work, machine, layouts, fit)
    passes = np.where(flash > 0, FLASH_PASSES + again, PASSES + some)
    attend = attention_seconds(work, machine, layouts, fit) * passes
    move = traffic_seconds(work, machine, layouts, fit) * (PASSES + some)
    talk = tensor_seconds(work, machine, layouts, fit) * (2 + again)
    context = context_seconds(work, machine, layouts) * (PASSES + again)
    route = route_seconds(work, machine, layouts, fit) * (2 + again)
    fixed = fit.layer_seconds + np.where(layouts.tensor > 1, fit.tensor_seconds, 0.0)
    fixed = fixed + fit.routed_seconds * work.mixture_share
    ring = np.maximum(context - attend, 0.0)
    launch = fixed * (1 + again / PASSES)
    return np.asarray(multiply + attend + move + talk + ring + route + launch)


def multiply_seconds(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """A layer's weights times a micro-batch, forward."""
    dense, routed = work.layer_params - work.routed_params, work.routed_params
    tokens = tokens_at_once(work, layouts)
    gain = low_precision_gain(machine, fit)
    flop = 2 * dense * tokens / layouts.tensor
    seconds = flop / (matrix_rate(work, machine, layouts, tokens, fit) * gain)
    return seconds + 2 * routed * tokens / layouts.tensor / expert_rate(
        work, machine, layouts, tokens, fit
    )


def expand_seconds(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """Latents expanded once more in the backward pass, where recomputation is selective."""
    tokens = tokens_at_once(work, layouts)
    flop = 2 * work.expanding * tokens / layouts.tensor
    rate = matrix_rate(work, machine, layouts, tokens, fit) * low_precision_gain(machine, fit)
    return np.where(layouts.recompute == Recompute.SELECTIVE, flop / rate, 0.0)


def low_precision_gain(machine: Machine, fit: Constants) -> Floats:
    """How much faster multiplications of fewer bits run than those in 16, casts included.

    Of 4 bits a part's nominal rate may be two or three times that of 8: the casts and scales
    that surround them leave a power of it. The last layers stay in 16 bit.
    """
    eight = machine.peak_flops / machine.wide_flops
    four = np.where(machine.bits < EIGHT_BIT, machine.peak_flops / machine.eight_flops, 1.0)
    eight = np.where(machine.bits < EIGHT_BIT, machine.eight_flops / machine.wide_flops, eight)
    scaled = np.where(machine.block_scaled > 0, fit.block_scaled, 1.0)
    low = np.where(eight > 1, eight * fit.low_precision * scaled, 1.0) * four**fit.four_bit
    return np.asarray(np.where(machine.bits < SIXTEEN_BIT, low, 1.0))


def expert_rate(
    work: Work, machine: Machine, layouts: Layouts, tokens: Floats, fit: Constants
) -> Floats:
    """FLOP a second of the routed experts' multiplications.

    Each expert sees its share of the tokens of all ranks that send to it, and is as narrow as
    the narrower of its two sides.
    """
    share = work.experts_per_token / np.maximum(work.experts, 1.0)
    seen = tokens * share * layouts.expert
    across = np.maximum(layouts.tensor / layouts.expert, 1.0)
    width = np.minimum(work.routed_width, np.maximum(work.expert_width, 1.0) / across)
    slow = 1 + fit.routed_half_width / width + fit.half_tokens / np.maximum(seen, 1e-9)
    rate = machine.wide_flops * machine.power_share * fit.efficiency(machine.architecture)
    gain = 1 + (low_precision_gain(machine, fit) - 1) * fit.routed_gain
    return np.asarray(rate * fit.routed * gain / slow)


def attention_seconds(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """Scores and their product with the values, forward; always in 16 bit.

    4 · s · width FLOP a token over the whole square, half of it where a causal kernel skips the
    rest; s is the window where a layer has one. Linear and state-space layers spend 2 FLOP a
    multiply-add of their state. Without FlashAttention the s × s scores cross the memory bus as
    well.
    """
    tokens = tokens_at_once(work, layouts)
    square = 4 * work.attended * work.attention_width * tokens / layouts.tensor
    flop = np.where(work.flash > 0, square / 2, square)
    flop = flop + 2 * work.state_work * tokens / layouts.tensor
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
    """Tokens to their experts and back, forward: two all-to-alls, and the sorting around them.

    Part of the all-to-alls hides beside the multiplications of another micro-batch's layer.
    """
    tokens = tokens_at_once(work, layouts) / layouts.tensor
    size = tokens * work.experts_per_token * work.routed_width * BYTES
    sort = fit.routed_passes * size / machine.memory_rate
    sent = 2 * _sent_seconds(work, machine, layouts, tokens, fit)
    beside = fit.routed_overlap * multiply_seconds(work, machine, layouts, fit)
    shown = exposed(sent, beside, fit)
    return np.where(work.experts > 1, work.mixture_share * (shown + sort), 0.0)


def _sent_seconds(
    work: Work, machine: Machine, layouts: Layouts, tokens: Floats, fit: Constants
) -> Floats:
    """One all-to-all: a copy to each other node over the network, then on inside the node."""
    reach = experts_together(machine, layouts)
    nodes = np.maximum(layouts.expert / reach, 1.0)
    met = nodes * (1 - (1 - 1 / nodes) ** work.experts_per_token)
    away = np.minimum(met, MOST_NODES_PER_TOKEN) * (nodes - 1) / nodes
    far = tokens * away * work.routed_width * BYTES / machine.nic_rate
    inside = np.minimum(layouts.expert, reach)
    size = tokens * work.experts_per_token * work.routed_width * BYTES
    near = size * (inside - 1) / inside / scale_up_rate(machine, inside)
    return np.asarray((far + near) / fit.network_share)


def experts_together(machine: Machine, layouts: Layouts) -> Floats:
    """Expert ranks in one fast domain: a node that they do not tile holds parts of two groups."""
    reach = np.maximum(machine.domain, machine.node)
    straddles = (machine.node > layouts.expert) & (machine.node % layouts.expert > 0)
    common = np.gcd(layouts.expert.astype(np.int64), machine.node.astype(np.int64))
    return np.where(straddles, common, reach)


def head_seconds(work: Work, machine: Machine, layouts: Layouts, fit: Constants) -> Floats:
    """The projection to the vocabulary on one micro-batch, forward and backward, in 16 bit."""
    tokens = tokens_at_once(work, layouts)
    flop = PASSES * 2 * work.hidden * work.vocab * tokens / layouts.tensor
    loss = PASSES * 4 * BYTES * work.vocab * tokens / layouts.tensor / machine.memory_rate
    return flop / matrix_rate(work, machine, layouts, tokens, fit) + loss


def stage_seconds(work: Work, layouts: Layouts, layer: Floats, head: Floats) -> Floats:
    """The slowest rank's seconds on one micro-batch: the fullest one, or the one with the head."""
    layers = cut(work, layouts)
    return np.maximum(layers.fullest * layer, layers.last * layer + head)


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
