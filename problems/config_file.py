"""A model's config.json, as Hugging Face writes it, as a shape: read, checked and counted.

Nothing is fetched: the text comes from a file, from standard input, from a problem file's
[model] section or from a row of presets.csv.
"""

import json
import stat
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from problems.architectures import ARCHITECTURES, SAME_AS
from problems.config_keys import Keys
from problems.layers import FULL, MIXTURE
from problems.mistakes import ProblemError, nearest, shown
from problems.parameters import Decoder, count
from problems.quantities import PARAMETERS, say_count
from problems.shapes import ModelShape

LARGEST_CONFIG_BYTES = 1_000_000
STDIN = "-"
# Where a multimodal model keeps the configuration of its language model.
_NESTED = ("text_config", "language_config", "llm_config")
# A config.json has the context that a model serves; most is trained at far less.
ASSUMED_CONTEXT = 4096
CONTEXT_SOURCE = (
    "default: a config.json says what context is served, not which was trained; set --seq-len"
)


def is_config(model: str) -> bool:
    """Whether MODEL is a configuration: a .json file or JSON text itself."""
    text = model.strip()
    return text.startswith("{") or text.lower().endswith(".json")


def config_shape(model: str) -> ModelShape:
    """The shape that a .json file or JSON text describes; ProblemError tells every mistake."""
    text = model.strip()
    if text.startswith("{"):
        return _shape_of_text(text, "[model]")
    path = Path(text)
    return _shape_of_text(_read(path), path.name)


def read_stdin() -> str:
    """A configuration piped in, as JSON text; ProblemError where none is."""
    if sys.stdin is None or sys.stdin.isatty():
        what = "stdin: nothing is piped in; expected a config.json"
        raise ProblemError([f"model: {what}; write: sixnd plan - < config.json"])
    try:
        raw = sys.stdin.buffer.read(LARGEST_CONFIG_BYTES + 1)
    except OSError as error:
        raise ProblemError([f"model: stdin: cannot be read: {error.strerror}"]) from None
    values = _parsed(_decoded(raw, "stdin"), "stdin")
    shape_from(values, "stdin")  # mistakes are told as of what was piped in
    return config_text(values)


def config_text(values: Mapping[str, Any]) -> str:
    """A configuration as one line of JSON, which is read back as the same model."""
    try:
        return json.dumps(dict(values), sort_keys=False)
    except (TypeError, ValueError, RecursionError):
        what = "[model]: holds what JSON cannot; expected numbers, texts, lists, true and false"
        raise ProblemError([f"model: {what}"]) from None


def shape_from(values: Mapping[str, Any], where: str) -> ModelShape:
    """The shape of a configuration; mistakes begin with ``where``."""
    inner = _language_part(values)
    kind = _kind(inner, where)
    keys = Keys(inner)
    decoder = count(keys, ARCHITECTURES[kind])
    served = keys.number("max_position_embeddings", "n_positions", "seq_length", default=0, least=0)
    trained = keys.number("seq_len", default=0, least=0)
    if not PARAMETERS.least <= decoder.parameters <= PARAMETERS.most:
        what = f"the sizes come to {decoder.parameters:.3g} parameters"
        keys.mistakes.append(f"{what}; expected {PARAMETERS.bounds}")
    if keys.mistakes:
        told = dict.fromkeys(keys.mistakes)
        raise ProblemError([f"model: {where}: {mistake}" for mistake in told])
    source = f"{where}: {kind}, {len(decoder.layers)} layers of {decoder.hidden:,}"
    shape = shape_of_decoder(decoder, _name(values, kind, decoder), source)
    return with_context(shape, trained, served)


def with_context(shape: ModelShape, trained: int, served: int) -> ModelShape:
    """The shape with its training context, assumed where it is 0, and the one it serves."""
    assumed = min(ASSUMED_CONTEXT, served or ASSUMED_CONTEXT)
    return replace(
        shape,
        seq_len=trained or assumed,
        max_context=served,
        context_source="" if trained else CONTEXT_SOURCE,
    )


def shape_of_decoder(decoder: Decoder, name: str, source: str) -> ModelShape:
    """A counted decoder as a planner sees it."""
    number = len(decoder.layers)
    full = sum(layer.mix == FULL for layer in decoder.layers)
    mixtures = sum(layer.mlp == MIXTURE for layer in decoder.layers)
    attention, experts = decoder.attention, decoder.experts
    return ModelShape(
        name=name,
        parameters=float(decoder.parameters),
        active_parameters=float(decoder.active),
        layers=number,
        hidden=decoder.hidden,
        heads=attention.heads,
        kv_heads=attention.kv_heads,
        ffn=decoder.ffn,
        vocab=decoder.vocab,
        experts=experts.number,
        seq_len=ASSUMED_CONTEXT,
        source=source,
        estimated=False,
        experts_per_token=experts.chosen,
        expert_ffn=experts.width,
        shared_ffn=experts.shared_width,
        dense_layers=number - mixtures if experts.number else 0,
        latent=decoder.latent,
        full_attention=0 if full == number else full,
        window=decoder.window,
        expert_input=experts.input if experts.input != decoder.hidden else 0,
        head_dim=attention.score_dim if not decoder.latent else 0,
        tied=decoder.tied,
        means=decoder.means,
    )


def _name(values: Mapping[str, Any], kind: str, decoder: Decoder) -> str:
    """What the configuration calls itself, or its architecture and size."""
    own = values.get("name") or values.get("_name_or_path")
    if isinstance(own, str) and own.strip() and own.isprintable() and len(own) <= 100:
        return own.strip()
    return f"{kind} {say_count(float(f'{decoder.parameters:.3g}'))}"


def _language_part(values: Mapping[str, Any]) -> dict[str, Any]:
    """The language model's own configuration, out of that of a multimodal model."""
    inner = next((values[key] for key in _NESTED if isinstance(values.get(key), Mapping)), None)
    if inner is None:
        return dict(values)
    outer = {key: values[key] for key in ("model_type", "tie_word_embeddings") if key in values}
    return {**outer, **{key: held for key, held in inner.items() if held is not None}}


def _kind(values: Mapping[str, Any], where: str) -> str:
    """The architecture that the configuration names."""
    named = values.get("model_type")
    if named is None:
        what = "model_type: is missing; expected the architecture, such as llama or qwen3_moe"
        raise ProblemError([f"model: {where}: {what}"])
    if not isinstance(named, str):
        what = f"model_type: {shown(named)}; expected a name such as llama or qwen3_moe"
        raise ProblemError([f"model: {where}: {what}"])
    kind = SAME_AS.get(named, named)
    if kind in ARCHITECTURES:
        return kind
    near = nearest(named, ARCHITECTURES, at_most=2)
    hint = f"nearest: {', '.join(near)}" if near else f"known: {', '.join(ARCHITECTURES)}"
    what = f"model_type: {shown(named)} is not known, so its layers cannot be counted; {hint}"
    missing = "give a size such as 70B or 30B-A3B instead"
    raise ProblemError([f"model: {where}: {what}; {missing}"])


def _read(path: Path) -> str:
    """The text of a small regular file."""
    name = path.name
    try:
        status = path.stat()
    except FileNotFoundError:
        raise _refused(str(path), "no such file; expected the path of a config.json") from None
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "no file has such a name"
        raise _refused(shown(str(path)), f"cannot be read: {said}") from None
    if stat.S_ISDIR(status.st_mode):
        raise _refused(name, "is a directory; expected a config.json; name the file inside it")
    if not stat.S_ISREG(status.st_mode):
        raise _refused(name, "is not a regular file; expected a config.json")
    try:
        with path.open("rb") as file:
            return _decoded(file.read(LARGEST_CONFIG_BYTES + 1), name)
    except OSError as error:
        raise _refused(name, f"cannot be read: {error.strerror}") from None


def _decoded(raw: bytes, where: str) -> str:
    if len(raw) > LARGEST_CONFIG_BYTES:
        raise _refused(where, "more than 1 MB; expected a config.json; is it the right file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _refused(f"{where}:{line}", "is not UTF-8 text; expected a config.json") from None


@lru_cache(maxsize=64)
def _shape_of_text(text: str, where: str) -> ModelShape:
    return shape_from(_parsed(text, where), where)


def _parsed(text: str, where: str) -> dict[str, Any]:
    if not text.strip():
        raise _refused(where, "is empty; expected a config.json")
    try:
        values = json.loads(text)
    except RecursionError:
        raise _refused(where, "nested too deeply; expected one object of keys") from None
    except json.JSONDecodeError as error:
        what = f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise _refused(f"{where}:{error.lineno}", f"{what}; expected a config.json") from None
    except ValueError:  # a whole number of thousands of digits
        raise _refused(where, "holds a number of thousands of digits; expected sizes") from None
    if not isinstance(values, dict):
        kind = type(values).__name__
        raise _refused(where, f"holds one {kind}; expected an object with model_type and sizes")
    return values


def _refused(where: str, what: str) -> ProblemError:
    return ProblemError([f"model: {where}: {what}"])
