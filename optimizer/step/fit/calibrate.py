"""Fit the constants to published runs, each under its own layout and its software's era.

Least squares on ln(predicted / observed) in stages, so that no part's odd rows move what all
parts share: first what dense models on A100 and H100 SXM tell, then each other architecture's
efficiency, then a mixture's own constants, then what free layouts lose in practice. A row
counts 1 / sqrt(rows of its source), and large errors count linearly (Huber 1964).
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.stacks import load_stacks
from optimizer.step.conditions import Conditions
from optimizer.step.constants import NAMES, Constants, as_vector, from_vector
from optimizer.step.fit.least_squares import minimize
from optimizer.step.fit.sample import Sample, make_sample

Floats = NDArray[np.float64]

MAINSTREAM = frozenset({"a100_sxm_40", "a100_sxm_80", "h100_sxm"})
OTHER_PARTS = (
    *("volta", "blackwell", "blackwell_ultra", "gb202", "ada", "cdna", "tpu"),
    *("block_scaled", "four_bit"),
)
ROUTING = (
    "routed",
    "routed_half_width",
    "routed_gain",
    "routed_passes",
    "routed_seconds",
    "routed_overlap",
)
NOT_FITTED = ("production", "logged")
# The only steps published on CDNA4 are of mixtures.
OF_MIXTURES = (*ROUTING, "cdna4")
SHARED = tuple(n for n in NAMES if n not in (*OTHER_PARTS, *OF_MIXTURES))
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
    "early": 0.2,
    "routed": 0.2,
    "routed_overlap": 0.4,
}
_NOISE = 0.1
# How far apart sources of one part are, as a standard deviation of logarithms.
SOURCE_SPREAD = 0.15
ROUNDS = 3
_LINEAR_BEYOND = 0.25


def evidence_of(runs: Iterable[Conditions], fit: Constants) -> Sample:
    """What can be fitted: steps timed for their own sake, not production runs or their logs."""
    kept = [r for r in runs if r.run.kind not in NOT_FITTED and r.seq_len <= LONGEST_SEQ_LEN]
    return make_sample(kept, "stated", fit)[0]


def fit_constants(evidence: Sample, start: Constants) -> Constants:
    """The constants that the evidence supports, from a fit of each stage in turn.

    Each round takes from a source's errors what they have in common, as it is known by then.
    """
    fit = start
    for _ in range(ROUNDS):
        fit = _fit_stages(evidence, fit)
    return fit


def _fit_stages(evidence: Sample, fit: Constants) -> Constants:
    mixture = np.array([run.shape.is_mixture for run in evidence.runs], dtype=bool)
    common = np.array([run.gpu.gpu in MAINSTREAM for run in evidence.runs], dtype=bool)
    # A vendor's hand-written kernels on one GPU tell nothing about launches and networks.
    common &= np.array([run.gpus > 1 for run in evidence.runs], dtype=bool)
    fit = _fit_stage(evidence.take(common & ~mixture), SHARED, fit)
    fit = _fit_stage(evidence.take(~common & ~mixture), OTHER_PARTS, fit)
    # What a router costs at best: young stacks spend several times that, each in its own way.
    tuned = np.array([load_stacks()[run.stack].is_tuned for run in evidence.runs], dtype=bool)
    return _fit_stage(evidence.take(mixture & tuned), OF_MIXTURES, fit)


def _common(sample: Sample, errors: Floats) -> Floats:
    """What the errors of each run's source have in common, shrunk the more the fewer they are."""
    sources = np.array([f"{run.run.source} {run.gpu.gpu}" for run in sample.runs])
    shared = np.zeros(len(errors))
    for source in set(sources):
        own = sources == source
        share = own.sum() / (own.sum() + (_NOISE / SOURCE_SPREAD) ** 2)
        shared[own] = share * np.median(errors[own])
    return shared


def _fit_stage(sample: Sample, names: Sequence[str], start: Constants) -> Constants:
    """The named constants fitted, the others as they are; all as they are without runs."""
    if not sample.runs:
        return start
    chosen = np.array([NAMES.index(name) for name in names])
    first_guess, whole = as_vector(Constants()), as_vector(start)
    spread = np.array([_SPREAD.get(name, _USUAL_SPREAD) for name in names])
    weight = _weights(sample) / _NOISE
    shared = _common(sample, sample.errors(start))

    def residuals(values: Floats) -> Floats:
        full = whole.copy()
        full[chosen] = values
        errors = _huber(sample.errors(from_vector(full)) - shared)
        return np.concatenate([weight * errors, (values - first_guess[chosen]) / spread])

    fitted = whole.copy()
    fitted[chosen] = minimize(residuals, whole[chosen])
    return from_vector(fitted)


def _weights(sample: Sample) -> Floats:
    rows = Counter(run.run.source for run in sample.runs)
    return np.array([rows[run.run.source] ** -0.5 for run in sample.runs])


def _huber(errors: Floats) -> Floats:
    """Errors whose square grows linearly beyond a bound."""
    size = np.abs(errors)
    bounded = 2 * _LINEAR_BEYOND * size - _LINEAR_BEYOND**2
    return np.sign(errors) * np.where(size < _LINEAR_BEYOND, size, np.sqrt(np.maximum(bounded, 0)))
