"""The fleets that nothing beats on both time and cost, exactly: every fleet is looked at.

Fleets are whole nodes of one offer, some ten thousand in all, so they are counted rather than
solved for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.market.segments import TOLERANCE, Floats, Ints, Segments
from optimizer.program.enumerate import Fleet, fleet_on

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
