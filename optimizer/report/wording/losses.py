"""Why an offer is not the plan, in words."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from optimizer import say
from optimizer.explain.break_even import NoPrice
from optimizer.explain.differences import End, PaidIdle, PriceAndSpeed
from optimizer.report.wording.differences import end_words, paid_idle, price_and_speed
from optimizer.report.wording.limits import bound_of
from optimizer.study.losses import (
    AsFast,
    CostsMore,
    CostsTheSame,
    HeldBy,
    LimitIs,
    Misses,
    MissesSeveral,
    NoNetwork,
    OverBudget,
    PastTerm,
    Refused,
    Storage,
    TakesLonger,
    Upfront,
    WhyLost,
)
from problems.question import limit_words

if TYPE_CHECKING:
    from optimizer.study.lost_offers import Lost

NO_NETWORK = "no network between its nodes"
AT_NO_PRICE: dict[NoPrice, str] = {
    "no_fleet": "no fleet of it keeps the limits",
    "contract": "the least that its contract costs is more by itself",
    "storage": "storage and what is paid up front cost more by themselves",
    "running": "energy and colocation cost more by themselves",
}


def lost_words(lost: "Lost") -> str:
    """Why an offer lost, and what is to be known of the price at which it would win."""
    return "; ".join(filter(None, (_why_lost(lost.why), _about_price(lost))))


def can_win(lost: "Lost") -> bool:
    """Whether an offer has a plan of its own, or a price at which it would win."""
    return lost.plan is not None or bool(lost.break_even_usd_per_gpu_hour)


def quotes_that_cannot(lost: Iterable["Lost"]) -> Iterator[str]:
    """The user's own offers that win at no price, and why."""
    return (f"{one.offer}: {lost_words(one)}" for one in lost if one.quoted and not can_win(one))


def models_that_cannot(lost: Iterable["Lost"]) -> Iterator[str]:
    """The GPU models whose offers win at no price, and why."""
    return (f"{one.gpu}: {lost_words(one)}" for one in lost if not one.quoted and not can_win(one))


def _about_price(lost: "Lost") -> str:
    """Why no price would do, or what the rate of an offer that is bought stands for."""
    if lost.no_price is not None:
        return f"wins at no price: {AT_NO_PRICE[lost.no_price]}"
    if lost.purchase_usd_per_gpu is None:
        return ""
    purchase = say.usd(lost.purchase_usd_per_gpu)
    return f"its rate wins below that of servers at {purchase} a GPU"


def _why_lost(why: WhyLost) -> str:
    match why:
        case CostsMore(usd, because):
            return f"costs {say.usd(usd)} more: {_because(because)}"
        case CostsTheSame(on_more_gpus):
            return "costs the same" + (", on more GPUs" if on_more_gpus else "")
        case TakesLonger(hours, confidence, held_by):
            held = _held(held_by) if held_by else "no larger fleet of it is faster"
            return f"takes {say.days(hours)} longer{say.surely(confidence)}: {held}"
        case AsFast(costs_more):
            return "as fast" + (", and costs more" if costs_more else "")
        case OverBudget(cost, budget):
            return f"costs {say.usd(cost)} at least; the budget is {say.usd(budget)}"
        case Refused(refusal, no_network):
            return refusal.reason + (f"; {NO_NETWORK}" if no_network else "")
        case MissesSeveral():
            return "misses several limits at once"
        case PastTerm(runs, hours, term):
            takes = "the run takes" if runs == 1 else f"{runs:,} runs take"
            return f"{takes} {say.days(hours)} at best; the offer ends after {say.days(term)}"
        case Misses():
            return _misses(why)


def _because(because: PriceAndSpeed | PaidIdle | Upfront | Storage) -> str:
    match because:
        case PriceAndSpeed():
            return price_and_speed(because)
        case PaidIdle():
            return paid_idle(because)
        case Upfront(usd):
            return f"{say.usd(usd)} a GPU up front"
        case Storage(usd, paid_once):
            return f"{say.usd(usd)} for storage" + (", set-up and egress" if paid_once else "")


def _held(held_by: HeldBy) -> str:
    match held_by:
        case NoNetwork():
            return NO_NETWORK
        case End():
            return end_words(held_by)
        case LimitIs(limit, asked):
            return _limit_is(limit, asked)


def _limit_is(limit: str, asked: float) -> str:
    return f"the {limit_words(limit)} is {bound_of(limit).say(asked)}"


def _misses(one: Misses) -> str:
    """Which limit is missed by how much, and what would have to be."""
    always = "" if one.alone else " whatever the other limits"
    bound = bound_of(one.limit)
    least, limit = bound.say(one.least), _limit_is(one.limit, one.asked)
    if one.limit == "deadline":
        late = say.days(one.least - one.asked)
        best = f"{least} at best{say.surely(one.confidence)} on {say.gpus(one.gpus)}"
        said = f"misses the deadline by {late}{always}: {best}"
        return f"{said}; {_held(one.held_by)}" if one.held_by else said
    if one.limit == "max_gpus":
        return f"needs {least}{always or ' to keep the other limits'}; {limit}"
    return f"{bound.needs} {least} at least{always}; {limit}"
