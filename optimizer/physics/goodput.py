"""Goodput: the share of rented time that is productive, as interruptions leave it.

A run on n GPUs is interrupted λ times an hour. Each interruption loses the work since the last
complete checkpoint, half an interval on average and the time that writing one takes, and then
detection, restart and loading. A checkpoint every τ hours stalls training for δ. So an hour of
training takes

    1 / goodput = 1 + δ/τ + λ·(τ/2 + write + restart)

hours, which is least at τ = √(2·δ/λ) (Young 1974, https://doi.org/10.1145/361147.361115; Daly
2006, https://doi.org/10.1016/j.future.2004.11.016, to first order), within sensible bounds.
Failures of GPUs and hosts come with each GPU, so λ = rate·n. What whole runs keep of their steps
(run_factor.py) holds such losses already: they count only as far as they take more than that.
Spot capacity is taken back for all nodes of a zone at nearly the same time, so its λ hardly grows
with the nodes.
"""

from dataclasses import dataclass
from math import log2
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog import Catalog
from catalog.units import SECONDS_PER_HOUR

EIGHT_NODES = 8
# Interruptions an hour that are as good as none.
RAREST = 1e-300
Floats = NDArray[np.float64]
# A number, or one for each of many cases.
Some = TypeVar("Some", float, Floats)


@dataclass(frozen=True, slots=True)
class Losses:
    """What interruptions make of an hour of training on a fleet of one size.

    ``goodput`` is productive over rented time, ``availability`` rented over elapsed time (1 but
    for spot), ``interval_hours`` between checkpoints (None where nothing is modeled) and
    ``lost_hours`` of each interruption.
    """

    goodput: float
    interruptions_per_hour: float
    interval_hours: float | None
    availability: float
    lost_hours: float


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """How the state is saved and loaded: sizes in GB, rates in GB/s, times in hours."""

    state_gb: float
    gb_per_s_per_node: float
    gb_per_s_most: float
    stall_hours: float
    least_hours: float
    most_hours: float
    restart_hours: float

    def write_hours(self, nodes: Some) -> Some:
        """Hours to write, or to load, the whole state from so many nodes."""
        rate: Some = np.minimum(self.gb_per_s_per_node * nodes, self.gb_per_s_most)
        return self.state_gb / rate / SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Spot:
    """Capacity that can be taken back.

    ``per_hour`` interruptions of one node; the job's grow by ``growth`` of that with each
    doubling of the nodes. ``slack`` is the share of the expected time planned on top of it.
    """

    per_hour: float
    growth: float
    available_one: float
    available_eight: float
    slack: float

    def interruptions(self, nodes: Some) -> Some:
        """Interruptions of the job an hour."""
        return self.per_hour * (1 + self.growth * _doublings(nodes))

    def availability(self, nodes: Some) -> Some:
        """Share of the time in which all nodes are there; falls with log nodes up to eight."""
        fallen: Some = np.minimum(_doublings(nodes) / log2(EIGHT_NODES), 1.0)
        return self.available_one - (self.available_one - self.available_eight) * fallen


def _doublings(nodes: Some) -> Some:
    """Doublings of a fleet beyond one node."""
    found: Some = np.log2(np.maximum(nodes, 1.0))
    return found


@dataclass(frozen=True, slots=True)
class Reliability:
    """What interrupts a run on one kind of hardware under one kind of price.

    ``given`` is a goodput that the question or a measured speed fixes; failures are then not
    counted a second time. ``failures`` are interruptions a GPU-hour. ``held`` is the share that a
    whole run keeps of its steps' speed, in which losses to failures are already.
    """

    given: float | None
    failures: float
    checkpoints: Checkpoints
    spot: Spot | None
    node: int
    held: float = 1.0

    def at(self, gpus: float) -> Losses:
        """What a fleet of so many GPUs loses."""
        nodes = gpus / self.node
        failing, taking = self._expected(gpus)
        rate = failing + taking
        available = float(self.availability(gpus))
        if rate == 0 and self.given is not None:
            return Losses(self.given, 0.0, None, available, 0.0)
        goodput = 1 / float(self.stretch(gpus, failing, taking))
        interval = float(self._interval(rate, nodes))
        lost = float(self._lost_hours(rate, nodes))
        return Losses(goodput, float(rate), interval, available, lost)

    def availability(self, gpus: Some) -> Some:
        """Share of the time in which so many GPUs are all there."""
        return self.spot.availability(gpus / self.node) if self.spot else 0.0 * gpus + 1.0

    def goodputs(self, gpus: Floats) -> Floats:
        """The goodput of ``at`` for fleets of many sizes at once, shape (sizes,)."""
        if self.given is not None and self.spot is None and self.failures == 0:
            return np.full(len(gpus), self.given)
        return 1 / self.stretch(gpus, *self._expected(gpus))

    def stretch(self, gpus: Some, failed: Some, taken: Some) -> Some:
        """Rented hours of an hour of training in which so many interruptions come.

        ``failed`` are failures and ``taken`` those of spot capacity, numbers or arrays of them.
        Checkpoints are as far apart as is best for those that are expected.
        """
        nodes = gpus / self.node
        failing, taking = self._expected(gpus)
        hours = self._hours(failing + taking, failed + taken, nodes)
        if self.given is not None:
            return hours
        usual = self._hours(failing, failed, nodes)
        beyond: Some = np.maximum(self.held * usual, 1.0)
        return hours / usual * beyond

    def elapsed(self, availability: Some) -> Some:
        """Hours that an hour of rented time takes on the calendar, slack included."""
        return (1 + (self.spot.slack if self.spot else 0.0)) / availability

    def _expected(self, gpus: Some) -> tuple[Some, Some]:
        """Failures an hour, and how often spot capacity is taken back."""
        if self.spot is None:
            return self.failures * gpus, 0.0 * gpus
        taking: Some = self.spot.interruptions(gpus / self.node)
        return self.failures * gpus, taking

    def _hours(self, expected: Some, came: Some, nodes: Some) -> Some:
        """Rented hours of an hour of training, whatever is held, saving for those expected."""
        stalled = self.checkpoints.stall_hours / self._interval(expected, nodes)
        if self.given is not None:
            stalled = stalled * (expected > 0)
        return 1 / (self.given or 1.0) + stalled + came * self._lost_hours(expected, nodes)

    def _lost_hours(self, rate: Some, nodes: Some) -> Some:
        """Hours that each interruption loses; the restart includes loading."""
        saved = self.checkpoints
        return self._interval(rate, nodes) / 2 + saved.write_hours(nodes) + saved.restart_hours

    def _interval(self, rate: Some, nodes: Some) -> Some:
        """Young's and Daly's interval, within bounds, and never shorter than a write."""
        saved = self.checkpoints
        best = np.sqrt(2 * saved.stall_hours / np.maximum(rate, RAREST))
        least = np.maximum(saved.least_hours, saved.write_hours(nodes))
        found: Some = np.minimum(np.maximum(best, least), np.maximum(saved.most_hours, least))
        return found


def checkpoints_of(parameters: float, catalog: Catalog) -> Checkpoints:
    """How a model's state is saved, by the catalog's planning defaults."""
    known = catalog.planning
    return Checkpoints(
        state_gb=state_gb(parameters, catalog),
        gb_per_s_per_node=known("checkpoint_gb_per_s_per_node"),
        gb_per_s_most=known("checkpoint_gb_per_s_most"),
        stall_hours=known("checkpoint_stall_s") / SECONDS_PER_HOUR,
        least_hours=known("checkpoint_interval_least_s") / SECONDS_PER_HOUR,
        most_hours=known("checkpoint_interval_most_s") / SECONDS_PER_HOUR,
        restart_hours=known("restart_minutes") / 60,
    )


def state_gb(parameters: float, catalog: Catalog) -> float:
    """GB of one checkpoint: weights and optimizer state of all parameters."""
    return catalog.planning("checkpoint_bytes_per_parameter") * parameters / 1e9
