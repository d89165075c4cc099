"""The fitted constants of the step-time model, kept in a data file with their date and error."""

import json
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.step.machine import ARCHITECTURES

Floats = NDArray[np.float64]
SHIPPED = Path(__file__).with_name("constants.json")


@dataclass(frozen=True, slots=True)
class Constants:
    """Few, global or one an architecture; none belongs to a run.

    volta .. tpu      share of the dense peak that large matrix multiplications reach
    half_width        hidden / tensor parallelism at which a multiplication is half as fast
    half_tokens       micro-batch tokens at which it is
    attention         attention's share of the efficiency of matrix multiplications
    low_precision     the same for 8-bit multiplications, casts included
    block_scaled      what mxfp8 keeps of the gain of 8 bits with one scale
    four_bit          power of the nominal rate over that of 8 bit that 4-bit ones keep
    recompute         full recomputation's share of a forward pass
    memory_passes     times that a layer's activations cross the memory bus, forward
    score_passes      times that unfused attention's s × s matrix does
    tensor_share      share of the fast fabric's rate that tensor parallelism sees
    layer_seconds     fixed time of a layer and micro-batch, forward and backward
    tensor_seconds    the same, added by tensor parallelism
    overlap           share of a stage that hides the exchange of gradients once a step
    overlap_full      share of a stage that hides the gathers of fully sharded weights
    contention        what a hidden exchange still costs, as a share of its own time
    network_share     share of the network's rate that collectives see
    hop_seconds       time that a collective adds for each node and layer
    routed            efficiency of a mixture's expert multiplications against dense ones
    routed_half_width an expert's width at which its multiplications are half as fast
    routed_gain       share of fp8's gain that expert multiplications see
    routed_passes     times that routed tokens cross the memory bus, forward
    routed_seconds    fixed time that a router adds to a layer and micro-batch
    routed_overlap    share of a layer's multiplications that hides its all-to-alls
    early             step time of software from before 2023 against later software
    """

    volta: float = 0.5
    ampere: float = 0.75
    hopper: float = 0.65
    blackwell: float = 0.6
    blackwell_ultra: float = 0.6
    gb202: float = 0.57
    ada: float = 0.8
    cdna: float = 0.5
    cdna4: float = 0.4
    tpu: float = 0.6
    half_width: float = 150.0
    half_tokens: float = 200.0
    attention: float = 0.5
    low_precision: float = 0.8
    block_scaled: float = 0.9
    four_bit: float = 0.4
    recompute: float = 0.9
    memory_passes: float = 2.0
    score_passes: float = 6.0
    tensor_share: float = 0.7
    layer_seconds: float = 0.0005
    tensor_seconds: float = 0.0005
    overlap: float = 0.5
    overlap_full: float = 0.8
    contention: float = 0.2
    network_share: float = 0.8
    hop_seconds: float = 1e-5
    routed: float = 0.9
    routed_half_width: float = 500.0
    routed_gain: float = 0.5
    routed_passes: float = 4.0
    routed_seconds: float = 0.001
    routed_overlap: float = 0.3
    early: float = 1.1

    def efficiency(self, architecture: NDArray[np.int64]) -> Floats:
        """Each architecture's share of the peak, looked up by its index; 'other' as Hopper's."""
        shares: list[float] = [getattr(self, self.named(name)) for name in ARCHITECTURES]
        table: Floats = np.array(shares, dtype=np.float64)
        return table.take(architecture)

    @staticmethod
    def named(architecture: str) -> str:
        """The constant that stands for an architecture."""
        return "hopper" if architecture == "other" else architecture


NAMES = tuple(field.name for field in fields(Constants))


@cache
def shipped() -> dict[str, Any]:
    """The last calibration: constants, held-out error ranges, its date and its error."""
    calibration: dict[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return calibration


@cache
def shipped_constants() -> Constants:
    """The constants of the last calibration."""
    return Constants(**shipped()["constants"])


def as_vector(constants: Constants) -> Floats:
    """The constants' logarithms: all are positive, and their ratios are what matters."""
    return np.log(np.array(list(asdict(constants).values()), dtype=np.float64))


def from_vector(logarithms: Floats) -> Constants:
    """The constants with these logarithms."""
    values = np.exp(logarithms)
    return Constants(**{name: float(v) for name, v in zip(NAMES, values, strict=True)})
