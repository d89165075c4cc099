"""Prices that cannot be true, as an answer tells them: offers held back, and offers accepted."""

from dataclasses import dataclass

from catalog.plausible import Doubt
from optimizer.market.candidates import PRICE
from optimizer.market.market import Market


@dataclass(frozen=True, slots=True)
class Held:
    """One offer whose price cannot be true; ``decides`` where it was accepted and is the plan."""

    offer: str
    doubt: Doubt
    decides: bool = False


def held_back(market: Market) -> tuple[Held, ...]:
    """The offers that everything else would have let in, those that are far too cheap first."""
    found = {
        refusal.offer.offer: market.catalog.held_back[refusal.offer.offer]
        for refusal in market.rejected
        if refusal.limit == PRICE
    }
    return tuple(Held(name, doubt) for name, doubt in sorted(found.items(), key=_cheapest))


def accepted(market: Market, plan: str = "") -> tuple[Held, ...]:
    """The offers that the user let in and that qualify; ``plan`` is the offer that was chosen."""
    names = {candidate.offer.offer for candidate in market.candidates}
    found = {n: doubt for n, doubt in market.catalog.accepted.items() if n in names}
    return tuple(Held(n, doubt, n == plan) for n, doubt in sorted(found.items(), key=_cheapest))


def _cheapest(one: tuple[str, Doubt]) -> tuple[float, str]:
    return one[1].usd_per_gpu_hour, one[0]
