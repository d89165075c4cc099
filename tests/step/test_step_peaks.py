"""Memory by the model against published peaks, each under the layout that its source states."""

import csv
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from catalog.units import GIGA
from optimizer.step.layouts import Layouts
from optimizer.step.memory import bytes_per_gpu, held_by
from optimizer.step.transformer import transformer_of
from optimizer.step.work import NARROW_GRADIENT_BYTES, WIDE_GRADIENT_BYTES, work_of
from problems import ModelShape

PEAKS = Path(__file__).parents[2] / "optimizer/step/peaks.csv"
RECOMPUTE = {"none": 0.0, "selective": 1.0, "full": 2.0}


def rows() -> list[dict[str, str]]:
    """The published peaks."""
    with PEAKS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def number(row: dict[str, str], name: str, otherwise: float = 1.0) -> float:
    """A cell; what holds where it is blank."""
    return float(row[name]) if row[name] else otherwise


def shape(row: dict[str, str]) -> ModelShape:
    """The model of a row."""
    parameters = number(row, "params_b") * GIGA
    active = number(row, "active_params_b", parameters / GIGA) * GIGA
    heads = int(number(row, "heads"))
    return ModelShape(
        name=row["model"],
        parameters=parameters,
        active_parameters=active,
        layers=int(number(row, "layers")),
        hidden=int(number(row, "hidden")),
        heads=heads,
        kv_heads=int(number(row, "kv_heads", heads)),
        ffn=int(number(row, "ffn", 4 * number(row, "hidden"))),
        vocab=int(number(row, "vocab")),
        experts=1 if active < 0.95 * parameters else 0,
        seq_len=int(number(row, "seq_len")),
        source=row["source"],
        estimated=False,
    )


def layout(row: dict[str, str]) -> Layouts:
    """The layout of a row, of one entry."""
    tensor, pipeline, context = (number(row, name) for name in ("tp", "pp", "cp"))
    data = number(row, "dp", number(row, "gpus") / (tensor * pipeline * context))
    sharded = row["sharding"] == "full" and pipeline == 1
    count = max(number(row, "micro_batches"), pipeline)
    values = {
        "tensor": tensor,
        "pipeline": pipeline,
        "interleave": number(row, "interleave"),
        "context": context,
        "data": data,
        "expert": number(row, "ep"),
        "micro_batch": number(row, "micro_batch"),
        "recompute": RECOMPUTE[row["recompute"]],
        "shard": data * context if sharded else 1.0,
        "sequences": data * number(row, "micro_batch") * count,
    }
    return Layouts(**{name: np.array([value]) for name, value in values.items()})


def gigabytes(row: dict[str, str]) -> float:
    """GB of the fullest GPU by the model, as a plan would count them.

    A framework that sums gradients of fully sharded weights without exchanging them keeps them
    whole meanwhile, which no plan counts on: here they are added.
    """
    at = layout(row)
    in_pipeline = row["sharding"] == "full" and at.pipeline[0] > 1
    kept = NARROW_GRADIENT_BYTES if row["gradients"] == "bf16" else WIDE_GRADIENT_BYTES
    work = work_of(
        transformer_of(shape(row)),
        int(number(row, "seq_len")),
        float(at.sequences[0]),
        gradient_bytes=0.0 if in_pipeline else kept,
    )
    held = held_by(work, at)
    found = float(bytes_per_gpu(work, at, held)[0])
    if row["gradients"] == "whole" and number(row, "micro_batches") > 1:
        found += WIDE_GRADIENT_BYTES * float(held.dense[0] + held.routed[0])
    return found / GIGA


def test_the_median_is_near_the_published_peaks() -> None:
    """Over all rows, and over sources: some of them have many."""
    ratios = {row["id"]: gigabytes(row) / number(row, "peak_gb") for row in rows()}
    assert len(ratios) == 100
    assert 0.9 <= median(ratios.values()) <= 1.15
    by_source: dict[str, list[float]] = {}
    for row in rows():
        by_source.setdefault(row["source"], []).append(ratios[row["id"]])
    assert 0.9 <= median(median(own) for own in by_source.values()) <= 1.15


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row["id"]))
def test_every_peak_has_its_source(row: dict[str, str]) -> None:
    """An address with the version that was read, and a figure that a GPU can hold."""
    assert row["source"].startswith("https://github.com/")
    assert 1 < number(row, "peak_gb") < 300
    assert row["read_on"] == "2026-11-29"
