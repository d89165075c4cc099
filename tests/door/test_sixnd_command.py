"""The functions say what the command says: the same keys, figures, words, bytes."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from mini_catalog import Ran
from mini_catalog import sixnd as command
from sixnd_cases import SAME, Capture, Case, Page

import sixnd
from optimizer.commands.asking import option_name
from sixnd.result import MOST_ROWS


def asked_twice(capsys: Capture, mini: Path, case: Case) -> tuple[sixnd.Result, Ran, Ran]:
    """The result of the function, and what the command printed as text and as JSON."""
    function, keywords, words = case
    line = [*words.split(), "--catalog", str(mini)]
    found = function(**keywords, catalog=mini)
    return found, command(capsys, *line), command(capsys, *line, "--json")


@pytest.mark.parametrize("case", SAME, ids=lambda case: case[2])
def test_it_says_what_the_command_says(capsys: Capture, mini: Path, case: Case) -> None:
    """The same keys and figures, the same words; and a line, a page and a frame of it."""
    found, told, data = asked_twice(capsys, mini, case)
    assert found.to_dict() == json.loads(found.json()) == json.loads(data.out)
    assert found.json() == data.out.rstrip("\n")
    assert found.text == told.out.rstrip("\n")
    assert repr(found).startswith(f"<sixnd.{type(found).__name__}: ")
    assert "\n" not in repr(found)
    assert Page(found._repr_html_()).rows
    assert found.frame.columns.is_unique


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".html", ".md", ".xlsx", ".json"])
def test_a_report_is_that_of_the_command(
    capsys: Capture, mini: Path, tmp_path: Path, ending: str
) -> None:
    """The same bytes, but for a workbook, which holds the time it was made at."""
    ours, theirs = tmp_path / f"ours{ending}", tmp_path / f"theirs{ending}"
    day = date(2026, 11, 25)
    found = sixnd.report("8B", ours, deadline="30d", name="Spring", catalog=mini, today=day)
    words = ("report", "8B", "--deadline", "30d", "--title", "Spring", "--date", "2026-11-25")
    ran = command(capsys, *words, "--catalog", str(mini), "-o", str(theirs))
    assert found.text == ran.out.rstrip("\n")
    assert ours.exists()
    if ending != ".xlsx":
        assert ours.read_bytes() == theirs.read_bytes()
    if ending == ".json":
        assert found.to_dict() == json.loads(theirs.read_text(encoding="utf-8"))
    assert "proven" in repr(found)


@pytest.mark.slow
def test_validation_is_that_of_the_command(capsys: Capture) -> None:
    """Every shipped run, and the summary."""
    found = sixnd.validate(stack_told=True)
    data = command(capsys, "validate", "--stack-told", "--json")
    assert found.to_dict() == json.loads(data.out)
    assert found.text == command(capsys, "validate", "--stack-told").out.rstrip("\n")
    assert len(found.frame) == found.summary["n"]
    assert f"{found.summary['n']} runs" in repr(found)
    assert found.chart.to_dict()["layer"]
    assert f"and {found.summary['n'] - MOST_ROWS:,} more" in found._repr_html_()


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"deadline": "soon", "mfu": 3}, "--deadline soon --mfu 3"),
    ({"max_gpus": 1.5}, "--max-gpus 1.5"),
    ({"budget": "€5"}, "--budget €5"),
    ({"gpu": "H1000"}, "--gpu H1000"),
    ({"mfu": 0.4, "tflops_per_gpu": 400}, "--mfu 0.4 --tflops-per-gpu 400"),
    ({"goodput": 0.9, "failures": 1}, "--goodput 0.9 --failures 1"),
    ({"mfu": "missing.csv"}, "--mfu missing.csv"),
    ({"solver": "cplex"}, "--solver cplex"),
    ({"active": "9B"}, "--active 9B"),
    ({"stack": "nobody"}, "--stack nobody"),
    ({"quota": {"nobody": 5}}, "--quota nobody=5"),
]


@pytest.mark.parametrize(("keywords", "words"), MISTAKES, ids=lambda value: str(value)[:40])
def test_mistakes_are_told_as_the_command_tells_them(
    capsys: Capture, mini: Path, keywords: dict[str, Any], words: str
) -> None:
    """Word for word, under the keyword's name in the place of the option's."""
    said = command(capsys, "plan", "8B", *words.split(), "--catalog", str(mini)).err
    with pytest.raises(sixnd.ProblemError) as refused:
        sixnd.plan("8B", catalog=mini, **keywords)
    for mistake, line in zip(refused.value.mistakes, said.splitlines(), strict=True):
        keys, _, what = mistake.partition(": ")
        spelled = ", ".join(
            f"--{key}" if key == "solver" else option_name(key) for key in keys.split(", ")
        )
        # A number that Python gives has no quotes around it.
        assert line.replace("'", "") == f"error: {spelled}: {what}".replace("'", "")
