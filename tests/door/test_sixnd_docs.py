"""What docs/api.md and the docstrings show is what there is, and runs."""

import inspect
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from print_api import ORDER, PAGE, page
from sixnd_cases import FUNCTIONS

import sixnd
from sixnd.signature import HEADING


def test_the_page_is_current() -> None:
    """Where it is not, `python tests/print_api.py` prints it again."""
    assert PAGE.read_text(encoding="utf-8") == page().rstrip("\n") + "\n"


def test_the_page_has_every_public_name() -> None:
    """Functions by their calls, everything else by its heading."""
    text = PAGE.read_text(encoding="utf-8")
    inside = {name for name in sixnd.__all__ if not name.endswith("Keywords")}
    for name in inside - {"__version__", "catalog"}:
        assert f"`sixnd.{name}" in text
    for name in sixnd.catalog.__all__:
        assert f"`sixnd.catalog.{name}(" in text
    assert {function.__name__ for function in (*FUNCTIONS, sixnd.load)} == set(ORDER)


def test_links_lead_somewhere() -> None:
    """Files that the page names are there."""
    for target in re.findall(r"\]\(([^)#]+)", PAGE.read_text(encoding="utf-8")):
        assert (PAGE.parent / target).exists(), target


@pytest.mark.slow
@pytest.mark.parametrize("function", [*FUNCTIONS, sixnd.load], ids=lambda one: one.__name__)
def test_examples_run(
    function: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line of a docstring that is indented is Python, on the shipped catalog."""
    monkeypatch.chdir(tmp_path)
    said = (inspect.getdoc(function) or "").partition(HEADING)[0]
    example = [line.strip() for line in said.splitlines() if line.startswith("    ")]
    assert example or function is sixnd.catalog.load
    exec("\n".join(example), {"sixnd": sixnd, "date": date})
