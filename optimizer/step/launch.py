"""What a launcher is told of a layout: whole numbers that divide, and the batch that runs."""

from dataclasses import dataclass

from optimizer.step.layouts import Layouts, Recompute
from optimizer.step.split import chunks_of


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

    @property
    def sharding(self) -> str:
        """What the replicas share: the optimizer's state, or weights and gradients as well."""
        if self.shard == 1:
            return "distributed optimizer"
        everywhere = self.shard == self.data * self.context
        return "fully sharded" if everywhere else f"sharded over groups of {self.shard}"

    def __str__(self) -> str:
        """The layout in the field's shorthand, parts of 1 left out."""
        parts = [
            ("TP", self.tensor),
            ("PP", self.pipeline),
            ("interleave", self.interleave),
            ("CP", self.context),
            ("EP", self.expert),
        ]
        said = [f"{name} {ranks}" for name, ranks in parts if ranks > 1]
        said += [f"DP {self.data}", f"micro-batch {self.micro_batch}", self.sharding]
        if self.recompute != "none":
            said.append(f"{self.recompute} recomputation")
        return ", ".join(said)


def launch_of(layouts: Layouts, at: int, layers: int, seq_len: int, node: int, gpus: int) -> Launch:
    """One of the layouts in whole numbers, on so many GPUs in nodes of ``node``."""
    value = {name: getattr(layouts, name)[at] for name in Layouts.__slots__}
    data, micro_batch, sequences = (int(value[k]) for k in ("data", "micro_batch", "sequences"))
    pipeline, interleave = int(value["pipeline"]), int(value["interleave"])
    used = int(layouts.replica[at]) * data
    return Launch(
        gpus=used,
        gpus_per_node=node,
        tensor=int(value["tensor"]),
        pipeline=pipeline,
        interleave=interleave,
        context=int(value["context"]),
        data=data,
        expert=int(value["expert"]),
        expert_tensor=int(layouts.expert_tensor[at]),
        micro_batch=micro_batch,
        micro_batches=sequences // (data * micro_batch),
        sequences=sequences,
        seq_len=seq_len,
        recompute=Recompute(int(value["recompute"])).name.lower(),
        shard=int(value["shard"]),
        split=chunks_of(layers, pipeline, interleave),
        idle=gpus - used,
    )
