"""Bills worked out by hand: what a provider charges and what a run loses, line by line."""

from collections.abc import Sequence
from dataclasses import replace
from math import isclose, log2, sqrt
from typing import Any

import pytest
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Offer
from catalog.vocabulary import Payment
from optimizer import Plan, best_plan
from optimizer.market.market import open_market
from optimizer.market.owning import own_rate
from optimizer.plan.bill import cost_at, when_due
from optimizer.program.decide import find_optimum
from problems import make_question

# 6 x 1e9 x 6e11 FLOP = 3.6e21: 1,000 hours at 1,000 TFLOP/s, 2,000 GPU-hours at an MFU of 0.5.
FLAT = {"big": ((8, 0.5),)}
RUN: dict[str, object] = {"model": "1B", "tokens": "600B", "goodput": 1, "seq_len": 1024}
HOURS = 2000.0


def best(offers: Sequence[Offer], **fields: object) -> Plan:
    """The plan for the 2,000 GPU-hour run; storage costs nothing unless a price is given."""
    catalog = make_catalog(offers, [make_gpu()], FLAT)
    fields = {**RUN, "storage_price": 0, "deadline": "60d", **fields}
    if "failures" in fields:
        del fields["goodput"]
    answer = best_plan(make_question("", **fields), catalog, today=TODAY)
    assert answer.plan is not None
    return answer.plan


def lines(plan: Plan) -> dict[str, float]:
    """USD by line; they add up to the cost."""
    assert isclose(sum(line.usd for line in plan.bill), plan.cost_usd, rel_tol=1e-9)
    return {line.line: line.usd for line in plan.bill}


def test_a_short_run_on_a_year_pays_twelve_months() -> None:
    """8 GPUs x 8,760 h x 0.5 USD = 35,040 USD, of which 2,000 GPU-hours, 1,000 USD, are used."""
    plan = best([make_offer(usd=0.5, commitment=8760.0, pricing="reserved", most=8)])
    assert plan.days == pytest.approx(250 / 24)
    assert plan.cost_usd == pytest.approx(35_040)
    assert lines(plan) == pytest.approx({"compute used": 1000, "committed, not used": 34_040})


def test_twelve_runs_use_the_year_up() -> None:
    """12 x 250 h = 3,000 h of the 8,760: still the whole year; 36 such runs: 9,000 h, by use."""
    year = make_offer(usd=0.5, commitment=8760.0, pricing="reserved", most=8)
    assert best([year], runs=12).cost_usd == pytest.approx(35_040)
    assert best([year], runs=36).cost_usd == pytest.approx(36 * HOURS * 0.5)
    assert best([year], runs=36).days == pytest.approx(250 / 24)


def test_forty_hours_take_a_block_of_fourteen_days() -> None:
    """48 GPUs need 41.7 h, so two days if those were sold; of 14 days 336 x 48 x 1.5 USD."""
    blocks = {"usd": 1.5, "pricing": "reserved", "least": 48, "most": 48}
    only = make_offer(block_days=(14, 28), **blocks)  # type: ignore[arg-type]
    plan = best([only])
    assert plan.block_days == 14
    assert plan.cost_usd == pytest.approx(336 * 48 * 1.5)
    assert lines(plan)["committed, not used"] == pytest.approx((336 * 48 - HOURS) * 1.5)
    finer = make_offer(block_days=(1, 2, 14), **blocks)  # type: ignore[arg-type]
    assert best([finer]).block_days == 2
    assert best([finer]).cost_usd == pytest.approx(48 * 48 * 1.5)


def test_runs_end_within_their_block_or_term() -> None:
    """250 h on 8 GPUs do not end in 10 days (240 h): three runs of 250 h take 35 days of 31.25."""
    week = make_offer(block_days=(10, 35), pricing="reserved", most=8)
    assert best([week]).block_days == 35
    assert best([week], runs=3).block_days == 35
    catalog = make_catalog([make_offer(longest=240.0, most=8)], [make_gpu()], FLAT)
    question = make_question("", **RUN, deadline="60d")
    assert best_plan(question, catalog, today=TODAY).plan is None


def test_storage_by_the_month() -> None:
    """2.4 TB of tokens and ten checkpoints of 14 GB, for 250 h of 730, at 0.1 USD."""
    plan = best([make_offer(most=8)], storage_price=0.1)
    stored = 600e9 * 4 / 1e9 + 10 * 14e9 / 1e9
    assert lines(plan)["storage"] == pytest.approx(stored * 0.1 * 250 / 730)


def test_money_up_front() -> None:
    """500 USD for each of 8 GPUs, once, also for two runs."""
    plan = best([make_offer(upfront=500.0, most=8)], runs=2)
    assert lines(plan) == pytest.approx({"compute used": 2 * HOURS * 2.0, "up front": 4000})


def test_all_that_a_contract_may_cost() -> None:
    """Two runs use 4,000 GPU-hours at 2 USD, of 10,000 that are paid at least, and 10 % support.

    900 USD once for the set-up, and each run moves a checkpoint of 14 GB out at 3 USD a GB.
    """
    terms: dict[str, Any] = {"setup_usd": 900.0, "minimum_usd": 10_000.0, "support_share": 0.1}
    plan = best([replace(make_offer(most=8), **terms, egress_usd_per_gb=3.0)], runs=2)
    assert lines(plan) == pytest.approx(
        {
            "compute used": 8000,
            "minimum spend, not used": 2000,
            "support": 1000,
            "set-up": 900,
            "egress": 2 * 14 * 3,
        }
    )
    assert plan.billed_gpu_hours == pytest.approx(5000)


@pytest.mark.parametrize(
    ("share", "payment", "said"),
    [
        (0.0, "", ""),
        (0.0, "monthly", "all of the bill is paid each month"),
        (0.25, "", "25 % of the bill, 2,500 USD, is due on signature"),
        (
            0.25,
            "quarterly",
            "25 % of the bill, 2,500 USD, is due on signature, the rest is paid each quarter",
        ),
        (1.0, "yearly", "all of the bill is due on signature"),
    ],
)
def test_when_a_bill_of_ten_thousand_is_due(share: float, payment: Payment, said: str) -> None:
    """What the contract says, and nothing where it does not."""
    offer = replace(make_offer(), prepaid_share=share, payment=payment)
    assert when_due(offer, 10_000.0) == said


def test_what_each_line_comes_about_by() -> None:
    """250 h of 336 on 8 GPUs; 2.54 TB for 10.42 days; the checkpoints of two runs."""
    block = make_offer(usd=1.0, pricing="reserved", most=8, block_days=(14, 28))
    plan = best([replace(block, egress_usd_per_gb=3.0)], storage_price=0.1)
    basis = {line.line: line.basis for line in plan.bill}
    assert basis["compute used"] == "2,000 GPU-hours at 1.00 USD"
    assert basis["committed, not used"] == (
        "688 GPU-hours at 1.00 USD: the block of 14 days is paid whole"
    )
    assert basis["egress"] == "the last checkpoint, 14 GB, at 3 USD a GB"
    assert basis["storage"] == "2.54 TB for 10.42 days at 0.1 USD a GB and month"
    year = replace(make_offer(commitment=8760.0, pricing="reserved"), egress_usd_per_gb=3.0)
    basis = {line.line: line.basis for line in best([year], runs=2).bill}
    assert "the commitment of 365 days is paid whole" in basis["committed, not used"]
    assert basis["egress"].startswith("the last checkpoint of each of 2 runs, 14 GB")


# What a whole run keeps of its steps' speed, losses to the usual interruptions among them.
HELD = 0.907


@pytest.mark.parametrize(
    ("failures", "interval"),
    [
        # At 3 a 1,000 GPU-days, 8 GPUs fail every 1,000 h, which a whole run's share holds.
        (3, sqrt(2 * 5 / 3600 * 1000)),
        # At 1,200 they fail every 2.5 h, with a checkpoint every ten minutes: that takes more.
        (1200, 600 / 3600),
    ],
)
@pytest.mark.parametrize("own", [{}, {"mfu": 0.5}])
def test_failures_take_their_time_and_money(
    failures: float, interval: float, own: dict[str, object]
) -> None:
    """Each costs half an interval, the write and 15 minutes; whole beside a speed of one's own."""
    plan = best([make_offer(most=8)], failures=failures, **own)
    rate, stall, write = failures / 1000 / 24 * 8, 5 / 3600, 14 / 1 / 3600
    taken = 1 + stall / interval + rate * (interval / 2 + write + 0.25)
    assert (taken * HELD > 1) == (failures == 1200)
    longer = taken if own else max(1.0, taken * HELD)
    assert plan.goodput == pytest.approx(1 / longer)
    assert plan.gpu_hours == pytest.approx(HOURS * longer)
    assert plan.cost_usd == pytest.approx(HOURS * longer * 2)
    assert plan.interruptions == pytest.approx(rate * HOURS * longer / 8)
    assert plan.checkpoint_minutes == pytest.approx(60 * interval)


def test_spot_pays_for_what_it_loses_and_waits_for_capacity() -> None:
    """Two nodes: 1.1 interruptions a day, there 70 % of the time, a quarter of slack on top."""
    spot = make_offer(usd=1.0, pricing="spot", least=16, most=16)
    plan = best([spot], pricing="spot")
    rate, stall, write = 1 / 24 * (1 + 0.1 * log2(2)), 5 / 3600, 14 / 2 / 3600
    interval = sqrt(2 * stall / rate)
    longer = 1 + stall / interval + rate * (interval / 2 + write + 0.25)
    assert plan.goodput == pytest.approx(1 / longer)
    assert plan.cost_usd == pytest.approx(HOURS * longer * 1.0)
    running = HOURS * longer / 16
    assert plan.days * 24 == pytest.approx(running / 0.7 * 1.25)
    assert plan.slack_days * 24 == pytest.approx(running / 0.7 * 0.25)


def test_spot_is_chosen_only_where_it_is_cheaper_after_what_it_loses() -> None:
    """16 GPUs lose 2.3 % of their hours (above): spot wins at 1.95 USD against 2, not at 1.96."""
    spot, other = "spot", "on_demand"
    for usd, winner in ((1.95, spot), (1.96, other)):
        offers = [make_offer(least=16, most=16)]
        offers.append(make_offer("beta", usd=usd, pricing="spot", least=16, most=16))
        assert best(offers, pricing="spot,on_demand").pricing == winner


def test_owned_hardware_with_resale() -> None:
    """30,000 USD a GPU: over 4 years 27.5 % of it is left; network, energy, colocation on top."""
    own = make_offer(usd=0.0, pricing="owned", purchase=30_000.0, most=8)
    plan = best([own], pricing="owned")
    hours = 4 * 8760
    rates = {
        "depreciation": 30_000 * (1 - 10 ** (-0.14 * 4)) / hours,
        "network": 30_000 * 0.19 / 0.81 / hours,
        "energy": 1.2 * 0.76 * 1.25 * 0.0826,
        "colocation": 1.2 * 184 / 730,
    }
    expected = {name: rate * HOURS for name, rate in rates.items()}
    assert lines(plan) == pytest.approx(expected)
    assert plan.usd_per_gpu_hour == pytest.approx(sum(rates.values()))


def test_a_server_that_is_paid_off_costs_what_running_it_costs() -> None:
    """Nothing is left to depreciate, nor of a network; energy and colocation as above."""
    catalog = make_catalog([make_offer()], [make_gpu()])
    rate = own_rate(make_offer(purchase=None), catalog.gpus["big"], catalog)
    assert (rate.depreciation, rate.network) == (0.0, 0.0)
    assert rate.usd_per_gpu_hour == pytest.approx(1.2 * 0.76 * 1.25 * 0.0826 + 1.2 * 184 / 730)


def test_energy_and_co2_are_information() -> None:
    """1.2 kW x 0.76 x PUE 1.25 a GPU, at the 400 g a kWh of the offer's region."""
    plan = best([make_offer(most=8)])
    assert plan.energy_mwh == pytest.approx(HOURS * 1.2 * 0.76 * 1.25 / 1000)
    assert plan.co2_kg == pytest.approx(plan.energy_mwh * 400)


def test_storage_counts_against_the_budget() -> None:
    """8 GPUs cost 4,000, 160 up front and 87 of storage, 16 cost 4,363: 4,240 is too little."""
    catalog = make_catalog([make_offer(upfront=20.0, most=16)], [make_gpu()], FLAT)
    question = {**RUN, "storage_price": 0.1, "deadline": "60d"}
    for budget, exists in (("4250", True), ("4240", False)):
        answer = best_plan(make_question("", **question, budget=budget), catalog, today=TODAY)
        assert (answer.plan is not None) == exists


def test_runs_that_use_a_commitment_up_exactly() -> None:
    """Three runs of 4,000 GPU-hours on 8 GPUs fall to 2,000 on 64; each GPU is paid for 200 h.

    With 1/MFU linear, 3·(4,000 - 2,000/56·(n - 8)) meets 200·n at n = 41.9: 42 GPUs pay 8,400 h,
    41 pay the 8,464 they use.
    """
    rising = {"big": ((8, 0.25), (64, 0.5))}
    offer = make_offer(usd=1.0, node=1, most=64, commitment=200.0, pricing="reserved")
    catalog = make_catalog([offer], [make_gpu()], rising)
    question = make_question("", **RUN, runs=3, storage_price=0, deadline="60d")
    plan = best_plan(question, catalog, today=TODAY).plan
    assert plan is not None
    assert plan.gpus == 42
    assert plan.cost_usd == pytest.approx(8400)


def test_a_block_that_gets_too_short_is_taken_in_the_next_duration() -> None:
    """What the range of the cost rests on: 1.5 times as long needs 28 days, not 14."""
    offer = make_offer(usd=1.0, pricing="reserved", most=8, block_days=(14, 28))
    catalog = make_catalog([offer], [make_gpu()], FLAT)
    found = open_market(make_question("", **RUN, storage_price=0, deadline="60d"), catalog)
    best = find_optimum(found.segments, found.limits)
    assert best is not None
    fleet = best[0]
    assert fleet.candidate.term.block_days == 14
    assert cost_at(fleet, 1, 1.0) == pytest.approx(14 * 24 * 8)
    assert cost_at(fleet, 1, 0.1) == pytest.approx(14 * 24 * 8)
    assert cost_at(fleet, 1, 1.5) == pytest.approx(28 * 24 * 8)
    # 250 h become the 336 of the block, or by rounding a hair more, which is no longer.
    for exactly in (336 / 250, 336 / 250 * (1 + 1e-15)):
        assert cost_at(fleet, 1, exactly) == pytest.approx(14 * 24 * 8)
    assert cost_at(fleet, 1, 336 / 250 * (1 + 1e-6)) == pytest.approx(28 * 24 * 8)


def test_a_block_that_is_surely_long_enough_is_paid_whole() -> None:
    """With 99 of 100 it is longer than eight in ten runs take, and still what the plan costs."""
    offer = make_offer(usd=1.0, pricing="reserved", most=8, block_days=(7, 14, 28, 42))
    catalog = replace(make_catalog([offer], [make_gpu()]), efficiency={})
    run = {**RUN, "tokens": "200B", "deadline": "90d", "pricing": "reserved", "storage_price": 0}
    plan = best_plan(make_question("", **run, confidence=0.99), catalog, today=TODAY).plan
    usual = best_plan(make_question("", **run), catalog, today=TODAY).plan
    assert plan is not None
    assert usual is not None
    assert (plan.block_days or 0) > (usual.block_days or 0)
    assert plan.cost_usd_range.low == plan.cost_usd_range.high == pytest.approx(plan.cost_usd)
