"""Priced segments: all arithmetic of the program happens here.

One entry of every array is one segment of one candidate's MFU curve. On it the whole run takes
a + b·n GPU-hours on n GPUs, so every limit of the question is a bound on n.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.candidates import Candidate
from optimizer.compute import peak_hours
from optimizer.hardware import Hardware
from optimizer.run import Run

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_LIMIT = np.inf
# Where money and hours of two fleets differ by less, they are the same: prices and peaks have
# four digits.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Limits:
    """The question's limits; NO_LIMIT where there is none."""

    deadline_hours: float = NO_LIMIT
    max_gpus: float = NO_LIMIT
    budget_usd: float = NO_LIMIT

    def in_unit(self, unit: float) -> "Limits":
        """The same limits with ``unit`` hours and ``unit`` USD as the units."""
        return replace(
            self, deadline_hours=self.deadline_hours / unit, budget_usd=self.budget_usd / unit
        )


@dataclass(frozen=True, slots=True)
class Segments:
    """The segments of all candidates; arrays of equal length, one entry a segment.

    ``candidate`` indexes ``candidates``, ``number`` counts an offer's segments; GPU-hours of
    the run are ``base_hours + hours_per_gpu · n`` for n = node · nodes, with
    ``fewest_nodes <= nodes <= most_nodes``. ``usd_per_gpu_hour``, ``upfront_usd`` (per GPU),
    ``commitment_hours`` and ``lead_hours`` repeat the offer's terms.
    """

    candidates: tuple[Candidate, ...]
    candidate: Ints
    number: Ints
    base_hours: Floats
    hours_per_gpu: Floats
    node: Ints
    fewest_nodes: Ints
    most_nodes: Ints
    usd_per_gpu_hour: Floats
    upfront_usd: Floats
    commitment_hours: Floats
    lead_hours: Floats

    def __len__(self) -> int:
        """How many segments there are."""
        return len(self.candidate)

    def take(self, chosen: NDArray[np.bool_] | Ints) -> "Segments":
        """The chosen segments only."""
        names = [name for name in self.__slots__ if name != "candidates"]
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def without_sizes(self, hardware: Hardware, first: int, last: int) -> "Segments":
        """The segments less this hardware's fleets of ``first`` to ``last`` nodes."""
        runs_on = np.array([other.hardware is hardware for other in self.candidates])
        own = runs_on[self.candidate]
        below = replace(self, most_nodes=np.minimum(self.most_nodes, first - 1))
        above = replace(self, fewest_nodes=np.maximum(self.fewest_nodes, last + 1))
        parts = [self.take(~own), below.take(own), above.take(own)]
        names = [name for name in self.__slots__ if name != "candidates"]
        joined: dict[str, Any] = {
            n: np.concatenate([getattr(part, n) for part in parts]) for n in names
        }
        left = replace(self, **joined)
        # Names in the program are an offer and a segment's number, so the numbers stay unique.
        left = replace(left, number=np.arange(len(left), dtype=np.int64))
        return left.take(left.fewest_nodes <= left.most_nodes)

    def in_unit(self, unit: float) -> "Segments":
        """The same segments with ``unit`` hours and ``unit`` USD as the units."""
        scaled = ("base_hours", "hours_per_gpu", "upfront_usd", "commitment_hours", "lead_hours")
        return replace(self, **{name: getattr(self, name) / unit for name in scaled})

    def hours(self, nodes: Floats | Ints) -> Floats:
        """GPU-hours of the run on each segment at that many nodes."""
        return self.base_hours + self.hours_per_gpu * (self.node * nodes)

    def wall_hours(self, nodes: Floats | Ints) -> Floats:
        """Hours from signature to the last step."""
        return self.lead_hours + self.hours(nodes) / (self.node * nodes)

    def cost(self, nodes: Floats | Ints) -> Floats:
        """USD of the run: GPU-hours billed, at least the commitment, and up-front cost."""
        gpus = self.node * nodes
        billed = np.maximum(self.hours(nodes), self.commitment_hours * gpus)
        return self.usd_per_gpu_hour * billed + self.upfront_usd * gpus


def make_segments(run: Run, candidates: list[Candidate]) -> Segments:
    """Every candidate's curve as lines in GPU-hours, cut to the fleets that are on sale."""
    lines: dict[int, Floats] = {}
    parts, owners = [], []
    for index, candidate in enumerate(candidates):
        key = id(candidate.hardware)
        if key not in lines:
            lines[key] = _hours_lines(run, candidate.hardware)
        parts.append(lines[key])
        owners.append(np.full(len(lines[key]), index))
    table = np.concatenate(parts) if parts else np.zeros((0, 5))
    owner = np.concatenate(owners).astype(np.int64) if owners else np.zeros(0, np.int64)
    return _on_sale(tuple(candidates), owner, table)


def _hours_lines(run: Run, hardware: Hardware) -> Floats:
    """Rows (number, first GPU, last GPU, a, b): GPU-hours of the run are a + b·n."""
    peak = hardware.gpu.peak_tflops(hardware.precision)
    assert peak is not None, "hardware runs in a precision that has a peak"
    at_peak = peak_hours(run.flop, peak) / run.goodput
    return np.array(
        [
            (number, line.first, line.last, at_peak * line.inverse, at_peak * line.slope)
            for number, line in enumerate(hardware.curve.segments())
        ]
    )


def _on_sale(candidates: tuple[Candidate, ...], owner: Ints, table: Floats) -> Segments:
    """Segments between the fewest and the most GPUs of their offers, in whole nodes."""

    def term(values: list[float]) -> Floats:
        return np.array(values, dtype=np.float64)[owner] if len(owner) else np.zeros(0)

    offers = [c.offer for c in candidates]
    node = term([o.gpus_per_node for o in offers]).astype(np.int64)
    least = np.maximum(term([c.fewest_gpus for c in candidates]), table[:, 1])
    most = np.minimum(term([c.most_gpus for c in candidates]), table[:, 2])
    segments = Segments(
        candidates=candidates,
        candidate=owner,
        number=table[:, 0].astype(np.int64),
        base_hours=table[:, 3],
        hours_per_gpu=table[:, 4],
        node=node,
        fewest_nodes=np.maximum(np.ceil(least / node), 1).astype(np.int64),
        most_nodes=np.floor(most / node).astype(np.int64),
        usd_per_gpu_hour=term([o.usd_per_gpu_hour for o in offers]),
        upfront_usd=term([o.upfront_usd_per_gpu for o in offers]),
        commitment_hours=term([o.commitment_hours for o in offers]),
        lead_hours=term([o.lead_time_hours for o in offers]),
    )
    return segments.take(segments.fewest_nodes <= segments.most_nodes)
