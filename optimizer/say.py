"""Numbers as sentences need them: a few digits, the unit spelled out."""

from math import floor, log10

from problems.say import budget_needed as budget_needed
from problems.say import budget_option as budget_option
from problems.say import count as count
from problems.say import days as days
from problems.say import deadline_needed as deadline_needed
from problems.say import deadline_option as deadline_option
from problems.say import digits as digits
from problems.say import gpus as gpus
from problems.say import power as power
from problems.say import power_needed as power_needed
from problems.say import power_option as power_option
from problems.say import usd as usd


def usd_below(amount: float) -> str:
    """The same in a column whose heading says USD: '1.238 million'."""
    return usd(amount).removesuffix(" USD")


def usd_unit(least: float) -> tuple[float, str]:
    """The USD that count as one in a column, and its word, by the least amount in it."""
    for size, word in ((1e12, "trillion "), (1e9, "billion "), (1e6, "million ")):
        if least >= size:
            return size, word
    return 1.0, ""


def in_usd_unit(amount: float, unit: float) -> str:
    """An amount in a column of that unit: '2.255', '52,650'."""
    return f"{amount / unit:,.3f}" if unit > 1 else f"{amount:,.{2 if amount < 1000 else 0}f}"


def price(usd_per_gpu_hour: float) -> str:
    """A price as an invoice has it, with cents at least: '8.60', '2.4638'."""
    cents, exact = f"{usd_per_gpu_hour:.2f}", f"{usd_per_gpu_hour:.4f}".rstrip("0")
    return max(cents, exact, key=len)


def price_under(usd_per_gpu_hour: float) -> str:
    """A price in round digits that is not above this one: '10.21', '0.8843'."""
    if usd_per_gpu_hour < 0.001:
        # 0.00001234 as '0.000012'
        places = 1 - floor(log10(usd_per_gpu_hour))
        return f"{floor(usd_per_gpu_hour * 10**places) / 10**places:.{places}f}"
    places = 2 if usd_per_gpu_hour >= 1 else 4
    # One part in 10^12 more, so that 0.29 does not become 0.2899.
    return price(floor(usd_per_gpu_hour * 10**places * (1 + 1e-12)) / 10**places)


def tonnes(kg: float) -> str:
    """A mass: '84.2 t', '320 kg'."""
    return f"{digits(kg / 1000)} t" if kg >= 1000 else f"{digits(kg)} kg"


def between(low: str, high: str) -> str:
    """Two amounts of one unit, the unit said once where it is the same: '26.4 to 37.5 days'."""
    number, _, unit = low.partition(" ")
    return f"{number} to {high}" if high.endswith(f" {unit}") else f"{low} to {high}"


def surely(confidence: float | None) -> str:
    """What is added to a time that is kept with a confidence; nothing without one."""
    return "" if confidence is None else f" with a confidence of {confidence:g}"


def flop(number: float) -> str:
    """A number of operations: '3.79e25 FLOP'."""
    return f"{number:.3g} FLOP".replace("e+", "e")


def more(share: float) -> str:
    """A relative difference: '+12 %', '-3.4 %'."""
    percent = share * 100
    return f"{percent:+,.0f} %" if round(abs(percent), 1) >= 10 else f"{percent:+.1f} %"
