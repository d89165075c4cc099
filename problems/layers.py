"""What each layer of a configuration is: how it mixes tokens, and which MLP follows."""

from dataclasses import dataclass

from problems.architecture import Architecture
from problems.config_keys import Keys
from problems.mistakes import shown

# How layers mix tokens: attention in full, in a window or chunk; linear, or not at all.
FULL, WINDOW, LINEAR, NONE = "full", "window", "linear", "none"
# Which MLP: one for all tokens, experts, or none.
DENSE, MIXTURE = "dense", "mixture"
_MIXES = {
    "full_attention": FULL,
    "attention": FULL,
    "indexed_attention": FULL,
    "hybrid": FULL,
    "sliding_attention": WINDOW,
    "chunked_attention": WINDOW,
    "linear_attention": LINEAR,
    "mamba": LINEAR,
}
_MLPS = {"dense": DENSE, "sparse": MIXTURE}
# Nemotron-H: one block a layer, as a letter or a word.
_LETTERS = {"M": "linear_attention", "*": "full_attention", "-": "mlp", "E": "moe"}
_BLOCKS = {
    "linear_attention": (LINEAR, NONE),
    "mamba": (LINEAR, NONE),
    "full_attention": (FULL, NONE),
    "attention": (FULL, NONE),
    "mlp": (NONE, DENSE),
    "moe": (NONE, MIXTURE),
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: how it mixes tokens, and its MLP."""

    mix: str
    mlp: str


def layers_of(keys: Keys, of: Architecture, count: int) -> list[Layer]:
    """Every layer of the model, in order."""
    if of.blocks:
        return _blocks(keys, count)
    mixes = keys.words("layer_types", count, _MIXES) or _mixes(keys, of, count)
    return [Layer(mix, mlp) for mix, mlp in zip(mixes, _mlps(keys, of, count), strict=True)]


def block_count(keys: Keys) -> int:
    """Layers of a model that spells out its blocks; 0 where it does not."""
    pattern = keys.values.get("hybrid_override_pattern")
    spelled = keys.values.get("layers_block_type")
    held = pattern if isinstance(pattern, str) else spelled
    return len(held) if isinstance(held, (str, list)) else 0


def _blocks(keys: Keys, count: int) -> list[Layer]:
    pattern = keys.values.get("hybrid_override_pattern")
    spelled = keys.values.get("layers_block_type")
    words = spelled if isinstance(spelled, list) else []
    if isinstance(pattern, str):
        words = [_LETTERS.get(letter, letter) for letter in pattern]
    key = "hybrid_override_pattern" if isinstance(pattern, str) else "layers_block_type"
    if len(words) != count:
        keys.mistakes.append(f"{key}: {len(words)} blocks; expected {count}, one a layer")
        return [Layer(FULL, NONE)] * count
    strange = [word for word in words if not isinstance(word, str) or word not in _BLOCKS]
    if strange:
        listed = "M, *, - and E" if isinstance(pattern, str) else ", ".join(_BLOCKS)
        keys.mistakes.append(f"{key}: {shown(strange[0])}; expected {listed}")
        return [Layer(FULL, NONE)] * count
    return [Layer(*_BLOCKS[word]) for word in words]


def _mixes(keys: Keys, of: Architecture, count: int) -> list[str]:
    """How layers mix where ``layer_types`` does not say so."""
    if of.linear == "lightning" and keys.has("attn_type_list"):
        kinds = keys.numbers("attn_type_list", 2) or [1] * count
        if len(kinds) != count:
            what = f"attn_type_list: {len(kinds)} numbers; expected {count}, one a layer"
            keys.mistakes.append(what)
            kinds = [1] * count
        return [FULL if kind else LINEAR for kind in kinds]
    if of.other == "linear":
        every = keys.number("full_attention_interval", default=of.full_every)
        offset = 1 if of.linear == "lightning" else 0
        return [FULL if (i + 1 + offset) % every == 0 else LINEAR for i in range(count)]
    if not _has_window(keys, of):
        return [FULL] * count
    if of.by_layer_number:
        first = keys.number("max_window_layers", default=count, least=0)
        return [WINDOW if i >= first else FULL for i in range(count)]
    every = _every(keys, of)
    return [FULL if every and (i + 1) % every == 0 else WINDOW for i in range(count)]


def _every(keys: Keys, of: Architecture) -> int:
    """Every so many layers one attends in full; 0 where none does."""
    pattern = keys.values.get("sliding_window_pattern")
    if isinstance(pattern, str):  # EXAONE writes LLLG: three local layers, one global
        return len(pattern)
    return keys.number(
        "sliding_window_pattern",
        "_sliding_window_pattern",
        "global_attn_every_n_layers",
        "no_rope_layer_interval",
        default=of.full_every,
        least=0,
    )


def _has_window(keys: Keys, of: Architecture) -> bool:
    if of.other == "chunk":
        return True
    if of.by_layer_number and not keys.flag("use_sliding_window"):
        return False
    return window_of(keys, of) > 0


def window_of(keys: Keys, of: Architecture) -> int:
    """Tokens that a token of a windowed layer sees; of a chunk the half, on average."""
    if of.other == "chunk":
        return keys.number("attention_chunk_size", default=8192) // 2
    return keys.number("sliding_window", default=of.window, least=0)


def _mlps(keys: Keys, of: Architecture, count: int) -> list[str]:
    """The MLP of each layer."""
    if not of.mixture or _experts(keys) == 0:
        return [DENSE] * count
    spelled = keys.words("mlp_layer_types", count, _MLPS)
    if spelled is not None:
        return spelled
    chosen = keys.numbers("moe_layers", count)
    if chosen is not None:
        return [MIXTURE if i in chosen else DENSE for i in range(count)]
    first, last, every, offset = _range(keys, of, count)
    plain = keys.numbers("mlp_only_layers", count) or []
    return [
        MIXTURE if first <= i <= last and (i + offset) % every == 0 and i not in plain else DENSE
        for i in range(count)
    ]


def _range(keys: Keys, of: Architecture, count: int) -> tuple[int, int, int, int]:
    """First and last layer with experts, every so many layers, and where counting begins."""
    first = keys.number(
        *("first_k_dense_replace", "num_dense_layers", "moe_layer_start_index"),
        default=of.first_dense,
        least=0,
    )
    end = keys.values.get("moe_layer_end_index")
    last = end if isinstance(end, int) and end >= 0 else count - 1
    steps = ("decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_interval")
    if keys.has(*steps):
        return first, last, keys.number(*steps), 1
    frequency = keys.number("moe_layer_freq", default=of.mixture_every)
    return first, last, frequency, 0


def _experts(keys: Keys) -> int:
    return keys.number(*EXPERT_KEYS, default=0, least=0)


EXPERT_KEYS = ("n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts")
