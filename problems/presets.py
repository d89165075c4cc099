"""Published models by name, and whatever else names a model, as shapes."""

import csv
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from catalog.vocabulary import squeezed
from problems.config_file import config_shape, is_config, shape_from, with_context
from problems.mistakes import ProblemError, nearest, shown
from problems.shapes import ModelShape
from problems.sizes import is_size, size_shape

__all__ = ["PRESETS_FILE", "ModelShape", "find_presets", "presets", "shape_of"]

PRESETS_FILE = Path(__file__).with_name("presets.csv")
_EXPECTED = (
    "expected a size such as 70B or 30B-A3B, a preset such as llama-3.1-405b, or a config.json"
)
# Columns of presets.csv, and the keys of config.json that they hold.
_KEYS = {
    "model_type": "model_type",
    "layers": "num_hidden_layers",
    "hidden": "hidden_size",
    "heads": "num_attention_heads",
    "kv_heads": "num_key_value_heads",
    "head_dim": "head_dim",
    "ffn": "intermediate_size",
    "vocab": "vocab_size",
    "experts": "num_experts",
    "experts_per_token": "num_experts_per_tok",
    "expert_ffn": "moe_intermediate_size",
    "shared_experts": "n_shared_experts",
    "dense_layers": "first_k_dense_replace",
}
# How far active parameters of one's own may be from those of a model that was counted.
FARTHEST_ACTIVE = 0.25
# What a published name may end in without another shape: tuned on instructions, or a date.
_VARIANTS = re.compile(
    r"[-_ ](?:instruct|base|it|pt|chat|hf|thinking|sft|dpo|[0-9]{4})$", re.IGNORECASE
)
# Granite 4.0 is Granite 4.
_NOUGHT = re.compile(r"(?<=[0-9])\.0(?![0-9])")


@cache
def presets() -> tuple[ModelShape, ...]:
    """Every published model that can be named instead of a size, sorted by name."""
    return tuple(_shape_at(place) for place in range(len(_rows())))


def shape_of(model: str, active: float | None = None) -> ModelShape:
    """The shape of a model: a preset or its Hugging Face id, a size, a config.json or its text.

    ``active`` takes the place of its active parameters. ProblemError where it cannot be read.

    >>> shape_of("mixtral-8x7b").layers
    32
    >>> shape_of("30B-A3B").active_parameters
    3000000000.0
    """
    if is_config(model):
        return _activated(config_shape(model), model, active)
    if is_size(model):
        return _sized(model, active)
    return _activated(_named(model), model, active)


def find_presets(name: str) -> list[ModelShape]:
    """The presets that a name fits: the one of that name or id, or all that have its words."""
    exact = _exactly(name)
    words = _words(name)
    # '7b' alone names no model; a family word such as llama has to be there.
    if exact or "/" in name or not any(word.isalpha() and len(word) > 2 for word in words):
        return exact
    return [shape for shape in presets() if words <= _words(shape.name)]


def _exactly(name: str) -> list[ModelShape]:
    """The preset of this name or id, or of the model that it is a tuned variant of."""
    by_name = _by_id() if "/" in name else _by_name()
    bare = name.strip()
    while bare:
        if _compact(bare) in by_name:
            return [_shape_at(by_name[_compact(bare)])]
        shorter = _VARIANTS.sub("", bare)
        if shorter == bare:
            break
        bare = shorter
    return []


@cache
def _by_name() -> dict[str, int]:
    """The places of presets in the table by their names."""
    return {_compact(row["preset"]): place for place, row in enumerate(_rows())}


@cache
def _by_id() -> dict[str, int]:
    """The same by their Hugging Face ids, with the organization."""
    rows = enumerate(_rows())
    return {_compact(one): place for place, row in rows for one in row["hf_id"].split()}


@cache  # most questions name one model, and to build all of them takes as long as an answer
def _shape_at(place: int) -> ModelShape:
    """The preset at a place of the table."""
    return _from_row(_rows()[place])


def _activated(shape: ModelShape, model: str, active: float | None) -> ModelShape:
    """The shape with other active parameters; what its layers hold then follows from those."""
    if active is None or active == shape.active_parameters:
        return shape
    if shape.experts <= 1 and shape.means is not None:
        what = f"{shown(model)} is dense: a token passes all {shape.parameters:,.0f} parameters"
        raise ProblemError([f"active: {what}; expected none; leave it out"])
    if not 0 < active <= shape.parameters:
        what = (
            f"{active:,.0f} is more than the {shape.parameters:,.0f} parameters of {shown(model)}"
        )
        raise ProblemError([f"active: {what}; expected fewer; swap the two?"])
    if shape.means is not None and abs(active / shape.active_parameters - 1) > FARTHEST_ACTIVE:
        passes = f"a token passes {shape.experts_per_token} of {shape.experts} experts"
        what = f"{active:,.0f} of {shown(model)}, where {passes} and so"
        said = f"{what} {shape.active_parameters:,.0f} parameters"
        raise ProblemError([f"active: {said}; expected about as many; leave it out"])
    return replace(shape, active_parameters=active, means=None)


def _sized(model: str, active: float | None) -> ModelShape:
    """A size as a shape; where the active parameters are missing, presets of the size are named."""
    try:
        return size_shape(model, active)
    except ProblemError as error:
        like_it = [s.name for s in presets() if _words(model) <= _words(s.name)]
        if not error.mistakes[0].startswith("model, active: ") or not like_it:
            raise
        raise ProblemError([f"{error.mistakes[0]}, or use the preset {like_it[0]}"]) from None


def _named(model: str) -> ModelShape:
    found = find_presets(model)
    if len(found) == 1:
        return found[0]
    if found:
        fits = ", ".join(shape.name for shape in found)
        raise ProblemError([f"model: {shown(model)} fits several presets; say which: {fits}"])
    bare = model.rpartition("/")[2]
    near = nearest(bare, (shape.name for shape in presets()), at_most=3)
    names: Iterable[str] = near or (shape.name for shape in presets())
    listed = ("nearest: " if near else "presets: ") + ", ".join(names)
    raise ProblemError([f"model: unknown preset {shown(model)}; {_EXPECTED}; {listed}"])


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with PRESETS_FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def config_of_row(row: dict[str, str]) -> dict[str, Any]:
    """A row of presets.csv as the config.json that it was read from."""
    config: dict[str, Any] = {
        key: row[column] if column == "model_type" else int(row[column])
        for column, key in _KEYS.items()
        if row[column]
    }
    config["tie_word_embeddings"] = row["tied_embeddings"] == "yes"
    return {**config, **json.loads(row["config"] or "{}")}


def _from_row(row: dict[str, str]) -> ModelShape:
    parameters = float(row["parameters"])
    shape = replace(
        shape_from(config_of_row(row), row["preset"]),
        name=row["preset"],
        parameters=parameters,
        active_parameters=float(row["active_parameters"] or parameters),
        source=row["source_url"],
    )
    return with_context(shape, int(row["seq_len"] or 0), int(row["window"] or 0))


def _compact(name: str) -> str:
    return "/".join(map(squeezed, _NOUGHT.sub("", name.lower()).split("/")))


def _words(name: str) -> set[str]:
    """Words and numbers apart: 'llama3.1-405b' is llama, 3.1 and 405b."""
    text = _NOUGHT.sub("", name.lower())
    return set(re.findall(r"[0-9][0-9.]*(?:x[0-9.]+)?[a-z]*|[a-z]+", text))
