"""The fleets that lost to the plan, and why."""

from dataclasses import dataclass

from optimizer.explain.differences import PaidIdle, PriceAndSpeed, SellsUpTo
from optimizer.market.market import Market
from optimizer.market.products import products
from optimizer.program.decide import decide_each
from optimizer.program.enumerate import Fleet

# Next best products listed besides the best of each GPU model.
NEXT_OFFERS = 3
IDLE_SHARE = 0.02

WhyNext = PriceAndSpeed | PaidIdle | SellsUpTo


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """A fleet that could run the model and is not the plan, and why it lost."""

    fleet: Fleet
    why: WhyNext


def runners_up(market: Market, plan: Fleet) -> list[RunnerUp]:
    """The best fleet of every other GPU model and the next best products, best first."""
    objective, own = market.run.objective, plan.candidate.offer
    models = decide_each(market, lambda candidate: candidate.offer.gpu)
    product_of = products(candidate.offer for candidate in market.candidates)
    offers = decide_each(market, product_of, NEXT_OFFERS + 1)
    others = {f.candidate.offer.offer: f for f in models if f.candidate.offer.gpu != own.gpu}
    next_best = [f for f in offers if product_of(f.candidate) != product_of(plan.candidate)]
    others |= {f.candidate.offer.offer: f for f in next_best[:NEXT_OFFERS]}
    ranked = sorted(others.values(), key=lambda fleet: fleet.value(objective))
    return [RunnerUp(fleet, _why_lost(market, plan, fleet)) for fleet in ranked]


def _why_lost(market: Market, plan: Fleet, other: Fleet) -> WhyNext:
    """What makes the difference: idle commitment, set-up cost, price against speed, or size."""
    if market.run.objective == "time":
        if other.candidate.hardware.faster_from(other.gpus) > other.candidate.most_gpus:
            return SellsUpTo(other.candidate.most_gpus)
        return price_and_speed(plan, other)
    billed, term = other.billed_gpu_hours, other.candidate.term
    if billed > other.gpu_hours * (1 + IDLE_SHARE):
        minimum = term.minimum_usd if other.pays_minimum else None
        return PaidIdle(1 - other.gpu_hours / billed, None, minimum, term.commitment_hours)
    return price_and_speed(plan, other)


def price_and_speed(plan: Fleet, other: Fleet) -> PriceAndSpeed:
    """What a GPU-hour of another fleet costs and does, as multiples of the plan's."""
    one, reference = other.candidate.term, plan.candidate.term
    price = one.supported_usd_per_gpu_hour / reference.supported_usd_per_gpu_hour
    speed = _useful_tflops(other) / _useful_tflops(plan)
    return PriceAndSpeed(price, speed)


def _useful_tflops(fleet: Fleet) -> float:
    hardware = fleet.candidate.hardware
    peak = hardware.gpu.peak_tflops(hardware.precision) or 0.0
    goodput = fleet.losses.goodput
    return peak * hardware.curve.at(fleet.gpus) * goodput
