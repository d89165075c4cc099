"""The fleets that nothing beats on both time and cost, exactly: every fleet is looked at.

Fleets are whole nodes of one offer, some ten thousand in all, so they are counted rather than
solved for. Whether whole replicas fill a fleet takes a search for its layout, so that is asked of
fleets at the edge only; those that they do not fill make room for the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.filling import NEAR, idle_sizes, is_filled
from optimizer.fleets import Fleet, fleet_on
from optimizer.hardware import Hardware
from optimizer.segments import TOLERANCE, Floats, Ints, Segments
from optimizer.step.whole import least_mfu

# Fleets looked at together: enough to be fast, few enough for little memory.
BLOCK = 200_000


@dataclass(frozen=True, slots=True)
class Edge:
    """Fleets that no other beats on both, the fastest (and dearest) first, one entry each.

    ``segment`` indexes ``segments``.
    """

    segments: Segments
    segment: Ints
    nodes: Ints
    latest_hours: Floats
    cost_usd: Floats

    def __len__(self) -> int:
        """How many fleets there are."""
        return len(self.nodes)

    def fleet(self, position: int) -> Fleet:
        """One of the fleets."""
        return fleet_on(self.segments, int(self.segment[position]), int(self.nodes[position]))

    def hardware(self) -> list[Hardware]:
        """What each fleet runs on."""
        own = self.segments.candidate[self.segment]
        return [self.segments.candidates[one].hardware for one in own.tolist()]

    def gpus(self) -> Ints:
        """GPUs of each fleet."""
        return self.segments.node[self.segment] * self.nodes


def filled_edge(segments: Segments) -> Edge:
    """The edge of the fleets that whole replicas fill; where they fill none, that of all."""
    every = edge = edge_of(segments)
    known: set[tuple[int, int]] = set()
    while len(edge):
        idle = list(_unfilled(edge, known))
        if not idle:
            return edge
        for hardware, fewest, most in idle:
            segments = segments.without_sizes(hardware, fewest, most)
        edge = edge_of(segments)
    return every


def edge_of(segments: Segments) -> Edge:
    """The edge of all fleets on these segments, block by block, then of the blocks' edges."""
    segment, nodes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for index, count in _blocks(segments):
        rows = segments.take(index)
        best = _unbeaten(rows, count)
        segment.append(index[best])
        nodes.append(count[best])
    index, count = np.concatenate(segment), np.concatenate(nodes)
    best = _unbeaten(segments.take(index), count)
    index, count = index[best], count[best]
    rows = segments.take(index)
    return Edge(segments, index, count, rows.latest_hours(count), rows.cost(count))


def _blocks(segments: Segments) -> Iterator[tuple[Ints, Ints]]:
    """Every fleet as the index of its segment and its nodes, about BLOCK at a time."""
    sizes = segments.most_nodes - segments.fewest_nodes + 1
    block = np.cumsum(sizes) // BLOCK
    for number in np.unique(block).tolist():
        own = np.flatnonzero(block == number)
        index = np.repeat(own, sizes[own])
        first = np.repeat(np.cumsum(sizes[own]) - sizes[own], sizes[own])
        yield index, segments.fewest_nodes[index] + np.arange(len(index)) - first


def _unbeaten(rows: Segments, nodes: Ints) -> Ints:
    """Positions of the fleets (one a row) that none beats on both time and cost, fastest first.

    Of two that are as fast and as dear the smaller stays, then the one listed first. Values
    that differ by a billionth are the same.
    """
    wall, cost = rows.latest_hours(nodes), rows.cost(nodes)
    order = np.lexsort((rows.candidate, rows.node * nodes, cost, wall))
    wall, cost = wall[order], cost[order]
    cheapest_before = np.minimum.accumulate(np.concatenate([[np.inf], cost]))[:-1]
    cheaper = cost < cheapest_before * (1 - TOLERANCE)
    order, wall = order[cheaper], wall[cheaper]
    # The next one is cheaper, and just as fast.
    beaten = np.append(wall, np.inf)[1:] <= wall * (1 + TOLERANCE)
    return np.asarray(order[~beaten])


def _unfilled(edge: Edge, known: set[tuple[int, int]]) -> Iterator[tuple[Hardware, int, int]]:
    """Hardware with the fewest and most nodes of each range of sizes that leaves GPUs idle.

    ``known`` are the fleets that are filled, by hardware and GPUs; those found join them.
    """
    runs_on, gpus = edge.hardware(), edge.gpus()
    for hardware in {id(one): one for one in runs_on}.values():
        own = np.array([one is hardware for one in runs_on])
        known_sizes = {n for key, n in known if key == id(hardware)}
        open_sizes = _not_surely_filled(hardware, set(gpus[own].tolist()) - known_sizes)
        idle: set[int] = set()
        for position in np.flatnonzero(own & np.isin(gpus, list(open_sizes))).tolist():
            fleet = edge.fleet(position)
            if fleet.nodes not in idle and not is_filled(fleet):
                fewest, most = idle_sizes(fleet)
                idle |= set(range(fewest, most + 1))
                yield hardware, fewest, most
        filled = {n for n in gpus[own].tolist() if n // hardware.setting.node not in idle}
        known |= {(id(hardware), n) for n in filled}


def _not_surely_filled(hardware: Hardware, gpus: set[int]) -> set[int]:
    """The sizes of which it takes a search to say whether they are filled."""
    if hardware.basis in ("given", "measured"):
        return set()
    left = np.array(sorted(gpus), dtype=np.float64)
    while len(left):
        reached = least_mfu(hardware.setting, left) * hardware.scale
        wanted = np.array([NEAR * hardware.curve.at(n) for n in left.tolist()])
        if not (reached >= wanted).any():
            break
        left = left[reached < wanted]
    return {int(n) for n in left.tolist()}
