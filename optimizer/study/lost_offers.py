"""The offers that lost: the best ten products, the best of each GPU model, the number of others."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from catalog import Offer
from catalog.quote_offers import QUOTE_SOURCE
from optimizer.answer import checked_plan
from optimizer.explain.break_even import BreakEven, NoPrice, break_even, purchase_at
from optimizer.explain.ruled_out import PHYSICAL
from optimizer.market.candidates import Candidate, Rejected
from optimizer.market.limits import NUMBERS, Limits
from optimizer.market.market import Market
from optimizer.market.products import products
from optimizer.market.segments import TOLERANCE
from optimizer.market.variation import at_any_price, of_offer, only, with_limits, without_offer
from optimizer.plan.plan import Plan
from optimizer.program.bounds import feasible
from optimizer.program.decide import decide_each
from optimizer.program.enumerate import Fleet
from optimizer.study.losses import WhyLost
from optimizer.study.why_lost import why_dearer, why_not, why_over_budget, why_refused, why_slower

MOST_OFFERS, MOST_QUOTES = 10, 20


@dataclass(frozen=True, slots=True)
class Lost:
    """An offer that is not the plan: the best plan it could give, and why it lost.

    ``plan`` is None where it keeps the limits with no fleet. Below ``break_even_usd_per_gpu_hour``
    (of its own rate where it is bought) it would be the plan; None where time is minimized or no
    price is low enough: ``no_price`` then says why. ``purchase_usd_per_gpu`` is what a server that
    is bought costs at that rate. ``usd_per_gpu_hour`` is today's price; ``quoted`` says that it is
    a quote of the user's own.
    """

    offer: str
    gpu: str
    plan: Plan | None
    why: WhyLost
    break_even_usd_per_gpu_hour: float | None
    usd_per_gpu_hour: float | None
    quoted: bool = False
    no_price: NoPrice | None = None
    purchase_usd_per_gpu: float | None = None


@dataclass(frozen=True, slots=True)
class Others:
    """How many offers of the catalog are not listed, by what keeps them from being the plan.

    ``limit`` is "cost" or "time" for those that could run the model and are dearer or slower.
    """

    limit: str
    offers: int


def lost_offers(market: Market, plan: Fleet | None) -> tuple[Lost, ...]:
    """The best ten other products and the best of each other GPU model, then those that cannot.

    Of the user's own quotes the best MOST_QUOTES are always among them, and as many that cannot.
    """
    fleets = _best_others(market, plan) if plan is not None else []
    listed = [_lost(market, plan, fleet) for fleet in fleets if plan is not None]
    models = {one.gpu for one in listed}
    if plan is not None:
        models.add(plan.candidate.offer.gpu)
    listed += _cannot(market, models)
    named = {one.offer for one in listed}
    if plan is not None:
        named.add(plan.candidate.offer.offer)
    return (*listed, *_quotes_that_cannot(market, named))


def count_others(market: Market, named: set[str]) -> tuple[Others, ...]:
    """The offers that are not ``named``, counted by their limit, most first."""
    limits: dict[str, str] = {refusal.offer.offer: refusal.limit for refusal in market.rejected}
    qualified = {candidate.offer.offer for candidate in market.candidates}
    limits |= dict.fromkeys(qualified, "several")
    limits |= dict.fromkeys(qualified - _offers(with_limits(market, Limits())), "term")
    for number in reversed(NUMBERS):
        alone = _offers(with_limits(market, number.dropped(market.limits)))
        limits |= dict.fromkeys(alone, number.name)
    able = _offers(market)
    limits |= dict.fromkeys(able, market.run.objective)
    counted = Counter(limit for offer, limit in limits.items() if offer not in named)
    return tuple(Others(*one) for one in sorted(counted.items(), key=lambda o: (-o[1], o[0])))


def _offers(market: Market) -> set[str]:
    """The offers that keep the limits with some fleet."""
    segments = feasible(market)
    return {segments.candidates[i].offer.offer for i in np.unique(segments.candidate).tolist()}


def _any_price(market: Market) -> Market:
    """The market in which what only the budget keeps out could win at a lower price."""
    return at_any_price(market) if market.run.objective == "cost" else market


def _best_others(market: Market, plan: Fleet) -> list[Fleet]:
    """The best fleets, best first: of the best ten products, each GPU model, the quotes."""
    objective, own = market.run.objective, plan.candidate.offer
    others = without_offer(_any_price(market), own.offer)
    product_of = products(candidate.offer for candidate in market.candidates)
    elsewhere = only(others, lambda c: product_of(c) != product_of(plan.candidate))
    found = decide_each(elsewhere, product_of, MOST_OFFERS)
    models = {fleet.candidate.offer.gpu for fleet in found} | {own.gpu}
    rest = only(others, lambda candidate: candidate.offer.gpu not in models)
    found += decide_each(rest, lambda candidate: candidate.offer.gpu)
    quotes = only(others, lambda candidate: candidate.offer.source == QUOTE_SOURCE)
    found += decide_each(quotes, lambda c: c.offer.offer, MOST_QUOTES)
    best = {fleet.candidate.offer.offer: fleet for fleet in found}
    return sorted(best.values(), key=lambda fleet: fleet.value(objective))


def _lost(market: Market, plan: Fleet, fleet: Fleet) -> Lost:
    """A fleet that could run the model, if perhaps not within the budget."""
    offer, budget = fleet.candidate.offer, market.limits.budget_usd
    even, why = BreakEven(None), _why(market, plan, fleet)
    if market.run.objective != "time":
        even = break_even(market, plan, offer.offer)
    own = checked_plan(market, fleet) if fleet.cost_usd <= budget * (1 + TOLERANCE) else None
    if own is None:
        why = why_over_budget(market, fleet)
    return Lost(
        offer=offer.offer,
        gpu=offer.gpu,
        plan=own,
        why=why,
        break_even_usd_per_gpu_hour=even.usd_per_gpu_hour,
        usd_per_gpu_hour=fleet.candidate.term.usd_per_gpu_hour,
        quoted=offer.source == QUOTE_SOURCE,
        no_price=even.no_price,
        purchase_usd_per_gpu=_purchase(fleet, even),
    )


def _why(market: Market, plan: Fleet, fleet: Fleet) -> WhyLost:
    if market.run.objective == "time":
        return why_slower(market, plan, fleet)
    return why_dearer(plan, fleet)


def _without_plan(offer: Offer, why: WhyLost) -> Lost:
    """An offer that keeps the limits with no fleet; what is bought has no price an hour."""
    price = None if offer.pricing == "owned" else offer.usd_per_gpu_hour
    return Lost(offer.offer, offer.gpu, None, why, None, price, offer.source == QUOTE_SOURCE)


def _purchase(fleet: Fleet, even: BreakEven) -> float | None:
    """USD a GPU of the servers that the rate of an offer that is bought stands for."""
    if even.usd_per_gpu_hour is None or fleet.candidate.term.own is None:
        return None
    return purchase_at(fleet.candidate, even.usd_per_gpu_hour)


def _cannot(market: Market, models: set[str]) -> Iterator[Lost]:
    """Of each other GPU model that qualified, or that physics keeps out, the nearest offer."""
    qualified: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in market.candidates:
        qualified[candidate.offer.gpu].append(candidate)
    refused: dict[str, list[Rejected]] = defaultdict(list)
    for refusal in market.rejected:
        if refusal.limit in PHYSICAL:
            refused[refusal.offer.gpu].append(refusal)
    for gpu in sorted({*qualified, *refused} - models):
        if gpu in qualified:
            own = only(market, lambda c, g=gpu: c.offer.gpu == g)  # type: ignore[misc]
            name, why = why_not(own)
            offer = next(c.offer for c in qualified[gpu] if c.offer.offer == name)
            yield _without_plan(offer, why)
            continue
        nearest = max(refused[gpu], key=lambda refusal: refusal.offer.max_gpus)
        yield _without_plan(nearest.offer, why_refused(nearest))


def _quotes_that_cannot(market: Market, named: set[str]) -> Iterator[Lost]:
    """The user's own offers that keep the limits with no fleet: what keeps each from it."""
    refused = {refusal.offer.offer: refusal for refusal in market.rejected}
    able = _offers(_any_price(market))
    quotes = [offer for offer in market.catalog.offers if offer.source == QUOTE_SOURCE]
    unable = [offer for offer in quotes if offer.offer not in able | named]
    for offer in unable[:MOST_QUOTES]:
        own = of_offer(market, offer.offer)
        refusal = refused.get(offer.offer)
        why = why_refused(refusal) if refusal is not None else why_not(own)[1]
        yield _without_plan(offer, why)
