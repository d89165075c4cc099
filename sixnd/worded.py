"""What an answer says besides its plan, in words: limits in the way, and plans that lost."""

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer import answer as answers
from optimizer.explain.reason import Reason as Found
from optimizer.plan.plan import Plan
from optimizer.report.wording.differences import difference_words
from optimizer.report.wording.reasons import reason_words


@dataclass(frozen=True, slots=True)
class Reason:
    """One limit that rules every plan out, and the smallest change of it that admits one.

    ``asked`` and ``needed`` are in words. ``fields`` are the keywords to set, written as people
    write them, and ``options`` the same for the command; empty where no change of this limit alone
    is enough.
    """

    limit: str
    asked: str
    needed: str
    fields: Mapping[str, object]
    options: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A plan that lost, and why in words.

    It costs so much more (USD) and takes so much longer: days, or those that are kept with the
    confidence asked for.
    """

    plan: Plan
    costs_more_usd: float
    takes_longer_days: float
    reason: str


def worded_reason(found: Found) -> Reason:
    """A reason as its reader has it."""
    asked, needed = reason_words(found)
    return Reason(found.limit, asked, needed, found.fields, found.options)


def worded_alternative(found: answers.Alternative) -> Alternative:
    """A plan that lost as its reader has it."""
    more, longer = found.costs_more_usd, found.takes_longer_days
    return Alternative(found.plan, more, longer, difference_words(found.why))
