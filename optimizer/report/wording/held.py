"""Offers that are held back for a price that cannot be true, in words."""

from optimizer.explain.held import Held

OPTION = "--accept"


def held_line(held: Held) -> str:
    """What is held back, why, and how it is taken all the same."""
    return f"{held.offer} at {held.doubt}; {OPTION} {held.offer} takes it"
