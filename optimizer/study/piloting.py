"""What to measure before one signs: the short runs that would narrow a decision most.

By the covariances of step/pilots.py what a run would tell depends on where it is made, not on what
comes out. Runs are taken one after the other, each the one that leaves the least variance of
ln(cost) of the plan plus that of its difference to the best fleet on another part; of those nearly
as good the cheapest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.answer import Answer
from optimizer.market.candidates import Candidate
from optimizer.market.confidence import CERTAIN
from optimizer.market.hardware import Hardware, nic_gbps_of, step_on
from optimizer.market.market import Market
from optimizer.market.run import Run
from optimizer.plan.plan import Plan
from optimizer.plan.ranges import Span, mfu_range
from optimizer.step.posterior import Pilot, Place, informed, posterior, spreads_of
from optimizer.step.practice import Practice
from optimizer.step.predict import NoLayoutError, place_on, predict
from optimizer.step.setting import BatchError, Setting
from problems import ProblemError
from problems.fields import SPEEDS

RUNS = 3
NODES = (1, 2, 4, 8, 16)
# Fewer steps, or less time, are not yet steady.
LEAST_STEPS, LEAST_HOURS = 200, 0.5
# A cheaper run is taken where it tells this share of what the best one does.
NEARLY = 0.9


@dataclass(frozen=True, slots=True)
class Trial:
    """A short run to make; ``range_after`` is that of the plan's MFU after it and those before."""

    offer: str
    gpu: str
    gpu_name: str
    nodes: int
    gpus: int
    gpus_per_node: int
    nic_gbps_per_gpu: float | None
    precision: str
    seq_len: int
    global_batch_tokens: float
    hours: float
    cost_usd: float
    range_after: Span


@dataclass(frozen=True, slots=True)
class Piloting:
    """The runs, and what they leave of the range of the plan's MFU.

    ``runner_up`` is the best offer on another part; None without one. ``spread_before`` and
    ``spread_after`` are the standard deviations of ln(cost) of the plan against it, or alone.
    """

    plan: Plan
    runner_up: str | None
    trials: tuple[Trial, ...]
    range_before: Span
    range_after: Span
    spread_before: float
    spread_after: float

    @property
    def cost_usd(self) -> float:
        """USD of all runs."""
        return sum(trial.cost_usd for trial in self.trials)


@dataclass(frozen=True, slots=True)
class _Fleet:
    """A plan with what it runs on, and where its steps are."""

    plan: Plan
    candidate: Candidate
    place: Place


@dataclass(frozen=True, slots=True)
class _Option:
    """A run that could be made."""

    fleet: _Fleet
    gpus: int
    batch: float
    hours: float
    cost_usd: float
    place: Place


def what_to_measure(market: Market, answer: Answer) -> Piloting:
    """The short runs for the plan of an answer, which it has to have."""
    assert answer.plan is not None, "without a plan there is nothing to measure for"
    run = market.run
    _expect_open_speed(run)
    first = _fleet(market, answer.plan)
    if first.candidate.hardware.basis in CERTAIN:
        what = f"the MFU of {answer.plan.gpu} is measured in the catalog; expected another part"
        raise ProblemError([f"gpu: {what}"])
    others = (o.plan for o in answer.alternatives if o.plan.gpu != answer.plan.gpu)
    fleets = [first, *(_fleet(market, other) for other in [next(others, None)] if other)]
    options = [option for fleet in fleets for option in _options(run, fleet)]
    taken: list[_Option] = []
    while options and len(taken) < RUNS:
        taken.append(_best(run, fleets, taken, options))
        options.remove(taken[-1])
    spans = [_range(run, first, taken[:count]) for count in range(len(taken) + 1)]
    trials = tuple(_trial(run, one, span) for one, span in zip(taken, spans[1:], strict=True))
    return Piloting(
        plan=answer.plan,
        runner_up=fleets[1].plan.offer if len(fleets) > 1 else None,
        trials=trials,
        range_before=spans[0],
        range_after=spans[-1],
        spread_before=_variances(run, fleets, [])[-1] ** 0.5,
        spread_after=_variances(run, fleets, taken)[-1] ** 0.5,
    )


def _expect_open_speed(run: Run) -> None:
    """Refuse a question that gives the speed, which leaves nothing to measure."""
    for key in SPEEDS:
        if not run.leaves_open(key):
            what = "the speed is given and nothing is left to measure; expected none; leave it out"
            raise ProblemError([f"{key}: {what}"])


def _fleet(market: Market, plan: Plan) -> _Fleet:
    """The candidate of a plan, and the place of its steps."""
    run = market.run
    own = (c for c in market.candidates if c.offer.offer == plan.offer)
    candidate = next(c for c in own if c.term.block_days == plan.block_days)
    return _Fleet(plan, candidate, _place(run, candidate.hardware, plan.gpus, run.global_batch))


def _place(run: Run, hardware: Hardware, gpus: int, batch: float) -> Place:
    model, precision = hardware.setting.shape, hardware.precision
    return place_on(model, hardware.gpu, precision, run.seq_len).on(gpus, batch)


def _options(run: Run, fleet: _Fleet) -> Iterator[_Option]:
    """Runs on a few nodes: with the plan's batch, and with its tokens a GPU."""
    plan, candidate = fleet.plan, fleet.candidate
    node = candidate.offer.gpus_per_node
    for gpus in (nodes * node for nodes in NODES):
        if gpus > min(candidate.most_gpus, plan.gpus):
            return
        alike = max(round(run.global_batch * gpus / plan.gpus / run.seq_len), 1) * run.seq_len
        for batch in dict.fromkeys((float(alike), run.global_batch)):
            found = _option(run, fleet, gpus, batch)
            if found is not None:
                yield found


def _option(run: Run, fleet: _Fleet, gpus: int, batch: float) -> _Option | None:
    """The run with its time and cost; None where no layout of it fits."""
    hardware, offer = fleet.candidate.hardware, fleet.candidate.offer
    part, node = (hardware.gpu, hardware.precision), offer.gpus_per_node
    try:
        setting = step_on(replace(run, global_batch=batch), *part, node, nic_gbps_of(offer))
        seconds = predict(setting, hardware.gpu, gpus).seconds_per_step
    except (BatchError, NoLayoutError):
        return None
    hours = max(LEAST_HOURS, LEAST_STEPS * seconds / 3600)
    cost = gpus * hours * fleet.candidate.term.usd_per_gpu_hour
    return _Option(fleet, gpus, batch, hours, cost, _place(run, hardware, gpus, batch))


def _best(
    run: Run, fleets: Sequence[_Fleet], taken: Sequence[_Option], options: Sequence[_Option]
) -> _Option:
    """The cheapest of the runs that tell nearly as much as the best of them."""
    known = sum(_variances(run, fleets, taken))
    told = [known - sum(_variances(run, fleets, [*taken, option])) for option in options]
    enough = NEARLY * max(told)
    near = [option for option, tells in zip(options, told, strict=True) if tells >= enough]
    return min(near, key=lambda option: (option.cost_usd, option.gpus, option.batch))


def _variances(run: Run, fleets: Sequence[_Fleet], taken: Sequence[_Option]) -> tuple[float, ...]:
    """The variance of ln(cost) of the plan, and of its difference to the runner-up if any."""
    places = [fleet.place for fleet in fleets]
    known = spreads_of(_plain(fleets[0].candidate.hardware.setting))
    _, covariance = posterior(_pilots(run, fleets[0], taken), places, known)
    own = float(covariance[0, 0])
    if len(fleets) == 1:
        return (own,)
    return own, float(np.array([1, -1]) @ covariance @ np.array([1, -1]))


def _pilots(run: Run, first: _Fleet, taken: Sequence[_Option]) -> tuple[Pilot, ...]:
    """The user's pilots and those to come, which are taken to show what is expected."""
    known = spreads_of(_plain(first.candidate.hardware.setting))
    places = [option.place for option in taken]
    expected = [posterior(run.pilots, [place], known)[0][0] for place in places]
    coming = (Pilot(place, float(mean)) for place, mean in zip(places, expected, strict=True))
    return (*run.pilots, *coming)


def _plain(setting: Setting) -> Practice:
    return replace(setting.practice, pilots=())


def _range(run: Run, fleet: _Fleet, taken: Sequence[_Option]) -> Span:
    """The range of the plan's MFU once these runs are made and show what is expected."""
    hardware, pilots = fleet.candidate.hardware, _pilots(run, fleet, taken)
    setting = hardware.setting
    usual, few = _plain(setting), replace(setting.few, pilots=())
    at, batch = fleet.place, run.global_batch
    known = replace(
        setting,
        practice=informed(usual, usual, pilots, at, batch),
        few=informed(usual, few, pilots, at, batch),
    )
    return mfu_range(replace(hardware, setting=known), fleet.plan.gpus, fleet.plan.mfu)


def _trial(run: Run, option: _Option, span: Span) -> Trial:
    hardware, offer = option.fleet.candidate.hardware, option.fleet.candidate.offer
    return Trial(
        offer=offer.offer,
        gpu=hardware.gpu.gpu,
        gpu_name=hardware.gpu.name,
        nodes=option.gpus // offer.gpus_per_node,
        gpus=option.gpus,
        gpus_per_node=offer.gpus_per_node,
        nic_gbps_per_gpu=nic_gbps_of(offer),
        precision=hardware.precision,
        seq_len=run.seq_len,
        global_batch_tokens=option.batch,
        hours=option.hours,
        cost_usd=option.cost_usd,
        range_after=span,
    )
