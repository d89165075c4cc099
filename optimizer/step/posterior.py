"""What a user's own measured steps say of others: one measured size narrows the rest.

The user is one source. ln(reached / predicted) of its steps, practice included, is taken as a sum
of independent effects:

    dense or mixture + kind of step + part + this very model there
      + slope · doublings of the model + slope · doublings of the context
      + slope · doublings of the fleet + slope · halvings of scarce tokens + noise

Two steps share the effects of what they have in common, so a measured one shifts and narrows
another the more the closer they are: Bayesian linear regression, as the covariances have it. The
effects of family and kind take up what the others leave over of the spread between sources of that
kind, so that without pilots the range is the one that is known. Noise is Student's: a row that
contradicts the others counts less.

The standard deviations are near those that make the steps of the published sources most likely,
each left out of the levels (tests/benchmarks/pilot_spread.py, 2026-11-29). With the stack open:
family 0.187, kind 0.132, part 0.114, model 0.044, noise 0.103, size 0.029, length 0.103, fleet
0.018, scarce 0.072; told: 0.169, 0.103, 0.114, 0.044, 0.103, 0.029, 0.103, 0.027, 0.114. What all
steps of a source share beyond their family came out at 0.04 and 0.01 and is left out. The noise is
more than that of repeated steps (0.03 to 0.05), since sources changed what no column tells, and a
little less than found, as its tails are heavy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.step.practice import NINE_IN_TEN, Moved, Practice, features

Floats = NDArray[np.float64]

# Standard deviations of what differs within a source, in logarithms.
FAMILY, KIND, PART, MODEL, NOISE = 0.19, 0.12, 0.11, 0.055, 0.09
# Of the slopes: a doubling of the active parameters, of the context and of the fleet, and a
# halving of scarce tokens a GPU.
SLOPES = np.array([0.025, 0.12, 0.02, 0.055])
# The least that steps of a family share, where a kind's known spread leaves less over.
LEAST_FAMILY = 0.10
# Degrees of freedom of Student's noise, and how often its weights are found anew.
FREEDOM, ROUNDS = 4.0, 8
# Doublings of the active parameters over which a model's own effect is left to about a third.
NEAR_SIZE = 0.25
LARGEST_DOUBLING = 18


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
class Spreads:
    """Standard deviations of what all steps of a family share, and all of a kind."""

    family: float
    kind: float


@dataclass(frozen=True, slots=True)
class Pilot:
    """A measured step: where, and ln(reached / predicted MFU)."""

    place: Place
    error: float


def place_of(part: str, kind: str, mixture: bool, active_parameters: float, length: int) -> Place:
    """The place of a model's steps on a part, on any number of GPUs."""
    return Place(part, kind, mixture, log2(active_parameters), log2(length))


def informed(
    practice: Practice, ranged: Practice, pilots: Sequence[Pilot], at: Place, batch_tokens: float
) -> Practice:
    """``ranged`` with what pilots say of it on every number of GPUs with that batch."""
    return replace(ranged, pilots=moved(practice, ranged, pilots, at, batch_tokens))


def moved(
    practice: Practice,
    ranged: Practice,
    pilots: Sequence[Pilot],
    at: Place,
    batch_tokens: float,
) -> tuple[Moved, ...]:
    """What pilots change for each doubling of the fleet; the range is that of ``ranged``.

    It never becomes wider than that of a source that nobody has seen.
    """
    if not pilots:
        return ()
    sizes = [2**doubling for doubling in range(LARGEST_DOUBLING + 1)]
    around = np.array([_scales(at.on(size, batch_tokens)) for size in sizes])
    shifts, _ = _at_each(pilots, at, around, spreads_of(practice))
    # What is expected of sizes far from a slow pilot must not make a larger fleet look faster.
    beyond = around[:, 2] > max(pilot.place.fleet for pilot in pilots)
    shifts = np.where(beyond, np.minimum.accumulate(shifts), shifts)
    _, variances = _at_each(pilots, at, around, spreads_of(ranged))
    spread = np.sqrt(variances + NOISE**2)
    # In between the variance is about that of the wider end.
    widest = np.append(np.maximum(spread[:-1], spread[1:]), spread[-1])
    shares = np.minimum(widest / max(_spread(ranged), 1e-9), 1.0)
    each = zip(sizes, shifts.tolist(), shares.tolist(), strict=True)
    return tuple(Moved(size, shift, share) for size, shift, share in each)


def _at_each(
    pilots: Sequence[Pilot], at: Place, around: Floats, known: Spreads
) -> tuple[Floats, Floats]:
    """Mean and variance of the effect at places that differ in their scales, shape (places,).

    Slopes turn around each place itself, so that what is known without pilots holds everywhere.
    """
    places, errors = [pilot.place for pilot in pilots], np.array([p.error for p in pilots])
    shared = _shared(places, places, known)
    noise = np.diag(NOISE**2 / _weights(pilots, known))
    across = _shared(places, [at], known)
    gain = np.linalg.solve(shared + _sloped(places, places, around) + noise, across)[..., 0]
    own = _shared([at], [at], known)[0, 0]
    return np.asarray(gain @ errors), np.asarray(own - gain @ across[:, 0])


def posterior(
    pilots: Sequence[Pilot], at: Sequence[Place], known: Spreads
) -> tuple[Floats, Floats]:
    """Mean and covariance of the effects at some places, noise left out, once pilots are known.

    Slopes turn around the first place.
    """
    around = np.array(_scales(at[0]))

    def common(these: Sequence[Place], those: Sequence[Place]) -> Floats:
        return _shared(these, those, known) + _sloped(these, those, around)

    own = common(at, at)
    if not pilots:
        return np.zeros(len(at)), own
    places, errors = [pilot.place for pilot in pilots], np.array([p.error for p in pilots])
    across = common(places, at)
    noisy = common(places, places) + np.diag(NOISE**2 / _weights(pilots, known))
    gain = np.linalg.solve(noisy, across)
    return gain.T @ errors, own - across.T @ gain


def _weights(pilots: Sequence[Pilot], known: Spreads) -> Floats:
    """What each row counts under Student's noise, at most what it does under the normal one."""
    places, errors = [pilot.place for pilot in pilots], np.array([p.error for p in pilots])
    around = np.median([_scales(place) for place in places], axis=0)
    among = _shared(places, places, known) + _sloped(places, places, around)

    def counted(rest: Floats, scale: float) -> Floats:
        return np.asarray(np.minimum((FREEDOM + 1) / (FREEDOM + (rest / scale) ** 2), 1.0))

    # Rows that agree outvote one that does not, whatever is expected.
    several = len(errors) > 2
    weight = counted(errors - np.median(errors), NOISE + PART) if several else np.ones(len(errors))
    for _ in range(ROUNDS):
        noise = NOISE**2 / weight
        rest = noise * np.linalg.solve(among + np.diag(noise), errors)
        weight = counted(rest, NOISE)
    return weight


def _shared(these: Sequence[Place], those: Sequence[Place], known: Spreads) -> Floats:
    """The covariances from what steps have in common, shape (these, those)."""

    def pair(name: str) -> tuple[Any, Any]:
        first, second = (np.array([getattr(p, name) for p in places]) for places in (these, those))
        return first[:, None], second[None, :]

    def same(name: str) -> Floats:
        first, second = pair(name)
        return np.asarray(first == second, dtype=np.float64)

    size, other = pair("size")
    near = np.exp(-np.abs(size - other) / NEAR_SIZE)
    one_model = same("part") * same("kind") * same("length") * near
    common = known.family**2 * same("mixture") + known.kind**2 * same("kind")
    return np.asarray(common + PART**2 * same("part") + MODEL**2 * one_model)


def _sloped(these: Sequence[Place], those: Sequence[Place], around: Floats) -> Floats:
    """The covariances from slopes that turn around some scales, shape (..., these, those)."""
    first, second = (np.array([_scales(place) for place in places]) for places in (these, those))
    center = around[..., None, :]
    return np.asarray((first - center) * SLOPES**2 @ np.swapaxes(second - center, -1, -2))


def _scales(place: Place) -> tuple[float, float, float, float]:
    return place.size, place.length, place.fleet, place.scarce


def spreads_of(practice: Practice) -> Spreads:
    """The known spread between sources, parted over what steps may share."""
    left = _spread(practice) ** 2 - PART**2 - MODEL**2 - NOISE**2
    family = min(max(left - KIND**2, LEAST_FAMILY**2), FAMILY**2)
    return Spreads(family**0.5, max(left - family, KIND**2) ** 0.5)


def _spread(practice: Practice) -> float:
    """The standard deviation that eight in ten of a new source stand for."""
    return (practice.below + practice.above) / 2 / NINE_IN_TEN
