"""No layout that launchers refuse is ever produced."""

import numpy as np
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from step_cases import gpus, setting

from optimizer.step.launch import Launch
from optimizer.step.layouts import Choices, replicas
from optimizer.step.predict import NoLayoutError, predict
from optimizer.step.sharing import however_shared, on_fleet
from optimizer.step.split import chunks_of, cut_of
from optimizer.step.transformer import transformer_of
from problems import shape_of

MODELS = ("llama-3.1-8b", "llama-3.1-70b", "qwen2.5-14b", "mixtral-8x7b", "13B", "gpt-2-1.5b")
PARTS = ("h100_sxm", "b200_sxm", "rtx_a6000")


def refusals(launch: Launch, model: str, node: int) -> list[str]:
    """What launchers would say against it, in plain integers."""
    shape = transformer_of(shape_of(model, 12.9e9 if model == "8x7B" else None))
    world = launch.tensor * launch.pipeline * launch.context * launch.data
    ranks = launch.data * launch.context
    experts = launch.expert * launch.expert_tensor
    rules = {
        "whole nodes": launch.gpus == world and world % node == 0,
        "heads": shape.heads % launch.tensor == 0 and shape.hidden % launch.tensor == 0,
        "batch": launch.data * launch.micro_batch * launch.micro_batches == launch.sequences,
        "interleaved": launch.interleave == 1 or launch.micro_batches % launch.pipeline == 0,
        "layers": launch.pipeline == 1 or sum(launch.split) == shape.layers,
        "chunks": len(launch.split) in (0, launch.pipeline * launch.interleave),
        "experts": (launch.shard if launch.shard > 1 else ranks) * launch.tensor % experts == 0,
        "one way or the other": launch.expert_tensor in (1, launch.tensor),
        "stages": launch.micro_batches >= launch.pipeline,
        "groups": shape.kv_heads == 1 or shape.kv_heads % launch.tensor == 0,
        "all experts": max(shape.experts, 1) % launch.expert == 0,
        "shards": ranks % launch.shard == 0,
        "one or the other": launch.pipeline == 1 or launch.shard == 1,
        "sequence": launch.seq_len % (launch.tensor * launch.context) == 0,
    }
    return [name for name, kept in rules.items() if not kept]


@settings(max_examples=examples(60), deadline=None)
@given(
    model=st.sampled_from(MODELS),
    part=st.sampled_from(PARTS),
    node=st.sampled_from((1, 2, 4, 8)),
    nodes=st.integers(1, 300),
    sequences=st.integers(1, 4096),
    own=st.booleans(),
)
def test_every_layout_can_be_launched(
    model: str, part: str, node: int, nodes: int, sequences: int, own: bool
) -> None:
    """Whole replicas and micro-batches; a batch of the user's own stays, a rule's moves by 5 %."""
    length = shape_of(model).seq_len
    room = 0.0 if own else 0.05
    here = setting(model, part, node=node, batch=float(sequences * length), room=room)
    try:
        launch = predict(here, gpus()[part], node * nodes).layout
    except NoLayoutError:
        return
    assert refusals(launch, model, node) == []
    assert launch.gpus + launch.idle == node * nodes
    assert abs(launch.sequences - sequences) <= room * sequences


@settings(max_examples=examples(60), deadline=None)
@given(
    nodes=st.integers(1, 300),
    sequences=st.integers(1, 4096),
)
def test_layouts_fill_a_fleet_exactly(nodes: int, sequences: int) -> None:
    """However the batch is shared, or so that launchers accept it."""
    shape, fleet = transformer_of(shape_of("llama-3.1-70b")), 8 * nodes
    kinds = replicas(shape, 8192, 8, 8, Choices())
    for found in (on_fleet(kinds, fleet, sequences), however_shared(kinds, fleet, sequences)):
        assert np.all(found.replica * found.data == fleet)
        assert np.all(found.data * found.context % found.shard == 0)
    accepted = on_fleet(kinds, fleet, sequences)
    count = accepted.sequences / (accepted.data * accepted.micro_batch)
    assert np.all(count == np.round(count))


@settings(max_examples=examples(200), deadline=None)
@given(
    layers=st.integers(2, 140),
    pipeline=st.integers(2, 32),
    interleave=st.integers(1, 12),
)
def test_the_chunks_of_a_pipeline_are_those_that_are_timed(
    layers: int, pipeline: int, interleave: int
) -> None:
    """First and last rank hold what is said, and none holds more than the fullest."""
    if pipeline * interleave > layers + 2:
        return
    chunks = chunks_of(layers, pipeline, interleave)
    ranks = [sum(chunks[rank::pipeline]) for rank in range(pipeline)]
    said = cut_of(*(np.asarray(float(n)) for n in (layers, pipeline, interleave)))
    assert [ranks[0], ranks[-1]] == [float(said.first), float(said.last)]
    assert max(ranks) <= said.fullest
    assert sum(chunks) == layers
    assert min(chunks) >= 0


@pytest.mark.parametrize(
    ("layers", "pipeline", "interleave", "chunks"),
    [
        (80, 4, 1, (20, 20, 20, 20)),
        (126, 16, 1, (7, *(8,) * 14, 7)),
        (70, 12, 1, (5, *(6,) * 10, 5)),
        (61, 4, 1, (14, 16, 16, 15)),
    ],
)
def test_how_layers_are_cut(
    layers: int, pipeline: int, interleave: int, chunks: tuple[int, ...]
) -> None:
    """Evenly; Llama 3.1 405B's and BLOOM's with their ends; 61 layers written out."""
    assert chunks_of(layers, pipeline, interleave) == chunks


def test_a_rack_shares_layers_beyond_its_nodes() -> None:
    """Instances of four GPUs in an NVL72 rack form one fast domain."""
    found = setting(gpu="gb200_nvl72", node=4, model="llama-3.1-405b").kinds()
    assert found.tensor.max() == 8


def test_a_layout_reads_as_the_field_writes_it() -> None:
    """The shorthand names the parts that are more than one."""
    launch = predict(setting("llama-3.1-405b"), gpus()["h100_sxm"], 1024).layout
    assert f"TP {launch.tensor}" in str(launch)
    assert "DP" in str(launch)
    assert "CP" not in str(launch)


@pytest.mark.parametrize(
    ("model", "part", "gpus_on_it"),
    [("1B", "mi300x", 8), ("llama-3.2-1b", "b200_sxm", 8), ("llama-3.1-8b", "h200_sxm", 64)],
)
def test_a_plain_layout_beats_a_laborious_one_that_is_hardly_faster(
    model: str, part: str, gpus_on_it: int
) -> None:
    """No pipeline and no full recomputation for a small model on large memory."""
    launch = predict(setting(model, part), gpus()[part], gpus_on_it).layout
    assert launch.pipeline == 1
    assert launch.recompute != "full"


def test_experts_tile_the_racks_that_they_lie_on() -> None:
    """Racks of 72 hold no whole groups of 64."""
    here = setting("deepseek-v3", "gb200_nvl72", node=72)
    launch = predict(here, gpus()["gb200_nvl72"], 288).layout
    assert 72 % launch.expert == 0
