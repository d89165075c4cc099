"""Regions with prices of their own are one product: they do not crowd out what else there is."""

from dataclasses import replace
from datetime import date

from choices import FLAT, GPUS, RUN
from small_catalog import make_catalog, make_offer

from optimizer import best_plan
from optimizer.market.market import open_market
from optimizer.market.products import products
from problems import make_question

PLACES = ("us-east", "europe-west3", "europe-west6", "australia-southeast1")
REGIONAL = [make_offer(f"alpha_{i}", usd=2.0 + i / 10, region=r) for i, r in enumerate(PLACES)]
OTHERS = [make_offer(f"beta_{i}", usd=3.0 + i, provider="beta") for i in range(3)]


def test_offers_that_differ_in_region_and_price_are_one_product() -> None:
    """Others under equal terms in the same region are as many, and so is another term."""
    again = make_offer("alpha_again", usd=2.5)
    longer = replace(make_offer("alpha_year", usd=1.5), commitment_hours=8760.0)
    sold = [*REGIONAL, again, longer, *OTHERS]
    catalog = make_catalog(sold, GPUS, FLAT)
    candidates = open_market(make_question("", **RUN), catalog).candidates
    product_of = products(sold)
    groups: dict[object, list[str]] = {}
    for candidate in candidates:
        groups.setdefault(product_of(candidate), []).append(candidate.offer.offer)
    assert list(groups.values()) == [
        [offer.offer for offer in REGIONAL],
        ["alpha_again"],
        ["alpha_year"],
        ["beta_0"],
        ["beta_1"],
        ["beta_2"],
    ]


def test_runners_up_are_other_products() -> None:
    """Three other regions of the winner would leave no room for another provider."""
    catalog = make_catalog([*REGIONAL, *OTHERS], GPUS, FLAT)
    answer = best_plan(make_question("", **RUN), catalog, today=date(2026, 11, 29))
    assert answer.plan is not None
    assert answer.plan.offer == "alpha_0"
    assert [other.plan.offer for other in answer.alternatives] == ["beta_0", "beta_1", "beta_2"]
