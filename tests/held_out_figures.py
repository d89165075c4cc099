"""Held-out errors as the tables of the README print them."""

from typing import Any

from catalog.load import load_gpus
from catalog.runs import ObservedRun, load_runs
from optimizer.step.constants import shipped

KINDS = {
    "dense, 16 bit, context to 8k": "dense_16_bit",
    "dense, 16 bit": "dense_16_bit",
    "dense, 8 bit": "dense_8_bit",
    "dense, 4 bit": "dense_4_bit",
    "mixtures, 16 bit": "mixture_16_bit",
    "mixtures, 8 bit": "mixture_8_bit",
    "mixtures, 4 bit": "mixture_4_bit",
    "TPU and Trainium, dense": "tpu",
    "TPU, dense": "tpu",
    "TPU, mixtures": "tpu_mixture",
    "dense, context above 8k": "long_context",
    "cards (Ada, GB202)": "cards",
    "fewer than 8 GPUs, no cards": "few_gpus",
    "whole runs, by GPU-hours": "production",
    "steps that whole runs logged": "logged",
}


def known(mode: str, kind: str, *names: str) -> list[int]:
    """Figures of the calibration as whole percentages."""
    held: dict[str, Any] = shipped()["held_out"][mode][kind]
    return [round(100 * held[name]) for name in names]


WHOLE = "| run | on | GPU-hours published | predicted | ratio | in range |"


def whole_runs() -> list[list[str]]:
    """The rows of the table of whole runs, the largest first, by the calibration's figures."""
    runs, gpus = {run.id: run for run in load_runs()}, load_gpus()
    held = sorted(shipped()["whole_runs"], key=lambda one: -hours_of(runs[one["id"]]))
    rows = []
    for one in held:
        run = runs[one["id"]]
        took = hours_of(run)
        on = f"{run.gpus:,} {gpus[run.gpu].name}"
        figures = [amount(took), amount(took * one["ratio"]), f"{one['ratio']:.2f}"]
        rows.append([f"{run.model}, {run.year}", on, *figures, "yes" if one["held"] else "no"])
    return rows


def hours_of(run: ObservedRun) -> float:
    """GPU-hours as published."""
    assert run.gpu_hours is not None
    return run.gpu_hours


def amount(hours: float) -> str:
    """Three digits: 30.8M, 439k, 770."""
    for unit, sign in ((1e6, "M"), (1e3, "k"), (1.0, "")):
        if hours >= unit:
            return f"{float(f'{hours / unit:.3g}'):g}{sign}"
    return f"{hours:.3g}"


MEDIAN, HIGH, HELD = "median_abs_error", "p90_abs_error", "interval_coverage"
