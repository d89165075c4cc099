"""Settings for all tests: steady examples without a time limit, and no catalog of the user's."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

import catalog

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

# Whoever runs the tests may have imported prices; the tests are about the shipped ones.
os.environ["SIXND_CATALOG"] = str(Path(catalog.__file__).parent)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's catalog, not there yet."""
    folder = tmp_path / "mine"
    monkeypatch.setenv("SIXND_CATALOG", str(folder))
    return folder
