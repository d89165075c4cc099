"""Names that a question uses, in the catalog's spelling; a name nobody has is a mistake.

Each mistake begins with the field of the question that it is about.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from catalog import Catalog, UnknownGpuError, match_gpu
from catalog.columns import CellError
from catalog.parts import why_unplanned
from catalog.providers import known_providers, match_provider
from catalog.vocabulary import COUNTRIES, COUNTRY_WORDS, GROUP_WORDS, GROUPS, squeezed
from optimizer.step.practice import WORDS, choices_of_stack
from problems import Logged, ProblemError, Question
from problems.mistakes import did_you_mean, nearest, shown

Found = TypeVar("Found")
# No name of a catalog is longer, and matching a longer one takes long.
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Choices:
    """The GPU models, providers and regions that a question names, as the catalog does.

    None, all, where it names none; nothing where it leaves none out. ``excluded_regions`` is None
    where none is left out: leaving out regions without an offer still rules out unstated ones.
    ``quota`` is the most GPUs of a provider.
    """

    gpus: frozenset[str] | None
    excluded_gpus: frozenset[str]
    providers: frozenset[str] | None
    excluded_providers: frozenset[str]
    regions: frozenset[str] | None
    excluded_regions: frozenset[str] | None
    quota: dict[str, int]


@dataclass(frozen=True, slots=True)
class Named(Choices):
    """All that a question names: its choices, its framework and its stack, None without one."""

    framework: str | None
    stack: str | None


def resolve_names(question: Question, catalog: Catalog) -> Named:
    """Every name of a question looked up; ProblemError tells all that nobody has."""
    fleet = question.fleet
    asked = question.gpu or ((fleet.gpu,) if fleet else ())
    mistakes: list[str] = []

    def look(find: Callable[[], Found | None]) -> Found | None:
        try:
            return find()
        except ProblemError as error:
            mistakes.extend(error.mistakes)
            return None

    gpus = look(lambda: gpus_named(asked, catalog))
    no_gpus = look(lambda: gpus_named(question.exclude_gpu, catalog, "exclude_gpu"))
    providers = look(lambda: providers_named(question.provider, catalog))
    no_providers = look(
        lambda: providers_named(question.exclude_provider, catalog, "exclude_provider")
    )
    regions = look(lambda: regions_named(question.region, catalog))
    no_regions = look(lambda: _regions_left_out(question.exclude_region, catalog))
    quota = look(lambda: _quota(question.quota, catalog))
    framework = look(lambda: _framework_named(question, catalog))
    stack = look(lambda: _stack_named(question.stack))
    look(lambda: _check_classes(question.largest_cluster, catalog))
    if mistakes:
        raise ProblemError(mistakes)
    none: frozenset[str] = frozenset()
    return Named(
        gpus,
        no_gpus or none,
        providers,
        no_providers or none,
        regions,
        no_regions,
        quota or {},
        framework,
        stack,
    )


def gpus_named(asked: Iterable[str], catalog: Catalog, field: str = "gpu") -> frozenset[str] | None:
    """The GPU models of the names asked for, families spelled out; None, all, without names."""
    models = list(catalog.gpus.values())
    found: list[str] = []
    mistakes: list[str] = []
    for name in asked:
        try:
            found += match_gpu(name[:LONGEST_NAME], models)
        except UnknownGpuError as error:
            why = why_unplanned(name[:LONGEST_NAME], catalog.unplanned.values())
            mistakes.append(f"{field}: {why or error}")
    if mistakes:
        raise ProblemError(mistakes)
    return frozenset(found) or None


def providers_named(
    asked: Collection[str], catalog: Catalog, field: str = "provider"
) -> frozenset[str] | None:
    """The providers asked for: 'AWS' and 'Amazon' are aws; None, all, without names."""
    found = _providers(asked, catalog)
    unknown = [name for name in asked if name not in found]
    _refuse_expired(field, unknown, catalog)
    _refuse(field, "provider", unknown, {offer.provider for offer in catalog.offers})
    return frozenset(found.values()) or None


def _refuse_expired(field: str, unknown: list[str], catalog: Catalog) -> None:
    """A provider known by expired quotes alone sells nothing, and is no typing error."""
    ended = {squeezed(provider): day for provider, day in catalog.expired_quotes.items()}
    gone = [name for name in unknown if squeezed(name) in ended]
    if gone:
        what = "its quote expired on"
        said = [
            f"{field}: {shown(n)}: {what} {ended[squeezed(n)]}; ask for a new one" for n in gone
        ]
        raise ProblemError(said)


def _providers(asked: Iterable[str], catalog: Catalog) -> dict[str, str]:
    """The catalog's names of providers by what was asked for; without those it does not have."""
    known = known_providers(offer.provider for offer in catalog.offers)
    found = {}
    for name in asked:
        try:
            found[name] = match_provider(name, known)
        except CellError:
            continue
    return {name: provider for name, provider in found.items() if provider in known.values()}


def _quota(asked: dict[str, int], catalog: Catalog) -> dict[str, int]:
    """The most GPUs of each provider, providers in the catalog's spelling."""
    providers_named(list(asked), catalog, "quota")
    names = _providers(asked, catalog)
    return {names[name]: gpus for name, gpus in asked.items()}


def regions_named(
    asked: Collection[str], catalog: Catalog, field: str = "region"
) -> frozenset[str] | None:
    """The regions on offer that are asked for; None, all, without names.

    'EU' and 'US' are groups, 'Europe' and 'APAC' several of them, 'DE' and 'Germany' a country;
    anything else is part of a region's name or another name of it.
    """
    on_offer = {name for offer in catalog.offers for name in offer.region.split()}
    found = {name: _regions_like(name, on_offer, catalog) for name in asked}
    unknown = [name for name, regions in found.items() if regions is None]
    _refuse(field, "region", unknown, on_offer)
    return frozenset().union(*(names or () for names in found.values())) if asked else None


def _regions_left_out(asked: Collection[str], catalog: Catalog) -> frozenset[str] | None:
    """The regions that are left out, with those that may lie there for all that is known."""
    named = regions_named(asked, catalog, "exclude_region")
    if named is None:
        return None
    return named | unplaced({n for o in catalog.offers for n in o.region.split()}, catalog)


def _regions_like(asked: str, on_offer: set[str], catalog: Catalog) -> set[str] | None:
    """The regions of a group, of countries, with that in their name or called so; else None.

    'us' is the group, not a part of 'australia-southeast1'. Nothing may be on offer in it.
    """
    known, said = catalog.regions, squeezed(asked)
    groups = GROUP_WORDS.get(said) or tuple(group for group in GROUPS if squeezed(group) == said)
    places = {name: _place_of(name, catalog) for name in on_offer}
    if groups:
        return {name for name, (_, group) in places.items() if group in groups}
    called = {n for n in known if said in map(squeezed, known[n].also)}
    like = {n for n in on_offer if said and (said in squeezed(n) or n in called)}
    countries = COUNTRY_WORDS.get(said) or ((COUNTRIES[said],) if said in COUNTRIES else ())
    if not countries and asked.upper() in {region.country for region in known.values()}:
        return {name for name, (country, _) in places.items() if country == asked.upper()}
    if countries:
        inside = {name for name, (country, _) in places.items() if country in countries}
        return inside | {name for name in like if places[name][0] is None}
    return like or None


def unplaced(regions: Iterable[str], catalog: Catalog) -> frozenset[str]:
    """The regions of which nobody knows where they are."""
    return frozenset(name for name in regions if _place_of(name, catalog)[1] is None)


def _place_of(region: str, catalog: Catalog) -> tuple[str | None, str | None]:
    """Country and group of a region; of one that is not listed as its name says, else None.

    A quote may say 'Frankfurt', 'Germany', 'DE' or 'EU'; a list 'eu-south' begins with a group.
    """
    known, said = catalog.regions.get(region), squeezed(region)
    if known:
        return known.country, known.group
    by_country = {one.country: one.group for one in catalog.regions.values()}
    country = COUNTRIES.get(said, region.upper())
    if country in by_country:
        return country, by_country[country]
    for one in catalog.regions.values():
        if said in map(squeezed, one.also):
            return one.country, one.group
    prefix = re.split(r"[^a-z]", region.lower())[0]
    return None, prefix if prefix in GROUPS else None


def _stack_named(asked: str | None) -> str | None:
    """The stack of that name, or the word for stacks in general; None where none is named."""
    known = choices_of_stack()
    # Of stacks in general people say ordinary as well.
    asked = next((word for word, kind in WORDS.items() if asked == kind), asked)
    if asked is None or asked in known:
        return asked
    hint = did_you_mean(asked, known)
    raise ProblemError([f"stack: unknown stack {shown(asked)}; {hint}"])


def _framework_named(question: Question, catalog: Catalog) -> str | None:
    """The training framework whose figure a speed is, by any name it goes by; None without one."""
    given = {"mfu": question.mfu, "tflops_per_gpu": question.tflops_per_gpu}
    for field, speed in given.items():
        if isinstance(speed, Logged):
            return _framework(speed.framework, field, catalog)
    return None


def _framework(asked: str, field: str, catalog: Catalog) -> str:
    names = {
        squeezed(called): known.framework
        for known in catalog.frameworks.values()
        for called in (known.framework, *known.also)
    }
    if squeezed(asked) not in names:
        near = nearest(asked[:LONGEST_NAME], names)
        hint = f"did you mean {names[near[0]]!r}? " if near else ""
        what = f"{field}: unknown framework {shown(asked)}; {hint}known: "
        what += ", ".join(sorted(catalog.frameworks))
        raise ProblemError([f"{what}; --tokens-per-second-per-gpu needs no framework"])
    return names[squeezed(asked)]


def _check_classes(asked: Iterable[str], catalog: Catalog) -> None:
    """Each cluster class is one of cluster_classes.csv."""
    known = catalog.cluster_classes
    unknown = [name for name in asked if name not in known]
    _refuse("largest_cluster", "cluster class", unknown, known)


def _refuse(field: str, what: str, unknown: list[str], known: Collection[str]) -> None:
    if unknown:
        hints = [f"{shown(name)}; {_hint(name, sorted(known))}" for name in unknown]
        raise ProblemError([f"{field}: unknown {what} {hint}" for hint in hints])


def _hint(name: str, known: list[str]) -> str:
    return did_you_mean(name[:LONGEST_NAME], known) if known else "the catalog names none"
