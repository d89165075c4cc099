"""The words of price lists: what kind of price a row has, for how long it binds, from what day."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from catalog.units import HOURS_PER_MONTH
from catalog.vocabulary import HOURS_OF, PRICING_ALIASES, PRICINGS, Pricing

AVERAGE = "a median or an average: nobody is asked to pay it"
SERVERLESS = "serverless: a price of inference"
BLOCK = "sold for given days (calendar, flex start, capacity block): not a price on demand"
TERMS_DIFFER = "two terms that contradict each other: not known which one binds"
OWN_TERM = "reserved without a term: not known how long it binds"
UNKNOWN_KIND = "kind of the price not known"

_ON_DEMAND = {"", "od", "list", "listprice", "standard", "hourly", "consumption", "secure"}
_MARKET = {"community", "thirdparty", "auction", "p2p"}
_AVERAGE = re.compile(r"median|average|avg|mean|index|percentile")
_SERVERLESS = re.compile(r"serverless|inference|endpoint|pertoken")
_BLOCK = re.compile(r"calendar|dws|flex|definedduration|capacityblock|^block")
_RESERVED = re.compile(r"reserv|commit|cud|savings|contract")
_TERM = re.compile(
    r"(?<![0-9.])([0-9]{1,3})[\s_-]*(hours?|h|days?|d|weeks?|w|months?|mo|m|years?|yrs?|y)(?![a-z])"
)
_NO_TERM = r"(?:notice|payment|invoice|credit|delivery|validity|valid|trial)"
_LENGTH = r"([0-9]{1,3})[\s_-]*(hours?|h|days?|d|weeks?|w|months?|mo|m|years?|yrs?|y)(?![a-z])"
# In free text a length is the term where it says so: '3 year contract', 'committed for 1 year'.
_STATED_AFTER = re.compile(
    rf"(?<![0-9.]){_LENGTH}[\s_-]*(?:term(?!s)|commit|contract|reserv|agreement)[a-z]*"
    rf"(?!\s+(?:{_NO_TERM}|cancel|terms))"
)
# '1 or 3 years', '1 year or 3 years'.
_CHOICE = re.compile(
    r"[0-9]+[\s-]*(?:[a-z]+\s*)?(?:\bor\b|\bto\b|[-/–])\s*[0-9]+[\s_-]*(?:[dwmy]|mo)"
)
_STATED_BEFORE = re.compile(
    rf"(?<!\w)(?:{_NO_TERM}\s+)?(?:(?:minimum|contract|commitment|reservation|reserved)[\s_-]+)?"
    r"(?:term|commitment|committed|contract|reservation|reserved|agreement)"
    rf"(?:\s+(?:length|period|is))?(?:\s*[:=]|\s+(?:of|for))?[\s_-]*{_LENGTH}"
    rf"(?!\s+(?:{_NO_TERM}|cancel))"
)
_FROM = re.compile(r"\b(from|starting at|starts at|as low as)\b", re.IGNORECASE)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?")


@dataclass(frozen=True, slots=True)
class Kind:
    """How something is sold and for how many hours it binds; or why it is no offer."""

    pricing: Pricing = "on_demand"
    hours: int = 0
    reason: str = ""


@lru_cache(maxsize=4096)
def kind_of_price(written: str, term: str = "", about: str = "") -> Kind:
    """What a list's word for a price means: 'reserved_1y', 'on-demand', 'marketplace_median'.

    A term is looked for in the word and in ``term``, which have to agree, and else in ``about``:
    free text, in which only a length that says it is the term is one.
    """
    squeezed = re.sub(r"[^a-z0-9]", "", written.lower())
    for pattern, reason in ((_AVERAGE, AVERAGE), (_SERVERLESS, SERVERLESS), (_BLOCK, BLOCK)):
        if pattern.search(squeezed):
            return Kind(reason=reason)
    pricing = _pricing(squeezed)
    if pricing is None:
        return Kind(reason=UNKNOWN_KIND)
    lengths = [*filter(None, map(term_hours, (written, term)))]
    if len(lengths) > 1 and not same_term(*lengths):
        return Kind(reason=TERMS_DIFFER)
    hours = next(iter(lengths), 0)
    if pricing == "reserved":
        hours = hours or stated_term(about)
        return Kind(pricing, hours) if hours else Kind(reason=OWN_TERM)
    # A price on demand that binds is a reservation.
    return Kind("reserved", hours) if hours and pricing == "on_demand" else Kind(pricing)


def _pricing(squeezed: str) -> Pricing | None:
    if squeezed in _ON_DEMAND:
        return "on_demand"
    if squeezed in _MARKET:
        return "marketplace"
    named: dict[str, Pricing] = {p.replace("_", ""): p for p in PRICINGS if p != "owned"}
    named |= PRICING_ALIASES
    if squeezed in named:
        return named[squeezed]
    return "reserved" if _RESERVED.search(squeezed) else None


def term_hours(written: str) -> int:
    """Hours of '1 year', 'reserved_3y' or '6 months'; 0 where no length is said."""
    found = _TERM.search(written.lower())
    return _hours(found[1], found[2]) if found else 0


def stated_term(about: str) -> int:
    """Hours of the length that free text calls the term; 0 for none, or for several.

    'quote valid for 30 days' and 'payment term 30 days' are none.
    """
    text = about.lower()
    if _CHOICE.search(text):
        return 0
    stated = [*_STATED_AFTER.finditer(text), *_STATED_BEFORE.finditer(text)]
    found = [_hours(one[1], one[2]) for one in stated if not re.match(_NO_TERM, one[0])]
    return found[0] if found and all(same_term(found[0], one) for one in found) else 0


def same_term(one: int, other: int) -> bool:
    """Whether two lengths are one: a year is 12 months, 52 weeks or 365 days."""
    return abs(one - other) <= 0.02 * max(one, other)


def without_term(written: str) -> str:
    """The text without its first length of time: 'month_1y' is 'month_'."""
    found = _TERM.search(written.lower())
    return f"{written[: found.start()]} {written[found.end() :]}" if found else written


def _hours(count: str, unit: str) -> int:
    # Nobody commits for minutes: 36m are months.
    return int(int(count) * HOURS_OF.get(unit, HOURS_PER_MONTH))


def is_from(written: str) -> bool:
    """Whether a text says that a price is the lowest of a range."""
    return _FROM.search(written) is not None


@lru_cache(maxsize=4096)
def read_day(written: str) -> date:
    """The day of '2026-01-02' or '2026-01-02T03:04:05Z'; ValueError where it is none."""
    found = _DAY.fullmatch(written)
    if found is None:
        raise ValueError(written)
    return date.fromisoformat(found[1])
