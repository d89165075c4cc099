"""A deadline kept with a confidence: by a count of fleets, by closed forms, and fed back in."""

import json
import re
from dataclasses import replace
from math import inf
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from drawn_cases import cases
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mini_catalog import sixnd
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog, load_catalog
from optimizer import Answer, Reason, best_plan
from optimizer.answer import answer_market
from optimizer.market.limits import Objective
from optimizer.market.market import Market, open_market
from optimizer.market.segments import Segments
from optimizer.plan.check import broken_promises
from optimizer.plan.plan import Plan, make_plan
from optimizer.program.decide import find_optimum
from optimizer.program.enumerate import fleet_on
from optimizer.program.model import build_program
from optimizer.program.solve import solve_program
from optimizer.report.text.risk import premium_line
from optimizer.report.wording.limits import ruled_out_words
from optimizer.report.wording.losses import lost_words
from optimizer.study.frontier import frontier
from optimizer.study.levers import levers
from optimizer.study.price_of_confidence import premium_of
from optimizer.study.risk import risk_of
from problems import ProblemError, Question, as_command, load_problem, make_question

Z = NormalDist().inv_cdf
ROOM = 1 + 1e-9
RUN: dict[str, Any] = {"model": "1B", "tokens": "100B", "seq_len": 1024, "goodput": 0.9}


def predicted(*offers: Any) -> Catalog:
    """Offers of a part whose MFU is predicted, and so has a range."""
    return replace(make_catalog(offers or SINGLES, [make_gpu()]), efficiency={})


# Below 8 GPUs a prediction has another range than from 8 on.
SINGLES = (
    make_offer(node=1, most=40, lead=12.0),
    make_offer("beta_big", node=4, most=48, usd=1.9, commitment=100.0, provider="beta"),
)


def ask(**fields: Any) -> Question:
    """A question about a 1B model."""
    return make_question("", **{**RUN, **fields})


def answer(catalog: Catalog | None = None, **fields: Any) -> Answer:
    """Its answer."""
    return best_plan(ask(**fields), catalog or predicted(), today=TODAY)


def the_plan(found: Answer) -> Plan:
    """The plan, which is there."""
    assert found.plan is not None
    return found.plan


def promised(plan: Plan, confidence: float) -> float:
    """Days kept so surely, from the range of the MFU alone."""
    slower = (plan.mfu / plan.mfu_range.low) ** (Z(confidence) / Z(0.9))
    return float(plan.lead_days + (plan.days - plan.lead_days) * slower)


def test_nine_times_in_ten_is_the_end_of_the_range() -> None:
    """At 0.9 the promise is the 90th percentile of the days; it keeps the deadline."""
    plan = the_plan(answer(deadline="12d", confidence=0.9))
    assert plan.promised_days == pytest.approx(plan.days_range.high, rel=1e-9)
    assert plan.promised_days is not None
    assert plan.days < plan.promised_days <= 12 * ROOM
    assert the_plan(answer(deadline="12d")).promised_days is None


@pytest.mark.parametrize("confidence", [0.6, 0.8, 0.9, 0.99])
@pytest.mark.parametrize("deadline", [0.7, 1, 4, 20])
@pytest.mark.parametrize("goal", ["cost", "time"])
def test_the_plan_is_the_best_of_all_fleets_that_keep_it(
    confidence: float, deadline: float, goal: str
) -> None:
    """Every number of nodes by itself, its promise recomputed from the range of its MFU."""
    fields: dict[str, Any] = {
        "deadline": f"{deadline}d",
        "minimize": goal,
        "confidence": confidence,
    }
    found, catalog = answer(**fields), predicted()
    kept = [plan for plan in every_plan(catalog) if promised(plan, confidence) <= deadline * ROOM]
    if not kept:
        assert found.plan is None
        return
    plan = the_plan(found)
    if goal == "cost":
        assert plan.cost_usd == pytest.approx(min(one.cost_usd for one in kept), rel=1e-6)
    else:
        best = min(promised(one, confidence) for one in kept)
        assert plan.promised_days == pytest.approx(best, rel=1e-6)
    assert plan.promised_days == pytest.approx(promised(plan, confidence), rel=1e-9)


def every_plan(catalog: Catalog) -> list[Plan]:
    """Every fleet of every offer, whatever the limits."""
    market = open_market(ask(deadline="99y"), catalog)
    plans = []
    for index, fewest in enumerate(market.segments.fewest_nodes.tolist()):
        for nodes in range(fewest, int(market.segments.most_nodes[index]) + 1):
            plans.append(make_plan(market.run, catalog, fleet_on(market.segments, index, nodes)))
    return plans


def stretched(segments: Segments, stretches: list[float]) -> Segments:
    """The segments with any stretch, one after the other."""
    factor = np.resize(np.array(stretches), len(segments))
    return replace(
        segments,
        base_latest=segments.base_elapsed * factor,
        latest_per_gpu=segments.elapsed_per_gpu * factor,
    )


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases(), st.lists(st.floats(1, 4), min_size=1, max_size=6))
def test_the_program_is_exact_whatever_the_stretch(
    case: tuple[Question, Catalog], stretches: list[float]
) -> None:
    """Program, bounds and count agree with every fleet of every segment, for both goals."""
    question, catalog = case
    market = open_market(question, catalog)
    segments = stretched(market.segments, stretches)
    objectives: tuple[Objective, ...] = ("cost", "time")
    for objective in objectives:
        best = counted(segments, market, objective)
        found = find_optimum(segments, market.limits, objective)
        if best is None:
            assert found is None
            continue
        assert found is not None
        assert found[0].value(objective) == pytest.approx(best, rel=1e-6)
        assert found[1].gap <= 1e-6


def counted(segments: Segments, market: Market, objective: Objective) -> float | None:
    """The best value of all numbers of nodes within the limits; None without any."""
    limits, best = market.limits, []
    for index in range(len(segments)):
        one = segments.take(np.array([index]))
        nodes = np.arange(one.fewest_nodes[0], one.most_nodes[0] + 1)
        latest, cost = one.latest_hours(nodes), one.cost(nodes)
        promised = one.runs * (latest - one.lead_hours)
        keeps = (
            (latest <= limits.deadline_hours * ROOM)
            & (cost <= limits.budget_usd * ROOM)
            & (nodes * one.node <= limits["max_gpus"])
            & (one.power(nodes) <= limits["power_cap"] * ROOM)
            & (promised <= one.longest_hours * ROOM)
        )
        best += (cost if objective == "cost" else latest)[keeps].tolist()
    return min(best, default=None)


def test_the_written_program_has_the_stretched_hours() -> None:
    """Solved whole, before anything is dropped, it costs what the plan costs."""
    question = ask(deadline="5d", confidence=0.9)
    market = open_market(question, predicted())
    solved = solve_program(build_program(market.segments, market.limits))
    assert solved.objective == pytest.approx(
        the_plan(answer(deadline="5d", confidence=0.9)).cost_usd
    )


def reasons(**fields: Any) -> dict[str, Reason]:
    """Why there is no plan, by limit."""
    found = answer(**fields)
    assert found.plan is None
    return {reason.limit: reason for reason in found.reasons}


def test_suggestions_work_and_a_little_less_does_not() -> None:
    """The suggested deadline is one that is kept so surely; the suggested confidence is enough."""
    asked: dict[str, Any] = {"deadline": "0.8d", "confidence": 0.95}
    assert answer(deadline="0.8d").plan is not None
    found = reasons(**asked)
    assert set(found) == {"deadline", "confidence"}
    for limit, reason in found.items():
        written = str(reason.fields[limit])
        assert the_plan(answer(**{**asked, limit: written})), reason
        less: Any = f"{float(written[:-1]) - 0.0011:.4f}{written[-1]}"
        if limit == "confidence":
            less = float(written) + 0.001
        assert answer(**{**asked, limit: less}).plan is None, reason


def test_a_confidence_is_no_way_out_where_the_deadline_is_missed_anyway() -> None:
    """Nothing about confidence is suggested where no fleet is expected to be in time."""
    fastest = the_plan(answer(minimize="time")).days
    asked: dict[str, Any] = {"deadline": f"{0.99 * fastest}d", "confidence": 0.9}
    assert set(reasons(**asked)) == {"deadline"}
    assert "with a confidence of 0.9" in ruled_out_words(answer(**asked).ruled_out[0])[0]
    # A little more time, and to be less sure is a way out.
    asked["deadline"] = f"{1.01 * fastest}d"
    assert set(reasons(**asked)) == {"deadline", "confidence"}


def test_a_given_mfu_has_no_range_and_the_answer_says_so() -> None:
    """The same fleet, and a warning; the promise is what is expected."""
    sure = answer(deadline="5d", mfu=0.3, confidence=0.99)
    plain = answer(deadline="5d", mfu=0.3)
    plan = the_plan(sure)
    assert plan == replace(the_plan(plain), promised_days=plan.days)
    assert any("a confidence of 0.99 changes nothing" in said for said in sure.warnings)
    assert not any("confidence" in said for said in plain.warnings)
    measured = make_catalog(SINGLES, [make_gpu()])
    said = answer(measured, deadline="20d", confidence=0.9).warnings
    assert any("the MFU is measured and has no range" in one for one in said)


def test_the_premium_is_the_distance_to_the_plain_plan() -> None:
    """Both questions asked by themselves; and the limit is told among those that bind."""
    sure, plain = answer(deadline="3d", confidence=0.9), answer(deadline="3d")
    premium = premium_of(sure, predicted())
    assert (premium.plain, premium.sure) == (plain.plan, sure.plan)
    assert premium.cost_usd is not None
    assert premium.days is not None
    assert premium.cost_usd == pytest.approx(the_plan(sure).cost_usd - the_plan(plain).cost_usd)
    assert premium.cost_usd > 0
    assert premium.days < 0
    assert "confidence" in {binding.limit for binding in sure.binding}
    assert premium_of(plain, predicted()) == premium


def test_the_premium_where_nothing_is_that_sure() -> None:
    """Said, rather than left out."""
    plain = answer(deadline=f"{1.001 * the_plan(answer(minimize='time')).days}d")
    premium = premium_of(plain, predicted())
    assert (premium.sure, premium.cost_usd, premium.days) == (None, None, None)
    assert premium_line(premium, asked=False).startswith(
        "No fleet within the limits keeps the deadline 90 times"
    )


def test_reasons_speak_of_the_days_that_are_kept() -> None:
    """A deadline is missed by the days kept with confidence, not by those expected."""
    gpus = [make_gpu(), make_gpu("old", 60.0)]
    sold = (make_offer(node=1, most=40), make_offer("slow", gpu="old", node=8, most=8))
    catalog = replace(make_catalog(sold, gpus), efficiency={})
    market = open_market(ask(deadline="9d", confidence=0.9), catalog)
    found = levers(market, answer_market(market, "highs", 60, TODAY))
    (lost,) = (one for one in found.lost if one.gpu == "old")
    late, best = re.findall(r"([\d.,]+) days", lost_words(lost))
    assert float(best) - float(late) == pytest.approx(9, abs=0.02)
    assert "at best with a confidence of 0.9" in lost_words(lost)


def test_the_fastest_is_the_fastest_that_is_kept() -> None:
    """The frontier marks the plan that is chosen; the confidence binds only where it costs."""
    question = ask(deadline="90d", confidence=0.9, minimize="time")
    sure = answer(deadline="90d", confidence=0.9, minimize="time")
    market = open_market(question, predicted())
    found = frontier(market)
    assert found.asked is not None
    assert found.points[found.asked].plan == the_plan(sure)
    assert found.points[found.asked].days == the_plan(sure).promised_days
    assert "confidence" not in {binding.limit for binding in sure.binding}


def test_the_draws_keep_what_was_promised() -> None:
    """With the MFU alone unsure, the share of draws in time is the confidence of the promise."""
    for confidence in (0.7, 0.9):
        found, catalog = answer(deadline="9d", confidence=confidence), predicted()
        plan = the_plan(found)
        assert plan.promised_days is not None
        exactly = replace(found.run, deadline_hours=plan.promised_days * 24)
        risk = risk_of(exactly, plan, catalog, 40_000, today=TODAY)
        assert risk.p_deadline == pytest.approx(confidence, abs=0.008)


def test_a_promise_that_is_not_kept_is_found() -> None:
    """The check recomputes the promise from the plan's own range."""
    found, catalog = answer(deadline="9d", confidence=0.8), predicted()
    plan = the_plan(found)
    candidates = open_market(found.run.question, catalog).candidates
    (curve,) = {one.hardware.curve for one in candidates if one.offer.offer == plan.offer}
    assert not broken_promises(plan, found.run, catalog, curve)
    assert plan.promised_days is not None
    late = replace(found.run, deadline_hours=(plan.promised_days - 0.1) * 24)
    (said,) = broken_promises(plan, late, catalog, curve)
    assert said.startswith("confidence: at 0.8")
    wrong = replace(plan, promised_days=plan.days)
    (said,) = broken_promises(wrong, found.run, catalog, curve)
    assert said.startswith("promised_days: ")


@pytest.mark.parametrize("written", ["0.9", "90%", 0.9])
def test_a_confidence_is_a_share(written: object) -> None:
    """As people write it, and back as an option."""
    question = make_question("", model="8B", confidence=written)
    assert question.confidence == 0.9
    assert "--confidence 0.9" in as_command(question)


@pytest.mark.parametrize("written", ["0.5", "1", "90", "often", 0.3, True])
def test_what_is_no_confidence(written: object) -> None:
    """At even odds there is nothing to be sure of, and nothing is certain."""
    with pytest.raises(ProblemError, match="confidence: "):
        make_question("", model="8B", confidence=written)


def test_a_given_fleet_leaves_nothing_to_be_sure_of() -> None:
    """Refused beside a fleet, as every other choice is."""
    with pytest.raises(ProblemError, match="fleet, confidence: the fleet decides"):
        make_question("", model="8B", confidence=0.9, fleet={"gpu": "h100_sxm", "gpus": 8})


def test_a_problem_file_has_it_among_the_limits(tmp_path: Any) -> None:
    """In [limits], beside the deadline."""
    path = tmp_path / "sure.toml"
    path.write_text('[run]\nmodel = "8B"\n[limits]\nconfidence = 0.95\n', encoding="utf-8")
    assert load_problem(path).confidence == 0.95


def test_the_command_implies_how_sure_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """The premium, the promise and the risk, in text and in JSON."""
    words = ("plan", "8B", "--deadline", "20d", "--gpu", "h100_sxm", "--confidence", "90%")
    text = " ".join(sixnd(capsys, *words).out.split())
    assert "How sure" in text
    assert "at most with a confidence of 0.9" in text
    assert "To keep the deadline 90 times in 100 costs" in text
    data = json.loads(sixnd(capsys, *words, "--json").out)
    assert data["question"]["confidence"] == 0.9
    assert data["plan"]["promised_days"] <= 20
    assert set(data["premium"]) == {"confidence", "cost_usd", "days", "plain", "sure"}
    assert data["risk"]["p_deadline"] > 0.85


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("8B", {"deadline": "30d", "provider": "gcp", "gpu": "B200", "pricing": "reserved"}),
        ("70B", {"deadline": "60d", "capacity": "self_serve"}),
        ("70B", {"deadline": "60d", "region": "APAC"}),
    ],
)
def test_what_is_promised_ends_within_what_is_paid(model: str, fields: dict[str, Any]) -> None:
    """A block, or an offer that ends, holds the hours that are kept with that confidence."""
    question = make_question(model=model, confidence=0.9, **fields)
    catalog = load_catalog()
    plan = best_plan(question, catalog, today=TODAY).plan
    assert plan is not None
    assert plan.promised_days is not None
    offer = next(offer for offer in catalog.offers if offer.offer == plan.offer)
    days = plan.block_days or (offer.longest_hours or inf) / 24
    assert plan.promised_days - plan.lead_days <= days * (1 + 1e-9)
