"""The architectures that a config.json may name, and what is particular to each.

The counts that follow from these rows are compared with the classes of ``transformers`` in
tests/questions/test_architectures.py, every ``model_type`` once at least.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Architecture:
    """How a decoder of one ``model_type`` is built.

    Where a field is ``bool | str``, a text is the key of config.json that says whether;
    ``bias_default`` is what holds where a key of biases is missing. ``norms`` is how many a layer
    has, of the model's width. ``qk_norm`` is over each head (``head``) or all of them (``width``).
    Which layers do not attend in full where no key says so: every one but each ``full_every``-th
    (0: none); they are of the kind ``other``: ``window``, ``chunk`` or ``linear``. ``linear`` is
    how linear layers are built: ``delta``, ``lightning`` or ``mamba``. ``first_dense`` layers have
    no experts, after them each ``mixture_every``-th has.
    """

    model_type: str
    gated: bool = True
    norms: int = 2
    norm_bias: bool = False
    final_norm: bool = True
    bias_default: bool = False
    query_bias: bool | str = False
    out_bias: bool | str = False
    mlp_bias: bool | str = False
    qk_norm: str = ""
    qk_norm_if: bool | str = True
    tied: bool = False
    head_dim: int = 0
    full_every: int = 0
    other: str = "window"
    window: int = 0
    by_layer_number: bool = False
    linear: str = ""
    query_gate: bool = False
    sinks: bool = False
    latent: bool = False
    indexer: bool = False
    mixture: bool = False
    router_bias: bool = False
    correction: bool = False
    expert_bias: bool = False
    shared_gate: bool = False
    first_dense: int = 0
    mixture_every: int = 1
    mamba_beside: bool = False
    mamba_norm: bool | str = True
    blocks: bool = False
    positions: bool = False
    embedding_norm: bool = False
    head_bias: bool | str = False
    learned_activation: int = 0


A = Architecture
_BIAS = "attention_bias"
_ROWS = (
    # Dense models, attention in full or in windows.
    A("llama", query_bias=_BIAS, out_bias=_BIAS, mlp_bias="mlp_bias"),
    A("granite", query_bias=_BIAS, out_bias=_BIAS, mlp_bias="mlp_bias"),
    A("smollm3", query_bias=_BIAS, out_bias=_BIAS, mlp_bias="mlp_bias", tied=True),
    A("mistral"),
    A("ministral3"),
    A("qwen2", query_bias=True, by_layer_number=True),
    A("qwen3", query_bias=_BIAS, out_bias=_BIAS, qk_norm="head", by_layer_number=True),
    A("phi3"),
    A(
        "phi",
        gated=False,
        norms=1,
        norm_bias=True,
        query_bias=True,
        out_bias=True,
        mlp_bias=True,
        head_bias=True,
    ),
    A("olmo", norms=0, final_norm=False, query_bias=_BIAS, out_bias=_BIAS),
    A("olmo2", query_bias=_BIAS, out_bias=_BIAS, qk_norm="width"),
    A("olmo3", query_bias=_BIAS, out_bias=_BIAS, qk_norm="width", full_every=4),
    A("gemma", query_bias=_BIAS, out_bias=_BIAS, tied=True, head_dim=256),
    A("gemma2", norms=4, query_bias=_BIAS, out_bias=_BIAS, tied=True, head_dim=256, full_every=2),
    A(
        "gemma3_text",
        norms=4,
        query_bias=_BIAS,
        out_bias=_BIAS,
        qk_norm="head",
        tied=True,
        head_dim=256,
        full_every=6,
    ),
    A(
        "apertus",
        gated=False,
        query_bias=_BIAS,
        out_bias=_BIAS,
        qk_norm="head",
        learned_activation=2,
    ),
    A(
        "seed_oss",
        bias_default=True,
        query_bias=_BIAS,
        out_bias="attention_out_bias",
        mlp_bias="mlp_bias",
    ),
    A("ernie4_5", query_bias="use_bias", out_bias="use_bias", mlp_bias="use_bias", tied=True),
    A("hunyuan_v1_dense", query_bias=_BIAS, out_bias=_BIAS, qk_norm="head"),
    A("glm4", bias_default=True, norms=4, query_bias=_BIAS),
    A("exaone4", qk_norm="head", full_every=4),
    A("cohere2", norms=1, query_bias=_BIAS, out_bias=_BIAS, tied=True, full_every=4),
    A(
        "starcoder2",
        bias_default=True,
        gated=False,
        norm_bias=True,
        query_bias="use_bias",
        out_bias="use_bias",
        mlp_bias="use_bias",
        tied=True,
    ),
    A("nemotron", gated=False, norm_bias=True, query_bias=_BIAS, out_bias=_BIAS),
    A("stablelm", norm_bias=True, query_bias="use_qkv_bias"),
    A(
        "gpt_neox",
        bias_default=True,
        gated=False,
        norm_bias=True,
        query_bias=_BIAS,
        out_bias=_BIAS,
        mlp_bias=True,
    ),
    A(
        "gpt2",
        gated=False,
        norm_bias=True,
        query_bias=True,
        out_bias=True,
        mlp_bias=True,
        tied=True,
        positions=True,
    ),
    A(
        "bloom",
        gated=False,
        norm_bias=True,
        query_bias=True,
        out_bias=True,
        mlp_bias=True,
        tied=True,
        embedding_norm=True,
    ),
    A("falcon", gated=False, norm_bias=True, tied=True),
    # Mixtures of experts.
    A("mixtral", mixture=True),
    A(
        "qwen2_moe",
        bias_default=True,
        mixture=True,
        query_bias="qkv_bias",
        shared_gate=True,
        by_layer_number=True,
    ),
    A("qwen3_moe", mixture=True, query_bias=_BIAS, out_bias=_BIAS, qk_norm="head"),
    A("olmoe", mixture=True, query_bias=_BIAS, out_bias=_BIAS, qk_norm="width"),
    A(
        "phimoe",
        mixture=True,
        norm_bias=True,
        query_bias=_BIAS,
        out_bias=_BIAS,
        head_bias="lm_head_bias",
    ),
    A("granitemoe", mixture=True, query_bias=_BIAS, out_bias=_BIAS),
    A("granitemoeshared", mixture=True, query_bias=_BIAS, out_bias=_BIAS),
    A("minimax_m2", mixture=True, qk_norm="width"),
    A("hunyuan_v1_moe", mixture=True, query_bias=_BIAS, out_bias=_BIAS, qk_norm="head"),
    A(
        "gpt_oss",
        bias_default=True,
        mixture=True,
        query_bias=_BIAS,
        out_bias=_BIAS,
        head_dim=64,
        sinks=True,
        router_bias=True,
        expert_bias=True,
        full_every=2,
        window=128,
    ),
    A("llama4_text", mixture=True, query_bias=_BIAS, out_bias=_BIAS, full_every=4, other="chunk"),
    A(
        "ernie4_5_moe",
        mixture=True,
        correction=True,
        query_bias="use_bias",
        out_bias="use_bias",
        mlp_bias="use_bias",
        tied=True,
    ),
    A("dots1", mixture=True, query_bias=_BIAS, out_bias=_BIAS, qk_norm="head"),
    A("glm4_moe", mixture=True, query_bias=_BIAS, qk_norm="head", qk_norm_if="use_qk_norm"),
    A("solar_open", mixture=True, query_bias=_BIAS),
    A(
        "afmoe",
        mixture=True,
        correction=True,
        norms=4,
        query_bias=_BIAS,
        out_bias=_BIAS,
        qk_norm="head",
        query_gate=True,
        full_every=4,
    ),
    A("deepseek_v2", mixture=True, latent=True, query_bias=_BIAS, out_bias=_BIAS),
    A("deepseek_v3", mixture=True, latent=True, query_bias=_BIAS, out_bias=_BIAS, first_dense=3),
    A("kimi_k2", mixture=True, latent=True, query_bias=_BIAS, out_bias=_BIAS),
    A("glm4_moe_lite", mixture=True, latent=True, query_bias=_BIAS, out_bias=_BIAS, first_dense=1),
    A(
        "deepseek_v32",
        mixture=True,
        latent=True,
        indexer=True,
        query_bias=_BIAS,
        out_bias=_BIAS,
        first_dense=3,
    ),
    A(
        "glm_moe_dsa",
        mixture=True,
        latent=True,
        indexer=True,
        query_bias=_BIAS,
        out_bias=_BIAS,
        first_dense=3,
    ),
    # Linear attention and state-space layers beside attention.
    A(
        "qwen3_next",
        mixture=True,
        query_bias=_BIAS,
        out_bias=_BIAS,
        qk_norm="head",
        query_gate=True,
        shared_gate=True,
        linear="delta",
        full_every=4,
        other="linear",
    ),
    A(
        "qwen3_5_text",
        query_bias=_BIAS,
        out_bias=_BIAS,
        qk_norm="head",
        query_gate=True,
        linear="delta",
        full_every=4,
        other="linear",
    ),
    A(
        "qwen3_5_moe_text",
        mixture=True,
        query_bias=_BIAS,
        out_bias=_BIAS,
        qk_norm="head",
        query_gate=True,
        shared_gate=True,
        linear="delta",
        full_every=4,
        other="linear",
    ),
    A(
        "olmo_hybrid",
        query_bias=_BIAS,
        out_bias=_BIAS,
        qk_norm="width",
        linear="delta",
        full_every=4,
        other="linear",
    ),
    A("minimax", mixture=True, linear="lightning", full_every=2, other="linear"),
    A("granitemoehybrid", mixture=True, query_bias=_BIAS, out_bias=_BIAS, linear="mamba"),
    A(
        "falcon_h1",
        query_bias=_BIAS,
        out_bias=_BIAS,
        mlp_bias="mlp_bias",
        linear="mamba",
        mamba_beside=True,
        mamba_norm="mamba_rms_norm",
    ),
    A("nemotron_h", mixture=True, gated=False, norms=1, linear="mamba", blocks=True),
)
ARCHITECTURES = {row.model_type: row for row in _ROWS}
# Other names under which configurations of the same architecture go about.
SAME_AS = {
    "gemma3": "gemma3_text",
    "llama4": "llama4_text",
    "mistral3": "mistral",
    "qwen3_5": "qwen3_5_text",
    "qwen3_5_moe": "qwen3_5_moe_text",
    "hunyuan": "hunyuan_v1_moe",
}
