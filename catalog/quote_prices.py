"""What a GPU costs for an hour in USD, whatever unit and currency a quote is written in."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from catalog.columns import CellError
from catalog.quote_cells import Money
from catalog.quote_figures import COMMA_CURRENCIES, figure
from catalog.quote_units import UNITS_READ, Said, Thing

USD = "USD"
# TensorCores of a TPU chip, as gpus.csv notes them: what v4-N and v5p-N count, 2 a chip; where
# v5litepod-N and v6e-N count chips, a chip is one core.
TPU_CORES = {"tpu_v4": 2, "tpu_v5p": 2, "tpu_v5e": 1, "tpu_v6e": 1}
# Digits that are kept of a converted price: what floats add behind them is none of the quote's.
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Unit:
    """What a price is of: so many of a thing, for so many hours, in a currency or its cents."""

    currency: str
    cents: bool
    thing: Thing
    hours: float
    gpus: int | None


# What a bare figure under the header 'price' is.
GPU_HOUR = Unit(USD, False, "gpu", 1.0, None)


def checked_rates(fx: Mapping[str, float] | None) -> dict[str, float]:
    """USD of one unit of each currency; ValueError for what is no code or no rate."""
    rates: dict[str, float] = {}
    for code, rate in (fx or {}).items():
        plain = code.strip().upper()
        if len(plain) != 3 or not plain.isascii() or not plain.isalpha():
            raise ValueError(f"fx: {code!r}; expected a currency's three letters, such as EUR")
        if not isfinite(rate) or not 0 < rate <= 1_000:
            raise ValueError(f"fx: {plain} at {rate:g}; expected USD of one {plain} above 0")
        if plain == USD and rate != 1:
            raise ValueError(f"fx: USD at {rate:g}; expected no rate for USD, which prices are in")
        rates[plain] = float(rate)
    return rates


def unit_of(cell: Said, header: Said, column: Said, currency: str | None) -> Unit:
    """The unit of a price from its own words, its header, and the columns unit and currency.

    CellError where they contradict each other, or leave open what the price is of.
    """
    told = (cell, header, column)
    money = {said.currency for said in told} | {currency}
    things: set[Thing | None] = {said.thing for said in told if said.thing is not None}
    hours = {said.hours for said in told} - {None}
    gpus = {said.gpus for said in told} - {None}
    for what, said in (("currency", money - {None}), ("unit", things), ("unit", hours)):
        if len(said) > 1:
            raise CellError(f"the cell, its header and the columns say more than one {what}")
    if len(gpus) > 1:
        raise CellError("the cell, its header and the columns say more than one number of GPUs")
    in_cents = cell.cents or header.cents or column.cents
    if in_cents and not cell.cents and cell.currency is not None:
        raise CellError("names a currency under a header or unit of cents; expected one of them")
    thing, hour = _thing(things, hours, cell)
    return Unit(
        currency=next(iter(money - {None}), None) or USD,
        cents=in_cents,
        thing=thing,
        hours=hour,
        gpus=next(iter(gpus), None),
    )


def _thing(things: set[Thing | None], hours: set[float | None], cell: Said) -> tuple[Thing, float]:
    """A bare price is a GPU's for an hour, and so is one '/h'; else both have to be said."""
    thing, hour = next(iter(things), None), next(iter(hours), None)
    if thing is None and hour is None:
        return "gpu", 1.0
    if thing is None and hour == 1 and cell.hours == 1:
        return "gpu", 1.0
    if thing is None:
        raise CellError(f"says for how long, but not of what; expected one per {UNITS_READ}")
    if hour is None:
        raise CellError(f"says of what, but not for how long; expected one per {UNITS_READ}")
    return thing, hour


def in_usd(amount: Money, unit: Unit, fx: Mapping[str, float], commas: bool) -> float:
    """The amount in USD at the user's rate; ``commas`` says that the file has decimal ones.

    CellError without a rate, or where the figure may be two; ValueError where it is none.
    """
    number = figure(amount.figure, commas or unit.currency in COMMA_CURRENCIES)
    return number * usd_each(unit.currency, fx) / (100 if unit.cents else 1)


def usd_each(currency: str, fx: Mapping[str, float]) -> float:
    """USD of one unit of a currency; CellError where the user gave no rate."""
    if currency == USD:
        return 1.0
    if currency not in fx:
        what = f"is in {currency}; expected USD, or your rate"
        raise CellError(f"{what}: --fx {currency}=<USD of one {currency}>")
    return fx[currency]


def gpus_priced(unit: Unit, gpu: str, node: int | None) -> float:
    """GPUs that a price pays for, in nodes of ``node``; CellError where that is not known."""
    if unit.thing == "core":
        if gpu not in TPU_CORES:
            known = ", ".join(sorted(TPU_CORES))
            raise CellError(
                f"is a price of a core, known of {known}; expected that of a whole {gpu}"
            )
        return 1 / TPU_CORES[gpu]
    if unit.thing == "node" and unit.gpus and node and unit.gpus != node:
        raise CellError(f"is of a node of {unit.gpus} GPUs; the node size is {node}")
    count = unit.gpus or (node if unit.thing == "node" else 1)
    if count is None:
        raise CellError("is a price of a node; expected its GPUs; give the column node size")
    return count


def rounded(usd: float) -> float:
    """A converted price without the digits that only the conversion made."""
    return float(f"{usd:.{_DIGITS}g}")
