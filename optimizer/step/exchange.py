"""Seconds that the exchange of gradients and weights adds to a step, and the links it runs on."""

import numpy as np
from numpy.typing import NDArray

from optimizer.step.constants import Constants
from optimizer.step.hardware import Machine
from optimizer.step.layouts import Layouts
from optimizer.step.memory import split_parameters
from optimizer.step.work import Work

Floats = NDArray[np.float64]

BYTES = 2.0
# Weights gathered before the forward and the backward pass, gradients scattered after it.
GATHERS = 3.0


def scale_up_rate(machine: Machine, ranks: Floats) -> Floats:
    """Bytes a second between GPUs of a node: the fast fabric as far as it reaches, else PCIe."""
    return np.where(ranks <= machine.domain, machine.scale_up_rate, machine.pcie_rate)


def group_rate(machine: Machine, ranks: Floats, stride: Floats) -> Floats:
    """Bytes a second of a ring of ranks that lie ``stride`` GPUs apart.

    Inside the fast domain its fabric carries the ring. Beyond, each member in a domain brings
    its own network card, so a ring with k members in a node has k cards.
    """
    reach = np.maximum(machine.domain, machine.node)
    members = np.maximum(np.minimum(reach / stride, ranks), 1.0)
    across = np.minimum(machine.nic_rate * members, scale_up_rate(machine, members))
    return np.where(ranks * stride <= reach, scale_up_rate(machine, ranks * stride), across)


def exchange_seconds(
    work: Work, machine: Machine, layouts: Layouts, stage: Floats, count: Floats, fit: Constants
) -> Floats:
    """What the exchange adds to the step, with ``count`` micro-batches of ``stage`` seconds."""
    each, once = exchange_parts(work, machine, layouts, stage, fit)
    return each * count + once


def exchange_parts(
    work: Work, machine: Machine, layouts: Layouts, stage: Floats, fit: Constants
) -> tuple[Floats, Floats]:
    """What the exchange adds to every micro-batch, and once to a step; both grow with replicas.

    Distributed optimizer (ZeRO stage 1): gradients scattered and weights gathered once a step,
    beside the backward pass of one micro-batch. Fully sharded (Zhao et al. 2023,
    arXiv:2304.11277): weights gathered twice and gradients scattered for every micro-batch,
    beside that micro-batch; groups smaller than the fleet sum their shares once a step.
    """
    dense, routed = split_parameters(work, layouts)
    size = BYTES * (dense + routed)
    window = fit.overlap * stage
    once = exposed(_reduce_seconds(work, machine, layouts, size, fit), window, fit)
    each = exposed(
        _gather_seconds(work, machine, layouts, size, fit), fit.overlap_full * stage, fit
    )
    between = exposed(_between_seconds(machine, layouts, size, fit), window, fit)
    sharded = layouts.shard > 1
    return np.where(sharded, each, 0.0), np.where(sharded, between, once)


def exposed(exchange: Floats, window: Floats, fit: Constants) -> Floats:
    """What an exchange costs beside a window of work: the rest of it, and its use of the GPU."""
    hidden = np.minimum(exchange, window)
    return exchange - hidden + fit.contention * hidden


def _reduce_seconds(
    work: Work, machine: Machine, layouts: Layouts, size: Floats, fit: Constants
) -> Floats:
    """Gradients scattered and weights gathered over all replicas, once."""
    ranks = layouts.data * layouts.context
    rate = group_rate(machine, ranks, layouts.tensor) * fit.network_share
    hops = _hop_seconds(work, machine, ranks * layouts.tensor, fit)
    return 2 * (size * (ranks - 1) / ranks / rate + hops)


def _gather_seconds(
    work: Work, machine: Machine, layouts: Layouts, size: Floats, fit: Constants
) -> Floats:
    """Weights gathered twice and gradients scattered over one sharding group."""
    part = layouts.shard
    rate = group_rate(machine, part, layouts.tensor) * fit.network_share
    hops = _hop_seconds(work, machine, part * layouts.tensor, fit)
    return GATHERS * (size * (part - 1) / part / rate + hops)


def _between_seconds(machine: Machine, layouts: Layouts, size: Floats, fit: Constants) -> Floats:
    """One share's gradients summed over the sharding groups."""
    groups = np.maximum(layouts.data * layouts.context / layouts.shard, 1.0)
    rate = group_rate(machine, groups, layouts.shard * layouts.tensor) * fit.network_share
    return np.asarray(2 * size / layouts.shard * (groups - 1) / groups / rate)


def _hop_seconds(work: Work, machine: Machine, gpus: Floats, fit: Constants) -> Floats:
    """Latency of one collective a layer around a ring through all nodes."""
    nodes = gpus / machine.node
    return np.where(nodes > 1, fit.hop_seconds * nodes * work.layers, 0.0)
