"""A market is drawn once for questions that differ in their limits only, and never for others."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from small_catalog import make_catalog, make_gpu, make_offer

from catalog import Catalog
from optimizer import best_plan
from optimizer.market import kept
from optimizer.market.market import Market, open_market
from problems import make_question

RUN: dict[str, Any] = {
    "model": "1B",
    "tokens": "600B",
    "goodput": 1,
    "seq_len": 1024,
    "deadline": "30d",
}


def small() -> Catalog:
    """Two offers of one part."""
    offers = [make_offer("alpha", usd=2.0), make_offer("beta", usd=3.0, provider="beta")]
    return make_catalog(offers, [make_gpu()])


def market(catalog: Catalog, **fields: Any) -> Market:
    """The market of the run with other fields."""
    return open_market(make_question(**{**RUN, **fields}), catalog)


@pytest.mark.parametrize(
    "fields",
    [{"deadline": "60d"}, {"budget": "1M"}, {"max_gpus": 64}, {"power_cap": "1MW"}, {"name": "x"},
     {"minimize": "time", "budget": "9M"}],
)  # fmt: skip
def test_limits_cut_what_was_drawn_for_another_question(fields: dict[str, Any]) -> None:
    catalog = small()
    first, other = market(catalog), market(catalog, **fields)
    assert other.segments is first.segments
    assert other.run.question == make_question(**{**RUN, **fields})
    kept.DRAWN.forget()
    anew = market(catalog, **fields)
    assert anew.segments is not first.segments
    assert (anew.limits, anew.run) == (other.limits, other.run)


@pytest.mark.parametrize(
    "fields",
    [{"tokens": "700B"}, {"goodput": 0.9}, {"seq_len": 2048}, {"runs": 2}, {"confidence": 0.9},
     {"provider": ["alpha"]}, {"pricing": ["on_demand"]}, {"storage_price": 1.0},
     {"precision": "fp16"}, {"global_batch": 4_194_304}],
)  # fmt: skip
def test_whatever_else_is_asked_is_drawn_anew(fields: dict[str, Any]) -> None:
    catalog = small()
    assert market(catalog).segments is not market(catalog, **fields).segments


def test_another_catalog_is_drawn_anew() -> None:
    """Also one that is equal: prices may be changed in a copy."""
    catalog = small()
    assert market(catalog).segments is not market(replace(catalog)).segments


def test_what_was_used_longest_ago_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = small()
    first = market(catalog)
    size = len(first.segments)
    monkeypatch.setattr(kept.DRAWN, "most", 2 * size + size // 2)
    second = market(catalog, tokens="601B")
    assert market(catalog).segments is first.segments
    market(catalog, tokens="602B")
    assert market(catalog).segments is first.segments
    assert market(catalog, tokens="601B").segments is not second.segments


def test_a_drawing_larger_than_all_that_may_be_kept_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = small()
    monkeypatch.setattr(kept.DRAWN, "most", 0)
    assert market(catalog).segments is not market(catalog).segments


def test_threads_share_what_was_drawn() -> None:
    """Many at once give what one after the other gives."""
    catalog = small()
    asked = [make_question(**{**RUN, "deadline": f"{days}d"}) for days in range(20, 60)]
    alone = [best_plan(question, catalog).plan for question in asked]
    kept.DRAWN.forget()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda question: best_plan(question, catalog).plan, asked))
    assert together == alone


def test_what_was_made_of_an_object_is_made_once_and_the_oldest_goes() -> None:
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        return made[-1]

    lately, one, other = kept.Lately(most=2), object(), object()
    assert [lately.of(one, "a", make), lately.of(one, "a", make)] == [0, 0]
    assert lately.of(other, "a", make) == 1
    assert lately.of(one, "b", make) == 2
    assert lately.of(other, "a", make) == 1
    assert lately.of(one, "a", make) == 3
