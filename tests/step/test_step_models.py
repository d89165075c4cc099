"""Attention as models have it, and sizes beside the models that people name."""

import pytest
from step_cases import gpus, setting

from optimizer.step import predict
from optimizer.step.transformer import transformer_of
from optimizer.step.work import work_of
from problems import shape_of

# A size, what it is called by name, and a usual number of GPUs.
SIZES = [
    ("30.5B-A3.3B", "qwen3-30b-a3b", 256),
    ("117B-A5.7B", "gpt-oss-120b", 256),
    ("671B-A37B", "deepseek-v3", 2048),
    ("1026B-A33B", "kimi-k2", 2048),
    ("353B-A34B", "glm-4.5", 1024),
    ("235B-A22B", "qwen3-235b-a22b", 512),
    ("400B-A17B", "llama-4-maverick", 1024),
    ("229B-A11B", "minimax-m2", 512),
    ("80B-A13B", "hunyuan-a13b", 256),
    ("80B-A3.9B", "qwen3-next-80b-a3b", 256),
    ("31.6B-A3.6B", "nemotron-3-nano-30b-a3b", 256),
    ("120.7B-A12.8B", "nemotron-3-super-120b-a12b", 512),
    ("32.2B-A8.8B", "granite-4.0-h-small", 256),
    ("33.6B", "falcon-h1-34b", 256),
    ("46.7B-A12.9B", "mixtral-8x7b", 128),
    ("20.9B-A3.6B", "gpt-oss-20b", 256),
    ("108B-A17B", "llama-4-scout", 256),
    ("236B-A21B", "deepseek-v2", 512),
    ("480B-A35B", "qwen3-coder-480b-a35b", 1024),
    ("106B-A12B", "glm-4.5-air", 512),
    ("141B-A39B", "mixtral-8x22b", 256),
    ("8B", "llama-3.1-8b", 128),
    ("32.8B", "qwen3-32b", 256),
    ("70B", "llama-3.1-70b", 256),
    ("405B", "llama-3.1-405b", 2048),
]


@pytest.mark.parametrize(("size", "name", "count"), SIZES, ids=lambda value: str(value))
def test_the_range_of_a_size_holds_the_named_model(size: str, name: str, count: int) -> None:
    """Whoever gives only a size gets a range in which the model of that size lies."""
    gpu = gpus()["h100_sxm"]
    by_size = predict(setting(size, seq_len=4096), gpu, count)
    by_name = predict(setting(name, seq_len=4096), gpu, count)
    assert by_size.low <= by_name.mfu <= by_size.high


def attention_flop(model: str, seq_len: int) -> float:
    """Multiply-adds of attention a token, over all layers, as the step model counts them."""
    shape = transformer_of(shape_of(model))
    work = work_of(shape, seq_len, 1)
    return float(shape.layers * (work.attended * work.attention_width + work.state_work))


@pytest.mark.parametrize(
    ("model", "least", "most"),
    [
        ("gemma-3-27b", 0.02, 0.12),
        ("gpt-oss-120b", 0.2, 0.8),
        ("qwen3-next-80b-a3b", 0.1, 0.7),
        ("llama-3.1-8b", 0.4, 0.6),
    ],
)
def test_windows_and_linear_layers_make_long_context_cheap(
    model: str, least: float, most: float
) -> None:
    """32k beside 4k, in FLOP over 2·N: what windows leave is a fraction of full attention."""
    more = attention_flop(model, 32768) - attention_flop(model, 4096)
    share = 2 * more / (2 * shape_of(model).active_parameters)
    assert least < share < most


def test_gemma_at_32k_costs_little_more_than_at_4k() -> None:
    """Five of six layers see 1,024 tokens: an eighth more at most, layouts and all."""
    gpu = gpus()["h100_sxm"]
    short, long = (predict(setting("gemma-3-27b", seq_len=s), gpu, 512) for s in (4096, 32768))
    assert 1.0 < short.mfu / long.mfu < 1.14


def test_latent_heads_are_as_wide_as_they_are() -> None:
    """DeepSeek-V3's scores are 192 wide a head and its values 128; GLM-5's 256 and 256."""
    deepseek, glm = (transformer_of(shape_of(name)) for name in ("deepseek-v3", "glm-5"))
    assert deepseek.attention_width == 128 * (192 + 128) // 2
    assert glm.attention_width == 64 * (256 + 256) // 2


def test_heads_narrower_than_the_model_count_as_they_are() -> None:
    """Gemma 3 27B attends over 32 heads of 128, not over its width of 5,376."""
    assert transformer_of(shape_of("gemma-3-27b")).attention_width == 4096
    assert transformer_of(shape_of("qwen3-0.6b")).attention_width == 2048
