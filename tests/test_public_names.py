"""What one imports says what it is, and examples in docstrings and READMEs do what they show."""

import ast
import doctest
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import catalog
import optimizer
import problems
import sixnd

ROOT = Path(__file__).parent.parent
PACKAGES = (sixnd, catalog, problems, optimizer)
NAMES = [(package, name) for package in PACKAGES for name in package.__all__]
READMES = [
    path.relative_to(ROOT).as_posix()
    for path in sorted(ROOT.rglob("README.md"))
    if "```python" in path.read_text(encoding="utf-8")
]


def examples(package: ModuleType, name: str) -> list[doctest.DocTest]:
    """The docstrings with examples in them: of a name, and of its methods."""
    named = getattr(package, name)
    found = doctest.DocTestFinder(exclude_empty=True).find(named, name)
    return [one for one in found if one.examples]


@pytest.mark.parametrize(("package", "name"), NAMES, ids=lambda one: getattr(one, "__name__", one))
def test_a_public_name_says_what_it_is(package: ModuleType, name: str) -> None:
    """In a docstring of its own; a choice of words and a day are what they are."""
    named = getattr(package, name)
    if inspect.isclass(named) or inspect.isfunction(named):
        assert named.__doc__
        # What dataclasses write where there is none.
        assert not named.__doc__.startswith(f"{name}(")
    else:
        assert named is not None


def test_examples_in_docstrings_do_what_they_show() -> None:
    """All of those that public names have."""
    found = [one for package, name in NAMES for one in examples(package, name)]
    assert found
    runner = doctest.DocTestRunner()
    for one in found:
        runner.run(one)
    assert runner.summarize(verbose=False).failed == 0


def shown_values(text: str) -> list[tuple[str, Any]]:
    """The expressions of a block that show their value in a comment, and that value."""
    lines = re.findall(r"^(\S.*?)  # (.+)$", text, re.MULTILINE)
    found = []
    for code, comment in lines:
        try:
            found.append((code, ast.literal_eval(comment)))
        except (SyntaxError, ValueError):
            continue
    return found


@pytest.mark.parametrize("file", READMES)
def test_python_of_a_readme_runs(file: str) -> None:
    """And each value that it shows is the value."""
    text = (ROOT / file).read_text(encoding="utf-8")
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        names: dict[str, Any] = {}
        exec(block, names)
        for code, value in shown_values(block):
            assert eval(code, names) == value, code
