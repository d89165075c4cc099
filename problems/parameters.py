"""Parameters and widths of a decoder, counted layer by layer from its configuration."""

from dataclasses import dataclass

from problems.architectures import Architecture
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
from problems.shapes import LayerMeans

# Tokens that a chunked scan works on at once, where a configuration does not say.
CHUNK = 64


@dataclass(frozen=True, slots=True)
class Attention:
    """Widths of one attention layer: query and key heads, value heads, and its parameters.

    ``expanded`` values of a token are made of latents, by ``expanding`` parameters.
    """

    heads: int
    kv_heads: int
    score_dim: int
    value_dim: int
    params: int
    expanded: int = 0
    expanding: int = 0


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear or state-space layer: parameters, values kept a token, work of its state."""

    params: int = 0
    width: int = 0
    state: int = 0


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
    attention = _attention(keys, of, hidden)
    linear = _linear(keys, of, hidden, attention)
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


def _attention(keys: Keys, of: Architecture, hidden: int) -> Attention:
    """The attention of every layer that has one."""
    heads = keys.number("num_attention_heads", "n_head")
    if of.latent:
        return _latent(keys, of, hidden, heads)
    kv_heads = _kv_heads(keys, heads)
    dim = keys.number("head_dim", "kv_channels", default=of.head_dim)
    if not dim:
        keys.divides("num_attention_heads", heads, "hidden_size", hidden)
        dim = max(1, hidden // heads)
    wide, narrow = heads * dim, kv_heads * dim
    params = hidden * (wide * (2 if of.query_gate else 1) + 2 * narrow) + wide * hidden
    if keys.flag(of.query_bias, of.bias_default):
        params += wide * (2 if of.query_gate and of.linear else 1) + 2 * narrow
    params += hidden * keys.flag(of.out_bias, of.bias_default)
    if of.qk_norm and keys.flag(of.qk_norm_if):
        params += 2 * dim if of.qk_norm == "head" else wide + narrow
    return Attention(heads, kv_heads, dim, dim, params + heads * of.sinks)


def _kv_heads(keys: Keys, heads: int) -> int:
    """Heads of keys and values; as many as queries have where nothing says otherwise."""
    default = heads
    if keys.flag("multi_query") and not keys.flag("new_decoder_architecture"):
        default = 1
    name = "num_key_value_heads" if keys.has("num_key_value_heads") else "num_kv_heads"
    if name == "num_kv_heads" and not keys.flag("new_decoder_architecture"):
        return default
    kv_heads = keys.number(name, default=default)
    keys.divides(name, kv_heads, "num_attention_heads", heads)
    return kv_heads


def _latent(keys: Keys, of: Architecture, hidden: int, heads: int) -> Attention:
    """Latent attention: queries, keys and values through narrow spaces (arXiv:2405.04434)."""
    rank = keys.number("q_lora_rank", default=0, least=0)
    narrow = keys.number("kv_lora_rank")
    nope, rope = keys.number("qk_nope_head_dim"), keys.number("qk_rope_head_dim")
    value = keys.number("v_head_dim")
    queries = heads * (nope + rope)
    expanding = rank * queries + narrow * heads * (nope + value)
    params = hidden * rank + rank if rank else hidden * queries
    params += hidden * (narrow + rope) + narrow + expanding
    params += heads * value * hidden
    if keys.flag(of.query_bias, of.bias_default):
        params += rank + narrow + rope
    params += hidden * keys.flag(of.out_bias, of.bias_default)
    if of.indexer:
        params += _indexer(keys, hidden, rank)
    expanded = heads * (nope + rope + value) + (queries if rank else 0)
    return Attention(heads, heads, nope + rope, value, params, expanded, expanding)


def _indexer(keys: Keys, hidden: int, rank: int) -> int:
    """What chooses the tokens that sparse attention reads: queries, one key, a weight a head."""
    heads, dim = keys.number("index_n_heads"), keys.number("index_head_dim")
    return rank * heads * dim + hidden * dim + 2 * dim + hidden * heads


def _linear(keys: Keys, of: Architecture, hidden: int, attention: Attention) -> Linear:
    if of.linear == "delta":
        return _delta(keys, hidden)
    if of.linear == "lightning":
        return _lightning(keys, hidden, attention)
    return _mamba(keys, of, hidden) if of.linear == "mamba" else Linear()


def _delta(keys: Keys, hidden: int) -> Linear:
    """Gated delta rule (arXiv:2412.06464): query, key, value, gate, two scalars a head."""
    key = keys.number("linear_num_key_heads") * keys.number("linear_key_head_dim")
    heads, dim = keys.number("linear_num_value_heads"), keys.number("linear_value_head_dim")
    value, kernel = heads * dim, keys.number("linear_conv_kernel_dim", default=4)
    params = hidden * (2 * key + 2 * value + 2 * heads) + (2 * key + value) * kernel
    params += 2 * heads + dim + value * hidden
    state = value * (keys.number("linear_key_head_dim") + CHUNK)
    return Linear(params, 2 * key + 3 * value, state)


def _lightning(keys: Keys, hidden: int, attention: Attention) -> Linear:
    """Lightning attention (arXiv:2501.08313): query, key, value, an output gate and a norm."""
    wide = attention.heads * attention.score_dim
    params = hidden * 3 * wide + wide * hidden + hidden * wide + wide
    chunk = keys.number("block_size", default=256)
    return Linear(params, 5 * wide, wide * (attention.score_dim + chunk // 2))


def _mamba(keys: Keys, of: Architecture, hidden: int) -> Linear:
    """Mamba-2 (arXiv:2405.21060): input, gate, two state projections, a step a head."""
    heads = keys.number("mamba_num_heads", "mamba_n_heads")
    # "auto" is what remains of the inner width for each head.
    dim = max(1, _expanded(keys, hidden) // heads)
    if keys.values.get("mamba_d_head") != "auto":
        dim = keys.number("mamba_head_dim", "mamba_d_head", default=dim)
    groups = keys.number("n_groups", "mamba_n_groups")
    state = keys.number("ssm_state_size", "mamba_d_state")
    kernel = keys.number("conv_kernel", "mamba_d_conv", default=4)
    inner = heads * dim
    through = inner + 2 * groups * state
    params = hidden * (inner + through + heads) + through * (kernel + 1) + 3 * heads
    params += inner * keys.flag(of.mamba_norm) + inner * hidden
    chunk = keys.number("chunk_size", "mamba_chunk_size", default=256)
    return Linear(params, 2 * inner + through, inner * (state + chunk // 2))


def _expanded(keys: Keys, hidden: int) -> int:
    """The inner width of a state-space layer."""
    return keys.number("mamba_d_ssm", default=hidden * keys.number("mamba_expand", default=2))


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
