"""Arguments of torchtitan's trainer (torchtitan 0.3.0, PyPI, read 2026-11-29)."""

import csv
from functools import cache
from math import ceil
from pathlib import Path

from optimizer.report.launch.refusal import ExportError
from optimizer.step.launch import Launch
from problems import ModelShape

CONFIGS_FILE = Path(__file__).with_name("torchtitan.csv")
MATCHED = ("layers", "hidden", "heads", "kv_heads", "experts", "vocab")


def arguments(
    shape: ModelShape, launch: Launch, precision: str, steps: int | None = None
) -> list[str]:
    """The words after ``torchtitan.train``; ``steps`` adds how long it runs.

    Whether activations are recomputed is a subcommand, so it stands last. ExportError where the
    package ships no such model, or spreads layers, experts or state in another way.
    """
    config = config_of(shape, precision)
    words = {
        "--module": config["module"],
        "--config": config["config"],
        **_parallelism(launch, mixture=shape.experts > 1),
        **_batch(launch),
    }
    if steps is not None:
        words["--training.steps"] = str(steps)
    # CUDA graphs are on unless told otherwise, and neither pipelines nor experts take them.
    graphs = launch.pipeline > 1 or shape.experts > 1
    return [
        *(part for name, value in words.items() for part in (name, value)),
        *(["--training.disable_cuda_graphs"] if graphs else []),
        f"activation-checkpoint:{launch.recompute}",
    ]


def config_of(shape: ModelShape, precision: str) -> dict[str, str]:
    """The shipped configuration of a model in a precision."""
    same = [row for row in _configs() if all(row[k] == str(getattr(shape, k)) for k in MATCHED)]
    for row in same:
        if row["precision"] == precision:
            return row
    if same:
        shipped = ", ".join(f"{row['config']} in {row['precision']}" for row in same)
        what = f"precision: torchtitan 0.3.0 ships {shipped}, not in {precision}"
        raise ExportError(f"{what}; expected one of those; --precision chooses it")
    shipped = ", ".join(row["config"] for row in _configs())
    what = f"model: torchtitan 0.3.0 ships no configuration of {shape.name}"
    raise ExportError(f"{what}; expected one of {shipped}; --to megatron takes shapes of its own")


@cache
def _configs() -> tuple[dict[str, str], ...]:
    with CONFIGS_FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def _parallelism(launch: Launch, mixture: bool) -> dict[str, str]:
    """Degrees of parallelism; their product is the world size, none of them is left open."""
    shard = _data_shard(launch)
    degrees = {
        "tensor_parallel": launch.tensor,
        "pipeline_parallel": launch.pipeline,
        "context_parallel": launch.context,
        "data_parallel_shard": shard,
        "data_parallel_replicate": launch.data // shard,
    }
    if mixture:
        degrees["expert_parallel"] = _experts(launch, shard)
    kept = "never" if launch.shard <= 1 or launch.pipeline > 1 else "always"
    words = {f"--parallelism.{name}_degree": str(n) for name, n in degrees.items()}
    return {**words, "--parallelism.fsdp_reshard_after_forward": kept, **_pipeline(launch)}


def _data_shard(launch: Launch) -> int:
    """Data ranks that state is sharded over, beside those of context parallelism.

    A distributed optimizer has no other form here: weights that stay whole after the forward pass.
    """
    if launch.shard <= 1:
        return launch.data
    shard = max(launch.shard // launch.context, 1)
    if launch.shard % launch.context or launch.data % shard:
        what = f"layout: groups of {launch.shard} ranks that share state"
        expected = f"a multiple of CP {launch.context} that divides the ranks"
        raise ExportError(f"{what}; torchtitan expects {expected}; --to megatron takes them")
    return shard


def _experts(launch: Launch, shard: int) -> int:
    """Expert parallelism takes its ranks from those that share state, tensor ranks included."""
    ranks = shard * launch.context * launch.tensor
    if launch.expert_tensor > 1 or ranks % launch.expert:
        what = f"layout: EP {launch.expert} with expert TP {launch.expert_tensor}"
        expected = f"whole experts on a number of ranks that divides {ranks:,}"
        raise ExportError(f"{what}; torchtitan expects {expected}; --to megatron takes it")
    return launch.expert


def _pipeline(launch: Launch) -> dict[str, str]:
    """The schedule, and the split of the layers."""
    if launch.pipeline == 1:
        return {}
    less, each = _rule_of(launch)
    schedule = "Interleaved1F1B" if launch.interleave > 1 else "1F1B"
    words = {
        "schedule": schedule,
        "first_stage_less_layers": str(less[0]),
        "last_stage_less_layers": str(less[1]),
        "layers_per_stage": str(each),
        "microbatch_size": str(launch.micro_batch),
    }
    return {f"--parallelism.pipeline_parallel_{name}": value for name, value in words.items()}


def _rule_of(launch: Launch) -> tuple[tuple[int, int], int]:
    """Layers that the ends hold less, and layers a stage, that make the split.

    Where no rule makes it exactly, the one whose stages are nearest in number of layers.
    """
    found: list[tuple[int, tuple[int, int], int]] = []
    layers, stages = sum(launch.split), len(launch.split)
    for less in ((0, 0), (1, 1), (1, 0), (0, 1)):
        counted = layers + sum(less)
        each = ceil(counted / stages)
        if ceil(counted / each) == stages and counted // stages >= max(less):
            made = spread(layers, stages, less)
            off = sum(abs(a - b) for a, b in zip(made, launch.split, strict=True))
            found.append((off, less, each))
    if not found:
        what = f"layout: {layers} layers over {stages} stages"
        expected = "as many layers in each, one more or less"
        raise ExportError(f"{what}; torchtitan expects {expected}; --to megatron takes it")
    _, less, each = min(found)
    return less, each


def split_of(launch: Launch) -> tuple[int, ...]:
    """Layers by stage as torchtitan spreads them; none without a pipeline."""
    if launch.pipeline == 1:
        return ()
    less, _ = _rule_of(launch)
    return spread(sum(launch.split), len(launch.split), less)


def spread(layers: int, stages: int, less: tuple[int, int]) -> tuple[int, ...]:
    """Layers by stage: the first ones hold what is over, the ends so many less."""
    each, over = divmod(layers + sum(less), stages)
    held = [each + (stage < over) for stage in range(stages)]
    held[0] -= less[0]
    held[-1] -= less[1]
    return tuple(held)


def _batch(launch: Launch) -> dict[str, str]:
    """The batch: a pipeline's micro-batches are parts of the local batch, so it holds them all."""
    piped = launch.pipeline > 1
    local = launch.micro_batch * launch.micro_batches if piped else launch.micro_batch
    return {
        "--training.local_batch_size": str(local),
        "--training.global_batch_size": str(launch.sequences),
        "--training.seq_len": str(launch.seq_len),
    }
