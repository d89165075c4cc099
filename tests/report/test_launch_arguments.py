"""Arguments for Megatron-LM and torchtitan, and splits of a pipeline in words."""

from itertools import pairwise

import pytest
from launch_cases import LAUNCH, MIXTURE, SHARDED, laid_out

from optimizer.report.launch import bridge, megatron, torchtitan
from optimizer.report.launch.refusal import ExportError
from optimizer.report.launch.split import layout_of, split_flags
from problems import shape_of

SEVENTY = shape_of("llama-3.1-70b")


def value(words: list[str], flag: str) -> str:
    """What stands after a flag."""
    return words[words.index(flag) + 1]


@pytest.mark.parametrize(
    ("split", "interleave", "flags"),
    [
        ((20,) * 4, 1, ""),
        ((4,) * 20, 5, "--num-virtual-stages-per-pipeline-rank 5"),
        ((27, 27, 26), 1, "--decoder-last-pipeline-num-layers 26"),
        ((26, 27, 27), 1, "--decoder-first-pipeline-num-layers 26"),
        (
            (3, 4, 4, 2),
            1,
            "--decoder-first-pipeline-num-layers 3 --decoder-last-pipeline-num-layers 2",
        ),
        (
            (0, 1, 1, 1, 1, 1, 1, 0),
            2,
            "--num-virtual-stages-per-pipeline-rank 2 --account-for-embedding-in-pipeline-split "
            "--account-for-loss-in-pipeline-split",
        ),
        ((2, 2, 3, 1), 2, "--pipeline-model-parallel-layout Et*2|t*2|t*3|tL"),
        ((10, 11, 9, 10), 1, "--pipeline-model-parallel-layout Et*10|t*11|t*9|t*10L"),
    ],
)
def test_a_split_in_flags(split: tuple[int, ...], interleave: int, flags: str) -> None:
    """The shortest words that make it; none where all stages are alike."""
    stages = len(split) // interleave
    assert (
        split_flags(laid_out(pipeline=stages, interleave=interleave, split=split)) == flags.split()
    )


def test_a_run_without_a_pipeline_has_no_split() -> None:
    """Nothing is said of one stage."""
    assert split_flags(SHARDED) == []


@pytest.mark.parametrize(
    ("split", "layout"),
    [
        ((27, 27, 26), "Et*27|t*27|t*26L"),
        ((3, *(2,) * 29, 0), "Et*3|(t*2|)*29L"),
        ((0, 1, 1, 0), "E|(t|)*2L"),
    ],
)
def test_a_layout_written_out(split: tuple[int, ...], layout: str) -> None:
    """The embedding first, the loss last, stages that repeat in brackets."""
    assert layout_of(split) == layout


@pytest.mark.parametrize("model", ["glm-5", "deepseek-v3.2"])
def test_latent_attention_of_other_widths_is_refused(model: str) -> None:
    """What is written are DeepSeek-V3's widths: neither wider ones nor an indexer beside them."""
    with pytest.raises(ExportError, match="other widths"):
        megatron.arguments(shape_of(model), MIXTURE, "bf16")


@pytest.mark.parametrize("model", ["deepseek-v3", "deepseek-v2-lite", "kimi-k2"])
def test_latent_attention_as_written(model: str) -> None:
    """These hold as many parameters as the widths say."""
    assert value(megatron.arguments(shape_of(model), MIXTURE, "bf16"), "--kv-lora-rank") == "512"


def test_megatron_is_told_the_layout() -> None:
    """Degrees, batch and steps are whole numbers that agree."""
    words = megatron.arguments(SEVENTY, LAUNCH, "bf16", 1000)
    assert value(words, "--tensor-model-parallel-size") == "8"
    assert value(words, "--global-batch-size") == "1024"
    assert value(words, "--train-iters") == "1000"
    assert value(words, "--num-query-groups") == "8"
    assert "--sequence-parallel" in words
    assert "--use-megatron-fsdp" not in words


def test_full_sharding_is_megatrons_own() -> None:
    """Groups smaller than all ranks are told by their number."""
    words = megatron.arguments(SEVENTY, SHARDED, "bf16")
    assert value(words, "--data-parallel-sharding-strategy") == "optim_grads_params"
    assert "--num-distributed-optimizer-instances" not in words
    hybrid = megatron.arguments(SEVENTY, laid_out(**_of(SHARDED), shard=8), "bf16")
    assert value(hybrid, "--num-distributed-optimizer-instances") == "64"


def _of(launch: object) -> dict[str, object]:
    """The fields of a layout but the groups."""
    names = ("tensor", "pipeline", "data", "micro_batches", "split")
    return {name: getattr(launch, name) for name in names}


def test_megatron_is_told_of_experts() -> None:
    """Shared ones, dense layers and latent attention where the model has them."""
    words = megatron.arguments(shape_of("deepseek-v3"), MIXTURE, "fp8")
    assert value(words, "--moe-layer-freq") == "([0]*3+[1]*58)"
    assert value(words, "--moe-shared-expert-intermediate-size") == "2048"
    assert value(words, "--q-lora-rank") == "1536"
    assert value(words, "--expert-tensor-parallel-size") == "1"
    assert value(words, "--fp8-format") == "hybrid"
    assert "--group-query-attention" not in words


@pytest.mark.parametrize(
    ("model", "gated"), [("llama-2-7b", True), ("gpt-3-175b", False), ("70B", False)]
)
def test_an_mlp_has_a_gate_where_its_parameters_say_so(model: str, gated: bool) -> None:
    """Three matrices or two, whichever comes nearer to N."""
    words = megatron.arguments(shape_of(model), LAUNCH, "bf16")
    assert ("--swiglu" in words) is gated


def test_tied_embeddings_are_not_untied() -> None:
    """As the model has them."""
    assert "--untie-embeddings-and-output-weights" in megatron.arguments(SEVENTY, LAUNCH, "bf16")
    tied = megatron.arguments(shape_of("llama-3.2-1b"), LAUNCH, "bf16")
    assert "--untie-embeddings-and-output-weights" not in tied


@pytest.mark.parametrize(
    ("model", "precision", "what"),
    [
        ("llama-3.1-70b", "mxfp4", "precision: Megatron-LM has no flags for 'mxfp4'; expected"),
        ("8x22B", "bf16", "8x22B: the number and width of its experts are not known; expected"),
        ("falcon-h1-7b", "bf16", "falcon-h1-7b: has state spaces beside its attention"),
        ("nemotron-3-super", "bf16", "its layers differ from one another"),
    ],
)
def test_what_megatron_has_no_flags_for(model: str, precision: str, what: str) -> None:
    """Said, with what it takes instead."""
    shape = shape_of(model, 39e9) if model == "8x22B" else shape_of(model)
    with pytest.raises(ExportError, match=what):
        megatron.arguments(shape, LAUNCH, precision)


def test_torchtitan_holds_the_micro_batches_of_a_pipeline_in_the_local_batch() -> None:
    """One accumulation step; the subcommand stands last."""
    words = torchtitan.arguments(SEVENTY, laid_out(recompute="full"), "bf16", 1000)
    assert value(words, "--training.local_batch_size") == "64"
    assert value(words, "--training.steps") == "1000"
    assert "--training.disable_cuda_graphs" in words
    assert words[-1] == "activation-checkpoint:full"


def test_degrees_of_torchtitan_multiply_to_the_world() -> None:
    """None is left open: -1 would round down."""
    words = torchtitan.arguments(shape_of("llama-3.1-8b"), SHARDED, "bf16")
    degrees = [int(n) for f, n in pairwise(words) if f.endswith("_degree")]
    product = 1
    for degree in degrees:
        product *= degree
    assert product == SHARDED.gpus


@pytest.mark.parametrize("split", [(20,) * 4, (27, 27, 26), (3, *(4,) * 14, 2), (19, 21, 20, 20)])
def test_torchtitan_spreads_layers_by_a_rule(split: tuple[int, ...]) -> None:
    """Its split has as many layers, and is ours where the rule makes it."""
    launch = laid_out(pipeline=len(split), split=split)
    less, each = torchtitan._rule_of(launch)
    made = torchtitan.spread(sum(split), len(split), less)
    assert sum(made) == sum(split)
    assert max(made) <= each
    assert made == split or split == (19, 21, 20, 20)


@pytest.mark.parametrize(
    ("model", "precision", "what"),
    [
        ("llama-3.1-405b", "bf16", "ships llama3_405b in fp8, not in bf16"),
        ("llama-2-70b", "bf16", "ships no configuration of llama-2-70b"),
    ],
)
def test_what_torchtitan_does_not_ship(model: str, precision: str, what: str) -> None:
    """Said, with what it ships."""
    with pytest.raises(ExportError, match=what):
        torchtitan.arguments(shape_of(model), LAUNCH, precision)


def test_recipes_are_named_as_their_columns_say() -> None:
    """Number of GPUs, part and precision stand in the name; degrees divide the number."""
    words = {"bf16": "bf16", "fp8": "fp8cs", "mxfp8": "fp8mx", "nvfp4": "nvfp4"}
    rows = bridge._recipes()
    assert len({row["recipe"] for row in rows}) == len(rows) > 150
    for row in rows:
        part = row["gpu"].split("_")[0]
        assert f"_{row['gpus']}gpu_{part}_{words[row['precision']]}" in row["recipe"]
        ranks = int(row["tensor"]) * int(row["pipeline"]) * int(row["context"])
        assert int(row["gpus"]) % ranks == 0, row["recipe"]
