"""The judges take what runs and refuse what does not, each for its reason."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from judges import batch, megatron, torchtitan
from judges.installed import needs_megatron, needs_torchtitan

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

LLAMA_70B = (
    "--num-layers 80 --hidden-size 8192 --ffn-hidden-size 28672 --num-attention-heads 64"
    " --group-query-attention --num-query-groups 8 --seq-length 8192"
    " --max-position-embeddings 8192"
)
LLAMA = (
    " --swiglu --normalization RMSNorm --position-embedding-type rope --disable-bias-linear"
    " --untie-embeddings-and-output-weights --vocab-size 128256"
)
RUN = (
    " --bf16 --mock-data --tokenizer-type NullTokenizer --use-distributed-optimizer"
    " --micro-batch-size 1"
)
LENGTH = " --lr 1.5e-4 --train-iters 1000"
ON_512 = (
    f"{LLAMA_70B}{LLAMA}{RUN}{LENGTH} --tensor-model-parallel-size 8"
    " --pipeline-model-parallel-size 4 --sequence-parallel --global-batch-size 1024"
)
QWEN3_30B = (
    "--num-layers 48 --hidden-size 2048 --ffn-hidden-size 6144 --num-attention-heads 32"
    " --kv-channels 128 --group-query-attention --num-query-groups 4 --seq-length 4096"
    f" --max-position-embeddings 4096{LLAMA} --num-experts 128 --moe-router-topk 8"
    " --moe-ffn-hidden-size 768 --moe-token-dispatcher-type alltoall --moe-grouped-gemm"
    f" --expert-tensor-parallel-size 1{RUN}{LENGTH} --global-batch-size 1024"
)
FULLY_SHARDED = (
    " --use-megatron-fsdp --data-parallel-sharding-strategy optim_grads_params"
    " --ckpt-format fsdp_dtensor"
)
VARIANTS = (
    "",
    "--num-layers-per-virtual-pipeline-stage 5",
    "--num-virtual-stages-per-pipeline-rank 4",
    "--pipeline-model-parallel-layout Et*20|t*20|t*20|t*20L",
    "--context-parallel-size 2",
    "--fp8-format hybrid",
    "--fp8-format e4m3 --fp8-recipe blockwise",
    "--fp8-format e4m3 --fp8-recipe mxfp8",
    "--recompute-granularity full --recompute-method uniform --recompute-num-layers 1",
    "--rampup-batch-size 256 256 100000",
)
MIXTURES = (
    "--expert-model-parallel-size 8",
    "--expert-model-parallel-size 8 --tensor-model-parallel-size 2 --sequence-parallel",
    "--expert-model-parallel-size 16 --context-parallel-size 4",
    "--expert-model-parallel-size 8 --fp8-format hybrid --fp8-recipe tensorwise",
    "--expert-model-parallel-size 8 --num-distributed-optimizer-instances 2",
    f"--expert-model-parallel-size 8{FULLY_SHARDED}",
)
# megatron-bridge 0.6.2: GPUs, TP, PP, VP, CP, EP, sequences; of the models in the next table.
RECIPES = (
    ("8B", 8, 1, 1, 1, 2, 1, 128),
    ("70B", 64, 4, 4, 5, 2, 1, 256),
    ("70B", 64, 2, 4, 5, 2, 1, 256),
    ("405B", 1024, 8, 8, 8, 2, 1, 1536),
    ("405B", 128, 4, 16, 8, 1, 1, 768),
    ("405B", 256, 4, 16, 8, 1, 1, 1536),
    ("235B-A22B", 256, 2, 8, 4, 1, 32, 8192),
    ("235B-A22B", 64, 1, 8, 1, 1, 8, 2048),
)
RECIPE_MODELS = {
    "8B": "--num-layers 32 --hidden-size 4096 --ffn-hidden-size 14336 --num-attention-heads 32"
    " --group-query-attention --num-query-groups 8 --seq-length 8192"
    " --max-position-embeddings 8192",
    "70B": LLAMA_70B,
    "405B": "--num-layers 126 --hidden-size 16384 --ffn-hidden-size 53248"
    " --num-attention-heads 128 --group-query-attention --num-query-groups 8 --seq-length 8192"
    " --max-position-embeddings 8192",
    "235B-A22B": "--num-layers 94 --hidden-size 4096 --ffn-hidden-size 12288"
    " --num-attention-heads 64 --kv-channels 128 --group-query-attention --num-query-groups 4"
    " --seq-length 4096 --max-position-embeddings 4096 --num-experts 128 --moe-router-topk 8"
    " --moe-ffn-hidden-size 1536 --moe-token-dispatcher-type alltoall --moe-grouped-gemm"
    " --expert-tensor-parallel-size 1",
}
DEEPSEEK_V3 = (
    "--num-layers 61 --hidden-size 7168 --ffn-hidden-size 18432 --num-attention-heads 128"
    " --multi-latent-attention --q-lora-rank 1536 --kv-lora-rank 512 --qk-head-dim 128"
    " --qk-pos-emb-head-dim 64 --v-head-dim 128 --seq-length 4096 --max-position-embeddings 4096"
    " --num-experts 256 --moe-router-topk 8 --moe-ffn-hidden-size 2048"
    " --moe-shared-expert-intermediate-size 2048 --moe-layer-freq ([0]*3+[1]*58)"
    " --moe-token-dispatcher-type alltoall --moe-grouped-gemm --expert-tensor-parallel-size 1"
)
# Of the same package: 61 layers written out for 8 x 4, 8 and 4 x 4 stages; and fully sharded ones.
WRITTEN_OUT = (
    (
        f"{DEEPSEEK_V3} --tensor-model-parallel-size 2 --sequence-parallel"
        " --pipeline-model-parallel-size 8 --expert-model-parallel-size 64"
        " --global-batch-size 16384 --pipeline-model-parallel-layout Et|(tt|)*30L",
        1024,
    ),
    (
        f"{DEEPSEEK_V3} --pipeline-model-parallel-size 8 --expert-model-parallel-size 8"
        " --global-batch-size 4096 --pipeline-model-parallel-layout Et*7|(t*8|)*6t*6L",
        256,
    ),
    (
        f"{DEEPSEEK_V3} --pipeline-model-parallel-size 4 --expert-model-parallel-size 64"
        " --global-batch-size 4096 --pipeline-model-parallel-layout Et*3|(t*4|)*14t*2L",
        256,
    ),
    (f"{LLAMA_70B}{FULLY_SHARDED} --global-batch-size 256", 64),
    (f"{LLAMA_70B}{FULLY_SHARDED} --global-batch-size 256 --micro-batch-size 2", 64),
    (
        f"{RECIPE_MODELS['405B']}{FULLY_SHARDED} --tensor-model-parallel-size 2"
        " --sequence-parallel --global-batch-size 1536",
        256,
    ),
)
# 126 and 94 layers go into 16 x 8 and 8 x 4 stages with the embedding and the loss as one each.
ENDS_COUNTED = " --account-for-embedding-in-pipeline-split --account-for-loss-in-pipeline-split"
BAD_FOR_MEGATRON = (
    ("--global-batch-size 1000", 512, "must be divisible by"),
    ("", 520, "not divisible by total_model_size"),
    ("--num-layers 79", 512, "divisible by the pipeline"),
    ("--pipeline-model-parallel-layout Et*20|t*20|t*20|t*19L", 512, "79must match num_layers 80"),
    ("--pipeline-model-parallel-layout t*20|t*20|t*20|t*20L", 512, "first layer must be embed"),
    ("--pipeline-model-parallel-layout Et*20|t*20|t*40L", 512, "divisible"),
    ("--tensor-model-parallel-size 3", 384, "num_attention_heads"),
    ("--num-query-groups 12", 512, "num_query_groups"),
    ("--ffn-hidden-size 18950", 512, "does not divide by TP"),
    ("--seq-length 8194 --max-position-embeddings 9000", 512, "does not divide by TP x CP"),
    ("--seq-length 8194 --max-position-embeddings 9000 --context-parallel-size 2", 512, "2 \\*"),
    ("--seq-length 16384", 512, "max_position_embeddings"),
    ("--recompute-granularity full", 512, "recompute_method"),
    ("--num-virtual-stages-per-pipeline-rank 4 --global-batch-size 96", 512, "remainder of M"),
    ("--num-virtual-stages-per-pipeline-rank 4 --global-batch-size 32", 512, "should range in"),
    ("--num-virtual-stages-per-pipeline-rank 3", 512, "divisible"),
    ("--train-samples 1000", 512, "train"),
    ("--fp8-format hybrid --fp4-format e2m1", 512, "cannot be used simultaneously"),
    ("--train-tokens 1000", 512, "unrecognized arguments: --train-tokens"),
    ("--seq-length 8k", 512, "invalid int value"),
)
BAD_MIXTURES = (
    ("--expert-model-parallel-size 128", "world_size \\(64\\) is not divisible"),
    ("--expert-model-parallel-size 24", "multiple of expert model parallel"),
    ("--expert-model-parallel-size 8 --tensor-model-parallel-size 2", "--sequence-parallel"),
    (
        "--expert-model-parallel-size 64 --num-distributed-optimizer-instances 2",
        "Expert data parallel size",
    ),
    ("--num-distributed-optimizer-instances 3", "Data parallel size should be divisible"),
    (
        "--expert-tensor-parallel-size 7 --expert-model-parallel-size 1",
        "does not divide by expert TP",
    ),
    ("--use-megatron-fsdp", "fsdp_dtensor"),
)

TITAN_70B = (
    "--module llama3 --config llama3_70b --training.seq_len 8192 --training.steps 1000"
    " --training.disable_cuda_graphs --training.local_batch_size 8"
    " --training.global_batch_size 1024"
)
TITAN_QWEN3 = (
    "--module qwen3 --config qwen3_30b_a3b --training.seq_len 4096 --training.steps 1000"
    " --training.disable_cuda_graphs --training.local_batch_size 1"
    " --training.global_batch_size 1024"
)
ON_4_BY_8 = (
    "tensor_parallel_degree 8 pipeline_parallel_degree 4 data_parallel_shard_degree -1"
    " pipeline_parallel_schedule Interleaved1F1B"
)
IN_TRAINING = {"local_batch_size", "global_batch_size", "seq_len"}
OF_PIPELINE = {
    "first_stage_less_layers",
    "last_stage_less_layers",
    "layers_per_stage",
    "microbatch_size",
}
EVEN = "first_stage_less_layers 0 last_stage_less_layers 0"
GOOD_FOR_TORCHTITAN = (
    "",
    "pipeline_parallel_schedule 1F1B",
    "pipeline_parallel_schedule interleaved1f1b",
    f"layers_per_stage 5 {EVEN}",
    "context_parallel_degree 2",
    "data_parallel_replicate_degree 4 data_parallel_shard_degree 4",
    "local_batch_size 10 global_batch_size 160",
)
BAD_FOR_TORCHTITAN = (
    ("", 520, "Invalid parallel dims"),
    ("data_parallel_replicate_degree 3 data_parallel_shard_degree 4", 512, "Invalid parallel dims"),
    ("tensor_parallel_degree 0", 512, "degree should be >= 1"),
    ("tensor_parallel_degree 16", 512, "must divide n_kv_heads"),
    ("tensor_parallel_degree 7", 448, "does not divide by 7"),
    ("seq_len 8191", 512, "does not divide by 8"),
    ("seq_len 262144", 512, "exceeds"),
    ("global_batch_size 1000", 512, "no multiple of local x data, 128"),
    ("local_batch_size 8 microbatch_size 3", 512, "evenly divisible"),
    ("local_batch_size 1", 512, "do not fill 4 ranks"),
    ("local_batch_size 9 global_batch_size 144", 512, "multiple of the number of rounds"),
    ("pipeline_parallel_schedule Nonsense", 512, "Unknown schedule"),
    ("layers_per_stage 5", 512, "\\(17\\) must be divisible"),
    (f"layers_per_stage 20 {EVEN}", 512, "at least 2 stages per rank"),
    ("expert_parallel_degree 3", 512, "unflatten"),
    ("expert_parallel_degree 2", 512, "no experts"),
)


@needs_megatron
@pytest.mark.parametrize("variant", VARIANTS)
def test_megatron_takes(variant: str) -> None:
    assert megatron.refusal(f"{ON_512} {variant}".split(), 512) is None


@needs_megatron
@pytest.mark.parametrize("variant", MIXTURES)
def test_megatron_takes_mixtures(variant: str) -> None:
    assert megatron.refusal(f"{QWEN3_30B} {variant}".split(), 64) is None


@needs_megatron
@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_megatron_takes_the_recipes_that_ship(
    recipe: tuple[str, int, int, int, int, int, int, int],
) -> None:
    model, world, tp, pp, vp, cp, ep, sequences = recipe
    layout = {
        "--tensor-model-parallel-size": tp,
        "--pipeline-model-parallel-size": pp,
        "--context-parallel-size": cp,
        "--expert-model-parallel-size": ep,
        "--global-batch-size": sequences,
    }
    words = f"{RECIPE_MODELS[model]}{LLAMA}{RUN}{LENGTH}".split()
    words += [part for name, value in layout.items() for part in (name, str(value))]
    words += ["--sequence-parallel"] if tp > 1 else []
    words += ["--num-virtual-stages-per-pipeline-rank", str(vp)] if vp > 1 else []
    words += ENDS_COUNTED.split() if model in ("405B", "235B-A22B") and pp > 1 else []
    assert megatron.refusal(words, world) is None


@needs_megatron
@pytest.mark.parametrize(("recipe", "world"), WRITTEN_OUT)
def test_megatron_takes_recipes_written_out(recipe: str, world: int) -> None:
    model, *layout = recipe.partition(" --global-batch-size")
    words = f"{model}{LLAMA}{RUN}{LENGTH}{''.join(layout)}".split()
    assert megatron.refusal(words, world) is None


@needs_megatron
def test_megatron_is_asked_of_sixteen_thousand() -> None:
    assert megatron.refusal(f"{ON_512} --global-batch-size 2048".split(), 16_384) is None


@needs_megatron
@pytest.mark.parametrize(("wrong", "world", "why"), BAD_FOR_MEGATRON)
def test_megatron_refuses(wrong: str, world: int, why: str) -> None:
    _expect(megatron.refusal(f"{ON_512} {wrong}".split(), world), why)


@needs_megatron
@pytest.mark.parametrize(("wrong", "why"), BAD_MIXTURES)
def test_megatron_refuses_mixtures(wrong: str, why: str) -> None:
    _expect(megatron.refusal(f"{QWEN3_30B} {wrong}".split(), 64), why)


@needs_megatron
@pytest.mark.parametrize(
    ("missing", "why"), [("--lr 1.5e-4", "--lr"), ("--train-iters 1000", "no length")]
)
def test_megatron_refuses_a_run_without(missing: str, why: str) -> None:
    _expect(megatron.refusal(ON_512.replace(missing, "").split(), 512), why)


@needs_torchtitan
@pytest.mark.parametrize("variant", GOOD_FOR_TORCHTITAN)
def test_torchtitan_takes(variant: str) -> None:
    assert torchtitan.refusal(_titan(TITAN_70B, f"{ON_4_BY_8} {variant}"), 512) is None


@needs_torchtitan
@pytest.mark.parametrize(("wrong", "world", "why"), BAD_FOR_TORCHTITAN)
def test_torchtitan_refuses(wrong: str, world: int, why: str) -> None:
    _expect(torchtitan.refusal(_titan(TITAN_70B, f"{ON_4_BY_8} {wrong}"), world), why)


@needs_torchtitan
@pytest.mark.parametrize(
    ("experts", "why"),
    [
        ("expert_parallel_degree 8", None),
        ("expert_parallel_degree 64", None),
        ("expert_parallel_degree 8 tensor_parallel_degree 4", None),
        ("expert_parallel_degree 128", "unflatten"),
        ("expert_parallel_degree 8 tensor_parallel_degree 8", "must divide n_kv_heads"),
        (
            "data_parallel_replicate_degree 8 data_parallel_shard_degree 8"
            " expert_parallel_degree 16",
            "unflatten",
        ),
    ],
)
def test_torchtitan_on_experts(experts: str, why: str | None) -> None:
    said = torchtitan.refusal(_titan(TITAN_QWEN3, experts), 64)
    assert (said is None) == (why is None), said
    if why is not None:
        _expect(said, why)


@needs_torchtitan
def test_torchtitan_wants_recomputation_by_its_name() -> None:
    words = _titan(TITAN_70B, ON_4_BY_8)
    _expect(torchtitan.refusal([*words[:-1], "activation-checkpoint:nope"], 512), "activation")
    _expect(torchtitan.refusal(["--nonsense", "3", *words], 512), "nonsense")
    without = [word for word in words if word != "--training.disable_cuda_graphs"]
    _expect(torchtitan.refusal(without, 512), "disable_cuda_graphs")


@needs_megatron
@needs_torchtitan
def test_many_are_judged_in_one_process() -> None:
    asked = [("good", "", 512), ("bad", "--lr x", 512), ("small", "", 8), ("again", "", 512)]
    lines = [
        json.dumps({"name": name, "arguments": f"{ON_512} {more}".split(), "world": world})
        for name, more, world in asked
    ]
    said = {a["name"]: a["refusal"] for a in map(json.loads, batch.answers("megatron", lines))}
    assert said["good"] is said["again"] is None
    assert said["bad"]
    assert said["small"]
    with pytest.raises(KeyError):
        list(batch.answers("nemo", lines))


def test_versions_are_pinned_alike() -> None:
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = set(extra["optional-dependencies"]["launchers"])
    listed = {
        line
        for name in ("launchers.txt", "requirements.txt")
        for line in (HERE / name).read_text().splitlines()
        if line and not line.startswith("#")
    }
    assert named <= listed


def _titan(base: str, short: str) -> list[str]:
    """A command line of torchtitan, the names of its options shortened; the last of two counts."""
    words = base.split()
    pairs = short.split()
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        group = "training" if name in IN_TRAINING else "parallelism"
        full = f"pipeline_parallel_{name}" if name in OF_PIPELINE else name
        words += [f"--{group}.{full}", value]
    return [*words, "activation-checkpoint:full"]


def _expect(said: str | None, why: str) -> None:
    """A refusal, and for the reason meant."""
    assert said is not None, f"taken, though {why}"
    assert re.search(why, said), said
