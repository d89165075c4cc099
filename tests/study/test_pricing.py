"""Rent, reserve and buy side by side, and the break-even fed back in."""

import pytest
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog
from optimizer import best_plan
from optimizer.study.rent_or_buy import PricingComparison, compare_pricing
from problems import make_question

# 2,000 GPU-hours a run; 8 GPUs take 250 h of it.
FLAT = {"big": ((8, 0.5),)}
RUN: dict[str, object] = {"model": "1B", "tokens": "600B", "goodput": 1, "seq_len": 1024}
RUN |= {"storage_price": 0, "deadline": "12d", "max_gpus": 8}
OFFERS = (
    make_offer("by_hour", usd=2.0),
    make_offer("by_month", usd=1.0, commitment=720.0, pricing="reserved"),
    make_offer("own", usd=0.0, purchase=30_000.0, pricing="owned"),
)


def market(*offers: str) -> Catalog:
    """The catalog with these of the offers."""
    chosen = [offer for offer in OFFERS if offer.offer in offers]
    return make_catalog(chosen, [make_gpu()], FLAT)


def compared(catalog: Catalog, **fields: object) -> PricingComparison:
    """The comparison for the 2,000 GPU-hour run."""
    return compare_pricing(make_question("", **{**RUN, **fields}), catalog, today=TODAY)


def test_each_kind_has_its_plan_or_its_reasons() -> None:
    """Nobody sells spot or marketplace capacity here."""
    found = compared(market("by_hour", "by_month", "own"))
    status = {one.pricing: one.answer.status for one in found.fleets}
    assert status == {
        "on_demand": "optimal",
        "reserved": "optimal",
        "spot": "infeasible",
        "marketplace": "infeasible",
        "owned": "optimal",
    }
    assert all(one.answer.reasons for one in found.fleets if one.answer.plan is None)


def test_a_reservation_wins_from_the_second_run_on() -> None:
    """The month, 720 x 8 x 1 USD = 5,760, costs more than one run of 4,000, less than two."""
    reserve = compared(market("by_hour", "by_month")).break_even.reserve
    assert reserve is not None
    assert reserve.runs == 2
    assert reserve.months == pytest.approx(2 * 250 / 730)
    assert (reserve.cheaper_usd, reserve.dearer_usd) == pytest.approx((5760, 8000))


@pytest.mark.parametrize("sold", [True, False])
def test_the_break_even_of_buying_by_hand(sold: bool) -> None:
    """Price less resale after k runs, their energy and colocation, against 4,000 a run."""
    even = compared(market("by_hour", "own")).break_even
    servers, network = 8 * 30_000.0, 8 * 30_000.0 * 0.19 / 0.81
    running = 2000 * (1.2 * 0.76 * 1.25 * 0.0826 + 1.2 * 184 / 730)

    def bought(runs: int) -> float:
        left = servers * 10 ** (-0.14 * runs * 250 / 8760) if sold else 0.0
        return servers + network - left + runs * running

    expected = next(runs for runs in range(1, 1000) if bought(runs) <= runs * 4000)
    crossing = even.buy if sold else even.buy_unsold
    assert crossing is not None
    assert crossing.runs == expected
    assert crossing.cheaper_usd == pytest.approx(bought(expected))
    assert crossing.dearer_usd == pytest.approx(expected * 4000)
    assert even.purchase_usd == pytest.approx(servers + network)


def test_fed_back_in_the_reservation_wins_there_and_not_before() -> None:
    """The plan for so many runs is the reserved one, for one less it is not."""
    catalog = market("by_hour", "by_month")
    reserve = compared(catalog).break_even.reserve
    assert reserve is not None
    assert reserve.runs is not None
    for runs, winner in ((reserve.runs, "by_month"), (reserve.runs - 1, "by_hour")):
        plan = best_plan(make_question("", **RUN, runs=runs), catalog, today=TODAY).plan
        assert plan is not None
        assert plan.offer == winner


def test_buying_that_never_pays() -> None:
    """At 0.2 USD an hour the rent is less than energy, colocation and what the network loses."""
    cheap = make_offer("by_hour", usd=0.2)
    catalog = make_catalog([cheap, OFFERS[2]], [make_gpu()], FLAT)
    even = compared(catalog).break_even
    assert even.buy is not None
    assert even.buy.runs is None
    assert even.resale_usd == pytest.approx(8 * 30_000 * 10 ** (-0.14 * 4))


def test_no_break_even_without_two_sides() -> None:
    """Only one way to pay: nothing crosses."""
    even = compared(market("by_hour")).break_even
    assert (even.buy, even.reserve, even.purchase_usd) == (None, None, None)
