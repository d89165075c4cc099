"""What moves the answer: which limits bind, why the runners-up lost, why a GPU model cannot."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from optimizer import say
from optimizer.market.candidates import Candidate, Rejected, sold_gpus
from optimizer.market.filters import FILTERS
from optimizer.market.hardware import LARGEST_FLEET, Unfit, hardware_of, key_of
from optimizer.market.limits import NO_LIMIT, NUMBERS, Limits, Number
from optimizer.market.market import Market, make_market
from optimizer.market.products import products
from optimizer.market.segments import Segments, make_segments
from optimizer.program.bounds import within
from optimizer.program.enumerate import Fleet, best_fleet, best_fleets
from problems.fields import SPEEDS

# A limit that costs less than this share does not bind: it would be said as 0.0 %.
NOTICEABLE = 5e-4
# Next best products listed besides the best of each GPU model.
NEXT_OFFERS = 3
IDLE_SHARE = 0.02
# Limits that lie in the part and the model, not in what was asked for.
PHYSICAL = ("memory", "precision", *SPEEDS, "global_batch", "quota", "spot_nodes", "price")


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit without which the plan would be better, and what it would then be."""

    limit: str
    asked: str
    without: str


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """A fleet that could run the model and is not the plan, and why it lost."""

    fleet: Fleet
    reason: str


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A GPU model none of whose fleets keeps the limits, and what stands in the way.

    ``short`` says the same in a few words, for lists sorted by ``limit``.
    """

    gpu: str
    limit: str
    reason: str
    short: str


def binding_limits(market: Market, plan: Fleet) -> list[Binding]:
    """The limits that make the plan worse than it would be without each of them alone."""
    found = [
        *_numbers(market, plan),
        *_sizes(market, plan),
        *_filters(market, plan),
        *_confidence(market, plan),
    ]
    return [binding for binding in found if binding is not None]


def _numbers(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    for number in NUMBERS:
        asked = number.asked(market.limits)
        if asked != NO_LIMIT:
            feasible = within(market.segments, number.dropped(market.limits))
            best = best_fleet(feasible, market.run.objective)
            yield _if_better(market, plan, best, number.name, number.say(asked))


def _sizes(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    """The largest cluster to be had, and the fewest GPUs that hold the model."""
    candidate = plan.candidate
    name, objective = candidate.offer.offer, market.run.objective
    holds = f"{name} takes {candidate.fewest_gpus:,} GPUs to hold the model"
    limit, asked, end = what_ends(market, candidate)
    beyond = make_segments(market.run, [_beyond_end(market, candidate, end)])
    larger = best_fleet(within(beyond, market.limits), objective)
    yield _if_better(market, plan, larger, limit, asked)
    # No layout fills these: they do not hold the model.
    too_small = replace(candidate, fewest_gpus=1, most_gpus=candidate.fewest_gpus - 1)
    fewer = within(make_segments(market.run, [too_small]), market.limits)
    yield _if_better(market, plan, best_fleet(fewer, objective), "memory", holds)


def what_ends(market: Market, candidate: Candidate) -> tuple[str, str, int]:
    """Which limit ends the fleets of an offer, in words, and the GPUs where the next would."""
    offer, run, most = candidate.offer, market.run, candidate.most_gpus
    sold = sold_gpus(offer, run)
    quota = run.quota.get(offer.provider, sold)
    spot = run.spot_nodes * offer.gpus_per_node if offer.pricing == "spot" else sold
    if quota < min(sold, spot):
        return "quota", f"your quota of {offer.provider} is {quota:,} GPUs", min(sold, spot)
    if spot < sold:
        asked = f"{run.spot_nodes} nodes of spot capacity"
        return "spot_nodes", asked, min(sold, quota)
    return "largest_cluster", f"{offer.offer} sells up to {most:,} GPUs", LARGEST_FLEET


def _beyond_end(market: Market, candidate: Candidate, end: int) -> Candidate:
    """The offer's fleets larger than can be had, up to where the next limit ends them."""
    key, fewest = key_of(candidate.offer), candidate.most_gpus + 1
    hardware = hardware_of(market.run, market.catalog, key, LARGEST_FLEET)
    if isinstance(hardware, Unfit):
        return replace(candidate, fewest_gpus=fewest)
    return replace(candidate, hardware=hardware, fewest_gpus=fewest, most_gpus=end)


def _filters(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    """The choices that the question made itself."""
    run = market.run
    for one in FILTERS:
        asked = one.asked(run.question)
        if asked:
            segments = make_market(one.dropped(run), market.catalog).segments
            best = best_fleet(within(segments, market.limits), run.objective)
            yield _if_better(market, plan, best, one.name, ", ".join(asked))


def _confidence(market: Market, plan: Fleet) -> Iterator[Binding | None]:
    """The confidence: without it the expected hours have to keep the deadline."""
    asked = market.run.question.confidence
    if asked is not None:
        plain = within(market.segments.as_expected(), market.limits)
        best = best_fleet(plain, market.run.objective)
        expected = replace(plan, latest_hours=plan.wall_hours)
        yield _if_better(market, expected, best, "confidence", f"{asked:g}")


def _if_better(
    market: Market, plan: Fleet, best: Fleet | None, limit: str, asked: str
) -> Binding | None:
    objective = market.run.objective
    if best is None:
        return None
    gain = best.value(objective) / plan.value(objective) - 1
    if gain > -NOTICEABLE:
        return None
    offer = best.candidate.offer
    fleet = f"{best.gpus:,} {market.catalog.gpus[offer.gpu].name} of {offer.provider}"
    what = f"{say.usd(best.cost_usd)} in {say.days(best.wall_hours)} with {fleet}"
    return Binding(limit, asked, f"{what} ({objective} {say.more(gain)})")


def runners_up(market: Market, plan: Fleet) -> list[RunnerUp]:
    """The best fleet of every other GPU model and the next best products, best first."""
    feasible = within(market.segments, market.limits)
    objective, own = market.run.objective, plan.candidate.offer
    models = best_fleets(feasible, objective, lambda candidate: candidate.offer.gpu)
    product_of = products(candidate.offer for candidate in market.candidates)
    offers = best_fleets(feasible, objective, product_of, most=NEXT_OFFERS + 1)
    others = {f.candidate.offer.offer: f for f in models if f.candidate.offer.gpu != own.gpu}
    next_best = [f for f in offers if product_of(f.candidate) != product_of(plan.candidate)]
    others |= {f.candidate.offer.offer: f for f in next_best[:NEXT_OFFERS]}
    ranked = sorted(others.values(), key=lambda fleet: fleet.value(objective))
    return [RunnerUp(fleet, _why_lost(market, plan, fleet)) for fleet in ranked]


def _why_lost(market: Market, plan: Fleet, other: Fleet) -> str:
    """What makes the difference: idle commitment, set-up cost, price against speed, or size."""
    if market.run.objective == "time":
        if other.candidate.hardware.faster_from(other.gpus) > other.candidate.most_gpus:
            return f"sells up to {other.candidate.most_gpus:,} GPUs"
        return price_and_speed(plan, other)
    billed, term = other.billed_gpu_hours, other.candidate.term
    if billed > other.gpu_hours * (1 + IDLE_SHARE):
        idle = f"{1 - other.gpu_hours / billed:.0%} of it idle"
        if other.pays_minimum:
            return f"{say.usd(term.minimum_usd)} are paid at least, {idle}"
        return f"billed for {say.days(term.commitment_hours)} at least, {idle}"
    return price_and_speed(plan, other)


def price_and_speed(plan: Fleet, other: Fleet) -> str:
    """What a GPU-hour of another fleet costs and does, as multiples of the plan's."""
    one, reference = other.candidate.term, plan.candidate.term
    price = one.supported_usd_per_gpu_hour / reference.supported_usd_per_gpu_hour
    speed = _useful_tflops(other) / _useful_tflops(plan)
    if abs(speed - 1) < 0.005:
        return f"{price:.2f}x the price of a GPU-hour"
    return f"{price:.2f}x the price for {speed:.2f}x the speed of a GPU"


def _useful_tflops(fleet: Fleet) -> float:
    hardware = fleet.candidate.hardware
    peak = hardware.gpu.peak_tflops(hardware.precision) or 0.0
    goodput = fleet.losses.goodput
    return peak * hardware.curve.at(fleet.gpus) * goodput


def ruled_out(market: Market) -> list[RuledOut]:
    """The GPU models that were asked for, or else on offer, and have no fleet to give."""
    feasible = within(market.segments, market.limits)
    able = {feasible.candidates[i].offer.gpu for i in set(feasible.candidate.tolist())}
    qualified: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in market.candidates:
        if candidate.offer.gpu not in able:
            qualified[candidate.offer.gpu].append(candidate)
    refused: dict[str, list[Rejected]] = defaultdict(list)
    for refusal in market.rejected:
        if refusal.limit in PHYSICAL and refusal.offer.gpu not in able:
            refused[refusal.offer.gpu].append(refusal)
    return [
        _too_limited(market, gpu, qualified[gpu]) if gpu in qualified else _unfit(refused[gpu])
        for gpu in sorted({*qualified, *refused})
    ]


def _unfit(refusals: list[Rejected]) -> RuledOut:
    """A GPU model that no offer sells in a way that could run the model."""
    nearest = max(refusals, key=lambda refusal: refusal.offer.max_gpus)
    return RuledOut(nearest.offer.gpu, nearest.limit, nearest.reason, nearest.short)


def _too_limited(market: Market, gpu: str, own: list[Candidate]) -> RuledOut:
    """The one limit that, dropped alone, would let this GPU model in, and by how much."""
    segments = make_segments(market.run, own)
    missed = missed_least(segments, market.limits)
    if missed is not None:
        number, fleet, alone = missed
        return _out(market, gpu, number, fleet, "" if alone else ", whatever the other limits")
    return RuledOut(gpu, "several", "misses several limits at once", "several limits at once")


def missed_least(segments: Segments, limits: Limits) -> tuple[Number, Fleet, bool] | None:
    """The limit that these segments miss by the smallest share, and the fleet that does.

    Whether it alone is in the way comes with it. None where each limit could be kept, but not
    all of them at once, and where the offers end too early.
    """
    missed = [
        (number, fleet, True)
        for number in NUMBERS
        if (fleet := best_fleet(within(segments, number.dropped(limits)), number.objective))
    ]
    missed = missed or [
        (number, fleet, False)
        for number in NUMBERS
        if (fleet := best_fleet(within(segments, Limits()), number.objective))
        and fleet.value(number.objective) > number.asked(limits)
    ]

    def overrun(one: tuple[Number, Fleet, bool]) -> float:
        return one[1].value(one[0].objective) / one[0].asked(limits)

    return min(missed, key=overrun, default=None)


def _out(market: Market, gpu: str, number: Number, fleet: Fleet, tail: str) -> RuledOut:
    least = number.say(fleet.value(number.objective))
    if number.objective == "time":
        tail = say.surely(market.run.question.confidence) + tail
    reason = f"takes at least {least} ({fleet.candidate.offer.offer}){tail}"
    return RuledOut(gpu, number.name, reason, least)
