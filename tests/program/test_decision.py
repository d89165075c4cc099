"""The program decides and a count judges: whose fleet a plan is, and what is an error."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from optimizer.answer import answer_market
from optimizer.market.market import Market, open_market
from optimizer.market.segments import Segments
from optimizer.program import bounds, solve
from optimizer.program import decide as optimum
from optimizer.program.backend import Verdict
from optimizer.program.cbc import read_verdict
from optimizer.program.decide import find_optimum
from optimizer.program.enumerate import best_fleet
from optimizer.program.model import Program, build_program
from optimizer.program.solve import Solution, SolverError, solve_program
from optimizer.report.data.answer import answer_data
from problems import make_question


@pytest.fixture(autouse=True)
def _every_segment_is_a_rival(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program has all segments, so that one's place in it is its place in the market."""
    monkeypatch.setattr(bounds, "RIVALS", 1000)


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


def test_a_count_that_overlooks_the_best_fleet_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """2,000 GPU-hours, 5 h of them committed: up to 400 GPUs store for less time, more pay more."""
    offer = make_offer(usd=2.0, node=1, most=1000, commitment=5.0)
    asked = {"model": "1B", "tokens": "600B", "seq_len": 1024, "goodput": 1}
    question = make_question("", **asked, deadline="60d")
    market = open_market(question, make_catalog([offer], [make_gpu()], {"big": ((8, 0.5),)}))
    (told, _) = find_optimum(market.segments, market.limits) or pytest.fail("a plan exists")
    assert told.nodes == 400
    assert told.nodes not in {*market.segments.fewest_nodes, *market.segments.most_nodes}
    monkeypatch.setattr(bounds, "_kinks", lambda _: [])
    with pytest.raises(SolverError, match=r"chose 400 nodes .* an exact count finds"):
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


def test_out_of_time_the_plan_is_the_solver_s_with_its_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A search stopped at the dearer offer, 3,000 USD proven: neither is the count's."""
    market = flat_market(0, 100_000)
    dearer = market.segments.candidate.tolist().index(1)
    stopped = Verdict(False, _values(market, dearer, 1), 4400.0, 3000.0)
    monkeypatch.setattr(solve, "solve_highs", lambda *_: stopped)
    (told, proof) = find_optimum(market.segments, market.limits) or pytest.fail("a plan exists")
    assert (told.candidate.name, told.nodes) == ("beta_big", 1)
    assert (proof.objective, proof.bound) == pytest.approx((4400, 3000))
    assert proof.gap == pytest.approx(1400 / 4400)
    assert (proof.proven, proof.by_solver) == (False, True)
    answer = answer_market(market, "highs", 1.5, TODAY)
    assert answer.status == "feasible"
    assert answer.plan is not None
    assert answer.plan.cost_usd == pytest.approx(4400)
    late = "highs ran out of time (1.5 s) before its proof was complete"
    assert answer.warnings[0] == f"{late}: a better plan could save 31.82% at most"
    told_as = answer_data(answer)["proof"]
    assert told_as == {
        "solver": "highs",
        "gap": pytest.approx(1400 / 4400),
        "objective_usd": pytest.approx(4400),
        "bound_usd": pytest.approx(3000),
    }


def _values(market: Market, segment: int, nodes: int) -> list[float]:
    """A solver's columns where so many nodes of one segment run, with its rounding."""
    program = build_program(market.segments, market.limits)
    columns = [variable.name for variable in program.problem.variables()]
    chosen = {program.uses[segment].name: 0.999999, program.nodes[segment].name: nodes - 1e-6}
    return [chosen.get(name, 0.0) for name in columns]


def test_out_of_time_the_fastest_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Σ (hours - rate)·gpus is -80 at least, so with 8 GPUs or more no fleet is 10 h faster."""
    market = flat_market(0, minimize="time", max_gpus=8)
    stopped = Verdict(False, _values(market, 0, 1), 0.0, -80.0)
    monkeypatch.setattr(solve, "solve_highs", lambda *_: stopped)
    found = find_optimum(market.segments, market.limits, "time")
    (told, proof) = found or pytest.fail("a plan exists")
    assert told.latest_hours == pytest.approx(250)
    assert proof.bound == pytest.approx(240)
    assert not proof.proven


@pytest.mark.parametrize("solver", ["highs", "cbc"])
@pytest.mark.parametrize("objective", ["cost", "time"])
def test_with_no_time_the_plan_is_the_count_s_and_says_so(solver: Any, objective: Any) -> None:
    """No second to search in: nothing found, no bound but the floor under every fleet."""
    market = flat_market(0, 1, 2, minimize=objective)
    proven = find_optimum(market.segments, market.limits, objective, solver)
    found = find_optimum(market.segments, market.limits, objective, solver, time_limit_s=0.0)
    assert proven is not None
    assert found is not None
    assert found[0] == proven[0]
    assert (found[1].proven, found[1].by_solver) == (False, False)
    assert 0.0 <= found[1].bound <= found[1].objective
    (said, *_) = answer_market(market, solver, 0.0, TODAY).warnings
    assert said.startswith(
        f"{solver} found no plan in its time (0 s), so this one is an exact count"
    )


@pytest.mark.parametrize(("bound", "told"), [(-inf, 4000), (-5.0, 0), (1234.5, 1234.5)])
def test_a_bound_is_the_solver_s_where_it_has_one(
    bound: float, told: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the floor, which the best fleet reaches; nothing costs less than nothing."""
    market = flat_market(0)
    monkeypatch.setattr(solve, "solve_highs", lambda *_: Verdict(False, None, inf, bound))
    (fleet, proof) = find_optimum(market.segments, market.limits) or pytest.fail("a plan exists")
    assert fleet.cost_usd == pytest.approx(4000)
    assert proof.bound == pytest.approx(told)
    assert not proof.by_solver


def test_cbc_tells_its_bound_in_its_log() -> None:
    """Six digits of it, so a little less is sure; a solution, or none, by the first line."""
    log = "Result - Stopped on time limit\nObjective value:  1499\nLower bound:       1263.82\n"
    lines = "      0 C0      1      3\n      1 C1      16.999999      0\n      2 R0   5   0\n"
    stopped = read_verdict(f"Stopped on time - objective value 1499.00000000\n{lines}", log, 3)
    assert (stopped.ended, stopped.values) == (False, [1.0, 16.999999, 0.0])
    assert stopped.objective == 1499
    assert 1263.80 < stopped.bound < 1263.815
    none = "Stopped on time (no integer solution - continuous used) - objective value 1246.5\n"
    assert read_verdict(none + lines, log, 3) == Verdict(False, None, inf, stopped.bound)
    assert read_verdict(none + lines, "nothing of it", 3).bound == -inf
    ended = read_verdict(f"Optimal - objective value 18.5\n{lines}", "", 3)
    assert (ended.ended, ended.objective, ended.bound) == (True, 18.5, 18.5)
    for status in ("Infeasible", "Integer infeasible"):
        assert read_verdict(f"{status} - objective value 0\n{lines}", "", 3).values is None
    with pytest.raises(SolverError, match="cbc stopped with 'Unbounded"):
        read_verdict("Unbounded - objective value 0\n", "", 3)
