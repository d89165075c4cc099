"""Laws that hold whatever the figures: what must not get worse, and what must scale."""

from dataclasses import replace
from math import inf, isinf

import pytest
from drawn_cases import ALL_KINDS, cases
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from small_catalog import TODAY, make_catalog

from catalog import Catalog, Offer
from optimizer import best_plan
from problems import Question

ROUNDING = 1 + 1e-6
SPOT_ROUNDING = 1 + 2e-3
EXAMPLES = examples(100)


def value(question: Question, catalog: Catalog) -> float:
    """What the question minimizes: USD or days; infinite where no plan exists."""
    plan = best_plan(question, catalog, today=TODAY).plan
    if plan is None:
        return inf
    return plan.cost_usd if question.minimize == "cost" else plan.days


def with_offers(catalog: Catalog, offers: list[Offer]) -> Catalog:
    """The catalog with these offers instead."""
    return replace(catalog, offers=tuple(offers))


@settings(max_examples=EXAMPLES)
@given(cases(), st.floats(1, 3))
def test_more_room_never_makes_it_worse(case: tuple[Question, Catalog], factor: float) -> None:
    """A later deadline, a larger cluster, budget or power cap: never dearer, never slower."""
    question, catalog = case
    before = value(question, catalog)
    for limit in ("deadline", "max_gpus", "budget", "power_cap"):
        asked = getattr(question, limit)
        if asked is None:
            continue
        more = int(asked * factor) if limit == "max_gpus" else asked * factor
        wider = question.model_copy(update={limit: more})
        assert value(wider, catalog) <= before * ROUNDING


@settings(max_examples=EXAMPLES)
@given(cases(), st.floats(0.3, 1))
def test_a_cheaper_offer_never_raises_the_cost(
    case: tuple[Question, Catalog], factor: float
) -> None:
    """Any offer's price may fall; the answer can only get better."""
    question, catalog = case
    first, *rest = catalog.offers
    cheaper = replace(first, usd_per_gpu_hour=first.usd_per_gpu_hour * factor)
    after = value(question, with_offers(catalog, [cheaper, *rest]))
    assert after <= value(question, catalog) * ROUNDING


IN_USD = ("setup_usd", "minimum_usd", "egress_usd", "egress_usd_per_gb")


def at_twice_the_prices(catalog: Catalog) -> Catalog:
    """Everything in USD twice as high: rent, up-front costs, servers, storage, running a server."""
    offers = [
        replace(
            offer,
            usd_per_gpu_hour=offer.usd_per_gpu_hour * 2,
            upfront_usd_per_gpu=offer.upfront_usd_per_gpu * 2,
            purchase_usd_per_gpu=offer.purchase_usd_per_gpu and offer.purchase_usd_per_gpu * 2,
            **{name: getattr(offer, name) * 2 for name in IN_USD},
        )
        for offer in catalog.offers
    ]
    storage = {
        name: replace(row, usd_per_gb_month=row.usd_per_gb_month * 2)
        for name, row in catalog.storage.items()
    }
    running = ("electricity_usd_per_kwh", "colocation_usd_per_kw_month")
    defaults = {
        name: replace(row, value=row.value * 2) if name in running else row
        for name, row in catalog.defaults.items()
    }
    return replace(catalog, offers=tuple(offers), storage=storage, defaults=defaults)


@settings(max_examples=EXAMPLES)
@given(cases())
def test_doubled_prices_double_the_cost(case: tuple[Question, Catalog]) -> None:
    """All prices and the budget twice as high: the same fleet at twice the cost."""
    question, catalog = case
    dearer = {
        field: getattr(question, field) and getattr(question, field) * 2
        for field in ("budget", "storage_price")
    }
    twice = question.model_copy(update=dearer)
    factor = 2 if question.minimize == "cost" else 1
    assert value(twice, at_twice_the_prices(catalog)) == pytest.approx(
        value(question, catalog) * factor, rel=1e-6
    )


@settings(max_examples=EXAMPLES)
@given(cases(), st.floats(0, 1), st.floats(0, 1))
def test_dearer_storage_never_lowers_the_cost(
    case: tuple[Question, Catalog], price: float, more: float
) -> None:
    """Nor does it make a plan possible, or faster."""
    question, catalog = case
    cheap = question.model_copy(update={"storage_price": price})
    dear = question.model_copy(update={"storage_price": price + more})
    assert value(dear, catalog) * ROUNDING >= value(cheap, catalog)


@settings(max_examples=EXAMPLES)
@given(cases())
def test_an_offer_that_cannot_serve_changes_nothing(case: tuple[Question, Catalog]) -> None:
    """An offer of a kind of price that was not asked for, however cheap, is not looked at."""
    question, catalog = case
    free = replace(catalog.offers[0], offer="free", usd_per_gpu_hour=0.001, pricing="spot")
    with_it = with_offers(catalog, [*catalog.offers, free])
    assert value(question, with_it) == value(question, catalog)


@settings(max_examples=EXAMPLES)
@given(cases(), st.floats(1, 10))
def test_more_tokens_never_cost_less(case: tuple[Question, Catalog], factor: float) -> None:
    """More work in the same market is never cheaper or faster."""
    question, catalog = case
    more = question.model_copy(update={"tokens": (question.tokens or 1) * factor})
    assert value(more, catalog) * ROUNDING >= value(question, catalog)


@settings(max_examples=EXAMPLES)
@given(cases())
def test_the_order_of_offers_does_not_matter(case: tuple[Question, Catalog]) -> None:
    """A catalog read backwards gives the same value."""
    question, catalog = case
    backwards = with_offers(catalog, list(reversed(catalog.offers)))
    assert value(question, backwards) == pytest.approx(value(question, catalog), rel=1e-9)


def test_an_empty_catalog_is_an_answer() -> None:
    """No offers, no plan: reasons instead of an error."""
    question = Question.model_validate({"model": "8B"})
    answer = best_plan(question, make_catalog([]), today=TODAY)
    assert answer.status == "infeasible"
    assert answer.reasons


@settings(max_examples=EXAMPLES)
@given(cases(), st.floats(0, 5000))
def test_a_longer_commitment_at_the_same_price_never_costs_less(
    case: tuple[Question, Catalog], more: float
) -> None:
    """Whoever binds himself longer for the same price pays at least as much."""
    question, catalog = case
    longer = [
        replace(offer, commitment_hours=offer.commitment_hours + more, longest_hours=None)
        for offer in catalog.offers
        if not offer.block_days
    ]
    free = [replace(offer, longest_hours=None) for offer in catalog.offers if not offer.block_days]
    question = question.model_copy(update={"minimize": "cost"})
    before = value(question, with_offers(catalog, free))
    assert value(question, with_offers(catalog, longer)) * ROUNDING >= before


@settings(max_examples=EXAMPLES)
@given(cases(ALL_KINDS, fixed=False), st.floats(0, 500))
def test_more_failures_never_make_it_better(case: tuple[Question, Catalog], more: float) -> None:
    """A higher rate of interruptions never shortens a run, and never makes one cheaper."""
    question, catalog = case
    rate = question.failures or 0.0
    worse = question.model_copy(update={"failures": rate + more})
    before, after = value(question, catalog), value(worse, catalog)
    if any(offer.pricing == "spot" for offer in catalog.offers):
        # It bends the hours, which lines leave by a thousandth: a limit may lie in between.
        assert isinf(before) or after * SPOT_ROUNDING >= before
    else:
        assert after * ROUNDING >= before


@settings(max_examples=EXAMPLES)
@given(cases(), st.floats(1.001, 3))
def test_an_offer_above_the_best_changes_nothing(
    case: tuple[Question, Catalog], factor: float
) -> None:
    """The plan's own offer once more, dearer: the plan stays what it was."""
    question, catalog = case
    question = question.model_copy(update={"minimize": "cost"})
    plan = best_plan(question, catalog, today=TODAY).plan
    if plan is None or plan.pricing == "owned":
        return
    own = next(offer for offer in catalog.offers if offer.offer == plan.offer)
    dearer = replace(own, offer="quote", usd_per_gpu_hour=own.usd_per_gpu_hour * factor)
    after = best_plan(question, with_offers(catalog, [*catalog.offers, dearer]), today=TODAY).plan
    assert after == plan
