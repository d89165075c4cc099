"""How GPUs are had: a fact of each offer, a choice of the question, and said of every plan."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from choices import FLAT, GPUS, RUN
from small_catalog import make_catalog, make_offer

from catalog import Capacity, Catalog, ClusterClass, Offer, load_catalog
from catalog.load import capacity_of
from catalog.vocabulary import CAPACITIES, CAPACITY_CLAIMS, CAPACITY_LEVELS, capacity_within
from optimizer import best_plan
from optimizer.answer import Answer
from optimizer.commands.cli import main
from optimizer.explain.capacity import only_with
from optimizer.market.market import open_market
from optimizer.program.decide import decide
from optimizer.study.sensitivity import CAPACITY, sensitivity_of
from problems import ProblemError, make_question

TODAY = date(2026, 11, 29)
SHIPPED = load_catalog()


def had_by(capacity: Capacity, usd: float, **more: Any) -> Offer:
    """An offer of that class, called as the class is."""
    return replace(make_offer(capacity, usd=usd, **more), capacity=capacity)


# The surer, the dearer.
LADDER = make_catalog(
    [
        had_by("self_serve", 4.0, most=16),
        had_by("block", 3.5, most=64),
        had_by("approval", 3.0),
        had_by("quota", 2.5, estimated_size=True),
        had_by("contract", 2.0),
    ],
    GPUS,
    FLAT,
)


def asked(catalog: Catalog = LADDER, **fields: Any) -> Answer:
    """The answer to a small run."""
    return best_plan(make_question("", **{**RUN, **fields}), catalog, today=TODAY)


def offer_of(answer: Answer) -> str | None:
    """The offer that was chosen."""
    return None if answer.plan is None else answer.plan.offer


@pytest.mark.parametrize(
    ("capacity", "offer"),
    [
        (None, "contract"),
        ("contract", "contract"),
        ("quota", "quota"),
        ("approval", "approval"),
        ("self-serve", "block"),
        ("Self Serve", "block"),
        ("any", "contract"),
    ],
)
def test_each_word_counts_on_those_before_it(capacity: str | None, offer: str) -> None:
    """Who may sign a contract may ask for a quota as well."""
    assert offer_of(asked(capacity=capacity)) == offer


def test_a_published_size_is_no_judgment() -> None:
    """The quota's size is ours: one node of it is left, the contract's stays."""
    fields = {"deadline": "2d", "capacity": "published"}
    without_contract = make_catalog(LADDER.offers[:-1], GPUS, FLAT)
    sizes = {
        offer.offer: open_market(make_question("", **{**RUN, **fields}), without_contract)
        for offer in without_contract.offers
    }
    most = {c.offer.offer: c.most_gpus for c in sizes["quota"].candidates}
    assert most["quota"] == 8
    assert most["approval"] == 512
    assert offer_of(asked(without_contract, **fields)) != "quota"


def test_every_class_says_what_it_claims_and_has_a_word() -> None:
    """None is left out of the levels, and none is in two."""
    assert set(CAPACITY_CLAIMS) == set(CAPACITIES)
    added = [one for level in CAPACITY_LEVELS.values() for one in level]
    assert sorted(added) == sorted(CAPACITIES)
    assert capacity_within("contract") == capacity_within("published") == set(CAPACITIES)


def test_spot_and_owned_say_how_they_are_had() -> None:
    """Whatever their class: spot is taken back, and what is owned is there."""
    contract = ClusterClass("x", None, 512, "", "", "contract")
    assert capacity_of("spot", contract) == "spot"
    assert capacity_of("owned", contract) == "owned"
    assert capacity_of("on_demand", contract) == "contract"


def test_a_word_that_nobody_knows_is_a_mistake() -> None:
    """Nothing is guessed."""
    with pytest.raises(ProblemError, match=r"capacity: unknown choice 'sure'.*self_serve"):
        make_question(model="8B", capacity="sure")


@pytest.mark.parametrize("level", ["self_serve", "approval", "quota", "published"])
@pytest.mark.parametrize(
    ("model", "deadline"), [("8B", "10d"), ("70B", "30d"), ("405B", "90d"), ("13B", "20d")]
)
def test_surer_capacity_is_the_answer_to_the_question(
    model: str, deadline: str, level: str
) -> None:
    """What a plan says of surer capacity is what asking for it gives."""
    market = open_market(make_question(model=model, deadline=deadline), SHIPPED)
    found = decide(only_with(market, level))
    told = found.fleet if found else None
    own = best_plan(make_question(model=model, deadline=deadline, capacity=level), SHIPPED)
    assert (told is None) == (own.plan is None)
    if told is not None and own.plan is not None:
        assert own.plan.cost_usd == pytest.approx(told.cost_usd, rel=1e-9)


@pytest.mark.parametrize(
    ("model", "deadline"), [pytest.param("8B", "10d", marks=pytest.mark.slow), ("70B", "30d")]
)
def test_a_contract_wins_below_its_price_and_not_above(model: str, deadline: str) -> None:
    """Entered as an offer, at a cent less and at a cent more."""
    question = make_question(model=model, deadline=deadline)
    answer = best_plan(question, SHIPPED, today=TODAY)
    assert answer.standing is not None
    assert answer.standing.contracts
    for one in answer.standing.contracts:
        parts = (answer.plan, *(other.plan for other in answer.alternatives))
        like = next(p.offer for p in parts if p is not None and p.gpu == one.gpu)
        old = next(offer for offer in SHIPPED.offers if offer.offer == like)
        for cents, wins in ((-0.01, True), (0.01, False)):
            signed = replace(
                old,
                offer="signed",
                pricing="reserved",
                min_gpus=1,
                max_gpus=one.gpus,
                commitment_hours=0.0,
                upfront_usd_per_gpu=0.0,
                longest_hours=None,
                block_days=(),
                usd_per_gpu_hour=one.below_usd_per_gpu_hour + cents,
            )
            then = best_plan(question, replace(SHIPPED, offers=(*SHIPPED.offers, signed)))
            assert (offer_of(then) == "signed") == wins, one


def test_what_a_size_rests_on_is_said() -> None:
    """Published by somebody, or our judgment, and never silently."""
    contract = asked().standing
    assert contract is not None
    assert (contract.capacity, contract.gpus, contract.source) == ("contract", 512, "price_page")
    quota = asked(capacity="quota").standing
    assert quota is not None
    assert (quota.capacity, quota.gpus, quota.judged_gpus) == ("quota", None, 512)
    assert {one.level for one in quota.only} == {"self_serve", "published"}


def test_a_size_that_the_question_states_is_its_own() -> None:
    """Neither published nor our judgment, and the assumptions say the same."""
    answer = asked(capacity="quota", largest_cluster={"fast": 1024})
    assert answer.standing is not None
    standing = answer.standing
    assert (standing.gpus, standing.judged_gpus, standing.given_gpus) == (None, None, 1024)
    said = {one.name: one.value for one in answer.assumptions}
    assert said["largest_cluster"] == "up to 1,024 GPUs (fast), yours"


def test_without_a_plan_the_smallest_change_is_told() -> None:
    """Of 16 GPUs none is fast enough; the surest word that is enough is suggested."""
    few = make_catalog(
        [had_by("self_serve", 2.0, most=8), had_by("approval", 3.0), had_by("quota", 2.5)],
        GPUS,
        FLAT,
    )
    answer = asked(few, deadline="12h", capacity="self-serve")
    assert answer.plan is None
    told = [reason for reason in answer.reasons if reason.limit == "capacity"]
    assert [reason.fields for reason in told] == [{"capacity": "quota"}]
    assert offer_of(asked(few, deadline="12h", capacity="quota")) == "quota"


def test_sensitivity_varies_it() -> None:
    """A case for each surer word, none for that which was asked for."""
    found = sensitivity_of(open_market(make_question("", **RUN), LADDER))
    assert found is not None
    cases = {case.capacity: case for case in found.cases if case.factor == CAPACITY}
    assert list(cases) == ["self_serve", "approval", "quota", "published"]
    assert [case.offer for case in cases.values()] == ["block", "approval", "quota", "contract"]
    assert [case.same_decision for case in cases.values()] == [False, False, False, True]
    assert all(not case.is_figure for case in cases.values())


def test_the_first_screen_says_it(run_main: Callable[..., str]) -> None:
    """Within the first lines: the class, who publishes its size, and what surer capacity takes."""
    said = " ".join(run_main("plan", "8B", "--deadline", "10d").split("\n\n")[1].split())
    assert "capacity " in said
    assert "published by " in said or "is our judgment" in said
    assert "only with self-serve alone" in said


def test_json_has_it(run_main: Callable[..., str]) -> None:
    """Class, size and source, what only surer capacity gives, and the price of a contract."""
    data = json.loads(run_main("plan", "70B", "--deadline", "30d", "--json"))
    capacity = data["capacity"]
    assert capacity["class"] == data["plan"]["capacity"]
    assert capacity["gpus"] is not None or capacity["source"] is None
    assert (capacity["gpus"] is None) == (capacity["judged_gpus"] is not None)
    assert capacity["given_gpus"] is None
    assert [one["level"] for one in capacity["only"]] == ["self_serve", "published"]
    assert all(one["below_usd_per_gpu_hour"] > 0 for one in capacity["contract"])
    assert data["question"]["capacity"] is None


def test_offers_are_listed_by_capacity_and_region(run_main: Callable[..., str]) -> None:
    """Those that the question would consider, and how each is had."""
    listed = json.loads(run_main("offers", "--capacity", "self-serve", "--json"))["offers"]
    assert {offer["capacity"] for offer in listed} <= capacity_within("self_serve")
    japan = json.loads(run_main("offers", "--region", "Japan", "--json"))["offers"]
    places = {name for offer in japan for name in offer["region"].split()}
    assert any(SHIPPED.regions[name].country == "JP" for name in places)
    sized = json.loads(run_main("offers", "--capacity", "published", "--json"))["offers"]
    assert {offer["max_gpus_basis"] for offer in sized} == {"published"}
    assert "had by" in run_main("offers", "--gpu", "B200").splitlines()[0]


@pytest.fixture
def run_main(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What the command prints."""

    def run(*words: str) -> str:
        main(list(words))
        return capsys.readouterr().out

    return run
