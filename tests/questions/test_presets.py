"""Published models, and the shape of a size that has no name."""

import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems import ProblemError, shape_of
from problems.architectures import ARCHITECTURES
from problems.config_file import shape_from
from problems.presets import PRESETS_FILE, config_of_row, presets

with PRESETS_FILE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))


def number(row: dict[str, str], column: str) -> float:
    """The cell, 0 where it is blank."""
    return float(row[column] or 0)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["preset"])
def test_parameters_follow_from_the_shape(row: dict[str, str]) -> None:
    """A wrong layer count or width cannot hide: it moves the count; or the row says why."""
    counted = shape_from(config_of_row(row), row["preset"])
    active = number(row, "active_parameters") or number(row, "parameters")
    rel = 0.03 if row["note"] else 0.01
    assert counted.parameters == pytest.approx(number(row, "parameters"), rel=rel)
    assert counted.active_parameters == pytest.approx(active, rel=rel)


def test_rows_are_sorted_unique_and_sourced() -> None:
    """One row a model, in order, each with a page and a date."""
    names = [row["preset"] for row in ROWS]
    assert names == sorted(set(names))
    assert len(names) >= 90
    for row in ROWS:
        assert row["source_url"].startswith("https://")
        assert row["source"]
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", row["read_on"])
        assert row["model_type"] in ARCHITECTURES
        assert number(row, "seq_len") <= number(row, "window") or not row["window"]
        assert row["tied_embeddings"] in ("yes", "no")
        assert bool(row["experts"]) == bool(row["active_parameters"]) == bool(row["expert_ffn"])


def test_each_huggingface_id_names_one_preset() -> None:
    """No id stands twice, and each leads to its own row."""
    ids = [(one, row["preset"]) for row in ROWS for one in row["hf_id"].split()]
    assert len(ids) == len({one.lower() for one, _ in ids})
    for one, preset in ids:
        assert shape_of(one).name == preset


def test_named_sizes_are_the_ones_people_multiply() -> None:
    """6ND of Llama 3.1 405B is computed with 405e9, as its paper does."""
    assert shape_of("llama-3.1-405b").parameters == 405e9
    assert shape_of("llama-3.1-70b").parameters == 70e9


@pytest.mark.parametrize(
    ("asked", "preset"),
    [
        ("Llama 3.1 405B", "llama-3.1-405b"),
        ("llama3.1-405b", "llama-3.1-405b"),
        ("llama-405b", "llama-3.1-405b"),
        ("LLAMA_2_7B", "llama-2-7b"),
        ("gpt3", "gpt-3-175b"),
        ("Mixtral 8x7B", "mixtral-8x7b"),
        ("DeepSeek V3", "deepseek-v3"),
        ("gpt-oss-120b", "gpt-oss-120b"),
        ("Kimi K2", "kimi-k2"),
        ("GLM-4.5", "glm-4.5"),
        ("Llama 4 Maverick", "llama-4-maverick"),
        ("OLMo 3 32B", "olmo-3-32b"),
        ("SmolLM3", "smollm3-3b"),
        ("MiniMax-M2", "minimax-m2"),
        ("Qwen3 32B", "qwen3-32b"),
        ("Apertus 70B", "apertus-70b"),
        ("Hunyuan A13B", "hunyuan-a13b"),
        ("Nemotron 3 Nano", "nemotron-3-nano-30b-a3b"),
        ("Nemotron 3 Super", "nemotron-3-super-120b-a12b"),
        ("Falcon-H1 34B", "falcon-h1-34b"),
        ("Falcon H1 1.5B", "falcon-h1-1.5b"),
        ("falcon-h1-1.5b-deep", "falcon-h1-1.5b-deep"),
        ("Falcon 7B", "falcon-7b"),
        ("Granite 4.0 H Small", "granite-4.0-h-small"),
        ("granite-4-h-tiny", "granite-4.0-h-tiny"),
        ("Granite 4 Micro", "granite-4.0-micro"),
        ("ibm-granite/granite-4.0-h-micro", "granite-4.0-h-micro"),
        ("tiiuae/Falcon-H1-7B-Instruct", "falcon-h1-7b"),
        ("meta-llama/Llama-3.1-8B", "llama-3.1-8b"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b"),
        ("deepseek-ai/DeepSeek-V3", "deepseek-v3"),
        ("deepseek-ai/DeepSeek-V3-0324", "deepseek-v3"),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507", "qwen3-30b-a3b"),
    ],
)
def test_preset_names_forgive(asked: str, preset: str) -> None:
    """Case, dashes and a missing version do not matter where one model fits."""
    shape = shape_of(asked)
    assert shape.name == preset
    assert not shape.estimated


def test_every_preset_answers_to_its_name() -> None:
    """No name is shadowed by another, and each one is complete."""
    for shape in presets():
        assert shape_of(shape.name) == shape
        assert 0 < shape.active_parameters <= shape.parameters
        assert shape.heads % shape.kv_heads == 0


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("llama 70b", r"several presets.*llama-2-70b, llama-3-70b, llama-3\.1-70b"),
        ("Granite 4", r"several presets.*granite-4\.0-h-micro, granite-4\.0-h"),
        ("lama-2-7b", r"unknown preset 'lama-2-7b'.*size.*llama-2-7b"),
        ("70Q", "unknown unit"),
        ("Gemma 3", r"several presets.*gemma-3-12b, gemma-3-1b, gemma-3-27b"),
        ("somebody/Llama-3.1-8B", r"unknown preset 'somebody/Llama-3.1-8B'.*nearest"),
    ],
)
def test_ambiguous_and_unknown_names_list_the_choices(name: str, says: str) -> None:
    """The error offers what could have been meant."""
    with pytest.raises(ProblemError, match=says):
        shape_of(name)


def test_a_size_has_the_proportions_of_known_models() -> None:
    """GPT-3 and Llama 3.1 405B come out near their true depth and width."""
    for size, layers, hidden in (("175B", 96, 12288), ("405B", 126, 16384)):
        shape = shape_of(size)
        assert shape.estimated
        assert shape.layers == pytest.approx(layers, rel=0.05)
        assert shape.hidden == pytest.approx(hidden, rel=0.05)


@given(st.floats(3e7, 1e14))
def test_estimated_shapes_hold_their_parameters(parameters: float) -> None:
    """12·L·h² is the size asked for, as near as whole layers and heads allow."""
    shape = shape_of(str(parameters))
    assert shape.hidden == 128 * shape.heads
    counted = 12 * shape.layers * shape.hidden**2 + shape.vocab * shape.hidden
    assert counted == pytest.approx(parameters, rel=0.4)


def test_tiny_models_still_have_a_layer() -> None:
    """The rule does not round a small model away."""
    shape = shape_of("1000")
    assert (shape.layers, shape.hidden, shape.heads) == (1, 128, 1)


def test_mixtures_of_experts_need_their_active_parameters() -> None:
    """6ND takes the active N, so a guess would be four times too dear."""
    with pytest.raises(ProblemError, match=r"active parameters.*mixtral-8x22b"):
        shape_of("8x22B")
    shape = shape_of("8x22B", 39e9)
    assert (shape.parameters, shape.active_parameters, shape.experts) == (1.76e11, 39e9, 8)
    with pytest.raises(ProblemError, match=r"^active: .*more than"):
        shape_of("8x22B", 2e11)


def test_active_overrides_a_preset() -> None:
    """What the user says wins over the table."""
    assert shape_of("mixtral-8x7b").active_parameters == 12.9e9
    assert shape_of("mixtral-8x7b", 13e9).active_parameters == 13e9


def test_total_and_active_in_one() -> None:
    """'30B-A3B' says both; a second, different figure is a contradiction."""
    shape = shape_of("30B-A3B")
    assert (shape.parameters, shape.active_parameters) == (30e9, 3e9)
    assert (shape.experts, shape.experts_per_token) == (64, 6)
    assert shape_of("30B-A3B", 3e9) == shape
    with pytest.raises(ProblemError, match=r"^active: .*says 3,000,000,000 already"):
        shape_of("30B-A3B", 4e9)
    with pytest.raises(ProblemError, match=r"^active: .*more than"):
        shape_of("30B-A40B")


def test_training_context_is_not_the_window() -> None:
    """Mixtral serves 64k; what it was trained at is assumed, and said."""
    shape = shape_of("mixtral-8x22b")
    assert (shape.seq_len, shape.max_context) == (4096, 65536)
    assert "set --seq-len" in shape.context_source
    assert shape_of("llama-3.1-8b").context_source == ""
