"""Levenberg and Marquardt's method: the sum of squares made small, a step at a time."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_DIFFERENCE = 1e-4
_LONGEST_STEP = 0.7
_MOST_STEPS = 40
_MOST_TRIES = 10
# A step that gains less than this share of the sum, three times over, is the end.
_SMALL_GAIN = 1e-5


def minimize(residuals: Callable[[Floats], Floats], start: Floats) -> Floats:
    """The point near ``start`` with the least sum of squared residuals.

    Marquardt 1963, doi:10.1137/0111030. The derivatives are forward differences.
    """
    point, values, damping, small = start.copy(), residuals(start), 1e-2, 0
    for _ in range(_MOST_STEPS):
        slopes = _slopes(residuals, point, values)
        curvature, downhill = slopes.T @ slopes, slopes.T @ values
        if not downhill.any():
            return point
        for _ in range(_MOST_TRIES):
            damped = curvature + damping * np.diag(np.diag(curvature) + 1e-6)
            step = -np.linalg.solve(damped, downhill)
            step *= min(1.0, _LONGEST_STEP / np.abs(step).max())
            tried = residuals(point + step)
            gain = float(values @ values - tried @ tried)
            if gain > 0:
                break
            damping *= 5
        else:
            return point
        small = small + 1 if gain < _SMALL_GAIN * float(values @ values) else 0
        point, values, damping = point + step, tried, max(damping / 4, 1e-7)
        if small == 3:
            break
    return point


def _slopes(residuals: Callable[[Floats], Floats], point: Floats, values: Floats) -> Floats:
    slopes = np.empty((len(values), len(point)))
    for column in range(len(point)):
        moved = point.copy()
        moved[column] += _DIFFERENCE
        slopes[:, column] = (residuals(moved) - values) / _DIFFERENCE
    return slopes
