"""The shape of a model of which only the size is known, by rules of proportions."""

import re
from dataclasses import replace
from math import log2

from problems.mistakes import ProblemError, shown
from problems.quantities import QuantityError, parse_parameters, split_experts
from problems.shapes import ModelShape

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
# Mixtures are narrower and deeper for what they activate. Width, active parameters: Qwen3-30B-A3B
# 2,048 and 3.35B, gpt-oss-120b 2,880 and 5.7B, Maverick 5,120 and 17B, DeepSeek-V3 7,168 and 37.5B.
MIXTURE_WIDTH, MIXTURE_ACTIVE = 2048, 3.3e9
# Active parameters of a layer over h²: DeepSeek-V3 11.4, Qwen3 and GLM-4.5 13.3, gpt-oss-120b 15.2,
# MiniMax-M2 16.7, Mixtral 18 to 23, Hunyuan-A13B 23; attention alone 2.4 to 5.2 of it.
MIXTURE_PER_LAYER, MIXTURE_ATTENTION = 16, 4
# All heads over the model's width: Qwen3-30B-A3B and MiniMax-M2 2, gpt-oss 1.4, Maverick 1.
MIXTURE_HEADS = 1.5
MIXTURE_KV_HEADS = 8
# Of fine experts a token passes four (gpt-oss) to ten (Qwen3-Next), of coarse ones (Mixtral) two.
FINE_GRAINED, FINE_CHOSEN, COARSE_CHOSEN = 0.1, 6, 2
LEAST_ACTIVE_OF_DENSE = 0.95
MIXTURE_SOURCE = (
    "estimate: h = 2,048·sqrt(active / 3.3B), 16·h² of active parameters a layer, 4 of them "
    "attention, as Qwen3-30B-A3B, gpt-oss-120b, Qwen3-235B-A22B, GLM-4.5 and DeepSeek-V3"
)
_TOTAL_AND_ACTIVE = re.compile(r"\s*(.+?)[\s_-]+a([0-9][0-9.,_]*\s*[a-z]*)\s*", re.IGNORECASE)


def is_size(model: str) -> bool:
    """Whether MODEL begins as a number does, and is no id such as 01-ai/Yi-34B."""
    return re.match(r"\s*[-+.0-9]", model) is not None and "/" not in model


def split_active(model: str) -> tuple[str, str | None]:
    """The total and the active parameters of '30B-A3B', as written; None without the latter."""
    found = _TOTAL_AND_ACTIVE.fullmatch(model)
    return (found[1], found[2]) if found else (model, None)


def size_shape(model: str, active: float | None) -> ModelShape:
    """The shape that a size implies: '70B', '30B-A3B', or '8x22B' with its active parameters."""
    total, said = split_active(model)
    try:
        parameters = parse_parameters(total)
        experts, _ = split_experts(total)
        own = parse_parameters(said) if said is not None else None
    except QuantityError as error:
        raise ProblemError([f"model: {error}"]) from None
    active = _one_active(model, own, active)
    if experts > 1 and active is None:
        what = f"{shown(model)} is a mixture of experts; expected its active parameters as well"
        raise ProblemError([f"model, active: {what}, such as 13B"])
    if active is not None and active > parameters:
        what = f"{active:,.0f} is more than the {parameters:,.0f} parameters of {shown(model)}"
        raise ProblemError([f"active: {what}; expected fewer; swap the two?"])
    if active is not None and active < LEAST_ACTIVE_OF_DENSE * parameters:
        return _mixture(model.strip(), parameters, active, experts)
    return _dense(model.strip(), parameters, active or parameters)


def _one_active(model: str, own: float | None, active: float | None) -> float | None:
    """The active parameters, said in the size or beside it, but not twice differently."""
    if own is not None and active is not None and own != active:
        what = f"{shown(model)} says {own:,.0f} already; expected the same or none"
        raise ProblemError([f"active: {active:,.0f}, while {what}; leave one out"])
    return own if active is None else active


def _dense(name: str, parameters: float, active: float) -> ModelShape:
    return _plain(name, parameters, active, *_proportions(active))


def _plain(
    name: str, parameters: float, active: float, layers: int, hidden: int, vocab: int
) -> ModelShape:
    """A dense model of these layers, this width and vocabulary."""
    return ModelShape(
        name=name,
        parameters=parameters,
        active_parameters=active,
        layers=layers,
        hidden=hidden,
        heads=hidden // HEAD_WIDTH,
        kv_heads=hidden // HEAD_WIDTH,
        ffn=4 * hidden,
        vocab=vocab,
        experts=0,
        seq_len=ESTIMATED_SEQ_LEN,
        source=ESTIMATE_SOURCE,
        estimated=True,
        tied=True,  # the rule counts one matrix of V·h
    )


def _mixture(name: str, parameters: float, active: float, experts: int) -> ModelShape:
    """A mixture of experts: as wide as its active part has published mixtures."""
    hidden = _rounded(MIXTURE_WIDTH * (active / MIXTURE_ACTIVE) ** 0.5)
    vocab = _vocabulary(active, hidden)
    layer = MIXTURE_PER_LAYER * hidden**2
    layers = max(1, round((active - vocab * hidden) / layer))
    routed = (MIXTURE_PER_LAYER - MIXTURE_ATTENTION) * hidden**2
    all_of_them = (parameters - active) / layers + routed
    number, chosen = _routing(experts, routed / all_of_them)
    return replace(
        _plain(name, parameters, active, layers, hidden, vocab),
        heads=8 * max(1, round(MIXTURE_HEADS * hidden / HEAD_WIDTH / 8)),
        kv_heads=MIXTURE_KV_HEADS,
        experts=number,
        source=MIXTURE_SOURCE,
        experts_per_token=chosen,
        head_dim=HEAD_WIDTH,
    )


def _routing(experts: int, share: float) -> tuple[int, int]:
    """Routed experts of a layer and those a token passes, which are ``share`` of all."""
    if experts > 1:
        return experts, min(max(1, round(share * experts)), max(1, experts // 2))
    chosen = FINE_CHOSEN if share < FINE_GRAINED else COARSE_CHOSEN
    return 2 ** max(2, round(log2(chosen / share))), chosen


def _proportions(parameters: float) -> tuple[int, int, int]:
    """Layers, width and vocabulary of a dense model: N = 12·L·h² + V·h with h = 128·L.

    The vocabulary is Llama 3's, or as much of it as a quarter of N holds; h and V are
    multiples of 128.
    """
    _, width = _layers_and_width(parameters)
    vocab = _vocabulary(parameters, width)
    layers, hidden = _layers_and_width(max(parameters - vocab * width, parameters / 2))
    return layers, hidden, vocab


def _vocabulary(parameters: float, width: int) -> int:
    room = LARGEST_EMBEDDING_SHARE * parameters / width
    return min(ESTIMATED_VOCAB, HEAD_WIDTH * max(1, int(room // HEAD_WIDTH)))


def _layers_and_width(parameters: float) -> tuple[int, int]:
    layers = max(1, round((parameters / (12 * WIDTH_PER_LAYER**2)) ** (1 / 3)))
    return layers, _rounded((parameters / (12 * layers)) ** 0.5)


def _rounded(width: float) -> int:
    return HEAD_WIDTH * max(1, round(width / HEAD_WIDTH))
