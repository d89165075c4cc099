"""The tables of held-out errors are the calibration's own figures."""

import re
from pathlib import Path

import pytest
from held_out_figures import HELD, HIGH, KINDS, MEDIAN, WHOLE, known, whole_runs

from optimizer.step.constants import shipped

ROOT = Path(__file__).parents[2]
STEP = (ROOT / "optimizer/step/README.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(text: str, head: str) -> dict[str, list[str]]:
    """The cells of a table's rows by their first cell."""
    body = text[text.index(head) :].split("\n\n", 1)[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in body]
    return {row[0]: row[1:] for row in rows}


def figures(cell: str) -> list[int]:
    """The whole percentages in a cell."""
    return [int(number) for number in re.findall(r"(\d+) %", cell)]


@pytest.mark.parametrize("name", table(STEP, "| runs | rows | as asked | aim |"))
def test_the_step_model_s_table(name: str) -> None:
    """As asked, stack told and as configured, beside the aims."""
    rows, asked, _, told, _, configured = table(STEP, "| runs | rows | as asked | aim |")[name]
    kind = KINDS[name]
    assert int(rows) == shipped()["held_out"]["asked"][kind]["n"]
    assert figures(asked) == known("asked", kind, MEDIAN, HELD)
    assert figures(told) == known("told", kind, MEDIAN, HIGH)
    assert figures(configured) == known("configured", kind, MEDIAN, HIGH)


@pytest.mark.parametrize("name", table(README, "| runs | rows | as asked | range holds |"))
def test_the_readme_s_table(name: str) -> None:
    """As asked and stack told, with how often the ranges hold."""
    head = "| runs | rows | as asked | range holds |"
    rows, asked, asked_held, told, told_held = table(README, head)[name]
    kind = KINDS[name]
    assert int(rows) == shipped()["held_out"]["asked"][kind]["n"]
    assert figures(asked) == known("asked", kind, MEDIAN, HIGH)
    assert figures(asked_held) == known("asked", kind, HELD)
    assert figures(told) == known("told", kind, MEDIAN, HIGH)
    assert figures(told_held) == known("told", kind, HELD)


def test_the_table_of_whole_runs() -> None:
    """One row a run, ratio and range as the calibration found them."""
    assert [[name, *cells] for name, cells in table(STEP, WHOLE).items()] == whole_runs()
