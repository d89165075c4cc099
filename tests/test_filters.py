"""What a question leaves out or limits: it holds, it binds, and it is suggested where it stands."""

from dataclasses import replace

import pytest
from small_catalog import READ_ON, TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog, Region
from catalog.rows import Group
from optimizer import Answer, best_plan
from problems import ProblemError, make_question

# 2,000 GPU-hours: 250 h on 8 GPUs, 31.25 h on 64.
FLAT = {"big": ((8, 0.5),), "old": ((8, 0.5),)}
RUN: dict[str, object] = {"model": "1B", "tokens": "600B", "goodput": 1, "seq_len": 1024}
RUN |= {"storage_price": 0, "deadline": "60d"}
PLACES: tuple[tuple[str, str, Group], ...] = (
    ("us-east", "US", "us"),
    ("eu-north", "SE", "eu"),
    ("australia-southeast1", "AU", "oceania"),
)
REGIONS = {
    name: Region(name, "alpha", country, group, 400.0, "paper", READ_ON, "")
    for name, country, group in PLACES
}


def market() -> Catalog:
    """Three providers from cheap to dear, in Australia, Sweden and the USA; the last is spot."""
    offers = [
        make_offer("south", usd=1.0, provider="south", region="australia-southeast1", most=64),
        replace(
            make_offer("north", "old", usd=2.0, provider="north", region="eu-north", most=64),
            fabric="efa",
        ),
        make_offer("east", usd=3.0, provider="east", region="us-east", most=64),
        make_offer("away", usd=0.5, provider="east", region="us-east", most=512, pricing="spot"),
    ]
    made = make_catalog(offers, [make_gpu(), make_gpu("old")], FLAT)
    return replace(made, regions=REGIONS)


def ask(**fields: object) -> Answer:
    """The answer for the 2,000 GPU-hour run."""
    return best_plan(make_question("", **{**RUN, **fields}), market(), today=TODAY)


@pytest.mark.parametrize(
    ("fields", "offer"),
    [
        ({}, "south"),
        ({"exclude_provider": "south"}, "north"),
        ({"exclude_gpu": "big"}, "north"),
        ({"exclude_region": "AU"}, "north"),
        ({"region": "EU"}, "north"),
        ({"region": "US"}, "east"),  # no part of 'australia'
        ({"region": "SE"}, "north"),
        ({"region": "australia"}, "south"),
        ({"fabric": "efa"}, "north"),
        ({"fabric": "rdma"}, "south"),
        ({"provider": "east"}, "east"),
    ],
)
def test_a_filter_holds(fields: dict[str, object], offer: str) -> None:
    """The cheapest of what is left."""
    plan = ask(**fields).plan
    assert plan is not None
    assert plan.offer == offer


@pytest.mark.parametrize(
    ("limit", "asked"),
    [
        ("exclude_provider", "south"),
        ("exclude_gpu", "big"),
        ("exclude_region", "AU"),
        ("region", "US"),
        ("fabric", "efa"),
    ],
)
def test_a_filter_that_costs_something_binds(limit: str, asked: str) -> None:
    """And without it the cheapest of all is the plan."""
    bound = {binding.limit: binding for binding in ask(**{limit: asked}).binding}
    assert "of south" in bound[limit].without


@pytest.mark.parametrize(
    ("fields", "limit", "kept"),
    [
        # 40 h on 50 GPUs, so 56; a quota of 48 is too little.
        ({"provider": "south", "quota": {"south": 48}, "deadline": "40h"}, "quota", {"south": 56}),
        # 56 x 1.14 kW are 63.84 kW.
        ({"provider": "south", "power_cap": 60, "deadline": "40h"}, "power_cap", "63.9"),
    ],
)
def test_a_size_is_suggested_and_a_little_less_is_not_enough(
    fields: dict[str, object], limit: str, kept: object
) -> None:
    """Fed back in it works; a GPU or a tenth of a kW less does not."""
    answer = ask(**fields)
    assert answer.plan is None
    reason = next(reason for reason in answer.reasons if reason.limit == limit)
    assert reason.fields[limit] == kept
    assert ask(**{**fields, limit: kept}).plan is not None
    less = {"south": 55} if limit == "quota" else "63.8"
    assert ask(**{**fields, limit: less}).plan is None


def test_spot_stays_within_eight_nodes_unless_asked() -> None:
    """64 GPUs; with 9 nodes 72, and the number of nodes is what is suggested."""
    fields = {"pricing": "spot", "deadline": "72h"}
    answer = ask(**fields)
    assert answer.plan is None
    suggested = next(r for r in answer.reasons if r.limit == "spot_nodes").fields["spot_nodes"]
    plan = ask(**fields, spot_nodes=suggested).plan
    assert plan is not None
    assert plan.nodes == suggested
    assert ask(**fields, spot_nodes=int(str(suggested)) - 1).plan is None


def test_a_quota_binds_where_more_would_be_cheaper() -> None:
    """48 of the cheap GPUs do not keep 40 h, so a dearer provider has the plan."""
    answer = ask(quota={"south": 48}, deadline="40h")
    assert answer.plan is not None
    assert answer.plan.offer == "north"
    power = ask(power_cap=40, minimize="time")
    assert power.plan is not None
    assert power.plan.gpus == 32  # 35 x 1.14 kW
    assert "power_cap" in {binding.limit for binding in power.binding}


def test_unknown_names_are_told_where_they_stand() -> None:
    """Each in its own option."""
    fields: dict[str, object] = {"exclude_provider": "nobody", "quota": {"none": 8}}
    with pytest.raises(ProblemError) as told:
        ask(**fields, region="mars", exclude_gpu="x9")
    starts = {mistake.partition(":")[0] for mistake in told.value.mistakes}
    assert starts == {"exclude_provider", "quota", "region", "exclude_gpu"}
