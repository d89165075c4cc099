"""The work of one optimizer step: a model, a sequence length, a batch and the software's era."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from optimizer.step.transformer import Transformer

Floats = NDArray[np.float64]


# The newest software among the published runs, and what a plan is predicted with.
LATEST_YEAR = 2026.0


class Stack(IntEnum):
    """How mature the software is: before FlashAttention, as most teams run it, or a vendor's."""

    EARLY = -1
    TYPICAL = 0
    TUNED = 1


@dataclass(frozen=True, slots=True)
class Work:
    """What one step computes; fields are single values, or arrays with one entry a layout.

    ``sequences`` is the global batch, ``flash`` is 1 where attention never writes its s × s
    matrix to memory (FlashAttention, about 2023 on) and 0 before, ``stack`` a ``Stack`` and
    ``year`` that of its software.
    """

    parameters: Floats
    active_parameters: Floats
    layers: Floats
    hidden: Floats
    heads: Floats
    attention_width: Floats
    kv_width: Floats
    mlp_width: Floats
    vocab: Floats
    layer_params: Floats
    expert_params: Floats
    experts: Floats
    experts_per_token: Floats
    seq_len: Floats
    sequences: Floats
    flash: Floats
    stack: Floats
    year: Floats

    @property
    def tokens(self) -> Floats:
        """Tokens of one optimizer step."""
        return self.sequences * self.seq_len

    @property
    def routed_share(self) -> Floats:
        """Share of a token's parameters in a layer that belong to routed experts."""
        spread = np.maximum(self.experts, 1.0)
        routed = self.expert_params * self.experts_per_token / spread
        return routed / self.layer_params


_CONDITIONS = ("seq_len", "sequences", "flash", "stack", "year")
_SHAPE_FIELDS = tuple(name for name in Work.__slots__ if name not in _CONDITIONS)


def work_of(
    shape: Transformer,
    seq_len: int,
    sequences: float,
    flash: bool = True,
    stack: Stack = Stack.TYPICAL,
    year: float = LATEST_YEAR,
) -> Work:
    """One step of ``sequences`` sequences of ``seq_len`` tokens."""
    values = {name: np.asarray(float(getattr(shape, name))) for name in _SHAPE_FIELDS}
    return Work(
        **values,
        seq_len=np.asarray(float(seq_len)),
        sequences=np.asarray(float(sequences)),
        flash=np.asarray(float(flash)),
        stack=np.asarray(float(stack)),
        year=np.asarray(float(min(year, LATEST_YEAR))),
    )


def together(works: list[Work]) -> Work:
    """Several pieces of work as one with an array in each field."""
    names = Work.__slots__
    return Work(**{n: np.array([getattr(w, n) for w in works]) for n in names})
