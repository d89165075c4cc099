"""A config.json as a model: a file, standard input or a [model] section, and everything wrong."""

import contextlib
import csv
import io
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from problems import ProblemError, load_problem, make_question, shape_of
from problems.config_file import config_text

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "tie_word_embeddings": False,
    "max_position_embeddings": 131072,
}


def text(**changes: object) -> str:
    """The configuration of Llama 3.1 8B with some keys changed; None takes one out."""
    held = {**LLAMA, **changes}
    return json.dumps({key: value for key, value in held.items() if value is not None})


@pytest.fixture
def config(tmp_path: Path) -> Callable[[str], str]:
    """Writes a config.json and gives its path."""

    def write(content: str) -> str:
        path = tmp_path / "config.json"
        path.write_text(content, encoding="utf-8")
        return str(path)

    return write


def test_a_file_is_counted(config: Callable[[str], str]) -> None:
    """Llama 3.1 8B holds 8,030,261,248 parameters; its window is not its training context."""
    shape = shape_of(config(text()))
    assert shape.parameters == 8_030_261_248
    assert (shape.seq_len, shape.max_context) == (4096, 131072)
    assert "set --seq-len" in shape.context_source
    assert not shape.estimated


def test_the_language_part_of_a_multimodal_model_counts(config: Callable[[str], str]) -> None:
    """What sees images is left out; the outer file may say whether tables are tied."""
    inner = json.loads(text(tie_word_embeddings=None))
    outer = {"model_type": "some_vision", "text_config": inner, "tie_word_embeddings": True}
    tied = shape_of(config(json.dumps(outer)))
    assert tied.parameters == 8_030_261_248 - 128256 * 4096


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """'-' reads once; the question then holds the text and can be asked again."""
    piped = io.TextIOWrapper(io.BytesIO(text().encode()))
    monkeypatch.setattr("sys.stdin", piped)
    question = make_question(model="-", tokens="1T")
    assert shape_of(question.model).parameters == 8_030_261_248
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"nope")))
    with pytest.raises(ProblemError, match=r"^model: stdin:1: is not JSON"):
        make_question(model="-")


def test_a_section_of_a_problem_file(tmp_path: Path) -> None:
    """[model] has the keys of a config.json; a name and a training context may stand there too."""
    path = tmp_path / "p.toml"
    rows = [f"{key} = {json.dumps(value)}" for key, value in LLAMA.items()]
    section = "\n".join(["[model]", 'name = "ours"', "seq_len = 8192", *rows])
    path.write_text(f"[run]\ntokens = '1T'\n{section}\n", encoding="utf-8")
    shape = shape_of(load_problem(path).model)
    assert (shape.name, shape.seq_len, shape.context_source) == ("ours", 8192, "")
    path.write_text(f"[run]\nmodel = '8B'\n{section}\n", encoding="utf-8")
    with pytest.raises(ProblemError, match=r"p\.toml: run\.model: \[model\] gives the model"):
        load_problem(path)
    path.write_text("run:\n  model: config.json\n", encoding="utf-8")
    path = path.rename(tmp_path / "p.yaml")
    (tmp_path / "config.json").write_text(text(), encoding="utf-8")
    assert shape_of(load_problem(path).model).parameters == 8_030_261_248


def test_text_is_read_back() -> None:
    """A question made from a table is the same model on a command line."""
    assert shape_of(config_text(LLAMA)) == shape_of(text())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"num_key_value_heads": 5, "num_attention_heads": 64},
            r"config\.json: num_key_value_heads: 5; expected a divisor of num_attention_heads 64",
        ),
        ({"hidden_size": None}, r"hidden_size: is missing; expected a whole number from 1"),
        ({"intermediate_size": None}, r"config\.json: intermediate_size: is missing"),
        ({"hidden_size": "wide"}, r"hidden_size: 'wide'; expected a whole number"),
        ({"hidden_size": -4096}, r"hidden_size: -4096; expected a whole number"),
        ({"hidden_size": 0}, r"hidden_size: 0; expected"),
        ({"hidden_size": 4096.5}, r"hidden_size: 4096.5; expected a whole number"),
        ({"hidden_size": True}, r"hidden_size: True; expected"),
        ({"hidden_size": float("nan")}, r"hidden_size: nan; expected"),
        ({"hidden_size": 10**30}, r"hidden_size: 10{30}; expected"),
        ({"hidden_size": 4100}, r"num_attention_heads: 32; expected a divisor of hidden_size 4100"),
        ({"hidden_size": [1, 2]}, r"hidden_size: a list; expected"),
        ({"num_hidden_layers": 10**9}, r"num_hidden_layers: 1000000000; expected .* 10,000"),
        (
            {"vocab_size": 10**9, "hidden_size": 10**8},
            r"the sizes come to .* parameters; expected from 1,000",
        ),
        ({"attention_bias": "yes"}, r"attention_bias: 'yes'; expected true or false"),
        ({"layer_types": ["full_attention"]}, r"layer_types: 1 words; expected 32, one a layer"),
        ({"layer_types": ["odd"] * 32}, r"layer_types: 'odd'; expected words among full_attention"),
        ({"layer_types": 7}, r"layer_types: 7; expected a list with one word a layer"),
        ({"model_type": None}, r"model_type: is missing; expected the architecture"),
        ({"model_type": 7}, r"model_type: 7; expected a name"),
        ({"model_type": "lama"}, r"model_type: 'lama' is not known.*nearest: llama"),
        (
            {"model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 9},
            r"num_experts_per_tok: 9; expected at most the number of experts 8",
        ),
        ({"model_type": "deepseek_v3", "n_routed_experts": 8}, r"kv_lora_rank: is missing"),
    ],
)
def test_mistakes_say_file_key_found_and_expected(
    config: Callable[[str], str], changes: dict[str, object], said: str
) -> None:
    """Each mistake names its file and key, what was found and what was expected."""
    with pytest.raises(ProblemError, match=said) as error:
        make_question(model=config(text(**changes)))
    assert all(mistake.startswith("model: config.json: ") for mistake in error.value.mistakes)


def test_all_mistakes_are_told_at_once(config: Callable[[str], str]) -> None:
    """Three wrong keys, three lines."""
    wrong = text(hidden_size="x", vocab_size=-1, num_attention_heads=None)
    with pytest.raises(ProblemError) as error:
        shape_of(config(wrong))
    assert len(error.value.mistakes) >= 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("{", r"config\.json:1: is not JSON"),
        ("[1, 2]", "holds one list; expected an object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"hidden_size": ' + "9" * 5000 + "}", "a number of thousands of digits"),
        (" " * 1_000_001, "more than 1 MB"),
    ],
    ids=["empty", "cut", "list", "deep", "digits", "large"],
)
def test_what_is_no_config_is_refused(
    config: Callable[[str], str], content: str, said: str
) -> None:
    """Not JSON, not an object, too deep, too large: an error, never a traceback."""
    with pytest.raises(ProblemError, match=said):
        shape_of(config(content))


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """A pipe would wait for ever, a device never end."""
    pipe, device, folder = (tmp_path / f"{name}.json" for name in ("pipe", "device", "folder"))
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    folder.mkdir()
    for path, said in ((pipe, "regular"), (device, "regular"), (folder, "directory")):
        with pytest.raises(ProblemError, match=said):
            shape_of(str(path))
    with pytest.raises(ProblemError, match="no such file"):
        shape_of(str(tmp_path / "missing.json"))
    binary = tmp_path / "binary.json"
    binary.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(ProblemError, match=r"binary\.json:1: is not UTF-8"):
        shape_of(str(binary))


def test_no_value_of_any_key_is_a_traceback() -> None:
    """Every architecture, with keys left out or holding what nobody expects there."""
    table = Path(__file__).parents[2] / "problems" / "architectures.csv"
    with table.open(encoding="utf-8", newline="") as lines:
        configs = [json.loads(row["config"]) for row in csv.DictReader(lines) if row["config"]]
    odd = [0, -1, True, "x", [], [1, 2], [None], {}, 1e300, float("nan"), 10**40, "MEM*-", None]
    draw = random.Random(0)
    for _ in range(1500):
        config = dict(draw.choice(configs))
        for key in draw.sample(list(config), 2):
            config[key] = draw.choice(odd)
        with contextlib.suppress(ProblemError):
            shape_of(json.dumps(config))
