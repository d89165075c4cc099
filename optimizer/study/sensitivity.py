"""What happens to cost and choice where a figure is other than assumed, one figure at a time.

The software stack is one of them, though no figure: it is tuned or ordinary. So is how GPUs may
be had.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from catalog.units import HOURS_PER_DAY
from catalog.vocabulary import CAPACITY_LEVELS, PUBLISHED
from optimizer.answer import checked_plan
from optimizer.explain.capacity import only_with
from optimizer.market.confidence import CERTAIN
from optimizer.market.market import Market
from optimizer.plan.plan import Plan
from optimizer.plan.stacks import rechosen, stacks_beside
from optimizer.program.decide import decide
from optimizer.program.enumerate import Fleet
from optimizer.step.practice import WORDS
from optimizer.study.factors import Factor, factors_of

# Flips are sought in steps of so many thousandths, and within the first step that holds one to a
# thousandth. A choice that changes and changes back inside one step is not seen.
STEP = 25
THOUSAND = 1000
STACK, CAPACITY = "stack", "capacity"


@dataclass(frozen=True, slots=True)
class Case:
    """The best plan where a factor is changed by a share; None where no plan exists then.

    ``same_decision`` says whether the offer is still that of the unchanged question. Of the factor
    STACK the case is a ``stack``, and the change what it makes of the MFU of the unchanged plan; of
    CAPACITY it is a word of catalog.vocabulary.CAPACITY_LEVELS, or ``published``, and no change.
    """

    factor: str
    change: float
    cost_usd: float | None
    days: float | None
    offer: str | None
    gpus: int | None
    same_decision: bool
    stack: str | None = None
    capacity: str | None = None

    @property
    def is_figure(self) -> bool:
        """Whether a figure is changed, by a share, and not a choice."""
        return self.stack is None and self.capacity is None


@dataclass(frozen=True, slots=True)
class Flip:
    """The smallest change of a factor, up or down, at which another offer is chosen.

    ``offer`` and ``gpus`` are None where no plan exists from there on.
    """

    factor: str
    change: float
    offer: str | None
    gpus: int | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """A plan, how it changes with each factor, and from where on another offer is chosen."""

    base: Plan
    cases: tuple[Case, ...]
    flips: tuple[Flip, ...]


def _best(market: Market) -> Fleet | None:
    found = decide(market)
    return found.fleet if found is not None else None


def sensitivity_of(market: Market) -> Sensitivity | None:
    """The sensitivity of the plan of a market; None where it has none."""
    base = _best(market)
    if base is None:
        return None
    cases: list[Case] = []
    flips: list[Flip] = []
    for factor in factors_of(market, base.candidate):

        def choose(change: float, factor: Factor = factor) -> Fleet | None:
            return _best(factor.changed(change))

        cases += [_case(factor.name, change, choose(change), base) for change in factor.changes]
        flips += _flips(factor, choose, base)
    cases += [*_stack_cases(market, base), *_capacity_cases(market, base)]
    return Sensitivity(checked_plan(market, base), tuple(cases), tuple(flips))


def _stack_cases(market: Market, base: Fleet) -> Iterator[Case]:
    """The question asked with a tuned stack, and with an ordinary one."""
    if base.candidate.hardware.basis in CERTAIN:
        return
    mfu = base.candidate.hardware.curve.at(base.gpus)
    for stack in stacks_beside(market.run):
        if stack in WORDS and stack != market.run.stack:
            found = rechosen(market, base, stack)
            case = _case(STACK, found.mfu / mfu - 1, found.best, base)
            yield replace(case, stack=stack)


def _capacity_cases(market: Market, base: Fleet) -> Iterator[Case]:
    """What is best where only so much of the capacity counts."""
    levels, asked = list(CAPACITY_LEVELS), market.run.capacity
    surer = levels[: levels.index(asked)] if asked in levels else levels[:-1]
    for level in [*surer, PUBLISHED]:
        if level != asked:
            best = _best(only_with(market, level))
            yield replace(_case(CAPACITY, 0.0, best, base), capacity=level)


def _case(factor: str, change: float, fleet: Fleet | None, base: Fleet) -> Case:
    if fleet is None:
        return Case(factor, change, None, None, None, None, False)
    return Case(
        factor=factor,
        change=change,
        cost_usd=fleet.cost_usd,
        days=fleet.wall_hours / HOURS_PER_DAY,
        offer=_offer(fleet),
        gpus=fleet.gpus,
        same_decision=_offer(fleet) == _offer(base),
    )


def _offer(fleet: Fleet | None) -> str | None:
    return fleet.candidate.offer.offer if fleet is not None else None


def _flips(factor: Factor, choose: Callable[[float], Fleet | None], base: Fleet) -> list[Flip]:
    """The nearest flip below and the nearest above, where there is one."""

    def differs(thousandths: int) -> bool:
        return _offer(choose(thousandths / THOUSAND)) != _offer(base)

    found = []
    for end in (int(factor.lowest * THOUSAND), int(factor.highest * THOUSAND)):
        at = _first(differs, end)
        if at is not None:
            fleet = choose(at / THOUSAND)
            gpus = fleet.gpus if fleet is not None else None
            found.append(Flip(factor.name, at / THOUSAND, _offer(fleet), gpus))
    return found


def _first(differs: Callable[[int], bool], end: int) -> int | None:
    """The number nearest to 0, on the way to ``end``, that differs; None where none does."""
    sign, same = (1 if end > 0 else -1), 0
    while same < abs(end):
        other = min(same + STEP, abs(end))
        if differs(sign * other):
            while other - same > 1:
                middle = (same + other) // 2
                same, other = (same, middle) if differs(sign * middle) else (middle, other)
            return sign * other
        same = other
    return None
