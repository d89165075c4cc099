"""HiGHS, in this process or, where it cannot be loaded in it, in one of its own.

OR-tools 9.15 brings a HiGHS of its own, and highspy before 1.16 does not find its symbols beside
that one: whichever of the two is imported second fails. The program is then solved by ``python -m
optimizer.program.highs``, which reads it from stdin and writes its verdict to stdout.
"""

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from math import inf
from pathlib import Path
from types import ModuleType
from typing import Any

from optimizer.program.backend import Matrix, SolverError, Verdict

# A process starts, and loads numpy and HiGHS, before its clock runs.
GRACE_S = 60.0


def solve_highs(matrix: Matrix, time_limit_s: float) -> Verdict:
    """Solve to a gap of zero, or to the time limit; SolverError where HiGHS is missing or fails."""
    try:
        highspy = _load()
    except ImportError as error:
        if importlib.util.find_spec("highspy") is None:
            what = "solver 'highs' is not installed; pip install highspy"
            raise SolverError(f"{what}, or use another --solver") from error
        return _solve_apart(matrix, time_limit_s, error)
    return run_highs(highspy, matrix, time_limit_s)


def _load() -> ModuleType:
    import highspy

    return highspy


def run_highs(highspy: Any, matrix: Matrix, time_limit_s: float) -> Verdict:
    """Solve in this process."""
    model = _silent(highspy)
    options = {"time_limit": time_limit_s, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0}
    for name, value in options.items():
        model.setOptionValue(name, value)
    model.passModel(_model(highspy, matrix))
    if model.run() == highspy.HighsStatus.kError:
        raise SolverError("highs failed; try --solver cbc")
    return _verdict(highspy, model)


def _silent(highspy: Any) -> Any:
    """A solver that prints nothing.

    HiGHS 1.16 prints a banner where callbacks are enabled, which its constructor does: output has
    to be off before that.
    """

    class Silent(highspy.Highs):  # type: ignore[misc]
        def enableCallbacks(self) -> None:  # noqa: N802 (the name is HiGHS's)
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

    model = Silent()
    model.setOptionValue("output_flag", False)
    return model


def _model(highspy: Any, matrix: Matrix) -> Any:
    """The program as HiGHS takes it."""
    model, kinds = highspy.HighsLp(), highspy.HighsVarType
    model.num_col_, model.num_row_ = len(matrix.cost), len(matrix.row_lower)
    model.col_cost_, model.col_lower_, model.col_upper_ = matrix.cost, matrix.lower, matrix.upper
    model.row_lower_, model.row_upper_ = matrix.row_lower, matrix.row_upper
    model.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in matrix.integer]
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = matrix.starts
    model.a_matrix_.index_ = matrix.columns
    model.a_matrix_.value_ = matrix.values
    return model


def _verdict(highspy: Any, model: Any) -> Verdict:
    """How the search ended, the solution and the bound."""
    known = highspy.HighsModelStatus
    status, info = model.getModelStatus(), model.getInfo()
    if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
        return Verdict(True, None, inf, inf)
    if status not in (known.kOptimal, known.kTimeLimit, known.kInterrupt):
        why = model.modelStatusToString(status)
        raise SolverError(f"highs stopped with {why!r}; try --solver cbc")
    ended, bound = status == known.kOptimal, float(info.mip_dual_bound)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Verdict(ended, None, inf, bound)
    values = [float(value) for value in model.getSolution().col_value]
    return Verdict(ended, values, float(info.objective_function_value), bound)


def _solve_apart(matrix: Matrix, time_limit_s: float, error: ImportError) -> Verdict:
    """Solve in a process of its own; SolverError with why HiGHS cannot be loaded in this one."""
    clash = f"highs cannot be loaded beside another library of this process ({error})"
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__],
            input=json.dumps({"matrix": asdict(matrix), "time_limit_s": time_limit_s}),
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": _search_path()},
            timeout=time_limit_s + GRACE_S,
            check=True,
        )
        verdict = Verdict(**json.loads(done.stdout.splitlines()[-1]))
    except subprocess.TimeoutExpired:
        return Verdict(False, None, inf, -inf, clash)
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError) as failed:
        last = (getattr(failed, "stderr", None) or str(failed)).strip().splitlines()[-1:]
        what = f"{clash}, and failed in one of its own: {''.join(last)}"
        raise SolverError(f"{what}; use another --solver") from error
    return replace(verdict, remark=f"{clash}: it solved the program in a process of its own")


def _search_path() -> str:
    """Where this process finds modules, for one that shall find the same."""
    ours = str(Path(__file__).resolve().parents[__name__.count(".")])
    return os.pathsep.join(dict.fromkeys([ours, *(path for path in sys.path if path)]))


def main() -> None:
    """Solve the program on stdin; the last line of stdout is the verdict."""
    asked = json.load(sys.stdin)
    verdict = run_highs(_load(), Matrix(**asked["matrix"]), asked["time_limit_s"])
    print(json.dumps(asdict(verdict)))


if __name__ == "__main__":
    main()
