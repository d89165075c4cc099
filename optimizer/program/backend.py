"""What a solver takes and what it answers: a program as arrays, and a verdict on it."""

from dataclasses import dataclass


class SolverError(RuntimeError):
    """The solver is not installed, or it failed; says which and what to do."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Minimize cost·x with lower <= x <= upper and row_lower <= A·x <= row_upper.

    The first four are one entry a column, the next two one a row. Row r of A has the ``values``
    from ``starts[r]`` up to ``starts[r + 1]``, in those ``columns``. No bound is infinite.
    """

    cost: list[float]
    lower: list[float]
    upper: list[float]
    integer: list[bool]
    row_lower: list[float]
    row_upper: list[float]
    starts: list[int]
    columns: list[int]
    values: list[float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a solver made of a program.

    ``ended`` says that the search ended by itself, with an optimum or the proof that there is no
    solution; else it ran out of time. ``values`` are the columns', None without a solution; the
    ``objective`` is then infinite. Nothing is below ``bound``, which is infinite as well where
    there is no solution, and minus infinity where the solver has none. ``remark`` is what its user
    should know of how it ran.
    """

    ended: bool
    values: list[float] | None
    objective: float
    bound: float
    remark: str = ""
