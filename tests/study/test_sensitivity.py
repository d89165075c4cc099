"""One figure changed at a time: each case as if the question or the catalog itself were changed."""

import json
from collections.abc import Callable
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from mini_catalog import sixnd, write_mini
from read_page import assert_drawn
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog, Default
from optimizer import best_plan
from optimizer.market.market import open_market
from optimizer.plan.plan import Plan
from optimizer.study import factors as changes
from optimizer.study.sensitivity import CAPACITY, Case, Flip, Sensitivity, sensitivity_of
from problems import Question, make_question

Capture = pytest.CaptureFixture[str]


def sensitivity(question: Question, catalog: Catalog) -> Sensitivity:
    """The sensitivity of a question's plan, which is there."""
    found = sensitivity_of(open_market(question, catalog))
    assert found is not None
    return found


Changed = Callable[[Question, Catalog, float], tuple[Question, Catalog]]
CURVE = [(8, 0.5), (512, 0.35)]
OTHER = [(8, 0.4), (512, 0.38)]


def known_catalog(mfu: float = 1.0) -> Catalog:
    """Every kind of price on two parts, the MFU of both multiplied."""
    gpus = [make_gpu("big"), make_gpu("small", 500.0)]
    sold = [
        make_offer("alpha_big", usd=2.0, upfront=20.0),
        make_offer("beta_small", gpu="small", usd=1.05, provider="beta"),
        make_offer("beta_spot", usd=1.4, pricing="spot", provider="beta"),
        make_offer(
            "gamma_block", usd=1.9, pricing="reserved", block_days=(7, 14), provider="gamma"
        ),
        make_offer("own_big", usd=0.0, pricing="owned", purchase=90_000.0, provider="own"),
    ]
    scaled = {
        name: [(n, share * mfu) for n, share in curve]
        for name, curve in (("big", CURVE), ("small", OTHER))
    }
    return make_catalog(sold, gpus, scaled)


def known_question(**changes: object) -> Question:
    """A run of some days, storage and interruptions included."""
    fields = {"model": "1e9", "seq_len": 1024, "tokens": "400B", "deadline": "10d"}
    return make_question("", **{**fields, **changes})


def change_mfu(question: Question, catalog: Catalog, factor: float) -> tuple[Question, Catalog]:
    """The catalog's curves, multiplied."""
    return question, replace(catalog, efficiency=known_catalog(factor).efficiency)


def change_prices(question: Question, catalog: Catalog, factor: float) -> tuple[Question, Catalog]:
    """All that offers ask for: an hour, up front, and for a server."""
    return question, priced(catalog, factor, {offer.provider for offer in catalog.offers})


def priced(catalog: Catalog, factor: float, providers: set[str]) -> Catalog:
    """The catalog with the prices of these providers multiplied."""
    offers = tuple(
        replace(
            offer,
            usd_per_gpu_hour=offer.usd_per_gpu_hour * factor,
            upfront_usd_per_gpu=offer.upfront_usd_per_gpu * factor,
            purchase_usd_per_gpu=offer.purchase_usd_per_gpu and offer.purchase_usd_per_gpu * factor,
        )
        if offer.provider in providers
        else offer
        for offer in catalog.offers
    )
    return replace(catalog, offers=offers)


def change_winner(question: Question, catalog: Catalog, factor: float) -> tuple[Question, Catalog]:
    """The prices of the provider whose offer is chosen."""
    plan = best_plan(question, catalog, today=TODAY).plan
    assert plan is not None
    return question, priced(catalog, factor, {plan.provider})


def change_tokens(question: Question, catalog: Catalog, factor: float) -> tuple[Question, Catalog]:
    """More to read."""
    tokens = (question.tokens or 0.0) * factor
    return question.model_copy(update={"tokens": tokens}), catalog


def change_deadline(
    question: Question, catalog: Catalog, factor: float
) -> tuple[Question, Catalog]:
    """More time."""
    deadline = (question.deadline or 90 * 24.0) * factor
    return question.model_copy(update={"deadline": deadline}), catalog


def change_failures(
    question: Question, catalog: Catalog, factor: float
) -> tuple[Question, Catalog]:
    """The published rates, or the question's own, multiplied."""
    if question.failures is not None:
        return question.model_copy(update={"failures": question.failures * factor}), catalog
    rates = {
        name: replace(
            rate, interruptions_per_1000_gpu_days=rate.interruptions_per_1000_gpu_days * factor
        )
        for name, rate in catalog.failures.items()
    }
    return question, replace(catalog, failures=rates)


def change_spot(question: Question, catalog: Catalog, factor: float) -> tuple[Question, Catalog]:
    """How often spot nodes are taken away."""
    name = "spot_interruptions_per_node_day"
    rate = catalog.defaults[name]
    more: dict[str, Default] = {name: replace(rate, value=rate.value * factor)}
    return question, replace(catalog, defaults={**catalog.defaults, **more})


REALLY: dict[str, Changed] = {
    "mfu": change_mfu,
    "prices": change_prices,
    "provider_price": change_winner,
    "tokens": change_tokens,
    "deadline": change_deadline,
    "failures": change_failures,
    "spot_interruptions": change_spot,
}
QUESTIONS = {
    "cheapest": known_question(),
    "spot": known_question(pricing="on_demand,spot,reserved"),
    "owned": known_question(pricing="owned,on_demand", runs=3, storage_price=5),
    "fastest": known_question(minimize="time", budget="21k"),
    "tight": known_question(deadline="2.3d", max_gpus=32, failures=60),
}


# One question in the fast loop, all of them where there is time.
SOME = [
    name if name == "owned" else pytest.param(name, marks=pytest.mark.slow) for name in QUESTIONS
]


def planned(name: str, question: Question, change: float) -> Plan | None:
    """The plan where the question or the catalog is changed for real."""
    asked, catalog = REALLY[name](question, known_catalog(), 1 + change)
    return best_plan(asked, catalog, today=TODAY).plan


def really(case: Case, question: Question) -> Plan | None:
    """The plan of a case: with another figure, or asked for with that capacity."""
    if case.capacity is None:
        return planned(case.factor, question, case.change)
    asked = question.model_copy(update={"capacity": case.capacity})
    return best_plan(asked, known_catalog(), today=TODAY).plan


@pytest.mark.slow
@pytest.mark.parametrize("asked", SOME)
def test_cases_are_what_real_changes_give(asked: str) -> None:
    """Every case of every factor: cost, days, offer and GPUs; or no plan in both."""
    question = QUESTIONS[asked]
    found = sensitivity(question, known_catalog())
    assert found.base == best_plan(question, known_catalog(), today=TODAY).plan
    for case in found.cases:
        plan = really(case, question)
        if plan is None:
            assert (case.cost_usd, case.offer, case.same_decision) == (None, None, False)
            continue
        assert case.offer == plan.offer
        assert case.gpus == plan.gpus
        assert case.cost_usd == pytest.approx(plan.cost_usd, rel=1e-9)
        assert case.days == pytest.approx(plan.days, rel=1e-9)
        assert case.same_decision == (plan.offer == found.base.offer)


@pytest.mark.parametrize("asked", SOME)
def test_flips_are_where_real_changes_flip(asked: str) -> None:
    """At the flip the real question has another offer, and a tenth of a point nearer it has not."""
    question = QUESTIONS[asked]
    found = sensitivity(question, known_catalog())
    for flip in found.flips:
        plan = planned(flip.factor, question, flip.change)
        assert (plan.offer if plan else None) == flip.offer != found.base.offer
        assert (plan.gpus if plan else None) == flip.gpus
        nearer = flip.change + (0.001 if flip.change < 0 else -0.001)
        before = planned(flip.factor, question, nearer)
        assert before is not None
        assert before.offer == found.base.offer


@pytest.mark.slow
def test_the_questions_above_show_what_they_should() -> None:
    """Among them every factor is there, some decisions change, and some changes leave no plan."""
    every = [sensitivity(question, known_catalog()) for question in QUESTIONS.values()]
    cases = [case for found in every for case in found.cases]
    assert {case.factor for case in cases} == {*REALLY, CAPACITY}
    assert any(not case.same_decision and case.offer for case in cases)
    assert any(case.cost_usd is None for case in cases)
    flips = [flip for found in every for flip in found.flips]
    assert {flip.change > 0 for flip in flips} == {True, False}
    assert any(flip.offer is None for flip in flips)


def of(found: Sensitivity, factor: str) -> list[Case]:
    """The cases of one factor."""
    return [case for case in found.cases if case.factor == factor]


def flip_of(found: Sensitivity, factor: str) -> list[Flip]:
    """The flips of one factor."""
    return [flip for flip in found.flips if flip.factor == factor]


def test_by_hand() -> None:
    """Two offers of one part at 2.00 and 2.105 USD: the dearer one wins from +5.25 % on."""
    sold = [
        make_offer("alpha_big", usd=2.0),
        make_offer("beta_big", usd=2.105, provider="beta"),
    ]
    catalog = make_catalog(sold, curves={"big": [(8, 0.5), (512, 0.5)]})
    question = known_question(goodput=0.9, storage_price=0)
    found = sensitivity(question, catalog)
    assert flip_of(found, "provider_price") == [Flip("provider_price", 0.053, "beta_big", 8)]
    assert not flip_of(found, "prices")
    usd = found.base.cost_usd
    prices = {case.change: case.cost_usd for case in of(found, "prices")}
    assert prices == {c: pytest.approx(usd * (1 + c)) for c in (-0.2, -0.1, 0.1, 0.2)}
    speeds = {case.change: case.cost_usd for case in of(found, "mfu")}
    assert speeds == {c: pytest.approx(usd / (1 + c)) for c in (-0.2, -0.1, 0.1, 0.2)}
    tokens = {case.change: case.cost_usd for case in of(found, "tokens")}
    assert tokens == {c: pytest.approx(usd * (1 + c)) for c in (-0.25, -0.1, 0.1, 0.25)}
    # A goodput that is given has the failures in it.
    assert not of(found, "failures")


def test_no_mfu_above_the_peak() -> None:
    """At 0.9 a fifth more is impossible; a tenth more is not."""
    catalog = make_catalog([make_offer()], curves={"big": [(8, 0.9), (512, 0.9)]})
    found = sensitivity(known_question(), catalog)
    assert [case.change for case in of(found, "mfu")] == [-0.2, -0.1, 0.1]


def test_a_short_run_whose_batch_changes() -> None:
    """100 steps at least: with fewer tokens the usual batch is smaller, and curves are anew."""
    question = known_question(tokens="30M", deadline="2d")
    catalog = known_catalog()
    market = open_market(question, catalog)
    assert market.run.global_batch == 256 * 1024 <= 30e6 / 100
    found = sensitivity_of(market)
    assert found is not None
    for case in of(found, "tokens"):
        plan = planned("tokens", question, case.change)
        assert plan is not None
        assert case.cost_usd == pytest.approx(plan.cost_usd, rel=1e-9)


def test_no_fewer_tokens_than_are_a_run() -> None:
    """6·N·D of half as many would be refused, so they are not looked at."""
    found = sensitivity(known_question(tokens="80k", deadline="2d"), known_catalog())
    assert [case.change for case in of(found, "tokens")] == [-0.1, 0.1, 0.25]


@pytest.mark.slow
def test_candidates_left_out_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """More interruptions, with all candidates or the rivals alone: the same cases and flips."""
    question = known_question(pricing="on_demand,spot,reserved,owned", deadline="4d")
    found = sensitivity(question, known_catalog())
    monkeypatch.setattr(changes, "LINES", inf)
    assert sensitivity(question, known_catalog()) == found


def test_no_plan_has_no_sensitivity() -> None:
    """Nothing to change."""
    question = known_question(budget=1)
    assert sensitivity_of(open_market(question, known_catalog())) is None


@pytest.fixture
def mini(tmp_path: Path) -> tuple[str, ...]:
    """A question to the miniature catalog, of which no deadline a quarter shorter leaves a plan.

    6 x 8e9 x 160e9 FLOP at 1e15 FLOP/s, an MFU of 0.4 and 0.907 of it for the whole run take 105 h
    on 56 GPUs: more than 3/4 of 132 h, less than 9/10.
    """
    folder = str(write_mini(tmp_path / "mini"))
    return (
        "8B",
        "--deadline",
        "5.5d",
        "--max-gpus",
        "56",
        "--storage-price",
        "0",
        "--catalog",
        folder,
    )


def test_the_command(capsys: Capture, mini: tuple[str, ...]) -> None:
    """JSON alone on stdout, with the documented keys; the plan is that of `plan`."""
    ran = sixnd(capsys, "sensitivity", *mini, "--json")
    data = json.loads(ran.out)
    assert (ran.code, ran.err) == (0, "")
    plan = json.loads(sixnd(capsys, "plan", *mini, "--json").out)["plan"]
    assert data["plan"] == plan
    assert data["question"]["deadline_days"] == 5.5
    keys = {
        "factor",
        "change",
        "stack",
        "capacity",
        "cost_usd",
        "days",
        "offer",
        "gpus",
        "same_decision",
    }
    assert all(set(case) == keys for case in data["cases"])
    assert all(set(flip) == {"factor", "change", "offer", "gpus"} for flip in data["flips"])
    short = [c for c in data["cases"] if (c["factor"], c["change"]) == ("deadline", -0.25)]
    assert short[0]["cost_usd"] is None
    assert short[0]["offer"] is None
    (ends,) = (f for f in data["flips"] if f["factor"] == "deadline" and f["change"] < 0)
    assert -0.25 <= ends["change"] < -0.1
    assert ends["offer"] is None


def test_the_text(capsys: Capture, mini: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of 80 columns: the verdict, a block for each factor, where the choice changes."""
    monkeypatch.setenv("COLUMNS", "80")
    ran = sixnd(capsys, "sensitivity", *mini)
    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("alpha_h100_sxm_on_demand stays the choice in ")
    for name in ("MFU", "prices of all offers", "prices of alpha", "tokens (160B)", "failures"):
        assert name in lines
    assert "deadline (5.5 days)" in lines
    assert "no plan" in ran.out
    assert "Where the choice changes" in ran.out


@pytest.mark.parametrize("suffix", [".svg", ".png", ".html"])
def test_the_chart(capsys: Capture, mini: tuple[str, ...], tmp_path: Path, suffix: str) -> None:
    """Drawn whole, in the form of its ending; where no plan exists is said."""
    path = tmp_path / f"chart{suffix}"
    assert sixnd(capsys, "sensitivity", *mini, "--plot", str(path)).code == 0
    assert_drawn(path, "prices of all offers", "no plan at -25 %")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_no_plan(capsys: Capture, mini: tuple[str, ...], tmp_path: Path, form: tuple[str]) -> None:
    """Exit 1 with what stands in the way, and no file."""
    path = tmp_path / "chart.svg"
    ran = sixnd(capsys, "sensitivity", *mini, "--budget", "1", "--plot", str(path), *form)
    assert (ran.code, ran.err, path.exists()) == (1, "", False)
    assert "budget" in ran.out


def test_bad_input(capsys: Capture) -> None:
    """Exit 2, a line that says what was expected, nothing on stdout."""
    ran = sixnd(capsys, "sensitivity", "8B", "--plot", "chart.pdf")
    assert (ran.code, ran.out) == (2, "")
    assert "expected one of .svg, .png, .html" in ran.err
