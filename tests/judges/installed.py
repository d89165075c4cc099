"""Whether the launchers are there; a test that needs one says how to add it."""

from importlib.util import find_spec

import pytest

HOW = "not installed: pip install -e '.[test,launchers]' adds it on Python 3.12 or later"


def needs(package: str) -> pytest.MarkDecorator:
    """Leaves a test out where a package is missing, and says how to add it."""
    return pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is {HOW}")


needs_megatron = needs("megatron")
needs_torchtitan = needs("torchtitan")
