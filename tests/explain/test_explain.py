"""`sixnd explain`, and the levers of `sixnd plan`: what is printed, and with which exit code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from mini_catalog import assert_refused, sixnd

from optimizer import say
from optimizer.market.filters import FILTERS
from optimizer.market.limits import NUMBERS
from optimizer.report.wording.levers import NOT_LISTED
from optimizer.report.wording.limits import WHY_NOT
from problems.fields import GOALS

Capture = pytest.CaptureFixture[str]
PAGE = 80
pytestmark = pytest.mark.usefixtures("page")
KEYS = ["sixnd", "status", "question", "plan", "lost", "binding", "value_of_a_day_usd"]
KEYS += ["value_of_a_node_usd", "value_of_a_node_days", "winner_loses_above_usd_per_gpu_hour"]
KEYS += ["winner_loses_to", "others", "reasons"]
ASKED = [
    ["8B"],
    ["8B", "--deadline", "9d", "--max-gpus", "256"],
    ["8B", "--minimize", "time", "--budget", "20k"],
    ["8B", "--budget", "16200", "--pricing", "on_demand,reserved,spot"],
    ["8B", "--gpu", "A6000"],
    ["1T", "--deadline", "1d"],
]


def joined(text: str) -> str:
    """The text as if it had one long line."""
    return re.sub(r"\s+", " ", text)


def explained(capsys: Capture, mini: str, *words: str) -> tuple[str, dict[str, Any]]:
    """The explanation in words and as data."""
    arguments = ["explain", *words, "--catalog", mini]
    text = sixnd(capsys, *arguments).out
    return text, json.loads(sixnd(capsys, *arguments, "--json").out)


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_it_fits_a_page_and_says_the_same_twice(
    capsys: Capture, mini: str, words: list[str]
) -> None:
    """80 columns, nothing on stderr, the same bytes again, exit code 1 without a plan."""
    ran = sixnd(capsys, "explain", *words, "--catalog", mini)
    assert ran == sixnd(capsys, "explain", *words, "--catalog", mini)
    data = explained(capsys, mini, *words)[1]
    assert ran.code == (1 if data["plan"] is None else 0)
    assert ran.err == ""
    for line in ran.out.splitlines():
        assert len(line) <= PAGE
        assert line == line.rstrip()


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_text_says_what_json_says(capsys: Capture, mini: str, words: list[str]) -> None:
    """Every offer with its figures, reason and price; limits, values, counts."""
    text, data = explained(capsys, mini, *words)
    text = joined(text)
    assert list(data) == KEYS
    if data["plan"] is None:
        assert data["reasons"]
        assert all(reason["needed"] in text for reason in data["reasons"])
        return
    for lost in data["lost"]:
        assert joined(lost["reason"]) in text
        price, plan = lost["break_even_usd_per_gpu_hour"], lost["plan"]
        wins = "-" if price is None else say.price_under(price)
        if plan is not None:
            cost = say.usd(plan["cost_usd"]).removesuffix(" USD")
            row = f"{lost['offer']} {plan['gpus']:,} "
            assert row in text
            assert f"{cost} {wins} " in text
        elif price is not None:
            assert f"{lost['offer']} - - - {wins} " in text
        else:
            assert f"- {lost['gpu']}: " in text
    for others in data["others"]:
        assert f"{NOT_LISTED[others['limit']]}: {others['offers']}" in text
    for limit in data["binding"]:
        assert joined(f"{limit['limit']}: {limit['asked']}; without it {limit['without']}") in text
    if data["value_of_a_day_usd"]:
        assert f"one more day saves {say.usd(data['value_of_a_day_usd'])}" in text
    if data["winner_loses_above_usd_per_gpu_hour"]:
        most = say.price_under(data["winner_loses_above_usd_per_gpu_hour"])
        assert f"up to {most} USD per GPU-hour" in text


def test_a_plan_shows_its_levers(capsys: Capture, mini: str) -> None:
    """The same figures in the plan and in the explanation."""
    words = ["8B", "--deadline", "9d", "--max-gpus", "256", "--catalog", mini]
    plan = json.loads(sixnd(capsys, "plan", *words, "--json").out)
    found = json.loads(sixnd(capsys, "explain", *words, "--json").out)
    keys = [key for key in KEYS if key.startswith(("value", "winner"))]
    assert {key: plan[key] for key in keys} == {key: found[key] for key in keys}
    text = sixnd(capsys, "plan", *words).out
    levers = text.partition("\nLevers\n")[2].partition("\n\n")[0]
    assert "one more day" in levers
    assert "one more node" in levers
    assert found["winner_loses_to"] in levers
    assert text.index("\nLevers\n") < text.index("\nAssumptions\n")


def test_prices_to_ask_for(capsys: Capture, mini: str) -> None:
    """What A100s would have to cost to beat H100s at the same MFU share and hours, by hand.

    H100: 1,000 TFLOP/s at 0.4 and 2.50 USD; A100: 312 at 0.5, so 0.39 of the hours' worth.
    """
    text, data = explained(
        capsys, mini, "8B", "--deadline", "60d", "--storage-price", "0", "--goodput", "0.9"
    )
    (lost,) = [one for one in data["lost"] if one["gpu"] == "a100_sxm_80"]
    assert lost["break_even_usd_per_gpu_hour"] == pytest.approx(2.50 * 156 / 400)
    assert "ask for less than 0.975 USD per GPU-hour (1.20 today, -19 %)" in joined(text)


def test_a_given_fleet_leaves_nothing_to_explain(
    capsys: Capture, mini: str, tmp_path: Path
) -> None:
    """The fleet is fixed: bad input, in one line."""
    path = tmp_path / "fleet.toml"
    path.write_text('[run]\nmodel="8B"\n[fleet]\ngpu="h100_sxm"\ngpus=64\n', encoding="utf-8")
    ran = sixnd(capsys, "explain", str(path), "--catalog", mini)
    assert_refused(ran, "fleet")


def test_every_limit_has_words() -> None:
    """Whatever refuses an offer can be said."""
    filters = {one.name for one in FILTERS}
    numbers = {one.name for one in NUMBERS}
    assert {*filters, *numbers, *WHY_NOT, *GOALS, "term"} <= set(NOT_LISTED)


def test_a_rounded_price_is_never_above() -> None:
    """What is printed still wins."""
    assert [say.price_under(p) for p in (10.2192, 6.1, 0.29, 0.88437, 1.0, 2.49e-5)] == [
        "10.21",
        "6.10",
        "0.29",
        "0.8843",
        "1.00",
        "0.000024",
    ]
