"""The miniature catalog that questions are asked of, by the function and by the command."""

from pathlib import Path

import pytest
from mini_catalog import write_mini


@pytest.fixture
def mini(page: None, tmp_path: Path) -> Path:
    """The miniature catalog, and a page of 80 columns."""
    return write_mini(tmp_path / "mini")
