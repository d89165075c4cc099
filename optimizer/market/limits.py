"""The limits of a question that are numbers: dropped, restated, written and said."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from optimizer import say
from problems.quantities import (
    DURATION,
    GPUS,
    MONEY,
    POWER,
    parse_duration,
    parse_money,
    parse_positive_int,
    parse_power,
)

NO_LIMIT = np.inf


@dataclass(frozen=True, slots=True)
class Limits:
    """The question's limits; NO_LIMIT where there is none."""

    deadline_hours: float = NO_LIMIT
    max_gpus: float = NO_LIMIT
    budget_usd: float = NO_LIMIT
    power_kw: float = NO_LIMIT

    def in_unit(self, unit: float) -> "Limits":
        """The same limits with ``unit`` hours and ``unit`` USD as the units."""
        return replace(
            self, deadline_hours=self.deadline_hours / unit, budget_usd=self.budget_usd / unit
        )


Objective = Literal["cost", "time", "gpus", "power"]


@dataclass(frozen=True, slots=True)
class Number:
    """A limit that is a number: how to drop it, and what its smallest sufficient value is."""

    name: str
    attribute: str
    objective: Objective
    most: float
    write: Callable[[float], str]
    read: Callable[[str], float]
    say: Callable[[float], str]
    say_needed: Callable[[float], str]

    def rounded_up(self, value: float) -> float:
        """The value as it is printed, which is never less."""
        return self.read(self.write(value))

    def dropped(self, limits: Limits) -> Limits:
        """The limits without this one."""
        return replace(limits, **{self.attribute: NO_LIMIT})

    def asked(self, limits: Limits) -> float:
        """This limit's value; NO_LIMIT where there is none."""
        return float(getattr(limits, self.attribute))


def _whole(number: float) -> str:
    return f"{number:.0f}"


NUMBERS = (
    Number(
        "deadline",
        "deadline_hours",
        "time",
        most=DURATION.most,
        write=say.deadline_option,
        read=parse_duration,
        say=say.days,
        say_needed=say.deadline_needed,
    ),
    Number(
        "max_gpus",
        "max_gpus",
        "gpus",
        most=GPUS.most,
        write=_whole,
        read=parse_positive_int,
        say=say.gpus,
        say_needed=say.gpus,
    ),
    Number(
        "budget",
        "budget_usd",
        "cost",
        most=MONEY.most,
        write=say.budget_option,
        read=parse_money,
        say=say.usd,
        say_needed=say.budget_needed,
    ),
    Number(
        "power_cap",
        "power_kw",
        "power",
        most=POWER.most,
        write=say.power_option,
        read=parse_power,
        say=say.power,
        say_needed=say.power_needed,
    ),
)
