"""A fleet that whole replicas fill.

The MFU curve interpolates between whole replicas of the model. Where the optimum lies between
them some GPUs would stay idle, so such sizes are ruled out, for all offers of the hardware, and
the program decides again.
"""

from collections.abc import Callable
from dataclasses import replace

from optimizer.dominance import Objective
from optimizer.fleets import Fleet, best_fleet
from optimizer.hardware import Hardware, layout_on
from optimizer.market import Market
from optimizer.optimum import Proof, find_optimum
from optimizer.segments import Segments
from optimizer.solve import SolverName

# A layout this near the curve fills the fleet.
NEAR = 0.98
# How far from a fleet the next that is filled is looked for: a share of its nodes, and nodes.
FARTHEST_SHARE = 0.1
FARTHEST_NODES = 40
MOST_ROUNDS = 20


def best_filled(
    market: Market, solver: SolverName, time_limit_s: float
) -> tuple[Fleet, Proof] | None:
    """The best fleet that whole replicas fill, with its distance to the best of all sizes.

    None where no fleet keeps the limits; where none can be filled, the best of all sizes, whose
    layout and warnings then say what is lost.
    """
    segments, objective = market.segments, market.run.objective
    first: tuple[Fleet, Proof] | None = None
    for _ in range(MOST_ROUNDS):
        found = find_optimum(segments, market.limits, objective, solver, time_limit_s)
        if found is None:
            break
        first, (fleet, proof) = first or found, found
        if is_filled(fleet):
            bound = min(first[1].bound, proof.objective)
            return fleet, replace(proof, bound=bound)
        fewest, most = idle_sizes(fleet)
        segments = segments.without_sizes(fleet.candidate.hardware, fewest, most)
    return first


def idle_sizes(fleet: Fleet) -> tuple[int, int]:
    """The fewest and most nodes of the sizes around an unfilled fleet that are unfilled too."""
    hardware, node = fleet.candidate.hardware, fleet.gpus // fleet.nodes
    farthest = _farthest(fleet.nodes)
    fewest = most = fleet.nodes
    while fewest > max(fleet.nodes - farthest, 1) and not _fills(hardware, (fewest - 1) * node):
        fewest -= 1
    while most < fleet.nodes + farthest and not _fills(hardware, (most + 1) * node):
        most += 1
    return fewest, most


def best_filled_fleet(segments: Segments, objective: Objective) -> Fleet | None:
    """The same by an exact count, without the program: for what a plan is compared with."""
    return best_filled_by(segments, lambda left: best_fleet(left, objective))


def best_filled_by(segments: Segments, best: Callable[[Segments], Fleet | None]) -> Fleet | None:
    """The best filled fleet, whatever ``best`` means; the best of all where none can be filled."""
    first: Fleet | None = None
    for _ in range(MOST_ROUNDS):
        fleet = best(segments)
        if fleet is None:
            break
        first = first or fleet
        if is_filled(fleet):
            return fleet
        fewest, most = idle_sizes(fleet)
        segments = segments.without_sizes(fleet.candidate.hardware, fewest, most)
    return first


def _farthest(nodes: int) -> int:
    return min(int(nodes * FARTHEST_SHARE) + 1, FARTHEST_NODES)


def is_filled(fleet: Fleet) -> bool:
    """Whether whole replicas are about as fast as the curve says; a given MFU always holds."""
    return _fills(fleet.candidate.hardware, fleet.gpus)


def _fills(hardware: Hardware, gpus: int) -> bool:
    if hardware.basis in ("given", "measured"):
        return True
    return reached(hardware, gpus) >= NEAR * hardware.curve.at(gpus)


def reached(hardware: Hardware, gpus: int) -> float:
    """The MFU that whole replicas reach on exactly that many GPUs; 0 where none fits."""
    found = layout_on(hardware, gpus)
    return found.mfu * hardware.scale if found is not None else 0.0
