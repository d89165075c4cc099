"""Arguments of Megatron-LM's ``pretrain_gpt.py`` (megatron-core 0.19.2, PyPI, read 2026-11-29)."""

from math import isclose

from optimizer.report.launch.refusal import ExportError
from optimizer.report.launch.split import split_flags
from optimizer.step.launch import Launch
from optimizer.step.transformer import (
    FEWEST_HEADS_WITH_LATENT_QUERY,
    LATENT_KEY,
    LATENT_QUERY,
    LATENT_ROTARY,
    latent_params,
    transformer_of,
)
from problems import ModelShape
from problems.sizes import HEAD_WIDTH

# Usual values of what no plan decides; whoever starts the run has their own.
LEARNING_RATE = "1e-4"
# Norms and biases are not counted in the widths.
LATENT_MISFIT = 0.01
BALANCE_LOSS = "1e-3"

PRECISION = {
    "bf16": ["--bf16"],
    "fp16": ["--fp16"],
    "fp8": ["--bf16", "--fp8-format", "hybrid", "--fp8-recipe", "tensorwise"],
    "mxfp8": ["--bf16", "--fp8-format", "e4m3", "--fp8-recipe", "mxfp8"],
    "nvfp4": ["--bf16", "--fp4-format", "e2m1", "--fp4-recipe", "nvfp4"],
}
RECOMPUTE = {
    "none": [],
    "full": [
        *("--recompute-granularity", "full"),
        *("--recompute-method", "uniform", "--recompute-num-layers", "1"),
    ],
}


def arguments(
    shape: ModelShape, launch: Launch, precision: str, steps: int | None = None
) -> list[str]:
    """The words after ``pretrain_gpt.py``; ``steps`` adds how long it runs.

    Data are mock, the tokenizer null and the learning rate a usual one until the user's replace
    them. ExportError for a precision or a layer that Megatron has no flag for.
    """
    length = [] if steps is None else ["--train-iters", str(steps)]
    return [
        *_model(shape, launch.seq_len),
        *_layout(launch, mixture=shape.experts > 1),
        *_batch(launch),
        *length,
        *_precision(precision),
        *_recomputed(shape, launch),
        *("--lr", LEARNING_RATE, "--mock-data", "--tokenizer-type", "NullTokenizer"),
    ]


def is_gated(shape: ModelShape) -> bool:
    """Whether the MLP has a gate, three matrices: whichever comes nearer to N."""
    if shape.experts or shape.estimated:
        return bool(shape.experts)
    copies = 1 if shape.tied else 2
    kv_share = 1 + shape.kv_heads / shape.heads
    attention = 2 * shape.hidden * shape.hidden * kv_share
    embedding = copies * shape.vocab * shape.hidden
    mlp = (shape.parameters - embedding) / shape.layers - attention
    return mlp / (shape.hidden * shape.ffn) > 2.5


def _model(shape: ModelShape, seq_len: int) -> list[str]:
    """The model itself; embeddings are rotary."""
    _expect_known(shape)
    heads = transformer_of(shape).heads
    words = {
        "--num-layers": shape.layers,
        "--hidden-size": shape.hidden,
        "--ffn-hidden-size": shape.ffn,
        "--num-attention-heads": heads,
        "--max-position-embeddings": max(shape.seq_len, seq_len),
        "--vocab-size": shape.vocab,
    }
    return [
        *_pairs(words),
        *("--position-embedding-type", "rope"),
        *([] if shape.tied else ["--untie-embeddings-and-output-weights"]),
        *(["--swiglu", "--normalization", "RMSNorm", "--disable-bias-linear"] * is_gated(shape)),
        *(_latent(heads) if shape.latent else _grouped(shape, heads)),
        *(_experts(shape) if shape.experts > 1 else []),
    ]


def _expect_known(shape: ModelShape) -> None:
    """ExportError for layers that these flags do not describe."""
    mixture = shape.active_parameters < shape.parameters or shape.experts > 1
    if mixture and not (shape.experts and shape.expert_ffn and shape.experts_per_token):
        what = f"{shape.name}: the number and width of its experts are not known"
        raise ExportError(f"{what}; expected a model by name, such as mixtral-8x7b")
    if shape.latent and not _latent_as_known(shape):
        what = f"{shape.name}: its latent attention is of other widths than DeepSeek-V3's"
        raise ExportError(f"{what}; expected those; use the model's own recipe")
    if shape.full_attention or shape.expert_input:
        what = f"{shape.name}: its layers differ from one another in ways these flags do not say"
        raise ExportError(f"{what}; expected full attention in each layer; use the model's recipe")
    if shape.means is not None and shape.means.state:
        what = f"{shape.name}: has state spaces beside its attention, which these flags do not say"
        raise ExportError(f"{what}; expected attention alone; use the model's recipe")


def _latent_as_known(shape: ModelShape) -> bool:
    """Whether latent attention holds as many parameters as of the widths that are written here.

    GLM-5's is wider, and DeepSeek-V3.2's has an indexer beside it.
    """
    known = latent_params(shape)
    return shape.means is None or isclose(shape.means.mixing, known, rel_tol=LATENT_MISFIT)


def _grouped(shape: ModelShape, heads: int) -> list[str]:
    """Query groups, and the width of a head where it is not hidden over heads."""
    width = HEAD_WIDTH if shape.estimated else shape.head_dim
    words = ["--kv-channels", str(width)] if width and width * heads != shape.hidden else []
    if shape.kv_heads < shape.heads:
        words += ["--group-query-attention", "--num-query-groups", str(shape.kv_heads)]
    return words


def _latent(heads: int) -> list[str]:
    """Latent attention as DeepSeek-V2 and V3 have it (arXiv:2405.04434, section 2.1)."""
    query = {"--q-lora-rank": LATENT_QUERY} if heads > FEWEST_HEADS_WITH_LATENT_QUERY else {}
    widths = {
        "--kv-lora-rank": LATENT_KEY,
        "--qk-head-dim": HEAD_WIDTH,
        "--qk-pos-emb-head-dim": LATENT_ROTARY,
        "--v-head-dim": HEAD_WIDTH,
    }
    return ["--multi-latent-attention", *_pairs(query | widths)]


def _experts(shape: ModelShape) -> list[str]:
    """Routed and shared experts, and which layers have them."""
    words: dict[str, int | str] = {
        "--num-experts": shape.experts,
        "--moe-router-topk": shape.experts_per_token,
        "--moe-ffn-hidden-size": shape.expert_ffn,
        "--moe-token-dispatcher-type": "alltoall",
        "--moe-router-load-balancing-type": "aux_loss",
        "--moe-aux-loss-coeff": BALANCE_LOSS,
    }
    if shape.shared_ffn:
        words["--moe-shared-expert-intermediate-size"] = shape.shared_ffn
    if shape.dense_layers:
        routed = shape.layers - shape.dense_layers
        words["--moe-layer-freq"] = f"([0]*{shape.dense_layers}+[1]*{routed})"
    return [*_pairs(words), "--moe-grouped-gemm"]


def _layout(launch: Launch, mixture: bool) -> list[str]:
    """Degrees of parallelism and how states are sharded."""
    words = {
        "--tensor-model-parallel-size": launch.tensor,
        "--pipeline-model-parallel-size": launch.pipeline,
        "--context-parallel-size": launch.context,
    }
    if mixture:
        words["--expert-model-parallel-size"] = launch.expert
        words["--expert-tensor-parallel-size"] = launch.expert_tensor
    # Experts beside tensor parallelism need it, and activations are counted with it.
    sequence = ["--sequence-parallel"] if launch.tensor > 1 else []
    return [*_pairs(words), *sequence, *split_flags(launch), *_sharding(launch)]


def _sharding(launch: Launch) -> list[str]:
    """The optimizer's state over all replicas, or all state over groups of ``shard`` ranks.

    Groups smaller than all ranks are made by telling how many of them there are.
    """
    overlapped = ["--use-distributed-optimizer", "--overlap-grad-reduce", "--overlap-param-gather"]
    if launch.shard <= 1:
        return overlapped
    sharded = [
        *overlapped,
        *("--use-megatron-fsdp", "--data-parallel-sharding-strategy", "optim_grads_params"),
        *("--ckpt-format", "fsdp_dtensor", "--init-model-with-meta-device"),
        "--no-gradient-accumulation-fusion",
    ]
    groups = launch.data * launch.context // launch.shard
    whole = ["--num-distributed-optimizer-instances", str(groups)]
    return [*sharded, *whole] if groups > 1 else sharded


def _batch(launch: Launch) -> list[str]:
    words = {
        "--micro-batch-size": launch.micro_batch,
        "--global-batch-size": launch.sequences,
        "--seq-length": launch.seq_len,
    }
    return _pairs(words)


def _precision(precision: str) -> list[str]:
    if precision not in PRECISION:
        what = f"precision: Megatron-LM has no flags for {precision!r}"
        raise ExportError(f"{what}; expected one of {', '.join(PRECISION)}")
    return PRECISION[precision]


def _recomputed(shape: ModelShape, launch: Launch) -> list[str]:
    """What runs again in the backward pass."""
    if launch.recompute != "selective":
        return RECOMPUTE[launch.recompute]
    return ["--recompute-granularity", "selective", "--recompute-modules", *modules_of(shape)]


def modules_of(shape: ModelShape) -> list[str]:
    """What selective recomputation runs again, as Megatron-Core calls it.

    Norms, the activation of experts (of dense layers no flag says it alone), and what latents are
    expanded by.
    """
    experts = ["moe_act"] if shape.experts > 1 else []
    return ["layernorm", *experts, *(["mla_up_proj"] if shape.latent else [])]


def _pairs(words: "dict[str, int] | dict[str, int | str]") -> list[str]:
    return [part for name, value in words.items() for part in (name, str(value))]
