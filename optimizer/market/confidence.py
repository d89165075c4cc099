"""The time that a fleet keeps with a given confidence: a chance constraint, as lines in n.

The MFU is lognormal around the plan's, its range holding eight cases of ten. So with confidence c
a run takes at most

    stretch = (mfu / low)^(z(c) / z(0.9))

times as long as expected, z being the quantile of the normal distribution and low the lower end
of the range. How wide a range is depends on the part, the precision and the model, and on the
fleet's size only in whether it has fewer than FEW_GPUS, or with pilots in its doublings. A segment
is cut there, and on each piece the stretch is one number: the stretched hours are a line, and the
program stays exact.
"""

from math import exp, log
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from optimizer.market.hardware import Hardware
from optimizer.market.hours import LINE
from optimizer.physics.run_factor import with_whole_run
from optimizer.step.kinds import FEW_GPUS
from optimizer.step.practice import NINE_IN_TEN
from optimizer.step.predict import range_of

# The columns that follow those of LINE.
LATEST = ("base_latest", "latest_per_gpu")
# Bases of an MFU that is taken as it is.
CERTAIN = ("given", "measured")


def spread(hardware: Hardware, gpus: float, mfu: float) -> tuple[float, float]:
    """By how much the MFU of a whole run may be lower and higher, eight times in ten, as logs.

    That of its steps, and of what whole runs keep of them; both 0 where the MFU was measured or
    given.
    """
    if hardware.basis in CERTAIN:
        return 0.0, 0.0
    step = mfu / hardware.scale
    low, high = range_of(hardware.setting, gpus, step)
    return with_whole_run(log(step / low), log(high / step))


def stretch_of(lower: float, confidence: float) -> float:
    """How much longer than expected a run may take; ``lower`` is the log of mfu over its low."""
    return exp(lower * NormalDist().inv_cdf(confidence) / NINE_IN_TEN)


def with_latest(
    table: NDArray[np.float64], hardware: Hardware, confidence: float | None
) -> NDArray[np.float64]:
    """Rows in the columns of LINE, with the elapsed GPU-hours that are kept with confidence.

    Without one these are the expected ones.
    """
    column = {name: at for at, name in enumerate(LINE)}
    first, last = column["first"], column["last"]
    elapsed = [column["base_elapsed"], column["elapsed_per_gpu"]]

    def stretched(rows: NDArray[np.float64], gpus: float) -> NDArray[np.float64]:
        """The rows with two columns more, stretched as fleets of that size are."""
        lower, _ = spread(hardware, gpus, hardware.curve.at(gpus))
        factor = 1.0 if confidence is None else stretch_of(lower, confidence)
        return np.hstack([rows, rows[:, elapsed] * factor])

    if confidence is None or hardware.basis in CERTAIN:
        return stretched(table, FEW_GPUS)
    pilots = hardware.setting.practice.pilots
    # Ranges that pilots narrow are as wide as they are between two doublings of the fleet.
    starts = sorted({1, FEW_GPUS, *(moved.gpus for moved in pilots)})
    ends = [start - 0.5 for start in starts[1:]]
    parts = []
    for start, end in zip(starts, [*ends, np.inf], strict=True):
        part = table[(table[:, last] >= start) & (table[:, first] <= end)].copy()
        part[:, first] = np.maximum(part[:, first], start if start > 1 else part[:, first])
        part[:, last] = np.minimum(part[:, last], end)
        parts.append(stretched(part, start))
    joined = np.vstack(parts)
    # Names in the program are an offer and a segment's number, so the numbers stay unique.
    joined[:, column["number"]] = np.arange(len(joined))
    return joined
