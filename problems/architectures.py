"""The architectures that a config.json may name, and what is particular to each.

The counts that follow from these rows are compared with the classes of ``transformers`` in
tests/questions/test_architectures.py, every ``model_type`` once at least.
"""

from dataclasses import replace
from functools import partial

from problems.architecture import Architecture

_BIAS = "attention_bias"
A = Architecture
# Where `attention_bias` says whether queries, keys, values and outputs have biases.
B = partial(Architecture, query_bias=_BIAS, out_bias=_BIAS)
_QWEN3_NEXT = B(
    "qwen3_next",
    mixture=True,
    qk_norm="head",
    query_gate=True,
    shared_gate=True,
    linear="delta",
    full_every=4,
    other="linear",
)
_DEEPSEEK_V32 = B("deepseek_v32", mixture=True, latent=True, indexer=True, first_dense=3)
_ROWS = (
    # Dense models, attention in full or in windows.
    B("llama", mlp_bias="mlp_bias"),
    B("granite", mlp_bias="mlp_bias"),
    B("smollm3", mlp_bias="mlp_bias", tied=True),
    A("mistral"),
    A("ministral3"),
    A("qwen2", query_bias=True, by_layer_number=True),
    B("qwen3", qk_norm="head", by_layer_number=True),
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
    B("olmo", norms=0, final_norm=False),
    B("olmo2", qk_norm="width"),
    B("olmo3", qk_norm="width", full_every=4),
    B("gemma", tied=True, head_dim=256),
    B("gemma2", norms=4, tied=True, head_dim=256, full_every=2),
    B("gemma3_text", norms=4, qk_norm="head", tied=True, head_dim=256, full_every=6),
    B("apertus", gated=False, qk_norm="head", learned_activation=2),
    A(
        "seed_oss",
        bias_default=True,
        query_bias=_BIAS,
        out_bias="attention_out_bias",
        mlp_bias="mlp_bias",
    ),
    A("ernie4_5", query_bias="use_bias", out_bias="use_bias", mlp_bias="use_bias", tied=True),
    B("hunyuan_v1_dense", qk_norm="head"),
    A("glm4", bias_default=True, norms=4, query_bias=_BIAS),
    A("exaone4", qk_norm="head", full_every=4),
    B("cohere2", norms=1, tied=True, full_every=4),
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
    B("nemotron", gated=False, norm_bias=True),
    A("stablelm", norm_bias=True, query_bias="use_qkv_bias"),
    B("gpt_neox", bias_default=True, gated=False, norm_bias=True, mlp_bias=True),
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
    B("qwen3_moe", mixture=True, qk_norm="head"),
    B("olmoe", mixture=True, qk_norm="width"),
    B("phimoe", mixture=True, norm_bias=True, head_bias="lm_head_bias"),
    B("granitemoe", mixture=True),
    B("granitemoeshared", mixture=True),
    A("minimax_m2", mixture=True, qk_norm="width"),
    B("hunyuan_v1_moe", mixture=True, qk_norm="head"),
    B(
        "gpt_oss",
        bias_default=True,
        mixture=True,
        head_dim=64,
        sinks=True,
        router_bias=True,
        expert_bias=True,
        full_every=2,
        window=128,
    ),
    B("llama4_text", mixture=True, full_every=4, other="chunk"),
    A(
        "ernie4_5_moe",
        mixture=True,
        correction=True,
        query_bias="use_bias",
        out_bias="use_bias",
        mlp_bias="use_bias",
        tied=True,
    ),
    B("dots1", mixture=True, qk_norm="head"),
    A("glm4_moe", mixture=True, query_bias=_BIAS, qk_norm="head", qk_norm_if="use_qk_norm"),
    A("solar_open", mixture=True, query_bias=_BIAS),
    B(
        "afmoe",
        mixture=True,
        correction=True,
        norms=4,
        qk_norm="head",
        query_gate=True,
        full_every=4,
    ),
    B("deepseek_v2", mixture=True, latent=True),
    B("deepseek_v3", mixture=True, latent=True, first_dense=3),
    B("kimi_k2", mixture=True, latent=True),
    B("glm4_moe_lite", mixture=True, latent=True, first_dense=1),
    _DEEPSEEK_V32,
    replace(_DEEPSEEK_V32, model_type="glm_moe_dsa"),
    # Linear attention and state-space layers beside attention.
    _QWEN3_NEXT,
    replace(_QWEN3_NEXT, model_type="qwen3_5_text", mixture=False, shared_gate=False),
    replace(_QWEN3_NEXT, model_type="qwen3_5_moe_text"),
    B("olmo_hybrid", qk_norm="width", linear="delta", full_every=4, other="linear"),
    A("minimax", mixture=True, linear="lightning", full_every=2, other="linear"),
    B("granitemoehybrid", mixture=True, linear="mamba"),
    B(
        "falcon_h1",
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
