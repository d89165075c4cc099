"""The global batch a team would choose, and when a fleet is too large for it."""

from math import log2

# Tokens in one step of published runs, and N: TinyLlama 1.1B 2.1M, OLMo 2 7B 4.2M and 13B 8.4M,
# Llama 2 70B 4.2M, DeepSeek 67B 18.9M, Llama 3.1 405B 16.8M: about N to the one third.
_TOKENS_AT_7B = 4.2e6
_EXPONENT = 1 / 3
# Mixtures take larger ones, by all their parameters: OLMoE 7B 4.2M, DeepSeek-V2 236B 37.7M, GLM-4.5
# 355B 64M, DeepSeek-V3 671B 62.9M, Kimi K2 1,026B 67M (their reports).
_MIXTURE_EXPONENT = 0.6
# Below this many tokens a GPU and step, fixed costs and exposed exchange take over.
CLIFF_TOKENS_PER_GPU = 4000


def usual_batch_tokens(parameters: float, mixture: bool = False) -> float:
    """Tokens in one optimizer step for a model of N parameters, rounded to a power of two."""
    exponent = _MIXTURE_EXPONENT if mixture else _EXPONENT
    return float(2 ** round(log2(_TOKENS_AT_7B * (parameters / 7e9) ** exponent)))


def too_small_for(gpus: float, batch_tokens: float) -> bool:
    """Whether each GPU gets so few tokens a step that the fleet no longer pays."""
    return batch_tokens / gpus < CLIFF_TOKENS_PER_GPU
