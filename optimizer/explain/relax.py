"""Why no plan exists, and for each limit alone the smallest change that makes one exist.

A suggestion is a promise: fed back in it works, and a little less does not.
"""

from collections.abc import Iterator
from itertools import combinations

from optimizer import say
from optimizer.explain.reason import Reason
from optimizer.explain.relax_choices import (
    cluster_alone,
    confidence_alone,
    filters_alone,
    own_sizes_alone,
)
from optimizer.explain.ruled_out import PHYSICAL
from optimizer.market.filters import FILTERS
from optimizer.market.limits import NO_LIMIT, NUMBERS, Limits, Number
from optimizer.market.market import Market
from optimizer.market.variation import of_run, with_limits
from optimizer.program.decide import decide
from optimizer.program.enumerate import best_fleet
from problems.command import option_of

# How far an offer came before it was ruled out, the furthest first.
LIMITS_BY_REACH = (*PHYSICAL, *(one.name for one in reversed(FILTERS)))


def reasons(market: Market) -> list[Reason]:
    """What stands in the way of every plan: limits that alone, or else together, must give."""
    alone = [
        *_numbers_alone(market),
        *cluster_alone(market),
        *own_sizes_alone(market),
        *confidence_alone(market),
        *filters_alone(market),
    ]
    found = alone or _together(market) or _filter_and_numbers(market)
    if not market.candidates:
        return [_nothing_qualifies(market), *found]
    return found or [_out_of_reach(market)]


def _numbers_alone(market: Market) -> Iterator[Reason]:
    for number in NUMBERS:
        if number.asked(market.limits) == NO_LIMIT:
            continue
        needed = _smallest(market, number, number.dropped(market.limits))
        if needed is not None:
            yield _as_reason(market, ((number, needed),))


def _smallest(market: Market, number: Number, limits: Limits) -> float | None:
    """The smallest value of a dropped limit that admits a plan within the others."""
    found = decide(with_limits(market, limits), objective=number.objective)
    if found is None:
        return None
    least = found.fleet.value(number.objective)
    return least if least <= number.bound.most else None


def _as_reason(market: Market, changes: tuple[tuple[Number, float], ...]) -> Reason:
    return Reason(
        limit=", ".join(number.name for number, _ in changes),
        asked=", ".join(number.say(number.asked(market.limits)) for number, _ in changes),
        needed=", ".join(number.bound.say_needed(value) for number, value in changes),
        fields={number.name: number.bound.write(value) for number, value in changes},
    )


def _together(market: Market) -> list[Reason]:
    """Two numbers, or three, that must change together; the first as little as it can."""
    asked = [number for number in NUMBERS if number.asked(market.limits) != NO_LIMIT]
    found = []
    for size in (2, 3):
        for group in combinations(asked, size):
            changes = _changes_of(market, group)
            if changes is not None:
                found.append(_as_reason(market, changes))
        if found:
            break
    return found


def _changes_of(
    market: Market, group: tuple[Number, ...]
) -> tuple[tuple[Number, float], ...] | None:
    """Each number's smallest value once those before it are set and those after it dropped."""
    limits = market.limits
    for number in group:
        limits = number.dropped(limits)
    changes = []
    for number in group:
        needed = _smallest(market, number, limits)
        if needed is None:
            return None
        changes.append((number, needed))
        # What is printed is rounded up, and the next number rests on what is printed.
        limits = limits.but(**{number.name: number.rounded_up(needed)})
    return tuple(changes)


def _nothing_qualifies(market: Market) -> Reason:
    """Why no offer qualifies at all: the limit that ruled out those that came furthest."""
    for limit in LIMITS_BY_REACH:
        ruled_out = [refusal for refusal in market.rejected if refusal.limit == limit]
        if ruled_out:
            nearest = max(ruled_out, key=lambda refusal: refusal.offer.max_gpus)
            return Reason(limit, f"{len(ruled_out)} offers ruled out", nearest.reason)
    return Reason("offers", "any", "a catalog with offers")


def _filter_and_numbers(market: Market) -> list[Reason]:
    """A filter of the question dropped, and the numbers that must change besides."""
    run = market.run
    for one in FILTERS:
        asked_for = one.asked(run)
        if not asked_for:
            continue
        wider = of_run(market, one.dropped(run))
        option = option_of(one.name)
        if decide(wider) is not None:
            return [Reason(one.name, ", ".join(asked_for), f"none; try without {option}")]
        for other in [*_numbers_alone(wider), *_together(wider)]:
            asked = f"{', '.join(asked_for)}; {other.asked}"
            any_one = f"any {one.name}" if not one.name.startswith("exclude") else "none left out"
            needed = f"{other.needed}, and {any_one}; try without {option}, {other.options}"
            return [Reason(f"{one.name}, {other.limit}", asked, needed)]
    return []


def _out_of_reach(market: Market) -> Reason:
    """Nothing that can be asked for is enough: how long the fastest fleet on sale would take."""
    fastest = best_fleet(market.segments, "time")
    asked = say.days(market.limits.deadline_hours)
    if fastest is None:
        return Reason("offers", "any", "a catalog with offers that qualify")
    least = (
        f"{say.days(fastest.latest_hours)} on the fastest fleet ({fastest.candidate.offer.offer})"
    )
    return Reason("deadline", asked, f"{least}; ask for a smaller run")
