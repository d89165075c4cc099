"""Layouts that sixnd prints, and the words in which it tells each launcher of them."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest import mock

from step_cases import gpus, setting

from judges.torchtitan import Model
from optimizer.report.launch import megatron, torchtitan
from optimizer.step.launch import Launch
from optimizer.step.predict import fewest_gpus, predict
from optimizer.step.transformer import transformer_of
from problems import ModelShape, shape_of

LAYOUTS_FILE = Path(__file__).with_name("layouts.csv")
# How far the fewest GPUs that hold a model are looked for.
MOST_GPUS = 8192
STEPS = 1000
# GPUs of a server and gigabits a second of each, as most offers of the part have them.
NODES = {"gb200_nvl72": 4}
NETWORKS = {"rtx_a6000": 100.0, "l40s": 100.0}


@dataclass(frozen=True, slots=True)
class Case:
    """A model on so many ``times`` the fewest ``gpu`` that hold it.

    ``megatron`` and ``torchtitan`` say whether sixnd has words in which to tell them of the layout.
    """

    model: str
    gpu: str
    times: int
    megatron: bool
    torchtitan: bool

    def __str__(self) -> str:
        """What it is called in a list of tests."""
        return f"{self.model}-{self.gpu}-x{self.times}"


@dataclass(frozen=True, slots=True)
class Printed:
    """A model, and sixnd's layout of it."""

    shape: ModelShape
    launch: Launch


@cache
def cases() -> tuple[Case, ...]:
    """Those of ``layouts.csv``."""
    with LAYOUTS_FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Case(
                row["preset"],
                row["gpu"],
                int(row["times"]),
                row["megatron"] == "yes",
                row["torchtitan"] == "yes",
            )
            for row in csv.DictReader(lines)
        )


@cache
def layout_of(case: Case) -> Printed:
    """What sixnd prints for a case; NoLayoutError for one that does not fit."""
    node = NODES.get(case.gpu, 8)
    asked = setting(case.model, case.gpu, node=node, nic=NETWORKS.get(case.gpu, 400.0))
    fewest = fewest_gpus(asked, MOST_GPUS)
    assert fewest is not None, case
    launch = predict(asked, gpus()[case.gpu], fewest * case.times).layout
    return Printed(shape_of(case.model), launch)


def megatron_words(layout: Printed) -> list[str]:
    """What Megatron-LM is told; ExportError for a model that its flags do not describe."""
    return megatron.arguments(layout.shape, layout.launch, "bf16", STEPS)


def torchtitan_words(layout: Printed) -> list[str]:
    """What torchtitan is told; ExportError for a model or a layout that it has no words for."""
    return torchtitan.arguments(layout.shape, layout.launch, "bf16", STEPS)


def stand_in_words(layout: Printed) -> tuple[list[str], Model]:
    """What torchtitan would be told of a model that it does not ship, and that model.

    ExportError for a layout that it has no words for.
    """
    mixture = layout.shape.experts > 1
    shipped = ("qwen3", "qwen3_30b_a3b") if mixture else ("llama3", "llama3_70b")
    config = dict(zip(("module", "config"), shipped, strict=True))
    with mock.patch.object(torchtitan, "config_of", return_value=config):
        words = torchtitan_words(layout)
    shape = layout.shape
    heads = transformer_of(shape).heads
    return words, Model(layers=shape.layers, heads=heads, experts=shape.experts if mixture else 0)
