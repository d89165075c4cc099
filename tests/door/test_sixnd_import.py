"""What comes with ``import sixnd``: little."""

from typing import Any, cast

import pytest
from sixnd_cases import run_python

import sixnd

HEAVY = ("altair", "numpy", "pandas", "pulp", "pydantic", "rich", "typer")


def test_the_import_is_light() -> None:
    """Nothing that is heavy comes with it, and each record comes when it is asked for."""
    code = f"import sys, sixnd; print([name for name in {HEAVY} if name in sys.modules])"
    assert run_python("-c", code).stdout.strip() == "[]"
    assert all(getattr(sixnd, name) is not None for name in sixnd.__all__)
    assert set(dir(sixnd)) == set(sixnd.__all__)
    with pytest.raises(AttributeError, match="no attribute 'plam'"):
        assert cast(Any, sixnd).plam


def test_a_plan_needs_no_pandas() -> None:
    """Nor what draws, writes tables or reads a command line."""
    code = "import sys, sixnd; print(sixnd.plan('8B').status)"
    code += "; print([n for n in ('altair', 'pandas', 'rich', 'typer') if n in sys.modules])"
    assert run_python("-c", code).stdout.split("\n")[:2] == ["optimal", "[]"]


def test_the_package_is_the_command() -> None:
    """`python -m sixnd` is `sixnd`."""
    ran = run_python("-m", "sixnd", "--version")
    assert ran.stdout.strip() == f"sixnd {sixnd.__version__}"
