"""FLOP a token as training frameworks count them, each by its own rule.

sixnd counts 6·N. Frameworks leave the input embedding out, count attention besides, and some every
expert: what they log is not an MFU by 6·N·D until it is converted. The rules were read in the
packages that ``catalog/frameworks.csv`` names and compared with what these return for Llama 3,
Mixtral, Qwen3 and DeepSeek-V3 (see tests/market/test_frameworks.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

from optimizer.physics.compute import BACKWARD_FLOP, FORWARD_FLOP
from problems import ModelShape

FLOP_PER_WEIGHT = FORWARD_FLOP + BACKWARD_FLOP
# Scores and values: two products of a head's width with every token attended to.
ATTENTION_PRODUCTS = 2
# Latent attention: width of a head in the scores (128 and 64 for the position) and in the values,
# as DeepSeek-V2, V3 and Kimi K2 have them.
LATENT_SCORE_WIDTH, LATENT_VALUE_WIDTH = 192, 128


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to count FLOP a token of a model at a context, and what it does in words."""

    count: Callable[[ModelShape, int], float]
    says: str


def flop_per_token(rule: str, shape: ModelShape, seq_len: int) -> float:
    """FLOP a token by one of ``RULES``, forward and backward."""
    return RULES[rule].count(shape, seq_len)


def own_flop_per_token(shape: ModelShape) -> float:
    """FLOP a token as sixnd counts them: 6·N, N the active parameters."""
    return FLOP_PER_WEIGHT * shape.active_parameters


def _full_attention(shape: ModelShape, seq_len: int) -> float:
    """torchtitan; windows count as full attention too."""
    attended = shape.layers * float(seq_len)
    return _products(shape) + _attention(shape, attended)


def _causal_exact(shape: ModelShape, seq_len: int) -> float:
    """olmo-core 3: the pairs of tokens that the mask leaves, themselves included."""
    attended = _attended(shape, seq_len, (seq_len + 1) / 2)
    return _products(shape) + _attention(shape, attended)


def _causal_with_logits(shape: ModelShape, seq_len: int) -> float:
    """MaxText: half of the context."""
    attended = _attended(shape, seq_len, seq_len / 2)
    return _products(shape) + _attention(shape, attended)


def _causal_without_router(shape: ModelShape, seq_len: int) -> float:
    """Megatron Bridge: half of the context; the choice of the experts is not counted."""
    router = shape.experts * shape.hidden * (shape.layers - shape.dense_layers)
    return _causal_with_logits(shape, seq_len) - FLOP_PER_WEIGHT * router


def _litgpt_estimate(shape: ModelShape, seq_len: int) -> float:
    """LitGPT: 6 a parameter and 20·L·h·s, the attention of frozen weights counted again."""
    return FLOP_PER_WEIGHT * shape.parameters + 20.0 * shape.layers * shape.hidden * seq_len


def _trainer(shape: ModelShape, seq_len: int) -> float:
    """The Trainer of transformers: it takes out every table that tokens are looked up in."""
    return FLOP_PER_WEIGHT * (shape.parameters - shape.vocab * shape.hidden)


def _products(shape: ModelShape) -> float:
    """FLOP of the weights that a token is multiplied with; it is looked up in the input table."""
    looked_up = 0 if shape.tied else shape.vocab * shape.hidden
    return FLOP_PER_WEIGHT * (shape.active_parameters - looked_up)


def _attention(shape: ModelShape, attended: float) -> float:
    """FLOP of attention for so many tokens attended to by one, all layers together."""
    return FLOP_PER_WEIGHT * ATTENTION_PRODUCTS * shape.heads * _head_width(shape) * attended


def _head_width(shape: ModelShape) -> float:
    """Width of a head, on the mean of scores and values."""
    if shape.latent:
        return (LATENT_SCORE_WIDTH + LATENT_VALUE_WIDTH) / ATTENTION_PRODUCTS
    return shape.head_dim or shape.hidden / shape.heads


def _attended(shape: ModelShape, seq_len: int, in_full: float) -> float:
    """Tokens attended to by one on average, over all layers, where ``in_full`` are in full ones."""
    full = shape.full_layers
    window = min(shape.window, seq_len)
    # The first tokens have a triangle before them, the others a whole window.
    in_window = window - window * (window - 1) / (2 * seq_len)
    return full * in_full + (shape.layers - full) * in_window


RULES = {
    "full_attention": Rule(
        _full_attention, "the weights without the input embedding, and attention without a mask"
    ),
    "causal_exact": Rule(
        _causal_exact, "the weights without the input embedding, and attention under the mask"
    ),
    "causal_with_logits": Rule(
        _causal_with_logits, "the weights without the input embedding, and half of the attention"
    ),
    "causal_without_router": Rule(
        _causal_without_router,
        "the weights without input embedding and router, and half of the attention",
    ),
    "litgpt_estimate": Rule(
        _litgpt_estimate, "the weights, every expert's, and attention 20·L·h·s"
    ),
    "trainer": Rule(_trainer, "the weights without the input embedding, every expert's"),
}
