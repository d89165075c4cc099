"""`sixnd report`: what it writes where, what it says, and what it leaves alone."""

import json
import shlex
from pathlib import Path

import pytest
from mini_catalog import sixnd

from optimizer.report import write
from optimizer.study.recommendation import Recommendation

Capture = pytest.CaptureFixture[str]
ASKED = ("report", "8B", "--deadline", "30d", "--date", "2026-11-25")


@pytest.mark.slow
def test_it_writes_each_format(capsys: Capture, mini: str, tmp_path: Path) -> None:
    """The decision on stdout, where it was written on stderr, and nothing beside the file."""
    folder = tmp_path / "out"
    folder.mkdir()
    starts = {".html": b"<!DOCTYPE html>", ".md": b"# ", ".xlsx": b"PK", ".json": b"{"}
    for ending, start in starts.items():
        path = folder / f"plan{ending.upper()}"
        ran = sixnd(capsys, *ASKED, "--catalog", mini, "-o", str(path))
        assert ran.code == 0
        assert ran.out.startswith("Rent ")
        assert ran.err == f"written: {path}\n"
        assert path.read_bytes().startswith(start)
    assert len(list(folder.iterdir())) == len(starts)


def test_the_plan_is_that_of_plan(capsys: Capture, mini: str, tmp_path: Path) -> None:
    """The data are those of `plan --json`, but for warnings that depend on the day."""
    path = tmp_path / "plan.json"
    sixnd(capsys, *ASKED, "--catalog", mini, "-o", str(path))
    planned = json.loads(sixnd(capsys, "plan", *ASKED[1:4], "--catalog", mini, "--json").out)
    found = json.loads(path.read_text(encoding="utf-8"))
    for key in ("status", "question", "plan", "proof", "binding", "assumptions", "ruled_out"):
        assert found[key] == planned[key]
    keys = ("fleets", "pricing", "lost", "frontier", "sensitivity", "risk", "calculation")
    assert all(found[key] for key in (*keys, "sources", "command"))


@pytest.mark.slow
def test_the_command_makes_the_same_bytes(capsys: Capture, mini: str, tmp_path: Path) -> None:
    """The report says how it is made, and that is how."""
    quotes = tmp_path / "my quotes.csv"
    quotes.write_text("provider,gpu,usd_per_gpu_hour\nmine,h100_sxm,2.2\n", encoding="utf-8")
    more = ("--catalog", mini, "--offers", str(quotes), "--solver", "cbc", "--gpu", "H100")
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    assert sixnd(capsys, *ASKED, *more, "-o", str(one)).code == 0
    command = json.loads(one.read_text(encoding="utf-8"))["command"]
    first, *words, file = shlex.split(command)
    assert (first, file) == ("sixnd", "report.json")
    assert sixnd(capsys, *words, str(two)).code == 0
    assert two.read_bytes() == one.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("ending", write.FORMATS)
def test_a_problem_file_is_reproduced_by_a_command(
    capsys: Capture, mini: str, tmp_path: Path, ending: str
) -> None:
    """Under the same title, in the same format, without the file."""
    problem = tmp_path / "asked.toml"
    run = "[run]\nmodel = '8B'\n[limits]\ndeadline = '30d'\nconfidence = 0.8\n"
    text = f"name = 'The \"8B\" run'\n{run}"
    problem.write_text(text, encoding="utf-8")
    one, two = tmp_path / f"one{ending}", tmp_path / f"two{ending}"
    data = tmp_path / "one.json"
    for path in (one, data):
        more = ("--date", "2026-11-25", "--catalog", mini, "-o", str(path))
        assert sixnd(capsys, "report", str(problem), *more).code == 0
    _, *words, file = shlex.split(json.loads(data.read_text(encoding="utf-8"))["command"])
    command = [*words, str(two)]
    assert file == "report.json"
    assert "--title" in command
    assert sixnd(capsys, *command).code == 0
    assert two.read_bytes() == one.read_bytes()


def test_no_plan_writes_nothing(capsys: Capture, mini: str, tmp_path: Path) -> None:
    """Exit 1 with the reasons; the report that is there stays."""
    path = tmp_path / "plan.html"
    path.write_text("before", encoding="utf-8")
    ran = sixnd(capsys, *ASKED, "--budget", "10k", "--catalog", mini, "-o", str(path))
    assert ran.code == 1
    assert ran.out.startswith("No plan exists")
    assert "--budget" in ran.out
    assert "not written" in ran.err
    assert path.read_text(encoding="utf-8") == "before"


@pytest.mark.parametrize("fails", ["render", pytest.param("write", marks=pytest.mark.slow)])
def test_a_failed_write_leaves_the_file(
    capsys: Capture, mini: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    """One line, exit 2, the old report whole and nothing half-written beside it."""
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "plan.md"
    path.write_text("before", encoding="utf-8")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device", str(path))

    def broken(_: Recommendation) -> bytes:
        raise RuntimeError("cannot render")

    if fails == "write":
        monkeypatch.setattr(Path, "write_bytes", full)
    else:
        monkeypatch.setitem(write.FORMATS, ".md", broken)
    ran = sixnd(capsys, *ASKED, "--catalog", mini, "-o", str(path))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert path.read_text(encoding="utf-8") == "before"
    assert [one.name for one in folder.iterdir()] == ["plan.md"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "plan.pdf"), "unknown ending; expected one of .html, .md, .xlsx, .json"),
        (("-o", "plan"), "unknown ending"),
        (("-o", "nowhere/plan.html"), "there is no folder 'nowhere'"),
        (("-o", "."), "is a directory"),
        ((), "missing option"),
        (("-o", "plan.html", "--date", "soon"), "--date: 'soon' is no day; expected one such as"),
        (("-o", "plan.html", "--gpu", "H1000"), "--gpu"),
    ],
)
def test_mistakes(
    capsys: Capture,
    mini: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    said: str,
) -> None:
    """Each in one line that says where and what is expected, before anything is written."""
    monkeypatch.chdir(tmp_path)
    ran = sixnd(capsys, "report", "8B", "--catalog", mini, *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert said in ran.err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mini"]


def test_a_given_fleet_is_not_reported(capsys: Capture, mini: str, tmp_path: Path) -> None:
    """There is nothing to recommend where nothing is left to choose."""
    path = tmp_path / "fleet.toml"
    path.write_text('[run]\nmodel="8B"\n[fleet]\ngpu="h100_sxm"\ngpus=64\n', encoding="utf-8")
    ran = sixnd(capsys, "report", str(path), "--catalog", mini, "-o", str(tmp_path / "a.md"))
    assert ran.code == 2
    assert "fleet" in ran.err
