"""A fleet that whole replicas fill.

The MFU curve interpolates between whole replicas of the model. Where the optimum lies between
them some GPUs would stay idle, so nodes are added until a layout reaches the curve; where no
larger fleet does within the limits, such sizes are ruled out and the program decides again.
"""

from dataclasses import replace

import numpy as np

from optimizer.dominance import within
from optimizer.fleets import Fleet, fleet_on
from optimizer.hardware import Hardware, layout_on
from optimizer.market import Market
from optimizer.optimum import Proof, find_optimum
from optimizer.segments import make_segments
from optimizer.solve import SolverName

# A layout this near the curve fills the fleet.
NEAR = 0.98
# How much larger a filled fleet may be.
LARGEST_GROWTH = 1.1
MOST_TRIES = 40
MOST_ROUNDS = 12


def best_filled(
    market: Market, solver: SolverName, time_limit_s: float
) -> tuple[Fleet, Proof] | None:
    """The best fleet that whole replicas fill, with its distance to the best of all sizes.

    None where no fleet keeps the limits; where none can be filled, the best of all sizes, whose
    layout and warnings then say what is lost.
    """
    segments, objective, first = market.segments, market.run.objective, None
    for _ in range(MOST_ROUNDS):
        found = find_optimum(segments, market.limits, objective, solver, time_limit_s)
        if found is None:
            break
        optimum, proof = found
        first = first or found
        fleet = filled(market, optimum)
        if is_filled(fleet):
            bound, value = first[1].bound, fleet.value(objective)
            return fleet, replace(proof, objective=value, bound=min(bound, value))
        last = _last_tried(optimum.nodes)
        segments = segments.without_sizes(optimum.candidate, optimum.nodes, last)
    return first


def filled(market: Market, fleet: Fleet) -> Fleet:
    """The fleet, or the next larger one within all limits whose layout reaches the curve.

    The fleet itself where there is none.
    """
    if is_filled(fleet):
        return fleet
    own = within(make_segments(market.run, [fleet.candidate]), market.limits)
    for nodes in range(fleet.nodes + 1, _last_tried(fleet.nodes) + 1):
        where = np.flatnonzero((own.fewest_nodes <= nodes) & (nodes <= own.most_nodes))
        larger = fleet_on(own, int(where[0]), nodes) if len(where) else None
        if larger is not None and is_filled(larger):
            # The candidate of the market, not of the copy that was looked at.
            return replace(larger, candidate=fleet.candidate)
    return fleet


def _last_tried(nodes: int) -> int:
    return min(int(nodes * LARGEST_GROWTH) + 1, nodes + MOST_TRIES)


def is_filled(fleet: Fleet) -> bool:
    """Whether whole replicas are about as fast as the curve says; a given MFU always holds."""
    hardware = fleet.candidate.hardware
    if hardware.basis in ("given", "measured"):
        return True
    return reached(hardware, fleet.gpus) >= NEAR * hardware.curve.at(fleet.gpus)


def reached(hardware: Hardware, gpus: int) -> float:
    """The MFU that whole replicas reach on exactly that many GPUs; 0 where none fits."""
    found = layout_on(hardware, gpus)
    return found.mfu * hardware.scale if found is not None else 0.0
