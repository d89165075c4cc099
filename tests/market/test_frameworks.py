"""FLOP a token as frameworks count them, and the peaks they divide by, against the packages.

The figures were read by running the packages: torchtitan 0.3.0, ai2-olmo-core 3.0.0,
megatron-bridge 0.6.2, maxtext 0.2.5, litgpt 0.5.13 with lightning 2.6.6, mosaicml 0.32.1 and
transformers, on 2026-11-25.
"""

from dataclasses import replace

import pytest

from catalog import Catalog
from catalog.planning_tables import FRAMEWORK_RULES
from optimizer.market.frameworks import RULES, flop_per_token, own_flop_per_token
from problems import ModelShape, shape_of

LENGTHS = {"4k": 4096, "8k": 8192, "32k": 32768}
# FLOP a token over 6·N by each package's own counter.
FACTORS = [
    ("full_attention", "llama-3.1-8b", "8k", 1.2020),
    ("full_attention", "llama-3.1-8b", "32k", 2.0043),
    ("full_attention", "llama-3.1-70b", "8k", 1.1373),
    ("full_attention", "llama-3.1-70b", "32k", 1.5939),
    ("full_attention", "qwen3-30b-a3b", "8k", 1.8679),
    ("full_attention", "qwen3-30b-a3b", "32k", 4.7500),
    ("full_attention", "deepseek-v3", "4k", 1.2479),
    ("causal_exact", "llama-3.1-8b", "8k", 1.0683),
    ("causal_exact", "llama-3.1-8b", "32k", 1.4694),
    ("causal_exact", "llama-3.1-70b", "8k", 1.0612),
    ("causal_exact", "llama-3.1-70b", "32k", 1.2893),
    ("causal_with_logits", "llama-3.1-8b", "32k", 1.4694),
    ("causal_with_logits", "llama-3.1-70b", "8k", 1.0612),
    ("causal_with_logits", "mixtral-8x7b", "8k", 1.0732),
    ("causal_with_logits", "mixtral-8x7b", "32k", 1.3233),
    ("causal_with_logits", "qwen3-30b-a3b", "8k", 1.3875),
    ("causal_with_logits", "qwen3-30b-a3b", "32k", 2.8285),
    ("causal_with_logits", "deepseek-v3", "4k", 1.1116),
    ("causal_without_router", "llama-3.1-8b", "8k", 1.0683),
    ("causal_without_router", "llama-3.1-70b", "32k", 1.2895),
    ("causal_without_router", "mixtral-8x7b", "32k", 1.3232),
    ("causal_without_router", "qwen3-30b-a3b", "8k", 1.3837),
    ("causal_without_router", "qwen3-30b-a3b", "32k", 2.8248),
    ("causal_without_router", "deepseek-v3", "4k", 1.1087),
    ("litgpt_estimate", "llama-3.1-8b", "8k", 1.4457),
    ("litgpt_estimate", "llama-3.1-8b", "32k", 2.7828),
    ("litgpt_estimate", "llama-3.1-70b", "8k", 1.2536),
    ("litgpt_estimate", "llama-3.1-70b", "32k", 2.0146),
    ("litgpt_estimate", "mixtral-8x7b", "8k", 3.9039),
    ("litgpt_estimate", "qwen3-30b-a3b", "8k", 9.9065),
    ("trainer", "llama-3.1-8b", "8k", 0.9346),
    ("trainer", "llama-3.1-70b", "8k", 0.985),
    ("trainer", "mixtral-8x7b", "8k", 3.616),
    ("trainer", "qwen3-30b-a3b", "8k", 9.013),
]
# Half of its layers see 128 tokens.
GPT_OSS = replace(
    shape_of("mixtral-8x7b"),
    name="gpt-oss-120b",
    parameters=116.8292e9,
    active_parameters=5.7120e9,
    layers=36,
    hidden=2880,
    heads=64,
    kv_heads=8,
    head_dim=64,
    vocab=201_088,
    experts=128,
    full_attention=18,
    window=128,
)
# 16-bit TFLOP/s that a logged MFU was divided by; None: it logs none.
PEAKS: dict[str, tuple[float | None, float | None, float | None, float | None]] = {
    # torchtitan, olmo-core, composer, lightning
    "a100_sxm_80": (312, 312, 312, 312),
    "h100_sxm": (989, 989.5, 989.5, 989.4),
    "h100_pcie": (756, 756.5, 756.5, 756),
    "h100_nvl": (835, 835.5, None, 1978.8),
    "h200_sxm": (989, 312, 989.5, None),
    "b200_sxm": (2250, 2250, None, None),
    "gb200_nvl72": (2500, 2250, None, None),
    "gb300_nvl72": (2500, 2250, None, None),
    "mi300x": (1300, 312, None, None),
    "mi350x": (312, 312, None, None),
    "mi355x": (2500, 312, None, None),
    "l40s": (312, 312, None, 121),
    "rtx_4090": (312, 312, None, 82.6),
    "rtx_a6000": (154.85, 312, None, 38.7),
    "rtx_pro_6000": (312, 504, None, None),
    "h20": (148, 312, None, None),
    "v100_sxm2_32": (312, 312, 125, 125),
    "tpu_v5p": (459, None, None, None),
    "tpu_v6e": (918, None, None, None),
    # 1,153.5 for each of two cores; ours is the chip.
    "tpu_v7": (2307, None, None, None),
}


def factor(rule: str, shape: ModelShape, seq_len: int) -> float:
    """FLOP a token by a rule, over 6·N."""
    return flop_per_token(rule, shape, seq_len) / own_flop_per_token(shape)


@pytest.mark.parametrize(("rule", "model", "context", "counted"), FACTORS)
def test_rules_count_as_the_packages_do(
    rule: str, model: str, context: str, counted: float
) -> None:
    """Within 2 %: N of a preset is the figure the model is known by, up to 1.5 % off (Qwen3)."""
    shape = shape_of(model)
    assert factor(rule, shape, LENGTHS[context]) == pytest.approx(counted, rel=0.02)


@pytest.mark.parametrize(
    ("rule", "counted"),
    [
        ("full_attention", 2.590),
        ("causal_without_router", 1.3222),
        ("causal_with_logits", 1.3246),
    ],
)
def test_windows_count_as_in_the_packages(rule: str, counted: float) -> None:
    """torchtitan counts a window as full attention, the others count what it leaves."""
    assert factor(rule, GPT_OSS, 32768) == pytest.approx(counted, rel=0.002)


def test_a_window_longer_than_the_context_is_causal_attention() -> None:
    """Every token sees those before it and itself, as many as in a full layer."""
    shape = shape_of("llama-3.1-8b")
    windowed = replace(shape, full_attention=16, window=100_000)
    exact = flop_per_token("causal_exact", shape, 8192)
    assert flop_per_token("causal_exact", windowed, 8192) == pytest.approx(exact)


def test_an_exact_count_by_hand() -> None:
    """torchtitan on Llama 3 8B with the parameters it really has, to the FLOP."""
    shape = replace(shape_of("llama-3.1-8b"), active_parameters=8_030_261_248)
    assert flop_per_token("full_attention", shape, 8192) == 57_914_449_920
    assert flop_per_token("full_attention", shape, 32768) == 96_569_155_584


def test_a_table_that_is_also_the_output_is_counted() -> None:
    """GPT-2 has one; a size without a name has one by its rule."""
    for model in ("gpt-2-1.5b", "70B"):
        shape = shape_of(model)
        attention = 12 * shape.layers * shape.hidden * 1024
        assert flop_per_token("full_attention", shape, 1024) == pytest.approx(
            6 * shape.active_parameters + attention
        )


def test_every_rule_of_the_catalog_is_known() -> None:
    """A rule is a word in frameworks.csv and a formula here."""
    assert set(FRAMEWORK_RULES) == set(RULES)


def test_every_framework_has_a_rule_and_a_package(catalog: Catalog) -> None:
    """Names are told apart whatever the dashes, and none is another's."""
    called = [
        name.replace("-", "")
        for known in catalog.frameworks.values()
        for name in (known.framework, *known.also)
    ]
    assert len(called) == len(set(called))
    assert {known.rule for known in catalog.frameworks.values()} == set(RULES)
    for name in ("megatron", "nemo", "torchtitan", "olmocore", "maxtext", "litgpt", "lightning"):
        assert name in called
    for name in ("composer", "llmfoundry", "mosaicml", "deepspeed", "transformers", "hf"):
        assert name in called


@pytest.mark.parametrize("gpu", PEAKS)
def test_peaks_are_those_of_the_packages(catalog: Catalog, gpu: str) -> None:
    """Run again with the device's name before you change one."""
    found = []
    for name in ("torchtitan", "olmo-core", "composer", "lightning"):
        row = catalog.framework_peaks.get((name, gpu))
        found.append(row.peak_tflops if row else catalog.frameworks[name].elsewhere_tflops)
    assert tuple(found) == PEAKS[gpu]


def test_a_peak_that_is_not_the_part_s_says_why(catalog: Catalog) -> None:
    """Further than a fifth from the dense 16-bit peak, a note tells what it was taken for."""
    for row in catalog.framework_peaks.values():
        gpu = catalog.gpus[row.gpu]
        dense = gpu.peak_bf16_tflops or gpu.peak_fp16_tflops
        assert dense is not None
        if row.peak_tflops is None or abs(row.peak_tflops / dense - 1) > 0.2:
            assert row.note, (row.framework, row.gpu)
