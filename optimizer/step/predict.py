"""MFU of a model on a fleet: one prediction with its layout and range, or a curve over sizes."""

from dataclasses import dataclass
from functools import lru_cache
from math import exp

from catalog import Gpu, Precision
from optimizer.step.batch import too_small_for, usual_batch_tokens
from optimizer.step.breakpoints import breakpoints, fewest_of
from optimizer.step.evidence import evidence_for
from optimizer.step.hardware import BITS
from optimizer.step.kinds import FEW_GPUS, family_of, kind_on, part_of, span_of_step
from optimizer.step.layouts import on_fleet
from optimizer.step.pilots import Pilot, Place, informed, place_of
from optimizer.step.practice import EXTRAPOLATES, Practice, members_of, shipped_levels
from optimizer.step.race import race_of
from optimizer.step.search import Layout, Setting, best_layout, make_setting
from optimizer.step.transformer import Transformer, transformer_of
from problems import ModelShape


class NoLayoutError(ValueError):
    """A fleet on which no layout of the model fits, and why."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """MFU of one fleet with its range, and the layout behind it."""

    gpus: int
    mfu: float
    low: float
    high: float
    layout: Layout
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
        practice=informed(usual, usual, pilots, at, batch),
        few=informed(usual, few, pilots, at, batch),
        piloted=any(p.place.part == at.part and p.place.kind == at.kind for p in pilots),
    )


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
    """The best layout on that many GPUs and what it reaches.

    NoLayoutError where the fleet is not of whole nodes, the batch has too few sequences for
    it, or its memory is too small.
    """
    if gpus < 1 or gpus % setting.node:
        what = f"{gpus:,} GPUs are not whole nodes; expected a multiple of {setting.node}"
        raise NoLayoutError(what)
    found = best_layout(setting, gpus)
    if found is None:
        raise NoLayoutError(_why_nothing_fits(setting, gpu, gpus))
    tokens = setting.sequences * setting.seq_len
    low, high = range_of(setting, gpus, found.mfu)
    return Prediction(
        gpus=gpus,
        mfu=found.mfu,
        low=low,
        high=high,
        layout=found.layout,
        memory_gb_per_gpu=found.memory_gb,
        seconds_per_step=found.seconds,
        global_batch_tokens=tokens,
        tokens_per_gpu=tokens / gpus,
        extrapolates=not setting.piloted
        and evidence_for(gpu.gpu, int(setting.machine.bits)) is None,
        warnings=tuple(_warnings(gpus, tokens, found.layout)),
    )


def range_of(setting: Setting, gpus: float, mfu: float) -> tuple[float, float]:
    """The low and high around a predicted MFU of a step; only their distance is of its layout."""
    practice = setting.few if gpus < FEW_GPUS else setting.practice
    below, above = practice.range_on(gpus)
    return mfu * exp(-below), min(1.0, mfu * exp(above))


@lru_cache(maxsize=1024)
def curve(setting: Setting, most_gpus: int) -> tuple[tuple[int, float], ...]:
    """Breakpoints (GPUs, MFU) from the fewest GPUs that hold the model to the most on offer.

    Between them 1/MFU is linear in the number of GPUs, within 0.5 % of the model. Empty where
    nothing fits.
    """
    race, node = race_of(setting, most_gpus // setting.node), setting.node
    fewest = fewest_of(race)
    if fewest is None:
        return ()
    most = min(most_gpus, int(race.last.max()) * node)
    # Between whole replicas the model interpolates; the first size, which is the only one of
    # nodes without a network, is as fast as its best layout.
    for gpus in range(fewest, most + 1, node):
        first = best_layout(setting, gpus)
        if first is not None:
            rest = breakpoints(race, gpus + node, most) if gpus + node <= most else ()
            return ((gpus, first.mfu), *rest)
    return ()


def _why_nothing_fits(setting: Setting, gpu: Gpu, gpus: int) -> str:
    kinds = setting.kinds()
    if not len(on_fleet(kinds, gpus, setting.sequences, idle=True)):
        batch = f"a batch of {setting.sequences:,.0f} sequences of {setting.seq_len:,} tokens"
        return f"{batch} is too small for {gpus:,} GPUs; expected a larger one or fewer GPUs"
    return f"{setting.shape.name} does not fit in the memory of {gpus:,} {gpu.name}"


def _warnings(gpus: int, tokens: float, layout: Layout) -> list[str]:
    said = []
    if too_small_for(gpus, tokens):
        said.append(f"only {tokens / gpus:,.0f} tokens a GPU and step: a larger batch pays")
    if layout.idle:
        said.append(f"{layout.idle:,} GPUs stay idle: {layout.data} replicas do not fill the fleet")
    return said
