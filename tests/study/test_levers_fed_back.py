"""What would change the plan, on any catalog: fed back in, and by a count of fleets."""

from dataclasses import replace
from typing import Any

import pytest
from drawn_cases import ALL_KINDS, cases
from examples import examples
from exhaustive import allowed, every_fleet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from levers_cases import study
from small_catalog import TODAY

from catalog import Catalog, Offer, load_catalog
from optimizer import best_plan
from optimizer.market.candidates import sold_gpus
from optimizer.market.owning import own_rate
from optimizer.market.run import make_run
from optimizer.report.wording.losses import lost_words
from optimizer.study.lost_offers import Lost
from problems import Question, make_question

LITTLE = 1e-4
CHECKPOINT_GB = 14.0
NO_CONTRACT: dict[str, Any] = dict.fromkeys(
    ("setup_usd", "minimum_usd", "support_share", "egress_usd", "egress_usd_per_gb"), 0.0
)
SLOW = settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def priced(catalog: Catalog, name: str, usd_per_gpu_hour: float) -> Catalog:
    """The catalog with this price of an offer; where it is bought, of the server that gives it."""

    def moved(offer: Offer) -> Offer:
        if offer.offer != name:
            return offer
        if offer.pricing != "owned":
            return replace(offer, usd_per_gpu_hour=usd_per_gpu_hour)
        # The rate is a line in the server's price.
        gpu = catalog.gpus[offer.gpu]
        zero, one = (
            own_rate(replace(offer, purchase_usd_per_gpu=usd), gpu, catalog).usd_per_gpu_hour
            for usd in (0.0, 1.0)
        )
        purchase = (usd_per_gpu_hour - zero) / (one - zero)
        return replace(offer, purchase_usd_per_gpu=purchase)

    return replace(catalog, offers=tuple(map(moved, catalog.offers)))


def winner(question: Question, catalog: Catalog) -> str | None:
    """The offer of the plan."""
    plan = best_plan(question, catalog, today=TODAY).plan
    return None if plan is None else plan.offer


ANY_CASE = st.one_of(cases(), cases(ALL_KINDS, fixed=False))


@SLOW
@given(ANY_CASE)
def test_every_break_even_fed_back_in(case: tuple[Question, Catalog]) -> None:
    """A little below it the offer is the plan, a little above it is not."""
    question, catalog = case
    for lost in study(question, catalog).lost:
        price = lost.break_even_usd_per_gpu_hour
        if price is None:
            continue
        assert question.minimize == "cost"
        below, above = (price * (1 + sign * LITTLE) for sign in (-1, 1))
        assert winner(question, priced(catalog, lost.offer, below)) == lost.offer
        assert winner(question, priced(catalog, lost.offer, above)) != lost.offer


@SLOW
@given(ANY_CASE)
def test_the_winner_loses_above_its_price(case: tuple[Question, Catalog]) -> None:
    """A little below it the plan's offer stays, a little above it the named one wins."""
    question, catalog = case
    found, offer = study(question, catalog), winner(question, catalog)
    price = found.winner_loses_above_usd_per_gpu_hour
    if price is None or offer is None:
        if offer is not None and question.minimize == "cost":
            assert winner(question, priced(catalog, offer, 1e6)) == offer
        return
    below, above = (price * (1 + sign * LITTLE) for sign in (-1, 1))
    assert winner(question, priced(catalog, offer, below)) == offer
    assert winner(question, priced(catalog, offer, above)) == found.winner_loses_to


@SLOW
@given(cases())
def test_break_evens_are_the_highest_of_a_count(case: tuple[Question, Catalog]) -> None:
    """Of all fleets of the offer, one by one, the most that can be paid for an hour."""
    question, catalog = case
    plan = best_plan(question, catalog, today=TODAY).plan
    if plan is None or question.minimize == "time":
        return
    offers = {offer.offer: offer for offer in catalog.offers}
    plain = replace(catalog, offers=tuple(replace(o, **NO_CONTRACT) for o in catalog.offers))
    fleets = allowed(
        list(every_fleet(question, plain)), question.model_copy(update={"budget": None})
    )
    for lost in study(question, catalog).lost:
        if lost.break_even_usd_per_gpu_hour is None or not lost.usd_per_gpu_hour:
            continue
        offer = offers[lost.offer]
        once = offer.setup_usd + offer.egress_usd
        once += question.runs * CHECKPOINT_GB * offer.egress_usd_per_gb
        least = offer.minimum_usd * (1 + offer.support_share)
        paid = [
            (plan.cost_usd - once - upfront, (fleet.cost_usd - upfront) / lost.usd_per_gpu_hour)
            for fleet in fleets
            if fleet.offer == lost.offer
            for upfront in [offer.upfront_usd_per_gpu * fleet.gpus]
        ]
        highest = max(
            left / (hours * (1 + offer.support_share))
            for left, hours in paid
            if left >= least * (1 - 1e-9)
        )
        assert lost.break_even_usd_per_gpu_hour == pytest.approx(highest, rel=1e-6)


@SLOW
@given(cases(), st.one_of(st.none(), st.integers(1, 130)))
def test_a_day_and_a_node_are_worth_the_difference_of_two_plans(
    case: tuple[Question, Catalog], quota: int | None
) -> None:
    """With the deadline a day later; with each limit of size one node higher."""
    question, catalog = case
    if quota is not None:
        question = question.model_copy(update={"quota": {"alpha": quota}})
    plan, found = best_plan(question, catalog, today=TODAY).plan, study(question, catalog)
    if plan is None:
        assert found.value_of_a_day_usd is found.value_of_a_node_usd is None
        return
    later = question.model_copy(update={"deadline": (question.deadline or 0.0) + 24})
    after = best_plan(later, catalog, today=TODAY).plan
    assert after is not None
    room = 1e-9 * plan.cost_usd
    assert found.value_of_a_day_usd == pytest.approx(plan.cost_usd - after.cost_usd, abs=room)
    node, run = plan.gpus_per_node, make_run(question, catalog)
    raised = question.model_copy(
        update={
            "max_gpus": question.max_gpus and question.max_gpus + node,
            "quota": {name: gpus + node for name, gpus in question.quota.items()},
        }
    )
    larger = [
        replace(o, max_gpus=sold_gpus(o, run) + node) if o.offer == plan.offer else o
        for o in catalog.offers
    ]
    after = best_plan(raised, replace(catalog, offers=tuple(larger)), today=TODAY).plan
    assert after is not None
    assert found.value_of_a_node_usd == pytest.approx(plan.cost_usd - after.cost_usd, abs=room)
    assert found.value_of_a_node_days == pytest.approx(plan.days - after.days, abs=1e-9 * plan.days)


@SLOW
@given(ANY_CASE)
def test_every_offer_is_accounted_for(case: tuple[Question, Catalog]) -> None:
    """It is the plan, or lost with a reason, or counted."""
    question, catalog = case
    found, offer = study(question, catalog), winner(question, catalog)
    lost = [one.offer for one in found.lost]
    assert len(lost) == len(set(lost))
    assert offer not in lost
    assert all(lost_words(one) for one in found.lost)
    counted = sum(others.offers for others in found.others)
    assert len(lost) + counted + (offer is not None) == len(catalog.offers)
    qualify = {o.gpu for o in catalog.offers if not question.gpu or o.gpu in question.gpu}
    named = {one.gpu for one in found.lost} | {o.gpu for o in catalog.offers if o.offer == offer}
    assert named == qualify


@pytest.mark.slow
@pytest.mark.parametrize(
    "fields",
    [
        {"model": "70B", "deadline": "30d", "max_gpus": 384, "gpu": "b200, gb200"},
        {"model": "8B", "deadline": "5d", "gpu": "h200", "pricing": "on_demand, spot, owned"},
    ],
)
def test_break_evens_of_the_shipped_catalog_fed_back_in(fields: dict[str, object]) -> None:
    """With staircases, blocks, storage, failures and own servers."""
    question, catalog = make_question("", **fields), load_catalog()
    found, offer = study(question, catalog), winner(question, catalog)
    tried: list[Lost] = [lost for lost in found.lost if lost.break_even_usd_per_gpu_hour]
    assert len(tried) >= 4
    for lost in tried:
        price = lost.break_even_usd_per_gpu_hour or 0.0
        assert winner(question, priced(catalog, lost.offer, price * (1 - LITTLE))) == lost.offer
        assert winner(question, priced(catalog, lost.offer, price * (1 + LITTLE))) != lost.offer
    most = found.winner_loses_above_usd_per_gpu_hour
    assert most is not None
    assert offer is not None
    assert winner(question, priced(catalog, offer, most * (1 - LITTLE))) == offer
    above = winner(question, priced(catalog, offer, most * (1 + LITTLE)))
    assert above == found.winner_loses_to
