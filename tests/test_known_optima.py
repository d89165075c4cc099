"""Optima worked out by hand, each with its sum written beside it."""

from collections.abc import Sequence

import pytest
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Offer
from optimizer import Plan, best_plan
from problems import make_question

# A flat curve and goodput 1 make the sums short: 6 x 1e9 x 6e11 FLOP = 3.6e21 are 1,000 hours
# at 1,000 TFLOP/s, so 2,000 GPU-hours at an MFU of 0.5.
FLAT = {"big": ((8, 0.5),), "old": ((8, 0.25),)}
RUN: dict[str, object] = {"model": "1B", "tokens": "600B", "goodput": 1, "seq_len": 1024}


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
