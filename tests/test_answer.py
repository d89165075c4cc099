"""What an answer says besides the plan: runners-up, warnings, assumptions, estimates, tables."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from small_catalog import READ_ON, TODAY, make_catalog, make_gpu, make_offer

from catalog import load_catalog
from optimizer import best_plan, compare_gpus, comparison_frame, estimate_fleet, plans_frame
from optimizer.physics.run_factor import RUN_FACTOR
from optimizer.report.wording.differences import difference_words
from problems import ProblemError, load_problem, make_question

PROBLEMS = Path(__file__).parent.parent / "problems"
CATALOG = make_catalog(
    [
        make_offer(usd=2.0),
        make_offer("beta_big", usd=2.5, provider="beta"),
        make_offer("beta_year", usd=1.5, provider="beta", commitment=8760.0),
        make_offer("beta_old", "old", usd=0.7, provider="beta"),
        make_offer("gamma_tiny", "tiny", usd=0.1, most=8),
    ],
    [make_gpu(), make_gpu("old", 250.0), make_gpu("tiny", 100.0, memory_gb=4.0)],
)
QUESTION = make_question(model="8B", deadline="30d")


def test_one_runner_up_a_gpu_model_and_the_next_offers() -> None:
    """Best first, each with what it costs more and why it lost."""
    answer = best_plan(QUESTION, CATALOG, today=TODAY)
    assert answer.plan is not None
    assert answer.plan.offer == "alpha_big"
    lost = {other.plan.offer: other for other in answer.alternatives}
    assert list(lost) == ["beta_big", "beta_old", "beta_year"]
    assert difference_words(lost["beta_big"].why) == "1.25x the price of a GPU-hour"
    assert difference_words(lost["beta_old"].why).startswith("0.35x the price for 0.2")
    assert difference_words(lost["beta_year"].why).startswith("billed for 365 days at least")
    costs = [other.costs_more_usd for other in answer.alternatives]
    assert costs == sorted(costs)
    (ruled,) = answer.ruled_out
    assert (ruled.gpu, ruled.limit) == ("tiny", "memory")


def test_what_the_question_left_open_is_an_assumption() -> None:
    """Tokens, precision, failures, storage, price kinds, shape: each with its value and source."""
    answer = best_plan(make_question(model="8B"), CATALOG, today=TODAY)
    assumed = {assumption.name: assumption for assumption in answer.assumptions}
    assert assumed["tokens"].value == "160B (20 a parameter)"
    assert assumed["deadline"].value == "90 days"
    assert assumed["failures"].value.startswith("1 per 1,000 GPU-days (Arch), ")
    assert assumed["failures"].value.endswith(", 15 minutes to restart")
    assert "published: 0.5 to 3; set --failures" in assumed["failures"].source
    # 160e9 tokens of 4 bytes are 640 GB, ten checkpoints of 8e9 x 14 bytes 1,120 GB.
    stored = "1.76 TB: 4 bytes a token, 10 checkpoints of 14 a parameter; 0.08 USD a GB and month"
    assert assumed["storage"].value == stored
    # A server of 1.2 kW a GPU draws 76 % of it, and cooling a quarter more: 1.14 kW.
    grid = "1.14 kW a GPU with server and cooling; 400 g CO2 a kWh (us-east)"
    assert assumed["energy"].value == grid
    assert set(assumed) >= {
        "precision",
        "pricing",
        "shape",
        "seq_len",
        "mfu",
        "global_batch",
        "price",
    }
    assert assumed["run_factor"].value == f"{RUN_FACTOR:g} of a step's MFU"
    assert all(assumption.source for assumption in answer.assumptions)


def test_what_the_question_states_is_none() -> None:
    """Nothing is assumed that was given; a given price leaves the size of what is stored."""
    stated = make_question(
        model="llama-3.1-8b", tokens="1T", deadline="60d", precision="bf16", goodput=0.9,
        pricing="on_demand", seq_len="8k", mfu=0.4, storage_price=0.05,
    )  # fmt: skip
    answer = best_plan(stated, CATALOG, today=TODAY)
    assumed = {assumption.name: assumption for assumption in answer.assumptions}
    # No option sets what a fleet draws; of a bare MFU it is assumed by whose rule it is counted.
    assert set(assumed) == {"mfu", "price", "storage", "energy"}
    assert assumed["mfu"].value == "read as 6·N·D over the dense peak"
    # 1e12 tokens of 4 bytes are 4,000 GB, ten checkpoints of 8e9 x 14 bytes 1,120 GB.
    assert assumed["storage"].value == "5.12 TB: 4 bytes a token, 10 checkpoints of 14 a parameter"
    assert assumed["storage"].source == "price given"


def test_a_failure_rate_that_is_given_is_told_as_given() -> None:
    """The rate is the user's; what each interruption costs is still assumed."""
    question = make_question(model="8B", deadline="30d", failures=2)
    answer = best_plan(question, CATALOG, today=TODAY)
    (failures,) = [a for a in answer.assumptions if a.name == "failures"]
    assert failures.value.startswith("2 per 1,000 GPU-days (Arch), ")
    assert failures.source == "given"


def test_spot_and_owned_fleets_say_what_they_rest_on() -> None:
    """How spot capacity comes and goes; what a server costs and how long it lasts."""
    owned = make_offer("own_big", usd=0.0, pricing="owned", purchase=30_000.0, provider="own")
    spot = make_offer("alpha_spot", pricing="spot")
    for offer, name in ((spot, "spot"), (owned, "owning")):
        question = make_question(model="8B", pricing="spot,owned")
        answer = best_plan(question, replace(CATALOG, offers=(offer,)), today=TODAY)
        assumed = {assumption.name: assumption for assumption in answer.assumptions}
        assert {"spot", "owning"} & set(assumed) == {name}
        assert assumed[name].source
    # A server keeps 10^(-0.14 x 4) = 28 % of its price.
    words = "30,000 USD a GPU on 2026-11-01, over 4 years, the server then worth 28% of it"
    assert assumed["owning"].value.startswith(words)


def test_an_old_price_is_warned_about() -> None:
    """Sixty days after the reading, not before."""
    fresh = best_plan(QUESTION, CATALOG, today=READ_ON + timedelta(days=60))
    stale = best_plan(QUESTION, CATALOG, today=READ_ON + timedelta(days=61))
    assert not any("days old" in warning for warning in fresh.warnings)
    assert any("61 days old" in warning for warning in stale.warnings)
    assert (stale.oldest_price, stale.newest_price) == (READ_ON, READ_ON)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"audit": "doubtful", "note": "read once"}, "an audit doubted this price: read once"),
        ({"audit": "unaudited"}, "a second time"),
        ({"commitment_hours": 2000.0}, "billed in full"),
        ({"pricing": "spot"}, "taken back"),
        ({"pricing": "marketplace"}, "asking price"),
        ({"pricing": "owned", "purchase_usd_per_gpu": 3e4}, "have to be bought first"),
        ({"pricing": "owned", "purchase_usd_per_gpu": 3e4}, "delivery and installation"),
        ({"pricing": "reserved", "block_days": (60,)}, "the block of 60 days is billed in full"),
    ],
)
def test_a_weak_offer_is_warned_about(change: dict[str, object], said: str) -> None:
    """Each weakness of the chosen offer has its sentence."""
    offer = replace(CATALOG.offers[0], **change)  # type: ignore[arg-type]
    question = make_question(model="8B", pricing="on_demand,reserved,spot,marketplace,owned")
    answer = best_plan(question, replace(CATALOG, offers=(offer,)), today=TODAY)
    assert any(said in warning for warning in answer.warnings)


def test_an_anchored_mfu_names_the_best_published_one() -> None:
    """A part whose runs the model does not know says so, and names the best one that has some."""
    guessed = {
        key: tuple(replace(p, basis="estimate") for p in curve) if key[0] == "big" else curve
        for key, curve in CATALOG.efficiency.items()
    }
    cheap = replace(CATALOG.offers[0], usd_per_gpu_hour=0.5)
    catalog = replace(CATALOG, efficiency=guessed, offers=(cheap, *CATALOG.offers[1:]))
    answer = best_plan(QUESTION, catalog, today=TODAY)
    assert answer.plan is not None
    assert answer.plan.mfu_basis == "anchored"
    assert answer.plan.layout is None
    assert any("sets its level" in warning for warning in answer.warnings)
    assert any("part with published runs: beta_old" in warning for warning in answer.warnings)


def test_spot_and_marketplace_only_when_asked_for() -> None:
    """However cheap they are."""
    offers = [*CATALOG.offers, make_offer("cheap", usd=0.01, pricing="spot")]
    catalog = replace(CATALOG, offers=tuple(offers))
    default = best_plan(QUESTION, catalog, today=TODAY).plan
    asked = best_plan(
        make_question(model="8B", deadline="30d", pricing="spot"), catalog, today=TODAY
    ).plan
    assert default is not None
    assert default.offer == "alpha_big"
    assert asked is not None
    assert asked.offer == "cheap"


def test_the_same_question_gets_the_same_answer() -> None:
    """Given the date, an answer is a function of question and catalog."""
    first = best_plan(QUESTION, CATALOG, today=TODAY)
    assert best_plan(QUESTION, CATALOG, today=TODAY) == first


def test_fleets_side_by_side() -> None:
    """One answer a GPU asked for, in that order, with and without a plan."""
    question = make_question(model="8B", deadline="30d", gpu=["tiny", "old", "big"])
    compared = compare_gpus(question, CATALOG, today=TODAY)
    assert [one.gpu for one in compared] == ["tiny", "old", "big"]
    assert [one.answer.status for one in compared] == ["infeasible", "optimal", "optimal"]
    frame = comparison_frame(compared)
    assert list(frame["status"]) == ["infeasible", "optimal", "optimal"]
    assert "memory" in frame["limits"][0]


def test_without_names_every_family_is_compared() -> None:
    """All GPU models on offer, each family once."""
    compared = compare_gpus(QUESTION, CATALOG, today=TODAY)
    assert [one.gpu for one in compared] == ["BIG", "OLD", "TINY"]


def test_plans_as_a_table() -> None:
    """The plan first, then its runners-up; an empty table where there is none."""
    answer = best_plan(QUESTION, CATALOG, today=TODAY)
    frame = plans_frame(answer)
    assert list(frame["offer"]) == ["alpha_big", "beta_big", "beta_old", "beta_year"]
    assert frame["costs_more_usd"][0] == 0
    assert frame["cost_usd"].is_monotonic_increasing
    none = best_plan(make_question(model="8B", deadline="1h"), CATALOG, today=TODAY)
    assert plans_frame(none).empty


def test_the_article_s_case() -> None:
    """405B on 15.6T tokens, 16,000 H100 at 400 TFLOP/s, 2 USD: 68.5 days, 52.6 million USD."""
    question = make_question(
        model="llama-3.1-405b", tokens="15.6T", tflops_per_gpu=400,
        fleet={"gpu": "h100_sxm", "gpus": 16_000, "usd_per_gpu_hour": 2},
    )  # fmt: skip
    estimate = estimate_fleet(question, load_catalog())
    assert estimate.run.flop == pytest.approx(3.79e25, rel=1e-3)
    assert estimate.days == pytest.approx(68.5547, rel=1e-5)
    assert estimate.cost_usd == pytest.approx(52.65e6, rel=1e-6)
    assert estimate.mfu == pytest.approx(0.4043, rel=1e-3)


def test_the_article_s_case_from_its_file() -> None:
    """The shipped problem file asks the same."""
    estimate = estimate_fleet(load_problem(PROBLEMS / "llama_3_1_405b.toml"), load_catalog())
    assert estimate.gpu_hours == pytest.approx(26_325_000)


def test_an_estimate_without_a_price_takes_the_lowest_on_sale() -> None:
    """Of those who sell so many GPUs the cheapest bill, commitment included; else no price."""
    fleet = {"gpu": "big", "gpus": 64}
    estimate = estimate_fleet(make_question(model="8B", fleet=fleet, storage_price=0), CATALOG)
    assert estimate.usd_per_gpu_hour == 2.0
    assert estimate.price_basis.startswith("alpha_big")
    assert estimate.cost_usd == pytest.approx(estimate.gpu_hours * 2.0)
    yearly = replace(CATALOG, offers=CATALOG.offers[2:3])
    committed = estimate_fleet(make_question(model="8B", fleet=fleet, storage_price=0), yearly)
    assert committed.cost_usd == pytest.approx(64 * 8760 * 1.5)
    many = estimate_fleet(make_question(model="8B", fleet={**fleet, "gpus": 5000}), CATALOG)
    assert many.cost_usd is None
    assert many.days > 0


def test_a_speed_of_your_own_needs_no_layout_that_we_know() -> None:
    """What was measured ran, so the days are told all the same."""
    fleet = {"gpu": "tiny", "gpus": 8}
    with pytest.raises(ProblemError, match="do not hold 8B; expected at least"):
        estimate_fleet(make_question(model="8B", fleet=fleet), CATALOG)
    estimate = estimate_fleet(make_question(model="8B", fleet=fleet, mfu=0.2), CATALOG)
    assert estimate.layout is None
    assert any("no layout of 8B" in warning for warning in estimate.warnings)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"fleet": {"gpu": "H100", "gpus": 8}}, "say which: h100_nvl, h100_pcie, h100_sxm"),
        ({"fleet": {"gpu": "a100_sxm_80", "gpus": 8}, "precision": "fp8"}, "no fp8 peak"),
        ({"fleet": {"gpu": "a100_sxm_80", "gpus": 8}, "tflops_per_gpu": 400}, "at most 312"),
        ({}, "fleet: is missing"),
    ],
)
def test_an_estimate_that_cannot_be_made(fields: dict[str, object], said: str) -> None:
    """Each with what was expected."""
    with pytest.raises(ProblemError) as caught:
        estimate_fleet(make_question("", **{"model": "8B", **fields}), load_catalog())
    assert said in str(caught.value)


def test_the_shipped_catalog_answers_the_everyday_question() -> None:
    """70B in 30 days has a proven plan, and every well-known GPU model is accounted for."""
    answer = best_plan(
        load_problem(PROBLEMS / "seventy_b_in_30_days.toml"), today=date(2026, 11, 25)
    )
    assert answer.status == "optimal"
    assert answer.plan is not None
    assert answer.plan.days <= 30
    named = {answer.plan.gpu, *(other.plan.gpu for other in answer.alternatives)}
    named |= {ruled.gpu for ruled in answer.ruled_out}
    assert named >= {"h100_sxm", "a100_sxm_80", "rtx_a6000", "v100_sxm2_16", "b200_sxm"}


def test_a_speed_that_nobody_reaches_is_doubted() -> None:
    """An MFU of 90 % is taken, and doubted."""
    answer = best_plan(make_question(model="8B", mfu=0.9), CATALOG, today=TODAY)
    assert any("more than large fleets" in warning for warning in answer.warnings)
