"""Optima worked out by hand, each with its sum written beside it."""

from collections.abc import Sequence
from math import sqrt

import pytest
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Offer
from optimizer import Plan, best_plan
from problems import make_question

# A flat curve, goodput 1 and free storage make the sums short: 6 x 1e9 x 6e11 FLOP = 3.6e21 are
# 1,000 hours at 1,000 TFLOP/s, so 2,000 GPU-hours at an MFU of 0.5.
FLAT = {"big": ((8, 0.5),), "old": ((8, 0.25),)}
RUN: dict[str, object] = {
    "model": "1B",
    "tokens": "600B",
    "seq_len": 1024,
    "goodput": 1,
    "storage_price": 0,
}
# 600B tokens of 4 bytes are 2,400 GB, ten checkpoints of 1e9 x 14 bytes 140 GB; a month has 730 h.
STORED_GB, MONTH = 2540, 730


def best(offers: Sequence[Offer], **fields: object) -> Plan:
    """The plan for the 2,000 GPU-hour run."""
    catalog = make_catalog(offers, [make_gpu(), make_gpu("old", 500.0)], FLAT)
    answer = best_plan(make_question("", **{**RUN, **fields}), catalog, today=TODAY)
    assert answer.plan is not None
    return answer.plan


def test_hours_times_price() -> None:
    """2,000 GPU-hours at 2 USD; 8 GPUs need 250 h, so one node keeps 11 days."""
    plan = best([make_offer(usd=2.0)], deadline="11d")
    assert plan.gpus == 8
    assert plan.gpu_hours == pytest.approx(2000)
    assert plan.cost_usd == pytest.approx(4000)
    assert plan.days == pytest.approx(250 / 24)


def test_whole_nodes() -> None:
    """In 10 days 8.33 GPUs are needed: two nodes of 8."""
    assert best([make_offer()], deadline="10d").gpus == 16


def test_a_slower_part_can_be_cheaper() -> None:
    """Old: half the peak at half the MFU, 8,000 GPU-hours, at 0.4 USD 3,200 against 4,000."""
    offers = [make_offer(usd=2.0), make_offer("beta_old", "old", usd=0.4)]
    plan = best(offers, deadline="90d")
    assert plan.offer == "beta_old"
    assert plan.cost_usd == pytest.approx(3200)
    # In 5 days (120 h) it takes 66.7, so 72 GPUs; with 64 at most only the big part is left.
    assert best(offers, deadline="5d").gpus == 72
    assert best(offers, deadline="5d", max_gpus=64).offer == "alpha_big"


def test_a_commitment_is_billed_in_full() -> None:
    """30 days x 8 GPUs = 5,760 GPU-hours billed at 0.6 USD = 3,456, for 2,000 used."""
    plan = best([make_offer(usd=0.6, commitment=720.0)], deadline="60d")
    assert plan.billed_gpu_hours == pytest.approx(5760)
    assert plan.cost_usd == pytest.approx(3456)


def test_a_commitment_that_loses_to_on_demand() -> None:
    """A year at 0.5 USD is 8 x 8,760 x 0.5 = 35,040 USD; on demand at 2 USD is 4,000."""
    offers = [make_offer("alpha_year", usd=0.5, commitment=8760.0), make_offer("beta_day", usd=2.0)]
    assert best(offers).offer == "beta_day"


def test_cost_up_front_and_lead_time() -> None:
    """2,000 h x 1 USD + 8 GPUs x 100 USD; 250 h of training after 50 h of waiting."""
    plan = best([make_offer(usd=1.0, upfront=100.0, lead=50.0)], deadline="13d")
    assert plan.cost_usd == pytest.approx(2800)
    assert plan.days == pytest.approx(300 / 24)
    assert plan.lead_days == pytest.approx(50 / 24)
    # 12 days leave 238 h for training: two nodes, and twice the cost up front.
    assert best([make_offer(usd=1.0, upfront=100.0, lead=50.0)], deadline="12d").gpus == 16


def test_fastest_under_a_budget() -> None:
    """With 10 USD a GPU up front, 5,000 USD leave (5,000 - 4,000) / 10 = 100 GPUs: 12 nodes."""
    plan = best([make_offer(usd=2.0, upfront=10.0)], minimize="time", budget="5000")
    assert plan.gpus == 96
    assert plan.days == pytest.approx(2000 / 96 / 24)


def test_ties_go_to_the_smallest_fleet() -> None:
    """On a flat curve every fleet costs the same; the smallest that keeps the deadline is told."""
    assert best([make_offer(usd=2.0)], deadline="60d").gpus == 8


def test_storage_is_paid_while_the_run_lasts() -> None:
    """On a flat curve GPU-hours cost the same at any size, so the largest fleet stores least."""
    # 2,000 GPU-hours on 512 GPUs take 3.906 h; 2,540 GB at 0.08 USD a month for so long: 1.09 USD.
    plan = best([make_offer(usd=2.0)], storage_price=None)
    assert plan.gpus == 512
    # Between two breakpoints hours are a chord, up to 1.25 % above that.
    storage = STORED_GB * 0.08 / MONTH * 2000 / 512
    assert 4000 + storage <= plan.cost_usd <= 4000 + storage * 1.0125
    # With 10 USD a GPU up front a node costs 80 USD more and saves 35 of the 70 USD at most.
    small = best([make_offer(usd=2.0, upfront=10.0)], storage_price=None)
    assert small.gpus == 8
    assert small.cost_usd == pytest.approx(4080 + STORED_GB * 0.08 / MONTH * 250)
    assert {line.line: line.usd for line in small.bill} == pytest.approx(
        {"compute used": 4000, "up front": 80, "storage": STORED_GB * 0.08 / MONTH * 250}
    )


def test_storage_at_a_price_of_your_own() -> None:
    """Up-front cost keeps it at 8 GPUs: 250 h of 2,540 GB at 0.02 USD a GB and month."""
    plan = best([make_offer(usd=2.0, upfront=10.0)], storage_price=0.02)
    assert plan.cost_usd == pytest.approx(4080 + STORED_GB * 0.02 / MONTH * 250)


def test_storage_for_next_to_nothing() -> None:
    """The smallest price there is moves no sum, and overflows none."""
    plan = best([make_offer(usd=2.0)], storage_price=1e-308, budget="5000", deadline="11d")
    assert plan.cost_usd == pytest.approx(4000)


def test_usual_failures_are_in_what_a_whole_run_keeps() -> None:
    """One interruption in 1,000 GPU-days takes 0.1 % of 8 GPUs: less than the 9.3 % held."""
    plan = best([make_offer(usd=2.0)], goodput=None, deadline="60d")
    assert plan.gpus == 8
    assert plan.goodput == pytest.approx(1)
    assert plan.cost_usd == pytest.approx(4000)
    # 8 GPUs fail every 3,000 h, a checkpoint stalls 5 s: sqrt(2 x 5/3,600 x 3,000) = 2.887 h.
    assert plan.interruptions == pytest.approx(250 / 3000)
    assert plan.checkpoint_minutes == pytest.approx(60 * sqrt(2 * 5 / 3600 * 3000))


@pytest.mark.parametrize("speed", [{"mfu": 0.5}, {"tflops_per_gpu": 500}])
def test_failures_grow_with_the_fleet(speed: dict[str, object]) -> None:
    """Beside a speed of one's own they count whole: on a flat curve the smallest loses least."""
    plan = best([make_offer(usd=2.0)], goodput=None, failures=1, deadline="60d", **speed)
    assert plan.gpus == 8
    # 8 GPUs: 8/24,000 an hour. A checkpoint stalls 5 s, so the best interval is
    # sqrt(2 x 5/3,600 x 3,000) = 2.887 h; writing 14 GB at 1 GB/s takes 14 s, restarting 15 min
    # with the loading in it.
    rate, stall, write = 8 / 24_000, 5 / 3600, 14 / 3600
    interval = sqrt(2 * stall / rate)
    hours = 2000 * (1 + stall / interval + rate * (interval / 2 + write + 0.25))
    assert hours == pytest.approx(2002.09, abs=0.005)
    assert plan.gpu_hours == pytest.approx(hours)
    assert plan.cost_usd == pytest.approx(2 * hours)
    assert plan.goodput == pytest.approx(2000 / hours)
    assert plan.checkpoint_minutes == pytest.approx(60 * interval)
    assert plan.interruptions == pytest.approx(hours / 8 * rate)


def test_many_failures_count_beyond_what_a_whole_run_keeps() -> None:
    """1,200 in 1,000 GPU-days: of what 8 GPUs lose, a share of 1 - 0.907 is in the MFU already."""
    plan = best([make_offer(usd=2.0)], goodput=None, failures=1200, deadline="60d")
    assert plan.gpus == 8
    # Every 2.5 h an interruption; the best interval, sqrt(2 x 5/3,600 x 2.5) h, is 5 min, so ten
    # as the least: 30 s/h of stalls, and 5 min, 14 s and 15 min for each interruption.
    lost = 6 * 5 / 3600 + 0.4 * (300 + 14 + 900) / 3600
    hours = 2000 * 0.907 * (1 + lost)
    assert hours == pytest.approx(2073.8, abs=0.05)
    assert plan.gpu_hours == pytest.approx(hours)
    assert plan.cost_usd == pytest.approx(2 * hours)
    assert plan.checkpoint_minutes == pytest.approx(10)


def test_spot_capacity_that_comes_and_goes() -> None:
    """One node is taken back once a day, is there 80 % of the time, and keeps 25 % in reserve."""
    offers = [make_offer("alpha_spot", usd=1.0, pricing="spot", most=8)]
    plan = best(offers, pricing="spot", deadline="60d")
    # Interval sqrt(2 x 5/3,600 x 24) = 0.258 h; 14 s to write, 15 min to restart and load.
    rate, stall, write = 1 / 24, 5 / 3600, 14 / 3600
    interval = sqrt(2 * stall / rate)
    hours = 2000 * (1 + stall / interval + rate * (interval / 2 + write + 0.25))
    assert hours == pytest.approx(2042.7, abs=0.05)
    assert plan.gpu_hours == pytest.approx(hours)
    assert plan.cost_usd == pytest.approx(hours)
    # 255.3 h of use are 319.2 h at 80 %, and 399 h with the reserve.
    assert plan.days == pytest.approx(hours / 8 / 0.8 * 1.25 / 24)
    assert plan.slack_days == pytest.approx(hours / 8 / 0.8 * 0.25 / 24)


def test_a_block_is_billed_whole() -> None:
    """For 2,000 GPU-hours in a day 83.3 GPUs are needed: 88 x 24 h x 0.5 USD = 1,056 USD."""
    offers = [make_offer("alpha_block", usd=0.5, pricing="reserved", block_days=(1, 7, 14))]
    plan = best(offers)
    assert (plan.gpus, plan.block_days) == (88, 1)
    assert plan.billed_gpu_hours == pytest.approx(88 * 24)
    assert plan.cost_usd == pytest.approx(1056)
    # One node takes 10.4 days, so a block of 14: 8 x 336 x 0.5 = 1,344 USD.
    one = best(offers, max_gpus=15)
    assert (one.gpus, one.block_days) == (8, 14)
    assert one.cost_usd == pytest.approx(1344)
    # Two nodes take 5.2 days; 16 x 168 x 0.5 are 1,344 USD as well, by an earlier deadline.
    two = best(offers, max_gpus=16, deadline="10d")
    assert (two.gpus, two.block_days) == (16, 7)
    assert two.cost_usd == pytest.approx(1344)


def test_an_offer_that_ends_too_soon() -> None:
    """An offer of 200 hours at most needs 10 GPUs, so two nodes; two such runs need 20, three."""
    offers = [make_offer(usd=2.0, longest=200.0)]
    assert best(offers).gpus == 16
    twice = best(offers, runs=2)
    assert twice.gpus == 24
    assert twice.cost_usd == pytest.approx(8000)
    assert twice.days == pytest.approx(2000 / 24 / 24)


def test_a_commitment_that_several_runs_fill() -> None:
    """5,760 GPU-hours at 0.6 USD: two runs use 4,000 of them and pay 3,456 USD, three 3,600."""
    offers = [make_offer(usd=0.6, commitment=720.0)]
    assert best(offers, runs=2, max_gpus=8).cost_usd == pytest.approx(3456)
    assert best(offers, runs=3, max_gpus=8).cost_usd == pytest.approx(3600)


def test_a_server_of_your_own_bears_its_share() -> None:
    """Depreciation over four years less resale, network, energy and space, for the hours used."""
    offers = [make_offer("own_big", usd=0.0, pricing="owned", purchase=35_040.0, provider="own")]
    plan = best(offers, pricing="owned", deadline="60d")
    # 35,040 USD over 35,040 h is 1 USD an hour, of which 1 - 10^(-0.14 x 4) is lost. The network
    # is 19 % of the capital cost, 0.19 / 0.81 of the server's. 1.2 kW x 76 % x 1.25 = 1.14 kW at
    # 0.0826 USD, and 1.2 kW of space at 184 USD a month.
    rate = 1 - 10**-0.56 + 0.19 / 0.81 + 1.14 * 0.0826 + 1.2 * 184 / MONTH
    assert rate == pytest.approx(1.3558, abs=1e-4)
    assert plan.usd_per_gpu_hour == pytest.approx(rate)
    assert plan.cost_usd == pytest.approx(2000 * rate)


def test_mfu_between_breakpoints() -> None:
    """1/MFU is linear: between 0.5 at 8 and 0.25 at 24 GPUs it is 3 at 16, so MFU 1/3."""
    catalog = make_catalog([make_offer()], [make_gpu()], {"big": ((8, 0.5), (24, 0.25))})
    question = make_question("", **{**RUN, "deadline": "8d"})
    plan = best_plan(question, catalog, today=TODAY).plan
    assert plan is not None
    # 8 GPUs take 250 h > 192 h; 16 GPUs at MFU 1/3 take 3,000 GPU-hours, 187.5 h.
    assert plan.gpus == 16
    assert plan.mfu == pytest.approx(1 / 3)
    assert plan.gpu_hours == pytest.approx(3000)
