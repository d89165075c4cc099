"""The standard deviations within a source: those that make its steps most likely together.

python -m benchmarks.pilot_spread

The errors of a source's timed steps on its fastest layouts, predicted by levels that have not seen
it, are taken as normal with the covariances of optimizer/step/posterior.py. Each source counts with
the square root of its steps, and errors beyond half are cut, since a broken network is out by more.
``family`` is what the spread of each kind leaves over there; here it is one number. Slopes turn
around each source's median.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.pilot_study import Step, steps_of
from optimizer.step.posterior import NEAR_SIZE, Place

Floats = NDArray[np.float64]
EFFECTS = ("whoever", "family", "kind", "part", "model", "noise")
SCALES = ("size", "length", "fleet", "scarce")
LARGEST_ERROR, STARTS_AT, LEAST = 0.6, 0.08, 0.007
# Steps in the logarithm of a deviation, and how much better a step has to be to be taken.
STEPS, BETTER = (0.5, 0.25, 0.1), 1e-3
Source = tuple[Floats, Floats, float]


def source_of(steps: Sequence[Step]) -> Source:
    """The covariances of each effect at 1, the errors, and what the source counts."""
    places = [step.place for step in steps]
    parts = [_same(places, names) for names in ((), ("mixture",), ("kind",), ("part",))]
    sizes = np.array([place.size for place in places])
    near = np.exp(-np.abs(sizes[:, None] - sizes[None, :]) / NEAR_SIZE)
    parts += [_same(places, ("part", "kind", "length")) * near, np.eye(len(places))]
    for scale in SCALES:
        values = np.array([getattr(place, scale) for place in places])
        apart = values - np.median(values)
        parts.append(apart[:, None] * apart[None, :])
    errors = np.clip([step.error for step in steps], -LARGEST_ERROR, LARGEST_ERROR)
    return np.array(parts), errors, len(steps) ** -0.5


def _same(places: Sequence[Place], names: tuple[str, ...]) -> Floats:
    keys = [tuple(getattr(place, name) for name in names) for place in places]
    return np.array([[float(one == other) for other in keys] for one in keys])


def unlikely(logs: Floats, sources: Sequence[Source]) -> float:
    """Minus the logarithm of the likelihood of all errors."""
    total = 0.0
    for parts, errors, counts in sources:
        covariance = np.tensordot(np.exp(2 * logs), parts, 1)
        lower = np.linalg.cholesky(covariance)
        white = np.linalg.solve(lower, errors)
        total += counts * float(white @ white / 2 + np.log(np.diag(lower)).sum())
    return total


def most_likely(sources: Sequence[Source]) -> dict[str, float]:
    """The deviations by name, one coordinate after the other until none moves."""
    logs = np.full(len(EFFECTS) + len(SCALES), np.log(STARTS_AT))
    best = unlikely(logs, sources)
    for step in STEPS:
        moved = True
        while moved:
            moved = False
            for at in range(len(logs)):
                for way in (step, -step):
                    tried = logs.copy()
                    tried[at] = max(tried[at] + way, np.log(LEAST))
                    value = unlikely(tried, sources)
                    if value < best - BETTER:
                        logs, best, moved = tried, value, True
    return dict(zip((*EFFECTS, *SCALES), np.exp(logs).tolist(), strict=True))


def main() -> None:
    """Print the deviations, with the stack open and told."""
    for told in (False, True):
        groups: dict[tuple[str, str], list[Step]] = defaultdict(list)
        for step in steps_of(told):
            if step.is_fastest:
                groups[step.run.run.source, step.run.stack].append(step)
        found = most_likely([source_of(group) for group in groups.values() if len(group) > 1])
        said = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
        print(f"stack {'told' if told else 'open'}: {said}")


if __name__ == "__main__":
    main()
