"""Recommendations for the tests of reports: one made by hand, and one made to do harm."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog, Source
from optimizer.study.recommendation import Recommendation, recommend
from problems import make_question

# Markup, a formula, a table's cell, control characters and a change of direction in one.
HARM = "=cmd|'x'!A0 <script>alert(1)</script> [a](javascript:b) \x1b[31m\u202e **b** &amp; \"'"
SMALL: dict[str, Any] = {"model": "1B", "deadline": "30d"}
GPUS = (make_gpu(), make_gpu("old", 300.0))
OFFERS = (
    make_offer(),
    make_offer("beta_old", "old", usd=0.9, provider="beta", region="eu"),
    make_offer("gamma_big", usd=1.9, provider="gamma", commitment=2000.0, pricing="reserved"),
    make_offer("own_big", usd=0.0, provider="own", pricing="owned", purchase=30_000.0),
)


@lru_cache(maxsize=1)
def plain() -> Recommendation:
    """A recommendation with runners-up, a frontier, break-evens and a reservation."""
    return recommend(make_question(**SMALL), make_catalog(OFFERS, GPUS), TODAY)


@lru_cache(maxsize=1)
def harmful() -> Recommendation:
    """The same where every text that others wrote tries to be more than text."""
    return recommend(make_question(**SMALL, name=HARM), harmful_catalog(), TODAY)


def harmful_catalog() -> Catalog:
    """Offers, GPUs and sources whose texts are markup, formulas and control characters."""
    offers = [
        replace(offer, provider=HARM, region=HARM, note=HARM, audit="doubtful") for offer in OFFERS
    ]
    gpus = [replace(gpu, name=f"{HARM} {gpu.gpu}") for gpu in GPUS]
    source = Source("price_page", HARM, HARM, "javascript:alert(1)", HARM, "quote", "")
    catalog = make_catalog(offers, gpus)
    return replace(catalog, sources={**catalog.sources, "price_page": source})
