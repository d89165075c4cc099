"""Limits that are numbers: whatever the table has one for is kept, by the count and the program."""

from dataclasses import replace

import pytest
from field_cases import BASE, fields_catalog

from optimizer.market.limits import BOUNDS, NO_LIMIT, NUMBERS, Limits, Number
from optimizer.market.market import Market, open_market
from optimizer.plan.check import broken_promises
from optimizer.plan.plan import make_plan
from optimizer.program.bounds import MEASURES, within
from optimizer.program.enumerate import best_fleet
from optimizer.program.model import build_program
from optimizer.program.solve import solve_program
from problems import make_question


@pytest.fixture
def market() -> Market:
    """The base question's, no limit on it."""
    return replace(open_market(make_question("", **BASE), fields_catalog()), limits=Limits())


def half_way(number: Number, market: Market) -> tuple[str, float]:
    """A limit that the best fleet by another measure misses, and that measure."""
    other = "cost" if number.objective != "cost" else "time"
    best, least = (best_fleet(market.segments, one) for one in (other, number.objective))
    assert best is not None
    assert least is not None
    low, high = least.value(number.objective), best.value(number.objective)
    assert low < high * 0.99, "a limit between them would bind nobody"
    return other, (low + high) / 2


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_a_limit_is_kept_by_bounds_program_and_check(number: Number, market: Market) -> None:
    """The count keeps it, the program knows it, and the check finds a plan that does not."""
    other, most = half_way(number, market)
    limits = Limits({number.name: most})
    kept, free = (best_fleet(within(market.segments, one), other) for one in (limits, Limits()))
    assert kept is not None
    assert free is not None
    assert kept.value(number.objective) <= most < free.value(number.objective)
    assert kept.value(other) >= free.value(other)

    few = Limits({number.name: best_value(number, market) * 0.999})
    assert best_fleet(within(market.segments, few), other) is None
    assert solve_program(build_program(market.segments, few)).segment is None

    run = replace(market.run, limits=limits, deadline_hours=limits["deadline"])
    plan, curve = make_plan(run, market.catalog, free), free.candidate.hardware.curve
    broken = broken_promises(plan, run, market.catalog, curve)
    assert [line for line in broken if line.startswith(f"{number.name}: ")], broken


def best_value(number: Number, market: Market) -> float:
    """The least that any fleet has of what is limited."""
    best = best_fleet(market.segments, number.objective)
    assert best is not None
    return best.value(number.objective)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_a_program_makes_small_what_is_limited(number: Number, market: Market) -> None:
    """Its optimum is the count's, so the least that is suggested can be proven."""
    if number.objective != "time":  # a ratio, which several programs find (Dinkelbach)
        program = build_program(market.segments, Limits(), number.objective)
        assert solve_program(program).objective == pytest.approx(best_value(number, market))


def test_no_limit_is_known_by_one_name_and_meant_by_another() -> None:
    """A limit that does not exist is a mistake, not one that nobody asked for."""
    assert set(MEASURES) == {bound.measure for bound in BOUNDS.values()}
    assert Limits()["power_cap"] == NO_LIMIT
    with pytest.raises(KeyError):
        Limits()["power"]
