"""The optimum and its proof: what the solver found, and the bound that nothing can beat."""

from dataclasses import dataclass, replace
from math import floor, isfinite, log10

from optimizer.market.limits import Limits, Objective
from optimizer.market.segments import TOLERANCE, Segments
from optimizer.program.bounds import Contest, drop_losers, within
from optimizer.program.enumerate import Fleet, best_fleet, fleet_on
from optimizer.program.model import build_program
from optimizer.program.solve import (
    DEFAULT_TIME_LIMIT_S,
    Solution,
    SolverError,
    SolverName,
    solve_program,
)

# Solvers meet a constraint to about one part in a million; an exact count that differs by more
# means that one of the two is wrong.
AGREEMENT = 1e-5
# Coefficients far from one make a solver's absolute tolerances coarse.
SMALLEST_HOURS, LARGEST_HOURS = 1.0, 1e8
DINKELBACH_STEPS = 50


@dataclass(frozen=True, slots=True)
class Proof:
    """How good the plan is at most: USD where cost is minimized, hours where time is.

    ``proven`` is False where the solver ran out of time; ``gap`` is then how much better, as
    a share, an unknown plan could be.
    """

    solver: str
    objective: float
    bound: float
    proven: bool

    @property
    def gap(self) -> float:
        """The distance to the bound as a share of the objective."""
        return max(0.0, (self.objective - self.bound) / self.objective)


def find_optimum(
    segments: Segments,
    limits: Limits,
    objective: Objective = "cost",
    solver: SolverName = "highs",
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
) -> tuple[Fleet, Proof] | None:
    """The best fleet that keeps every limit, with its proof; None where no fleet does.

    None needs no solver: on a segment every limit is an interval of n, and all are empty.
    """
    feasible = within(segments, limits)
    if not len(feasible):
        return None
    contest = drop_losers(feasible, objective)
    found = _solve(contest, limits, objective, solver, time_limit_s)
    if found.proven and abs(found.objective - contest.reached) > AGREEMENT * contest.reached:
        what = f"{solver} proved {found.objective:,.6g}, an exact count {contest.reached:,.6g}"
        raise SolverError(f"{what}; try another --solver, and please report this question")
    fleet = best_fleet(feasible, objective)
    assert fleet is not None, "feasible is not empty"
    return fleet, _proof(found, contest, fleet.value(objective))


def _solve(
    contest: Contest,
    limits: Limits,
    objective: Objective,
    solver: SolverName,
    time_limit_s: float,
) -> Solution:
    """The solver's answer in hours and USD, whatever unit it was given them in."""
    unit = _unit(contest.segments)
    segments, within_limits = contest.segments.in_unit(unit), limits.in_unit(unit)
    if objective == "time":
        rate = contest.reached / unit
        found = _fastest(segments, within_limits, rate, solver, time_limit_s)
    else:
        program = build_program(segments, within_limits, objective)
        found = solve_program(program, solver, time_limit_s)
    return replace(found, objective=found.objective * unit, bound=found.bound * unit)


def _proof(found: Solution, contest: Contest, value: float) -> Proof:
    """The better of two bounds: the solver's, and the floor under every fleet.

    The solver saw the rivals only; what was dropped cannot beat what is reached. A proven
    bound differs from the value by the solver's rounding, and is then the value.
    """
    bound = max(found.bound, contest.floor) if isfinite(found.bound) else contest.floor
    if found.proven and abs(bound - value) <= AGREEMENT * value:
        bound = value
    return Proof(found.solver, value, min(bound, value), found.proven)


def _unit(segments: Segments) -> float:
    """Hours and USD that count as one, a power of ten, so that coefficients stay moderate."""
    smallest = float(segments.hours(segments.fewest_nodes).min())
    if SMALLEST_HOURS <= smallest <= LARGEST_HOURS:
        return 1.0
    return float(10.0 ** floor(log10(smallest)))


def _fastest(
    segments: Segments, limits: Limits, rate: float, solver: SolverName, time_limit_s: float
) -> Solution:
    """Dinkelbach's iteration from ``rate`` hours down, each step one integer program.

    Σ (hours + (l - rate)·gpus) is below zero exactly where a fleet is faster than ``rate``;
    where its minimum is zero, ``rate`` is the fastest (Dinkelbach 1967,
    https://doi.org/10.1287/mnsc.13.7.492).
    """
    fewest = float((segments.node * segments.fewest_nodes).min())
    for _ in range(DINKELBACH_STEPS):
        program = build_program(segments, limits, "time", rate)
        found = solve_program(program, solver, time_limit_s)
        bound = rate + min(found.bound, 0.0) / fewest
        if found.segment is None:
            return replace(found, bound=bound)
        hours = fleet_on(segments, found.segment, found.nodes).latest_hours
        if not found.proven or hours >= rate * (1 - TOLERANCE):
            return replace(found, objective=min(rate, hours), bound=bound)
        rate = hours
    raise SolverError(f"{solver}: no end after {DINKELBACH_STEPS} steps; try another --solver")
