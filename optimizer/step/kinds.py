"""The kinds of run whose errors are alike, by what their error depends on most."""

from catalog import Gpu, Precision
from optimizer.step.conditions import Conditions
from optimizer.step.machine import (
    ARCHITECTURES,
    BITS,
    EIGHT_BIT,
    FOUR_BIT,
    architecture_index,
)

# Steps on fewer say little of nodes and networks.
FEW_GPUS = 8
LONG_CONTEXT = 8192
# Accelerators that are no GPUs: other compilers, other networks.
NO_GPUS = ("tpu", "other")
# Workstation and consumer cards, and their siblings for servers.
CARDS = ("ada", "gb202")
# Kinds whose range does not depend on the number of GPUs.
ONE_RANGE = ("tpu", "tpu_mixture", "cards")
PRODUCTION, LOGGED, FEW = "production", "logged", "few_gpus"


def kind_of_step(mixture: bool, bits: int, architecture: int, seq_len: int) -> str:
    """The kind of a step, whatever the number of GPUs: what sets the level of its error."""
    if ARCHITECTURES[architecture] in NO_GPUS:
        return "tpu_mixture" if mixture else "tpu"
    if ARCHITECTURES[architecture] in CARDS:
        return "cards"
    if not mixture and seq_len > LONG_CONTEXT and bits > FOUR_BIT:
        return "long_context"
    return f"{'mixture' if mixture else 'dense'}_{bits}_bit"


def kind_on(mixture: bool, gpu: Gpu, precision: Precision, seq_len: int) -> str:
    """The kind of a step on this part."""
    return kind_of_step(mixture, BITS[precision], architecture_index(gpu), seq_len)


def kind_of(run: Conditions) -> str:
    """The kind of a published run, which also says how its figure came about."""
    if run.run.kind == PRODUCTION:
        return PRODUCTION
    return LOGGED if run.run.kind == LOGGED else span_kind_of(run)


def span_kind_of(run: Conditions) -> str:
    """The kind whose range a run has, as the plan of such a fleet would."""
    return span_of_step(step_kind_of(run), run.gpus)


def span_of_step(kind: str, gpus: float) -> str:
    """The kind whose range a step of this kind has on so many GPUs."""
    return FEW if gpus < FEW_GPUS and kind not in ONE_RANGE else kind


def step_kind_of(run: Conditions) -> str:
    """The kind of a published run's step."""
    bits, architecture = int(run.machine.bits), int(run.machine.architecture)
    return kind_of_step(run.shape.is_mixture, bits, architecture, run.seq_len)


def part_of(gpu: str, bits: int, mixture: bool) -> str:
    """A part in 16 bit or fewer, for dense models or mixtures: what its software is tuned for."""
    return f"{gpu} {'16 bit' if bits > EIGHT_BIT else 'low'} {family_of(mixture)}"


def family_of(mixture: bool) -> str:
    """Whose slopes a model has, and whose part."""
    return "mixture" if mixture else "dense"
