"""A question in, an answer out: the plan with its proof, or the reasons why there is none."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from catalog import Catalog, load_catalog
from catalog.age import OLD_AFTER_DAYS
from catalog.place import Snapshot, snapshot_of
from optimizer import say
from optimizer.explain.binding import Binding, binding_limits
from optimizer.explain.break_even import fleet_of
from optimizer.explain.capacity import Standing, standing_of
from optimizer.explain.held import Held, accepted, held_back
from optimizer.explain.reason import Reason
from optimizer.explain.relax import reasons
from optimizer.explain.ruled_out import RuledOut, ruled_out
from optimizer.explain.runners_up import RunnerUp, WhyNext, runners_up
from optimizer.market.hardware import key_of
from optimizer.market.market import Market, open_market
from optimizer.market.run import Run
from optimizer.plan.assumptions import Assumption, plan_assumptions, run_assumptions
from optimizer.plan.check import broken_promises
from optimizer.plan.cost_assumptions import cost_assumptions
from optimizer.plan.piloted import Piloted, piloted
from optimizer.plan.plan import Plan, make_plan
from optimizer.plan.published import Published, published_beside
from optimizer.plan.stacks import WithStack, stacks_of
from optimizer.plan.warnings import accepted_warning, plan_warnings, terms_warnings
from optimizer.program.decide import Proof, decide
from optimizer.program.enumerate import Fleet
from optimizer.program.solve import DEFAULT_TIME_LIMIT_S, SolverName
from problems import Question

Status = Literal["optimal", "feasible", "infeasible"]


class BrokenPlanError(RuntimeError):
    """A plan that failed its independent check; it is never shown."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A plan that lost, and why.

    It costs so much more (USD) and takes so much longer: days, or those that are kept with the
    confidence asked for. ``why`` is what makes the difference.
    """

    plan: Plan
    costs_more_usd: float
    takes_longer_days: float
    why: WhyNext


@dataclass(frozen=True, slots=True)
class Answer:
    """All that is said about a question; ``plan`` and ``proof`` are None where none exists.

    ``status`` is "feasible" where the solver ran out of time before the proof was complete.
    ``offers_compared`` qualified for the run. The prices that decide, the plan's and those of its
    runners-up, were read from ``oldest_price`` to ``newest_price`` (without a plan: those that
    qualified); ``snapshot`` is the catalog they are from. ``terms_warnings`` are those of the
    warnings that are about the way of paying. ``remarks`` are about quotes: what expired, what was
    replaced, what was assumed. ``published`` are whole runs like the plan's; ``stacks``, where they
    were asked for, set its fleet and its decision beside those with other stacks, and ``standing``
    beside surer capacity; ``pilot`` is what the user's own steps changed of it. ``held_back`` are
    offers that qualify but for a price that cannot be true, ``accepted`` those that the user let in
    all the same.
    """

    status: Status
    run: Run
    plan: Plan | None
    proof: Proof | None
    alternatives: tuple[Alternative, ...]
    ruled_out: tuple[RuledOut, ...]
    binding: tuple[Binding, ...]
    assumptions: tuple[Assumption, ...]
    warnings: tuple[str, ...]
    terms_warnings: tuple[str, ...]
    reasons: tuple[Reason, ...]
    offers_compared: int
    oldest_price: date | None
    newest_price: date | None
    snapshot: Snapshot
    remarks: tuple[str, ...]
    published: tuple[Published, ...] = ()
    stacks: tuple[WithStack, ...] = ()
    pilot: Piloted | None = None
    standing: Standing | None = None
    held_back: tuple[Held, ...] = ()
    accepted: tuple[Held, ...] = ()


def best_plan(
    question: Question,
    catalog: Catalog | None = None,
    *,
    solver: SolverName = "highs",
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    today: date | None = None,
) -> Answer:
    """The cheapest plan, or the fastest where the question minimizes time.

    Raises ProblemError for a question that names what nobody sells, SolverError where the
    solver is missing or fails, BrokenPlanError where a plan fails its own check.
    """
    market = open_market(question, catalog or load_catalog())
    return answer_market(market, solver, time_limit_s, today or date.today(), in_full=True)


def answer_market(
    market: Market,
    solver: SolverName,
    time_limit_s: float,
    today: date,
    *,
    in_full: bool = False,
) -> Answer:
    """The answer of a market: decide, check, explain.

    What it would be with other stacks and surer capacity takes most of the time again, so it has
    to be asked for.
    """
    found = decide(market, solver=solver, time_limit_s=time_limit_s)
    if found is None:
        return without_plan(market, today)
    fleet, proof = found.fleet, found.proof
    plan = checked_plan(market, fleet)
    taken = accepted(market, plan.offer)
    let_in = (accepted_warning(one.offer, one.doubt, one.decides) for one in taken)
    warnings = [*let_in, *plan_warnings(market.run, plan, fleet, today)]
    warnings[:0] = _unproven(proof, time_limit_s)
    lost = runners_up(market, fleet)
    alternatives = tuple(_alternatives(market, lost, plan))
    warnings += [*_published_instead(plan, alternatives), *_old_snapshot(market.catalog, today)]
    answer = Answer(
        status="optimal" if proof.proven else "feasible",
        run=market.run,
        plan=plan,
        proof=proof,
        alternatives=alternatives,
        ruled_out=tuple(ruled_out(market)),
        binding=tuple(binding_limits(market, fleet)),
        assumptions=tuple(_assumed(market, plan, fleet)),
        warnings=tuple(warnings),
        terms_warnings=tuple(terms_warnings(plan, fleet)),
        reasons=(),
        published=_published(market, plan, fleet),
        **_prices(market, [plan, *(other.plan for other in alternatives)]),
        pilot=_piloted(market, plan, fleet),
        held_back=held_back(market),
        accepted=taken,
    )
    return _in_full(answer, market, fleet, lost) if in_full else answer


def completed(market: Market, answer: Answer) -> Answer:
    """The answer of this market in full, where it was not asked for at first."""
    if answer.plan is None:
        return answer
    fleet = fleet_of(market, answer.plan)
    return _in_full(answer, market, fleet, runners_up(market, fleet))


def _in_full(answer: Answer, market: Market, fleet: Fleet, lost: Sequence[RunnerUp]) -> Answer:
    """The answer with its fleet beside other stacks and surer capacity."""
    surer = standing_of(market, fleet, (one.fleet for one in lost))
    return replace(answer, stacks=stacks_of(market, fleet), standing=surer)


def _unproven(proof: Proof, time_limit_s: float) -> Iterator[str]:
    """What is to be known of a proof that is not complete, and of how the solver ran."""
    if not proof.proven:
        late = f"{proof.solver} ran out of time ({time_limit_s:g} s) before its proof was complete"
        if not proof.by_solver:
            late = f"{proof.solver} found no plan in its time ({time_limit_s:g} s)"
            late += ", so this one is an exact count's"
        yield f"{late}: a better plan could save {proof.gap:.2%} at most"
    if proof.remark:
        yield proof.remark


def _assumed(market: Market, plan: Plan, fleet: Fleet) -> Iterator[Assumption]:
    """What speed and time rest on, and what the cost does."""
    run, catalog = market.run, market.catalog
    yield from plan_assumptions(run, plan, fleet.candidate.offer, catalog)
    yield from cost_assumptions(run, plan, fleet, catalog)


def _published(market: Market, plan: Plan, fleet: Fleet) -> tuple[Published, ...]:
    """The published whole runs beside one run of the plan."""
    hardware, one_run = fleet.candidate.hardware, plan.gpu_hours / plan.runs
    return published_beside(market.run, hardware.gpu, hardware.precision, one_run)


def _piloted(market: Market, plan: Plan, fleet: Fleet) -> Piloted | None:
    """What the user's own steps changed of the plan."""
    key = key_of(fleet.candidate.offer)
    return piloted(market.run, market.catalog, key, plan.gpus, plan.mfu, plan.mfu_range)


def without_plan(market: Market, today: date) -> Answer:
    """What stands in the way of every plan."""
    return Answer(
        status="infeasible",
        run=market.run,
        plan=None,
        proof=None,
        alternatives=(),
        ruled_out=tuple(ruled_out(market)),
        binding=(),
        assumptions=tuple(run_assumptions(market.run)),
        warnings=tuple(_old_snapshot(market.catalog, today)),
        terms_warnings=(),
        reasons=tuple(reasons(market)),
        **_prices(market),
        held_back=held_back(market),
        accepted=accepted(market),
    )


def checked_plan(market: Market, fleet: Fleet) -> Plan:
    """The plan of a fleet of this market; BrokenPlanError where the formulas contradict it."""
    plan = make_plan(market.run, market.catalog, fleet)
    curve = fleet.candidate.hardware.curve
    broken = broken_promises(plan, market.run, market.catalog, curve)
    if broken:
        said = "; ".join(broken)
        raise BrokenPlanError(
            f"the plan failed its own check ({said}); please report this question"
        )
    return plan


def _alternatives(market: Market, lost: Iterable[RunnerUp], plan: Plan) -> list[Alternative]:
    others = []
    for one in lost:
        other = checked_plan(market, one.fleet)
        more, longer = other.cost_usd - plan.cost_usd, other.latest_days - plan.latest_days
        others.append(Alternative(other, more, longer, one.why))
    by_cost = market.run.objective == "cost"
    return sorted(others, key=lambda o: o.costs_more_usd if by_cost else o.takes_longer_days)


def _published_instead(plan: Plan, alternatives: tuple[Alternative, ...]) -> list[str]:
    """The best plan on a part with published runs, where the plan's own has none."""
    if plan.mfu_basis not in ("extrapolated", "anchored"):
        return []
    for other in alternatives:
        if other.plan.mfu_basis in ("predicted", "measured"):
            more = say.usd(other.plan.cost_usd)
            what = f"{other.plan.offer}, {other.plan.gpus:,} GPUs, {more}"
            return [f"the best plan on a part with published runs: {what}"]
    return []


def _prices(market: Market, plans: Sequence[Plan] = ()) -> dict[str, Any]:
    """How many offers qualify, and the days on which the prices that decide were read."""
    days = [plan.price_read_on for plan in plans]
    days = days or [candidate.offer.read_on for candidate in market.candidates]
    return {
        "offers_compared": len({candidate.offer.offer for candidate in market.candidates}),
        "oldest_price": min(days, default=None),
        "newest_price": max(days, default=None),
        "snapshot": snapshot_of(market.catalog),
        "remarks": market.catalog.remarks,
    }


def _old_snapshot(catalog: Catalog, today: date) -> Iterator[str]:
    """A snapshot in which no price is new."""
    snapshot = snapshot_of(catalog)
    age = (today - snapshot.date).days
    if age > OLD_AFTER_DAYS:
        which = f"the catalog ({snapshot.name}) is {age} days old"
        yield f"{which}: `sixnd catalog import` brings its prices up to date"
