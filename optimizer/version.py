"""The version of sixnd, and data that says which one wrote it."""

from collections.abc import Mapping
from typing import Any

VERSION = "0.1.0"


def stamped(data: Mapping[str, Any]) -> dict[str, Any]:
    """Data for a reader elsewhere, the version that wrote it first, as "sixnd"."""
    return {"sixnd": VERSION, **data}
