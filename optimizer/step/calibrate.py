"""Fit the constants to published runs, each under its own layout and its software's era.

Least squares on ln(predicted / observed) in stages, so that no part's odd rows move what all
parts share: first what dense models on A100 and H100 SXM tell, then each other architecture's
efficiency, then a mixture's own constants, then what free layouts lose in practice. A row
counts 1 / sqrt(rows of its source), and large errors count linearly (Huber 1964).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.step.conditions import Conditions
from optimizer.step.constants import NAMES, Constants, as_vector, from_vector
from optimizer.step.least_squares import minimize
from optimizer.step.sample import Sample, make_sample
from optimizer.step.seconds import STRAGGLERS_BEYOND, is_tuned

Floats = NDArray[np.float64]

MAINSTREAM = frozenset({"a100_sxm_40", "a100_sxm_80", "h100_sxm"})
OTHER_PARTS = ("volta", "blackwell", "ada", "cdna")
ROUTING = ("routed", "routed_gain", "routed_passes", "routed_seconds")
NOT_FITTED = ("production", "logged")
PRACTICE = ("practice", "doubling")
SHARED = tuple(n for n in NAMES if n not in (*OTHER_PARTS, *ROUTING, *PRACTICE))
# Longer contexts are nearly all attention, and say little about the rest.
LONGEST_SEQ_LEN = 32_768
# What a constant may reasonably move from its first guess, as a standard deviation of its
# logarithm; narrower where physics bounds it or few rows tell.
_USUAL_SPREAD = 0.7
_SPREAD = {
    "network_share": 0.12,
    "overlap_full": 0.15,
    "contention": 0.4,
    "tensor_share": 0.4,
    "recompute": 0.1,
    "tuned": 0.3,
    "early": 0.2,
    "yearly": 0.05,
}
_NOISE = 0.1
_LINEAR_BEYOND = 0.25


@dataclass(frozen=True, slots=True)
class Evidence:
    """The runs to fit: under their own layouts, and with the layout free."""

    stated: Sample
    free: Sample

    def without(self, source: str) -> "Evidence":
        """The same without one source's runs."""
        return Evidence(*(s.take(_rows(s, source)) for s in (self.stated, self.free)))


def _rows(sample: Sample, source: str) -> NDArray[np.bool_]:
    return np.array([run.run.source != source for run in sample.runs], dtype=bool)


def evidence_of(runs: Iterable[Conditions], fit: Constants) -> Evidence:
    """What can be fitted: steps timed for their own sake, not production runs or their logs."""
    kept = [r for r in runs if r.run.kind not in NOT_FITTED and r.seq_len <= LONGEST_SEQ_LEN]
    return Evidence(make_sample(kept, "stated", fit)[0], make_sample(kept, "free", fit)[0])


def fit_constants(evidence: Evidence, start: Constants) -> Constants:
    """The constants that the evidence supports, from a fit of each stage in turn."""
    stated = evidence.stated
    mixture = np.array([run.shape.is_mixture for run in stated.runs], dtype=bool)
    common = np.array([run.gpu.gpu in MAINSTREAM for run in stated.runs], dtype=bool)
    # A vendor's hand-written kernels on one GPU tell nothing about launches and networks.
    common &= np.array([run.gpus > 1 for run in stated.runs], dtype=bool)
    fit = _fit_stage(stated.take(common & ~mixture), SHARED, start)
    fit = _fit_stage(stated.take(~common & ~mixture), OTHER_PARTS, fit)
    fit = _fit_stage(stated.take(mixture), ROUTING, fit)
    return _fit_practice(evidence.free, fit)


def _fit_stage(sample: Sample, names: Sequence[str], start: Constants) -> Constants:
    """The named constants fitted, the others as they are; all as they are without runs."""
    if not sample.runs:
        return start
    chosen = np.array([NAMES.index(name) for name in names])
    first_guess, whole = as_vector(Constants()), as_vector(start)
    spread = np.array([_SPREAD.get(name, _USUAL_SPREAD) for name in names])
    weight = _weights(sample) / _NOISE

    def residuals(values: Floats) -> Floats:
        full = whole.copy()
        full[chosen] = values
        errors = _huber(sample.errors(from_vector(full)))
        return np.concatenate([weight * errors, (values - first_guess[chosen]) / spread])

    fitted = whole.copy()
    fitted[chosen] = minimize(residuals, whole[chosen])
    return from_vector(fitted)


def _fit_practice(sample: Sample, fit: Constants) -> Constants:
    """What free layouts of teams lose: a line in the doublings of the fleet, from one node up."""
    whole_nodes = [r.gpu.gpu in MAINSTREAM and r.gpus >= STRAGGLERS_BEYOND for r in sample.runs]
    dense = [not run.shape.is_mixture for run in sample.runs]
    kept = np.array(whole_nodes, dtype=bool) & np.array(dense, dtype=bool)
    sample = sample.take(kept & ~is_tuned(*sample.conditions))
    if not sample.runs:
        return fit
    errors = sample.errors(replace(fit, practice=1.0, doubling=1.0))
    doublings = np.log2(np.array([run.gpus for run in sample.runs]) / STRAGGLERS_BEYOND)
    design = np.stack([np.ones_like(doublings), doublings], axis=1)
    weight = _weights(sample)

    def residuals(line: Floats) -> Floats:
        return np.asarray(weight * _huber(errors - design @ line) / _NOISE)

    line = np.maximum(minimize(residuals, np.zeros(2)), 0.0)
    return replace(fit, practice=float(np.exp(line[0])), doubling=float(np.exp(line[1])))


def _weights(sample: Sample) -> Floats:
    rows = Counter(run.run.source for run in sample.runs)
    return np.array([rows[run.run.source] ** -0.5 for run in sample.runs])


def _huber(errors: Floats) -> Floats:
    """Errors whose square grows linearly beyond a bound."""
    size = np.abs(errors)
    bounded = 2 * _LINEAR_BEYOND * size - _LINEAR_BEYOND**2
    return np.sign(errors) * np.where(size < _LINEAR_BEYOND, size, np.sqrt(np.maximum(bounded, 0)))
