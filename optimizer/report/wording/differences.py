"""What sets a fleet apart from the plan, in words."""

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.explain.differences import End, PaidIdle, PriceAndSpeed, SellsUpTo
from optimizer.market.run import Run

# A difference in speed that would be said as 1.00x.
SAME_SPEED = 0.005


def difference_words(why: PriceAndSpeed | PaidIdle | SellsUpTo) -> str:
    """What makes the difference."""
    match why:
        case PriceAndSpeed():
            return price_and_speed(why)
        case PaidIdle():
            return paid_idle(why)
        case SellsUpTo(gpus):
            return f"sells up to {say.gpus(gpus)}"


def beside_the_plan(run: Run, usd: float, days: float) -> str:
    """How much dearer another plan is, or, where time is minimized, how much longer it takes."""
    if run.objective == "cost":
        return f"costs {say.usd(usd)} more"
    return f"takes {say.days(days * HOURS_PER_DAY)} longer{say.surely(run.confidence)}"


def price_and_speed(one: PriceAndSpeed) -> str:
    """'1.25x the price for 1.50x the speed of a GPU'."""
    if abs(one.speed - 1) < SAME_SPEED:
        return f"{one.price:.2f}x the price of a GPU-hour"
    return f"{one.price:.2f}x the price for {one.speed:.2f}x the speed of a GPU"


def paid_idle(one: PaidIdle) -> str:
    """What is paid in any case, and how much of it is idle."""
    idle = f"{one.share:.0%} of it idle"
    if one.block_days is not None:
        return f"a block of {one.block_days} days is paid whole, {idle}"
    if one.minimum_usd is not None:
        return f"{say.usd(one.minimum_usd)} are paid at least, {idle}"
    return f"billed for {say.days(one.commitment_hours)} at least, {idle}"


def end_words(end: End) -> str:
    """Which limit ends the fleets of an offer, and at which size."""
    if end.limit == "quota":
        return f"your quota of {end.of} is {say.gpus(end.size)}"
    if end.limit == "spot_nodes":
        return f"{end.size} nodes of spot capacity"
    return f"{end.of} sells up to {say.gpus(end.size)}"
