"""Layouts against the recipes that Megatron-Bridge 0.6.2 ships, read 2026-11.

Either the plan's layout is the recipe's, or the model says that the recipe takes at most 3 % more.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from catalog.load import load_gpus
from optimizer.step import predict, setting_of
from optimizer.step.layouts import Choices, Layouts, replicas
from optimizer.step.memory import bytes_per_gpu, usable_bytes
from optimizer.step.seconds import step_seconds
from optimizer.step.setting import Setting
from optimizer.step.sharing import fill
from problems import shape_of

NEAR = 1.03
# What Megatron-Bridge does that sixnd does not plan, or charges for in full.
MISSED = {
    "llama-3.1-70b h100_sxm": "context parallelism of 2 at 8k",
    "llama-3.1-70b b200_sxm": "context parallelism of 2 at 8k",
    "deepseek-v3 h100_sxm": "expert parallelism over eight nodes, whose exchange tuned stacks hide",
    "qwen3-235b-a22b h100_sxm": "expert parallelism over four nodes, as above",
    "qwen3-235b-a22b gb200_nvl72": "eight pipeline stages in a rack that holds the experts",
}


def recipes() -> list[dict[str, str]]:
    """The recipes' layouts, in bf16."""
    with (Path(__file__).parent / "recipes.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def name(row: dict[str, str]) -> str:
    """Model and part."""
    return f"{row['model']} {row['gpu']}"


def asked(row: dict[str, str]) -> Setting:
    """The recipe's step, its batch not to be moved."""
    length = int(row["seq_len"])
    return setting_of(
        shape_of(row["model"]),
        load_gpus()[row["gpu"]],
        "bf16",
        gpus_per_node=int(row["gpus_per_node"]),
        seq_len=length,
        global_batch_tokens=float(int(row["batch"]) * length),
        room=0.0,
    )


def laid_out(here: Setting, row: dict[str, str]) -> Layouts:
    """The recipe's layout with each way to recompute."""
    choices = Choices(
        tensor=(int(row["tp"]),),
        pipeline=(int(row["pp"]),),
        interleave=(int(row["vp"]),),
        context=(int(row["cp"]),),
        expert=(int(row["ep"]),),
        micro_batch=(int(row["micro_batch"]),),
        sharding=(row["sharding"],),
    )
    kinds = replicas(here.shape, here.seq_len, here.node, here.widest, choices)
    return fill(kinds, int(row["gpus"]) / kinds.replica, here.sequences)


def ratio(row: dict[str, str]) -> float:
    """The recipe's predicted step time over that of the plan's layout."""
    here = asked(row)
    layouts = laid_out(here, row)
    # Layers moved to the CPU take memory off the GPU, which sixnd does not plan.
    fits = bytes_per_gpu(here.work, layouts) <= usable_bytes(here.machine)
    layouts = layouts.take(fits | (int(row["offloaded_layers"]) > 0))
    assert len(layouts), "a recipe that ships does not fit"
    seconds = step_seconds(here.work, here.machine, layouts, here.fit).min()
    found = predict(here, load_gpus()[row["gpu"]], int(row["gpus"]))
    return float(seconds * here.slower(np.asarray(float(row["gpus"]))) / found.seconds_per_step)


@pytest.mark.parametrize("row", recipes(), ids=name)
def test_the_recipe_is_near_the_plan_s_layout(row: dict[str, str]) -> None:
    """Within 3 % by the model; those known to be missed, and why, are missed still."""
    if name(row) in MISSED:
        assert ratio(row) > NEAR, f"no longer missed: {MISSED[name(row)]}"
    else:
        assert ratio(row) <= NEAR
