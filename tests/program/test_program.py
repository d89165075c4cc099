"""The integer program itself: its text, its two readers, and the same cost from both solvers."""

import re
import subprocess
from pathlib import Path

import highspy
import numpy as np
import pytest
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog
from optimizer import best_plan
from optimizer.market.market import Market, open_market
from optimizer.program.cbc import cbc_binary
from optimizer.program.decide import find_optimum
from optimizer.program.lp import write_program
from optimizer.program.model import build_program
from optimizer.program.solve import solve_program, write_lp
from problems import Question, make_question

SNAPSHOT = Path(__file__).with_name("model.lp")
SILENT_HIGHS = {"output_flag": False, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0}


def small_catalog() -> Catalog:
    """Three offers with every kind of term."""
    return make_catalog(
        [
            make_offer(usd=2.5, most=24, lead=48.0, longest=1500.0),
            make_offer("beta_old", "old", usd=0.5, node=16, most=48, commitment=720.0, upfront=100),
            make_offer("gamma_spot", usd=2.5, most=8, pricing="spot"),
        ],
        [make_gpu(), make_gpu("old", 250.0)],
        {"big": ((8, 0.5), (24, 0.4)), "old": ((16, 0.4), (48, 0.35))},
    )


def small_question(**fields: object) -> Question:
    """Two runs in a row, and every limit."""
    run = {"model": "1B", "tokens": "500B", "seq_len": 1024, "goodput": 1, "runs": 2}
    limits = {"deadline": "40d", "max_gpus": 48, "budget": "50k", "power_cap": "30 kW"}
    return make_question("", **{**run, **limits, "pricing": "on_demand, reserved, spot"} | fields)


def small_market() -> Market:
    """What that question can choose from."""
    return open_market(small_question(), small_catalog())


def test_the_program_reads_as_the_design_states_it(tmp_path: Path) -> None:
    """The LP file is the snapshot; where it changes on purpose, read the diff, then copy it."""
    market = small_market()
    path = tmp_path / "model.lp"
    write_lp(build_program(market.segments, market.limits), path)
    assert _parts(path) == _parts(SNAPSHOT)


def _parts(path: Path) -> tuple[str, list[str]]:
    """Objective and constraints, and the lines after them, whose order is a version of PuLP's."""
    program, bounds, rest = path.read_text(encoding="utf-8").partition("\nBounds\n")
    return program, sorted([bounds, *rest.splitlines()])


def test_every_constraint_of_the_design_is_there_by_name() -> None:
    """One word a constraint: in the docstring, in the LP file, in messages."""
    text = SNAPSHOT.read_text(encoding="utf-8")
    for name in (
        "total_cost",
        "one_fleet",
        "within_segment",
        "on_sale",
        "by_deadline",
        "within_term",
        "bill_use",
        "bill_commitment",
        "cluster_size",
        "power_cap",
        "within_budget",
    ):
        assert re.search(rf"^{name}", text, re.MULTILINE), name


def test_its_coefficients_are_those_of_the_formulas() -> None:
    """alpha_big on its first segment, 8 to 10 GPUs; one node of beta_old and of gamma_spot."""
    # 6 x 1e9 x 5e11 FLOP are 833.33 h at 1,000 TFLOP/s. 1/MFU is 2 at 8 and 2.5 at 24 GPUs, so
    # 1.75 + n/32: a = 833.33 x 1.75, b = 833.33 / 32; there are two runs, and 8 GPUs a node.
    at_peak = 6e9 * 500e9 / 1e15 / 3600
    a, b = at_peak * 1.75, at_peak / 32
    assert _in_row("bill_use_alpha_big", "uses_alpha_big_0") == pytest.approx(-2 * a)
    assert _in_row("bill_use_alpha_big", "nodes_alpha_big_0") == pytest.approx(-2 * 8 * b)
    # 960 h until the deadline, 48 h of them before the first step; both runs within 1,500 h.
    assert _in_row("by_deadline_alpha_big", "uses_alpha_big_0") == pytest.approx(a)
    in_time = 8 * b - 8 * (960 - 48)
    assert _in_row("by_deadline_alpha_big", "nodes_alpha_big_0") == pytest.approx(in_time)
    assert _in_row("within_term_alpha_big", "uses_alpha_big_0") == pytest.approx(2 * a)
    in_term = 2 * 8 * b - 8 * 1500
    assert _in_row("within_term_alpha_big", "nodes_alpha_big_0") == pytest.approx(in_term)
    # 2,000 GB of tokens and ten checkpoints of 14 GB at 0.08 USD a GB and month of 730 h, while a
    # run takes a/n + b hours: a line from 8 to 10 GPUs.
    stored = 2140 * 0.08 / 730
    slope = (a / 10 - a / 8) / 2
    assert _in_row("total_cost", "nodes_alpha_big_0") == pytest.approx(2 * stored * 8 * slope)
    at_zero = a / 8 + b - 8 * slope
    assert _in_row("total_cost", "uses_alpha_big_0") == pytest.approx(2 * stored * at_zero)
    assert _in_row("total_cost", "billed_alpha_big") == 2.5
    # A server of 1.2 kW a GPU draws 76 % of it, and cooling a quarter more.
    assert _in_row("power_cap", "nodes_alpha_big_0") == pytest.approx(8 * 1.14)
    # beta_old: 16 GPUs for 720 h at least, 100 USD each up front; 1/MFU is 2.5 at 16 GPUs and
    # 1/0.35 at 48, at a quarter of the peak.
    assert _in_row("bill_commitment_beta_old", "nodes_beta_old_0") == -16 * 720
    hours = [4 * at_peak * (2.5 + (n - 16) / 32 * (1 / 0.35 - 2.5)) / n for n in (16, 20)]
    node = 16 * 100 + 2 * stored * 16 * (hours[1] - hours[0]) / 4
    assert _in_row("total_cost", "nodes_beta_old_0") == pytest.approx(node)
    # gamma_spot on its one node: taken back once a day, which costs 2.13 % of the hours (5 s a
    # checkpoint, half of 0.258 h, 14 s and 15 min); there 80 % of the time, a quarter slack.
    used = 2 * at_peak * (1 + 5 / 3600 / 0.258199 + (0.258199 / 2 + 14 / 3600 + 0.25) / 24)
    row = "bill_use_gamma_spot"
    billed = _in_row(row, "uses_gamma_spot_0") + _in_row(row, "nodes_gamma_spot_0")
    assert billed == pytest.approx(-2 * used)
    row = "by_deadline_gamma_spot"
    late = _in_row(row, "uses_gamma_spot_0") + _in_row(row, "nodes_gamma_spot_0")
    assert late == pytest.approx(used / 0.8 * 1.25 - 8 * 960)


def _in_row(row: str, variable: str) -> float:
    """The coefficient of a variable in a row of the snapshot."""
    text = SNAPSHOT.read_text(encoding="utf-8")
    (found,) = re.findall(rf"^{row}:(.*(?:\n .*)*)", text, re.MULTILINE)
    (written,) = re.findall(rf"([-+]? ?[\d.]+) {variable}\b", " ".join(found.split()))
    return float(written.replace(" ", ""))


@pytest.mark.parametrize("solver", ["highs", "cbc"])
@pytest.mark.parametrize("objective", ["cost", "time"])
def test_the_written_program_has_the_plan_as_its_optimum(
    objective: str, solver: str, tmp_path: Path
) -> None:
    """The file alone, by either solver: the plan's fleet, at its cost or zero hours beyond it."""
    path, question = tmp_path / "program.lp", small_question(minimize=objective)
    write_program(question, path, small_catalog())
    plan = best_plan(question, small_catalog(), today=TODAY).plan
    assert plan is not None
    value, chosen = _by_highs(path) if solver == "highs" else _by_cbc(path)
    (nodes,) = (n for name, n in chosen.items() if name.startswith(f"nodes_{plan.offer}") and n)
    assert nodes == pytest.approx(plan.nodes)
    assert sum(n for name, n in chosen.items() if name.startswith("nodes_")) == nodes
    expected = plan.cost_usd if objective == "cost" else 0.0
    assert value == pytest.approx(expected, rel=1e-6, abs=1e-5)
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert ("a minimum of zero proves that no fleet is faster" in first) == (objective == "time")
    assert (repr(plan.days * 24)[:12] in first) == (objective == "time")


def test_a_program_of_time_without_a_plan_is_infeasible_too(tmp_path: Path) -> None:
    """Nothing is the fastest where nothing is on time."""
    path = tmp_path / "program.lp"
    write_program(small_question(minimize="time", budget=1), path, small_catalog())
    assert "none does" in path.read_text(encoding="utf-8").splitlines()[0]
    with pytest.raises(AssertionError, match="kInfeasible"):
        _by_highs(path)


def _by_highs(path: Path) -> tuple[float, dict[str, float]]:
    """The optimum of an LP file, and its columns by name."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, setting in SILENT_HIGHS.items():
        highs.setOptionValue(option, setting)
    assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal, highs.getModelStatus()
    values = map(float, highs.getSolution().col_value)
    names = (highs.getColName(column)[1] for column in range(highs.numVariables))
    return highs.getInfo().objective_function_value, dict(zip(names, values, strict=True))


def _by_cbc(path: Path) -> tuple[float, dict[str, float]]:
    """The same from the other solver."""
    binary, solution = cbc_binary(), path.with_suffix(".txt")
    assert binary is not None
    how = ["-ratio", "0", "-allow", "0", "-solve", "-solution", str(solution)]
    subprocess.run([binary, str(path), *how], check=True, capture_output=True)
    status, *lines = solution.read_text(encoding="utf-8").splitlines()
    assert status.startswith("Optimal"), status
    named = (line.split()[1:3] for line in lines)
    return float(status.rpartition(" ")[2]), {name: float(value) for name, value in named}


def _cost(market: Market) -> float:
    found = find_optimum(market.segments, market.limits)
    assert found is not None
    return found[0].cost_usd


@pytest.mark.parametrize("objective", ["cost", "time"])
def test_cbc_is_of_the_same_opinion(objective: str) -> None:
    """The second solver proves the same value."""
    market = small_market()
    values = []
    for solver in ("highs", "cbc"):
        found = find_optimum(market.segments, market.limits, objective, solver)
        assert found is not None
        fleet, proof = found
        assert proof.proven
        assert proof.solver == solver
        values.append(fleet.value(objective))
    assert values[0] == pytest.approx(values[1], rel=1e-6)


def test_the_whole_program_agrees_with_the_one_that_was_cut() -> None:
    """Dropping what cannot win and tightening segments does not change the optimum."""
    market = small_market()
    whole = solve_program(build_program(market.segments, market.limits))
    assert whole.proven
    assert whole.objective == pytest.approx(_cost(market), rel=1e-6)


def test_names_are_identifiers() -> None:
    """A dash or a bracket in a name would write a file that no solver reads back."""
    program = build_program(small_market().segments, small_market().limits)
    names = {variable.name for variable in program.problem.variables()}
    names |= set(
        re.findall(r"^([^\s\\*][^:\n]*):", SNAPSHOT.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert len(names) > 30
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


@pytest.mark.parametrize("start", [0.01, 0.7, 1.0, 1.3, 20.0])
def test_dinkelbach_arrives_from_any_start(start: float) -> None:
    """From a rate far too slow, or one that no fleet reaches, it ends at the fastest fleet."""
    from optimizer.program.bounds import drop_losers, within
    from optimizer.program.decide import _fastest

    market = small_market()
    contest = drop_losers(within(market.segments, market.limits), "time")
    found = _fastest(contest.segments, market.limits, contest.reached * start, "highs", 60.0)
    assert found.proven
    assert found.objective == pytest.approx(contest.reached, rel=1e-9)
    assert found.bound == pytest.approx(contest.reached, rel=1e-5)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e6])
def test_tiny_and_huge_runs_are_decided_as_surely(scale: float) -> None:
    """Hours and money a billion times smaller or larger: the same fleet, scaled."""
    market = small_market()
    found = find_optimum(market.segments, market.limits)
    scaled = find_optimum(market.segments.in_unit(1 / scale), market.limits.in_unit(1 / scale))
    assert found is not None
    assert scaled is not None
    assert scaled[0].nodes == found[0].nodes
    assert scaled[0].cost_usd == pytest.approx(found[0].cost_usd * scale, rel=1e-9)
    assert scaled[1].proven


def test_an_lp_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure while writing leaves what was there before."""
    import pulp

    path = tmp_path / "kept.lp"
    path.write_text("before", encoding="utf-8")

    def half(_: object, filename: str) -> None:
        Path(filename).write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pulp.LpProblem, "writeLP", half)
    market = small_market()
    with pytest.raises(OSError, match="No space left"):
        write_lp(build_program(market.segments, market.limits), path)
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_segments_cover_what_is_on_sale_without_holes() -> None:
    """Each offer's segments join, from the fewest GPUs that hold the model to the most sold."""
    segments = small_market().segments
    for index, candidate in enumerate(segments.candidates):
        own = segments.take(segments.candidate == index)
        assert own.fewest_nodes[0] * own.node[0] == candidate.fewest_gpus
        assert own.most_nodes[-1] == candidate.most_gpus // own.node[-1]
        assert np.all(own.fewest_nodes[1:] - own.most_nodes[:-1] <= 1)
