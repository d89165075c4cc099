"""A published run as the model sees it: shape, machine, batch, era, and what its layout says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog import Gpu, Precision, UnknownGpuError, match_gpu
from catalog.runs import ObservedRun
from catalog.stacks import UnknownStackError, load_stacks, stack_named, stack_of
from catalog.units import SECONDS_PER_HOUR
from optimizer.step.batch import usual_batch_tokens
from optimizer.step.described import VARIANTS, NotScorableError, context, stated_shape
from optimizer.step.layouts import INTERLEAVE, SHARDINGS, Choices, Recompute
from optimizer.step.machine import HIGHEST_MFU, Machine, fast_domain, machine_of
from optimizer.step.releases import superseded
from optimizer.step.transformer import (
    Transformer,
)
from optimizer.step.work import NARROW_GRADIENT_BYTES

# FlashAttention appeared in May 2022 and was in the training stacks of 2023.
FLASH_SINCE = 2023
# Selective recomputation and sequence parallelism are of May 2022; before, memory forced the
# full kind on anything large.
SELECTIVE_SINCE = 2022
# Narayanan et al., April 2021; fully sharded data parallel came to PyTorch in March 2022.
INTERLEAVE_SINCE = 2021
FULL_SHARDING_SINCE = 2022
_RECOMPUTE = {"none": Recompute.NONE, "selective": Recompute.SELECTIVE, "full": Recompute.FULL}


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one run and what it reached.

    ``free`` holds the layouts that its era's software could run, ``stated`` only its own.
    """

    run: ObservedRun
    shape: Transformer
    machine: Machine
    gpu: Gpu
    gpus: int
    node: int
    seq_len: int
    sequences: float
    flash: bool
    stack: str
    free: Choices
    stated: Choices
    gradient_bytes: float
    peak_tflops: float
    observed_mfu: float

    @property
    def domain(self) -> int:
        """GPUs that the fast fabric joins."""
        return fast_domain(self.gpu, self.node)


def conditions_of(run: ObservedRun, gpus: Mapping[str, Gpu]) -> Conditions:
    """The run's conditions; NotScorableError with the reason where some are missing."""
    if run.gpus is None:
        raise NotScorableError("the number of GPUs is not stated")
    gpu, power = _gpu(run, gpus)
    shape = stated_shape(run)
    precision, peak = _precision(run, gpu)
    node = min(run.gpus_per_node or 8, run.gpus)
    seq_len = run.seq_len or context(run)
    return Conditions(
        run=run,
        shape=shape,
        machine=machine_of(gpu, precision, node, run.nic_gbps, power),
        gpu=gpu,
        gpus=run.gpus,
        node=node,
        seq_len=seq_len,
        sequences=_sequences(run, seq_len, shape),
        flash=run.year >= FLASH_SINCE,
        stack=_stack(run),
        free=_era(run),
        stated=_stated(run, _era(run)),
        gradient_bytes=_gradient_bytes(run),
        peak_tflops=peak,
        observed_mfu=_observed_mfu(run, gpu, shape, peak),
    )


def scorable(
    runs: Iterable[ObservedRun], gpus: Mapping[str, Gpu]
) -> tuple[list[Conditions], dict[str, str]]:
    """The conditions of every run that has them, and for the others the reason by their id."""
    runs = list(runs)
    found, skipped = [], superseded(runs)
    for run in runs:
        if run.id in skipped:
            continue
        try:
            found.append(conditions_of(run, gpus))
        except NotScorableError as error:
            skipped[run.id] = str(error)
    return found, skipped


def _gpu(run: ObservedRun, gpus: Mapping[str, Gpu]) -> tuple[Gpu, float | None]:
    if run.gpu in gpus:
        return gpus[run.gpu], run.power_w
    if run.gpu.lower() in VARIANTS:
        name, power = VARIANTS[run.gpu.lower()]
        return gpus[name], run.power_w or power
    try:
        found = match_gpu(run.gpu, gpus.values())
    except UnknownGpuError as error:
        raise NotScorableError(str(error).partition(";")[0]) from None
    if len(found) > 1:
        raise NotScorableError(f"GPU {run.gpu!r} is one of {', '.join(found)}: not told which")
    return gpus[found[0]], run.power_w


def _precision(run: ObservedRun, gpu: Gpu) -> tuple[Precision, float]:
    """The run's precision and its dense peak; a part without bf16 trains in fp16."""
    precision = run.number_format
    if precision is None:
        raise NotScorableError(f"precision {run.precision!r} is not modeled")
    if gpu.peak_tflops(precision) is None and precision == "bf16":
        precision = "fp16"
    peak = gpu.peak_tflops(precision)
    if peak is None:
        raise NotScorableError(f"{gpu.gpu} has no {precision} peak")
    return precision, peak


def _sequences(run: ObservedRun, seq_len: int, shape: Transformer) -> float:
    if run.global_batch_seqs:
        return run.global_batch_seqs
    tokens = run.global_batch_tokens or usual_batch_tokens(shape.parameters, shape.is_mixture)
    return tokens / seq_len


def _observed_mfu(run: ObservedRun, gpu: Gpu, shape: Transformer, peak: float) -> float:
    """6·N·tokens/s over the dense peak of the run's own precision; of a whole run by GPU-hours."""
    rate = run.tokens_per_sec_per_gpu or run.tok_s_gpu
    if run.kind == "production" and run.gpu_hours and run.total_tokens_b:
        rate = run.total_tokens_b * 1e9 / (run.gpu_hours * SECONDS_PER_HOUR)
    if rate:
        mfu = 6 * shape.active_parameters * rate / (peak * 1e12)
    elif run.mfu_6n_bf16peak:
        mfu = run.mfu_6n_bf16peak * (gpu.peak_tflops("bf16") or peak) / peak
    else:
        raise NotScorableError("no throughput from which 6ND FLOP/s could be computed")
    if mfu > HIGHEST_MFU:
        raise NotScorableError(f"MFU of {mfu:.2f}: more than any part reaches")
    return mfu


def _stack(run: ObservedRun) -> str:
    """The run's stack: as its row names it, or by its framework's name."""
    if not run.stack:
        return stack_named(run.framework)
    try:
        return stack_of(run.stack).stack
    except UnknownStackError as error:
        raise NotScorableError(str(error)) from None


def _gradient_bytes(run: ObservedRun) -> float:
    """What a gradient takes that is summed over micro-batches.

    Software from before FlashAttention summed in 16 bit; fully sharded stages of a pipeline keep
    their share only.
    """
    if run.sharding == "full" and (run.pp or 1) > 1:
        return 0.0
    stack = load_stacks().get(_stack(run))
    if run.year < FLASH_SINCE or stack is None:
        return NARROW_GRADIENT_BYTES
    return float(stack.gradient_bytes)


def _era(run: ObservedRun) -> Choices:
    """What the software of that year could do."""
    recompute = _RECOMPUTE.get(run.activation_recompute)
    if run.year < SELECTIVE_SINCE and recompute is None:
        recompute = Recompute.FULL
    again = tuple(Recompute) if recompute is None or run.year >= FLASH_SINCE else (recompute,)
    return Choices(
        recompute=tuple(int(kind) for kind in again),
        interleave=(1,) if run.year < INTERLEAVE_SINCE else INTERLEAVE,
        sharding=("optimizer",) if run.year < FULL_SHARDING_SINCE else SHARDINGS,
    )


def _stated(run: ObservedRun, era: Choices) -> Choices:
    recompute = _RECOMPUTE.get(run.activation_recompute)

    def one(value: int | None, otherwise: Iterable[int]) -> tuple[int, ...]:
        return (value,) if value else tuple(otherwise)

    # Fully sharded stages of a pipeline gather once a step: the traffic of the optimizer kind.
    full = ("optimizer",) if (run.pp or 1) > 1 else ("full", "node")
    sharding = {"optimizer": ("optimizer",), "full": full}
    return Choices(
        tensor=one(run.tp, era.tensor),
        pipeline=one(run.pp, era.pipeline),
        interleave=one(run.interleave, era.interleave),
        context=one(run.cp, (1,) if run.tp and run.pp and run.dp else era.context),
        expert=one(run.ep, era.expert),
        micro_batch=one(run.micro_batch, era.micro_batch),
        recompute=era.recompute if recompute is None else (int(recompute),),
        sharding=sharding.get(run.sharding, era.sharding),
    )
