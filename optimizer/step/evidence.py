"""Which published runs a prediction rests on: those of its part, and whole runs like it.

Both are kept with the constants that they were fitted to: reading all runs takes a tenth of a
second, which no plan should wait for.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from math import log

from catalog.runs import ObservedRun
from optimizer.step.conditions import Conditions
from optimizer.step.constants import shipped
from optimizer.step.kinds import FEW_GPUS, PRODUCTION
from optimizer.step.machine import BITS, EIGHT_BIT

# Whole runs are near whose parameters, all and active, differ by less than this factor.
NEAR = 1.15


@dataclass(frozen=True, slots=True)
class Evidence:
    """Published runs on a part, in 16 bit or in fewer: how many, the most GPUs, and sources."""

    runs: int
    most_gpus: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WholeRun:
    """A published whole run: what it trained on what, and the GPU-hours that it took."""

    id: str
    model: str
    parameters: float
    active_parameters: float
    tokens: float
    gpu: str
    gpus: int | None
    gpu_hours: float
    bits: int
    source: str

    def hours_for(self, active_parameters: float, tokens: float) -> float:
        """GPU-hours of another run at the same MFU."""
        mine = self.active_parameters * self.tokens
        return self.gpu_hours * active_parameters * tokens / mine


def evidence_of(runs: Iterable[Conditions]) -> dict[str, Evidence]:
    """The evidence of published runs by part and bits, of those on a node or more."""
    found: dict[str, list[Conditions]] = {}
    for run in runs:
        if run.gpus >= FEW_GPUS:
            key = _key(run.gpu.gpu, int(run.machine.bits))
            found.setdefault(key, []).append(run)
    return {key: _evidence(found[key]) for key in sorted(found)}


def _evidence(runs: list[Conditions]) -> Evidence:
    largest = sorted(runs, key=lambda run: (-run.gpus, run.run.source))
    sources = tuple(dict.fromkeys(run.run.source for run in largest))
    return Evidence(len(runs), largest[0].gpus, sources[:3])


def evidence_for(gpu: str, bits: int) -> Evidence | None:
    """The published runs on this part in as many bits; None without any."""
    return _shipped_evidence().get(_key(gpu, bits))


def whole_runs_of(runs: Iterable[ObservedRun]) -> list[WholeRun]:
    """The runs that are whole ones, by their GPU-hours, whether their GPUs were counted or not."""
    return [found for run in runs if (found := _whole(run)) is not None]


def _whole(run: ObservedRun) -> WholeRun | None:
    """The run as a whole one; None where it is none or does not say enough."""
    hours, tokens, parameters = run.gpu_hours, run.total_tokens_b, run.params_b
    if run.kind != PRODUCTION or not (hours and tokens and parameters and run.number_format):
        return None
    return WholeRun(
        id=run.id,
        model=run.model,
        parameters=parameters * 1e9,
        active_parameters=(run.active_params_b or parameters) * 1e9,
        tokens=tokens * 1e9,
        gpu=run.gpu,
        gpus=run.gpus,
        gpu_hours=hours,
        bits=BITS[run.number_format],
        source=run.source,
    )


def whole_runs_near(
    gpu: str, bits: int, parameters: float, active_parameters: float
) -> tuple[WholeRun, ...]:
    """The published whole runs of a model of that size on that part, the nearest size first."""

    def distance(run: WholeRun) -> float:
        """How far the sizes are apart, as a logarithm."""
        all_of_it = abs(log(run.parameters / parameters))
        return max(all_of_it, abs(log(run.active_parameters / active_parameters)))

    same = [run for run in _shipped_whole_runs() if run.gpu == gpu and run.bits == bits]
    return tuple(sorted((r for r in same if distance(r) < log(NEAR)), key=distance))


def stored(scored: Iterable[Conditions], runs: Iterable[ObservedRun]) -> dict[str, object]:
    """What is kept with the constants."""
    parts = {key: asdict(found) for key, found in evidence_of(scored).items()}
    return {"parts": parts, "whole_runs": [asdict(run) for run in whole_runs_of(runs)]}


def _key(gpu: str, bits: int) -> str:
    return f"{gpu} {'16' if bits > EIGHT_BIT else bits} bit"


@cache
def _shipped_evidence() -> dict[str, Evidence]:
    kept = shipped()["evidence"]["parts"]
    return {k: Evidence(v["runs"], v["most_gpus"], tuple(v["sources"])) for k, v in kept.items()}


@cache
def _shipped_whole_runs() -> tuple[WholeRun, ...]:
    return tuple(WholeRun(**run) for run in shipped()["evidence"]["whole_runs"])
