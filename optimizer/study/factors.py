"""One figure of a question or of the market changed by a share, all else as it was.

Curves of MFU are predicted once: an MFU, a number of tokens and a price move the lines of the
segments, whose shapes stay. Interruptions bend them, so those are drawn anew from the same curves.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import inf

import numpy as np

from optimizer.market.candidates import Candidate
from optimizer.market.market import Market
from optimizer.market.run import SMALLEST_FLOP, make_run
from optimizer.market.segments import Floats
from optimizer.market.terms import stored_gb
from optimizer.market.variation import of_run, with_candidates, with_limits
from optimizer.physics.compute import training_flop
from optimizer.physics.goodput import Reliability
from optimizer.program.bounds import best_on_each, feasible
from optimizer.program.decide import decide

LOWEST, HIGHEST = -0.5, 1.0
# More than lines leave the formulas between breakpoints.
LINES = 1.01


@dataclass(frozen=True, slots=True)
class Factor:
    """A figure that may be other than assumed.

    ``changes`` are the shares by which it is changed; ``lowest`` and ``highest`` are the ends of
    those that are looked at. ``changed`` gives the market under such a change.
    """

    name: str
    changes: tuple[float, ...]
    changed: Callable[[float], Market]
    lowest: float = LOWEST
    highest: float = HIGHEST


def factors_of(market: Market, winner: Candidate) -> list[Factor]:
    """The figures that a question rests on, those of the winner's provider among them."""
    tenths, quarters = (-0.2, -0.1, 0.1, 0.2), (-0.25, -0.1, 0.1, 0.25)
    provider, highest = winner.offer.provider, _highest_mfu(market)
    least = max(LOWEST, SMALLEST_FLOP / market.run.flop - 1)
    slower_or_faster = tuple(change for change in tenths if change <= highest)
    shorter_or_longer = tuple(change for change in quarters if change >= least)
    factors = [
        Factor("mfu", slower_or_faster, partial(_mfu, market), highest=highest),
        Factor("prices", tenths, partial(_prices, market, None)),
        Factor("provider_price", tenths, partial(_prices, market, provider)),
        Factor("tokens", shorter_or_longer, partial(_tokens, market), lowest=least),
        Factor("deadline", quarters, partial(_deadline, market)),
    ]
    known = [candidate.reliability for candidate in market.candidates]
    if any(reliability.failures for reliability in known):
        factors.append(_interrupted("failures", market, winner, _failing))
    if any(reliability.spot for reliability in known):
        factors.append(_interrupted("spot_interruptions", market, winner, _taken_back))
    return factors


More = Callable[[Reliability, float], Reliability]


def _interrupted(name: str, market: Market, winner: Candidate, more: More) -> Factor:
    """Half as many interruptions, and twice as many."""
    rivals = _rivals(market, winner, more)
    return Factor(name, (LOWEST, HIGHEST), partial(_interruptions, rivals, more))


def _rivals(market: Market, winner: Candidate, more: More) -> Market:
    """Without the candidates that lose whatever the change, since more interruptions only cost.

    They are those that at the fewest miss a limit or are behind the winner's offer at the most.
    """
    objective = market.run.objective
    offer = winner.offer.offer
    own = tuple(one for one in market.candidates if one.offer.offer == offer)
    reached = decide(_interruptions(replace(market, candidates=own), more, HIGHEST))
    most = reached.fleet.value(objective) * LINES if reached is not None else inf
    fewest = feasible(_interruptions(market, more, LOWEST))
    lower, _, _ = best_on_each(fewest, objective)
    near = set(fewest.candidate[lower <= most].tolist())
    kept = tuple(c for i, c in enumerate(market.candidates) if i in near)
    return replace(market, candidates=kept)


def _highest_mfu(market: Market) -> float:
    """The largest change of the MFU: nothing runs above its peak."""
    best = max(max(candidate.hardware.curve.mfu) for candidate in market.candidates)
    return min(HIGHEST, 1 / best - 1)


def _mfu(market: Market, change: float) -> Market:
    """Every hour of training goes with 1 / MFU."""
    return replace(market, segments=market.segments.longer(1 / (1 + change)))


def _prices(market: Market, provider: str | None, change: float) -> Market:
    """Prices of one provider, or of all: of owned hardware what it is bought for."""
    segments = market.segments
    moved = np.array([_share_moved(candidate, provider) for candidate in segments.candidates])
    factor: Floats = 1 + change * moved[segments.candidate]
    upfront = np.where(moved[segments.candidate] > 0, 1 + change, 1.0)
    return replace(
        market,
        segments=replace(
            segments,
            usd_per_gpu_hour=segments.usd_per_gpu_hour * factor,
            upfront_usd=segments.upfront_usd * upfront,
            setup_usd=segments.setup_usd * upfront,
            egress_usd=segments.egress_usd * upfront,
            minimum_usd=segments.minimum_usd * upfront,
        ),
    )


def _share_moved(candidate: Candidate, provider: str | None) -> float:
    """The part of the hourly price that moves with the price of the hardware."""
    if provider is not None and candidate.offer.provider != provider:
        return 0.0
    own = candidate.term.own
    return 1.0 if own is None else (own.depreciation + own.network) / own.usd_per_gpu_hour


def _tokens(market: Market, change: float) -> Market:
    """Hours go with the tokens, and so does what is stored of them.

    Where the usual batch of a short run changes as well, so do the curves.
    """
    run, segments = market.run, market.segments
    tokens = run.tokens * (1 + change)
    asked = run.question.model_copy(update={"tokens": tokens})
    anew = make_run(asked, market.catalog)
    if anew.global_batch != run.global_batch:
        return of_run(market, anew)
    more = replace(run, tokens=tokens, flop=training_flop(run.shape.active_parameters, tokens))
    stored = stored_gb(more, market.catalog) / stored_gb(run, market.catalog)
    segments = segments.longer(1 + change)
    segments = replace(segments, storage_usd=segments.storage_usd * stored)
    return replace(market, run=more, segments=segments)


def _deadline(market: Market, change: float) -> Market:
    hours = market.limits.deadline_hours * (1 + change)
    return with_limits(market, market.limits.but(deadline=hours))


def _interruptions(market: Market, more: More, change: float) -> Market:
    """The lines drawn anew, with candidates that shared their reliability sharing it still."""
    changed: dict[int, Reliability] = {}
    candidates = []
    for candidate in market.candidates:
        known = candidate.reliability
        if id(known) not in changed:
            changed[id(known)] = more(known, 1 + change)
        candidates.append(replace(candidate, reliability=changed[id(known)]))
    return with_candidates(market, candidates)


def _failing(reliability: Reliability, factor: float) -> Reliability:
    return replace(reliability, failures=reliability.failures * factor)


def _taken_back(reliability: Reliability, factor: float) -> Reliability:
    spot = reliability.spot
    if spot is None:
        return reliability
    return replace(reliability, spot=replace(spot, per_hour=spot.per_hour * factor))
