"""A variation of a market: one figure, choice or limit is another, everything else as it was."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from optimizer.market.candidates import Candidate
from optimizer.market.hardware import Key, key_of
from optimizer.market.kept import kept
from optimizer.market.limits import NO_LIMIT, Limits
from optimizer.market.market import Market, draw_market, make_market
from optimizer.market.run import Run
from optimizer.market.segments import make_segments


def of_run(market: Market, run: Run) -> Market:
    """The market of another run on the same catalog, within the same limits."""
    return replace(make_market(run, market.catalog), limits=market.limits)


def with_run(market: Market, **fields: Any) -> Market:
    """The market of a run that differs in these fields of Run, within the same limits."""
    return of_run(market, replace(market.run, **fields))


def with_limits(market: Market, limits: Limits) -> Market:
    """The market within other limits."""
    return replace(market, limits=limits)


def with_hardware(market: Market, keys: Collection[Key], **fields: Any) -> Market:
    """The market of the offers on some hardware, of a run that differs in these fields if in any.

    The catalog is cut to those offers.
    """
    run, whole = replace(market.run, **fields), market.catalog

    def drawn() -> Market:
        own = tuple(offer for offer in whole.offers if key_of(offer) in keys)
        return draw_market(run, replace(whole, offers=own))

    found = kept(run, whole, frozenset(keys), drawn, lambda one: len(one.segments))
    return replace(found, run=run, limits=market.limits)


def with_candidates(market: Market, candidates: Iterable[Candidate]) -> Market:
    """The market of these candidates, their segments drawn anew."""
    own = tuple(candidates)
    return replace(market, candidates=own, segments=make_segments(market.run, list(own)))


def only(market: Market, wanted: Callable[[Candidate], bool]) -> Market:
    """The market of the candidates that are wanted, their segments as they are."""
    segments = market.segments
    kept = np.array([wanted(candidate) for candidate in segments.candidates], dtype=bool)
    return replace(market, segments=segments.take(kept[segments.candidate]))


def of_offer(market: Market, offer: str) -> Market:
    """The market of one offer, all its durations."""
    return only(market, lambda candidate: candidate.offer.offer == offer)


def without_offer(market: Market, offer: str) -> Market:
    """The market of all offers but one."""
    return only(market, lambda candidate: candidate.offer.offer != offer)


def at_any_price(market: Market) -> Market:
    """The market without the budget: what costs no more than a plan within it is within it too."""
    return with_limits(market, market.limits.but(budget=NO_LIMIT))
