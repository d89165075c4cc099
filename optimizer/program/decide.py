"""The optimum and its proof: what the solver found, and the bound that nothing can beat."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from math import floor, inf, isfinite, log10
from time import monotonic

from optimizer.market.candidates import Candidate
from optimizer.market.limits import Limits, Objective
from optimizer.market.market import Market
from optimizer.market.segments import TOLERANCE, Segments
from optimizer.program.bounds import Contest, drop_losers, feasible, within
from optimizer.program.enumerate import Fleet, best_fleet, best_fleets, fleet_on
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
UNITS = {"cost": "USD", "time": "hours", "gpus": "GPUs", "power": "kW"}


@dataclass(frozen=True, slots=True)
class Proof:
    """How good the plan is at most: USD where cost is minimized, hours where time is.

    ``proven`` is False where the solver ran out of time; ``gap`` is then how much better, as
    a share, an unknown plan could be. ``by_solver`` is False where it found no fleet in that time
    and the plan is an exact count's. ``remark`` is what is to be said of how the solver ran.
    """

    solver: str
    objective: float
    bound: float
    proven: bool
    by_solver: bool = True
    remark: str = ""

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

    The program decides, and an exact count judges: the fleet is the one that the solver chose,
    evaluated on its segment, and SolverError is raised where the count finds another value. A
    solver cannot tell fleets apart that differ by less than its tolerance; of those the count
    takes the best, ties as in ``best_fleets``.

    None needs no solver: on a segment every limit is an interval of n, and all are empty.
    """
    kept = within(segments, limits)
    if not len(kept):
        return None
    contest = drop_losers(kept, objective)
    found = _solve(contest, limits, objective, solver, time_limit_s)
    counted = best_fleet(kept, objective)
    assert counted is not None, "some fleet is kept"
    fleet = _decided(found, contest.segments, counted, objective)
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
    if objective not in ("cost", "time"):  # GPUs and kW have the same unit always
        return found
    return replace(found, objective=found.objective * unit, bound=found.bound * unit)


def _decided(found: Solution, segments: Segments, counted: Fleet, objective: Objective) -> Fleet:
    """The solver's fleet, or the count's where the two are the same to a solver's tolerance."""
    best = counted.value(objective)
    if found.segment is None and not found.proven:
        return counted
    chosen = _chosen(found, segments)
    if chosen is None:
        raise _disagreement(found, segments, counted, objective)
    value = chosen.value(objective)
    agree = all(abs(one - best) <= AGREEMENT * best for one in (value, found.objective))
    if found.proven and not agree:
        raise _disagreement(found, segments, counted, objective)
    least = best if found.proven else value * (1 - TOLERANCE)
    return counted if least <= best <= value * (1 + TOLERANCE) else chosen


def _chosen(found: Solution, segments: Segments) -> Fleet | None:
    """The fleet that the solver's integers say; None without one, or where it breaks a limit.

    Hours and USD are those of its segment: a solver's own are right to its tolerances only.
    """
    at = found.segment
    if at is None:
        return None
    fewest, most = int(segments.fewest_nodes[at]), int(segments.most_nodes[at])
    return fleet_on(segments, at, found.nodes) if fewest <= found.nodes <= most else None


def _disagreement(
    found: Solution, segments: Segments, counted: Fleet, objective: Objective
) -> SolverError:
    """That the solver and the count differ, with the fleet and the value of each."""
    unit = UNITS.get(objective, "")
    theirs = f"{found.solver} finds no fleet"
    if found.segment is not None:
        name = segments.candidates[int(segments.candidate[found.segment])].name
        theirs = f"{found.solver} chose {_nodes(found.nodes, name)}"
        chosen = _chosen(found, segments)
        if chosen is None:
            theirs += ", which a limit rules out"
        else:
            value, best = chosen.value(objective), counted.value(objective)
            as_said = abs(value - best) <= AGREEMENT * best
            theirs += f" at {found.objective if as_said else value:,.9g} {unit}"
    ours = _nodes(counted.nodes, counted.candidate.name)
    finds = f"an exact count finds {ours} at {counted.value(objective):,.9g} {unit}"
    return SolverError(f"{theirs}; {finds}; try another --solver, and please report this question")


def _nodes(count: int, name: str) -> str:
    return f"{count:,} node{'s' if count != 1 else ''} of {name}"


def _proof(found: Solution, contest: Contest, value: float) -> Proof:
    """The solver's own bound, also where it ran out of time; the floor where it has none.

    The floor lies under every fleet and is mostly reached: beside it no search would look
    unfinished. The solver saw the rivals only; what was dropped cannot beat what is reached. A
    proven bound differs from the value by the solver's rounding, and is then the value.
    """
    bound = found.bound if isfinite(found.bound) else contest.floor
    if found.proven and abs(bound - value) <= AGREEMENT * value:
        bound = value
    bound = min(max(bound, 0.0), value)
    by_solver = found.segment is not None
    return Proof(found.solver, value, bound, found.proven, by_solver, found.remark)


def _unit(segments: Segments) -> float:
    """Hours and USD that count as one, a power of ten, so that coefficients stay moderate."""
    smallest = float(segments.hours(segments.fewest_nodes).min())
    if SMALLEST_HOURS <= smallest <= LARGEST_HOURS:
        return 1.0
    return float(10.0 ** floor(log10(smallest)))


def _fastest(
    segments: Segments, limits: Limits, rate: float, solver: SolverName, time_limit_s: float
) -> Solution:
    """Dinkelbach's iteration from ``rate`` hours, each step one integer program.

    Σ (latest + (l - rate)·gpus) is below zero exactly where a fleet is faster than ``rate``;
    where its minimum is zero, ``rate`` is the fastest (Dinkelbach 1967,
    https://doi.org/10.1287/mnsc.13.7.492). A rate that no fleet reaches has a minimum above
    zero, and the fleet found there is the next rate. All steps share the time limit.
    """
    fewest = float((segments.node * segments.fewest_nodes).min())
    ends = monotonic() + time_limit_s
    best = Solution(solver, None, 0, inf, -inf, proven=False)
    for _ in range(DINKELBACH_STEPS):
        program = build_program(segments, limits, "time", rate)
        found = solve_program(program, solver, max(ends - monotonic(), 0.0))
        fleet = _chosen(found, segments)
        hours = inf if fleet is None else fleet.latest_hours
        if hours < best.objective or best.segment is None:
            best = replace(found, objective=hours)
        unbeaten = hours >= rate * (1 - TOLERANCE)
        reached = best.objective <= rate * (1 + AGREEMENT)
        if not found.proven or fleet is None or (unbeaten and reached):
            bound = rate + min(found.bound, 0.0) / fewest
            return replace(best, bound=bound, proven=found.proven)
        rate = best.objective
    raise SolverError(f"{solver}: no end after {DINKELBACH_STEPS} steps; try another --solver")


@dataclass(frozen=True, slots=True)
class Decision:
    """The best fleet of a market within its limits, and how good it is at most."""

    fleet: Fleet
    proof: Proof


def decide(
    market: Market,
    *,
    objective: Objective | None = None,
    solver: SolverName | None = None,
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
) -> Decision | None:
    """The best fleet of a market within its limits by the run's objective; None where none is.

    With a solver the program decides and the exact count judges; SolverError where they disagree.
    Without one the count decides alone, as it does for the many variations of a market that are
    set beside a plan: it is exact on the same segments, and what it finds is its own bound.
    """
    wanted = objective or market.run.objective
    if solver is not None:
        found = find_optimum(market.segments, market.limits, wanted, solver, time_limit_s)
        return None if found is None else Decision(*found)
    fleet = best_fleet(feasible(market), wanted)
    if fleet is None:
        return None
    value = fleet.value(wanted)
    return Decision(fleet, Proof("exact count", value, value, proven=True))


def decide_each(
    market: Market,
    group: Callable[[Candidate], Hashable],
    most: int | None = None,
    *,
    objective: Objective | None = None,
) -> list[Fleet]:
    """The best fleet of each group of candidates within the limits, best first, by the count.

    ``most`` keeps the best groups only. Ties as in ``enumerate.best_fleets``.
    """
    return best_fleets(feasible(market), objective or market.run.objective, group, most)
