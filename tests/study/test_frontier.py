"""The frontier: exactly the fleets that nothing beats on both, and what the command says of it."""

import csv
import json
from itertools import pairwise
from math import log
from pathlib import Path

import numpy as np
import pytest
from drawn_cases import cases
from examples import examples
from exhaustive import Counted, allowed, every_fleet
from hypothesis import HealthCheck, given, settings
from mini_catalog import sixnd, write_mini
from read_page import assert_drawn
from small_catalog import TODAY, make_catalog, make_offer

from catalog import Catalog, load_catalog
from optimizer import best_plan
from optimizer.market.market import Market, open_market
from optimizer.market.segments import Ints, Segments
from optimizer.program.bounds import within
from optimizer.study import pareto as edges
from optimizer.study.frontier import Frontier, frontier, spread_evenly
from optimizer.study.pareto import edge_of
from problems import Question, make_question

TOLERANCE = 1e-6
CLOSE = 1e-9
ALL = 100_000
Capture = pytest.CaptureFixture[str]


def unbeaten(fleets: list[Counted]) -> list[tuple[float, float]]:
    """Days and USD of the fleets that no other beats on both, the slowest first; by hand."""
    found: list[tuple[float, float]] = []
    for fleet in sorted(fleets, key=lambda one: (one.wall_hours, one.cost_usd)):
        if not found or fleet.cost_usd < found[-1][1] * (1 - CLOSE):
            if found and fleet.wall_hours <= found[-1][0] * (1 + CLOSE):
                found.pop()
            found.append((fleet.wall_hours, fleet.cost_usd))
    return [(hours / 24, usd) for hours, usd in reversed(found)]


def values(found: Frontier) -> list[tuple[float, float]]:
    """Days and USD of the points."""
    return [(point.days, point.cost_usd) for point in found.points]


@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_the_frontier_is_that_of_all_fleets(case: tuple[Question, Catalog]) -> None:
    """Point by point as counted one by one from the formulas, limits included."""
    question, catalog = case
    found = frontier(open_market(question, catalog), ALL)
    counted = unbeaten(allowed(list(every_fleet(question, catalog)), question))
    assert found.in_all == len(found.points) == len(counted)
    assert np.array(values(found)) == pytest.approx(np.array(counted), rel=TOLERANCE)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_each_limit_is_answered_by_a_point(case: tuple[Question, Catalog]) -> None:
    """The cheapest plan by a point's day is that point, and so is the fastest for its USD."""
    question, catalog = case
    found = frontier(open_market(question, catalog), ALL)
    own = best_plan(question, catalog, today=TODAY).plan
    assert (found.asked is None) == (own is None)
    if own is not None and found.asked is not None:
        marked = found.points[found.asked]
        key = "cost_usd" if question.minimize == "cost" else "days"
        assert getattr(marked, key) == pytest.approx(getattr(own, key), rel=TOLERANCE)
    points = found.points
    for point in points[:: max(len(points) // 4, 1)]:
        deadline = {"deadline": point.days * 24, "minimize": "cost"}
        cheapest = best_plan(question.model_copy(update=deadline), catalog, today=TODAY).plan
        assert cheapest is not None
        assert cheapest.cost_usd == pytest.approx(point.cost_usd, rel=TOLERANCE)
        budget = {"budget": point.cost_usd, "minimize": "time"}
        fastest = best_plan(question.model_copy(update=budget), catalog, today=TODAY).plan
        assert fastest is not None
        assert fastest.days == pytest.approx(point.days, rel=TOLERANCE)


def test_a_budget_that_every_size_costs_to_the_cent() -> None:
    """At the same MFU the bill is the same whatever the size; rounding must not forbid them all."""
    curve = [(1, 0.5), (2, 0.5), (3, 0.5), (4, 0.5), (56, 0.688)]
    catalog = make_catalog([make_offer(node=1, most=64, usd=1.0)], curves={"big": curve})
    question = make_question(
        "", model="1e9", tokens="20B", seq_len=1024, deadline="17h", goodput=0.9, storage_price=0
    )
    (point,) = frontier(open_market(question, catalog), ALL).points
    budget = {"budget": point.cost_usd, "minimize": "time"}
    found = best_plan(question.model_copy(update=budget), catalog, today=TODAY).plan
    assert found == point.plan


def test_no_deadline_of_its_own() -> None:
    """90 days are a default of `plan`: without a deadline the slowest plans belong to it."""
    catalog = make_catalog([make_offer(most=16)], curves={"big": [(8, 0.5), (16, 0.4)]})
    question = make_question("", model="1e9", tokens="4T", goodput=0.9, storage_price=0)
    found = frontier(open_market(question, catalog))
    # 6·1e9·4e12 FLOP at 0.5 (0.4) of 1e15 FLOP/s and goodput 0.9, in GPU-hours at 2 USD.
    slow, fast = (2.4e22 / (1e15 * mfu * 0.9) / 3600 for mfu in (0.5, 0.4))
    expected = [(slow / 8 / 24, slow * 2), (fast / 16 / 24, fast * 2)]
    assert np.array(values(found)) == pytest.approx(np.array(expected))
    assert found.points[0].days > 70
    assert found.asked == 0
    due = frontier(open_market(question.model_copy(update={"deadline": 60 * 24.0}), catalog))
    assert values(due) == values(found)[1:]
    assert due.asked == 0


def test_equal_fleets_are_one_point() -> None:
    """Of two offers at the same price the one listed first, of equal cost the fastest."""
    sold = [make_offer(name, most=64) for name in ("first", "second")]
    catalog = make_catalog(sold, curves={"big": [(8, 0.5), (64, 0.5)]})
    question = make_question("", model="1e9", tokens="20B", goodput=0.9, storage_price=0)
    (point,) = frontier(open_market(question, catalog)).points
    assert (point.plan.offer, point.plan.gpus) == ("first", 64)


@pytest.mark.parametrize("most", [2, 3, 10, 50])
def test_points_are_spread_evenly_in_log_days(most: int) -> None:
    """Both ends, as many as asked, none twice, each as near its place as the values allow."""
    days = np.sort(np.random.default_rng(0).uniform(2, 2000, 400))
    chosen = spread_evenly(days, most)
    assert (chosen[0], chosen[-1], len(chosen)) == (0, 399, most)
    assert all(one < other for one, other in pairwise(chosen))
    places = np.geomspace(days[0], days[-1], most)
    widest = max(log(b / a) for a, b in pairwise(days.tolist()))
    crowded = np.log(days[chosen] / places)
    assert np.abs(crowded).max() < 3 * widest
    assert spread_evenly(days, 400) == list(range(400))


def test_values_that_crowd_still_give_as_many() -> None:
    """Where most targets have the same neighbor, the next ones are taken."""
    days = np.array([1.0, 2.0, 3.0, 4.0, 1e6])
    assert spread_evenly(days, 4) == [0, 2, 3, 4]
    assert spread_evenly(np.array([1.0, 1e6, 1e6 + 1, 1e6 + 2]), 3) == [0, 1, 3]
    assert spread_evenly(np.zeros(0), 3) == []


def test_two_points_at_least() -> None:
    """One cannot be both ends."""
    catalog = make_catalog([make_offer()])
    with pytest.raises(ValueError, match="expected 2 or more"):
        frontier(open_market(make_question("", model="1e9"), catalog), 1)


@pytest.fixture(scope="module")
def idle() -> Market:
    """A market in which layouts leave some GPUs of many sizes idle."""
    fields = {"model": "llama-3.1-405b", "tokens": "500B", "gpu": "h100, h200, a100"}
    fields |= {"deadline": "300d", "max_gpus": "1024"}
    return open_market(make_question("", **fields), load_catalog())


def test_no_point_leaves_gpus_idle(idle: Market) -> None:
    """The smaller size that runs is as fast and costs less."""
    points = frontier(idle).points
    assert len(points) > 3
    assert [point.plan.idle_gpus for point in points] == [0] * len(points)


def test_no_fleet_counted_one_by_one_beats_a_point(idle: Market) -> None:
    """Every fleet, the idle ones too, is beaten by a point or is one."""
    segments = within(idle.segments, idle.limits.but(max_gpus=450.0))
    edge = edge_of(segments)
    points = list(zip(edge.latest_hours.tolist(), edge.cost_usd.tolist(), strict=True))
    for index, nodes in fleets_of(segments):
        rows = segments.take(index)
        wall, cost = rows.wall_hours(nodes)[0], rows.cost(nodes)[0]
        assert any(w <= wall * (1 + CLOSE) and c <= cost * (1 + CLOSE) for w, c in points)


def fleets_of(segments: Segments) -> list[tuple[Ints, Ints]]:
    """Index of the segment and nodes of every fleet, each in an array of one."""
    return [
        (np.array([index]), np.array([nodes]))
        for index in range(len(segments))
        for nodes in range(int(segments.fewest_nodes[index]), int(segments.most_nodes[index]) + 1)
    ]


def test_the_question_is_answered_by_its_own_point(idle: Market) -> None:
    """The plan of the question is the slow end."""
    points = frontier(idle).points
    plan, slow = best_plan(idle.run.question, idle.catalog, today=TODAY).plan, points[0].plan
    assert plan is not None
    assert (plan.offer, plan.gpus, plan.layout) == (slow.offer, slow.gpus, slow.layout)
    assert (plan.days, plan.cost_usd) == pytest.approx((slow.days, slow.cost_usd), rel=1e-12)


def test_blocks_do_not_matter(idle: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same edge whether fleets are looked at together or a few at a time."""
    segments = within(idle.segments, idle.limits)
    whole = edge_of(segments)
    monkeypatch.setattr(edges, "BLOCK", 100)
    parts = edge_of(segments)
    assert parts.segment.tolist() == whole.segment.tolist()
    assert parts.nodes.tolist() == whole.nodes.tolist()


def test_nothing_within_the_limits() -> None:
    """No fleet, no point."""
    question = make_question("", model="1e9", tokens="20B", budget=0.01)
    found = frontier(open_market(question, make_catalog([make_offer()])))
    assert (found.points, found.in_all, found.asked) == ((), 0, None)


@pytest.fixture
def mini(tmp_path: Path) -> tuple[str, ...]:
    """A question to the miniature catalog, where large fleets fail so often that they cost more.

    At 100 interruptions in 1,000 GPU-days 72 GPUs or more lose what a whole run holds, and more.
    """
    folder = str(write_mini(tmp_path / "mini"))
    return ("8B", "--tokens", "20B", "--failures", "100", "--catalog", folder)


def test_the_command(capsys: Capture, mini: tuple[str, ...]) -> None:
    """JSON alone on stdout: the points as documented, cheaper plans slower."""
    ran = sixnd(capsys, "frontier", *mini, "--json", "--points", "all", "--max-gpus", "256")
    data = json.loads(ran.out)
    assert (ran.code, ran.err) == (0, "")
    assert data["question"]["deadline_days"] is None
    assert data["points_in_all"] == len(data["points"]) > 1
    assert data["asked"] == 0
    for point in data["points"]:
        assert set(point) == {"days", "cost_usd", "plan"}
        assert point["plan"]["days"] == point["days"]
        assert point["plan"]["cost_usd"] == point["cost_usd"]
    for slower, faster in pairwise(data["points"]):
        assert slower["days"] > faster["days"]
        assert slower["cost_usd"] < faster["cost_usd"]


def test_the_table_and_the_file(capsys: Capture, mini: tuple[str, ...], tmp_path: Path) -> None:
    """A line and a row for each plan; the plan of the deadline is marked."""
    path = tmp_path / "frontier.csv"
    words = ("frontier", *mini, "--deadline", "2d", "--points", "2")
    ran = sixnd(capsys, *words, "-o", str(path))
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 80
    marked = [line for line in ran.out.splitlines() if line.startswith("> ")]
    assert len(marked) == 2
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert marked[0].split()[1] == rows[0]["offer"]
    assert float(rows[0]["days"]) <= 2
    assert float(rows[0]["cost_usd"]) < float(rows[1]["cost_usd"])
    assert not list(tmp_path.glob(".sixnd-*"))


@pytest.mark.parametrize("suffix", [".svg", ".png", ".html"])
def test_the_chart(capsys: Capture, mini: tuple[str, ...], tmp_path: Path, suffix: str) -> None:
    """Drawn whole, in the form of its ending, with the GPU models named."""
    path = tmp_path / f"chart{suffix}"
    assert sixnd(capsys, "frontier", *mini, "--deadline", "9d", "--plot", str(path)).code == 0
    assert_drawn(path, "H100 SXM5 80GB", "the ringed one answers your question")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_no_plan(capsys: Capture, mini: tuple[str, ...], tmp_path: Path, form: tuple[str]) -> None:
    """Exit 1 with what stands in the way, and no file."""
    path = tmp_path / "frontier.csv"
    ran = sixnd(capsys, "frontier", *mini, "--budget", "1", "--csv", str(path), *form)
    assert (ran.code, ran.err, path.exists()) == (1, "", False)
    assert "inf" not in ran.out.replace("infeasible", "").replace("infiniband", "")
    if form:
        assert [reason["limit"] for reason in json.loads(ran.out)["reasons"]] == ["budget"]
    else:
        assert "budget: 1.00 USD" in ran.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--points", "1"), "whole number from 2 to 1,000,000,000, or all"),
        (("--points", "few"), "--points: 'few'; expected a whole number from 2"),
        (
            ("--csv", "plans.xlsx"),
            "--csv: 'plans.xlsx' has an unknown ending; expected one of .csv",
        ),
        (("--plot", "chart.pdf"), "expected one of .svg, .png, .html"),
        (("--csv", "missing/plans.csv"), "there is no folder 'missing'"),
    ],
)
def test_bad_input(capsys: Capture, words: tuple[str, ...], said: str) -> None:
    """Exit 2, a line that says what was expected, nothing on stdout."""
    ran = sixnd(capsys, "frontier", "8B", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
