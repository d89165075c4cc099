"""Our counts against those of the classes of transformers, for each architecture and preset."""

import csv
import json

import pytest

from problems import shape_of
from problems.architectures import ARCHITECTURES
from problems.config_file import shape_from
from problems.presets import PRESETS_FILE, config_of_row, presets

with PRESETS_FILE.with_name("architectures.csv").open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
with PRESETS_FILE.open(encoding="utf-8", newline="") as lines:
    PRESETS = {row["preset"]: row for row in csv.DictReader(lines)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["model"])
def test_counts_are_those_of_transformers(row: dict[str, str]) -> None:
    """To the parameter, all and active: biases, norms and routers are no rounding."""
    config = json.loads(row["config"]) if row["config"] else config_of_row(PRESETS[row["model"]])
    shape = shape_from(config, row["model"])
    assert shape.parameters == int(row["parameters"])
    assert shape.active_parameters == int(row["active_parameters"])


def test_every_architecture_and_preset_is_counted() -> None:
    """The table is complete, and says by which version and when."""
    counted = {row["model"] for row in ROWS}
    assert counted >= set(ARCHITECTURES)
    assert counted >= {shape.name for shape in presets()}
    assert all(row["transformers"].startswith("5.") and row["counted_on"] for row in ROWS)


@pytest.mark.parametrize("shape", presets(), ids=lambda shape: shape.name)
def test_means_add_up(shape: object) -> None:
    """Layers and tables together are the model, but for its last norm and positions."""
    counted = shape_from(config_of_row(PRESETS[shape.name]), shape.name)  # type: ignore[attr-defined]
    means = counted.means
    assert means is not None
    tables = counted.vocab * counted.hidden * (1 if counted.tied else 2)
    layers = counted.layers * (means.mixing + means.passed)
    assert layers + tables == pytest.approx(counted.active_parameters, rel=0.002)
    unused = counted.layers * (means.experts - means.routed)
    assert counted.active_parameters + unused == pytest.approx(counted.parameters, rel=1e-9)


def test_windows_and_linear_layers_are_read() -> None:
    """Gemma 3 attends in full on every sixth layer, Qwen3-Next on every fourth, gpt-oss on half."""
    gemma, following, oss = (shape_of(n) for n in ("gemma-3-27b", "qwen3-next", "gpt-oss-120b"))
    assert (gemma.full_attention, gemma.window) == (10, 1024)
    assert (following.full_attention, following.window) == (12, 0)
    assert (oss.full_attention, oss.window) == (18, 128)
    assert following.means is not None
    assert following.means.state > 0
    assert shape_of("mistral-7b").full_layers == 0
    assert shape_of("llama-3.1-8b").full_layers == 32


def test_hybrids_attend_where_they_do() -> None:
    """In every layer of Falcon-H1, beside a state space; in 4 of 40, 8 of 88 and 12 of 108 else."""
    names = ("falcon-h1-34b", "granite-4.0-h-small", "nemotron-3-super", "nemotron-3-ultra")
    falcon, granite, super_, ultra = (shape_of(name) for name in names)
    assert [s.full_layers for s in (falcon, granite, super_, ultra)] == [72, 4, 8, 12]
    assert all(s.means is not None and s.means.state > 0 for s in (falcon, granite, super_, ultra))
    assert shape_of("granite-4.0-micro").full_layers == 40
    assert (super_.expert_input, ultra.expert_input) == (1024, 2048)
    assert (granite.experts, granite.expert_ffn, granite.shared_ffn) == (72, 768, 1536)
