"""CBC, a binary that reads a file and writes two: its solution and a log, which has the bound."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from math import inf, isfinite
from pathlib import Path
from tempfile import TemporaryDirectory

from optimizer.program.backend import Matrix, SolverError, Verdict

# Reading the file takes time too, before CBC looks at its clock.
GRACE_S = 30.0
# The log has six digits of the bound: lowered by more than they round, it is surely one.
LOG_DIGITS = 1e-5


def solve_cbc(matrix: Matrix, time_limit_s: float) -> Verdict:
    """Solve to a gap of zero, or to the time limit; SolverError where CBC is missing or fails."""
    binary = cbc_binary()
    if binary is None:
        what = "solver 'cbc' is not installed; pip install 'pulp[cbc]'"
        raise SolverError(f"{what}, or use another --solver")
    with TemporaryDirectory(prefix="sixnd-") as folder:
        program, solution = Path(folder) / "program.mps", Path(folder) / "solution.txt"
        program.write_text("\n".join(mps_lines(matrix)), encoding="ascii")
        # No node is worth looking at that is not better by more than nothing.
        exact = ["-ratio", "0", "-allow", "0", "-timeMode", "elapsed", "-sec", f"{time_limit_s:f}"]
        said = ["-solve", "-printingOptions", "all", "-solution", str(solution)]
        try:
            done = subprocess.run(
                [binary, str(program), *exact, *said],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=time_limit_s + GRACE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Verdict(False, None, inf, -inf)
        if done.returncode or not solution.exists():
            why = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no solution file"]
            raise SolverError(f"cbc failed: {why[0]}; try another --solver")
        return read_verdict(solution.read_text(encoding="utf-8"), done.stdout, len(matrix.cost))


def cbc_binary() -> str | None:
    """The CBC that was installed beside this interpreter, whatever PATH says, or one on PATH."""
    beside = [str(Path(sys.executable).parent), sysconfig.get_path("scripts")]
    return shutil.which("cbc", path=os.pathsep.join([*beside, os.environ.get("PATH", "")]))


def mps_lines(matrix: Matrix) -> Iterator[str]:
    """The program as a free MPS file, every number to its last digit; columns are C0, C1..."""
    yield from ("NAME sixnd FREE", "ROWS", " N cost")
    sides = list(zip(matrix.row_lower, matrix.row_upper, strict=True))
    for r, (low, high) in enumerate(sides):
        yield f" {'E' if low == high else 'G' if isfinite(low) else 'L'} R{r}"
    yield from ("COLUMNS", *_columns(matrix), "RHS")
    for r, (low, high) in enumerate(sides):
        yield f" RHS R{r} {(low if isfinite(low) else high)!r}"
    yield "RANGES"
    for r, (low, high) in enumerate(sides):
        if low < high and isfinite(low) and isfinite(high):
            yield f" RNG R{r} {high - low!r}"
    yield "BOUNDS"
    for c, (low, high) in enumerate(zip(matrix.lower, matrix.upper, strict=True)):
        yield f" LO BND C{c} {low!r}" if isfinite(low) else f" MI BND C{c}"
        yield f" UP BND C{c} {high!r}" if isfinite(high) else f" PL BND C{c}"
    yield from ("ENDATA", "")


def _columns(matrix: Matrix) -> Iterator[str]:
    """The columns with their entries, those that are whole numbers between markers."""
    entries: list[list[str]] = [[f"cost {usd!r}"] for usd in matrix.cost]
    for r, (first, last) in enumerate(zip(matrix.starts, matrix.starts[1:], strict=False)):
        for c, value in zip(matrix.columns[first:last], matrix.values[first:last], strict=True):
            entries[c].append(f"R{r} {value!r}")
    for whole in (False, True):
        if whole:
            yield " M0 'MARKER' 'INTORG'"
        for c, rows in enumerate(entries):
            if matrix.integer[c] is whole:
                yield from (f" C{c} {entry}" for entry in rows)
    yield " M1 'MARKER' 'INTEND'"


def read_verdict(solution: str, log: str, columns: int) -> Verdict:
    """What the two files say; the first line of the solution says how the search ended."""
    status, *lines = solution.splitlines()
    if "nfeasible" in status.partition(" - ")[0]:
        return Verdict(True, None, inf, inf)
    value = float(status.rpartition(" ")[2])
    values = [0.0] * columns
    for line in lines:
        _, name, amount, *_ = line.removeprefix("**").split()
        if name.startswith("C"):
            values[int(name[1:])] = float(amount)
    if status.startswith("Optimal"):
        return Verdict(True, values, value, value)
    if not status.startswith("Stopped"):
        raise SolverError(f"cbc stopped with {status!r}; try --solver highs")
    bound = _bound(log)
    if "no integer solution" in status:
        return Verdict(False, None, inf, bound)
    return Verdict(False, values, value, bound)


def _bound(log: str) -> float:
    """The lower bound of the log, lowered by what its digits may have rounded up."""
    found = re.findall(r"^Lower bound:\s+(\S+)", log, re.MULTILINE)
    if not found:
        return -inf
    bound = float(found[-1])
    return bound - abs(bound) * LOG_DIGITS
