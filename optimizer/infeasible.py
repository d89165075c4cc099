"""Why no plan exists, and for each limit alone the smallest change that makes one exist.

A suggestion is a promise: fed back in it works, and a little less does not.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from types import MappingProxyType
from typing import Any

from optimizer import say
from optimizer.dominance import Objective, within
from optimizer.fleets import Fleet, best_fleet, best_fleets
from optimizer.market import Market, make_market
from optimizer.segments import NO_LIMIT, Limits
from problems.fields import PRECISIONS, PRICING
from problems.quantities import (
    DURATION,
    GPUS,
    MONEY,
    parse_duration,
    parse_money,
    parse_positive_int,
)

# Raising our judgement of the largest cluster makes sense only where nodes have a fast network.
NO_FAST_NETWORK = ("none", "ethernet")
UNLIMITED_GPUS = int(GPUS.most)
# How far an offer came before it was ruled out, the furthest first.
LIMITS_BY_REACH = (
    *("global_batch", "memory", "tflops_per_gpu", "precision"),
    *("region", "pricing", "provider", "gpu"),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One limit that rules every plan out, and the smallest change of it that admits one.

    ``fields`` are the fields of the question to set, written as people write them; empty
    where no change of this limit alone is enough.
    """

    limit: str
    asked: str
    needed: str
    fields: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def options(self) -> str:
        """The change as options of the command; empty where there is none."""
        return shlex.join(
            word for key, value in self.fields.items() for word in _option(key, value)
        )


def _option(key: str, value: object) -> Iterator[str]:
    option = "--" + key.replace("_", "-")
    if isinstance(value, Mapping):
        values = [f"{name}={held}" for name, held in value.items()]
    elif isinstance(value, tuple):
        values = [",".join(value)] if key == "pricing" else list(value)
    else:
        values = [str(value)]
    for one in values:
        yield option
        yield one


@dataclass(frozen=True, slots=True)
class Number:
    """A limit that is a number: how to drop it, and what its smallest sufficient value is."""

    name: str
    attribute: str
    objective: Objective
    most: float
    write: Callable[[float], str]
    read: Callable[[str], float]
    say: Callable[[float], str]
    say_needed: Callable[[float], str]

    def rounded_up(self, value: float) -> float:
        """The value as it is printed, which is never less."""
        return self.read(self.write(value))

    def dropped(self, limits: Limits) -> Limits:
        """The limits without this one."""
        return replace(limits, **{self.attribute: NO_LIMIT})

    def asked(self, limits: Limits) -> float:
        """This limit's value; NO_LIMIT where there is none."""
        return float(getattr(limits, self.attribute))


def _whole(number: float) -> str:
    return f"{number:.0f}"


NUMBERS = (
    Number(
        "deadline",
        "deadline_hours",
        "time",
        most=DURATION.most,
        write=say.deadline_option,
        read=parse_duration,
        say=say.days,
        say_needed=say.deadline_needed,
    ),
    Number(
        "max_gpus",
        "max_gpus",
        "gpus",
        most=GPUS.most,
        write=_whole,
        read=parse_positive_int,
        say=say.gpus,
        say_needed=say.gpus,
    ),
    Number(
        "budget",
        "budget_usd",
        "cost",
        most=MONEY.most,
        write=say.budget_option,
        read=parse_money,
        say=say.usd,
        say_needed=say.budget_needed,
    ),
)


def reasons(market: Market) -> list[Reason]:
    """What stands in the way of every plan: limits that alone, or else together, must give."""
    alone = [*_numbers_alone(market), *_cluster_alone(market), *_filters_alone(market)]
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
    fleet = best_fleet(within(market.segments, limits), number.objective)
    if fleet is None or fleet.value(number.objective) > number.most:
        return None
    return fleet.value(number.objective)


def _as_reason(market: Market, changes: tuple[tuple[Number, float], ...]) -> Reason:
    return Reason(
        limit=", ".join(number.name for number, _ in changes),
        asked=", ".join(number.say(number.asked(market.limits)) for number, _ in changes),
        needed=", ".join(number.say_needed(value) for number, value in changes),
        fields={number.name: number.write(value) for number, value in changes},
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
        limits = replace(limits, **{number.attribute: number.rounded_up(needed)})
    return tuple(changes)


def _filters_alone(market: Market) -> Iterator[Reason]:
    """For each filter of the question, the one more choice that admits the best plan."""
    run, question = market.run, market.run.question
    if run.gpus is not None:
        fleet = _best_with(market, gpus=None)
        if fleet:
            added = fleet.candidate.offer.gpu
            fields: dict[str, object] = {"gpu": (*question.gpu, added)}
            yield Reason("gpu", ", ".join(question.gpu), f"{added} as well", fields)
    if run.providers is not None:
        fleet = _best_with(market, providers=None)
        if fleet:
            added = fleet.candidate.offer.provider
            fields = {"provider": (*question.provider, added)}
            yield Reason("provider", ", ".join(question.provider), f"{added} as well", fields)
    yield from _pricing_alone(market)
    if question.region:
        yield from _region_alone(market)
    if question.precision:
        yield from _precision_alone(market, question.precision)


def _best_with(market: Market, **changes: Any) -> Fleet | None:
    """The best fleet within all limits once these fields of the run are changed."""
    wider = make_market(replace(market.run, **changes), market.catalog)
    return best_fleet(within(wider.segments, market.limits), market.run.objective)


def _pricing_alone(market: Market) -> Iterator[Reason]:
    asked = market.run.pricing
    fleet = _best_with(market, pricing=PRICING)
    if fleet:
        added = fleet.candidate.offer.pricing
        fields: dict[str, object] = {"pricing": (*asked, added)}
        yield Reason("pricing", ", ".join(asked), f"{added} as well", fields)


def _region_alone(market: Market) -> Iterator[Reason]:
    question = market.run.question
    # An offer whose region nobody stated cannot be asked for by region.
    stated = tuple({offer.region for offer in market.catalog.offers if offer.region})
    fleet = _best_with(market, question=question.model_copy(update={"region": stated}))
    if fleet:
        added = fleet.candidate.offer.region.split()[0]
        fields: dict[str, object] = {"region": (*question.region, added)}
        yield Reason("region", ", ".join(question.region), f"{added} as well", fields)


def _precision_alone(market: Market, asked: str) -> Iterator[Reason]:
    for other in PRECISIONS:
        changed = market.run.question.model_copy(update={"precision": other})
        if other != asked and _best_with(market, question=changed):
            yield Reason("precision", asked, other, {"precision": other})


def _cluster_alone(market: Market) -> Iterator[Reason]:
    """The smallest largest-cluster, of one class where ours is a judgement, that is enough."""
    run = market.run
    classes = {
        offer.cluster_class
        for offer in market.catalog.offers
        if offer.max_gpus_basis == "estimate" and offer.fabric not in NO_FAST_NETWORK
    }
    raised = {**run.question.largest_cluster, **dict.fromkeys(classes, UNLIMITED_GPUS)}
    question = run.question.model_copy(update={"largest_cluster": raised})
    wider = make_market(replace(run, question=question), market.catalog)
    feasible = within(wider.segments, market.limits)
    for fleet in best_fleets(feasible, "gpus", lambda candidate: candidate.offer.cluster_class):
        offer = fleet.candidate.offer
        if offer.cluster_class in classes and offer.fabric not in NO_FAST_NETWORK:
            sizes = {**run.question.largest_cluster, offer.cluster_class: fleet.gpus}
            asked = f"{offer.cluster_class} up to {_sold(market, offer.cluster_class):,}"
            fields: dict[str, object] = {"largest_cluster": sizes}
            yield Reason("largest_cluster", asked, f"{fleet.gpus:,} ({offer.offer})", fields)
            return


def _sold(market: Market, cluster_class: str) -> int:
    """The largest cluster of a class as it stands now, over its offers."""
    override = market.run.question.largest_cluster.get(cluster_class)
    sizes = [o.max_gpus for o in market.catalog.offers if o.cluster_class == cluster_class]
    return override or max(sizes)


def _nothing_qualifies(market: Market) -> Reason:
    """Why no offer qualifies at all: the limit that ruled out those that came furthest."""
    for limit in LIMITS_BY_REACH:
        ruled_out = [refusal for refusal in market.rejected if refusal.limit == limit]
        if ruled_out:
            nearest = max(ruled_out, key=lambda refusal: refusal.offer.max_gpus)
            return Reason(limit, f"{len(ruled_out)} offers ruled out", nearest.reason)
    return Reason("offers", "any", "a catalogue with offers")


def _filter_and_numbers(market: Market) -> list[Reason]:
    """A filter of the question dropped, and the numbers that must change besides."""
    run = market.run
    nowhere = run.question.model_copy(update={"region": ()})
    filters: dict[str, tuple[bool, dict[str, Any]]] = {
        "gpu": (run.gpus is not None, {"gpus": None}),
        "provider": (run.providers is not None, {"providers": None}),
        "region": (bool(run.question.region), {"question": nowhere}),
    }
    for name, (is_asked, change) in filters.items():
        if not is_asked:
            continue
        wider = make_market(replace(run, **change), market.catalog)
        for other in [*_numbers_alone(wider), *_together(wider)]:
            asked = f"{', '.join(getattr(run.question, name))}; {other.asked}"
            needed = f"{other.needed}, and any {name}; try without --{name}, {other.options}"
            return [Reason(f"{name}, {other.limit}", asked, needed)]
    return []


def _out_of_reach(market: Market) -> Reason:
    """Nothing that can be asked for is enough: how long the fastest fleet on sale would take."""
    fastest = best_fleet(market.segments, "time")
    asked = say.days(market.limits.deadline_hours)
    if fastest is None:
        return Reason("offers", "any", "a catalog with offers that qualify")
    least = f"{say.days(fastest.wall_hours)} on the fastest fleet ({fastest.candidate.offer.offer})"
    return Reason("deadline", asked, f"{least}; ask for a smaller run")
