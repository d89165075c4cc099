"""An answer beside other stacks: every figure fed back as a question."""

import json
from dataclasses import replace
from functools import cache
from math import inf
from typing import Any

import pytest
from beside_cases import LLAMA, QUESTIONS, answer, estimated, large, plan_of, predicted
from mini_catalog import sixnd
from small_catalog import TODAY, make_catalog, make_offer

from optimizer import best_plan
from optimizer.answer import Answer
from optimizer.market.market import open_market
from optimizer.plan import stacks
from optimizer.plan.stacks import WithStack
from optimizer.report.charts.tornado import tornado_chart
from optimizer.report.data.recommendation import recommendation_data
from optimizer.report.document.document import document
from optimizer.report.document.markdown import as_markdown
from optimizer.report.wording.stacks import stacks_line
from optimizer.report.workbook.grids import summary
from optimizer.study.recommendation import Recommendation, recommend
from optimizer.study.sensitivity import STACK, Case, Sensitivity, sensitivity_of
from problems import Question, make_question

Capture = pytest.CaptureFixture[str]


def asked_with(stack: str, fields: dict[str, Any]) -> Question:
    """A question asked with a stack, or with none where it is left open."""
    return make_question("", **{**fields, "stack": None if stack == stacks.OPEN else stack})


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_choice_with_a_stack_is_that_of_the_question_asked_with_it(name: str) -> None:
    """Offer and GPUs as the program decides them, and whether the decision stays."""
    found = answer(name)
    for one in found.stacks:
        then = best_plan(asked_with(one.stack, QUESTIONS[name]), predicted(), today=TODAY).plan
        assert (one.offer, one.gpus) == (then and then.offer, then and then.gpus)
        assert one.same_decision == (one.offer == plan_of(found).offer)


@pytest.mark.parametrize("name", QUESTIONS)
def test_days_and_cost_with_a_stack_are_those_of_the_same_fleet(name: str) -> None:
    """The market reduced to the plan's own fleet, asked with that stack and without limits."""
    found, plan = answer(name), plan_of(answer(name))
    (own,) = (offer for offer in predicted().offers if offer.offer == plan.offer)
    alone = replace(predicted(), offers=(replace(own, min_gpus=plan.gpus, max_gpus=plan.gpus),))
    free = {**QUESTIONS[name], "deadline": "900d", "budget": None, "confidence": None}
    for one in found.stacks:
        then = best_plan(asked_with(one.stack, free), alone, today=TODAY).plan
        assert then is not None
        assert one.mfu == pytest.approx(then.mfu, rel=5e-3)
        assert one.days == pytest.approx(then.days, rel=6e-3)
        assert one.cost_usd == pytest.approx(then.cost_usd, rel=6e-3)


def test_which_stacks_an_answer_is_set_beside() -> None:
    """Tuned and ordinary; where one is named also that one, which is the plan, and none."""
    assert [one.stack for one in answer("cheapest").stacks] == ["tuned", "typical"]
    assert [one.stack for one in answer("tuned").stacks] == ["tuned", "typical", "open"]
    assert [one.stack for one in answer("named").stacks] == ["tuned", "typical", "fsdp", "open"]
    plan, own = plan_of(answer("named")), answer("named").stacks[2]
    same = WithStack("fsdp", plan.days, plan.cost_usd, plan.mfu, plan.offer, plan.gpus, True)
    assert own == replace(same, days=own.days, cost_usd=own.cost_usd)
    assert (own.days, own.cost_usd) == pytest.approx((plan.days, plan.cost_usd))


def test_nothing_is_set_beside_a_speed_that_was_given_or_measured() -> None:
    """What is known does not depend on the stack."""
    question = make_question("", **QUESTIONS["cheapest"], mfu=0.4)
    assert best_plan(question, predicted(), today=TODAY).stacks == ()
    measured = make_catalog([make_offer()])
    assert best_plan(make_question(model="1B"), measured, today=TODAY).stacks == ()
    assert estimated(mfu=0.4, **LLAMA, gpu="h100_sxm", gpus=16384).stacks == ()


@pytest.mark.parametrize("name", ["cheapest", "fastest", "surely", "owned"])
def test_offers_that_are_not_opened_cannot_win(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening the whole market changes nothing."""
    monkeypatch.setattr(stacks, "ROOM", inf)
    asked = make_question("", **QUESTIONS[name])
    assert best_plan(asked, predicted(), today=TODAY).stacks == answer(name).stacks


def fastest() -> float:
    """Days of the fastest plan of all."""
    fields = {**QUESTIONS["cheapest"], "minimize": "time"}
    return plan_of(best_plan(make_question("", **fields), predicted(), today=TODAY)).days


@cache
def tight() -> Answer:
    """A deadline that the fastest fleet keeps by a hair."""
    fields = {**QUESTIONS["cheapest"], "deadline": f"{fastest() * 1.0001}d"}
    return best_plan(make_question("", **fields), predicted(), today=TODAY)


def test_a_deadline_that_an_ordinary_stack_misses() -> None:
    """No fleet keeps it then, and the plan's own is past it: both are said."""
    tuned, ordinary = tight().stacks
    assert ordinary.days > tight().run.deadline_hours / 24 > tuned.days
    assert (ordinary.offer, ordinary.gpus, ordinary.same_decision) == (None, None, False)
    said = stacks_line(tight().run, tight().stacks)
    assert said.count("past the deadline") == 1
    assert "asked with ordinary, no fleet keeps the limits" in said


def test_the_line_says_both_stacks_the_choice_and_what_tuning_is_worth() -> None:
    """In words, from the figures of the data."""
    found = answer("cheapest")
    tuned, ordinary = found.stacks
    other = replace(ordinary, offer="elsewhere", gpus=1024, same_decision=False)
    said = stacks_line(found.run, (replace(tuned, cost_usd=1.5e6), replace(other, cost_usd=2e6)))
    assert said.startswith("tuned 1.5 million USD in ")
    assert "; ordinary 2 million USD in " in said
    assert "; asked with ordinary, elsewhere (1,024 GPUs) is cheapest; " in said
    assert said.endswith("; tuning is worth 500,000 USD")
    same = stacks_line(found.run, (tuned, replace(ordinary, cost_usd=tuned.cost_usd)))
    assert same.endswith("; the offer stays; tuning saves nothing")
    moved = [replace(one, offer="elsewhere", same_decision=False) for one in found.stacks]
    gpus_then = {one.gpus for one in moved}
    assert ("asked with tuned or ordinary, " in stacks_line(found.run, moved)) == (
        len(gpus_then) == 1
    )


def test_a_named_stack_is_compared_with_leaving_it_open() -> None:
    """Not with itself."""
    said = stacks_line(answer("tuned").run, answer("tuned").stacks)
    assert said.startswith("ordinary ")
    assert "; left open " in said


@pytest.mark.parametrize("command", ["plan", "ask"])
def test_plan_and_ask_say_it(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """In the block of facts, in a few lines of 80 columns; in the data with the documented keys."""
    monkeypatch.setenv("COLUMNS", "80")
    words = ["plan", "8B", "--deadline", "30d"]
    if command == "ask":
        words = ["ask", "cheapest way to train 8B in 30 days"]
    ran = sixnd(capsys, *words)
    lines = ran.out.splitlines()
    (start,) = (i for i, line in enumerate(lines) if line.startswith("  stacks  "))
    (end,) = (i for i, line in enumerate(lines) if line.startswith("  price "))
    assert 1 <= end - start <= 4
    assert max(map(len, lines[start:end])) <= 80
    data = json.loads(sixnd(capsys, *words, "--json").out)
    keys = {"stack", "days", "cost_usd", "mfu", "offer", "gpus", "same_decision"}
    assert [set(one) for one in data["stacks"]] == [keys, keys]
    assert [one["stack"] for one in data["stacks"]] == ["tuned", "typical"]


def test_an_answer_inside_a_study_does_without() -> None:
    """It would take longer, and nobody reads it."""
    from optimizer.answer import answer_market

    market = open_market(make_question("", **QUESTIONS["cheapest"]), predicted())
    plain = answer_market(market, "highs", 60, TODAY)
    assert plain == replace(answer("cheapest"), stacks=(), standing=None)


@pytest.mark.parametrize("named", [None, "megatron"])
def test_an_estimate_with_a_stack_is_that_of_the_question_asked_with_it(named: str | None) -> None:
    """Days, cost and MFU; nothing is chosen."""
    found = estimated("h100_sxm", 16384, **LLAMA, stack=named)
    assert len(found.stacks) == (2 if named is None else 4)
    for one in found.stacks:
        stack = None if one.stack == stacks.OPEN else one.stack
        then = estimated("h100_sxm", 16384, **LLAMA, stack=stack)
        assert (one.days, one.cost_usd, one.mfu) == (then.days, then.cost_usd, then.mfu)


def test_the_text_of_an_estimate(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both stacks without a choice, and the published run with its source."""
    monkeypatch.setenv("COLUMNS", "80")
    size = ("--gpu", "h100_sxm", "--gpus", "16384", "--tokens", "15.6T")
    fleet = (*size, "--usd-per-gpu-hour", "2.5")  # no list sells so many
    said = " ".join(sixnd(capsys, "estimate", "llama-3.1-405b", *fleet).out.split())
    data = json.loads(sixnd(capsys, "estimate", "llama-3.1-405b", *fleet, "--json").out)
    assert " stacks tuned " in said
    assert "; tuning is worth " in said
    assert " the offer stays" not in said
    assert "asked with" not in said
    assert "published 30.84M GPU-hours on 16,384 H100 SXM5 80GB (prod-llama3.1405b: " in said
    assert "Llama 3.1 405B model card" in said
    (one,) = data["published"]
    assert one["ratio"] == pytest.approx(data["gpu_hours"] / 30.84e6)
    assert f" {one['ratio']:.2f}x " in said
    assert [set(s) for s in data["stacks"]] == [{"stack", "days", "cost_usd", "mfu"}] * 2


def studied(name: str) -> Sensitivity:
    """The sensitivity of one of the questions above."""
    found = sensitivity_of(open_market(make_question("", **QUESTIONS[name]), predicted()))
    assert found is not None
    return found


def of_stacks(found: Sensitivity) -> list[Case]:
    """Its cases of other stacks."""
    return [case for case in found.cases if case.factor == STACK]


@pytest.mark.parametrize("name", ["cheapest", "fastest", "tuned", "mixture"])
def test_sensitivity_asks_with_both_stacks(name: str) -> None:
    """Each case as the question asked with it; the change is that of the plan's own MFU."""
    found, fields = studied(name), QUESTIONS[name]
    cases = of_stacks(found)
    beside = {one.stack: one for one in answer(name).stacks}
    expected = [one for one in ("tuned", "typical") if one != fields.get("stack")]
    assert [case.stack for case in cases] == expected
    for case in cases:
        assert case.stack is not None
        then = plan_of(best_plan(asked_with(case.stack, fields), predicted(), today=TODAY))
        assert (case.offer, case.gpus) == (then.offer, then.gpus)
        assert case.cost_usd == pytest.approx(then.cost_usd)
        assert case.days == pytest.approx(then.days)
        assert case.change == pytest.approx(beside[case.stack].mfu / found.base.mfu - 1)
        assert case.same_decision == (then.offer == found.base.offer)
    assert all(case.stack is None for case in found.cases if case.factor != STACK)
    assert STACK not in {flip.factor for flip in found.flips}


def test_a_measured_mfu_has_no_stack_to_vary() -> None:
    """Its cases are figures alone."""
    market = open_market(make_question(model="1B"), make_catalog([make_offer()]))
    found = sensitivity_of(market)
    assert found is not None
    assert not of_stacks(found)


def test_the_text_and_the_chart_of_the_sensitivity_name_the_stacks(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block of its own, a bar each, and no word about flips."""
    monkeypatch.setenv("COLUMNS", "80")
    ran = sixnd(capsys, "sensitivity", "8B", "--deadline", "30d", "--gpu", "H100")
    lines = ran.out.splitlines()
    at = lines.index("software stack (left open)")
    assert lines[at + 1].startswith("  tuned, MFU +")
    assert any(line.startswith("  ordinary, MFU -") for line in lines[at + 2 : at + 4])
    assert ran.out.count("software stack") == 1
    found = studied("cheapest")
    run = open_market(make_question("", **QUESTIONS["cheapest"]), predicted()).run
    drawn = json.dumps(tornado_chart(run, found).to_dict())
    assert '"label": "tuned"' in drawn
    assert '"label": "ordinary"' in drawn


def test_risk_says_that_the_stack_is_in_the_range_unless_named(capsys: Capture) -> None:
    """In a note below the draws."""
    words = ("plan", "8B", "--deadline", "30d", "--gpu", "H100", "--risk", "--draws", "100")
    note = "the range of the MFU holds any software stack"
    assert note in " ".join(sixnd(capsys, *words).out.split())
    assert note not in sixnd(capsys, *words, "--stack", "tuned").out
    assert note not in sixnd(capsys, *words, "--mfu", "0.4").out


@cache
def reported() -> Recommendation:
    """A recommendation on a part with a published run of the same size."""
    return recommend(make_question("", **LLAMA, deadline="200d"), large(), TODAY)


@pytest.mark.slow
def test_the_report_says_both_on_its_first_page() -> None:
    """Page, wiki text and data alike."""
    found = reported()
    reasons = " ".join(document(found).reasons)
    assert (
        f"The same fleet with other software: {stacks_line(found.answer.run, found.answer.stacks)}"
        in reasons
    )
    assert "A published run like it: 30.84M GPU-hours on 16,384 H100" in reasons
    assert "MODEL_CARD.md" in reasons
    wiki = as_markdown(document(found))
    assert wiki.index("tuning is worth") < wiki.index("## Fleets compared")
    data = recommendation_data(found)
    assert [one["stack"] for one in data["stacks"]] == ["tuned", "typical"]
    assert [one["run"] for one in data["published"]] == ["prod-llama3.1405b"]


def test_the_workbook_says_both() -> None:
    """Rows of its summary, numbers as numbers."""
    rows = {row[0]: row for row in summary(reported()).rows}
    for name, one in zip(("tuned", "ordinary"), reported().answer.stacks, strict=True):
        assert getattr(rows[f"stack {name}, USD"][1], "value", None) == one.cost_usd
    assert getattr(rows["published, GPU-hours"][1], "value", None) == 30.84e6


@pytest.mark.slow
def test_what_the_run_factor_holds_is_said() -> None:
    """In the speed, the sum and the assumption on failures; with a given speed it is nowhere."""
    found = reported()
    held = "90.7% of it kept in a whole run, usual interruptions included"
    wiki = " ".join(as_markdown(document(found)).replace("\\", "").split())
    assert wiki.count(held) >= 2
    notes = {figure.key: figure.note for figure in found.calculation}
    assert held in notes["mfu"]
    assert "more than the usual ones" in notes["goodput"]
    failures = next(one for one in found.answer.assumptions if one.name == "failures")
    assert "where they take more than the run factor holds" in failures.value
    given = recommend(
        make_question("", **LLAMA, deadline="200d", mfu=0.4, failures=1), large(), TODAY
    )
    assert held not in as_markdown(document(given))
    failures = next(one for one in given.answer.assumptions if one.name == "failures")
    assert "run factor" not in failures.value
