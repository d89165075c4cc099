"""The optimum and its proof: what the solver found, and the bound that nothing can beat."""

from dataclasses import dataclass
from math import floor, isfinite, log10

from optimizer.dominance import Objective, drop_losers, within
from optimizer.fleets import Fleet, best_fleet
from optimizer.model import build_program
from optimizer.segments import TOLERANCE, Limits, Segments
from optimizer.solve import DEFAULT_TIME_LIMIT_S, Solution, SolverError, SolverName, solve_program

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
    rivals, reached = drop_losers(feasible, objective)
    unit = _unit(rivals)
    search = _fastest if objective == "time" else _cheapest
    found = search(rivals.in_unit(unit), limits.in_unit(unit), reached / unit, solver, time_limit_s)
    value, bound = found.objective * unit, found.bound * unit
    if found.proven and abs(value - reached) > AGREEMENT * reached:
        what = f"{solver} proved {value:,.6g} and the exact count reaches {reached:,.6g}"
        raise SolverError(f"{what}; please report this question; try another --solver")
    fleet = best_fleet(feasible, objective)
    assert fleet is not None, "feasible is not empty"
    best = fleet.value(objective)
    # The bound holds for rivals; all else was dropped because it cannot beat what is reached.
    return fleet, Proof(solver, best, _not_above(bound, best, found.proven), found.proven)


def _not_above(bound: float, best: float, proven: bool) -> float:
    """The bound in exact terms: a proven one differs from the value by rounding only."""
    if proven and abs(bound - best) <= AGREEMENT * best:
        return best
    return min(bound, best) if isfinite(bound) else 0.0


def _unit(segments: Segments) -> float:
    """Hours and USD that count as one, a power of ten, so that coefficients stay moderate."""
    smallest = float(segments.hours(segments.fewest_nodes).min())
    if SMALLEST_HOURS <= smallest <= LARGEST_HOURS:
        return 1.0
    return float(10.0 ** floor(log10(smallest)))


def _cheapest(
    segments: Segments, limits: Limits, _reached: float, solver: SolverName, time_limit_s: float
) -> Solution:
    return solve_program(build_program(segments, limits, "cost"), solver, time_limit_s)


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
            return Solution(solver, None, 0, rate, bound, proven=False)
        chosen = segments.take(segments.candidate * 0 + found.segment)
        faster = float(chosen.wall_hours(chosen.fewest_nodes * 0 + found.nodes)[0])
        if not found.proven or faster >= rate * (1 - TOLERANCE):
            return Solution(
                solver, found.segment, found.nodes, min(rate, faster), bound, found.proven
            )
        rate = faster
    raise SolverError(f"{solver}: no end after {DINKELBACH_STEPS} steps; try another --solver")
