"""The layout a good team would choose on a fleet: the fastest that fits, and its MFU."""

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from catalog import Gpu, Precision
from optimizer.step.constants import Constants, shipped_constants
from optimizer.step.hardware import (
    HIGHEST_MFU,
    Machine,
    architecture_of,
    fast_domain,
    machine_of,
)
from optimizer.step.layouts import (
    Choices,
    Layouts,
    Recompute,
    exists_on,
    fill,
    on_fleet,
    replicas,
)
from optimizer.step.memory import bytes_per_gpu, fits
from optimizer.step.practice import NEUTRAL, Practice
from optimizer.step.seconds import step_seconds
from optimizer.step.transformer import Transformer
from optimizer.step.work import Work, work_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BYTES_PER_GB = 1e9


class BatchError(ValueError):
    """A global batch that cannot be split over a fleet."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How one fleet splits a model and a batch; ``idle`` GPUs are left over."""

    tensor: int
    pipeline: int
    interleave: int
    context: int
    data: int
    expert: int
    micro_batch: int
    recompute: str
    sharding: str
    shard: int
    idle: int

    def __str__(self) -> str:
        """The layout in the field's shorthand, parts of 1 left out."""
        parts = [
            ("TP", self.tensor),
            ("PP", self.pipeline),
            ("interleave", self.interleave),
            ("CP", self.context),
            ("EP", self.expert),
        ]
        said = [f"{name} {ranks}" for name, ranks in parts if ranks > 1]
        said += [f"DP {self.data}", f"micro-batch {self.micro_batch}", self.sharding]
        if self.recompute != "none":
            said.append(f"{self.recompute} recomputation")
        return ", ".join(said)


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A training step to lay out: model, machine, batch, and what may be chosen.

    ``sequences`` is the global batch. ``practice`` is what teams reach of such a step, ``few``
    the same with the range of fleets of a few GPUs, ``piloted`` that the user measured such steps
    on this part. The machine's node and fast domain bound the
    layouts. A setting equals only itself, and so can be a key.
    """

    shape: Transformer
    machine: Machine
    node: int
    domain: int
    seq_len: int
    sequences: float
    flash: bool = True
    practice: Practice = NEUTRAL
    few: Practice = NEUTRAL
    piloted: bool = False
    choices: Choices = field(default_factory=Choices)
    fit: Constants = field(default_factory=shipped_constants)

    @property
    def work(self) -> Work:
        """One step's work."""
        return work_of(self.shape, self.seq_len, self.sequences, self.flash)

    def slower(self, gpus: Floats | float) -> Floats:
        """Step time in practice against the model's on so many GPUs."""
        return self.practice.slower(gpus, self.sequences * self.seq_len)

    def kinds(self) -> Layouts:
        """Every way to hold the model once on this machine."""
        return replicas_of(self.shape, self.seq_len, self.node, self.domain, self.choices)


def make_setting(
    shape: Transformer,
    gpu: Gpu,
    precision: Precision,
    *,
    gpus_per_node: int,
    nic_gbps_per_gpu: float | None,
    seq_len: int,
    global_batch_tokens: float,
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
        # FlashAttention-2 needs Ampere or younger.
        flash=architecture_of(gpu) != "volta",
        practice=practice or NEUTRAL,
        few=few or practice or NEUTRAL,
        piloted=piloted,
        fit=fit or shipped_constants(),
    )


@lru_cache(maxsize=256)
def replicas_of(
    shape: Transformer, seq_len: int, node: int, domain: int, choices: Choices
) -> Layouts:
    """``replicas``, remembered: offers of one node size ask for the same ones again."""
    return replicas(shape, seq_len, node, domain, choices)


@dataclass(frozen=True, slots=True)
class Found:
    """The best layout of a fleet, its step time, MFU and memory."""

    layout: Layout
    seconds: float
    mfu: float
    memory_gb: float


@lru_cache(maxsize=8192)
def best_layout(setting: Setting, gpus: int) -> Found | None:
    """The fastest layout on whole replicas of that many GPUs; None where nothing fits.

    Where replicas do not fill the fleet some GPUs stay idle, and MFU counts them.
    """
    layouts = on_fleet(setting.kinds(), gpus, setting.sequences, idle=True)
    layouts = layouts.take(fits(setting.work, setting.machine, layouts))
    if not len(layouts):
        return None
    seconds = step_seconds(setting.work, setting.machine, layouts, setting.fit)
    ideal = ideal_seconds(setting, np.asarray(float(gpus)))
    seconds = np.maximum(seconds * setting.slower(gpus), ideal / HIGHEST_MFU)
    best = int(np.argmin(seconds))
    chosen = layouts.take(np.array([best]))
    memory = float(bytes_per_gpu(setting.work, chosen)[0]) / BYTES_PER_GB
    mfu = ideal / seconds[best]
    return Found(_described(chosen, gpus), float(seconds[best]), float(mfu), memory)


def mfu_by_kind(setting: Setting, kinds: Layouts, gpus: Floats) -> Floats:
    """MFU of each kind of replica at each fleet size, shape (kinds, sizes); 0 where none fits.

    Sizes between whole replicas interpolate: a team that meets one adds or drops a few nodes.
    """
    held = _held(setting, by_size(kinds, gpus))
    mfu = np.zeros(held.shape)
    some: Bools = np.asarray(held.any(axis=1))
    layouts = by_size(kinds.take(some), gpus)
    seconds = step_seconds(setting.work, setting.machine, layouts, setting.fit)
    ideal = ideal_seconds(setting, gpus)
    seconds = np.maximum(seconds * setting.slower(gpus), ideal / HIGHEST_MFU)
    mfu[some] = np.where(held[some], ideal / seconds, 0.0)
    return mfu


def by_size(kinds: Layouts, gpus: Floats) -> Layouts:
    """Each kind at each fleet size, shape (kinds, sizes)."""
    columns = replace(kinds, **{name: getattr(kinds, name)[:, None] for name in kinds.__slots__})
    return fill(columns, gpus / columns.replica)


def _held(setting: Setting, layouts: Layouts) -> Bools:
    exists = exists_on(layouts, setting.sequences, whole=False)
    return exists & fits(setting.work, setting.machine, layouts)


def ideal_seconds(setting: Setting, gpus: Floats) -> Floats:
    """Seconds of a step at an MFU of 1."""
    flop = 6 * setting.shape.active_parameters * setting.sequences * setting.seq_len
    return np.asarray(flop / (gpus * setting.machine.peak_flops))


def _described(chosen: Layouts, gpus: int) -> Layout:
    """The one layout in ``chosen`` as plain numbers."""
    values = {name: getattr(chosen, name)[0] for name in chosen.__slots__}
    ranks = values["data"] * values["context"]
    shard = int(values["shard"])
    sharding = "fully sharded" if shard == ranks else f"sharded over groups of {shard}"
    return Layout(
        tensor=int(values["tensor"]),
        pipeline=int(values["pipeline"]),
        interleave=int(values["interleave"]),
        context=int(values["context"]),
        data=int(values["data"]),
        expert=int(values["expert"]),
        micro_batch=int(values["micro_batch"]),
        recompute=Recompute(int(values["recompute"])).name.lower(),
        sharding=sharding if shard > 1 else "distributed optimizer",
        shard=shard,
        idle=gpus - int(values["data"] * chosen.replica[0]),
    )
