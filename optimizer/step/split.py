"""How a pipeline cuts the layers: what its first, its fullest and its last rank hold.

Where pipeline · interleave divides the layers, every chunk has as many. Elsewhere the embedding and
the output layer stand in for a layer each (Llama 3: 126 + 2 = 16 · 8; BLOOM: 70 + 2 = 12 · 6), and
where that does not divide either, some ranks hold a layer more, as a written-out layout says it
(DeepSeek-V3's 61 layers): those after the first, which has the most micro-batches in flight.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The embedding and the output layer.
ENDS = 2.0


@dataclass(frozen=True, slots=True)
class Cut:
    """Layers on the first, the fullest and the last rank of each pipeline, shape (layouts,)."""

    first: Floats
    fullest: Floats
    last: Floats

    def take(self, chosen: NDArray[np.int64]) -> "Cut":
        """Those of the chosen pipelines."""
        return Cut(self.first[chosen], self.fullest[chosen], self.last[chosen])


def cut_of(layers: Floats, pipeline: Floats, interleave: Floats) -> Cut:
    """The layers of each pipeline's ranks; all of them where there is one."""
    chunks = pipeline * interleave
    even = layers % chunks == 0
    base = np.floor((layers + ENDS) / chunks) * interleave
    extra = (layers + ENDS) % chunks
    each, some = np.floor(extra / pipeline), extra % pipeline
    first = base + each
    last = first + (some == pipeline - 1)
    share = layers / pipeline
    return Cut(
        first=np.where(even, share, first - 1),
        fullest=np.where(even, share, first + (some > 0)),
        last=np.where(even, share, last - 1),
    )


def chunks_of(layers: int, pipeline: int, interleave: int) -> tuple[int, ...]:
    """Decoder layers of each chunk, chunk i on rank i mod pipeline; none without a pipeline."""
    chunks = pipeline * interleave
    if pipeline == 1:
        return ()
    if layers % chunks == 0:
        return (layers // chunks,) * chunks
    base, extra = divmod(layers + int(ENDS), chunks)
    each, some = divmod(extra, pipeline)
    held = [base] * chunks
    for rank in range(pipeline):
        for turn in range(each + (1 <= rank <= some)):
            held[turn * pipeline + rank] += 1
    held[0] -= 1
    held[-1] -= 1
    return tuple(held)
