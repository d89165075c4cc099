"""Errors pooled over sources: what kinds of run, stacks and parts have in common.

y = ln(observed / predicted) of a run is taken apart, one factor after the other:

    y = slopes · (size, scarcity) + kind + class of stack + stack + part + rest

What a member of a factor adds is the weighted median of what is left, shrunk toward nothing by
s / (s + k), s being the number of its sources and k how many of them it takes until half of their
median is believed (partial pooling, an empirical-Bayes estimate; Efron and Morris 1975,
doi:10.2307/2285814). Medians, because a first try or a broken network is out by a factor of
five. A source counts with the square root of its rows, and half as much with every two years.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.step.practice import Levels, features, size_of

Floats = NDArray[np.float64]
Names = NDArray[np.str_]
Bools = NDArray[np.bool_]

# k of each factor, chosen on sources left out.
ASKED = (("kind", 0.5),)
TOLD = (("kind", 0.5), ("class", 1.0), ("stack", 2.0), ("part", 6.0))
# Eight in ten of the known sources; few are stretched, as the next source is a new one.
LOW, HIGH = 0.1, 0.9
# A kind of fewer sources than these has at least the range of all.
FEW_SOURCES = 6.0
# Years in which a source comes to count half as much, and the year of the newest.
HALF_LIFE, NOW = 2.0, 2026
# What slopes are expected within of zero, and where an error counts linearly.
_SLOPE_SPREAD = (0.03, 0.1)
# A larger model may be better run, scarce tokens help nobody.
HIGHEST_SLOPES = (np.inf, 0.0)
_NOISE, _LINEAR_BEYOND, _ROUNDS = 0.2, 0.15, 15


@dataclass(frozen=True, slots=True)
class Rows:
    """Errors to pool, one entry a run; ``names`` holds each factor's member, ``span`` the kind.

    ``family`` parts dense models from mixtures, which have slopes of their own.
    """

    y: Floats
    size: Floats
    scarce: Floats
    family: Names
    span: Names
    source: Names
    year: Floats
    names: Mapping[str, Names]

    def take(self, chosen: Bools) -> "Rows":
        """The chosen rows only."""
        return Rows(
            y=self.y[chosen],
            size=self.size[chosen],
            scarce=self.scarce[chosen],
            family=self.family[chosen],
            span=self.span[chosen],
            source=self.source[chosen],
            year=self.year[chosen],
            names={factor: values[chosen] for factor, values in self.names.items()},
        )


def rows_of(
    y: Floats,
    active_parameters: Floats,
    gpus: Floats,
    batch_tokens: Floats,
    *,
    family: Sequence[str],
    span: Sequence[str],
    source: Sequence[str],
    year: Sequence[int],
    names: Mapping[str, Sequence[str]],
) -> Rows:
    """The rows of models of these sizes on so many GPUs with these batches."""
    _, scarce = features(gpus, batch_tokens)
    held = {factor: np.array(values, dtype=str) for factor, values in names.items()}
    return Rows(
        y=y,
        size=size_of(active_parameters),
        scarce=scarce,
        family=np.array(family, dtype=str),
        span=np.array(span, dtype=str),
        source=np.array(source, dtype=str),
        year=np.array(year, dtype=np.float64),
        names=held,
    )


def pool(
    rows: Rows,
    factors: Sequence[tuple[str, float]],
    level: Bools,
    given: Mapping[str, Mapping[str, float]] | None = None,
) -> Levels:
    """What the factors add, from the rows that ``level`` marks, and spans of every kind's rest.

    ``given`` are factors that are known already.
    """
    known = rows.take(level)
    slopes = {name: _slopes(known.take(known.family == name)) for name in set(rows.family)}
    rest = rows.y - _sloped(rows, slopes)
    members: dict[str, Mapping[str, float]] = dict(given or {})
    for factor, effects in members.items():
        rest = rest - np.array([effects.get(str(name), 0.0) for name in rows.names[factor]])
    for factor, sources_to_half in factors:
        values = rows.names[factor]
        added = {
            str(name): _shrunk(rows, rest, level & (values == name), sources_to_half)
            for name in np.unique(values[level])
        }
        rest = rest - np.array([added.get(str(name), 0.0) for name in values])
        members[factor] = added
    return Levels(slopes, members, _spans(known, rest[level]))


def weights(source: Names, year: Floats) -> Floats:
    """What each row counts: 1 / sqrt(rows of its source), halved with every two years of age."""
    rows = Counter(source.tolist())
    share = np.array([rows[name] ** -0.5 for name in source.tolist()])
    return np.asarray(share * 0.5 ** ((NOW - np.minimum(year, NOW)) / HALF_LIFE))


def quantile(values: Floats, weight: Floats, share: float) -> float:
    """The weighted quantile of some values."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order]) - weight[order] / 2
    return float(np.interp(share, below / weight.sum(), values[order]))


def _shrunk(rows: Rows, rest: Floats, own: Bools, sources_to_half: float) -> float:
    """The median of these rows' rest, as far as the number of their sources lets it count."""
    weight = weights(rows.source[own], rows.year[own])
    sources = _sources(rows.source[own], weight)
    return quantile(rest[own], weight, 0.5) * sources / (sources + sources_to_half)


def _sources(source: Names, weight: Floats) -> float:
    """How many sources of equal weight these are worth."""
    held = np.array([weight[source == name].sum() for name in np.unique(source)])
    return float(held.sum() ** 2 / (held @ held))


def _spans(rows: Rows, rest: Floats) -> dict[str, tuple[float, float]]:
    """For each kind the low and high of the rest; of a kind with few sources at least all rows'.

    A range of k sources is stretched by 1 + 1 / k: the next source differs from each of them.
    """
    lowest, highest, _ = _span(rows, rest, np.ones(len(rest), dtype=bool))
    spans = {}
    for name in np.unique(rows.span):
        low, high, sources = _span(rows, rest, rows.span == name)
        if sources < FEW_SOURCES:
            low, high = min(low, lowest), max(high, highest)
        spans[str(name)] = (min(low, 0.0), max(high, 0.0))
    return spans


def _span(rows: Rows, rest: Floats, own: Bools) -> tuple[float, float, float]:
    """The low and high of these rows' rest, stretched, and how many sources they are worth."""
    weight = weights(rows.source[own], rows.year[own])
    sources = _sources(rows.source[own], weight)
    low, high = ((1 + 1 / sources) * quantile(rest[own], weight, share) for share in (LOW, HIGH))
    return low, high, sources


def _sloped(rows: Rows, slopes: Mapping[str, tuple[float, float]]) -> Floats:
    """What size and scarce tokens make of each row's error."""
    each = np.array([slopes[name] for name in rows.family.tolist()])
    return np.asarray(each[:, 0] * rows.size + each[:, 1] * rows.scarce)


def _slopes(rows: Rows) -> tuple[float, float]:
    """How the error of a family goes with the model's size and scarcity, within each kind.

    Across sources too: large models are trained by teams who tune, and a question names no team.
    The fleet's size has no slope, and scarcity none above zero: what a plan chooses must not look
    faster for who else chose it. Least squares, reweighted so that large errors count linearly,
    each slope held near zero.
    """
    x, weight = np.stack([rows.size, rows.scarce], axis=1), weights(rows.source, rows.year)
    kinds = rows.names["kind"]
    slopes: Floats = np.zeros(2)
    for _ in range(_ROUNDS):
        rest: Floats = rows.y - x @ slopes
        centered = x.copy()
        level = np.zeros(len(rest))
        for kind in np.unique(kinds):
            own = kinds == kind
            level[own] = quantile(rest[own], weight[own], 0.5)
            centered[own] -= np.average(x[own], axis=0, weights=weight[own])
        error = np.abs(rest - level)
        held = weight * np.minimum(1.0, _LINEAR_BEYOND / np.maximum(error, 1e-9)) / _NOISE**2
        curvature = (centered * held[:, None]).T @ centered + np.diag(np.array(_SLOPE_SPREAD) ** -2)
        moved = (centered * held[:, None]).T @ (rest - level + centered @ slopes)
        slopes = np.minimum(np.linalg.solve(curvature, moved), HIGHEST_SLOPES)
    return float(slopes[0]), float(slopes[1])
