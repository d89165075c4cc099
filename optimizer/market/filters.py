"""The choices a question makes among the offers: what each refuses, and how it is widened."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from catalog import Offer
from catalog.vocabulary import CAPACITY_CLAIMS, PRICINGS, capacity_within, level_of
from optimizer.market.run import Run

RENTS = tuple(kind for kind in PRICINGS if kind != "owned")


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice of the question.

    ``refusal`` says why an offer does not pass, None where it does. ``dropped`` is the run
    without the choice. ``widened`` is what has to be let in for one offer as well, and the fields
    of the question that do it; None where nothing can be asked for that does.
    """

    name: str
    refusal: Callable[[Offer, Run], str | None]
    dropped: Callable[[Run], Run]
    widened: Callable[[Run, Offer], tuple[str, dict[str, object]] | None]

    def asked(self, run: Run) -> tuple[str, ...]:
        """What the question asks for, as it is written; nothing where it leaves the choice open."""
        written = getattr(run.question, self.name)
        return (written,) if isinstance(written, str) else written or ()

    def chooses(self, run: Run) -> bool:
        """Whether the run makes this choice; that of the kinds of price is always made."""
        return self.name == "pricing" or self.dropped(run) != run


def _any_rent(run: Run) -> Run:
    """Every kind of price, but for buying: whoever asks for a rent does not want to own."""
    return replace(run, pricing=tuple(dict.fromkeys((*RENTS, *run.pricing))))


def _without(**changes: Any) -> Callable[[Run], Run]:
    return lambda run: replace(run, **changes)


def _one_more(field: str, value: Callable[[Offer], str]) -> Callable[..., Any]:
    """Widen a list of what is wanted by what this offer has."""

    def widened(run: Run, offer: Offer) -> tuple[str, dict[str, object]] | None:
        added = value(offer)
        if not added:
            return None
        asked = run.pricing if field == "pricing" else getattr(run.question, field)
        return added, {field: (*asked, added)}

    return widened


def _not_left_out(value: Callable[[Offer], str]) -> Callable[..., Any]:
    """Let in what was left out; no option takes back another, so there are no fields to set."""

    def widened(run: Run, offer: Offer) -> tuple[str, dict[str, object]] | None:
        return value(offer), {}

    return widened


def _among(field: str, names: str, value: Callable[[Offer], str]) -> tuple[Filter, Filter]:
    """What is wanted, and what is left out, by ``names`` of the run: GPU models or providers."""

    def unwanted(offer: Offer, run: Run) -> str | None:
        wanted = getattr(run, names)
        named = wanted is None or value(offer) in wanted
        return None if named else f"{value(offer)} was not asked for"

    def left_out(offer: Offer, run: Run) -> str | None:
        is_named = value(offer) in getattr(run, f"excluded_{names}")
        return f"{value(offer)} was left out" if is_named else None

    none_left_out: dict[str, Any] = {f"excluded_{names}": frozenset()}
    again = _not_left_out(value)
    return (
        Filter(field, unwanted, _without(**{names: None}), _one_more(field, value)),
        Filter(f"exclude_{field}", left_out, _without(**none_left_out), again),
    )


def _pricing(offer: Offer, run: Run) -> str | None:
    return None if offer.pricing in run.pricing else f"{offer.pricing} offers were not asked for"


def places_of(offer: Offer, run: Run) -> tuple[str, ...]:
    """The regions of an offer that a run may take: asked for, and not left out."""
    names = offer.region.split()
    asked = (name for name in names if run.regions is None or name in run.regions)
    return tuple(name for name in asked if name not in (run.excluded_regions or ()))


def _region(offer: Offer, run: Run) -> str | None:
    if run.regions is None or run.regions & set(offer.region.split()):
        return None
    return f"sold in {offer.region or 'a region that is not stated'}"


def _exclude_region(offer: Offer, run: Run) -> str | None:
    """An offer is left out where all its regions are, or may be: one that states none."""
    if run.excluded_regions is None or places_of(offer, run):
        return None
    return f"sold in {offer.region} only" if offer.region else "sold in a region that is not stated"


def _fabric(offer: Offer, run: Run) -> str | None:
    wanted = run.fabrics is None or offer.fabric in run.fabrics
    return None if wanted else f"its nodes are joined by {offer.fabric}"


def _capacity(offer: Offer, run: Run) -> str | None:
    if run.capacity is None or offer.capacity in capacity_within(run.capacity):
        return None
    return f"had by {offer.capacity.replace('_', '-')}: {CAPACITY_CLAIMS[offer.capacity]}"


def _wider_capacity(run: Run, offer: Offer) -> tuple[str, dict[str, object]]:
    """The level that lets the offer in; beside published sizes those of our judgment as well."""
    level = level_of(offer.capacity)
    return level, {"capacity": level}


def _regions_of(offer: Offer) -> str:
    return next(iter(offer.region.split()), "")


FILTERS = (
    *_among("gpu", "gpus", lambda offer: offer.gpu),
    *_among("provider", "providers", lambda offer: offer.provider),
    Filter("pricing", _pricing, _any_rent, _one_more("pricing", lambda offer: offer.pricing)),
    Filter("region", _region, _without(regions=None), _one_more("region", _regions_of)),
    Filter(
        "exclude_region",
        _exclude_region,
        _without(excluded_regions=None),
        _not_left_out(lambda offer: offer.region),
    ),
    Filter("capacity", _capacity, _without(capacity=None), _wider_capacity),
    Filter(
        "fabric", _fabric, _without(fabrics=None), _one_more("fabric", lambda offer: offer.fabric)
    ),
)
