"""Published models, and the shape of a size that has no name."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems import ProblemError, shape_of
from problems.presets import PRESETS_FILE, presets

with PRESETS_FILE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))


def number(row: dict[str, str], column: str) -> float:
    """The cell, 0 where it is blank."""
    return float(row[column] or 0)


def counted(row: dict[str, str], routed: float) -> float:
    """Parameters recomputed from the shape, ``routed`` experts of each layer counted."""
    hidden, layers = number(row, "hidden"), number(row, "layers")
    head_dim = number(row, "head_dim") or hidden / number(row, "heads")
    attention = number(row, "attention_parameters") or (
        2 * hidden * head_dim * (number(row, "heads") + number(row, "kv_heads"))
    )
    mlp = number(row, "mlp_matrices") * hidden
    dense_layers = number(row, "dense_layers") if row["experts"] else layers
    in_experts = (routed + number(row, "shared_experts")) * mlp * number(row, "expert_ffn")
    router = number(row, "experts") * hidden
    embeddings = number(row, "vocab") * hidden * (1 if row["tied_embeddings"] == "yes" else 2)
    return (
        layers * attention
        + dense_layers * mlp * number(row, "ffn")
        + (layers - dense_layers) * (in_experts + router)
        + embeddings
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["preset"])
def test_parameters_follow_from_the_shape(row: dict[str, str]) -> None:
    """A wrong layer count or width cannot hide: it moves the parameter count."""
    total = counted(row, number(row, "experts"))
    assert total == pytest.approx(number(row, "parameters"), rel=0.03)
    if row["experts"]:
        active = counted(row, number(row, "experts_per_token"))
        assert active == pytest.approx(number(row, "active_parameters"), rel=0.03)


def test_rows_are_sorted_unique_and_sourced() -> None:
    """One row a model, in order, each with a page and a date."""
    names = [row["preset"] for row in ROWS]
    assert names == sorted(set(names))
    assert len(names) >= 18
    for row in ROWS:
        assert row["source_url"].startswith("https://")
        assert row["source"]
        assert row["read_on"]
        assert row["tied_embeddings"] in ("yes", "no")
        assert bool(row["experts"]) == bool(row["active_parameters"]) == bool(row["expert_ffn"])


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


def test_ambiguous_and_unknown_names_list_the_choices() -> None:
    """The error offers what could have been meant."""
    with pytest.raises(ProblemError, match=r"several presets.*llama-2-70b, llama-3\.1-70b"):
        shape_of("llama 70b")
    with pytest.raises(ProblemError, match=r"unknown preset 'lama-2-7b'.*size.*llama-2-7b"):
        shape_of("lama-2-7b")
    with pytest.raises(ProblemError, match="unknown unit"):
        shape_of("70Q")


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
