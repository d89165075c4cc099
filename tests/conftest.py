"""Settings for all tests: steady examples without a time limit, and no catalog of the user's.

`pytest` runs every test on all its examples; `pytest -m "not slow"`, the fast loop, leaves out
what takes long and draws fewer examples (`--hypothesis-profile full` draws all).
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from mini_catalog import write_mini

from catalog import Catalog, load_catalog
from catalog.load import SHIPPED
from optimizer.market.kept import DRAWN

full = settings(derandomize=True, deadline=None)
settings.register_profile("full", full)
settings.register_profile("fast", full, max_examples=20)
settings.load_profile("full")

# Whoever runs the tests may have imported prices; the tests are about the shipped ones.
os.environ["SIXND_CATALOG"] = str(SHIPPED)


def pytest_configure(config: pytest.Config) -> None:
    """Draw fewer examples in the fast loop, unless a profile is given."""
    if config.option.markexpr == "not slow" and not config.getoption("--hypothesis-profile"):
        settings.load_profile("fast")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's catalog, not there yet."""
    folder = tmp_path / "mine"
    monkeypatch.setenv("SIXND_CATALOG", str(folder))
    return folder


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The shipped catalog."""
    return load_catalog()


@pytest.fixture
def mini(tmp_path: Path) -> str:
    """The folder of the miniature catalog."""
    return str(write_mini(tmp_path / "mini"))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of 80 columns as a pipe has it."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def wide_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's catalog, and a page of 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")
    return home


@pytest.fixture(autouse=True)
def _drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that changes how a market is drawn draws its own, and leaves none behind."""
    DRAWN.forget()
    monkeypatch.setattr(DRAWN, "most", 100_000)
