"""The solvers: found, missing, failing, clashing with others, out of time, and in many threads."""

import importlib.util
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from optimizer import Answer, best_plan
from optimizer.program import cbc, highs, solve
from optimizer.program.backend import Matrix, SolverError, Verdict
from optimizer.program.solve import SolverName
from problems import make_question

CATALOG = make_catalog(
    [
        make_offer(usd=2.5, most=64, lead=48.0),
        make_offer("beta_old", "old", usd=0.5, node=16, most=256, commitment=720.0, upfront=100),
        make_offer("gamma_dear", usd=6.0, most=512),
    ],
    [make_gpu(), make_gpu("old", 250.0)],
)
# 3x + 2y + z, where x + y >= 2.5, 1 <= x - y + 4z <= 3, x <= 1, and x and y are whole numbers.
SMALL = Matrix(
    cost=[3.0, 2.0, 1.0],
    lower=[0.0, 0.0, -inf],
    upper=[1.0, inf, inf],
    integer=[True, True, False],
    row_lower=[2.5, 1.0],
    row_upper=[inf, 3.0],
    starts=[0, 2, 5],
    columns=[0, 1, 0, 1, 2],
    values=[1.0, 1.0, 1.0, -1.0, 4.0],
)
CLASH = "undefined symbol: _ZN5Highs13releaseMemoryEv"


def ask(solver: SolverName = "highs", **fields: object) -> Answer:
    """The answer about an 8B model."""
    question = make_question("", **{"model": "8B", "deadline": "40d", **fields})
    return best_plan(question, CATALOG, solver=solver, today=TODAY)


def clash() -> None:
    """What importing HiGHS does beside a library that brings another one."""
    raise ImportError(CLASH)


@pytest.mark.parametrize("backend", [highs.solve_highs, cbc.solve_cbc])
def test_a_program_as_arrays_is_solved(backend: object) -> None:
    """z is (1 - x + y) / 4 at least: 7 at x = 0 and y = 3, 7.5 at x = 1 and y = 2."""
    verdict = backend(SMALL, 60.0)  # type: ignore[operator]
    assert verdict.ended
    assert verdict.values == pytest.approx([0.0, 3.0, 1.0])
    assert (verdict.objective, verdict.bound) == pytest.approx((7.0, 7.0))


@pytest.mark.parametrize("backend", [highs.solve_highs, cbc.solve_cbc])
def test_what_has_no_solution_is_said_so(backend: object) -> None:
    """x and y of 1 at most, and together 2.5 at least."""
    impossible = replace(SMALL, upper=[1.0, 1.0, inf])
    assert backend(impossible, 60.0) == Verdict(True, None, inf, inf)  # type: ignore[operator]


def test_an_unknown_solver_is_named() -> None:
    """With those there are."""
    with pytest.raises(SolverError, match="unknown solver 'gurobi'; expected one of highs, cbc"):
        ask("gurobi")  # type: ignore[arg-type]


def test_a_solver_that_is_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where it is missing indeed."""
    monkeypatch.setattr(cbc, "cbc_binary", lambda: None)
    with pytest.raises(SolverError, match=r"'cbc' is not installed; pip install 'pulp\[cbc\]'"):
        ask("cbc")
    monkeypatch.setattr(highs, "_load", clash)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SolverError, match="'highs' is not installed; pip install highspy"):
        ask()


def test_a_solver_that_crashes_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raises is no traceback."""

    def crash(*_: object) -> None:
        raise MemoryError("out of memory")

    monkeypatch.setattr(solve, "solve_highs", crash)
    with pytest.raises(SolverError, match="highs failed: out of memory; try another --solver"):
        ask()


def test_beside_a_library_that_clashes_highs_gets_its_own_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same plan and proof, and the answer says what happened."""
    for fields in ({}, {"minimize": "time", "budget": "90k"}):
        alone = ask(**fields)  # type: ignore[arg-type]
        with monkeypatch.context() as patched:
            patched.setattr(highs, "_load", clash)
            beside = ask(**fields)  # type: ignore[arg-type]
        assert beside.plan == alone.plan
        assert beside.status == "optimal"
        said = f"another library of this process ({CLASH}): it solved the program in a process"
        assert [warning for warning in beside.warnings if said in warning]
        assert not [warning for warning in alone.warnings if "process" in warning]


def test_its_own_process_finds_what_this_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the folder that one stands in nor PYTHONPATH decides which modules it loads."""
    (tmp_path / "numpy.py").write_text("raise ImportError('not this one')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setattr(highs, "_load", clash)
    outside = [path for path in sys.path if path and not (Path(path) / "optimizer").exists()]
    monkeypatch.setattr(sys, "path", outside)
    assert highs.solve_highs(SMALL, 60.0).objective == pytest.approx(7.0)


def test_where_its_own_process_fails_both_reasons_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that it is not installed."""
    monkeypatch.setattr(highs, "_load", clash)
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(
        SolverError, match=r"cannot be loaded beside .*releaseMemory.* in one of its"
    ):
        ask()


def test_its_own_process_is_ended_when_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs is a search without an end, not a wait without one."""

    def hang(command: list[str], *, timeout: float, **_: object) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(highs, "_load", clash)
    monkeypatch.setattr(subprocess, "run", hang)
    for backend in (highs.solve_highs, cbc.solve_cbc):
        found = backend(SMALL, 1.0)
        assert (found.ended, found.values, found.bound) == (False, None, -inf)


def test_cbc_is_found_beside_the_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pip installs it into an environment that nobody activated, and before any on PATH."""
    for folder in ("env", "elsewhere"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "cbc").write_text("#!/bin/sh\n", encoding="utf-8")
        (tmp_path / folder / "cbc").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "env" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "elsewhere"))
    assert cbc.cbc_binary() == str(tmp_path / "env" / "cbc")
    (tmp_path / "env" / "cbc").unlink()
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nowhere")
    assert cbc.cbc_binary() == str(tmp_path / "elsewhere" / "cbc")


def test_threads_answer_as_one_does_alone(capfd: pytest.CaptureFixture[str]) -> None:
    """Eight at once, on different questions; what is printed meanwhile arrives, and no more."""
    asked: list[dict[str, object]] = [
        {"deadline": f"{days}d", "minimize": objective}
        for days in (20, 30, 45, 60)
        for objective in ("cost", "time")
    ]
    alone = [ask(**fields) for fields in asked]  # type: ignore[arg-type]
    capfd.readouterr()
    stdout, started = os.fstat(1), threading.Barrier(len(asked) + 1)

    def one(fields: dict[str, object]) -> Answer:
        started.wait()
        return ask(**fields)  # type: ignore[arg-type]

    with ThreadPoolExecutor(len(asked)) as pool:
        running = [pool.submit(one, fields) for fields in asked]
        started.wait()
        lines = 0
        while not all(future.done() for future in running):
            os.write(1, b"said\n")
            lines += 1
            assert os.path.sameopenfile(1, 1)
            assert os.fstat(1)[:3] == stdout[:3]
        together = [future.result() for future in running]
    assert [(one.plan, one.proof) for one in together] == [(one.plan, one.proof) for one in alone]
    assert len({one.plan.offer for one in together if one.plan}) > 1
    assert capfd.readouterr().out == "said\n" * lines
