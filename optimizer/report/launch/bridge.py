"""A recipe that ships with megatron-bridge, and what a plan changes of it.

bridge.csv lists recipes for pretraining of megatron-bridge 0.6.2 (PyPI, read 2026-11-29) whose
layout its source states as numbers. Overrides are of the form that Hydra takes.
"""

import csv
import shlex
from functools import cache
from math import log2
from pathlib import Path

from optimizer.report.launch.choices import Choices
from optimizer.report.launch.job import Job, header, known_launch
from optimizer.report.launch.megatron import modules_of
from optimizer.report.launch.refusal import ExportError
from optimizer.report.launch.split import layout_of, split_flags

RECIPES_FILE = Path(__file__).with_name("bridge.csv")
MATCHED = ("layers", "hidden", "heads", "kv_heads", "experts", "vocab")
DEGREES = {
    "model.tensor_model_parallel_size": "tensor",
    "model.pipeline_model_parallel_size": "pipeline",
    "model.virtual_pipeline_model_parallel_size": "interleave",
    "model.context_parallel_size": "context",
    "model.expert_model_parallel_size": "expert",
    "train.micro_batch_size": "micro_batch",
    "train.global_batch_size": "sequences",
}
Row = dict[str, str]


def command(job: Job, choices: Choices) -> dict[str, str]:
    """The recipe that fits with what the plan changes; the nearest one is named where none does."""
    recipe = recipe_of(job)
    words = [
        f"--recipe {recipe['recipe']}",
        *(shlex.quote(word) for word in overrides(job, recipe)),
    ]
    start = " \\\n  ".join(["scripts/training/train.sh", *words])
    notes = [_fits(job, recipe), "how it starts: README of Megatron-Bridge's scripts/training"]
    top = header(job, "megatron-bridge 0.6.2", notes)
    return {"": f"#!/bin/bash\n{top}set -euo pipefail\n{start}\n"}


def recipe_of(job: Job) -> Row:
    """The recipe of this model nearest to the plan: precision first, then part, then size.

    ExportError for a model or a precision without one.
    """
    of_model = [r for r in _recipes() if all(r[k] == str(getattr(job.shape, k)) for k in MATCHED)]
    if not of_model:
        what = f"model: megatron-bridge 0.6.2 ships no recipe of {job.shape.name}"
        expected = "a model by name that it has, such as llama-3.1-70b"
        raise ExportError(f"{what}; expected {expected}; --to megatron takes shapes of its own")
    fit = [row for row in of_model if row["precision"] == job.precision]
    if not fit:
        have = ", ".join(sorted({row["precision"] for row in of_model}))
        what = f"precision: megatron-bridge 0.6.2 ships no recipe of {job.shape.name}"
        raise ExportError(f"{what} in {job.precision}; expected one of {have}; set --precision")
    return min(fit, key=lambda row: _distance(job, row))


@cache
def _recipes() -> tuple[Row, ...]:
    with RECIPES_FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def _distance(job: Job, row: Row) -> tuple[bool, float, str]:
    gpus = job.gpus if job.launch is None else job.launch.gpus
    return row["gpu"] != job.gpu, abs(log2(gpus / int(row["gpus"]))), row["recipe"]


def _fits(job: Job, recipe: Row) -> str:
    """Whether the recipe is for this fleet or only the nearest."""
    for_it = f"{int(recipe['gpus']):,} {recipe['gpu']}"
    same = recipe["gpu"] == job.gpu and int(recipe["gpus"]) == known_launch(job).gpus
    return f"the recipe is for {for_it}" + ("" if same else ": the nearest; overrides make it fit")


def overrides(job: Job, recipe: Row) -> list[str]:
    """What differs from the recipe, and how long it runs."""
    launch = known_launch(job)
    said = []
    for name, field in DEGREES.items():
        value = getattr(launch, field)
        shipped = recipe["global_batch" if field == "sequences" else field] or "1"
        if field in ("micro_batch", "sequences") or str(value) != shipped:
            said.append(f"{name}={'null' if field == 'interleave' and value == 1 else value}")
    parallel = str(launch.tensor > 1).lower()
    said.append(f"model.sequence_parallel={parallel}")
    if job.shape.experts > 1:
        said.append(f"model.expert_tensor_parallel_size={launch.expert_tensor}")
    if "deepseek" in recipe["recipe"]:  # the recipe trains one more layer, which no plan counts
        said.append("model.mtp_num_layers=null")
    said += [*_split(job), *_sharded(job, recipe), *_recomputed(job)]
    length = f"seq_length={launch.seq_len}"
    return [*said, f"model.{length}", f"dataset.{length}", f"train.train_iters={job.steps}"]


def _split(job: Job) -> list[str]:
    """An uneven split, in quotes that Hydra takes off; what a recipe has is put away."""
    launch = known_launch(job)
    if launch.pipeline == 1 or len(set(launch.split)) == 1:
        return ["model.pipeline_model_parallel_layout=null"]
    words = split_flags(launch)
    if "--account-for-embedding-in-pipeline-split" in words:
        return [
            "model.pipeline_model_parallel_layout=null",
            "model.account_for_embedding_in_pipeline_split=true",
            "model.account_for_loss_in_pipeline_split=true",
        ]
    return [f"model.pipeline_model_parallel_layout='{layout_of(launch.split)}'"]


def _sharded(job: Job, recipe: Row) -> list[str]:
    launch = known_launch(job)
    fully = launch.shard > 1
    if fully == (recipe["fully_sharded"] == "yes") and not fully:
        return []
    saved = "fsdp_dtensor" if fully else "torch_dist"
    said = [f"ddp.use_megatron_fsdp={str(fully).lower()}", f"checkpoint.ckpt_format={saved}"]
    if not fully:
        return said
    groups = launch.data * launch.context // launch.shard
    said.append("ddp.data_parallel_sharding_strategy=optim_grads_params")
    return [*said, f"ddp.num_distributed_optimizer_instances={groups}"] if groups > 1 else said


def _recomputed(job: Job) -> list[str]:
    launch = known_launch(job)
    if launch.recompute != "full":
        return _partly(job, launch.recompute)
    return [
        "model.recompute_granularity=full",
        "model.recompute_method=uniform",
        "model.recompute_num_layers=1",
    ]


def _partly(job: Job, recompute: str) -> list[str]:
    """Nothing, or the modules that megatron.py names."""
    if recompute == "none":
        return ["model.recompute_granularity=null"]
    modules = ",".join(modules_of(job.shape))
    return ["model.recompute_granularity=selective", f"model.recompute_modules=[{modules}]"]
