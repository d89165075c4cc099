"""The optimum against an exhaustive count of fleets, on catalogs drawn at random."""

import pytest
from drawn_cases import ALL_KINDS, cases
from exhaustive import Counted, allowed, every_fleet
from hypothesis import HealthCheck, given, settings
from small_catalog import TODAY

from catalog import Catalog
from optimizer import Answer, best_plan
from problems import Question, make_question

pytestmark = pytest.mark.slow

TOLERANCE = 1e-6


def answered(question: Question, catalog: Catalog) -> tuple[Answer, list[Counted]]:
    """The answer, and every fleet that the limits allow."""
    fleets = list(every_fleet(question, catalog))
    return best_plan(question, catalog, today=TODAY), allowed(fleets, question)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_the_plan_is_the_best_of_all_fleets(case: tuple[Question, Catalog]) -> None:
    """Cost (or days) and feasibility agree with the count; the proof is complete."""
    question, catalog = case
    answer, fleets = answered(question, catalog)
    if not fleets:
        assert answer.status == "infeasible"
        assert answer.reasons
        return
    assert answer.status == "optimal"
    assert answer.plan is not None
    assert answer.proof is not None
    assert answer.proof.gap <= TOLERANCE
    if question.minimize == "cost":
        assert answer.plan.cost_usd == pytest.approx(min(f.cost_usd for f in fleets), rel=TOLERANCE)
    else:
        assert answer.plan.days * 24 == pytest.approx(
            min(f.wall_hours for f in fleets), rel=TOLERANCE
        )


# Storage and goodput are lines between breakpoints, and storage is little of a bill.
LINES = 4e-3


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases(ALL_KINDS, fixed=False))
def test_with_interruptions_and_storage_too(case: tuple[Question, Catalog]) -> None:
    """Every kind of price together: as good as the best of the count, within the lines' error."""
    question, catalog = case
    fleets = list(every_fleet(question, catalog))
    answer = best_plan(question, catalog, today=TODAY)
    surely = allowed(fleets, _scaled(question, 1 - LINES))
    perhaps = allowed(fleets, _scaled(question, 1 + LINES))
    if answer.plan is None:
        assert not surely
        return
    found = answer.plan.cost_usd if question.minimize == "cost" else answer.plan.days * 24
    key = "cost_usd" if question.minimize == "cost" else "wall_hours"
    assert found >= min(getattr(f, key) for f in perhaps) * (1 - LINES)
    if surely:
        assert found <= min(getattr(f, key) for f in surely) * (1 + LINES)


def _scaled(question: Question, factor: float) -> Question:
    """The question with its deadline and budget so much larger."""
    budget = question.budget and question.budget * factor
    deadline = (question.deadline or 0.0) * factor
    return question.model_copy(update={"deadline": deadline, "budget": budget})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_runners_up_are_the_best_of_their_offers(case: tuple[Question, Catalog]) -> None:
    """Each alternative is the best fleet of its offer, and none beats the plan."""
    question, catalog = case
    answer, fleets = answered(question, catalog)
    for other in answer.alternatives:
        own = [fleet for fleet in fleets if fleet.offer == other.plan.offer]
        if question.minimize == "cost":
            best = min(fleet.cost_usd for fleet in own)
            assert other.plan.cost_usd == pytest.approx(best, rel=TOLERANCE)
            assert other.costs_more_usd >= -TOLERANCE * other.plan.cost_usd
        else:
            best = min(fleet.wall_hours for fleet in own)
            assert other.plan.days * 24 == pytest.approx(best, rel=TOLERANCE)
            assert other.takes_longer_days >= -TOLERANCE * other.plan.days


def _with(question: Question, **changes: object) -> Question:
    """The question with fields written as people write them."""
    fields = {
        "model": question.model,
        "seq_len": question.seq_len,
        "tokens": question.tokens,
        "minimize": question.minimize,
        "deadline": f"{question.deadline}h",
        "max_gpus": question.max_gpus,
        "budget": question.budget,
        "power_cap": question.power_cap,
        "gpu": question.gpu,
        "pricing": question.pricing,
        "runs": question.runs,
        "goodput": question.goodput,
        "storage_price": question.storage_price,
    }
    return make_question("", **{**fields, **changes})


def _less(limit: str, written: object) -> object:
    """A thousandth of a day or hour, a GPU, a cent or a USD less; None where nothing is left."""
    if isinstance(written, dict):
        return {name: int(str(gpus)) - 1 for name, gpus in written.items()}
    if limit == "max_gpus":
        return int(str(written)) - 1 or None
    if limit == "deadline":
        number, unit = float(str(written)[:-1]) - 0.0011, str(written)[-1]
        return f"{number:.4f}{unit}" if number > 0.1 else None
    if limit == "power_cap":
        number = float(str(written)) - 0.11
        return f"{number:.2f}" if number > 0.1 else None
    number = float(str(written))
    return f"{number - (1.01 if number >= 1000 else 0.011):.3f}" if number > 1 else None


# Counting more fleets than this, one by one, takes too long.
COUNTABLE_GPUS = 3000


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_suggestions_work_and_a_little_less_does_not(case: tuple[Question, Catalog]) -> None:
    """Fed back in, each suggestion gives a plan; by the count, a little less gives none."""
    question, catalog = case
    answer, _ = answered(question, catalog)
    for reason in answer.reasons:
        if not reason.fields:
            continue
        changed = _with(question, **reason.fields)
        assert best_plan(changed, catalog, today=TODAY).plan is not None
        if max(changed.largest_cluster.values(), default=0) > COUNTABLE_GPUS:
            continue
        fleets = list(every_fleet(changed, catalog))
        assert allowed(fleets, changed)
        first, written = next(iter(reason.fields.items()))
        less = _less(first, written) if first != "gpu" else question.gpu
        if less is not None:
            fewer = _with(question, **{**reason.fields, first: less})
            assert not allowed(list(every_fleet(fewer, catalog)), fewer)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_single_limits_are_all_named(case: tuple[Question, Catalog]) -> None:
    """A limit is named alone exactly where dropping it alone admits a fleet of the count."""
    question, catalog = case
    answer, fleets = answered(question, catalog)
    if fleets:
        return
    dropped: dict[str, dict[str, object]] = {
        "deadline": {"deadline": "99y"},
        "max_gpus": {"max_gpus": None},
        "budget": {"budget": None},
        "power_cap": {"power_cap": None},
        "gpu": {"gpu": ()},
    }
    alone = {r.limit for r in answer.reasons if len(r.fields) == 1}
    for limit, change in dropped.items():
        if getattr(question, limit):
            wider = _with(question, **change)
            everything = list(every_fleet(wider, catalog))
            assert (limit in alone) == bool(allowed(everything, wider))
