"""Tiers and ramp-ups: which sizes they make, under which names, and what a plan makes of them."""

from dataclasses import replace
from pathlib import Path

import pytest
from exhaustive import every_fleet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quote_cases import TODAY, mistakes, quoted, small
from small_catalog import make_catalog, make_gpu, make_offer

from catalog import Catalog
from catalog.csv_file import Rows
from catalog.quote_offers import Quote
from catalog.quote_sizes import parted
from optimizer import best_plan
from problems import make_question

HEADER = "offer,provider,gpu,price,tiers,ramp,node size,largest cluster,network\n"
WEEK = 168.0


def sizes(catalog: Catalog) -> dict[str, tuple[int, int, float, float]]:
    """Fewest and most GPUs, price and hours of waiting of the offers of the quotes."""
    return {
        o.offer: (o.min_gpus, o.max_gpus, o.usd_per_gpu_hour, o.lead_time_hours)
        for o in catalog.offers
        if o.provider == "zeta"
    }


def test_tiers_and_weeks_together(tmp_path: Path) -> None:
    """Every size has one price and one start."""
    catalog = quoted(tmp_path, HEADER + 'q,zeta,big,,8:2; 64:1.5,"32, 128",8,128,IB\n')
    assert sizes(catalog) == {
        "q_from_8": (8, 32, 2, 0),
        "q_from_33": (33, 63, 2, WEEK),
        "q_from_64": (64, 128, 1.5, WEEK),
    }
    assert [said.split(": ", 1)[1] for said in catalog.remarks] == [
        "q: a fleet starts in the first week that has all its GPUs, and is paid from then on",
        "q: all GPUs of a fleet are at the price of its size, USD a GPU-hour: 2 from 8 GPUs, "
        "1.5 from 64 GPUs",
    ]


def test_sizes_without_a_whole_node_are_none(tmp_path: Path) -> None:
    """Nobody can rent 9 to 15 GPUs in nodes of 8."""
    catalog = quoted(tmp_path, HEADER + "q,zeta,big,,8:3; 9:2; 15:1.5; 16:1,,8,64,IB\n")
    assert sizes(catalog) == {"q_from_8": (8, 8, 3, 0), "q_from_16": (16, 64, 1, 0)}


def test_one_size_keeps_the_name(tmp_path: Path) -> None:
    """There is nothing to tell apart."""
    catalog = quoted(tmp_path, HEADER + "q,zeta,big,,16:2,,8,64,IB\n")
    assert sizes(catalog) == {"q": (16, 64, 2, 0)}


def test_the_first_weeks_may_have_none(tmp_path: Path) -> None:
    """All fleets then wait."""
    catalog = quoted(tmp_path, HEADER + "q,zeta,big,2,,0 0 64,8,64,IB\n")
    assert sizes(catalog) == {"q": (1, 64, 2, 2 * WEEK)}


def test_a_later_quote_takes_the_place_of_all_parts(tmp_path: Path) -> None:
    """No tier of the earlier one is left over, whatever the tiers of the later."""
    first = quoted(tmp_path, HEADER + "q,zeta,big,,8:3; 64:2,,8,128,IB\n")
    second = quoted(tmp_path, HEADER + "q,zeta,big,,8:3; 32:1,,8,128,IB\n", first)
    assert list(sizes(second)) == ["q_from_8", "q_from_32"]
    third = quoted(tmp_path, HEADER + "q,zeta,big,2,,,8,128,IB\n", second)
    assert list(sizes(third)) == ["q"]


def test_tiers_take_the_place_of_a_listed_offer(tmp_path: Path) -> None:
    """The one of the name of the quote, which is said."""
    text = "offer,provider,gpu,tiers\nalpha_big,alpha,big,8:3; 64:1\n"
    catalog = quoted(tmp_path, text)
    assert [offer.offer for offer in catalog.offers] == ["alpha_big_from_8", "alpha_big_from_64"]
    assert [offer.max_gpus for offer in catalog.offers] == [63, 512]
    assert catalog.remarks[0].endswith(
        "takes the place of alpha_big in the catalog: 2 -> 3 USD a GPU-hour"
    )


def test_quotes_that_differ_in_their_tiers_alone(tmp_path: Path) -> None:
    """Are two; the same tiers twice are one."""
    rows = ",zeta,big,,8:2; 64:1.5,,8,64,IB\n", ",zeta,big,,8:2; 64:1.6,,8,64,IB\n"
    catalog = quoted(tmp_path, HEADER + "".join(rows))
    assert len(sizes(catalog)) == 4
    (said,) = mistakes(tmp_path, HEADER + rows[0] + rows[0])
    assert "is the quote of line 2 again" in said


def test_a_name_of_the_catalog_is_not_taken(tmp_path: Path) -> None:
    """A listed offer keeps its name."""
    listed = replace(small(), offers=(make_offer("q_from_8", provider="yota"),))
    (said,) = mistakes(tmp_path, HEADER + "q,zeta,big,,8:3; 64:2,,8,128,IB\n", listed)
    assert "'q_from_8' would be the name of a part of it, and is another offer's" in said


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    """Tiers and weeks of up to 96 GPUs in nodes of 1, 4 or 8."""
    node = draw(st.sampled_from([1, 4, 8]))
    most = draw(st.integers(node, 96))
    steps = sorted(draw(st.sets(st.integers(1, most), max_size=4)))
    tiers = tuple((n, round(draw(st.floats(0.5, 5)), 2)) for n in steps)
    weeks = [*sorted(draw(st.lists(st.integers(0, most), max_size=4))), most]
    least = draw(st.integers(1, most))
    offer = make_offer(node=node, most=most, least=least)
    return Quote(2, offer, True, (), tiers, tuple(weeks) if draw(st.booleans()) else ())


@given(quotes())
def test_each_size_is_in_one_part_with_its_price_and_start(quote: Quote) -> None:
    """Whole nodes, from the fewest that are sold to the most."""
    found = Rows("q.csv")
    parts = parted(found, [quote], {})
    assert not found.mistakes
    offer, node = quote.offer, quote.offer.gpus_per_node
    tiers = quote.tiers or ((1, offer.usd_per_gpu_hour),)
    for gpus in range(node, offer.max_gpus + 1, node):
        holding = [part for part in parts if part.min_gpus <= gpus <= part.max_gpus]
        if gpus < max(offer.min_gpus, tiers[0][0]):
            assert not holding
            continue
        (part,) = holding
        assert part.usd_per_gpu_hour == max((n, usd) for n, usd in tiers if n <= gpus)[1]
        weeks = quote.ramp or (offer.max_gpus,)
        waits = WEEK * min(week for week, there in enumerate(weeks) if there >= gpus)
        assert part.lead_time_hours == offer.lead_time_hours + waits


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(quotes(), st.sampled_from(["cost", "time"]), st.floats(60, 1500))
def test_the_plan_is_the_best_of_all_sizes(quote: Quote, goal: str, hours: float) -> None:
    """Counted over the quote itself: the price and the start of each size, as it says them."""
    catalog = make_catalog([quote.offer], [make_gpu()], {"big": ((1, 0.5), (96, 0.35))})
    fields: dict[str, object] = {"model": "1e9", "tokens": "100B", "seq_len": 1024, "goodput": 1}
    fields |= {"storage_price": 0, "minimize": goal, "deadline": f"{hours:.2f}h"}
    question = make_question("", **fields)
    tiers = quote.tiers or ((1, quote.offer.usd_per_gpu_hour),)
    weeks = quote.ramp or (quote.offer.max_gpus,)
    counted = []
    for fleet in every_fleet(question, catalog):
        if fleet.gpus >= tiers[0][0]:
            price = max((n, usd) for n, usd in tiers if n <= fleet.gpus)[1]
            waits = WEEK * min(week for week, gpus in enumerate(weeks) if gpus >= fleet.gpus)
            wall = fleet.wall_hours + waits
            if wall <= hours * (1 + 1e-9):
                counted.append((fleet.cost_usd / quote.offer.usd_per_gpu_hour * price, wall))
    offers = parted(Rows("q.csv"), [quote], {})
    plan = best_plan(
        question, make_catalog(offers, [make_gpu()], {"big": ((1, 0.5), (96, 0.35))}), today=TODAY
    ).plan
    assert (plan is None) == (not counted)
    if plan is not None:
        best = min(cost if goal == "cost" else wall for cost, wall in counted)
        assert (plan.cost_usd if goal == "cost" else plan.days * 24) == pytest.approx(
            best, rel=1e-6
        )
