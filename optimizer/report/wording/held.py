"""Offers that are held back for a price that cannot be true, in words."""

from optimizer.explain.held import Held
from optimizer.plan.warnings import accepted_warning

OPTION = "--accept"


def held_line(held: Held) -> str:
    """What is held back, why, and how it is taken all the same."""
    return f"{held.offer} at {held.doubt}; {OPTION} {held.offer} takes it"


def accepted_line(held: Held) -> str:
    """What was accepted, as the answer warns of it."""
    return accepted_warning(held.offer, held.doubt, held.decides)
