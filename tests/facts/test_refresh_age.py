"""`sixnd catalog age`: what is old, and what that could change: its promises are tried."""

import json
from datetime import date
from pathlib import Path

import pytest
from mini_catalog import sixnd

from catalog import load_catalog
from catalog.age import ProviderAge, ages
from optimizer.answer import best_plan
from problems import make_question

Capture = pytest.CaptureFixture[str]
QUESTION = ("--model", "8B", "--deadline", "30d")


def test_ages_by_provider(capsys: Capture, mini: str) -> None:
    """The oldest first, with the days of its offers."""
    assert ages(load_catalog(Path(mini))) == [
        ProviderAge("alpha", 4, date(2026, 10, 1), date(2026, 11, 1)),
        ProviderAge("beta", 2, date(2026, 11, 1), date(2026, 11, 1)),
    ]
    ran = sixnd(capsys, "catalog", "age", mini)
    assert (ran.code, ran.err) == (0, "")
    assert "6 offers" in ran.out
    assert "alpha 4 2026-10-01 2026-11-01" in " ".join(ran.out.split())
    data = json.loads(sixnd(capsys, "catalog", "age", mini, "--json").out)
    assert data["decision"] is None
    assert data["providers"][1] == {
        "provider": "beta",
        "offers": 2,
        "oldest": "2026-11-01",
        "newest": "2026-11-01",
    }


def test_what_the_decision_hangs_on(capsys: Capture, mini: str) -> None:
    """The price up to which it holds, and those of its rivals, each with its day."""
    data = json.loads(sixnd(capsys, "catalog", "age", mini, *QUESTION, "--json").out)["decision"]
    assert data["rivals"]
    said = " ".join(sixnd(capsys, "catalog", "age", mini, *QUESTION).out.split())
    assert f"the decision holds while {data['offer']} stays under" in said
    assert f"read on {data['read_on']}" in said
    assert f"above it {data['loses_to']} wins" in said
    assert f"- {data['rivals'][0]['offer']} above" in said


def test_the_bounds_are_true(capsys: Capture, mini: str) -> None:
    """A cent on this side of each price the plan stays; a cent on the other it is another's."""
    found = json.loads(sixnd(capsys, "catalog", "age", mini, *QUESTION, "--json").out)["decision"]

    def chosen(offer: str, usd: float) -> str:
        path = Path(mini) / "offers.csv"
        before = path.read_text(encoding="utf-8")
        lines = before.splitlines()
        at = next(n for n, line in enumerate(lines) if line.startswith(f"{offer},"))
        cells = lines[at].split(",")
        cells[lines[0].split(",").index("usd_per_gpu_hour")] = f"{usd:.6f}"
        path.write_text("\n".join([*lines[:at], ",".join(cells), *lines[at + 1 :], ""]))
        try:
            answer = best_plan(
                make_question("", model="8B", deadline="30d"), load_catalog(path.parent)
            )
        finally:
            path.write_text(before, encoding="utf-8")
        assert answer.plan is not None
        return answer.plan.offer

    limit = found["loses_above_usd_per_gpu_hour"]
    assert chosen(found["offer"], limit - 0.01) == found["offer"]
    assert chosen(found["offer"], limit + 0.01) == found["loses_to"]
    rival = found["rivals"][0]
    assert chosen(rival["offer"], rival["wins_below_usd_per_gpu_hour"] + 0.01) == found["offer"]
    assert chosen(rival["offer"], rival["wins_below_usd_per_gpu_hour"] - 0.01) == rival["offer"]


def test_questions_that_have_no_answer(capsys: Capture, mini: str) -> None:
    """No plan is exit code 1; options without a model are refused."""
    ran = sixnd(capsys, "catalog", "age", mini, "--model", "8B", "--deadline", "1h")
    assert ran.code == 1
    assert "No plan exists" in ran.out
    ran = sixnd(capsys, "catalog", "age", mini, "--deadline", "30d")
    assert (ran.code, ran.out) == (2, "")
    assert "--model: is missing" in ran.err
    ran = sixnd(capsys, "catalog", "age", mini, *QUESTION, "--minimize", "time")
    assert "is the plan whatever its price" in " ".join(ran.out.split())
