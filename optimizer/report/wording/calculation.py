"""The figures of a plan's sum in words: a few digits, with the unit."""

from collections.abc import Callable

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.study.calculation import Figure


def _counted(unit: str) -> Callable[[float], str]:
    return lambda number: f"{number:,} {unit}"


def _digits(unit: str) -> Callable[[float], str]:
    return lambda number: f"{say.digits(number)} {unit}"


def _rate(unit: str) -> Callable[[float], str]:
    return lambda number: f"{number:.3g} {unit}"


BY_UNIT: dict[str, Callable[[float], str]] = {
    "": lambda share: f"{share:.4g}",
    "parameters": say.count,
    "tokens": say.count,
    "FLOP": say.flop,
    "TFLOP/s": _digits("TFLOP/s"),
    "GPU-hours": _digits("GPU-hours"),
    "runs": _counted("runs"),
    "nodes": _counted("nodes"),
    "GPUs": say.gpus,
    "days": lambda days: say.days(days * HOURS_PER_DAY),
    "hours a GPU": say.days,
    "hours": _digits("hours"),
    "GB": _digits("GB"),
    "TB": _digits("TB"),
    "USD": say.usd,
    "USD a GPU": lambda usd: f"{say.usd(usd)} a GPU",
    "USD a GPU-hour": lambda usd: f"{say.price(usd)} USD",
    "USD a GB": _rate("USD a GB"),
    "USD a GB and month": _rate("USD a GB and month"),
}
# Shares that are said otherwise than others without a unit.
BY_KEY: dict[str, Callable[[float], str]] = {
    "mfu": lambda share: f"{share:.2%}",
    "goodput": lambda share: f"{share:.2%}",
    "line_share": lambda share: f"{share:.6g}",
}


def figure_words(figure: Figure) -> str:
    """The value with its unit; KeyError for a unit that has no words."""
    return (BY_KEY.get(figure.key) or BY_UNIT[figure.unit])(figure.value)
