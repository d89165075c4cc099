"""Run the program and read it back; with model.py the only file that knows PuLP.

PuLP holds the program and writes it as a file; the solvers get it as arrays, from here, which
PuLP 3.3 (Python 3.11) and 4.x (3.12 and later) both can say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args

from pulp import LpConstraintGE, LpConstraintLE

from optimizer.program.backend import Matrix, Verdict
from optimizer.program.backend import SolverError as SolverError
from optimizer.program.cbc import solve_cbc
from optimizer.program.highs import solve_highs
from optimizer.program.model import Program

SolverName = Literal["highs", "cbc"]
DEFAULT_TIME_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Solution:
    """What the solver found; ``segment`` is None where it found no fleet.

    ``proven`` says that the search ended by itself: optimal, or infeasible. No fleet is below
    ``bound``, which is minus infinity where the solver has none; ``remark`` is a verdict's.
    """

    solver: str
    segment: int | None
    nodes: int
    objective: float
    bound: float
    proven: bool
    remark: str = ""


def solve_program(
    program: Program, solver: SolverName = "highs", time_limit_s: float = DEFAULT_TIME_LIMIT_S
) -> Solution:
    """Solve to a gap of zero, or to the time limit in seconds; SolverError where it cannot."""
    backend = _backend(solver)
    column, matrix = _arrays(program)
    try:
        verdict = backend(matrix, time_limit_s)
    except SolverError:
        raise
    except Exception as error:  # whatever a solver raises, its user is told what to do next
        raise SolverError(f"{solver} failed: {error}; try another --solver") from error
    return _read_back(program, solver, column, verdict)


def write_lp(program: Program, path: Path, comment: str = "") -> None:
    """Write the program as an LP file that HiGHS and CBC read; all of it or nothing.

    ``comment`` is one line, the first of the file.
    """
    with TemporaryDirectory(dir=path.parent, prefix=".sixnd-") as folder:
        whole = Path(folder) / "program.lp"
        program.problem.writeLP(str(whole))
        if comment:
            text = whole.read_text(encoding="utf-8")
            whole.write_text(f"\\* {comment} *\\\n{text}", encoding="utf-8")
        whole.replace(path)


def _backend(solver: SolverName) -> Callable[[Matrix, float], Verdict]:
    if solver not in get_args(SolverName):
        known = ", ".join(get_args(SolverName))
        raise SolverError(f"unknown solver {solver!r}; expected one of {known}")
    return {"highs": solve_highs, "cbc": solve_cbc}[solver]


def _arrays(program: Program) -> tuple[dict[str, int], Matrix]:
    """The column of each variable by its name, and the program as arrays.

    The objective of no program has a constant.
    """
    told: Any = program.problem.toDataclass()
    column = {variable.name: c for c, variable in enumerate(told.variables)}
    cost = [0.0] * len(column)
    for term in told.objective.coefficients:
        cost[column[term.name]] = float(term.value)
    starts, columns, values = [0], [], []
    for row in told.constraints:
        entries = [(column[term.name], float(term.value)) for term in row.coefficients]
        columns += [c for c, value in entries if value]
        values += [value for _, value in entries if value]
        starts.append(len(columns))
    return column, Matrix(
        cost=cost,
        lower=[-inf if one.lowBound is None else float(one.lowBound) for one in told.variables],
        upper=[inf if one.upBound is None else float(one.upBound) for one in told.variables],
        integer=[one.cat == "Integer" for one in told.variables],
        row_lower=[
            -inf if r.sense == LpConstraintLE else -float(r.constant) for r in told.constraints
        ],
        row_upper=[
            inf if r.sense == LpConstraintGE else -float(r.constant) for r in told.constraints
        ],
        starts=starts,
        columns=columns,
        values=values,
    )


def _read_back(
    program: Program, solver: SolverName, column: dict[str, int], verdict: Verdict
) -> Solution:
    """The segment that is used and its nodes."""
    values, proven, bound = verdict.values, verdict.ended, verdict.bound
    if values is None:
        return Solution(solver, None, 0, inf, bound, proven, verdict.remark)
    # Solvers return integers only to a tolerance: 16.999999 means 17.
    uses = [values[column[variable.name]] for variable in program.uses]
    chosen = max(range(len(uses)), key=uses.__getitem__)
    nodes = round(values[column[program.nodes[chosen].name]])
    return Solution(solver, chosen, nodes, verdict.objective, bound, proven, verdict.remark)
