"""The program decides and a count judges: whose fleet a plan is, and what is an error."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest
from small_catalog import make_catalog, make_gpu, make_offer

from optimizer import optimum
from optimizer.fleets import best_fleet
from optimizer.market import Market, open_market
from optimizer.model import Program, build_program
from optimizer.optimum import find_optimum
from optimizer.segments import Segments
from optimizer.solve import Solution, SolverError, solve_program
from problems import make_question


def flat_market(*prices_in_millionths: int, **fields: object) -> Market:
    """Offers alike but in price: 2,000 GPU-hours at 2 USD and so many millionths more."""
    names = ("alpha_big", "beta_big", "gamma_big")
    more = zip(names, prices_in_millionths, strict=False)
    offers = [make_offer(name, usd=2 * (1 + part * 1e-6)) for name, part in more]
    run = {"model": "1B", "tokens": "600B", "seq_len": 1024, "goodput": 1, "storage_price": 0}
    question = make_question("", **{**run, "deadline": "60d", **fields})
    return open_market(question, make_catalog(offers, [make_gpu()], {"big": ((8, 0.5),)}))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            Solution("highs", 0, 1, 1.0, 1.0, proven=True),
            "highs chose 1 node of alpha_big at 1 USD",
        ),
        (
            Solution("highs", 0, 4_000, 1.0, 1.0, proven=True),
            "4,000 nodes of alpha_big, which a",
        ),
        (Solution("highs", None, 0, inf, inf, proven=True), "highs finds no fleet"),
    ],
)
def test_a_solver_that_disagrees_is_an_error(
    wrong: Solution, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two ways to the optimum that differ mean that one is wrong: both are told, no plan shown."""
    market = flat_market(0)
    monkeypatch.setattr(optimum, "solve_program", lambda *_: wrong)
    with pytest.raises(SolverError, match=says) as caught:
        find_optimum(market.segments, market.limits)
    assert "an exact count finds 1 node of alpha_big at 4,000 USD; try" in str(caught.value)


def test_the_fleet_is_the_solver_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count whose fleet is dearer, by a millionth only, changes nothing: the program decides."""
    market = flat_market(0, 1)
    (honest, _) = find_optimum(market.segments, market.limits) or pytest.fail("a plan exists")
    assert honest.candidate.name == "alpha_big"
    dearer = best_fleet(market.segments.take(market.segments.candidate == 1), "cost")
    assert dearer is not None
    assert dearer.cost_usd == pytest.approx(honest.cost_usd * (1 + 1e-6), rel=1e-9)
    monkeypatch.setattr(optimum, "best_fleet", lambda *_: dearer)
    (told, _) = find_optimum(market.segments, market.limits) or pytest.fail("a plan exists")
    assert (told.candidate.name, told.nodes) == ("alpha_big", honest.nodes)


def test_another_program_gives_another_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the program leaves the best offer out, the plan is of the next: no count is told."""
    market = flat_market(0, 1)

    def without_alpha(segments: Segments, *rest: Any) -> Program:
        program = build_program(segments, *rest)
        for use, owner in zip(program.uses, segments.candidate.tolist(), strict=True):
            if segments.candidates[owner].name == "alpha_big":
                program.problem.addConstraint(use == 0)
        return program

    solved = solve_program(without_alpha(market.segments, market.limits))
    assert market.segments.candidate[solved.segment] == 1
    # Its plan is worse by less than solvers can tell, so the count corrects it; not by more.
    monkeypatch.setattr(optimum, "build_program", without_alpha)
    (told, _) = find_optimum(market.segments, market.limits) or pytest.fail("a plan exists")
    assert told.candidate.name == "alpha_big"
    market = flat_market(0, 100)
    with pytest.raises(SolverError, match=r"of beta_big at 4,000.4 USD; .* at 4,000 USD"):
        find_optimum(market.segments, market.limits)


def test_ties_are_the_count_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a flat curve all sizes cost the same: whichever the solver takes, the smallest is told."""
    market = flat_market(0)
    most = int(market.segments.most_nodes[-1])
    largest = Solution("highs", len(market.segments) - 1, most, 4000.0, 4000.0, proven=True)
    monkeypatch.setattr(optimum, "solve_program", lambda *_: largest)
    (told, proof) = find_optimum(market.segments, market.limits) or pytest.fail("a plan exists")
    assert told.nodes == 1
    assert proof.gap == 0.0


def test_hours_and_money_follow_from_the_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver's objective a millionth off moves no figure of the plan."""
    market = flat_market(0, 1, minimize="time")
    exact = find_optimum(market.segments, market.limits, "time")
    assert exact is not None

    def rounded(*given: Any) -> Solution:
        found = solve_program(*given)
        return replace(found, objective=found.objective * (1 + 1e-6))

    monkeypatch.setattr(optimum, "solve_program", rounded)
    assert find_optimum(market.segments, market.limits, "time") == exact
