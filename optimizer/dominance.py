"""What cannot win is dropped before the program is built, by bounds that prove it.

On a segment every limit is a bound on n, and every objective is convex in n, so both the
tightened interval and the best value at its ends are exact. A segment whose lower bound is
above what another segment surely reaches cannot hold the optimum.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from optimizer.segments import TOLERANCE, Floats, Ints, Limits, Segments

Objective = Literal["cost", "time", "gpus"]


# Room for the rounding of a few floating-point operations, and for nothing else.
ROUNDING = 1e-12
# The program always sees this many of the best segments, so that the solver chooses among
# rivals instead of confirming the only one left.
RIVALS = 40


def within(segments: Segments, limits: Limits) -> Segments:
    """The segments cut to the fleets that keep every limit; those left empty are gone."""
    low, high = _by_deadline(segments, limits.deadline_hours)
    budget_low, budget_high = _within_budget(segments, limits.budget_usd)
    low = np.maximum(low, budget_low)
    high = np.minimum(np.minimum(high, budget_high), limits.max_gpus)
    fewest = np.maximum(segments.fewest_nodes, _whole_nodes_from(low / segments.node))
    most = np.minimum(segments.most_nodes, _whole_nodes_to(high / segments.node))
    cut = replace(segments, fewest_nodes=_as_int(fewest), most_nodes=_as_int(most))
    return cut.take(cut.fewest_nodes <= cut.most_nodes)


def _by_deadline(segments: Segments, deadline: float) -> tuple[Floats, Floats]:
    """a + b·n <= (T - l)·n as bounds on n."""
    if np.isinf(deadline):
        return np.zeros(len(segments)), np.full(len(segments), np.inf)
    spare = deadline - segments.lead_hours - segments.hours_per_gpu
    edge = _divide(segments.base_hours, spare)
    impossible = (spare == 0) & (segments.base_hours > 0)
    low = np.where(spare > 0, edge, np.where(impossible, np.inf, 0.0))
    return low, np.where(spare < 0, edge, np.inf)


def _within_budget(segments: Segments, budget: float) -> tuple[Floats, Floats]:
    """p·(a + b·n) + c·n <= B and p·m·n + c·n <= B as bounds on n."""
    if np.isinf(budget):
        return np.zeros(len(segments)), np.full(len(segments), np.inf)
    price, upfront = segments.usd_per_gpu_hour, segments.upfront_usd
    left = budget - price * segments.base_hours
    slope = price * segments.hours_per_gpu + upfront
    edge = _divide(left, slope)
    high = np.where(slope > 0, edge, np.where((slope == 0) & (left < 0), -1.0, np.inf))
    low = np.where(slope < 0, edge, 0.0)
    committed = price * segments.commitment_hours + upfront
    most = _divide(np.full(len(segments), budget), committed)
    return low, np.minimum(high, most)


def _divide(above: Floats, below: Floats) -> Floats:
    """above / below, and infinity where there is nothing to divide by."""
    far = np.full(len(above), np.inf)
    return np.asarray(np.divide(above, below, out=far, where=below != 0))


def _whole_nodes_from(nodes: Floats) -> Floats:
    return np.asarray(np.ceil(nodes * (1 - ROUNDING)))


def _whole_nodes_to(nodes: Floats) -> Floats:
    return np.asarray(np.floor(nodes * (1 + ROUNDING)))


def _as_int(nodes: Floats) -> Ints:
    return np.clip(nodes, -1, 2**53).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Contest:
    """The segments that may hold the optimum, with their best rivals.

    A fleet of value ``reached`` exists; no fleet is better than ``floor``.
    """

    segments: Segments
    reached: float
    floor: float


def drop_losers(segments: Segments, objective: Objective) -> Contest:
    """What is left of the segments once those that cannot win are dropped."""
    lower, upper, _ = best_on_each(segments, objective)
    reached = float(upper.min())
    keep = lower <= reached * (1 + TOLERANCE)
    keep[np.argsort(lower, kind="stable")[:RIVALS]] = True
    return Contest(segments.take(keep), reached, float(lower.min()))


def value_at(segments: Segments, objective: Objective, nodes: Ints) -> Floats:
    """USD, hours from signature, or GPUs of a fleet of that many nodes on each segment."""
    if objective == "cost":
        return segments.cost(nodes)
    if objective == "time":
        return segments.wall_hours(nodes)
    return (segments.node * nodes).astype(np.float64)


def best_on_each(segments: Segments, objective: Objective) -> tuple[Floats, Floats, Ints]:
    """For each segment: a value no fleet on it can beat, the best one reached, its nodes.

    Hours and GPUs are monotonic in n, so their best is at an end. Cost is the larger of two
    lines in n, so its best is at an end or beside the point where the lines cross.
    """
    fewest, most = segments.fewest_nodes, segments.most_nodes
    trials = [fewest, most]
    if objective == "cost":
        kink = np.clip(_kink(segments), fewest, most)
        trials += [np.floor(kink).astype(np.int64), np.ceil(kink).astype(np.int64)]
    values = np.stack([value_at(segments, objective, nodes) for nodes in trials])
    where = np.argmin(values, axis=0)
    upper = values.min(axis=0)
    lower = np.minimum(upper, segments.cost(kink)) if objective == "cost" else upper
    nodes = np.stack(trials)[where, np.arange(len(segments))]
    return lower, upper, nodes


def _kink(segments: Segments) -> Floats:
    """Nodes at which the commitment equals the use: a + b·n = m·n."""
    spare = segments.commitment_hours - segments.hours_per_gpu
    far = np.full(len(segments), np.inf)
    gpus = np.divide(segments.base_hours, spare, out=far, where=spare > 0)
    return np.asarray(gpus / segments.node)
