"""No layout that cannot exist is ever produced."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from step_cases import setting

from optimizer.step.layouts import Choices, on_fleet, replicas
from optimizer.step.search import best_layout
from optimizer.step.transformer import transformer_of
from problems import shape_of

MODELS = ("llama-3.1-8b", "llama-3.1-70b", "qwen2.5-14b", "mixtral-8x7b", "13B", "gpt-2-1.5b")


@settings(max_examples=60, deadline=None)
@given(
    model=st.sampled_from(MODELS),
    node=st.sampled_from((1, 2, 4, 8)),
    nodes=st.integers(1, 300),
    sequences=st.integers(1, 4096),
    idle=st.booleans(),
)
def test_every_layout_can_exist(
    model: str, node: int, nodes: int, sequences: int, idle: bool
) -> None:
    """Whole replicas, heads and layers that split, a sequence for every rank."""
    shape = transformer_of(shape_of(model, 12.9e9 if model == "8x7B" else None))
    gpus = node * nodes
    found = on_fleet(replicas(shape, 8192, node, node, Choices()), gpus, sequences, idle=idle)
    used = found.replica * found.data
    assert np.all(used <= gpus)
    if not idle:
        assert np.all(used == gpus)
    assert np.all(found.data == np.floor(found.data))
    assert np.all(shape.heads % found.tensor == 0)
    assert np.all(shape.hidden % found.tensor == 0)
    assert np.all(found.tensor <= node)
    assert np.all(found.pipeline <= shape.layers)
    assert np.all(found.data * found.micro_batch <= sequences)
    assert np.all((found.pipeline == 1) | (found.shard == 1))
    assert np.all(found.data * found.context % found.shard == 0)
    assert np.all(found.expert <= max(shape.experts, 1))


def test_a_rack_shares_layers_beyond_its_nodes() -> None:
    """Instances of four GPUs in an NVL72 rack form one fast domain."""
    found = setting(gpu="gb200_nvl72", node=4, model="llama-3.1-405b").kinds()
    assert found.tensor.max() == 8


def test_a_layout_reads_as_the_field_writes_it() -> None:
    """The shorthand names the parts that are more than one."""
    found = best_layout(setting("llama-3.1-405b"), 1024)
    assert found is not None
    assert f"TP {found.layout.tensor}" in str(found.layout)
    assert "DP" in str(found.layout)
    assert "CP" not in str(found.layout)
