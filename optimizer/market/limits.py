"""The limits of a question that are numbers: dropped, restated, written and said.

Which they are is in the table of fields: those whose row has a bound.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from problems import Question
from problems.question import ROWS
from problems.table.row import Bound

NO_LIMIT = np.inf
BOUNDS: dict[str, Bound] = {key: row.bound for key, row in ROWS.items() if row.bound is not None}

# What a plan or a limit makes small: a measure of program/bounds.py.
Objective = str


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of each number that a question limits, by the field's name; NO_LIMIT elsewhere."""

    most: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        """The most of a number, hours, USD, GPUs or as its field is stored; KeyError if none."""
        return self.most.get(name, NO_LIMIT) if name in BOUNDS else self.most[name]

    def but(self, **most: float) -> "Limits":
        """The same limits with others for these fields; NO_LIMIT drops one."""
        return Limits({**self.most, **most})

    def in_unit(self, unit: float) -> "Limits":
        """The same limits with ``unit`` hours and ``unit`` USD as the units."""
        return self.but(
            **{name: most / unit for name, most in self.most.items() if BOUNDS[name].in_unit}
        )

    @property
    def deadline_hours(self) -> float:
        """Hours until the first run is done."""
        return self["deadline"]

    @property
    def budget_usd(self) -> float:
        """USD of all runs."""
        return self["budget"]


@dataclass(frozen=True, slots=True)
class Number:
    """A limit that is a number: how to drop it, and what its smallest sufficient value is."""

    name: str
    bound: Bound
    read: Callable[[str], object]

    @property
    def objective(self) -> Objective:
        """The measure of a fleet that is limited."""
        return self.bound.measure

    def rounded_up(self, value: float) -> float:
        """The value as it is printed, which is never less."""
        read = self.read(self.bound.write(value))
        assert isinstance(read, (int, float)), "a bound is a number"
        return read

    def dropped(self, limits: Limits) -> Limits:
        """The limits without this one."""
        return limits.but(**{self.name: NO_LIMIT})

    def asked(self, limits: Limits) -> float:
        """This limit's value; NO_LIMIT where there is none."""
        return limits[self.name]

    def say(self, value: float) -> str:
        """A value of it in words."""
        return self.bound.say(value)


NUMBERS = tuple(Number(name, bound, ROWS[name].read) for name, bound in BOUNDS.items())


def limits_asked(question: Question) -> Limits:
    """The limits that a question gives a number for."""
    asked = {name: getattr(question, name) for name in BOUNDS}
    return Limits({name: most for name, most in asked.items() if most is not None})
