"""What a budget and a deadline afford: by hand, and by asking for the answer and the next size."""

import json
from math import sqrt
from typing import Any

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from mini_catalog import sixnd
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog, load_catalog
from optimizer import best_plan
from optimizer.market.market import open_market
from optimizer.program.bounds import within
from optimizer.study import afford as study
from optimizer.study.afford import Affordable, parameters_at, step_of
from problems import ProblemError, Question, make_question

FLAT = {"big": ((8, 0.5), (512, 0.5))}
SURE: dict[str, Any] = {"goodput": 0.9, "storage_price": 0, "seq_len": 1024}
# USD for one FLOP at 2 USD an hour, 1,000 TFLOP/s, MFU 0.5 and goodput 0.9.
USD_PER_FLOP = 2 / (1e15 * 0.5 * 0.9 * 3600)
MIXED = (
    make_offer(most=256, usd=2.0),
    make_offer("beta_old", "old", usd=0.4, most=64, provider="beta", commitment=200.0),
    make_offer("gamma_small", "small", usd=0.3, most=8, node=1, provider="gamma"),
)
PARTS = (make_gpu(), make_gpu("old", 250.0), make_gpu("small", 150.0, memory_gb=24.0))


def question(**fields: Any) -> Question:
    """A question whose own model does not matter."""
    return make_question("", **{"model": "10M", **SURE, **fields})


def afford(
    catalog: Catalog, tokens_per_parameter: float | None = None, **fields: Any
) -> Affordable:
    """What these limits afford."""
    asked = question(**fields)
    return study.afford(asked, catalog, tokens_per_parameter=tokens_per_parameter, today=TODAY)


def three_digits_down(parameters: float) -> float:
    """The size cut to three digits."""
    digits = f"{parameters:.12e}"
    return float(digits[:4] + digits[digits.index("e") :])


def size(found: Affordable) -> float:
    """The size that fits, which is there."""
    assert found.largest is not None
    return found.largest.parameters


def test_the_money_is_what_is_short() -> None:
    """120·N² FLOP for the whole budget; a tenth more money buys the root of a tenth more size."""
    found = afford(make_catalog([make_offer()], curves=FLAT), budget="1M", deadline="99y")
    exact = sqrt(1e6 / USD_PER_FLOP / 120)
    assert size(found) == three_digits_down(exact)
    assert found.largest is not None
    assert found.largest.tokens == 20 * size(found)
    assert found.answer.plan is not None
    assert found.answer.plan.cost_usd <= 1e6
    assert found.with_a_tenth_more_money is not None
    assert found.with_a_tenth_more_money.parameters == three_digits_down(exact * sqrt(1.1))
    assert found.with_a_tenth_more_time is not None
    assert found.with_a_tenth_more_time.parameters == size(found)


def test_the_time_is_what_is_short() -> None:
    """All 512 GPUs until the deadline; a tenth more money is no use."""
    found = afford(make_catalog([make_offer()], curves=FLAT), budget="10M", deadline="10d")
    exact = sqrt(512 * 240 * 3600 * 1e15 * 0.5 * 0.9 / 120)
    assert size(found) == three_digits_down(exact)
    assert found.with_a_tenth_more_time is not None
    assert found.with_a_tenth_more_time.parameters == three_digits_down(exact * sqrt(1.1))
    assert found.with_a_tenth_more_money is not None
    assert found.with_a_tenth_more_money.parameters == size(found)


def test_other_tokens() -> None:
    """So many a parameter, or so many in all."""
    catalog = make_catalog([make_offer()], curves=FLAT)
    many = afford(catalog, 200, budget="1M", deadline="99y")
    assert size(many) == three_digits_down(sqrt(1e6 / USD_PER_FLOP / 1200))
    assert many.largest is not None
    assert many.largest.tokens == 200 * size(many)
    fixed = afford(catalog, budget="1M", deadline="99y", tokens="1T")
    assert size(fixed) == three_digits_down(1e6 / USD_PER_FLOP / 6e12)
    assert fixed.largest is not None
    assert fixed.largest.tokens == 1e12


CASES: list[dict[str, Any]] = [
    {"budget": "2k", "deadline": "20d"},
    {"budget": "50k", "deadline": "5d"},
    {"budget": "3M", "deadline": "60d", "max_gpus": 100},
    {"budget": "100k", "deadline": "30d", "power_cap": "60kW"},
    {"budget": "20", "deadline": "90d", "minimize": "time"},
    {"budget": "500k", "deadline": "10d", "tokens": "300B"},
]


@pytest.mark.parametrize("fields", CASES)
def test_the_answer_fits_and_the_next_size_does_not(fields: dict[str, Any]) -> None:
    """Both asked for by themselves, each of the three answers."""
    catalog = make_catalog(MIXED, PARTS)
    found = afford(catalog, **fields)
    asked = question(**fields)
    assert asked.budget is not None
    assert asked.deadline is not None
    money = asked.model_copy(update={"budget": asked.budget * 1.1})
    time = asked.model_copy(update={"deadline": asked.deadline * 1.1})
    assert found.largest is not None
    assert found.with_a_tenth_more_money is not None
    assert found.with_a_tenth_more_time is not None
    check(found.largest.parameters, asked, catalog)
    check(found.with_a_tenth_more_money.parameters, money, catalog)
    check(found.with_a_tenth_more_time.parameters, time, catalog)


def check(parameters: float, asked: Question, catalog: Catalog) -> None:
    """This size has a plan, and the next of three digits has none."""
    step = step_of(parameters)
    assert parameters_at(step) == parameters
    for one, fits in ((step, True), (step + 1, False)):
        sized = asked.model_copy(update={"model": f"{parameters_at(one):.0f}"})
        assert (best_plan(sized, catalog, today=TODAY).plan is not None) == fits


@pytest.mark.parametrize("fields", CASES[:3])
def test_what_comes_close_only_makes_it_faster(
    fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking at the wrong GPU model alone, from far away, ends at the same size."""
    catalog = make_catalog(MIXED, PARTS)
    right = afford(catalog, **fields)
    monkeypatch.setattr(study, "FLOP_PER_USD", 1e12)
    monkeypatch.setattr(study, "COMES_CLOSE", 1.0)
    monkeypatch.setattr(study, "NEAR", 1e12)
    wrong = afford(catalog, **fields)
    assert wrong.largest == right.largest
    assert wrong.with_a_tenth_more_money == right.with_a_tenth_more_money
    assert wrong.with_a_tenth_more_time == right.with_a_tenth_more_time


@pytest.mark.slow
def test_the_shipped_catalog() -> None:
    """A confidence holds for the size as well: less is afforded, and it is kept."""
    asked: dict[str, Any] = {"budget": "1M", "deadline": "30d", "gpu": "H100"}
    facts = load_catalog()
    sure, plain = (
        study.afford(make_question("", model="1B", **asked, **more), facts, today=TODAY)
        for more in ({"confidence": 0.9}, {})
    )
    assert sure.answer.plan is not None
    assert sure.answer.plan.promised_days is not None
    assert sure.answer.plan.promised_days <= 30
    assert size(sure) <= size(plain)
    check(size(plain), make_question("", model="1B", **asked), facts)


def test_not_even_the_smallest() -> None:
    """The answer is that of the smallest size: why it has no plan."""
    catalog = make_catalog([make_offer(upfront=1e6)], curves=FLAT)
    found = afford(catalog, budget="5", deadline="30d")
    assert found.largest is None
    assert found.answer.plan is None
    assert "budget" in {reason.limit for reason in found.answer.reasons}


def test_what_cannot_be_searched_for() -> None:
    """Without a budget, or with two numbers of tokens."""
    catalog = make_catalog([make_offer()], curves=FLAT)
    with pytest.raises(ProblemError, match="budget: is missing"):
        afford(catalog, deadline="30d")
    with pytest.raises(ProblemError, match="tokens: so many a parameter are given as well"):
        afford(catalog, 20, budget="1M", tokens="1T")


@settings(max_examples=examples(200))
@given(st.floats(1e7, 1e14))
def test_steps_are_sizes_of_three_digits(parameters: float) -> None:
    """The step of a size is the largest that is not above it."""
    step = step_of(parameters)
    assert parameters_at(step) <= parameters < parameters_at(step + 1)
    assert step_of(parameters_at(step)) == step


@pytest.mark.slow
def test_none_of_the_next_sizes_fits() -> None:
    """Up to 3 % larger: a model with a layer more may be faster to train than a smaller one."""
    facts = load_catalog()
    asked = make_question("", model="1B", budget="1M", deadline="30d")
    found = study.afford(asked, facts, today=TODAY)
    assert found.largest is not None
    largest = found.largest.parameters
    for step in range(1, 15):
        size = largest * (1 + step / 450)
        market = open_market(asked.model_copy(update={"model": f"{size / 1e9:.3g}B"}), facts)
        if market.run.shape.parameters > largest:
            assert not len(within(market.segments, market.limits))


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence first, then the plan; JSON with the documented keys; exit codes."""
    words = ("afford", "--budget", "30k", "--deadline", "30d", "--gpu", "h100_sxm")
    ran = sixnd(capsys, *words)
    assert ran.code == 0
    assert ran.out.startswith("30,000 USD and 30 days afford ")
    data = json.loads(sixnd(capsys, *words, "--json").out)
    keys = ("parameters", "tokens", "with_a_tenth_more_money", "with_a_tenth_more_time")
    assert set(data) >= {*keys, "plan", "question"}
    assert data["question"]["parameters"] == data["parameters"]
    assert data["with_a_tenth_more_money"]["parameters"] > data["parameters"]
    assert data["plan"]["cost_usd"] <= 30_000
    ran = sixnd(capsys, "afford", "--budget", "0.0001", "--gpu", "h100_sxm")
    assert ran.code == 1
    assert "do not afford 10M parameters" in ran.out
    assert "try --budget" in ran.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--deadline", "30d"), "--budget: is missing"),
        (("--budget", "1M", "--tokens-per-parameter", "0"), "--tokens-per-parameter: 0 is out"),
        (("--budget", "1M", "--tokens-per-parameter", "many"), "--tokens-per-parameter: 'many'"),
        (("--budget", "1M", "--tokens-per-parameter", "9", "--tokens", "1T"), "--tokens: so many"),
        (("--budget", "1M", "--gpu", "H1000"), "--gpu: "),
    ],
)
def test_bad_input_in_one_line(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    """Where it was made, and exit code 2."""
    ran = sixnd(capsys, "afford", *words)
    assert ran.code == 2
    assert ran.err.startswith(f"error: {said}")
    assert len(ran.err.splitlines()) == 1
