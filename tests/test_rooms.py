"""The rooms of the optimizer: each explains itself, and its page names what is there."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import catalog
import optimizer
import problems

HOUSE = Path(optimizer.__file__).parent
FOLDERS = (
    Path(__file__).parent,
    HOUSE,
    Path(problems.__file__).parent,
    Path(catalog.__file__).parent,
)
ROOMS = sorted(path.name for path in HOUSE.iterdir() if (path / "__init__.py").exists())
# A module of the room and a name in it, in backticks: `plan.make_plan(run, ...)`.
NAMED = re.compile(r"`([a-z_.]+)\.([A-Za-z_]+)(?:\([^`]*)?`")


def page(room: str) -> str:
    """What a room says of itself."""
    return (HOUSE / room / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_decides_what_it_imports_and_the_way_in(room: str) -> None:
    for promised in ("**Decides**", "**May import**", "**Way in**"):
        assert promised in page(room), f"optimizer/{room}/README.md lacks {promised}"


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_s_page_names_is_there(room: str) -> None:
    files = {path.stem for path in (HOUSE / room).rglob("*.py")}
    named = [(module, name) for module, name in NAMED.findall(page(room)) if name != "py"]
    named = [(module, name) for module, name in named if module.split(".")[-1] in files]
    assert named, f"optimizer/{room}/README.md names no way in"
    for module, name in named:
        assert hasattr(import_module(f"optimizer.{room}.{module}"), name), f"{module}.{name}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_that_a_room_s_page_names_is_there(room: str) -> None:
    files = {path.name for folder in FOLDERS for path in folder.rglob("*.py")}
    for name in re.findall(r"`[a-z_/]*?([a-z_]+\.py)`", page(room)):
        assert name in files, f"optimizer/{room}/README.md: {name}"
