"""One thing to look at in a catalog; none keeps it from loading."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What it is, about which offers, GPU models, sources or files."""

    severity: Severity
    check: str
    says: str
    about: tuple[str, ...]
