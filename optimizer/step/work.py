"""The work of one optimizer step: a model, a sequence length, a batch and the software's era."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from optimizer.step.transformer import Transformer

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Work:
    """What one step computes; fields are single values, or arrays with one entry a layout.

    ``sequences`` is the global batch asked for, ``flash`` is 1 where attention never writes its
    s × s matrix to memory (FlashAttention, about 2023 on) and 0 before, ``gradient_bytes`` what a
    gradient takes that is summed over micro-batches, ``lean`` is 1 for runs that took place, which
    may have saved memory in ways that plans do not count on.
    """

    parameters: Floats
    active_parameters: Floats
    layers: Floats
    hidden: Floats
    heads: Floats
    kv_heads: Floats
    attention_width: Floats
    kv_width: Floats
    mlp_width: Floats
    vocab: Floats
    layer_params: Floats
    routed_params: Floats
    expert_params: Floats
    experts: Floats
    experts_per_token: Floats
    expert_width: Floats
    routed_width: Floats
    mixture_share: Floats
    full_share: Floats
    window: Floats
    mixing_width: Floats
    state_work: Floats
    expanded: Floats
    expanding: Floats
    seq_len: Floats
    sequences: Floats
    flash: Floats
    gradient_bytes: Floats
    lean: Floats

    @property
    def tokens(self) -> Floats:
        """Tokens of one optimizer step."""
        return self.sequences * self.seq_len

    @property
    def attended(self) -> Floats:
        """Tokens that a token sees in a mean layer's attention, twice over: the square's side."""
        windowed = np.minimum(2 * self.window, self.seq_len)
        return self.full_share * self.seq_len + (1 - self.full_share) * windowed


_CONDITIONS = ("seq_len", "sequences", "flash", "gradient_bytes", "lean")
# Gradients are summed in 32 bit unless a recipe says otherwise (Megatron-Core 0.19.2, 2026-11).
WIDE_GRADIENT_BYTES, NARROW_GRADIENT_BYTES = 4.0, 2.0
_SHAPE_FIELDS = tuple(name for name in Work.__slots__ if name not in _CONDITIONS)


@lru_cache(maxsize=1024)
def work_of(
    shape: Transformer,
    seq_len: int,
    sequences: float,
    flash: bool = True,
    gradient_bytes: float = WIDE_GRADIENT_BYTES,
    lean: bool = False,
) -> Work:
    """One step of ``sequences`` sequences of ``seq_len`` tokens."""
    values = {name: np.asarray(float(getattr(shape, name))) for name in _SHAPE_FIELDS}
    return Work(
        **values,
        seq_len=np.asarray(float(seq_len)),
        sequences=np.asarray(float(sequences)),
        flash=np.asarray(float(flash)),
        gradient_bytes=np.asarray(gradient_bytes),
        lean=np.asarray(float(lean)),
    )


def together(works: list[Work]) -> Work:
    """Several pieces of work as one with an array in each field."""
    names = Work.__slots__
    return Work(**{n: np.array([getattr(w, n) for w in works]) for n in names})
