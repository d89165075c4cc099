"""What a user chooses about an export beside the plan."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choices:
    """``framework`` is what a task starts, ``kubernetes`` the context of a cluster (empty: none).

    ``segment`` and ``gres`` may be left out of a batch script, for clusters that do not know them.
    """

    framework: str = "megatron"
    kubernetes: str = ""
    segment: bool = True
    gres: bool = True
