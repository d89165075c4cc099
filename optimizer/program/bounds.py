"""What cannot win is dropped before the program is built, by bounds that prove it.

On a segment every limit is a bound on n, and every objective is convex in n, so both the
tightened interval and the best value at its ends are exact. A segment whose lower bound is
above what another segment surely reaches cannot hold the optimum.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from optimizer.market.kept import Lately
from optimizer.market.limits import Limits, Objective
from optimizer.market.market import Market
from optimizer.market.segments import TOLERANCE, Floats, Ints, Segments

# Room for the rounding of a few floating-point operations, and for nothing else.
ROUNDING = 1e-12
# The program always sees this many of the best segments, so that the solver chooses among
# rivals instead of confirming the only one left.
RIVALS = 12
# Cuts of a market are asked for again and again while one answer is made; of so many segments
# each takes 20 MB, and of more it is not kept.
LARGEST_CUT = 100_000
_CUT = Lately(most=6)


def within(segments: Segments, limits: Limits) -> Segments:
    """The segments cut to the fleets that keep every limit; those left empty are gone."""
    low, high = np.zeros(len(segments)), np.full(len(segments), limits["max_gpus"])
    for intercept, slope in _overruns(segments, limits):
        least, most = _not_above_zero(intercept, slope)
        low, high = np.maximum(low, least), np.minimum(high, most)
    fewest = np.maximum(segments.fewest_nodes, _whole_nodes_from(low / segments.node))
    most = np.minimum(segments.most_nodes, _whole_nodes_to(high / segments.node))
    cut = replace(segments, fewest_nodes=_as_int(fewest), most_nodes=_as_int(most))
    return cut.take(cut.fewest_nodes <= cut.most_nodes)


def feasible(market: Market) -> Segments:
    """The segments of a market cut to the fleets that keep all its limits."""
    segments, limits = market.segments, market.limits
    if len(segments) > LARGEST_CUT:
        return within(segments, limits)
    asked = tuple(sorted(limits.most.items()))
    return _CUT.of(segments, asked, lambda: within(segments, limits))


def _overruns(segments: Segments, limits: Limits) -> Iterator[tuple[Floats, Floats]]:
    """For each limit the line i + s·n that a fleet of n GPUs keeps at or below zero."""
    s, runs = segments, segments.runs
    if np.isfinite(limits.deadline_hours):
        # u' + v'·n <= (T - l)·n
        yield s.base_latest, s.latest_per_gpu - (limits.deadline_hours - s.lead_hours)
    ends = np.isfinite(s.longest_hours)
    if ends.any():
        # R·(u' + v'·n) <= M·n, where the offer ends at all
        longest = np.where(ends, s.longest_hours, 0.0)
        yield (
            np.where(ends, runs * s.base_latest, -1.0),
            np.where(ends, runs * s.latest_per_gpu - longest, 0.0),
        )
    if np.isfinite(limits.budget_usd):
        # p·billed + c·n + e + f·R·(s + t·n) <= B, billed being the largest of three lines
        # Where a fleet of any size costs the same, rounding would decide whether none fits.
        fixed = s.storage_usd * runs * s.base_stay - limits.budget_usd * (1 + ROUNDING) + s.once_usd
        growing = s.upfront_usd + s.storage_usd * runs * s.stay_per_gpu
        price = s.usd_per_gpu_hour
        yield fixed + price * runs * s.base_hours, growing + price * runs * s.hours_per_gpu
        yield fixed, growing + price * s.commitment_hours
        if s.minimum_usd.any():
            yield fixed + s.minimum_usd, growing
    if np.isfinite(limits["power_cap"]):
        yield np.full(len(s), -limits["power_cap"]), s.kw


def _not_above_zero(intercept: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """The n >= 0 for which i + s·n <= 0, as bounds; the lower above the upper where none is."""
    edge = _divide(-intercept, slope)
    never = (slope == 0) & (intercept > 0)
    low = np.where(slope < 0, edge, np.where(never, np.inf, 0.0))
    return low, np.where(slope > 0, edge, np.inf)


def _whole_nodes_from(nodes: Floats) -> Floats:
    return np.asarray(np.ceil(nodes * (1 - ROUNDING)))


def _whole_nodes_to(nodes: Floats) -> Floats:
    return np.asarray(np.floor(nodes * (1 + ROUNDING)))


def _as_int(nodes: Floats) -> Ints:
    return np.clip(nodes, -1, 2**53).astype(np.int64)


def _divide(above: Floats, below: Floats) -> Floats:
    """above / below, and infinity where there is nothing, or too little, to divide by."""
    far = np.full(len(above), np.inf)
    with np.errstate(over="ignore"):
        return np.asarray(np.divide(above, below, out=far, where=below != 0))


@dataclass(frozen=True, slots=True)
class Contest:
    """The segments that may hold the optimum, with their best rivals.

    A fleet of value ``reached`` exists; no fleet is better than ``floor``.
    """

    segments: Segments
    reached: float
    floor: float


def drop_losers(segments: Segments, objective: Objective) -> Contest:
    """What is left of the segments once those that cannot win are dropped.

    By the ends of the segments alone, which is less sharp than ``best_on_each``: what the program
    gets to see does not depend on the count that judges it.
    """
    ends = segments.fewest_nodes, segments.most_nodes
    reached = min(float(MEASURES[objective](segments, nodes).min()) for nodes in ends)
    lines = zip(*(_lines_at(segments, objective, nodes) for nodes in ends), strict=True)
    lower = np.maximum.reduce([np.minimum(first, last) for first, last in lines])
    keep = lower <= reached * (1 + TOLERANCE)
    keep[np.argsort(lower, kind="stable")[:RIVALS]] = True
    return Contest(segments.take(keep), reached, float(lower.min()))


def _lines_at(segments: Segments, objective: Objective, nodes: Ints) -> list[Floats]:
    """Values whose largest is that of a fleet; each is monotonic in n, so least at an end."""
    if objective != "cost":
        return [MEASURES[objective](segments, nodes)]
    s = segments
    billed = s.runs * s.hours(nodes), s.commitment_hours * (s.node * nodes), s.least_billed
    return [s.usd_per_gpu_hour * hours + s.fixed(nodes) for hours in billed]


# What a fleet of so many nodes has of each measure: USD, hours from signature, GPUs, kW.
MEASURES: dict[Objective, Callable[[Segments, Ints], Floats]] = {
    "cost": Segments.cost,
    "time": Segments.latest_hours,
    "gpus": lambda segments, nodes: (segments.node * nodes).astype(np.float64),
    "power": Segments.power,
}


def best_on_each(segments: Segments, objective: Objective) -> tuple[Floats, Floats, Ints]:
    """For each segment: a value no fleet on it can beat, the best one reached, its nodes.

    Every measure but cost is monotonic in n, so its best is at an end. Cost is the largest of a
    few lines in n, so its best is at an end or beside a point where two of the lines cross.
    """
    fewest, most = segments.fewest_nodes, segments.most_nodes
    trials = ends_and_kink(segments) if objective == "cost" else [fewest, most]
    values = np.stack([MEASURES[objective](segments, nodes) for nodes in trials])
    where = np.argmin(values, axis=0)
    upper = values.min(axis=0)
    lower = upper
    if objective == "cost":
        lower = np.minimum.reduce([upper, *(segments.cost(kink) for kink in _kinks(segments))])
    nodes = np.stack(trials)[where, np.arange(len(segments))]
    return lower, upper, nodes


def ends_and_kink(segments: Segments) -> list[Ints]:
    """The nodes at which what is billed has its ends: of each segment, and beside its kinks."""
    beside = [
        side(kink).astype(np.int64) for kink in _kinks(segments) for side in (np.floor, np.ceil)
    ]
    return [segments.fewest_nodes, segments.most_nodes, *beside]


def _kinks(segments: Segments) -> list[Floats]:
    """Nodes at which two of the lines that are billed are equal, or the ends nearest to them.

    The commitment equals the use where R·(a + b·n) = m·n; a minimum spend of d equals them where
    p·R·(a + b·n) = d and p·m·n = d.
    """
    s, runs = segments, segments.runs
    kinks = [_crossing(s, runs * s.base_hours, s.commitment_hours - runs * s.hours_per_gpu)]
    if s.minimum_usd.any():
        least = s.least_billed
        kinks.append(_crossing(s, least - runs * s.base_hours, runs * s.hours_per_gpu))
        kinks.append(_crossing(s, least, s.commitment_hours))
    return kinks


def _crossing(segments: Segments, above: Floats, slope: Floats) -> Floats:
    """Nodes at which slope·n = above, within the segment; the last where the line is level."""
    gpus = _divide(above, slope)
    nodes = np.clip(gpus / segments.node, segments.fewest_nodes, segments.most_nodes)
    return np.asarray(nodes, dtype=np.float64)
