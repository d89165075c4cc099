"""The shipped catalog, which most tests of facts are about."""

import pytest

from catalog import Catalog, load_catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The shipped catalog."""
    return load_catalog()
