"""How sure a plan is: MFU, interruptions and price drawn together, and what they make of it.

Each draw changes, of one and the same fleet,

- the MFU: lognormal around the plan's in two halves, the ends of its range being the 10th and the
  90th percentile. The software stack is in that range unless the question names it. No width
  where the MFU was measured or given.
- interruptions: their rate is lognormal in two halves around the plan's, the lowest and highest
  published being the 10th and 90th percentile; none where a goodput was given, no width where the
  rate was. How many there are in a run at that rate is Poisson's. A run on spot capacity takes the
  rate of its nodes besides, drawn the same way, and uses up its slack.
- the price: lognormal, its spread 5 % on the day it is read and 10 % more with each 90 days since,
  for a year. A quote is fixed. The rule is a judgment: published prices rose by up to a half
  within a year.

Bills follow bill.py. All alternatives see the same draws, so that they compare.
"""

from dataclasses import dataclass
from datetime import date
from math import isinf, log

import numpy as np
from numpy.typing import NDArray

from catalog import Catalog, Offer
from catalog.quote_offers import QUOTE_SOURCE
from catalog.units import HOURS_PER_DAY
from optimizer.answer import Answer
from optimizer.market.reliability import reliability_of
from optimizer.market.run import Run
from optimizer.market.segments import TOLERANCE, Floats
from optimizer.market.terms import Term, terms_of
from optimizer.plan.bill import rent_usd
from optimizer.plan.plan import Plan
from optimizer.step.practice import NINE_IN_TEN

Bools = NDArray[np.bool_]
DRAWS, SEED = 10_000, 0
FEWEST_DRAWS, MOST_DRAWS = 100, 1_000_000
LARGEST_SEED = 2**32 - 1
# Standard deviation of the logarithm of a price: on the day of its reading, and a day of age.
# An older reading says no less than one of a year ago does, so the spread ends there.
SETTLED_SPREAD, SPREAD_PER_DAY, AGE_AT_MOST = 0.05, 0.10 / 90, 365


@dataclass(frozen=True, slots=True)
class Percentiles:
    """The 10th, 50th and 90th percentile of the draws."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Risk:
    """Days of a run, USD of all runs, and the share of the draws that keep deadline and budget.

    ``p_budget`` is None where no budget was given. ``p_term`` is the share in which all runs end
    within the block, or before the offer does; None where it has no end.
    """

    draws: int
    seed: int
    days: Percentiles
    cost_usd: Percentiles
    p_deadline: float
    p_budget: float | None
    p_term: float | None


@dataclass(frozen=True, slots=True)
class Risks:
    """The risk of a plan, and that of each alternative in the same order."""

    plan: Risk
    alternatives: tuple[Risk, ...]


def risks_of(
    answer: Answer,
    catalog: Catalog,
    draws: int = DRAWS,
    seed: int = SEED,
    *,
    today: date | None = None,
) -> Risks:
    """The risk of the plan of an answer, which it has to have, and of its alternatives."""
    assert answer.plan is not None, "without a plan there is nothing to be sure of"
    plans = (answer.plan, *(other.plan for other in answer.alternatives))
    first, *others = (risk_of(answer.run, one, catalog, draws, seed, today=today) for one in plans)
    return Risks(first, tuple(others))


def risk_of(
    run: Run,
    plan: Plan,
    catalog: Catalog,
    draws: int = DRAWS,
    seed: int = SEED,
    *,
    today: date | None = None,
) -> Risk:
    """What so many draws make of a plan; the same seed and day give the same figures.

    ``today`` is the day on which the price is as old as counted.
    """
    offer = next(one for one in catalog.offers if one.offer == plan.offer)
    term = _term_of(run, plan, offer, catalog)
    generator = np.random.default_rng(seed)
    speed, failing, taken, price = generator.standard_normal((4, draws))
    mfu = np.minimum(plan.mfu * _drawn(speed, plan.mfu, plan.mfu_range.low, plan.mfu_range.high), 1)
    one, whole = _hours(run, plan, offer, catalog, mfu, (failing, taken), generator)
    calendar = _calendar(plan)
    days = plan.lead_days + one * calendar / HOURS_PER_DAY
    elapsed = whole * calendar
    rented = rent_usd(term, offer.block_days, plan.gpus, whole * plan.gpus, elapsed)
    dearer = np.exp(price * price_spread(offer, today or date.today()))
    stored = term.storage_usd_per_hour * elapsed * _stored(term, plan)
    cost = rented * _moved(term, dearer) + stored + term.once_usd(plan.runs)
    in_term = None if isinf(term.longest_hours) else elapsed <= term.longest_hours * (1 + TOLERANCE)
    return _risk(run, seed, days, cost, in_term)


def price_spread(offer: Offer, today: date) -> float:
    """The standard deviation of the logarithm of an offer's price, by the age of its reading."""
    if offer.source == QUOTE_SOURCE:
        return 0.0
    age = min(max((today - offer.read_on).days, 0), AGE_AT_MOST)
    return SETTLED_SPREAD + SPREAD_PER_DAY * age


def _risk(run: Run, seed: int, days: Floats, cost: Floats, in_term: Bools | None) -> Risk:
    budget, room = run.budget_usd, 1 + TOLERANCE
    return Risk(
        draws=len(days),
        seed=seed,
        days=_percentiles(days),
        cost_usd=_percentiles(cost),
        p_deadline=float(np.mean(days * HOURS_PER_DAY <= run.deadline_hours * room)),
        p_budget=None if budget is None else float(np.mean(cost <= budget * room)),
        p_term=None if in_term is None else float(np.mean(in_term)),
    )


def _percentiles(values: Floats) -> Percentiles:
    return Percentiles(*np.percentile(values, (10, 50, 90)).tolist())


def _drawn(normal: Floats, middle: float, low: float, high: float) -> Floats:
    """Factors of ``middle``: lognormal in two halves, ``low`` and ``high`` one in ten beyond.

    A ``low`` of zero says nothing; the lower half is then as wide as the upper.
    """
    above = log(high / middle) / NINE_IN_TEN
    below = log(middle / low) / NINE_IN_TEN if low > 0 else above
    return np.asarray(np.exp(normal * np.where(normal < 0, below, above)))


def _hours(
    run: Run,
    plan: Plan,
    offer: Offer,
    catalog: Catalog,
    mfu: Floats,
    normals: tuple[Floats, Floats],
    generator: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Rented hours of the first run and of all runs together.

    As in goodput.py, interruptions come with each hour of training, and each loses so many hours;
    failures count as far as they take more than whole runs are known to lose.
    """
    gpu, spot = catalog.gpus[plan.gpu], plan.pricing == "spot"
    reliability = reliability_of(run, catalog, gpu, plan.gpus_per_node, spot)
    training = plan.gpu_hours / plan.runs / plan.gpus * plan.goodput * plan.mfu / mfu
    of_fleet, of_spot = normals
    rate = reliability.failures * plan.running_gpus * _failures(run, plan, catalog, of_fleet)
    failed, taken = _counts(rate, training, plan.runs, generator), (np.zeros(()), np.zeros(()))
    if reliability.spot is not None:
        known = catalog.defaults["spot_interruptions_per_node_day"]
        often = _drawn(of_spot, known.value, known.low, known.high)
        rate = reliability.spot.interruptions(plan.running_gpus / plan.gpus_per_node) * often
        taken = _counts(rate, training, plan.runs, generator)
    # The plan's hours are lines between breakpoints, which leave the formulas by a hair.
    running = plan.running_gpus
    training = training * reliability.at(running).goodput / plan.goodput
    gpus = np.asarray(float(running))
    one, whole = (reliability.stretch(gpus, *came) for came in zip(failed, taken, strict=True))
    return training * one, plan.runs * training * whole


def _counts(
    rate: Floats, training: Floats, runs: int, generator: np.random.Generator
) -> tuple[Floats, Floats]:
    """Interruptions drawn in the first run and in all of them, for each of their hours."""
    first = generator.poisson(rate * training)
    rest = generator.poisson(rate * training * (runs - 1))
    return first / training, (first + rest) / (runs * training)


def _failures(run: Run, plan: Plan, catalog: Catalog, normal: Floats) -> Floats:
    """How often the run fails against what the plan counts with; as often where that was given."""
    if run.failures is not None:
        return np.ones_like(normal)
    row = catalog.failure_rate(catalog.gpus[plan.gpu].architecture)
    return _drawn(normal, row.interruptions_per_1000_gpu_days, row.low, row.high)


def _term_of(run: Run, plan: Plan, offer: Offer, catalog: Catalog) -> Term:
    terms = terms_of(offer, catalog.gpus[plan.gpu], run, catalog)
    return next(term for term in terms if term.block_days == plan.block_days)


def _calendar(plan: Plan) -> float:
    """Hours that pass in a rented hour: more than one for spot capacity, slack included."""
    rented = plan.gpu_hours / plan.runs / plan.gpus
    return (plan.days - plan.lead_days) * HOURS_PER_DAY / rented


def _stored(term: Term, plan: Plan) -> float:
    """The hours that the plan stores its data for, against those that pass: lines again."""
    elapsed = plan.runs * (plan.days - plan.lead_days) * HOURS_PER_DAY
    paid = sum(line.usd for line in plan.bill if line.line == "storage")
    usual = term.storage_usd_per_hour * elapsed
    return paid / usual if usual else 0.0


def _moved(term: Term, dearer: Floats) -> Floats:
    """By which factor the bill moves with the price; power and space of one's own stay."""
    if term.own is None:
        return dearer
    stays = term.own.running / term.usd_per_gpu_hour
    return stays + (1 - stays) * dearer
