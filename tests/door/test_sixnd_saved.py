"""Results written and read back, and by which version."""

import json
from pathlib import Path
from typing import Any

import pytest
from mini_catalog import sixnd as command
from sixnd_cases import LATE, SAME, Call, Capture, Page

import sixnd


def test_saved_and_read_back(mini: Path, tmp_path: Path, capsys: Capture) -> None:
    """Every kind is known by its keys, from the function and from the command."""
    path = tmp_path / "result.json"
    for function, keywords, words in SAME:
        found = function(**keywords, catalog=mini)
        found.save(path)
        back = sixnd.load(path)
        assert back.data == found.to_dict() == back.to_dict() == json.loads(back.json())
        assert (back.version, back.is_current) == (sixnd.__version__, True)
        assert back.kind == words.split()[0]
        # An estimate is one row and has no plan to be without.
        assert back.frame.empty == found.frame.empty
        assert Page(back._repr_html_()).others == set()
        assert repr(back).startswith(f"<sixnd.Saved result.json: {back.kind} of version 0.")
    printed = command(capsys, "plan", "8B", "--catalog", str(mini), "--json").out
    path.write_text(printed, encoding="utf-8")
    assert sixnd.load(path).data["sixnd"] == sixnd.__version__
    path.write_text(command(capsys, "catalog", "where", "--json").out, encoding="utf-8")
    assert sixnd.load(path).kind == "result"


def test_counts_are_no_offers(tmp_path: Path, capsys: Capture) -> None:
    """What `catalog age` and `catalog check` print is a plain result of one row."""
    path = tmp_path / "result.json"
    for words in (["age"], ["check"]):
        path.write_text(command(capsys, "catalog", *words, "--json").out, encoding="utf-8")
        back = sixnd.load(path)
        assert back.kind == "result"
        assert list(back.frame["offers"]) == [back.data["offers"]]
        assert isinstance(back.data["offers"], int)


@pytest.mark.parametrize(
    ("call", "some", "none"),
    [
        (sixnd.catalog.offers, {"gpu": "A100"}, {"gpu": "A100", "provider": "beta"}),
        (sixnd.frontier, {"model": "8B"}, {"model": "8B", "deadline": LATE}),
        (sixnd.sensitivity, {"model": "8B"}, {"model": "8B", "deadline": LATE}),
        (sixnd.plan, {"model": "8B"}, {"model": "8B", "deadline": LATE}),
        (sixnd.risk, {"model": "8B"}, {"model": "8B", "deadline": LATE}),
        (sixnd.explain, {"model": "8B"}, {"model": "8B", "gpu": "A100"}),
        (
            sixnd.afford,
            {"budget": "50k", "deadline": "30d"},
            {"budget": 0.0001, "deadline": "1h"},
        ),
    ],
)
def test_what_is_empty_stays_empty(
    mini: Path, tmp_path: Path, call: Call, some: dict[str, Any], none: dict[str, Any]
) -> None:
    """No row, live and read back, and the columns that a result with rows has."""
    path = tmp_path / "result.json"
    full, empty = call(**some, catalog=mini), call(**none, catalog=mini)
    assert empty.frame.empty
    assert list(empty.frame.columns) == list(full.frame.columns)
    full.save(path)
    saved = sixnd.load(path)
    empty.save(path)
    back = sixnd.load(path)
    assert back.kind == saved.kind
    assert back.frame.empty
    # What only alternatives have, where there are some: how they lost, how sure each is.
    beside = {"costs_more_usd", "takes_longer_days", "reason", "risk"}
    assert set(back.frame.columns) - beside == set(saved.frame.columns) - beside


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"points": 5}, "points: 5; expected a list of rows, as `sixnd frontier --json` writes"),
        ({"points": None}, "points: none; expected a list of rows"),
        ({"cases": {"a": 1}}, "cases: 1 in it; expected a list of rows"),
        ({"fleets": [1, 2]}, "fleets: 2 in it; expected a list of rows"),
        ({"offers": "many"}, "offers: many; expected a list of rows"),
        ({"unplanned": []}, "gpus: none; expected a list of rows"),
        ({"ruled_out": [], "plan": {}, "alternatives": None}, "alternatives: none; expected"),
        ({"ruled_out": [], "plan": [], "alternatives": []}, "plan: 0 in it; expected the keys"),
        ({"sixnd": "1", "plan": {}, "alternatives": 5}, "alternatives: 5; expected a list of"),
    ],
)
def test_rows_that_are_none(tmp_path: Path, data: dict[str, object], said: str) -> None:
    """Refused by key when read, not by pandas later."""
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(sixnd.ProblemError) as refused:
        sixnd.load(path)
    assert str(refused.value).startswith(f"odd.json: {said}")


def test_another_version_is_told(mini: Path, tmp_path: Path) -> None:
    """In a warning and in the line; so is a file that says none."""
    path = tmp_path / "old.json"
    data = sixnd.plan("8B", deadline="30d", catalog=mini).to_dict()
    path.write_text(json.dumps({**data, "sixnd": "0.0.9"}), encoding="utf-8")
    said = rf"old\.json: was written by sixnd 0\.0\.9, this is {sixnd.__version__}"
    with pytest.warns(sixnd.OtherVersionWarning, match=said):
        old = sixnd.load(path)
    assert f"of version 0.0.9, this is {sixnd.__version__}, " in repr(old)
    assert repr(old).endswith("gap 0.00%>")
    path.write_text(json.dumps({k: v for k, v in data.items() if k != "sixnd"}), encoding="utf-8")
    with pytest.warns(sixnd.OtherVersionWarning, match="does not say which version"):
        assert "of an unknown version" in repr(sixnd.load(path))


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", "{}", '{"a": 1}', '{"offers": 5}', "[" * 100_000]
)
def test_what_is_no_result(tmp_path: Path, text: str) -> None:
    """Refused in words."""
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(sixnd.ProblemError, match=r"^other\.json: is no .*; expected a result"):
        sixnd.load(path)
    with pytest.raises(sixnd.ProblemError, match="no such file; expected a result"):
        sixnd.load(tmp_path / "missing.json")
    with pytest.raises(sixnd.ProblemError, match=r"^path: .*is a directory"):
        sixnd.catalog.gpus().save(tmp_path)
