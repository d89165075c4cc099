"""Parameters and widths of a decoder, counted layer by layer from its configuration."""

from dataclasses import dataclass

from problems.architecture import Architecture
from problems.config_keys import MOST_LAYERS, Keys
from problems.layers import (
    DENSE,
    EXPERT_KEYS,
    FULL,
    LINEAR,
    MIXTURE,
    NONE,
    WINDOW,
    Layer,
    block_count,
    layers_of,
    window_of,
)
from problems.mixers import Attention, Linear, attention_of, linear_of
from problems.shapes import LayerMeans


@dataclass(frozen=True, slots=True)
class Mlp:
    """An MLP's parameters, all of them and those that a token passes; ``width`` of values kept."""

    total: int = 0
    passed: int = 0
    routed: int = 0
    experts: int = 0
    width: int = 0


@dataclass(frozen=True, slots=True)
class Experts:
    """A layer's routed experts: how many, how many a token passes, widths; 0 where it is dense."""

    number: int = 0
    chosen: int = 0
    width: int = 0
    shared_width: int = 0
    input: int = 0


@dataclass(frozen=True, slots=True)
class Decoder:
    """A configuration counted: parameters, active ones, layers and what a mean one holds."""

    parameters: int
    active: int
    layers: tuple[Layer, ...]
    hidden: int
    vocab: int
    ffn: int
    tied: bool
    latent: bool
    window: int
    attention: Attention
    experts: Experts
    means: LayerMeans


def count(keys: Keys, of: Architecture) -> Decoder:
    """The decoder that a configuration describes; its mistakes are in ``keys.mistakes``.

    Multi-token prediction and whatever sees images or sound are left out.
    """
    hidden = keys.number("hidden_size", "n_embd", "d_model")
    number = keys.number(
        "num_hidden_layers",
        "n_layer",
        "num_layers",
        default=block_count(keys) or None,
        most=MOST_LAYERS,
    )
    layers = tuple(layers_of(keys, of, number))
    vocab = keys.number("vocab_size")
    attention = attention_of(keys, of, hidden)
    linear = linear_of(keys, of, hidden, attention)
    experts = _experts(keys, of, hidden, layers)
    mlps = {kind: _mlp(kind, keys, of, hidden, experts) for kind in (DENSE, MIXTURE, NONE)}
    mlps = {kind: mlps[kind] for kind in {layer.mlp for layer in layers}}
    mixed = [_mixing(layer, of, attention, linear) for layer in layers]
    norms = _norm(of, hidden) * _norms(keys, of) + of.learned_activation
    tied = keys.flag("tie_word_embeddings", of.tied)
    outside = _outside(keys, of, hidden, vocab, tied)
    passed = [mlps[layer.mlp] for layer in layers]
    total = outside + sum(mixed) + number * norms + sum(mlp.total for mlp in passed)
    unused = sum(mlp.total - mlp.passed for mlp in passed)
    return Decoder(
        parameters=total,
        active=total - unused,
        layers=layers,
        hidden=hidden,
        vocab=vocab,
        ffn=_dense_width(keys, of, hidden) if DENSE in mlps else experts.width,
        tied=tied,
        latent=of.latent,
        window=window_of(keys, of) if any(layer.mix == WINDOW for layer in layers) else 0,
        attention=attention,
        experts=experts,
        means=_means(layers, mixed, passed, of, attention, linear),
    )


def _means(
    layers: tuple[Layer, ...],
    mixed: list[int],
    mlps: list[Mlp],
    of: Architecture,
    attention: Attention,
    linear: Linear,
) -> LayerMeans:
    number = len(layers)
    attending = sum(layer.mix in (FULL, WINDOW) for layer in layers)
    scanning = number if of.mamba_beside else sum(layer.mix == LINEAR for layer in layers)
    queries = attention.heads * (attention.score_dim + attention.value_dim)
    keys = attention.kv_heads * (attention.score_dim + attention.value_dim)
    if of.latent:  # every head has keys and values of its own while it trains
        keys = queries
    return LayerMeans(
        mixing=sum(mixed) / number,
        passed=sum(mlp.passed for mlp in mlps) / number,
        routed=sum(mlp.routed for mlp in mlps) / number,
        experts=sum(mlp.experts for mlp in mlps) / number,
        mixing_width=(attending * (queries + keys) + scanning * linear.width) / number,
        mlp_width=sum(mlp.width for mlp in mlps) / number,
        attention_width=queries // 2,
        kv_width=keys // 2,
        state=scanning * linear.state / number,
        expanded=attending * attention.expanded / number,
        expanding=attending * attention.expanding / number,
    )


def _outside(keys: Keys, of: Architecture, hidden: int, vocab: int, tied: bool) -> int:
    """What is not in layers: embeddings, positions, the last norm, the head's bias."""
    tables = vocab * hidden * (1 if tied else 2)
    if of.positions:
        tables += keys.number("n_positions", "max_position_embeddings", default=1024) * hidden
    norms = int(of.final_norm) + int(of.embedding_norm)
    return tables + norms * _norm(of, hidden) + vocab * keys.flag(of.head_bias)


def _norms(keys: Keys, of: Architecture) -> int:
    """Norms a layer; Falcon's first design runs attention and MLP side by side, after one."""
    old = of.model_type == "falcon" and not keys.flag("new_decoder_architecture")
    return 1 if old and keys.flag("parallel_attn", default=True) else of.norms


def _norm(of: Architecture, width: int) -> int:
    return width * (2 if of.norm_bias else 1)


def _mixing(layer: Layer, of: Architecture, attention: Attention, linear: Linear) -> int:
    if layer.mix == NONE:
        return 0
    if layer.mix == LINEAR:
        return linear.params
    return attention.params + (linear.params if of.mamba_beside else 0)


def _experts(keys: Keys, of: Architecture, hidden: int, layers: tuple[Layer, ...]) -> Experts:
    """The experts of a layer that has them."""
    if not any(layer.mlp == MIXTURE for layer in layers):
        return Experts()
    number = keys.number(*EXPERT_KEYS)
    chosen = keys.number("num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k")
    keys.at_most("num_experts_per_tok", chosen, "the number of experts", number)
    width = keys.number("moe_intermediate_size", "expert_ffn_hidden_size", "intermediate_size")
    return Experts(
        number=number,
        chosen=chosen,
        width=width,
        shared_width=_shared_width(keys, of, width),
        input=keys.number("moe_latent_size", default=hidden),
    )


def _shared_width(keys: Keys, of: Architecture, width: int) -> int:
    """Width of the experts that every token passes, all together."""
    if of.model_type == "llama4_text":
        return width
    whole = ("shared_expert_intermediate_size", "shared_intermediate_size")
    if keys.has(*whole):
        return keys.number(*whole, least=0)
    shared = keys.number(
        *("n_shared_experts", "num_shared_experts", "num_shared_expert"),
        "moe_num_shared_experts",
        default=0,
        least=0,
    )
    if of.model_type == "hunyuan_v1_moe":
        shared = max(shared, 1)
    return shared * keys.number("moe_shared_expert_intermediate_size", default=width)


def _dense_width(keys: Keys, of: Architecture, hidden: int) -> int:
    if keys.has("intermediate_size_mlp"):  # Llama 4: its intermediate_size is the experts'
        return keys.number("intermediate_size_mlp")
    plain = 4 * hidden if not of.gated else None
    return keys.number("intermediate_size", "n_inner", "ffn_hidden_size", default=plain)


def _mlp(kind: str, keys: Keys, of: Architecture, hidden: int, experts: Experts) -> Mlp:
    matrices = 3 if of.gated else 2
    if kind == NONE or (kind == MIXTURE and not experts.number):
        return Mlp()
    bias = keys.flag(of.mlp_bias, of.bias_default)
    if kind == DENSE:
        width = _dense_width(keys, of, hidden) if not experts.number or _has_dense(keys) else 0
        params = _params(matrices, hidden, width, bias)
        return Mlp(params, params, width=matrices * width)
    one = _params(matrices, experts.input, experts.width, bias or of.expert_bias)
    shared = _params(matrices, hidden, experts.shared_width, bias) if experts.shared_width else 0
    router = experts.number * (hidden + of.router_bias + of.correction)
    around = shared + router + hidden * of.shared_gate
    if experts.input != hidden:
        around += 2 * hidden * experts.input
    routed = experts.chosen * one
    return Mlp(
        total=around + experts.number * one,
        passed=around + routed,
        routed=routed,
        experts=experts.number * one,
        width=matrices * (experts.chosen * experts.width + experts.shared_width),
    )


def _has_dense(keys: Keys) -> bool:
    return keys.has("intermediate_size_mlp", "intermediate_size", "n_inner", "ffn_hidden_size")


def _params(matrices: int, hidden: int, width: int, bias: bool) -> int:
    """Two or three matrices between two widths, with their biases."""
    return matrices * hidden * width + bias * ((matrices - 1) * width + hidden)
