"""Parameters of what mixes tokens in a layer: attention of several kinds, state-space models."""

from dataclasses import dataclass

from problems.architecture import Architecture
from problems.config_keys import Keys

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


def attention_of(keys: Keys, of: Architecture, hidden: int) -> Attention:
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


def linear_of(keys: Keys, of: Architecture, hidden: int, attention: Attention) -> Linear:
    """The linear attention or state-space layers of an architecture; nothing where it has none."""
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
