"""The miniature catalog that questions are asked of, by the function and by the command."""

from pathlib import Path

import pytest
from mini_catalog import write_mini


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The miniature catalog, and a page of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    return write_mini(tmp_path / "mini")
