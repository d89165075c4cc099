"""What a model looks like: a published one by name, or any size by a rule of proportions."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from problems.mistakes import ProblemError, nearest, shown
from problems.quantities import QuantityError, parse_parameters, split_experts

PRESETS_FILE = Path(__file__).with_name("presets.csv")

# GPT-3 175B is 12,288 wide and 96 deep (128 to 1), Llama 3.1 405B 16,384 and 126 (130 to 1).
WIDTH_PER_LAYER = 128
HEAD_WIDTH = 128
ESTIMATED_VOCAB = 128_256
ESTIMATED_SEQ_LEN = 4096
# Small models have small vocabularies: GPT-2 1.5B 50,257, Llama 2 7B 32,000.
LARGEST_EMBEDDING_SHARE = 0.25
ESTIMATE_SOURCE = (
    "estimate: N = 12·L·h² + V·h with h = 128·L, as GPT-3 175B (12,288 wide, 96 layers) "
    "and Llama 3.1 405B (16,384 wide, 126 layers)"
)
_EXPECTED = "expected a size such as 70B or 8x22B, or a preset such as llama-3.1-405b"


@dataclass(frozen=True, slots=True)
class ModelShape:
    """A transformer's parameters and proportions; 0 experts where it is dense or not known.

    ``seq_len`` is the context of most of the pre-training, not the longest one served. A mixture
    has ``experts`` routed ones of width ``expert_ffn`` a layer, of which a token passes
    ``experts_per_token``, shared ones of ``shared_ffn`` in all, and ``dense_layers`` without any;
    ``expert_input`` is what its experts see of a token where that is narrower than the model. 0
    where that is not known. Latent attention (``latent``) projects through a narrow space. Of
    the layers ``full_attention`` see the whole context (0: all of them), the others ``window``
    tokens (0: none, as linear and state-space layers do). Heads are ``head_dim`` wide (0: hidden
    over heads); ``tied`` embeddings are one matrix for input and output.
    """

    name: str
    parameters: float
    active_parameters: float
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    ffn: int
    vocab: int
    experts: int
    seq_len: int
    source: str
    estimated: bool
    experts_per_token: int = 0
    expert_ffn: int = 0
    shared_ffn: int = 0
    dense_layers: int = 0
    latent: bool = False
    full_attention: int = 0
    window: int = 0
    expert_input: int = 0
    head_dim: int = 0
    tied: bool = False


@cache
def presets() -> tuple[ModelShape, ...]:
    """Every published model that can be named instead of a size, sorted by name."""
    with PRESETS_FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(_from_row(row) for row in csv.DictReader(lines))


def shape_of(model: str, active: float | None = None) -> ModelShape:
    """The shape of a preset, named forgivingly, or of a size such as 70B."""
    is_size = re.match(r"\s*[-+.0-9]", model) is not None
    shape = _from_size(model, active) if is_size else _named(model)
    if active is None:
        return shape
    if not 0 < active <= shape.parameters:
        what = (
            f"{active:,.0f} is more than the {shape.parameters:,.0f} parameters of {shown(model)}"
        )
        raise ProblemError([f"active: {what}; expected fewer; swap the two?"])
    return replace(shape, active_parameters=active)


def find_presets(name: str) -> list[ModelShape]:
    """The presets that a name fits: the one of that name, or all that have its words."""
    exact = [shape for shape in presets() if _compact(shape.name) == _compact(name)]
    words = _words(name)
    # '7b' alone names no model; a family word such as llama has to be there.
    if exact or not any(word.isalpha() and len(word) > 2 for word in words):
        return exact
    return [shape for shape in presets() if words <= _words(shape.name)]


def _named(model: str) -> ModelShape:
    found = find_presets(model)
    if len(found) == 1:
        return found[0]
    if found:
        fits = ", ".join(shape.name for shape in found)
        raise ProblemError([f"model: {shown(model)} fits several presets; say which: {fits}"])
    near = nearest(model, (shape.name for shape in presets()), at_most=3)
    names: Iterable[str] = near or (shape.name for shape in presets())
    listed = ("nearest: " if near else "presets: ") + ", ".join(names)
    raise ProblemError([f"model: unknown preset {shown(model)}; {_EXPECTED}; {listed}"])


def _from_size(model: str, active: float | None) -> ModelShape:
    """The shape that a size implies; a mixture of experts is as wide as its active part."""
    try:
        parameters = parse_parameters(model)
        experts, _ = split_experts(model)
    except QuantityError as error:
        raise ProblemError([f"model: {error}"]) from None
    if experts > 1 and active is None:
        presets_like_it = [s.name for s in presets() if _words(model) <= _words(s.name)]
        instead = f", or use the preset {presets_like_it[0]}" if presets_like_it else ""
        what = f"{shown(model)} is a mixture of experts; expected its active parameters as well"
        raise ProblemError([f"model, active: {what}, such as 13B{instead}"])
    layers, hidden, vocab = _proportions(active or parameters)
    return ModelShape(
        name=model.strip(),
        parameters=parameters,
        active_parameters=parameters,
        layers=layers,
        hidden=hidden,
        heads=hidden // HEAD_WIDTH,
        kv_heads=hidden // HEAD_WIDTH,
        ffn=4 * hidden,
        vocab=vocab,
        experts=experts if experts > 1 else 0,
        seq_len=ESTIMATED_SEQ_LEN,
        source=ESTIMATE_SOURCE,
        estimated=True,
        tied=True,  # the rule counts one matrix of V·h
    )


def _proportions(parameters: float) -> tuple[int, int, int]:
    """Layers, width and vocabulary of a dense model: N = 12·L·h² + V·h with h = 128·L.

    The vocabulary is Llama 3's, or as much of it as a quarter of N holds; h and V are
    multiples of 128.
    """
    _, width = _layers_and_width(parameters)
    room = LARGEST_EMBEDDING_SHARE * parameters / width
    vocab = min(ESTIMATED_VOCAB, HEAD_WIDTH * max(1, int(room // HEAD_WIDTH)))
    layers, hidden = _layers_and_width(max(parameters - vocab * width, parameters / 2))
    return layers, hidden, vocab


def _layers_and_width(parameters: float) -> tuple[int, int]:
    layers = max(1, round((parameters / (12 * WIDTH_PER_LAYER**2)) ** (1 / 3)))
    exact_width = (parameters / (12 * layers)) ** 0.5
    return layers, HEAD_WIDTH * max(1, round(exact_width / HEAD_WIDTH))


def _from_row(row: dict[str, str]) -> ModelShape:
    parameters = float(row["parameters"])
    return ModelShape(
        name=row["preset"],
        parameters=parameters,
        active_parameters=float(row["active_parameters"] or parameters),
        layers=int(row["layers"]),
        hidden=int(row["hidden"]),
        heads=int(row["heads"]),
        kv_heads=int(row["kv_heads"]),
        ffn=int(row["ffn"]),
        vocab=int(row["vocab"]),
        experts=int(row["experts"] or 0),
        seq_len=int(row["seq_len"]),
        source=row["source_url"],
        estimated=False,
        experts_per_token=int(row["experts_per_token"] or 0),
        expert_ffn=int(row["expert_ffn"] or 0),
        shared_ffn=int(row["shared_experts"] or 0) * int(row["expert_ffn"] or 0),
        dense_layers=int(row["dense_layers"] or 0),
        latent=bool(row["attention_parameters"]),
        head_dim=int(row["head_dim"] or 0),
        tied=row["tied_embeddings"] == "yes",
    )


def _compact(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _words(name: str) -> set[str]:
    """Words and numbers apart: 'llama3.1-405b' is llama, 3.1 and 405b."""
    return set(re.findall(r"[0-9][0-9.]*(?:x[0-9.]+)?[a-z]*|[a-z]+", name.lower()))
