"""Rent, reserve and buy side by side, and from how many such runs the one beats the other.

Which fleet is cheapest for one run is the program's answer. A fleet that is bought for runs like
this one and sold afterwards costs its whole price, less what its servers then fetch; the break-even
is the number of runs, one after the other, from which that is less than the cheapest rent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from catalog import Catalog, load_catalog
from catalog.units import HOURS_PER_MONTH, HOURS_PER_YEAR
from catalog.vocabulary import PRICINGS
from optimizer.answer import Answer, answer_market
from optimizer.market.market import Market, make_market
from optimizer.market.owning import network_usd, resale_usd
from optimizer.market.run import Run, make_run
from optimizer.program.decide import decide
from optimizer.program.enumerate import Fleet
from optimizer.program.solve import DEFAULT_TIME_LIMIT_S, SolverName
from problems import Question

OWNED = "owned"
# The fleet that so many runs are paid on; None where there is none.
Paid = Callable[[int], Fleet | None]


@dataclass(frozen=True, slots=True)
class Priced:
    """One kind of price with its answer."""

    pricing: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Crossing:
    """From how many runs on one way of paying costs no more than another, USD at that number.

    ``runs`` and ``months`` are None where it never does within the life of the hardware.
    """

    runs: int | None
    months: float | None
    cheaper: str
    cheaper_usd: float | None
    dearer: str
    dearer_usd: float | None


@dataclass(frozen=True, slots=True)
class BreakEven:
    """When buying beats renting, and a reservation paying by the hour.

    ``purchase_usd`` is the whole fleet with its network, ``resale_usd`` what its servers fetch at
    the break-even (at the end of their life where there is none); ``buy_unsold`` is the break-even
    where they fetch nothing. None where one side has no plan.
    """

    buy: Crossing | None
    buy_unsold: Crossing | None
    purchase_usd: float | None
    resale_usd: float | None
    reserve: Crossing | None


@dataclass(frozen=True, slots=True)
class PricingComparison:
    """The best plan of every kind of price, and where the ways of paying cross."""

    run: Run
    fleets: tuple[Priced, ...]
    break_even: BreakEven


def compare_pricing(
    question: Question,
    catalog: Catalog | None = None,
    *,
    solver: SolverName = "highs",
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    today: date | None = None,
) -> PricingComparison:
    """The best plan of each kind of price asked for, or of every kind, in that order."""
    catalog, today = catalog or load_catalog(), today or date.today()
    run = make_run(question, catalog)
    markets = {
        kind: make_market(_only(run, kind), catalog) for kind in question.pricing or PRICINGS
    }
    fleets = []
    for kind, market in markets.items():
        answer = answer_market(market, solver, time_limit_s, today)
        # Another kind of price is no way out of a comparison that has them all.
        own = tuple(reason for reason in answer.reasons if reason.limit != "pricing")
        fleets.append(Priced(kind, replace(answer, reasons=own or answer.reasons)))
    return PricingComparison(run, tuple(fleets), _break_even(run, catalog, markets))


def _only(run: Run, kind: str) -> Run:
    question = run.question.model_copy(update={"pricing": (kind,)})
    return replace(run, question=question, pricing=(kind,))


def _break_even(run: Run, catalog: Catalog, markets: Mapping[str, Market]) -> BreakEven:
    """The crossings of the kinds of price that were asked for, each with its market."""
    rent = _cheapest([market for kind, market in markets.items() if kind != OWNED])
    reserve = None
    if "reserved" in markets and "on_demand" in markets:
        by_hour, reserved = (_cheapest([markets[kind]]) for kind in ("on_demand", "reserved"))
        reserve = _crossing(reserved, by_hour, _most_runs(run, catalog, reserved(1)))
    owned = _cheapest([markets[OWNED]])(1) if OWNED in markets else None
    if owned is None or rent(1) is None:
        return BreakEven(None, None, None, None, reserve)
    most = _most_runs(run, catalog, owned)
    buy = _crossing(_bought(owned, catalog, sold=True), rent, most)
    unsold = _crossing(_bought(owned, catalog, sold=False), rent, most)
    server, network = _outlay(owned, catalog)
    life = catalog.planning("depreciation_years")
    runs = buy.runs if buy else None
    years = life if runs is None else runs * _run_hours(owned) / HOURS_PER_YEAR
    left = resale_usd(server, years, catalog)
    return BreakEven(buy, unsold, server + network, left, reserve)


def _cheapest(markets: Sequence[Market]) -> Paid:
    """The cheapest fleet of these markets for so many runs, as a function."""

    @cache  # every crossing asks for some numbers of runs again
    def fleet(runs: int) -> Fleet | None:
        each = (replace(m, segments=replace(m.segments, runs=runs)) for m in markets)
        found = (decide(market, objective="cost") for market in each)
        fleets = [one.fleet for one in found if one is not None]
        return min(fleets, key=lambda one: one.cost_usd, default=None)

    return fleet


def _outlay(fleet: Fleet, catalog: Catalog) -> tuple[float, float]:
    """USD for the servers and for the network of a fleet that is bought."""
    server = (fleet.candidate.offer.purchase_usd_per_gpu or 0.0) * fleet.gpus
    return server, network_usd(server, catalog)


def _run_hours(fleet: Fleet) -> float:
    return fleet.wall_hours - fleet.candidate.term.lead_hours


def _bought(owned: Fleet, catalog: Catalog, *, sold: bool) -> Paid:
    """The same fleet bought for so many runs, and sold after them or worth nothing then."""
    own = owned.candidate.term.own
    assert own is not None, "an owned offer has a rate of its own"
    server, network = _outlay(owned, catalog)
    storage = owned.candidate.term.storage_usd_per_hour * owned.stay_hours
    running = own.running * owned.gpu_hours + storage

    def fleet(runs: int) -> Fleet:
        years = (owned.candidate.term.lead_hours + runs * _run_hours(owned)) / HOURS_PER_YEAR
        lost = server + network - (resale_usd(server, years, catalog) if sold else 0.0)
        return replace(owned, cost_usd=lost + runs * running)

    return fleet


def _most_runs(run: Run, catalog: Catalog, fleet: Fleet | None) -> int:
    """As many such runs as fit into the life of the hardware."""
    life = catalog.planning("depreciation_years") * HOURS_PER_YEAR
    hours = _run_hours(fleet) if fleet is not None else run.deadline_hours
    return max(int(life / hours), 1)


def _crossing(cheaper: Paid, dearer: Paid, most_runs: int) -> Crossing | None:
    """The fewest runs at which the one costs no more than the other, found by halving."""

    def wins(runs: int) -> bool:
        one, other = cheaper(runs), dearer(runs)
        return one is not None and (other is None or one.cost_usd <= other.cost_usd)

    first, other = cheaper(1), dearer(1)
    if first is None or other is None:
        return None
    high = 1
    while high < most_runs and not wins(high):
        high = min(2 * high, most_runs)
    names = first.candidate.name, other.candidate.name
    if not wins(high):
        return Crossing(None, None, names[0], None, names[1], None)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if wins(middle) else (middle, high)
    one, two = cheaper(high), dearer(high)
    assert one is not None, "it wins there"
    return Crossing(
        runs=high,
        months=high * _run_hours(one) / HOURS_PER_MONTH,
        cheaper=one.candidate.name,
        cheaper_usd=one.cost_usd,
        dearer=two.candidate.name if two else names[1],
        dearer_usd=two.cost_usd if two else None,
    )
