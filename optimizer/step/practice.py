"""What teams reach of the model's step, and how far apart they are: the stack in the answer.

ln(reached / model) = level + scarce · log2(16,384 / tokens a GPU), the last only where a GPU gets
fewer tokens a step than that, and what the user's own steps add. The level is that of the kind of
run, of the stack where one is named, of the part, and of the model's size: who trains a large one
tunes more. What a question does not say is integrated out: without a stack the level is the median
over the published runs of the kind, and the range holds eight in ten of a source that nobody has
seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.stacks import STACK_KINDS, load_stacks
from optimizer.step.constants import shipped

Floats = NDArray[np.float64]

ONE_NODE = 8.0
# Standard deviations below which nine in ten lie: ranges hold eight in ten.
NINE_IN_TEN = NormalDist().inv_cdf(0.9)
# Above so many tokens a GPU and step the errors of the model no longer depend on them.
AMPLE_TOKENS = 16_384.0
# Words for stacks in general: as most teams run them, or tuned by the makers of the part.
WORDS = {"typical": "ordinary", "tuned": "tuned"}
USUAL_PARAMETERS = 7e9
# Of a kind that nobody published a run of.
UNKNOWN_SPAN = (-0.3, 0.3)
# Where nobody published a run near, the range is this much wider, in logarithms.
EXTRAPOLATES = 1.5


@dataclass(frozen=True, slots=True)
class Levels:
    """What is known of practice: slopes by family, what members of each factor add, and spans.

    Slopes are those of the model's size and of scarce tokens.

    ``spans`` are the 10th and 90th percentile of what is left, by kind of run.
    """

    slopes: Mapping[str, tuple[float, float]]
    members: Mapping[str, Mapping[str, float]]
    spans: Mapping[str, tuple[float, float]]

    def practice(
        self, family: str, span: str, names: Mapping[str, str], active_parameters: float
    ) -> "Practice":
        """The practice of a kind of run; ``names`` are its members of the factors, as known."""
        grown, scarce = self.slopes.get(family, (0.0, 0.0))
        added = [self.members.get(f, {}).get(name, 0.0) for f, name in names.items()]
        low, high = self.spans.get(span) or UNKNOWN_SPAN
        level = sum(added) + grown * float(size_of(active_parameters))
        return Practice(level, scarce, -low, high)


@dataclass(frozen=True, slots=True)
class Moved:
    """What pilots change on so many GPUs: ln(reached), and what share of the range is left.

    Between two sizes the first is interpolated in doublings; the second holds up to the next.
    """

    gpus: int
    shift: float
    share: float


@dataclass(frozen=True, slots=True)
class Practice:
    """Coefficients of the formula above; how far below and above eight in ten lie, as logs.

    ``pilots`` is what the user's own steps add, by fleet size.
    """

    level: float = 0.0
    scarce: float = 0.0
    below: float = 0.0
    above: float = 0.0
    pilots: tuple[Moved, ...] = ()

    def range_on(self, gpus: float) -> tuple[float, float]:
        """How far below and above eight in ten lie on so many GPUs, as logs."""
        share = next((one.share for one in reversed(self.pilots) if gpus >= one.gpus), 1.0)
        return self.below * share, self.above * share

    def slower(self, gpus: Floats | float, batch_tokens: Floats | float) -> Floats:
        """Step time in practice against the model's, on so many GPUs with that batch."""
        _, scarce = features(gpus, batch_tokens)
        reached = self.level + self.scarce * scarce
        if self.pilots:
            sizes, shifts = zip(*((one.gpus, one.shift) for one in self.pilots), strict=True)
            reached = reached + np.interp(np.log2(gpus), np.log2(sizes), shifts)
        return np.asarray(np.exp(-reached))

    def wider(self, factor: float) -> "Practice":
        """The same with a range stretched by a factor, in logarithms."""
        return replace(self, below=self.below * factor, above=self.above * factor)


# The model as it is.
NEUTRAL = Practice()


def size_of(active_parameters: Floats | float) -> Floats:
    """Doublings of a model beyond one of the usual size."""
    return np.asarray(np.log2(np.asarray(active_parameters) / USUAL_PARAMETERS))


def features(gpus: Floats | float, batch_tokens: Floats | float) -> tuple[Floats, Floats]:
    """Doublings of the fleet beyond a node, and halvings of the tokens a GPU below ample ones."""
    fleet = np.log2(np.maximum(gpus, ONE_NODE) / ONE_NODE)
    scarce = np.log2(np.maximum(AMPLE_TOKENS * np.asarray(gpus) / batch_tokens, 1.0))
    return np.asarray(fleet), np.asarray(scarce)


def members_of(kind: str, part: str, stack: str | None) -> dict[str, str]:
    """A question's members of the factors; a word for stacks names a class and no stack."""
    if stack is None:
        return {"kind": kind, "part": part}
    if stack in WORDS:
        return {"kind": kind, "class": f"{WORDS[stack]} {kind}", "part": part}
    known = load_stacks()[stack].kind
    return {"kind": kind, "class": f"{known} {kind}", "stack": f"{stack} {kind}", "part": part}


def class_of(stack: str) -> str:
    """Whether a stack is tuned or ordinary."""
    return WORDS[stack] if stack in WORDS else load_stacks()[stack].kind


def stack_is_published(stack: str, kind: str) -> bool:
    """Whether runs of this kind were published with this stack; of stacks in general they were."""
    return stack in WORDS or f"{stack} {kind}" in shipped_levels(told=True).members["stack"]


def choices_of_stack() -> tuple[str, ...]:
    """What --stack may name."""
    return (*WORDS, *load_stacks())


@cache
def shipped_levels(told: bool) -> Levels:
    """The levels of the last calibration: as asked, or with the stack told."""
    return levels_from(shipped()["practice"]["told" if told else "asked"])


def levels_from(stored: Mapping[str, Any]) -> Levels:
    """Levels as they are stored."""
    slopes = {name: (pair[0], pair[1]) for name, pair in stored["slopes"].items()}
    spans = {name: (pair[0], pair[1]) for name, pair in stored["spans"].items()}
    return Levels(slopes, stored["members"], spans)


assert set(WORDS.values()) == set(STACK_KINDS)
