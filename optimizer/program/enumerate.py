"""The best fleet, exactly and without a solver: the best of one offer, of one GPU model, of all.

Every objective is convex on a segment, so comparing a few fleets a segment compares them all.
The program in model.py decides the plan; this judges its value (optimum.py), and finds the fleets
that the plan is compared with.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np

from optimizer.market.candidates import Candidate
from optimizer.market.limits import Objective
from optimizer.market.segments import Floats, Ints, Segments
from optimizer.physics.goodput import Losses
from optimizer.program.bounds import MEASURES, best_on_each

# Values that agree to a billionth are equal.
TIE_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Fleet:
    """Nodes of one offer, with what the run makes of them.

    ``gpu_hours`` are used by all runs and ``billed_gpu_hours`` paid; ``wall_hours`` run from
    signature to the last step of the first run, ``stay_hours`` are those that its data are
    stored. ``cost_usd`` is of all runs. ``latest_hours`` are as long as ``wall_hours`` may get with
    the confidence asked for; the same without one. ``measured`` is what can be limited besides.
    """

    candidate: Candidate
    nodes: int
    gpu_hours: float
    billed_gpu_hours: float
    wall_hours: float
    stay_hours: float
    cost_usd: float
    latest_hours: float
    measured: Mapping[Objective, float] = field(compare=False)

    @property
    def gpus(self) -> int:
        """GPUs rented."""
        return self.nodes * self.candidate.offer.gpus_per_node

    @property
    def pays_minimum(self) -> bool:
        """Whether the contract's minimum spend is more than the hours and the commitment cost."""
        term = self.candidate.term
        by_time = max(self.gpu_hours, term.commitment_hours * self.gpus)
        return term.least_gpu_hours > by_time

    @property
    def losses(self) -> Losses:
        """What interruptions take of the GPUs that run; idle ones interrupt nothing."""
        return self.candidate.reliability.at(self.candidate.hardware.running(self.gpus))

    def wall_hours_at(self, stretch: float) -> float:
        """Hours from signature where every hour of training takes ``stretch`` times as long."""
        lead = self.candidate.term.lead_hours
        return lead + (self.wall_hours - lead) * stretch

    def value(self, objective: Objective) -> float:
        """What the fleet has of a measure: USD, hours from signature, GPUs, or kW."""
        own = {"cost": self.cost_usd, "time": self.latest_hours}
        return own[objective] if objective in own else self.measured[objective]


def best_fleet(segments: Segments, objective: Objective) -> Fleet | None:
    """The best fleet on these segments; None where there is none. Ties as in ``best_fleets``."""
    if not len(segments):
        return None
    rank, second, nodes = _ranked(segments, objective)
    tied = np.flatnonzero(rank == rank.min())
    tied = tied[second[tied] == second[tied].min()]
    index = int(tied[np.argmin(segments.candidate[tied])])
    return fleet_on(segments, index, int(nodes[index]))


def best_fleets(
    segments: Segments,
    objective: Objective,
    group: Callable[[Candidate], Hashable],
    most: int | None = None,
) -> list[Fleet]:
    """The best fleet of each group of candidates, best first; of the ``most`` best groups only.

    Of fleets that cost the same the smallest comes first, of those equally fast or equally
    large the cheapest.
    """
    if not len(segments):
        return []
    rank, second, nodes = _ranked(segments, objective)
    numbers: dict[Hashable, int] = {}
    groups = np.zeros(len(segments.candidates), dtype=np.int64)
    for candidate in np.unique(segments.candidate).tolist():
        name = group(segments.candidates[candidate])
        groups[candidate] = numbers.setdefault(name, len(numbers))
    own = groups[segments.candidate]
    least = np.full(len(numbers), np.inf)
    np.minimum.at(least, own, rank)
    tied = np.flatnonzero(rank == least[own])
    order = tied[np.lexsort((segments.candidate[tied], second[tied], rank[tied]))]
    _, first = np.unique(own[order], return_index=True)
    best = order[np.sort(first)[:most]]
    return [fleet_on(segments, index, int(nodes[index])) for index in best.tolist()]


def _ranked(segments: Segments, objective: Objective) -> tuple[Floats, Floats | Ints, Ints]:
    """How good each segment's best fleet is, what decides among equals, and its nodes."""
    _, value, nodes = best_on_each(segments, objective)
    second = segments.node * nodes if objective == "cost" else segments.cost(nodes)
    return np.round(value / value.min(), TIE_DECIMALS), second, nodes


def fleet_on(segments: Segments, index: int, nodes: int) -> Fleet:
    """So many nodes on one of the segments, in the segments' own units."""
    one, count = segments.take(np.array([index])), np.array([nodes])
    return Fleet(
        candidate=segments.candidates[int(one.candidate[0])],
        nodes=nodes,
        gpu_hours=float(one.runs * one.hours(count)[0]),
        billed_gpu_hours=float(one.billed(count)[0]),
        wall_hours=float(one.wall_hours(count)[0]),
        stay_hours=float(one.stay(count)[0]),
        cost_usd=float(one.cost(count)[0]),
        latest_hours=float(one.latest_hours(count)[0]),
        measured={name: float(of(one, count)[0]) for name, of in MEASURES.items()},
    )
