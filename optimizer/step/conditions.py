"""A published run as the model sees it: shape, machine, batch, era, and what its layout says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import log

from catalog import Gpu, Precision, UnknownGpuError, match_gpu
from catalog.runs import ObservedRun, load_runs
from catalog.stacks import UnknownStackError, load_stacks, stack_named, stack_of
from catalog.units import SECONDS_PER_HOUR
from optimizer.step.batch import usual_batch_tokens
from optimizer.step.layouts import INTERLEAVE, SHARDINGS, Choices, Recompute
from optimizer.step.machine import HIGHEST_MFU, Machine, fast_domain, machine_of
from optimizer.step.releases import superseded
from optimizer.step.transformer import (
    ShapeError,
    Transformer,
    is_mixture,
    transformer_of,
)
from optimizer.step.work import NARROW_GRADIENT_BYTES
from problems import ModelShape, shape_of
from problems.presets import find_presets
from problems.sizes import HEAD_WIDTH

# FlashAttention appeared in May 2022 and was in the training stacks of 2023.
FLASH_SINCE = 2023
# Selective recomputation and sequence parallelism are of May 2022; before, memory forced the
# full kind on anything large.
SELECTIVE_SINCE = 2022
# Narayanan et al., April 2021; fully sharded data parallel came to PyTorch in March 2022.
INTERLEAVE_SINCE = 2021
FULL_SHARDING_SINCE = 2022
DEFAULT_SEQ_LEN = 2048
# A mixture is the same where its parameters, all and active, agree: "active" leaves embeddings out
# or not, so there is more room. As logarithms.
SAME_SIZE, SAME_ACTIVE = 0.04, 0.25
_SHAPE = (
    *("layers", "hidden", "heads", "kv_heads", "ffn", "vocab", "experts", "experts_per_token"),
    *("shared_experts", "expert_ffn", "expert_input", "shared_ffn", "dense_layers", "attention"),
    *("attention_layers", "window"),
)
# Parts that a source names apart from the catalog's, with the power they were capped to.
_VARIANTS = {
    "h100-sxm5-96gb(hbm2e,500w)": ("h100_sxm", 500.0),
    "h100-sxm(form not stated)": ("h100_sxm", None),
    "v100-sxm3-32gb": ("v100_sxm2_32", None),
    "h800-sxm-80gb": ("h800_sxm", None),
}
_RECOMPUTE = {"none": Recompute.NONE, "selective": Recompute.SELECTIVE, "full": Recompute.FULL}


class NotScorableError(ValueError):
    """A run that the model cannot be held against, and why."""


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
    shape = _shape(run)
    precision, peak = _precision(run, gpu)
    node = min(run.gpus_per_node or 8, run.gpus)
    seq_len = run.seq_len or _context(run)
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
    if run.gpu.lower() in _VARIANTS:
        name, power = _VARIANTS[run.gpu.lower()]
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


def _shape(run: ObservedRun) -> Transformer:
    if run.params_b is None:
        raise NotScorableError("the number of parameters is not stated")
    try:
        return transformer_of(described_shape(run))
    except ShapeError as error:
        raise NotScorableError(f"shape: {error}") from None


def described_shape(run: ObservedRun) -> ModelShape:
    """The shape of a run whose parameters are stated, as far as it describes it."""
    active = run.active_params_b if run.active_params_b != run.params_b else None
    size = f"{run.params_b:g}B"
    shape = shape_of(size, active * 1e9 if active else None)
    described = run if run.experts else _like(run)
    if described.hidden and described.layers:
        shape = _published(described, shape)
    else:
        shape = _named(run, shape)
    return shape


def _named(run: ObservedRun, guess: ModelShape) -> ModelShape:
    """The published shape of the model that the run names; the guess where it names none."""
    found = _preset(run)
    if found is None:
        return guess
    return replace(found, parameters=guess.parameters, active_parameters=guess.active_parameters)


def _context(run: ObservedRun) -> int:
    """The context of most of the training, where the run does not say."""
    found = _preset(run)
    return found.seq_len if found is not None else DEFAULT_SEQ_LEN


def _preset(run: ObservedRun) -> ModelShape | None:
    """The published model that the run names, where its size agrees.

    Whoever asks names the model, and then it is not guessed either.
    """
    found = find_presets(run.model)
    if len(found) != 1 or run.params_b is None:
        return None
    apart = abs(log(found[0].parameters / (run.params_b * 1e9)))
    return found[0] if apart < SAME_SIZE else None


def _like(run: ObservedRun) -> ObservedRun:
    """A mixture that does not describe its experts, as shipped runs of its size describe theirs."""
    if not run.active_params_b or run.active_params_b == run.params_b or run.params_b is None:
        return run
    for other in _mixtures():
        same = abs(log((other.params_b or 1.0) / run.params_b)) < SAME_SIZE
        if same and abs(log((other.active_params_b or 1.0) / run.active_params_b)) < SAME_ACTIVE:
            return replace(
                run, **{name: getattr(other, name) for name in _SHAPE if not getattr(run, name)}
            )
    return run


@cache
def _mixtures() -> tuple[ObservedRun, ...]:
    """The shipped runs that describe their experts."""
    return tuple(run for run in load_runs() if run.experts and run.layers)


def _published(run: ObservedRun, guess: ModelShape) -> ModelShape:
    """The published widths; what is not published as the usual proportions give it."""
    assert run.hidden is not None
    assert run.layers is not None
    heads = run.heads or max(1, run.hidden // HEAD_WIDTH)
    mixture = is_mixture(guess.parameters, guess.active_parameters)
    return ModelShape(
        name=run.model,
        parameters=guess.parameters,
        active_parameters=guess.active_parameters,
        layers=run.layers,
        hidden=run.hidden,
        heads=heads,
        kv_heads=run.kv_heads or heads,
        ffn=run.ffn or 4 * run.hidden,
        vocab=run.vocab or 50_304,
        experts=(run.experts or 1) if mixture else 0,
        seq_len=run.seq_len or DEFAULT_SEQ_LEN,
        source=run.source,
        estimated=False,
        experts_per_token=run.experts_per_token or 0,
        expert_ffn=run.expert_ffn or 0,
        expert_input=run.expert_input or 0,
        shared_ffn=run.shared_ffn or 0,
        dense_layers=run.dense_layers or 0,
        latent=run.attention == "mla",
        full_attention=run.attention_layers or 0,
        window=run.window or 0,
    )


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
