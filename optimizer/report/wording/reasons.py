"""Why no plan exists, in words: what was asked of a limit, and what it would have to be."""

from optimizer import say
from optimizer.explain.reason import (
    Changed,
    LargerCluster,
    LargerQuota,
    LessConfidence,
    MoreSpotNodes,
    NoneQualifies,
    NoOffers,
    Numbers,
    OneMore,
    OtherPrecision,
    OutOfReach,
    Reason,
    WithoutChoice,
)
from optimizer.report.wording.limits import bound_of
from problems.command import option_of


def reason_words(reason: Reason) -> tuple[str, str]:
    """What was asked of the limit, and what is needed or stands in the way."""
    match reason.finding:
        case Numbers(changed):
            return _numbers(changed)
        case OneMore(asked, added):
            return ", ".join(asked), _one_more(reason.limit, added)
        case OtherPrecision(asked, needed):
            return asked, needed
        case LargerCluster() as found:
            return _larger_cluster(found)
        case LargerQuota(provider, asked, needed):
            return f"{provider}: {asked:,}", f"{provider}: {needed:,}"
        case MoreSpotNodes(asked, needed):
            return f"{asked}", f"{needed}"
        case LessConfidence(asked, needed):
            return f"{asked:g}", f"{needed:g}"
        case WithoutChoice() as found:
            return _without_choice(found)
        case NoneQualifies(offers, nearest):
            return f"{offers} offers ruled out", nearest.reason
        case NoOffers(some):
            return "any", "a catalog with offers" + (" that qualify" if some else "")
        case OutOfReach(asked, least, offer):
            fastest = f"{say.days(least)} on the fastest fleet ({offer})"
            return say.days(asked), f"{fastest}; ask for a smaller run"


def _numbers(changed: tuple[Changed, ...]) -> tuple[str, str]:
    asked = (bound_of(one.limit).say(one.asked) for one in changed)
    needed = (bound_of(one.limit).say_needed(one.needed) for one in changed)
    return ", ".join(asked), ", ".join(needed)


def _one_more(limit: str, added: str) -> str:
    if limit.startswith("exclude"):
        # No option takes back another.
        return f"{added or 'regions not stated'} not left out; try a shorter {option_of(limit)}"
    if limit == "capacity":
        return added.replace("_", "-")
    return f"{added} as well"


def _larger_cluster(found: LargerCluster) -> tuple[str, str]:
    asked = f"{found.cluster_class} up to {found.asked or 0:,} GPUs"
    if found.asked is None:
        asked = f"{found.cluster_class}, whose size nobody publishes: one node"
    return asked, f"{found.needed:,} ({found.offer}), by a quota or a quote (--offers)"


def _without_choice(found: WithoutChoice) -> tuple[str, str]:
    """A choice to drop, alone or with other limits that must change besides."""
    asked, option = ", ".join(found.asked), option_of(found.choice)
    if found.besides is None:
        return asked, f"none; try without {option}"
    others_asked, others_needed = reason_words(found.besides)
    excludes = found.choice.startswith("exclude")
    free = "none left out" if excludes else f"any {found.choice}"
    tried = f"try without {option}, {found.besides.options}"
    return f"{asked}; {others_asked}", f"{others_needed}, and {free}; {tried}"
