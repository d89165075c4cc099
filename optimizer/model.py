"""The integer program: the cheapest fleet for one training run, proven.

    Sets        o ∈ O, k ∈ K_o   offers that qualify, and the segments of each one's MFU curve
    Parameters  a_ok, b_ok        GPU-hours of the whole run on segment k: a + b·n
                n_ok, n_o,k+1     the segment's ends, GPUs
                G_o               GPUs per node
                p_o, c_o          USD per GPU-hour; USD up front per GPU
                m_o               commitment: hours that every rented GPU is billed at least
                l_o               hours from signature to first step
                L_o, U_o          fewest GPUs that hold the model; most GPUs on sale
                T, S, B           deadline (hours), cluster-size limit (GPUs), budget (USD)
    Variables   uses_ok ∈ {0,1}   the run uses offer o, at a scale in segment k
                nodes_ok ∈ ℤ≥0    nodes rented
                billed_o ≥ 0      GPU-hours billed
    with        gpus_o = Σ_k G_o·nodes_ok,   hours_o = Σ_k (a_ok·uses_ok + b_ok·G_o·nodes_ok)

    minimize    Σ_o (p_o·billed_o + c_o·gpus_o)                       total_cost
    subject to  Σ_ok uses_ok = 1                                       one_fleet
                n_ok·uses_ok ≤ G_o·nodes_ok ≤ n_o,k+1·uses_ok   ∀ok    within_segment
                L_o·Σ_k uses_ok ≤ gpus_o ≤ U_o·Σ_k uses_ok       ∀o    on_sale
                hours_o ≤ (T − l_o)·gpus_o                       ∀o    by_deadline
                billed_o ≥ hours_o                               ∀o    bill_use
                billed_o ≥ m_o·gpus_o                            ∀o    bill_commitment
                Σ_o gpus_o ≤ S                                         cluster_size
                total_cost ≤ B                                         within_budget

A constraint's name in the LP file is the word above, then _at_least or _at_most where it has
two sides, then the offer and the segment's number. The same program minimizes, instead of
total_cost, the fleet (Σ gpus_o) or, for Dinkelbach's iteration, Σ (hours_o + l_o·gpus_o −
rate·gpus_o). The segment's ends handed in may already be tightened by the limits.
"""

from collections import defaultdict
from dataclasses import dataclass
from math import isfinite

import numpy as np
from pulp import LpAffineExpression, LpMinimize, LpProblem, LpVariable, lpSum

from optimizer.dominance import Objective
from optimizer.segments import Limits, Segments


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


def build_program(
    segments: Segments, limits: Limits, objective: Objective = "cost", rate: float = 0.0
) -> Program:
    """The program over these segments; ``rate`` is Dinkelbach's hours, for "time" only."""
    problem = LpProblem("cheapest_fleet", LpMinimize)
    fleets = _declare(problem, segments)
    total_cost = lpSum(
        price * fleets.billed[o] + upfront * fleets.gpus[o]
        for o, price, upfront in _terms(segments, "usd_per_gpu_hour", "upfront_usd")
    )
    if objective == "cost":
        problem += total_cost, "total_cost"
    elif objective == "gpus":
        problem += lpSum(fleets.gpus.values()), "fleet_size"
    else:
        problem += _dinkelbach(segments, fleets, rate), "hours_beyond_rate"
    problem += lpSum(fleets.uses) == 1, "one_fleet"
    _within_segment(problem, segments, fleets)
    for o, commitment, lead in _terms(segments, "commitment_hours", "lead_hours"):
        gpus, hours, billed = fleets.gpus[o], fleets.hours[o], fleets.billed[o]
        used = lpSum(fleets.uses[i] for i in fleets.segments_of[o])
        candidate = segments.candidates[o]
        name = candidate.offer.offer
        problem += gpus >= candidate.fewest_gpus * used, f"on_sale_at_least_{name}"
        problem += gpus <= candidate.most_gpus * used, f"on_sale_at_most_{name}"
        if isfinite(limits.deadline_hours):
            problem += hours <= (limits.deadline_hours - lead) * gpus, f"by_deadline_{name}"
        problem += billed >= hours, f"bill_use_{name}"
        problem += billed >= commitment * gpus, f"bill_commitment_{name}"
    if isfinite(limits.max_gpus):
        problem += lpSum(fleets.gpus.values()) <= limits.max_gpus, "cluster_size"
    if isfinite(limits.budget_usd):
        problem += total_cost <= limits.budget_usd, "within_budget"
    return Program(problem, fleets.uses, fleets.nodes)


def _terms(segments: Segments, *names: str) -> list[tuple[int, float, float]]:
    """(candidate, first term, second term) once a candidate, in the segments' own units."""
    owners, first = np.unique(segments.candidate, return_index=True)
    columns = (getattr(segments, name)[first].tolist() for name in names)
    return list(zip(owners.tolist(), *columns, strict=True))


def _declare(problem: LpProblem, segments: Segments) -> _Fleets:
    """The variables, and each candidate's GPUs and GPU-hours in them."""
    uses, nodes = [], []
    segments_of: dict[int, list[int]] = defaultdict(list)
    for i, o in enumerate(segments.candidate.tolist()):
        key = f"{segments.candidates[o].offer.offer}_{segments.number[i]}"
        uses.append(problem.add_variable(f"uses_{key}", cat="Binary"))
        nodes.append(problem.add_variable(f"nodes_{key}", lowBound=0, cat="Integer"))
        segments_of[o].append(i)
    names = {o: segments.candidates[o].offer.offer for o in segments_of}
    billed = {o: problem.add_variable(f"billed_{n}", lowBound=0) for o, n in names.items()}
    base, slope = segments.base_hours.tolist(), segments.hours_per_gpu.tolist()
    node = segments.node.tolist()
    gpus = {o: lpSum(node[i] * nodes[i] for i in mine) for o, mine in segments_of.items()}
    hours = {
        o: lpSum(base[i] * uses[i] + slope[i] * node[i] * nodes[i] for i in mine)
        for o, mine in segments_of.items()
    }
    return _Fleets(uses, nodes, dict(segments_of), billed, gpus, hours)


def _within_segment(problem: LpProblem, segments: Segments, fleets: _Fleets) -> None:
    """n_ok·uses_ok ≤ G_o·nodes_ok ≤ n_o,k+1·uses_ok, the ends in whole nodes."""
    first = (segments.node * segments.fewest_nodes).tolist()
    last = (segments.node * segments.most_nodes).tolist()
    node = segments.node.tolist()
    for o, mine in fleets.segments_of.items():
        offer = segments.candidates[o].offer.offer
        for i in mine:
            gpus, uses = node[i] * fleets.nodes[i], fleets.uses[i]
            key = f"{offer}_{segments.number[i]}"
            problem += gpus >= first[i] * uses, f"within_segment_at_least_{key}"
            problem += gpus <= last[i] * uses, f"within_segment_at_most_{key}"


def _dinkelbach(segments: Segments, fleets: _Fleets, rate: float) -> LpAffineExpression:
    """Σ (hours_o + (l_o - rate)·gpus_o): below zero where a fleet is faster than ``rate``."""
    return lpSum(
        fleets.hours[o] + (lead - rate) * fleets.gpus[o]
        for o, lead, _ in _terms(segments, "lead_hours", "node")
    )
