"""The largest compute-optimal model that a budget and a deadline afford.

A size fits where some fleet keeps every limit, which needs no solver: on a segment each limit is
an interval. Sizes have three significant digits, and the search ends with one that fits below one
that does not; nor do the next with one and with two layers more. Steps are guessed: with hours and
bills in proportion to the compute, the fleets of one size say how much more compute they could do,
and that is nearly so for sizes near it. Most steps look only at the GPU models that came close;
the end is confirmed with all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from math import log10

import numpy as np

from catalog import Catalog, load_catalog
from optimizer.answer import Answer, answer_market
from optimizer.market.limits import NO_LIMIT, Limits
from optimizer.market.market import Market, make_market
from optimizer.market.run import make_run
from optimizer.market.segments import Floats, Segments
from optimizer.market.variation import with_limits
from optimizer.physics.compute import TOKENS_PER_PARAMETER
from optimizer.program.bounds import feasible
from optimizer.program.solve import DEFAULT_TIME_LIMIT_S, SolverName
from problems import ProblemError, Question, shape_of
from problems.quantities import say_count

# Sizes between two powers of ten that have three digits.
PER_DECADE = 900
SMALLEST, LARGEST = 1e7, 1e14
TENTH_MORE = 1.1
# Where the search begins; any figure will do.
FLOP_PER_USD = 2.5e17
# GPU models that can do less than this share of the best's compute are left out of most steps.
COMES_CLOSE = 0.7
# Guesses further from their size than this are looked at with every GPU model.
NEAR = 1.5
# Where nothing says how far down to look.
FAR_DOWN = 8.0
# How many layer counts beyond the largest size that fits are tried.
MORE_LAYERS = 2
# Fleets looked at on each segment, for a guess.
SAMPLES = np.linspace(0, 1, 5)


@dataclass(frozen=True, slots=True)
class Size:
    """A model and the tokens it is trained on."""

    parameters: float
    tokens: float


@dataclass(frozen=True, slots=True)
class Affordable:
    """What the money and the time afford, and what a tenth more of each would.

    ``answer`` has the plan of the largest. Where not even the smallest size fits, ``largest`` is
    None and ``answer`` says why not.
    """

    answer: Answer
    largest: Size | None
    with_a_tenth_more_money: Size | None
    with_a_tenth_more_time: Size | None


def afford(
    question: Question,
    catalog: Catalog | None = None,
    *,
    tokens_per_parameter: float | None = None,
    solver: SolverName = "highs",
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    today: date | None = None,
) -> Affordable:
    """The largest model within the limits of a question, whatever its own model is.

    It is trained on the question's tokens where it has any, else on so many a parameter.
    ProblemError where the question has no budget, or tokens and a ratio.
    """
    _check(question, tokens_per_parameter)
    search = _Search(question, catalog or load_catalog(), tokens_per_parameter)
    limits, day = search.limits(), today or date.today()
    step = search.largest(limits, search.first_guess())
    answer = answer_market(search.market(step or _SMALLEST_STEP), solver, time_limit_s, day)
    if step is None or answer.plan is None:
        return Affordable(answer, None, None, None)
    money = limits.but(budget=limits.budget_usd * TENTH_MORE)
    time = limits.but(deadline=limits.deadline_hours * TENTH_MORE)
    more = [search.size(search.largest(one, step) or step) for one in (money, time)]
    return Affordable(answer, search.size(step), *more)


def _check(question: Question, tokens_per_parameter: float | None) -> None:
    if question.budget is None:
        raise ProblemError(["budget: is missing; expected the money there is, such as 5M"])
    if question.tokens is not None and tokens_per_parameter is not None:
        what = "so many a parameter are given as well; expected one of the two; leave one out"
        raise ProblemError([f"tokens: {what}"])
    if question.tokens_per_second_per_gpu is not None:
        what = "tokens a second are of one model; expected an MFU, which carries over to others"
        raise ProblemError([f"tokens_per_second_per_gpu: {what}; give --mfu"])
    if question.pilot is not None:
        what = "pilots are of one model; expected an MFU, which carries over to others"
        raise ProblemError([f"pilot: {what}; give --mfu"])


def parameters_at(step: int) -> float:
    """The size so many steps above 100 parameters, of three digits: 100, 101, ..., 999, 1,000."""
    decade, digits = divmod(step, PER_DECADE)
    return float((100 + digits) * 10**decade)


def step_of(parameters: float) -> int:
    """The step of the largest size of three digits that is not above ``parameters``."""
    decade = int(log10(parameters)) - 2
    return PER_DECADE * decade + min(int(parameters / 10**decade) - 100, PER_DECADE - 1)


_SMALLEST_STEP, _LARGEST_STEP = step_of(SMALLEST), step_of(LARGEST)


class _Search:
    """Markets by size, each opened once, with every GPU model or with those that come close."""

    def __init__(self, question: Question, catalog: Catalog, ratio: float | None) -> None:
        self.question, self.catalog, self.ratio = question, catalog, ratio
        self.close: frozenset[str] | None = None
        self.opened: dict[tuple[int, bool], Market] = {}

    def size(self, step: int) -> Size:
        """The model at a step, with its tokens."""
        parameters = parameters_at(step)
        usual = (self.ratio or TOKENS_PER_PARAMETER) * parameters
        return Size(parameters, self.question.tokens or usual)

    def market(self, step: int, narrow: bool = False) -> Market:
        """The market of the model at a step; ``narrow`` of the GPU models that come close."""
        key = step, narrow and self.close is not None and (step, False) not in self.opened
        if key not in self.opened:
            size = self.size(step)
            tokens = self.question.tokens if self.ratio is None else size.tokens
            changed = {"model": say_count(size.parameters), "tokens": tokens}
            run = make_run(self.question.model_copy(update=changed), self.catalog)
            run = replace(run, gpus=self.close) if key[1] else run
            self.opened[key] = make_market(run, self.catalog)
        return self.opened[key]

    def limits(self) -> Limits:
        """The limits of the question, which are the same for every size."""
        return self.market(self.first_guess()).limits

    def first_guess(self) -> int:
        """The step of what the budget buys of compute as a rule."""
        flop = (self.question.budget or 0.0) * FLOP_PER_USD / 6
        tokens, ratio = self.question.tokens, self.ratio or TOKENS_PER_PARAMETER
        parameters = flop / tokens if tokens else (flop / ratio) ** 0.5
        return step_of(min(max(parameters, SMALLEST), LARGEST))

    def largest(self, limits: Limits, guess: int) -> int | None:
        """The largest step that fits below one that does not; None where none fits."""
        found, missed = self._between(limits, guess, _SMALLEST_STEP - 1, _LARGEST_STEP + 1)
        while (after := self._fits_after(limits, missed)) is not None:
            found, missed = self._between(limits, after, after, _LARGEST_STEP + 1)
        return found if found >= _SMALLEST_STEP else None

    def _fits_after(self, limits: Limits, missed: int) -> int | None:
        """A size that fits although that at ``missed``, below or equal, seemed not to.

        One with a layer more may be so much faster to train that it fits where a slightly smaller
        model does not; and with every GPU model the size itself may fit after all.
        """
        if missed > _LARGEST_STEP:
            return None
        for deeper in _deeper(missed):
            if _fits(self.market(deeper, narrow=True), limits):
                return deeper
        if _fits(self.market(missed), limits):
            self.close = None
            return missed
        return None

    def _between(self, limits: Limits, step: int, low: int, high: int) -> tuple[int, int]:
        """Neighbors of which the lower fits and the upper does not, from steps taken to be so."""
        stride = 1
        while high - low > 1:
            step = min(max(step, low + 1), high - 1)
            market = self.market(step, narrow=True)
            if _fits(market, limits):
                low, beside = step, step + stride
            else:
                high, beside = step, step - stride
            step = self._guess(market, limits, step)
            if not low < step < high:
                # The guess is spent: look beside, and further each time.
                step, stride = beside, 2 * stride
        return low, high

    def _guess(self, market: Market, limits: Limits, step: int) -> int:
        """The step that would just fit if hours and bills went with the compute."""
        timeless = limits.but(deadline=NO_LIMIT, budget=NO_LIMIT)
        segments = feasible(with_limits(market, timeless))
        room = _compute_within(segments, limits)
        best = float(room.max(initial=0.0))
        growth = best ** (1.0 if self.question.tokens else 0.5) or 1 / FAR_DOWN
        if 1 / NEAR < growth < NEAR and self.close is None:
            close = segments.candidate[room >= COMES_CLOSE * best].tolist()
            self.close = frozenset(segments.candidates[i].offer.gpu for i in close)
        wanted = parameters_at(step) * growth
        return step_of(min(max(wanted, SMALLEST), LARGEST))


def _deeper(step: int) -> Iterator[int]:
    """The smallest sizes above a step with one layer more, and with two."""
    layers, left = _layers(step), MORE_LAYERS
    for other in range(step + 1, min(step + PER_DECADE, _LARGEST_STEP + 1)):
        if left and _layers(other) != layers:
            layers, left = _layers(other), left - 1
            yield other


def _layers(step: int) -> int:
    return shape_of(say_count(parameters_at(step))).layers


def _fits(market: Market, limits: Limits) -> bool:
    return len(feasible(with_limits(market, limits))) > 0


def _compute_within(segments: Segments, limits: Limits) -> Floats:
    """For each segment how many times its run's compute some fleet does within the limits."""
    most = np.zeros(len(segments))
    for share in SAMPLES:
        span = segments.most_nodes - segments.fewest_nodes
        nodes = np.rint(segments.fewest_nodes + share * span).astype(np.int64)
        time = limits.deadline_hours - segments.lead_hours
        running = segments.latest_hours(nodes) - segments.lead_hours
        times = np.minimum(time / running, limits.budget_usd / segments.cost(nodes))
        most = np.maximum(most, times)
    return most
