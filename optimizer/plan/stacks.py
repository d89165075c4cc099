"""What the software makes of a plan: the same fleet with a tuned and an ordinary stack.

And what would be chosen then. A stack changes by how much a step is slower in practice, not which
layout is best. So the hours of every offer with another stack are nearly known from those at hand;
only the offers that can win are opened anew, which gives the fleet that the question with that
stack would get.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from catalog.units import HOURS_PER_DAY
from optimizer.market.confidence import CERTAIN, LATEST, spread, stretch_of
from optimizer.market.hardware import Hardware, Key, key_of
from optimizer.market.kept import kept
from optimizer.market.limits import Limits
from optimizer.market.market import Market
from optimizer.market.run import Run
from optimizer.market.segments import Floats, Segments
from optimizer.market.variation import with_hardware
from optimizer.plan.bill import cost_at
from optimizer.plan.warnings import PAST
from optimizer.program.bounds import best_on_each, within
from optimizer.program.decide import decide
from optimizer.program.enumerate import Fleet
from optimizer.step.kinds import FEW_GPUS
from optimizer.step.practice import WORDS
from optimizer.step.predict import practice_on

TUNED, ORDINARY, OPEN = "tuned", "typical", "open"
assert set(WORDS) == {TUNED, ORDINARY}
# Hours that are nearly known are known this well.
ROOM = 1.02
# A smaller share of the cost is not worth a word.
NOTHING = 5e-4


@dataclass(frozen=True, slots=True)
class Paced:
    """What a stack makes of one and the same fleet; ``cost_usd`` is None where nobody has a price.

    ``stack`` is one of stacks.csv, a word for stacks in general, or OPEN.
    """

    stack: str
    days: float
    cost_usd: float | None
    mfu: float


@dataclass(frozen=True, slots=True)
class WithStack(Paced):
    """What a stack makes of the plan's own fleet, and what would be chosen with it.

    ``offer`` and ``gpus`` answer the question asked with that stack: None where no fleet keeps the
    limits then.
    """

    offer: str | None
    gpus: int | None
    same_decision: bool


@dataclass(frozen=True, slots=True)
class Rechosen:
    """The MFU of a fleet with another stack, and the best fleet then; None where there is none."""

    mfu: float
    best: Fleet | None


def stacks_beside(run: Run) -> tuple[str | None, ...]:
    """The stacks that a run is set beside: tuned, ordinary; also its own and none, if it has one.

    None at all where the speed is the user's own, or steps of their own stack are known.
    """
    if run.measured or run.pilots:
        return ()
    named = () if run.stack is None else (run.stack, None)
    return tuple(dict.fromkeys((TUNED, ORDINARY, *named)))


def tuning_saves(stacks: Iterable[Paced]) -> float | None:
    """USD that a tuned stack saves of the same fleet's bill; 0 if hardly any, None unpriced."""
    costs = {one.stack: one.cost_usd for one in stacks}
    tuned, ordinary = costs[TUNED], costs[ORDINARY]
    if tuned is None or ordinary is None:
        return None
    return ordinary - tuned if ordinary - tuned > NOTHING * ordinary else 0.0


def is_late(run: Run, one: Paced) -> bool:
    """Whether the fleet misses the deadline with that stack; one that is given may have none."""
    if not run.leaves_open("fleet") and run.leaves_open("deadline"):
        return False
    return one.days * HOURS_PER_DAY > run.deadline_hours * PAST


def stacks_of(market: Market, fleet: Fleet) -> tuple[WithStack, ...]:
    """The best fleet of a market with each of these stacks; none where its MFU was measured."""
    if fleet.candidate.hardware.basis in CERTAIN:
        return ()
    return tuple(_with_stack(market, fleet, stack) for stack in stacks_beside(market.run))


def _with_stack(market: Market, fleet: Fleet, stack: str | None) -> WithStack:
    offer = fleet.candidate.offer.offer
    found = rechosen(market, fleet, stack)
    slower = fleet.candidate.hardware.curve.at(fleet.gpus) / found.mfu
    hours = fleet.wall_hours_at(slower)
    then = found.best.candidate.offer.offer if found.best else None
    return WithStack(
        stack=stack or OPEN,
        days=hours / HOURS_PER_DAY,
        cost_usd=cost_at(fleet, market.run.runs, slower),
        mfu=found.mfu,
        offer=then,
        gpus=found.best.gpus if found.best else None,
        same_decision=then == offer,
    )


def rechosen(market: Market, fleet: Fleet, stack: str | None) -> Rechosen:
    """A fleet of a market with another stack, and the best fleet of the market then."""
    mine = fleet.candidate
    if stack == market.run.stack:
        return Rechosen(mine.hardware.curve.at(fleet.gpus), fleet)
    least = _least(market, stack)
    # The best are opened; what they reach says whether others can win.
    near = {key_of(mine.offer)}
    if least:
        near |= {key for key, value in least.items() if value <= min(least.values()) * ROOM}
    while True:
        opened = with_hardware(market, near, stack=stack)
        found = decide(opened)
        best = found.fleet if found is not None else None
        able = least if best is None else _able(least, best.value(market.run.objective))
        if near.issuperset(able):
            own = next(c for c in opened.candidates if c.offer.offer == mine.offer.offer)
            return Rechosen(own.hardware.curve.at(fleet.gpus), best)
        near |= set(able)


def _able(least: dict[Key, float], reached: float) -> set[Key]:
    """The hardware that may be better than what is reached."""
    return {key for key, value in least.items() if value <= reached * ROOM}


def _least(market: Market, stack: str | None) -> dict[Key, float]:
    """For each hardware about the best value of its fleets with a stack, the limits loosened."""
    about = kept(
        market.run, market.catalog, ("about", stack), lambda: _rescaled(market, stack), len
    )
    near = within(about, _loosened(market.limits))
    lower, _, _ = best_on_each(near, market.run.objective)
    keys = [key_of(candidate.offer) for candidate in near.candidates]
    least: dict[Key, float] = {}
    for value, index in zip(lower.tolist(), near.candidate.tolist(), strict=True):
        least[keys[index]] = min(value, least.get(keys[index], value))
    return least


def _loosened(limits: Limits) -> Limits:
    deadline, budget = limits.deadline_hours * ROOM, limits.budget_usd * ROOM
    return limits.but(deadline=deadline, budget=budget)


def _rescaled(market: Market, stack: str | None) -> Segments:
    """The segments of a market with the hours that a stack about makes of them."""
    segments, run = market.segments, market.run
    gpus = np.sqrt(1.0 * segments.fewest_nodes * segments.most_nodes) * segments.node
    slower, later = np.ones(len(segments)), np.ones(len(segments))
    hardware = [candidate.hardware for candidate in segments.candidates]
    for one in {id(each): each for each in hardware}.values():
        if one.basis in CERTAIN:
            continue
        own = np.array([other is one for other in hardware])[segments.candidate]
        then = _in_practice(one, stack)
        slower[own] = then.setting.slower(gpus[own]) / one.setting.slower(gpus[own])
        later[own] = _stretch(run, then, gpus[own]) / _stretch(run, one, gpus[own])
        if one.basis == "anchored":
            # Its curve is cut at the best that is known, below which nothing need be slower.
            slower[own] = np.minimum(slower[own], 1.0)
    longer = segments.longer(slower)
    latest = {name: getattr(longer, name) * later for name in LATEST}
    return replace(longer, **latest, longest_hours=segments.longest_hours * ROOM)


def _in_practice(hardware: Hardware, stack: str | None) -> Hardware:
    """The hardware with what teams reach of its steps with a stack; its curve as it was."""
    setting, asked = hardware.setting, (hardware.gpu, hardware.precision)
    shape, length = setting.shape, setting.seq_len
    practice = practice_on(shape, *asked, length, stack)
    few = practice_on(shape, *asked, length, stack, few=True)
    return replace(hardware, setting=replace(setting, practice=practice, few=few))


def _stretch(run: Run, hardware: Hardware, gpus: Floats) -> Floats:
    """How much longer than expected runs on these fleets may take with the confidence asked for."""
    confidence = run.confidence
    if confidence is None:
        return np.ones(len(gpus))
    few, many = (
        stretch_of(spread(hardware, n, hardware.curve.at(n))[0], confidence) for n in (1, FEW_GPUS)
    )
    return np.where(gpus < FEW_GPUS, few, many)
