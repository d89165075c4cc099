"""How sure a plan is: against closed forms, the bill's own rule, and the command."""

from dataclasses import replace
from datetime import timedelta
from math import exp, log
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from mini_catalog import sixnd, write_mini
from small_catalog import READ_ON, TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog
from optimizer import Answer, best_plan
from optimizer.market.market import open_market
from optimizer.plan.bill import cost_at, rent_usd
from optimizer.plan.plan import Plan
from optimizer.plan.ranges import Span
from optimizer.program.bounds import within
from optimizer.program.enumerate import best_fleet
from optimizer.report.text.risk import kept_line
from optimizer.study.risk import Risk, price_spread, risk_of, risks_of
from problems import make_question

DRAWS = 40_000
# Percentiles of so many draws of a spread of a fifth or two: three standard errors and a bit.
SAMPLING = 0.012
NORMAL = NormalDist()
QUOTE = "your_quote"
RUN: dict[str, object] = {"model": "8B", "tokens": "1T", "deadline": "30d"}
SURE: dict[str, Any] = {"goodput": 0.9, "storage_price": 0}


def quoted(**terms: object) -> Catalog:
    """One offer at a price that is sure."""
    offer = replace(make_offer(**terms), source=QUOTE)  # type: ignore[arg-type]
    catalog = make_catalog([offer], [make_gpu()])
    source = replace(catalog.sources["price_page"], source=QUOTE)
    return replace(catalog, sources={**catalog.sources, QUOTE: source})


def planned(catalog: Catalog, low: float = 1, high: float = 1, **fields: Any) -> Answer:
    """The answer, its plan's MFU with a range of these factors."""
    answer = best_plan(make_question("", **{**RUN, **fields}), catalog, today=TODAY)
    assert answer.plan is not None
    mfu = answer.plan.mfu
    plan = replace(answer.plan, mfu_range=Span(low * mfu, high * mfu))
    return replace(answer, plan=plan)


def drawn(catalog: Catalog, answer: Answer, seed: int = 0, draws: int = DRAWS) -> Risk:
    """The risk of the answer's plan."""
    assert answer.plan is not None
    return risk_of(answer.run, answer.plan, catalog, draws, seed, today=TODAY)


def the_plan(answer: Answer) -> Plan:
    """The plan, which is there."""
    assert answer.plan is not None
    return answer.plan


def test_with_only_the_mfu_unsure_days_are_those_of_its_range() -> None:
    """The 10th and 90th percentile of the MFU are those of days, the wait before apart."""
    catalog = quoted(lead=48.0)
    answer = planned(catalog, 0.7, 1.2, **SURE)
    plan, risk = the_plan(answer), drawn(catalog, answer)
    running = plan.days - 2
    assert risk.days.p10 == pytest.approx(2 + running / 1.2, rel=SAMPLING)
    assert risk.days.p50 == pytest.approx(plan.days, rel=SAMPLING)
    assert risk.days.p90 == pytest.approx(2 + running / 0.7, rel=SAMPLING)
    assert risk.cost_usd.p90 == pytest.approx(plan.cost_usd / 0.7, rel=SAMPLING)


@pytest.mark.parametrize("room", [0.8, 0.95, 1.0, 1.1, 1.3])
def test_the_chance_of_the_deadline_is_a_normal_distribution_of_the_log_distance(
    room: float,
) -> None:
    """In the slow half the spread is that of the low end, in the fast half that of the high."""
    catalog = quoted()
    answer = planned(catalog, 0.7, 1.2, **SURE)
    deadline = the_plan(answer).days * 24 * room
    late = replace(answer, run=replace(answer.run, deadline_hours=deadline))
    end = 1 / 0.7 if room >= 1 else 1.2
    expected = NORMAL.cdf(log(room) / (log(end) / NORMAL.inv_cdf(0.9)))
    assert drawn(catalog, late).p_deadline == pytest.approx(expected, abs=0.008)


@pytest.mark.parametrize("storage_price", [0, 5])
@pytest.mark.parametrize("runs", [1, 3])
def test_nothing_unsure_leaves_the_plan(storage_price: float, runs: int) -> None:
    """A quote, an MFU and a goodput that are given: every draw is the plan, to the last digit."""
    catalog = quoted(lead=24.0)
    given = {**SURE, "storage_price": storage_price, "runs": runs}
    answer = planned(catalog, mfu=0.4, budget="10M", max_gpus=360, minimize="time", **given)
    plan, risk = the_plan(answer), drawn(catalog, answer, draws=200)
    for percentile in ("p10", "p50", "p90"):
        assert getattr(risk.days, percentile) == pytest.approx(plan.days, rel=1e-9)
        assert getattr(risk.cost_usd, percentile) == pytest.approx(plan.cost_usd, rel=1e-9)
    assert (risk.p_deadline, risk.p_budget) == (1.0, 1.0)


def test_an_old_price_is_less_sure() -> None:
    """5 %, and 10 % more with each 90 days; a quote is fixed, a year is as old as prices get."""
    offer = make_offer()
    assert price_spread(offer, READ_ON) == pytest.approx(0.05)
    assert price_spread(offer, READ_ON + timedelta(days=180)) == pytest.approx(0.25)
    assert price_spread(offer, READ_ON + timedelta(days=365)) == pytest.approx(0.05 + 36.5 / 90)
    assert price_spread(offer, READ_ON + timedelta(days=3650)) == pytest.approx(0.05 + 36.5 / 90)
    assert price_spread(replace(offer, source=QUOTE), READ_ON) == 0.0


def test_with_only_the_price_unsure_cost_is_lognormal() -> None:
    """The plan's cost is the median; a commitment and what is up front move with it."""
    catalog = make_catalog([make_offer(commitment=720.0, upfront=100.0)], [make_gpu()])
    answer = planned(catalog, **SURE)
    plan, risk = the_plan(answer), drawn(catalog, answer)
    wide = exp(NORMAL.inv_cdf(0.9) * (0.05 + 0.1 * (TODAY - READ_ON).days / 90))
    assert risk.cost_usd.p10 == pytest.approx(plan.cost_usd / wide, rel=SAMPLING)
    assert risk.cost_usd.p90 == pytest.approx(plan.cost_usd * wide, rel=SAMPLING)
    assert risk.days.p10 == risk.days.p90 == pytest.approx(plan.days)


def test_interruptions_scatter_as_poisson_counts() -> None:
    """At a given rate the days of a run spread by its count alone, each losing so many hours."""
    catalog = quoted()
    answer = planned(catalog, failures=200, mfu=0.4, storage_price=0, runs=3)
    plan, risk = the_plan(answer), drawn(catalog, answer)
    # A checkpoint every 10 minutes, 15 to restart and load, 112 GB written at 1 GB/s a node. The
    # speed is one's own, so that all of it counts.
    lost = (1 / 6) / 2 + 112 / plan.nodes / 3600 + 0.25
    training = 6 * 8e9 * 1e12 / (plan.gpus * 1e15 * 0.4) / 3600
    count = 200 / 1000 / 24 * plan.gpus * training
    spread = NORMAL.inv_cdf(0.9) * count**0.5 * lost / 24
    assert risk.days.p50 == pytest.approx(plan.days, rel=0.002)
    assert risk.days.p90 - risk.days.p50 == pytest.approx(spread, rel=0.06)
    # The bill is that of three runs, each with its own count.
    assert risk.cost_usd.p50 == pytest.approx(plan.cost_usd, rel=0.001)
    dearer = 3**0.5 * spread * 24 * plan.gpus * 2.0
    assert risk.cost_usd.p90 - risk.cost_usd.p50 == pytest.approx(dearer, rel=0.06)


def failing(catalog: Catalog, rate: float, low: float, high: float) -> Catalog:
    """The catalog with this rate of failures a 1,000 GPU-days, and its published range."""
    known = catalog.failures["any"]
    row = replace(known, interruptions_per_1000_gpu_days=rate, low=low, high=high)
    return replace(catalog, failures={"any": row})


def test_the_rate_of_failures_spreads_with_what_is_published() -> None:
    """The rate of the catalog has a range; the days at its ends are those of its ends."""
    catalog = failing(quoted(least=80, most=80), 150, 50, 300)
    asked: dict[str, Any] = {"storage_price": 0, "deadline": "60d"}
    answer = planned(catalog, **asked)
    plan, risk = the_plan(answer), drawn(catalog, answer)
    fewest, most = (the_plan(planned(catalog, **asked, failures=rate)) for rate in (50, 300))
    # 80 GPUs fail every 2 hours. Each time half of ten minutes is lost, the write of 112 GB by 10
    # nodes and 15 minutes, and every ten minutes 5 s; of all that 9.3 % of the time is held.
    training = 6 * 8e9 * 1e12 / (80 * 1e15 * plan.mfu) / 3600 / 24
    once = (5 * 60 + 112 / 10 + 15 * 60) / 3600
    for found, rate in ((fewest, 50), (plan, 150), (most, 300)):
        hourly = 1 + 5 / 600 + rate / 1000 / 24 * 80 * once
        assert found.days == pytest.approx(training * max(1.0, 0.907 * hourly), rel=1e-3)
    assert fewest.days < 0.95 * plan.days < 0.95**2 * most.days
    assert risk.days.p10 == pytest.approx(fewest.days, rel=SAMPLING)
    assert risk.days.p50 == pytest.approx(plan.days, rel=SAMPLING)
    assert risk.days.p90 == pytest.approx(most.days, rel=SAMPLING)


def test_failures_that_a_whole_run_holds_spread_nothing() -> None:
    """Between 10 and 60 a 1,000 GPU-days 80 GPUs lose at most 7.6 %: the MFU's range has it."""
    catalog = failing(quoted(least=80, most=80), 20, 10, 60)
    answer = planned(catalog, storage_price=0)
    plan, risk = the_plan(answer), drawn(catalog, answer)
    assert risk.days.p10 == risk.days.p90 == pytest.approx(plan.days)


BLOCKS = make_offer(pricing="reserved", block_days=(7, 14, 30))
COMMITTED = make_offer(commitment=400.0, upfront=50.0)


@pytest.mark.parametrize("offer", [BLOCKS, COMMITTED, make_offer()])
@pytest.mark.parametrize("runs", [1, 3])
def test_many_bills_at_once_are_the_bills_one_by_one(offer: object, runs: int) -> None:
    """Used hours, commitments and blocks, each stretch by itself and all of them together."""
    catalog = make_catalog([offer], [make_gpu()])  # type: ignore[list-item]
    question = make_question("", **{**RUN, **SURE, "deadline": "9d", "runs": runs})
    market = open_market(question, catalog)
    fleet = best_fleet(within(market.segments, market.limits), "cost")
    assert fleet is not None
    term, blocks = fleet.candidate.term, fleet.candidate.offer.block_days
    stretches = np.array([0.3, 0.7, 1.0, 1.6, 2.5, 5.0])
    used, elapsed = fleet.gpu_hours * stretches, runs * fleet.wall_hours * stretches
    together = rent_usd(term, blocks, fleet.gpus, used, elapsed)
    for stretch, usd, hours, days in zip(stretches, together, used, elapsed / 24, strict=True):
        assert usd == pytest.approx(cost_at(fleet, runs, float(stretch)))
        least = term.commitment_hours
        if blocks:
            least = max(least, 24 * next((float(b) for b in blocks if b >= days), float(days)))
        by_hand = 2.0 * max(hours, least * fleet.gpus) + term.upfront_usd_per_gpu * fleet.gpus
        assert usd == pytest.approx(by_hand)


def test_a_block_that_gets_too_short_is_counted() -> None:
    """The share of draws in which the run ends within the block, and none without an end."""
    catalog = make_catalog([BLOCKS], [make_gpu()])
    answer = planned(catalog, 0.7, 1.4, pricing="reserved", **SURE)
    plan, risk = the_plan(answer), drawn(catalog, answer)
    assert plan.block_days is not None
    room = log(plan.block_days / plan.days) / log(1 / 0.7) * NORMAL.inv_cdf(0.9)
    assert risk.p_term == pytest.approx(NORMAL.cdf(room), abs=0.01)
    assert f"the block of {plan.block_days} days" in kept_line(answer.run, plan, risk)
    endless = make_catalog([make_offer()], [make_gpu()])
    answer = planned(endless, 0.7, 1.4, **SURE)
    assert drawn(endless, answer).p_term is None


def test_every_limit_that_may_be_missed_is_told() -> None:
    """The default deadline as such, and the budget."""
    catalog = quoted()
    answer = planned(catalog, 0.8, 1.2, deadline=None, budget="1M", **SURE)
    plan, risk = the_plan(answer), drawn(catalog, answer)
    said = kept_line(answer.run, plan, risk)
    assert said.startswith("Kept: the default deadline of 90 days ")
    assert ", the budget of 1 million USD nearly always." in said
    budget = f"{plan.cost_usd * 1.001:.2f}"
    tight = planned(catalog, 0.8, 1.2, deadline=None, budget=budget, **SURE)
    best = best_plan(tight.run.question, catalog, today=TODAY)
    assert drawn(catalog, tight).p_budget == pytest.approx(0.5, abs=0.02)
    assert best.plan is not None
    assert not any("past the budget" in warning for warning in best.warnings)


def test_power_and_space_of_ones_own_do_not_move_with_the_price() -> None:
    """Of an owned server's hour only what was paid for it is unsure."""
    catalog = make_catalog([make_offer(pricing="owned", usd=0.0, purchase=30_000.0)], [make_gpu()])
    answer = planned(catalog, pricing="owned", **SURE)
    plan, risk = the_plan(answer), drawn(catalog, answer)
    stays = sum(line.usd for line in plan.bill if line.line in ("energy", "colocation"))
    wide = exp(NORMAL.inv_cdf(0.9) * (0.05 + 0.1 * (TODAY - READ_ON).days / 90))
    expected = stays + (plan.cost_usd - stays) * wide
    assert risk.cost_usd.p90 == pytest.approx(expected, rel=SAMPLING)


@pytest.mark.parametrize("pricing", ["on_demand", "spot"])
def test_the_middle_of_the_draws_is_the_plan(pricing: str) -> None:
    """With everything unsure, storage and several runs, the medians stay near the plan."""
    catalog = make_catalog([make_offer(pricing=pricing)], [make_gpu()])  # type: ignore[arg-type]
    known = catalog.defaults["spot_interruptions_per_node_day"]
    spread = {known.name: replace(known, low=0.5, high=2)}
    catalog = replace(catalog, defaults={**catalog.defaults, **spread})
    answer = planned(catalog, 0.8, 1.25, pricing=pricing, runs=2, deadline="99d")
    plan, risk = the_plan(answer), drawn(catalog, answer)
    assert risk.days.p50 == pytest.approx(plan.days, rel=0.03)
    assert risk.cost_usd.p50 == pytest.approx(plan.cost_usd, rel=0.03)
    assert risk.days.p10 < plan.days < risk.days.p90


def test_the_same_seed_gives_the_same_figures_and_alternatives_the_same_draws() -> None:
    """Deterministic; another seed differs a little; an equal alternative has an equal risk."""
    catalog = make_catalog([make_offer(), make_offer("beta_big", provider="beta")], [make_gpu()])
    answer = best_plan(make_question("", **RUN), catalog, today=TODAY)
    first, again = (risks_of(answer, catalog, 1000, 7, today=TODAY) for _ in range(2))
    other = risks_of(answer, catalog, 1000, 8, today=TODAY)
    assert first == again
    assert first.plan != other.plan
    assert first.plan.days == first.alternatives[0].days


def test_the_command_says_how_sure_it_is(
    capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A section of the text, and "risk" in the JSON of the plan and of each alternative."""
    import json

    mini = str(write_mini(tmp_path_factory.mktemp("catalog") / "mini"))
    words = ("plan", "8B", "--deadline", "30d", "--budget", "1M", "--catalog", mini)
    text = sixnd(capsys, *words, "--risk").out
    assert "How sure" in text
    assert "10,000 draws" in text
    plain = json.loads(sixnd(capsys, *words, "--json").out)
    assert "risk" not in plain
    data = json.loads(sixnd(capsys, *words, "--draws", "500", "--seed", "3", "--json").out)
    assert set(data["risk"]) == {
        "draws",
        "seed",
        "days",
        "cost_usd",
        "p_deadline",
        "p_budget",
        "p_term",
    }
    assert (data["risk"]["draws"], data["risk"]["seed"]) == (500, 3)
    assert set(data["risk"]["days"]) == {"p10", "p50", "p90"}
    assert all("risk" in other for other in data["alternatives"])
    assert {key: data[key] for key in plain if key != "alternatives"} == {
        key: plain[key] for key in plain if key != "alternatives"
    }


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--draws", "5", "--draws: '5'; expected a whole number from 100 to 1,000,000"),
        ("--draws", "many", "--draws: 'many'; expected a whole number from 100 to 1,000,000"),
        ("--seed", "-1", "--seed: '-1'; expected a whole number from 0 to 4,294,967,295"),
    ],
)
def test_what_no_draws_can_be_made_of(
    capsys: pytest.CaptureFixture[str], option: str, value: str, said: str
) -> None:
    """In one line, before anything is computed."""
    ran = sixnd(capsys, "plan", "8B", option, value)
    assert (ran.code, ran.err.strip()) == (2, f"error: {said}")


def test_a_given_fleet_has_no_risk(capsys: pytest.CaptureFixture[str]) -> None:
    """An estimate has no alternatives to compare; the mistake says so."""
    ran = sixnd(capsys, "plan", "problems/llama_3_1_405b.toml", "--risk")
    assert ran.code == 2
    assert "the fleet is given" in ran.err
