"""What the documents show is what the commands print, and what they promise exists."""

import doctest
import re
import shlex

import pytest
from mini_catalog import sixnd
from readme_cases import BLOCKS, README, ROOT, SHOWN, UNSHOWN, begins, mathematics

import optimizer.commands.cli

# Every row that was published scored, and every size tried: that takes its time.
LONG = ("$ sixnd validate", "$ sixnd afford")
BLOCK_PARAMS = [
    pytest.param(
        text,
        id=text.splitlines()[0][2:40],
        marks=[pytest.mark.slow] if text.startswith(LONG) else [],
    )
    for text in SHOWN
]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("block", BLOCK_PARAMS)
def test_shown_output_is_what_is_printed(capsys: Capture, block: str) -> None:
    """Up to the dots, word for word; where a price changed, print the README again."""
    command, _, shown = block.partition("\n")
    ran = sixnd(capsys, *shlex.split(command.removeprefix("$ sixnd ")))
    assert ran.code in (0, 1)
    assert begins(ran.out, shown)


@pytest.mark.slow
@pytest.mark.parametrize("command", UNSHOWN)
def test_every_command_shown_gives_an_answer(capsys: Capture, command: str) -> None:
    """A plan or a list, or the reasons why there is none."""
    ran = sixnd(capsys, *shlex.split(command.removeprefix("sixnd ")))
    assert ran.code in (0, 1)
    assert ran.out
    assert (ran.code == 1) == ran.out.startswith("No plan")


@pytest.mark.parametrize("text", [text for kind, text in BLOCKS if kind == "pycon"])
def test_python_shown_runs(text: str) -> None:
    """The library as the README uses it, with what it gives."""
    shown = doctest.DocTestParser().get_doctest(text, {}, "README.md", None, None)
    assert "proven" in text
    assert doctest.DocTestRunner(verbose=False).run(shown) == (0, len(shown.examples))


def test_every_command_is_in_the_readme() -> None:
    """A command that nobody reads about does not exist."""
    for command in optimizer.commands.cli.app.registered_commands:
        assert command.callback is not None
        assert f"sixnd {command.callback.__name__} " in README


def test_links_lead_somewhere() -> None:
    """Files and folders that the README names are there."""
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target


def test_the_mathematics_is_the_model_s() -> None:
    """What the README folds away is what the program is written from."""
    assert f"```\n{mathematics()}\n```" in README
