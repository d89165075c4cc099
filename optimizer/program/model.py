"""The integer program: the cheapest fleet for one training run, proven.

    Sets        o ∈ O, k ∈ K_o   offers that qualify, one for each duration where they are sold
                                 in blocks, and the segments of each one's curve
    Parameters  a_ok, b_ok        GPU-hours one run is billed for on segment k: a + b·n
                u_ok, v_ok        GPU-hours that pass meanwhile: u + v·n; more for spot capacity
                x_ok              stretch: how much longer than that a run may take with the
                                  confidence asked for; 1 without one, and where an MFU is given
                s_ok, t_ok        hours for which data and checkpoints are stored: s + t·n
                n_ok, n_o,k+1     the segment's ends, GPUs
                G_o               GPUs per node
                p_o, c_o          USD per GPU-hour, support included; USD up front per GPU
                e_o, d_o          USD of the contract's set-up and of all runs' egress; USD that
                                  GPU-hours cost at least, support included
                f_o               USD an hour for storage
                m_o, M_o          commitment: hours that every rented GPU is billed at least;
                                  longest term: hours after which the offer ends
                l_o               hours from signature to first step
                w_o               kW a GPU, cooling included
                L_o, U_o          fewest GPUs that hold the model; most GPUs to be had
                R                 runs that follow each other on the same fleet
                T, S, B, W        deadline of a run (hours), cluster-size limit (GPUs), budget
                                  (USD), power cap (kW)
    Variables   uses_ok ∈ {0,1}   the run uses offer o, at a scale in segment k
                nodes_ok ∈ ℤ≥0    nodes rented
                billed_o ≥ 0      GPU-hours billed
    with        gpus_o = Σ_k G_o·nodes_ok,      hours_o = Σ_k (a_ok·uses_ok + b_ok·G_o·nodes_ok),
                latest_o and stored_o alike with x·u, x·v; and s, t

    minimize    Σ_o (p_o·billed_o + c_o·gpus_o + f_o·R·stored_o
                     + e_o·Σ_k uses_ok)                                total_cost
    subject to  Σ_ok uses_ok = 1                                       one_fleet
                n_ok·uses_ok ≤ G_o·nodes_ok ≤ n_o,k+1·uses_ok   ∀ok    within_segment
                L_o·Σ_k uses_ok ≤ gpus_o ≤ U_o·Σ_k uses_ok       ∀o    on_sale
                latest_o ≤ (T − l_o)·gpus_o                      ∀o    by_deadline
                R·latest_o ≤ M_o·gpus_o                          ∀o    within_term
                billed_o ≥ R·hours_o                             ∀o    bill_use
                billed_o ≥ m_o·gpus_o                            ∀o    bill_commitment
                billed_o ≥ d_o/p_o·Σ_k uses_ok                   ∀o    bill_minimum
                Σ_o gpus_o ≤ S                                         cluster_size
                Σ_o w_o·gpus_o ≤ W                                     power_cap
                total_cost ≤ B                                         within_budget

A constraint's name in the LP file is the word above, then _at_least or _at_most where it has
two sides, then the offer and the segment's number. The same program minimizes, instead of
total_cost, the fleet (Σ gpus_o), its power or, for Dinkelbach's iteration, Σ (latest_o +
l_o·gpus_o − rate·gpus_o). The segment's ends handed in may already be tightened by the limits.

Confidence. The time T_o of a run is random because its MFU is, and by_deadline stands for the
chance constraint P(T_o ≤ T) ≥ c. The MFU is lognormal below its plan value: with low the 10th
percentile of its range and z the normal quantile, P(mfu ≥ mfu·(low/mfu)^(z(c)/z(0.9))) = c, and
hours go with 1/mfu. So the constraint is elapsed_o·x_o ≤ (T − l_o)·gpus_o with the known factor
x = (mfu/low)^(z(c)/z(0.9)) ≥ 1 for c > 1/2 (confidence.py), which is one number on each segment.
Cost stays what is expected. "Time" is then, in the objective and in every deadline that is
suggested, the time kept with that confidence: the shortest T for which the program is feasible.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from pulp import LpAffineExpression, LpMinimize, LpProblem, LpVariable, lpSum

from optimizer.market.limits import Limits, Objective
from optimizer.market.segments import Floats, Segments

# What is the least of a measure; of any other it is the fleet of the least of it.
NAMES = {"cost": "cheapest_fleet", "time": "fastest_fleet", "gpus": "smallest_fleet"}


@dataclass(frozen=True, slots=True)
class Program:
    """The program, and the variables from which an answer is read back."""

    problem: LpProblem
    uses: list[LpVariable]
    nodes: list[LpVariable]


@dataclass(frozen=True, slots=True)
class _Fleets:
    """Expressions of the program, by segment (lists) and by candidate (dicts)."""

    uses: list[LpVariable]
    nodes: list[LpVariable]
    segments_of: dict[int, list[int]]
    billed: dict[int, LpVariable]
    gpus: dict[int, LpAffineExpression]
    hours: dict[int, LpAffineExpression]
    latest: dict[int, LpAffineExpression]
    stored: dict[int, LpAffineExpression]


def build_program(
    segments: Segments, limits: Limits, objective: Objective = "cost", rate: float = 0.0
) -> Program:
    """The program over these segments; ``rate`` is Dinkelbach's hours, for "time" only."""
    problem = LpProblem(NAMES.get(objective, f"fleet_of_least_{objective}"), LpMinimize)
    fleets = _declare(problem, segments)
    total_cost = _total_cost(segments, fleets)
    size = lpSum(fleets.gpus.values())
    power = lpSum(kw * fleets.gpus[o] for o, kw in _terms(segments, "kw"))
    goals = {
        "cost": (total_cost, "total_cost"),
        "gpus": (size, "fleet_size"),
        "power": (power, "fleet_power"),
        "time": (_dinkelbach(segments, fleets, rate), "hours_beyond_rate"),
    }
    problem += goals[objective]
    problem += lpSum(fleets.uses) == 1, "one_fleet"
    _within_segment(problem, segments, fleets)
    _on_sale(problem, segments, fleets)
    _in_time(problem, segments, fleets, limits.deadline_hours)
    _billed(problem, segments, fleets)
    if isfinite(limits["max_gpus"]):
        problem += size <= limits["max_gpus"], "cluster_size"
    if isfinite(limits["power_cap"]):
        problem += power <= limits["power_cap"], "power_cap"
    if isfinite(limits.budget_usd):
        problem += total_cost <= limits.budget_usd, "within_budget"
    return Program(problem, fleets.uses, fleets.nodes)


def _total_cost(segments: Segments, fleets: _Fleets) -> LpAffineExpression:
    terms = _terms(segments, "usd_per_gpu_hour", "upfront_usd", "storage_usd", "once_usd")
    return lpSum(
        price * fleets.billed[o]
        + upfront * fleets.gpus[o]
        + storage * segments.runs * fleets.stored[o]
        + once * _used(fleets, o)
        for o, price, upfront, storage, once in terms
    )


def _used(fleets: _Fleets, o: int) -> LpAffineExpression:
    """Σ_k uses_ok: 1 where the offer is chosen."""
    return lpSum(fleets.uses[i] for i in fleets.segments_of[o])


def _on_sale(problem: LpProblem, segments: Segments, fleets: _Fleets) -> None:
    """L_o·Σ_k uses_ok ≤ gpus_o ≤ U_o·Σ_k uses_ok."""
    for o in fleets.segments_of:
        candidate = segments.candidates[o]
        used = _used(fleets, o)
        gpus, name = fleets.gpus[o], candidate.name
        problem += gpus >= candidate.fewest_gpus * used, f"on_sale_at_least_{name}"
        problem += gpus <= candidate.most_gpus * used, f"on_sale_at_most_{name}"


def _in_time(problem: LpProblem, segments: Segments, fleets: _Fleets, deadline: float) -> None:
    """By the deadline, and before the offer's longest term ends."""
    for o, lead, longest in _terms(segments, "lead_hours", "longest_hours"):
        gpus, latest = fleets.gpus[o], fleets.latest[o]
        name = segments.candidates[o].name
        if isfinite(deadline):
            problem += latest <= (deadline - lead) * gpus, f"by_deadline_{name}"
        if isfinite(longest):
            problem += segments.runs * latest <= longest * gpus, f"within_term_{name}"


def _billed(problem: LpProblem, segments: Segments, fleets: _Fleets) -> None:
    """What is used is billed, and at least the commitment and the minimum spend."""
    for o, commitment, least in _terms(segments, "commitment_hours", "least_billed"):
        billed, name = fleets.billed[o], segments.candidates[o].name
        problem += billed >= segments.runs * fleets.hours[o], f"bill_use_{name}"
        problem += billed >= commitment * fleets.gpus[o], f"bill_commitment_{name}"
        if least:
            problem += billed >= least * _used(fleets, o), f"bill_minimum_{name}"


def _terms(segments: Segments, *names: str) -> Iterator[tuple[Any, ...]]:
    """(candidate, its terms...) once a candidate, in the segments' own units."""
    owners, first = np.unique(segments.candidate, return_index=True)
    columns = (getattr(segments, name)[first].tolist() for name in names)
    return zip(owners.tolist(), *columns, strict=True)


def _declare(problem: LpProblem, segments: Segments) -> _Fleets:
    """The variables, and each candidate's GPUs and hours in them."""
    uses, nodes = [], []
    segments_of: dict[int, list[int]] = defaultdict(list)
    for i, o in enumerate(segments.candidate.tolist()):
        key = f"{segments.candidates[o].name}_{segments.number[i]}"
        uses.append(problem.add_variable(f"uses_{key}", cat="Binary"))
        nodes.append(problem.add_variable(f"nodes_{key}", lowBound=0, cat="Integer"))
        segments_of[o].append(i)
    names = {o: segments.candidates[o].name for o in segments_of}
    billed = {o: problem.add_variable(f"billed_{n}", lowBound=0) for o, n in names.items()}
    node = segments.node.tolist()
    gpus = {o: lpSum(node[i] * nodes[i] for i in mine) for o, mine in segments_of.items()}

    def line(base: Floats, per_gpu: Floats) -> dict[int, LpAffineExpression]:
        at_zero, slope = base.tolist(), per_gpu.tolist()
        return {
            o: lpSum(at_zero[i] * uses[i] + slope[i] * node[i] * nodes[i] for i in mine)
            for o, mine in segments_of.items()
        }

    return _Fleets(
        uses,
        nodes,
        dict(segments_of),
        billed,
        gpus,
        hours=line(segments.base_hours, segments.hours_per_gpu),
        latest=line(segments.base_latest, segments.latest_per_gpu),
        stored=line(segments.base_stay, segments.stay_per_gpu),
    )


def _within_segment(problem: LpProblem, segments: Segments, fleets: _Fleets) -> None:
    """n_ok·uses_ok ≤ G_o·nodes_ok ≤ n_o,k+1·uses_ok, the ends in whole nodes."""
    first = (segments.node * segments.fewest_nodes).tolist()
    last = (segments.node * segments.most_nodes).tolist()
    node = segments.node.tolist()
    for o, mine in fleets.segments_of.items():
        name = segments.candidates[o].name
        for i in mine:
            gpus, uses = node[i] * fleets.nodes[i], fleets.uses[i]
            key = f"{name}_{segments.number[i]}"
            problem += gpus >= first[i] * uses, f"within_segment_at_least_{key}"
            problem += gpus <= last[i] * uses, f"within_segment_at_most_{key}"


def _dinkelbach(segments: Segments, fleets: _Fleets, rate: float) -> LpAffineExpression:
    """Σ (latest_o + (l_o - rate)·gpus_o): below zero where a fleet is faster than ``rate``."""
    return lpSum(
        fleets.latest[o] + (lead - rate) * fleets.gpus[o]
        for o, lead in _terms(segments, "lead_hours")
    )
