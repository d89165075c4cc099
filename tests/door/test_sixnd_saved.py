"""Results written and read back, and by which version."""

import json
from pathlib import Path

import pytest
from mini_catalog import sixnd as command
from sixnd_cases import LATE, SAME, Capture, Page

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
        # Where no plan exists the keys are those of `plan`.
        kind = "plan" if words == f"sensitivity 8B --deadline {LATE}" else words.split()[0]
        assert back.kind == kind
        assert len(back.frame) >= 1
        assert Page(back._repr_html_()).others == set()
        assert repr(back).startswith(f"<sixnd.Saved result.json: {back.kind} of version 0.")
    printed = command(capsys, "plan", "8B", "--catalog", str(mini), "--json").out
    path.write_text(printed, encoding="utf-8")
    assert sixnd.load(path).data["sixnd"] == sixnd.__version__
    path.write_text(command(capsys, "catalog", "where", "--json").out, encoding="utf-8")
    assert sixnd.load(path).kind == "result"


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


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"a": 1}', "[" * 100_000])
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
