"""What a user's own measured steps say of others: one measured size narrows the rest.

ln(reached / predicted) of a step, practice included, is taken as a sum of independent effects of
the one source that the user is:

    whoever runs it + dense or mixture + kind of step + part + this very model there
      + slope · doublings of the fleet + slope · halvings of scarce tokens
      + slope · doublings of the model + slope · doublings of the context + noise

Two steps share the effects of what they have in common, so a measured one shifts and narrows
another the more the closer they are: Bayesian linear regression, as the covariances have it. What
the spread between sources leaves over is the effect of dense or mixture, so that without pilots
the range is the one that is known. Noise is Student's: a row that contradicts the others counts
less.

The standard deviations are those that make the published runs of sources with several rows most
likely (`python -m benchmarks.pilot_spread`), rounded; the noise is of the runs that are their
source's fastest layout, between repeated steps (0.03 to 0.05) and steps whose makers changed
something that no column tells (0.10).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log2
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.step.practice import Practice, features

Floats = NDArray[np.float64]

# Standard deviations of what differs within a source, in logarithms.
WHOEVER, KIND, PART, MODEL, NOISE = 0.05, 0.14, 0.12, 0.07, 0.08
# Of the slopes: a doubling of the fleet, a halving of scarce tokens a GPU, a doubling of the
# active parameters, a doubling of the context.
FLEET, SCARCE, SIZE, LENGTH = 0.026, 0.045, 0.03, 0.10
# The least that steps of one family share, where a kind's known spread leaves less over.
LEAST_FAMILY = 0.10
# Slopes turn around a fleet of 64 GPUs.
MIDDLE_FLEET = 3.0
# Degrees of freedom of Student's noise, and how often its weights are found anew.
FREEDOM, ROUNDS = 4.0, 8
# Models whose sizes differ by less are the same, in doublings.
SAME_SIZE = 0.05
LARGEST_DOUBLING = 18
NINE_IN_TEN = NormalDist().inv_cdf(0.9)


@dataclass(frozen=True, slots=True)
class Place:
    """What a step has in common with others: its part, kind and family, and on four scales where.

    ``size`` and ``length`` are binary logarithms of active parameters and context, ``fleet`` and
    ``scarce`` the features of practice.
    """

    part: str
    kind: str
    mixture: bool
    size: float
    length: float
    fleet: float = 0.0
    scarce: float = 0.0

    def on(self, gpus: float, batch_tokens: float) -> "Place":
        """The same on so many GPUs with that batch."""
        fleet, scarce = features(gpus, batch_tokens)
        return replace(self, fleet=float(fleet), scarce=float(scarce))


@dataclass(frozen=True, slots=True)
class Pilot:
    """A measured step: where, and ln(reached / predicted MFU)."""

    place: Place
    error: float


def place_of(part: str, kind: str, mixture: bool, active_parameters: float, length: int) -> Place:
    """The place of a model's steps on a part, on any number of GPUs."""
    return Place(part, kind, mixture, log2(active_parameters), log2(length))


def informed(
    practice: Practice, pilots: Sequence[Pilot], at: Place, batch_tokens: float
) -> Practice:
    """What pilots make of practice: its level and slopes moved, its range narrower by fleet size.

    The range never becomes wider than that of a source that nobody has seen.
    """
    if not pilots:
        return practice
    family = family_spread(practice)
    flat = replace(at, fleet=0.0, scarce=0.0)
    level, fleet, scarce = posterior(
        pilots, [flat, replace(flat, fleet=1.0), replace(flat, scarce=1.0)], family
    )[0].tolist()
    return replace(
        practice,
        level=practice.level + level,
        fleet=practice.fleet + fleet - level,
        scarce=practice.scarce + scarce - level,
        ranges=narrowed(practice, pilots, at, batch_tokens),
    )


def narrowed(
    practice: Practice, pilots: Sequence[Pilot], at: Place, batch_tokens: float
) -> tuple[tuple[int, float, float], ...]:
    """The ranges of practice with pilots: fewest GPUs, below and above, for each doubling."""
    sizes = [2**doubling for doubling in range(LARGEST_DOUBLING + 1)]
    places = [at.on(size, batch_tokens) for size in sizes]
    _, covariance = posterior(pilots, places, family_spread(practice))
    spread = np.sqrt(np.diag(covariance) + NOISE**2)
    # In between the variance is below that of the ends.
    widest = np.append(np.maximum(spread[:-1], spread[1:]), spread[-1])
    shares = np.minimum(widest / max(_spread(practice), 1e-9), 1.0).tolist()
    return tuple(
        (size, practice.below * share, practice.above * share)
        for size, share in zip(sizes, shares, strict=True)
    )


def posterior(pilots: Sequence[Pilot], at: Sequence[Place], family: float) -> tuple[Floats, Floats]:
    """Mean and covariance of the effects at some places, noise left out, once pilots are known.

    The places are of one model and context, around which the slopes of size and length turn.
    """

    def common(these: Sequence[Place], those: Sequence[Place]) -> Floats:
        return covariances(these, those, family, at[0])

    known = common(at, at)
    if not pilots:
        return np.zeros(len(at)), known
    places, errors = [pilot.place for pilot in pilots], np.array([p.error for p in pilots])
    among, across = common(places, places), common(places, at)
    weight = np.ones(len(errors))
    if len(errors) > 2:
        # Rows that agree outvote one that does not, whatever is expected.
        weight = _student(errors - np.median(errors), NOISE + PART)
    for _ in range(ROUNDS):
        noisy = among + np.diag(NOISE**2 / weight)
        weight = _student(errors - among @ np.linalg.solve(noisy, errors), NOISE)
    noisy = among + np.diag(NOISE**2 / weight)
    gain = np.linalg.solve(noisy, across)
    return gain.T @ errors, known - across.T @ gain


def _student(rest: Floats, scale: float) -> Floats:
    """What rows count under Student's noise, at most what they do under the normal one."""
    return np.asarray(np.minimum((FREEDOM + 1) / (FREEDOM + (rest / scale) ** 2), 1.0))


def covariances(
    these: Sequence[Place], those: Sequence[Place], family: float, around: Place
) -> Floats:
    """What the effects at two lists of places have in common, shape (these, those)."""

    def pair(name: str) -> tuple[Any, Any]:
        first, second = (np.array([getattr(p, name) for p in ps]) for ps in (these, those))
        return first[:, None], second[None, :]

    def same(name: str) -> Floats:
        first, second = pair(name)
        return np.asarray(first == second, dtype=np.float64)

    def sloped(name: str, middle: float) -> Floats:
        first, second = pair(name)
        return np.asarray((first - middle) * (second - middle))

    size, other = pair("size")
    one_model = same("part") * same("kind") * same("length") * (abs(size - other) < SAME_SIZE)
    shared = WHOEVER**2 + family**2 * same("mixture") + KIND**2 * same("kind")
    scaled = FLEET**2 * sloped("fleet", MIDDLE_FLEET) + SCARCE**2 * sloped("scarce", 0.0)
    shaped = SIZE**2 * sloped("size", around.size) + LENGTH**2 * sloped("length", around.length)
    return np.asarray(shared + PART**2 * same("part") + MODEL**2 * one_model + scaled + shaped)


def family_spread(practice: Practice) -> float:
    """What the known spread between sources leaves over for what a family's steps share."""
    rest = WHOEVER**2 + KIND**2 + PART**2 + MODEL**2 + NOISE**2
    return float(max(_spread(practice) ** 2 - rest, LEAST_FAMILY**2) ** 0.5)


def _spread(practice: Practice) -> float:
    """The standard deviation that eight in ten of a new source stand for."""
    return (practice.below + practice.above) / 2 / NINE_IN_TEN
