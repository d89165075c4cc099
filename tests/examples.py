"""How many examples Hypothesis draws: fewer in the fast loop; see conftest.py."""

from hypothesis import settings

USUAL = 100


def examples(full: int) -> int:
    """``full``, or in the fast loop as much less as a test's usual number is there."""
    return max(full * settings().max_examples // USUAL, 1)
