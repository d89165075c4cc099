"""What mixtures and latent attention leave behind for the backward pass, by hand."""

import numpy as np
import pytest
from step_cases import setting

from optimizer.step.memory import held_by
from optimizer.step.setting import Setting
from optimizer.step.sharing import fill


def kept(here: Setting, recompute: int) -> float:
    """Values of 16 bit that a token leaves in a mean layer without tensor parallelism."""
    kinds = here.kinds()
    own = (kinds.recompute == recompute) & (kinds.tensor == 1) & (kinds.micro_batch == 1)
    own &= (kinds.context == 1) & (kinds.pipeline == 1) & (kinds.shard == 1) & (kinds.expert == 1)
    one = fill(kinds.take(np.flatnonzero(own)[:1]), np.ones(1), here.sequences)
    return float(held_by(here.work, one).each[0]) / here.seq_len / 2


def test_each_expert_of_a_token_keeps_a_copy_of_it() -> None:
    """Mixtral 8x7B: norms 4 x 4,096; q, o 4,096 and k, v 1,024 each; two experts of 14,336."""
    here = setting("mixtral-8x7b")
    mixing, experts = 2 * 4096 + 2 * 1024, 2 * 3 * 14_336
    assert kept(here, 0) == pytest.approx(4 * 4096 + mixing + experts + 2 * 4096)
    assert kept(here, 1) == pytest.approx(2 * 4096 + mixing + experts * 2 / 3 + 2 * 4096)


def test_latents_are_expanded_again() -> None:
    """DeepSeek-V3: 128 heads of 192 (query, key) and 128 (value): only the output is kept."""
    here = setting("deepseek-v3")
    spared = kept(here, 0) - kept(here, 1)
    mlp = (58 * (8 * 2048 + 2048) + 3 * 18_432) / 61
    assert spared == pytest.approx(128 * (2 * 192 + 128) + 2 * 7168 + mlp)
