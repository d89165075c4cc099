"""Quantities of a question as sentences need them: a few digits, the unit spelled out."""

from collections.abc import Mapping
from math import ceil

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


def count(number: float) -> str:
    """A count of tokens or parameters: '1.4T', '70B'."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= size * 0.99995:
            return f"{digits(number / size)}{letter}"
    return digits(number)


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


def times_in_100(share: float) -> str:
    """A share as people say it: '90 times in 100'."""
    return f"{share * 100:.4g} times in 100"


def gpus_of_each(sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Numbers of GPUs, each with its name: '512 GPUs of aws'."""
    return tuple(f"{gpus(number)} of {name}" for name, number in sizes.items())
