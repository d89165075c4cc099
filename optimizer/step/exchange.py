"""Seconds that the exchange of gradients and weights adds to a step, and the links it runs on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.step.constants import Constants
from optimizer.step.layouts import Layouts
from optimizer.step.machine import Machine
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

    Inside the fast domain its fabric carries the ring. Beyond, each member in a node brings
    its own network card, so a ring with k members in a node has k cards, and passes between them
    over PCIe where they lie in several domains.
    """
    reach = np.maximum(machine.domain, machine.node)
    members = np.maximum(np.minimum(reach / stride, ranks), 1.0)
    between = np.where(members > 1, scale_up_rate(machine, members * stride), np.inf)
    across = np.minimum(machine.nic_rate * members, between)
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
    groups = _groups(work, layouts)
    reduced = sum((_reduce_seconds(machine, one, fit) for one in groups), np.zeros(()))
    gathered = sum((_gather_seconds(machine, one, fit) for one in groups), np.zeros(()))
    summed = sum((_between_seconds(machine, one, fit) for one in groups), np.zeros(()))
    ranks = layouts.data * layouts.context * layouts.tensor
    everywhere = 2 * _hop_seconds(work, machine, ranks, fit)
    in_group = GATHERS * _hop_seconds(work, machine, layouts.shard * layouts.tensor, fit)
    window = fit.overlap * stage
    once = exposed(reduced + everywhere, window, fit)
    each = exposed(gathered + in_group, fit.overlap_full * stage, fit)
    between = exposed(summed, window, fit)
    sharded = layouts.shard > 1
    return np.where(sharded, each, 0.0), np.where(sharded, between, once)


@dataclass(frozen=True, slots=True)
class Group:
    """Parameters that the same ranks hold: ``ranks`` of them ``stride`` GPUs apart.

    ``size`` is one GPU's part in bytes before any sharding, over ``shard`` of the ranks.
    """

    size: Floats
    ranks: Floats
    shard: Floats
    stride: Floats


def _groups(work: Work, layouts: Layouts) -> tuple[Group, Group]:
    """What every rank holds, and routed experts: their copies lie further apart."""
    dense, routed = split_parameters(work, layouts)
    ranks, spread = layouts.data * layouts.context, layouts.expert * layouts.expert_tensor
    copies = np.maximum(ranks * layouts.tensor / spread, 1.0)
    return (
        Group(BYTES * dense, ranks, layouts.shard, layouts.tensor),
        Group(BYTES * routed, copies, np.minimum(layouts.shard, copies), spread),
    )


def exposed(exchange: Floats, window: Floats, fit: Constants) -> Floats:
    """What an exchange costs beside a window of work: the rest of it, and its use of the GPU."""
    hidden = np.minimum(exchange, window)
    return exchange - hidden + fit.contention * hidden


def _reduce_seconds(machine: Machine, group: Group, fit: Constants) -> Floats:
    """Gradients scattered and weights gathered over all replicas, once."""
    rate = group_rate(machine, group.ranks, group.stride) * fit.network_share
    return 2 * group.size * (group.ranks - 1) / group.ranks / rate


def _gather_seconds(machine: Machine, group: Group, fit: Constants) -> Floats:
    """Weights gathered twice and gradients scattered over one sharding group."""
    rate = group_rate(machine, group.shard, group.stride) * fit.network_share
    return GATHERS * group.size * (group.shard - 1) / group.shard / rate


def _between_seconds(machine: Machine, group: Group, fit: Constants) -> Floats:
    """One share's gradients summed over the sharding groups."""
    groups = np.maximum(group.ranks / group.shard, 1.0)
    rate = group_rate(machine, groups, group.shard * group.stride) * fit.network_share
    return np.asarray(2 * group.size / group.shard * (groups - 1) / groups / rate)


def _hop_seconds(work: Work, machine: Machine, gpus: Floats, fit: Constants) -> Floats:
    """Latency of one collective a layer around a ring through all nodes."""
    nodes = gpus / machine.node
    return np.where(nodes > 1, fit.hop_seconds * nodes * work.layers, 0.0)
