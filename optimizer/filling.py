"""A fleet that whole replicas fill.

The MFU curve interpolates between whole replicas of the model. Where the optimum lies between
them some GPUs would stay idle, so nodes are added until a layout reaches the curve.
"""

import numpy as np

from optimizer.dominance import within
from optimizer.fleets import Fleet, fleet_on
from optimizer.hardware import Hardware, layout_on
from optimizer.market import Market
from optimizer.segments import make_segments

# A layout this near the curve fills the fleet.
NEAR = 0.98
# How much larger a filled fleet may be.
LARGEST_GROWTH = 1.1
MOST_TRIES = 40


def filled(market: Market, fleet: Fleet) -> Fleet:
    """The fleet, or the next larger one within all limits whose layout reaches the curve.

    The fleet itself where there is none; its own layout and warnings then say what is lost.
    """
    hardware = fleet.candidate.hardware
    if hardware.basis in ("given", "measured") or reaches_curve(hardware, fleet.gpus):
        return fleet
    own = within(make_segments(market.run, [fleet.candidate]), market.limits)
    last = min(int(fleet.nodes * LARGEST_GROWTH) + 1, fleet.nodes + MOST_TRIES)
    for nodes in range(fleet.nodes + 1, last + 1):
        where = np.flatnonzero((own.fewest_nodes <= nodes) & (nodes <= own.most_nodes))
        larger = fleet_on(own, int(where[0]), nodes) if len(where) else None
        if larger is not None and reaches_curve(hardware, larger.gpus):
            return larger
    return fleet


def reaches_curve(hardware: Hardware, gpus: int) -> bool:
    """Whether whole replicas on that many GPUs are about as fast as the curve says."""
    found = layout_on(hardware, gpus)
    return found is not None and found.mfu * hardware.scale >= NEAR * hardware.curve.at(gpus)
