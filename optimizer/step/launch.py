"""What a launcher is told of a layout: whole numbers that divide, and the batch that runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Launch:
    """A layout as launchers take it.

    ``gpus`` is the world size, in whole nodes of ``gpus_per_node``: tensor · pipeline · context ·
    data; ``idle`` GPUs beside it are rented and left out. A step trains on ``sequences`` =
    data · micro_batch · micro_batches sequences of ``seq_len`` tokens. Experts lie on ``expert``
    ranks, each split over ``expert_tensor``. Weights and gradients are split over ``shard`` ranks
    (1: only the optimizer's state is, over all replicas). ``split`` holds the decoder layers of
    each virtual stage in order, pipeline · interleave of them, stage i on rank i mod pipeline;
    empty without a pipeline. ``recompute`` is none, selective or full.
    """

    gpus: int
    gpus_per_node: int
    tensor: int
    pipeline: int
    interleave: int
    context: int
    data: int
    expert: int
    expert_tensor: int
    micro_batch: int
    micro_batches: int
    sequences: int
    seq_len: int
    recompute: str
    shard: int
    split: tuple[int, ...]
    idle: int
