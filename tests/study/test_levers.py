"""Why offers lost and what would change the plan, by hand."""

from dataclasses import replace

import pytest
from levers_cases import study
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Offer
from catalog.quotes import QUOTE_SOURCE
from optimizer.answer import answer_market
from optimizer.market.market import open_market
from optimizer.report.wording.losses import lost_words
from optimizer.study.levers import Levers, levers, plan_levers
from problems import Question, make_question

# 2,000 GPU-hours a run at an MFU of 0.5; 8 GPUs take 250 h of it.
RUN: dict[str, object] = {"model": "1B", "tokens": "600B", "goodput": 1, "seq_len": 1024}
RUN |= {"storage_price": 0, "deadline": "12d", "pricing": "on_demand,reserved,spot,owned"}
FLAT = ((8, 0.5),)
# 2,500 GPU-hours on 8 GPUs, 2,000 on 16: a second node saves 1,000 USD at 2 USD an hour.
RISING = {"big": ((8, 0.4), (16, 0.5))}


def question_of(**fields: object) -> Question:
    """The 2,000 GPU-hour run."""
    return make_question("", **{**RUN, **fields})


def two(other: Offer, **fields: object) -> Levers:
    """The run on 8 GPUs at 2 USD, 4,000 in all, against another offer."""
    catalog = make_catalog([make_offer("plan", usd=2.0, most=8), other], curves={"big": FLAT})
    return study(question_of(**fields), catalog)


OTHERS = {
    # The same hours at a higher price.
    "dearer": (make_offer("b", usd=2.5, most=8), 2.0, 2.5),
    # A month of 8 GPUs, 5,760 GPU-hours, is billed for 2,000.
    "month": (
        make_offer("b", usd=1.0, most=8, commitment=720.0, pricing="reserved"),
        4000 / 5760,
        5760 / 2000,
    ),
    # 800 USD up front leave 3,200 for the hours.
    "up front": (make_offer("b", usd=2.5, most=8, upfront=100.0), 1.6, 5800 / 2000),
    # One week of 16 GPUs or two of 8: both are 2,688 GPU-hours; three weeks are never taken.
    "blocks": (
        make_offer("b", usd=2.0, most=16, block_days=(7, 14, 21), pricing="reserved"),
        4000 / 2688,
        5376 / 2000,
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_break_evens_by_hand(name: str) -> None:
    """The other wins below its break-even, the plan loses above its own."""
    other, wins_below, loses_above = OTHERS[name]
    found = two(other)
    (lost,) = found.lost
    assert lost.plan is not None
    assert lost.break_even_usd_per_gpu_hour == pytest.approx(wins_below)
    assert found.winner_loses_above_usd_per_gpu_hour == pytest.approx(loses_above)
    assert found.winner_loses_to == "b"


REASONS = {
    "dearer": "costs 1,000 USD more: 1.25x the price of a GPU-hour",
    "month": "costs 1,760 USD more: billed for 30 days at least, 65% of it idle",
    "up front": "costs 1,800 USD more: 1.25x the price of a GPU-hour",
    "blocks": "costs 1,376 USD more: a block of 14 days is paid whole, 26% of it idle",
}


@pytest.mark.parametrize("name", OTHERS)
def test_reasons_name_the_largest_part(name: str) -> None:
    """Price, idle commitment, or what is paid up front."""
    assert lost_words(two(OTHERS[name][0]).lost[0]) == REASONS[name]


def test_storage_counts_against_the_price() -> None:
    """7 TB for 250 hours at 0.1 USD a GB and month, the same for both: 2.0 stays."""
    other = OTHERS["dearer"][0]
    assert two(other, storage_price=0.1).lost[0].break_even_usd_per_gpu_hour == pytest.approx(2.0)


def test_no_price_is_low_enough() -> None:
    """600 USD up front for each of 8 GPUs are 4,800: more than the plan."""
    (lost,) = two(make_offer("b", usd=1.0, most=8, upfront=600.0)).lost
    assert lost.break_even_usd_per_gpu_hour is None
    assert lost_words(lost) == (
        "costs 2,800 USD more: 600.00 USD a GPU up front; wins at no price: storage and what is "
        "paid up front cost more by themselves"
    )


def test_the_best_price_beside_a_kink() -> None:
    """n GPUs use 3,000 - n·500/64 hours and are billed 24.75 each: 92 are billed the least.

    That is 2,281.25 GPU-hours, and the kink lies inside of a segment.
    """
    term = make_offer("b", node=1, most=128, commitment=24.75, pricing="reserved")
    curve = {"big": ((64, 0.4), (128, 0.5))}
    catalog = make_catalog([make_offer("plan", usd=1.0, most=8), term], curves=curve)
    (lost,) = study(question_of(deadline="30d"), catalog).lost
    assert lost.break_even_usd_per_gpu_hour == pytest.approx(2500 / 2281.25)


def test_over_the_budget_a_lower_price_still_wins() -> None:
    """5,000 USD are too much for a budget of 4,500, but not at 2 USD an hour."""
    found = two(OTHERS["dearer"][0], budget=4500)
    (lost,) = found.lost
    assert lost.plan is None
    assert lost.break_even_usd_per_gpu_hour == pytest.approx(2.0)
    assert lost_words(lost) == "costs 5,000 USD at least; the budget is 4,500 USD"
    assert found.winner_loses_above_usd_per_gpu_hour == pytest.approx(2.25)
    assert found.winner_loses_to is None


def test_where_time_is_minimized_no_price_decides() -> None:
    """Neither side has a break-even."""
    found = two(make_offer("b", usd=1.0, most=4, node=4), minimize="time", deadline="30d")
    assert [lost.break_even_usd_per_gpu_hour for lost in found.lost] == [None]
    assert lost_words(found.lost[0]) == "takes 10.42 days longer: b sells up to 4 GPUs"
    assert found.winner_loses_above_usd_per_gpu_hour is None


LAME: dict[str, tuple[Offer, dict[str, object], str]] = {
    "deadline": (
        make_offer("b", gpu="other", most=4, node=4),
        {},
        "misses the deadline by 8.833 days: 20.83 days at best on 4 GPUs; b sells up to 4 GPUs",
    ),
    "quota": (
        make_offer("b", gpu="other", most=8, node=4, provider="beta"),
        {"quota": {"beta": 4}},
        "misses the deadline by 8.833 days: 20.83 days at best on 4 GPUs; "
        "your quota of beta is 4 GPUs",
    ),
    "network": (
        replace(make_offer("b", gpu="other", most=8, node=4), fabric="none"),
        {},
        "misses the deadline by 8.833 days: 20.83 days at best on 4 GPUs; "
        "no network between its nodes",
    ),
    "size": (
        make_offer("b", gpu="other", least=64),
        {"max_gpus": 8},
        "needs 64 GPUs to keep the other limits; the cluster-size limit is 8 GPUs",
    ),
    "power": (
        make_offer("b", gpu="other", least=64),
        {"power_cap": "10kW"},
        "draws 72.96 kW at least; the power cap is 10 kW",
    ),
    "term": (
        make_offer("b", gpu="other", most=8, block_days=(1, 2), pricing="reserved"),
        {},
        "the run takes 10.42 days at best; the offer ends after 2 days",
    ),
    "everything": (
        make_offer("b", gpu="other", most=4, node=4, least=4),
        {"max_gpus": 2},
        "misses the deadline by 8.833 days whatever the other limits: 20.83 days at best on "
        "4 GPUs; b sells up to 4 GPUs",
    ),
}


@pytest.mark.parametrize("name", LAME)
def test_each_model_that_cannot_has_its_reason(name: str) -> None:
    """The one limit that is missed, and by how much."""
    other, fields, reason = LAME[name]
    # A fleet that keeps every limit, so that there is a plan; too slow ones are of 4 GPUs.
    plan = make_offer("plan", node=1, most=8)
    if name == "everything":
        plan = make_offer("plan", gpu="fast", node=1, most=8)
    gpus = [make_gpu(), make_gpu("other"), make_gpu("fast", 10_000.0)]
    catalog = make_catalog([plan, other], gpus, {gpu.gpu: FLAT for gpu in gpus})
    found = study(question_of(**fields), catalog)
    (lost,) = [lost for lost in found.lost if lost.gpu == "other"]
    assert (lost.offer, lost.plan, lost.break_even_usd_per_gpu_hour) == ("b", None, None)
    assert lost_words(lost) == reason


def test_a_model_that_fits_nowhere() -> None:
    """One node of 8 small GPUs does not hold it, and there is no network to a second."""
    gpus = [make_gpu(), make_gpu("small", memory_gb=3)]
    alone = replace(make_offer("b", gpu="small", node=4, most=4), fabric="none")
    catalog = make_catalog([make_offer("plan"), alone], gpus, {"big": FLAT, "small": FLAT})
    lost = study(question_of(), catalog).lost[-1]
    assert lost.gpu == "small"
    assert lost_words(lost).endswith("b sells up to 4; no network between its nodes")


def test_one_more_day_by_hand() -> None:
    """10 days need 9 GPUs and 2,062.5 GPU-hours; with 11 days 8 GPUs and 2,000 do."""
    curve = {"big": ((8, 0.5), (16, 0.4))}
    catalog = make_catalog([make_offer("plan", node=1)], curves=curve)
    found = study(question_of(deadline="10d"), catalog)
    assert found.value_of_a_day_usd == pytest.approx(125.0)
    later = study(question_of(deadline="11d"), catalog)
    assert later.value_of_a_day_usd == 0.0


HELD: dict[str, tuple[Offer, dict[str, object]]] = {
    "largest cluster": (make_offer("plan", most=8), {}),
    "our judgment": (make_offer("plan", most=8, estimated_size=True), {}),
    "your judgment": (
        make_offer("plan", most=512, estimated_size=True),
        {"largest_cluster": {"fast": 8}},
    ),
    "max_gpus": (make_offer("plan"), {"max_gpus": 8}),
    "quota": (make_offer("plan"), {"quota": {"alpha": 8}}),
    "spot": (make_offer("plan", pricing="spot"), {"spot_nodes": 1}),
}


@pytest.mark.parametrize("name", HELD)
def test_one_more_node_by_hand(name: str) -> None:
    """Whatever holds the fleet at one node."""
    offer, fields = HELD[name]
    catalog = make_catalog([offer], curves=RISING)
    found = study(question_of(deadline="90d", **fields), catalog)
    if name == "spot":
        assert found.value_of_a_node_usd is not None
        assert found.value_of_a_node_usd > 900
        return
    assert found.value_of_a_node_usd == pytest.approx(1000.0)
    assert found.value_of_a_node_days == pytest.approx((2500 / 8 - 2000 / 16) / 24)


@pytest.mark.parametrize("fields", [{"max_gpus": 8}, {"quota": {"alpha": 8}}])
def test_one_more_node_may_let_another_offer_in(fields: dict[str, object]) -> None:
    """From 16 GPUs on the other part costs 1 USD an hour: 2,000 USD instead of 4,000."""
    gpus = [make_gpu(), make_gpu("other")]
    sold = [make_offer("plan", most=8), make_offer("b", gpu="other", usd=1.0, least=16)]
    catalog = make_catalog(sold, gpus, {"big": FLAT, "other": FLAT})
    found = study(question_of(**fields), catalog)
    assert found.value_of_a_node_usd == pytest.approx(2000.0)


def test_one_more_node_without_a_network() -> None:
    """Nodes that are used one at a time have no limit to raise."""
    alone = replace(make_offer("plan", most=8), fabric="none")
    found = study(question_of(deadline="90d"), make_catalog([alone], curves=RISING))
    assert found.value_of_a_node_usd is None


def test_one_more_node_where_time_is_minimized() -> None:
    """Twice as many GPUs are twice as fast at a flat MFU and cost the same; a day is no use."""
    catalog = make_catalog([make_offer("plan", most=8)], curves={"big": FLAT})
    found = study(question_of(minimize="time"), catalog)
    assert found.value_of_a_node_days == pytest.approx(125 / 24)
    assert found.value_of_a_node_usd == pytest.approx(0.0, abs=1e-6)
    assert found.value_of_a_day_usd == 0.0


def test_best_ten_and_the_best_of_each_model() -> None:
    """Of 15 offers of a part 10 are listed, of another part the best, and the rest are counted."""
    gpus = [make_gpu(), make_gpu("other")]
    sold = [make_offer(f"o{i}", usd=1 + i / 10, most=8) for i in range(16)]
    sold += [make_offer(f"p{i}", gpu="other", usd=8 + i, most=8) for i in range(3)]
    sold += [make_offer("market", pricing="marketplace")]
    catalog = make_catalog(sold, gpus, {"big": FLAT, "other": FLAT})
    found = study(question_of(), catalog)
    assert [lost.offer for lost in found.lost] == [*(f"o{i}" for i in range(1, 11)), "p0"]
    assert {(o.limit, o.offers) for o in found.others} == {("cost", 7), ("pricing", 1)}


def test_quotes_of_ones_own_are_always_listed() -> None:
    """The dearest with its plan, and those that cannot with what keeps each from having one."""
    sold = [make_offer("plan", usd=1.0, most=8)]
    sold += [make_offer(f"o{i}", usd=1.1 + i / 10, most=8) for i in range(12)]
    dear = make_offer("dear", usd=9.0, most=8, provider="me")
    late = make_offer("late", usd=0.5, most=8, provider="me", lead=400.0)
    asked_out = make_offer("out", usd=0.1, most=8, provider="other")
    rare = make_offer("rare", gpu="other", usd=0.2, most=8, provider="me", lead=400.0)
    own = make_offer("own", usd=0.0, pricing="owned", purchase=9e5, provider="other")
    mine = [replace(o, source=QUOTE_SOURCE) for o in (dear, late, asked_out, rare, own)]
    gpus = [make_gpu(), make_gpu("other")]
    catalog = make_catalog([*sold, *mine], gpus, {"big": FLAT, "other": FLAT})
    quoted = replace(catalog.sources["price_page"], source=QUOTE_SOURCE)
    catalog = replace(catalog, sources={**catalog.sources, QUOTE_SOURCE: quoted})
    lost = {one.offer: one for one in study(question_of(provider="alpha, me"), catalog).lost}
    assert lost["dear"].plan is not None
    assert lost["dear"].break_even_usd_per_gpu_hour == pytest.approx(1.0)
    assert lost_words(lost["late"]).startswith("misses the deadline by ")
    assert "other" in lost_words(lost["out"])
    assert {one.offer for one in lost.values() if one.quoted} == {o.offer for o in mine}
    assert lost["own"].usd_per_gpu_hour is None


def test_of_many_quotes_the_best_are_listed() -> None:
    """Whatever their order in the file; none that could be the plan is said to miss a limit."""
    prices = [9.0 - step / 10 for step in range(25)]
    mine = [make_offer(f"q{i}", usd=usd, most=8) for i, usd in enumerate(prices)]
    sold = [make_offer("plan", most=8), *(replace(one, source=QUOTE_SOURCE) for one in mine)]
    catalog = make_catalog(sold, curves={"big": FLAT})
    quoted = replace(catalog.sources["price_page"], source=QUOTE_SOURCE)
    catalog = replace(catalog, sources={**catalog.sources, QUOTE_SOURCE: quoted})
    lost = study(question_of(), catalog).lost
    assert [one.offer for one in lost] == [f"q{i}" for i in range(24, 4, -1)]
    assert all(one.plan is not None and one.quoted for one in lost)


def test_the_limit_that_is_missed_least_is_named() -> None:
    """13 days of 12, or 4,000 USD of 300: the deadline is nearer; with 11 times the price not."""
    other = make_offer("b", gpu="other", usd=2.0, most=8)
    gpus = [make_gpu(), make_gpu("other")]
    curves = {"big": FLAT, "other": ((8, 0.4),)}
    fast = make_catalog([make_offer("plan", usd=0.1, most=64), other], gpus, curves)
    (lost,) = study(question_of(deadline="10.5d", budget="4900"), fast).lost
    # 2,500 hours on 8 GPUs are 13.02 days and 5,000 USD: past both.
    assert lost_words(lost).startswith("costs 5,000 USD at least whatever the other limits")
    (lost,) = study(question_of(deadline="12.9d", budget="3000"), fast).lost
    assert lost_words(lost).startswith("misses the deadline by 2.9")


def test_without_a_plan_every_model_has_its_reason() -> None:
    """No plan, no values; what is on offer still says why not."""
    found = two(OTHERS["dearer"][0], deadline="2d")
    assert [lost.gpu for lost in found.lost] == ["big"]
    assert lost_words(found.lost[0]).startswith("misses the deadline by")
    assert (found.value_of_a_day_usd, found.winner_loses_to) == (None, None)


def test_the_short_study_agrees() -> None:
    """What a plan shows is what `explain` says."""
    catalog = make_catalog([make_offer("plan", most=8), OTHERS["dearer"][0]], curves=RISING)
    market = open_market(question_of(deadline="90d"), catalog)
    answer = answer_market(market, "highs", 60, TODAY)
    long, short = levers(market, answer), plan_levers(market, answer)
    assert replace(long, lost=(), others=()) == short
