"""Numbers as sentences need them: a few digits, the unit spelled out."""

from math import ceil, floor, log10

from catalog.units import HOURS_PER_DAY


def days(hours: float) -> str:
    """Hours as days, or as hours or seconds where they are few: '29.63 days', '36.5 seconds'."""
    if hours < 0.1:
        return _with_unit(hours * 3600, "second")
    if hours < HOURS_PER_DAY:
        return _with_unit(hours, "hour")
    return _with_unit(hours / HOURS_PER_DAY, "day")


def _with_unit(number: float, unit: str) -> str:
    said = digits(number)
    return f"{said} {unit}" if said == "1" else f"{said} {unit}s"


def usd(amount: float) -> str:
    """An amount with four digits: '1.238 million USD', '52,650 USD', '3.20 USD'."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if amount >= size * 0.99995:
            return f"{digits(amount / size)} {word} USD"
    return f"{amount:,.0f} USD" if amount >= 1000 else f"{amount:,.2f} USD"


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


def gpus(number: float) -> str:
    """A number of GPUs: '1,024 GPUs'."""
    return f"{number:,.0f} GPUs"


def power(kw: float) -> str:
    """A power: '512 kW', '3.2 MW'."""
    return f"{digits(kw / 1000)} MW" if kw >= 1000 else f"{digits(kw)} kW"


def power_option(kw: float) -> str:
    """The smallest power, in tenths of a kW, that is not below ``kw``."""
    return f"{ceil(kw * 10) / 10:.1f}"


def power_needed(kw: float) -> str:
    """The same power in words: '512.4 kW'."""
    return f"{power_option(kw)} kW"


def tonnes(kg: float) -> str:
    """A mass: '84.2 t', '320 kg'."""
    return f"{digits(kg / 1000)} t" if kg >= 1000 else f"{digits(kg)} kg"


def between(low: str, high: str) -> str:
    """Two amounts of one unit, the unit said once where it is the same: '26.4 to 37.5 days'."""
    number, _, unit = low.partition(" ")
    return f"{number} to {high}" if high.endswith(f" {unit}") else f"{low} to {high}"


def count(number: float) -> str:
    """A count of tokens or parameters: '1.4T', '70B'."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= size * 0.99995:
            return f"{digits(number / size)}{letter}"
    return digits(number)


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


def deadline_option(hours: float) -> str:
    """The shortest deadline, in thousandths, that is not shorter than ``hours``."""
    if hours < HOURS_PER_DAY:
        return f"{_up(hours)}h"
    return f"{_up(hours / HOURS_PER_DAY)}d"


def budget_option(amount: float) -> str:
    """The smallest whole amount (below 1,000 USD: in cents) that is not below ``amount``."""
    return f"{ceil(amount)}" if amount >= 1000 else f"{ceil(amount * 100) / 100:.2f}"


def deadline_needed(hours: float) -> str:
    """The same deadline in words: '29.039 days'."""
    written = deadline_option(hours)
    return f"{written[:-1]} {'hours' if written.endswith('h') else 'days'}"


def budget_needed(amount: float) -> str:
    """The same amount in words: '218,764,661 USD'."""
    written = float(budget_option(amount))
    return f"{written:,.0f} USD" if amount >= 1000 else f"{written:,.2f} USD"


def _up(number: float) -> str:
    return f"{ceil(number * 1000) / 1000:.3f}".rstrip("0").rstrip(".")


def digits(number: float) -> str:
    """Four significant digits, thousands separated: '29.63', '0.354', '1,961,750'."""
    return f"{number:,.0f}" if number >= 1000 else f"{number:.4g}"
