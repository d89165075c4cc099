"""Run the program and read it back; with model.py the only file that knows PuLP.

PuLP 3.3 (Python 3.11) and 4.x (3.12 and later) differ in what ``solve`` returns; the bound
and the reason for stopping are read from HiGHS itself, which both carry.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args

import pulp

from optimizer.program.model import Program

SolverName = Literal["highs", "cbc"]
DEFAULT_TIME_LIMIT_S = 60.0

# PuLP's status codes, alike in 3.3 and 4.x: optimal, or (4.x) within the gap, which is zero here.
_OPTIMAL = (1, -7)
_INFEASIBLE = -1


class SolverError(RuntimeError):
    """The solver is not installed, or it failed; says which and what to do."""


@dataclass(frozen=True, slots=True)
class Solution:
    """What the solver found; ``segment`` is None where it found no fleet.

    ``proven`` says that the search ended by itself: optimal, or infeasible.
    """

    solver: str
    segment: int | None
    nodes: int
    objective: float
    bound: float
    proven: bool


def solve_program(
    program: Program, solver: SolverName = "highs", time_limit_s: float = DEFAULT_TIME_LIMIT_S
) -> Solution:
    """Solve to a gap of zero, or to the time limit in seconds; SolverError where it cannot."""
    backend = _backend(solver, time_limit_s)
    try:
        with _silent_stdout():
            status = program.problem.solve(backend)
    except Exception as error:  # whatever a solver raises, its user is told what to do next
        raise SolverError(f"{solver} failed: {error}; try another --solver") from error
    return _read_back(program, solver, status)


def write_lp(program: Program, path: Path) -> None:
    """Write the program as an LP file that HiGHS and CBC read; all of it or nothing."""
    with TemporaryDirectory(dir=path.parent, prefix=".sixnd-") as folder:
        whole = Path(folder) / "program.lp"
        program.problem.writeLP(str(whole))
        whole.replace(path)


def _backend(solver: SolverName, time_limit_s: float) -> Any:
    if solver not in get_args(SolverName):
        known = ", ".join(get_args(SolverName))
        raise SolverError(f"unknown solver {solver!r}; expected one of {known}")
    # COIN_CMD finds the binary that the extra pulp[cbc] installs, under PuLP 3.3 and 4.x alike.
    make = {"highs": pulp.HiGHS, "cbc": pulp.COIN_CMD}[solver]
    backend = make(msg=False, timeLimit=time_limit_s, gapRel=0.0, gapAbs=0.0)
    if not backend.available():
        hint = {"highs": "pip install highspy", "cbc": "pip install 'pulp[cbc]'"}[solver]
        raise SolverError(f"solver {solver!r} is not installed; {hint}, or use another --solver")
    return backend


def _read_back(program: Program, solver: SolverName, status: Any) -> Solution:
    if solver == "highs":
        proven, found, bound = _highs_verdict(program.problem.solverModel)
    else:
        proven, found, bound = _cbc_verdict(program, status)
    if not found:
        return Solution(solver, None, 0, float("inf"), bound, proven)
    # Solvers return integers only to a tolerance: 16.999999 means 17.
    chosen = max(range(len(program.uses)), key=lambda i: program.uses[i].value() or 0.0)
    nodes = round(program.nodes[chosen].value() or 0.0)
    objective = float(pulp.value(program.problem.objective))
    return Solution(solver, chosen, nodes, objective, bound, proven)


def _highs_verdict(model: Any) -> tuple[bool, bool, float]:
    """Whether HiGHS ended by itself, whether it has a solution, and its bound."""
    import highspy

    ended = {
        highspy.HighsModelStatus.kOptimal: True,
        highspy.HighsModelStatus.kInfeasible: True,
        highspy.HighsModelStatus.kUnboundedOrInfeasible: True,
        highspy.HighsModelStatus.kTimeLimit: False,
        highspy.HighsModelStatus.kInterrupt: False,
    }
    status, info = model.getModelStatus(), model.getInfo()
    if status not in ended:
        why = model.modelStatusToString(status)
        raise SolverError(f"highs stopped with {why!r}; try --solver cbc")
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return ended[status], found, float(info.mip_dual_bound)


def _cbc_verdict(program: Program, status: Any) -> tuple[bool, bool, float]:
    """The same for CBC, which tells no bound of its own: proven, or no more than a fleet."""
    code = int(getattr(status, "status", status))
    if code == _INFEASIBLE:
        return True, False, float("inf")
    # PuLP 3.3 calls a search that ran out of time optimal too; its sol_status tells them apart.
    proven = code in _OPTIMAL and getattr(program.problem, "sol_status", 1) == 1
    if not proven:
        return False, False, -float("inf")
    return True, True, float(pulp.value(program.problem.objective))


@contextmanager
def _silent_stdout() -> Iterator[None]:
    """Point file descriptor 1 elsewhere: HiGHS prints a banner there that no option stops."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
