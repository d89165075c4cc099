"""MFU of a model on a fleet: one prediction with its layout and range, or a curve over sizes."""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import exp

import numpy as np

from catalog import Gpu, Precision
from catalog.stacks import load_stacks
from optimizer.step.batch import too_small_for, usual_batch_tokens
from optimizer.step.evidence import evidence_for
from optimizer.step.holding import fewest_nodes, launchable, need_of
from optimizer.step.kinds import FEW_GPUS, family_of, kind_on, part_of, span_of_step
from optimizer.step.launch import Launch, launch_of
from optimizer.step.layouts import Layouts
from optimizer.step.machine import BITS
from optimizer.step.memory import bytes_per_gpu
from optimizer.step.posterior import Pilot, Place, informed, place_of
from optimizer.step.practice import EXTRAPOLATES, Practice, members_of, shipped_levels
from optimizer.step.setting import Setting, ideal_seconds, make_setting
from optimizer.step.sharing import BATCH_ROOM
from optimizer.step.stairs import Stairs, stairs
from optimizer.step.transformer import Transformer, transformer_of
from optimizer.step.work import WIDE_GRADIENT_BYTES
from problems import ModelShape

BYTES_PER_GB = 1e9
# A batch near the user's own is worth a word where it takes less than this share of the time.
WORTH_ANOTHER_BATCH = 0.9
# A staircase to fewer nodes costs as much.
FEWEST_LOOKED_AT = 16


class NoLayoutError(ValueError):
    """A fleet on which no layout of the model fits, and why."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """MFU of one fleet with its range, and the layout behind it."""

    gpus: int
    mfu: float
    low: float
    high: float
    layout: Launch
    memory_gb_per_gpu: float
    seconds_per_step: float
    global_batch_tokens: float
    tokens_per_gpu: float
    extrapolates: bool
    warnings: tuple[str, ...]


@lru_cache(maxsize=512)
def setting_of(
    shape: ModelShape,
    gpu: Gpu,
    precision: Precision,
    *,
    gpus_per_node: int,
    nic_gbps_per_gpu: float | None = None,
    seq_len: int | None = None,
    global_batch_tokens: float | None = None,
    room: float = BATCH_ROOM,
    stack: str | None = None,
    pilots: tuple[Pilot, ...] = (),
) -> Setting:
    """The step to lay out; the model's own context and the usual batch where none is given.

    ``stack`` is one of stacks.csv or a word for stacks in general; None leaves it open. ``pilots``
    are steps that whoever asks has measured.

    The same object for the same arguments, so that what is worked out for it is remembered:
    one answer opens several markets, and a report dozens.
    """
    transformer, length = transformer_of(shape), seq_len or shape.seq_len
    batch = global_batch_tokens or usual_batch_tokens(shape.parameters, transformer.is_mixture)
    at = place_on(transformer, gpu, precision, length)
    usual = practice_on(transformer, gpu, precision, length, stack)
    few = practice_on(transformer, gpu, precision, length, stack, few=True)
    return make_setting(
        transformer,
        gpu,
        precision,
        gpus_per_node=gpus_per_node,
        nic_gbps_per_gpu=nic_gbps_per_gpu,
        seq_len=length,
        global_batch_tokens=batch,
        room=room,
        gradient_bytes=gradient_bytes_of(stack),
        practice=informed(usual, usual, pilots, at, batch),
        few=informed(usual, few, pilots, at, batch),
        piloted=any(p.place.part == at.part and p.place.kind == at.kind for p in pilots),
    )


def gradient_bytes_of(stack: str | None) -> float:
    """What a summed gradient takes: as the named stack's recipes have it, else in 32 bit."""
    known = load_stacks().get(stack or "")
    return WIDE_GRADIENT_BYTES if known is None else float(known.gradient_bytes)


def place_on(model: Transformer, gpu: Gpu, precision: Precision, seq_len: int) -> Place:
    """What a model's steps on this part have in common with others."""
    kind = kind_on(model.is_mixture, gpu, precision, seq_len)
    return place_of(gpu.gpu, kind, model.is_mixture, model.active_parameters, seq_len)


def practice_on(
    shape: Transformer,
    gpu: Gpu,
    precision: Precision,
    seq_len: int,
    stack: str | None = None,
    few: bool = False,
) -> Practice:
    """What teams reach of such steps on this part, on a ``few`` GPUs or more."""
    bits, mixture = BITS[precision], shape.is_mixture
    kind = kind_on(mixture, gpu, precision, seq_len)
    names = members_of(kind, part_of(gpu.gpu, bits, mixture), stack)
    span = span_of_step(kind, 1 if few else FEW_GPUS)
    levels = shipped_levels(told=stack is not None)
    found = levels.practice(family_of(mixture), span, names, shape.active_parameters)
    return found if evidence_for(gpu.gpu, bits) else found.wider(EXTRAPOLATES)


def predict(setting: Setting, gpu: Gpu, gpus: int) -> Prediction:
    """The best layout on up to that many GPUs and what it reaches; GPUs left over stay idle.

    NoLayoutError where the fleet is not of whole nodes, the batch cannot be shared over it, or its
    memory is too small.
    """
    if gpus < 1 or gpus % setting.node:
        what = f"{gpus:,} GPUs are not whole nodes; expected a multiple of {setting.node}"
        raise NoLayoutError(what)
    steps = stairs(setting, reach_of(setting, gpus))
    at = steps.below(gpus)
    if at is None:
        raise NoLayoutError(_why_nothing_fits(setting, gpu, gpus))
    launch = launch_of(steps.layouts, at, setting.shape.layers, setting.seq_len, setting.node, gpus)
    mfu = float(ideal_seconds(setting, np.asarray(float(gpus)))) / float(steps.seconds[at])
    tokens = float(launch.sequences * launch.seq_len)
    low, high = range_of(setting, gpus, mfu)
    return Prediction(
        gpus=gpus,
        mfu=mfu,
        low=low,
        high=high,
        layout=launch,
        memory_gb_per_gpu=memory_gb(setting, steps.layouts, at),
        seconds_per_step=float(steps.seconds[at]) * launch.sequences / setting.sequences,
        global_batch_tokens=tokens,
        tokens_per_gpu=tokens / launch.gpus,
        extrapolates=not setting.piloted
        and evidence_for(gpu.gpu, int(setting.machine.bits)) is None,
        warnings=(*_warnings(launch, tokens), *_batch_nearby(setting, gpus, steps, at)),
    )


def memory_gb(setting: Setting, layouts: Layouts, at: int) -> float:
    """GB (10^9 bytes) that the fullest GPU of one of the layouts holds."""
    one = layouts.take(np.array([at]))
    return float(bytes_per_gpu(setting.work, one)[0]) / BYTES_PER_GB


def reach_of(setting: Setting, gpus: int) -> int:
    """Nodes up to which the staircase is looked at for so many GPUs: rounded up to share work."""
    nodes = gpus // setting.node
    return max(1 << max(nodes - 1, 0).bit_length(), FEWEST_LOOKED_AT)


def fewest_gpus(setting: Setting, most_gpus: int) -> int | None:
    """The fewest GPUs, in whole nodes, that can be launched on; None where none can."""
    known = launchable(need_of(setting), reach_of(setting, most_gpus))
    fewest = int(known.nodes[0]) * setting.node if len(known.nodes) else None
    return fewest if fewest is not None and fewest <= most_gpus else None


def needed_gpus(setting: Setting) -> int | None:
    """The fewest GPUs, in whole nodes, however many are on sale; None where no number will do."""
    nodes = fewest_nodes(need_of(setting))
    return None if nodes is None else nodes * setting.node


def range_of(setting: Setting, gpus: float, mfu: float) -> tuple[float, float]:
    """The low and high around a predicted MFU of a step; only their distance is of its layout."""
    practice = setting.few if gpus < FEW_GPUS else setting.practice
    below, above = practice.range_on(gpus)
    return mfu * exp(-below), min(1.0, mfu * exp(above))


def curve(setting: Setting, most_gpus: int) -> tuple[tuple[int, float], ...]:
    """Launchable sizes (GPUs, MFU) up to the most on offer, each faster than all before it.

    Between them GPUs idle. Empty where nothing can be launched.
    """
    steps = stairs(setting, reach_of(setting, most_gpus))
    gpus = steps.nodes * setting.node
    mfu = ideal_seconds(setting, gpus.astype(np.float64)) / steps.seconds
    some = int(np.searchsorted(gpus, most_gpus, side="right"))
    return tuple(zip(gpus[:some].tolist(), mfu[:some].tolist(), strict=True))


def _why_nothing_fits(setting: Setting, gpu: Gpu, gpus: int) -> str:
    needed = needed_gpus(setting)
    if needed is None:
        batch = f"a batch of {setting.sequences:,.0f} sequences of {setting.seq_len:,} tokens"
        return f"no layout of {setting.shape.name} with {batch} fits any number of {gpu.name}"
    return f"{setting.shape.name} needs {needed:,} {gpu.name}, not {gpus:,}"


def _batch_nearby(setting: Setting, gpus: int, steps: Stairs, at: int) -> list[str]:
    """The batch near the user's own that is much faster, where there is one."""
    if setting.room:
        return []
    near = _with_room(setting)
    others = stairs(near, reach_of(near, gpus))
    best = others.below(gpus)
    if best is None or others.seconds[best] > WORTH_ANOTHER_BATCH * steps.seconds[at]:
        return []
    sequences = int(others.layouts.sequences[best])
    saved = 1 - float(others.seconds[best] / steps.seconds[at])
    tokens = f"{sequences * setting.seq_len:,} tokens ({sequences:,} sequences)"
    return [f"a global batch of {tokens} takes {saved:.0%} less time here: more layouts share it"]


@lru_cache(maxsize=64)
def _with_room(setting: Setting) -> Setting:
    """The same step with a batch that may move, as a rule's may."""
    return replace(setting, room=BATCH_ROOM)


def _warnings(launch: Launch, tokens: float) -> list[str]:
    said = []
    if too_small_for(launch.gpus, tokens):
        said.append(f"only {tokens / launch.gpus:,.0f} tokens a GPU and step: a larger batch pays")
    if launch.idle:
        said.append(f"{launch.idle:,} GPUs stay idle: no layout on more of them is faster")
    return said
