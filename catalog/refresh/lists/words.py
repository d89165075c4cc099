"""The words of price lists: what kind of price a row has, for how long it binds, from what day."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from catalog.vocabulary import HOURS_A_MONTH, HOURS_OF, PRICING_ALIASES, PRICINGS, Pricing

AVERAGE = "a median or an average: nobody is asked to pay it"
SERVERLESS = "serverless: a price of inference"
BLOCK = "sold for given days (calendar, flex start, capacity block): not a price on demand"
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

    A term is looked for in the word, then in ``term``, then in ``about``, which is free text.
    """
    squeezed = re.sub(r"[^a-z0-9]", "", written.lower())
    for pattern, reason in ((_AVERAGE, AVERAGE), (_SERVERLESS, SERVERLESS), (_BLOCK, BLOCK)):
        if pattern.search(squeezed):
            return Kind(reason=reason)
    pricing = _pricing(squeezed)
    if pricing is None:
        return Kind(reason=UNKNOWN_KIND)
    hours = next(filter(None, map(term_hours, (written, term))), 0)
    if pricing == "reserved":
        hours = hours or term_hours(about)
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
    # Nobody commits for minutes: 36m are months.
    return int(int(found[1]) * HOURS_OF.get(found[2], HOURS_A_MONTH)) if found else 0


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
