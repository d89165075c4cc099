"""A training step to lay out: model, machine, batch, and what may be chosen."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from catalog import Gpu, Precision
from optimizer.step.constants import Constants, shipped_constants
from optimizer.step.layouts import Choices, Layouts, replicas, widest_tensor
from optimizer.step.machine import Machine, architecture_of, fast_domain, machine_of
from optimizer.step.practice import NEUTRAL, Practice
from optimizer.step.sharing import BATCH_ROOM
from optimizer.step.transformer import Transformer
from optimizer.step.work import WIDE_GRADIENT_BYTES, Work, work_of

Floats = NDArray[np.float64]


class BatchError(ValueError):
    """A global batch that cannot be split over a fleet."""


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A training step to lay out: model, machine, batch, and what may be chosen.

    ``sequences`` is the global batch, ``room`` the share by which it may move. ``practice`` is what
    teams reach of such a step, ``few`` the same with the range of fleets of a few GPUs, ``piloted``
    that the user measured such steps on this part. A summed gradient takes ``gradient_bytes``. The
    machine's node and fast domain bound the layouts. A setting equals only itself, and so can be a
    key.
    """

    shape: Transformer
    machine: Machine
    node: int
    domain: int
    seq_len: int
    sequences: float
    room: float = BATCH_ROOM
    flash: bool = True
    gradient_bytes: float = WIDE_GRADIENT_BYTES
    practice: Practice = NEUTRAL
    few: Practice = NEUTRAL
    piloted: bool = False
    choices: Choices = field(default_factory=Choices)
    fit: Constants = field(default_factory=shipped_constants)

    @property
    def work(self) -> Work:
        """One step's work."""
        return work_of(self.shape, self.seq_len, self.sequences, self.flash, self.gradient_bytes)

    def slower(self, gpus: Floats | float) -> Floats:
        """Step time in practice against the model's on so many GPUs."""
        return self.practice.slower(gpus, self.sequences * self.seq_len)

    def kinds(self) -> Layouts:
        """Every way to hold the model once on this machine."""
        return replicas_of(self.shape, self.seq_len, self.node, self.widest, self.choices)

    @property
    def widest(self) -> int:
        """The most ranks of tensor parallelism on this machine."""
        return widest_tensor(self.node, self.domain, self.choices)


def make_setting(
    shape: Transformer,
    gpu: Gpu,
    precision: Precision,
    *,
    gpus_per_node: int,
    nic_gbps_per_gpu: float | None,
    seq_len: int,
    global_batch_tokens: float,
    room: float = BATCH_ROOM,
    gradient_bytes: float = WIDE_GRADIENT_BYTES,
    practice: Practice | None = None,
    few: Practice | None = None,
    piloted: bool = False,
    fit: Constants | None = None,
) -> Setting:
    """The setting of a model on a part in its node on its network."""
    if global_batch_tokens < seq_len:
        batch = f"a batch of {global_batch_tokens:,.0f} tokens"
        raise BatchError(f"{batch} holds no sequence; expected at least {seq_len:,}")
    return Setting(
        shape=shape,
        machine=machine_of(gpu, precision, gpus_per_node, nic_gbps_per_gpu),
        node=gpus_per_node,
        domain=fast_domain(gpu, gpus_per_node),
        seq_len=seq_len,
        sequences=global_batch_tokens / seq_len,
        room=room,
        gradient_bytes=gradient_bytes,
        # FlashAttention-2 needs Ampere or younger.
        flash=architecture_of(gpu) != "volta",
        practice=practice or NEUTRAL,
        few=few or practice or NEUTRAL,
        piloted=piloted,
        fit=fit or shipped_constants(),
    )


@lru_cache(maxsize=256)
def replicas_of(
    shape: Transformer, seq_len: int, node: int, widest: int, choices: Choices
) -> Layouts:
    """``replicas``, remembered: offers of one node size ask for the same ones again."""
    return replicas(shape, seq_len, node, widest, choices)


def ideal_seconds(setting: Setting, gpus: Floats) -> Floats:
    """Seconds of a step of the batch asked for at an MFU of 1."""
    flop = 6 * setting.shape.active_parameters * setting.sequences * setting.seq_len
    return np.asarray(flop / (gpus * setting.machine.peak_flops))
