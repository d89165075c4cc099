"""The software that trains: which stack a framework's name means, and whether it is tuned."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalog.columns import name, one_of, text, whole, words
from catalog.csv_file import checked_rows
from catalog.table import Table

SHIPPED_STACKS = Path(__file__).with_name("stacks.csv")
STACK_KINDS = ("tuned", "ordinary")
UNKNOWN_STACK = "unknown"


class UnknownStackError(ValueError):
    """A name that is no stack of stacks.csv."""

    def __init__(self, asked: str, stacks: Mapping[str, "Stack"]) -> None:
        near = difflib.get_close_matches(asked.lower(), stacks, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "stacks are: " + ", ".join(stacks)
        super().__init__(f"unknown stack {asked!r}; {hint}")


@dataclass(frozen=True, slots=True)
class Stack:
    """A training stack; a run before ``first_year`` is of its era, whatever its framework.

    Gradients are summed in ``gradient_bytes`` each: 4, or 2 where the recipes that it ships do so.
    ``frameworks`` are words in a run's framework that mean this stack, in any case.
    """

    stack: str
    name: str
    kind: str
    first_year: int
    gradient_bytes: int
    frameworks: tuple[str, ...]
    source: str
    note: str

    @property
    def is_tuned(self) -> bool:
        """Whether its makers tune it for the part that they sell or train on."""
        return self.kind == "tuned"


def stacks_table() -> Table:
    """stacks.csv: ``source`` is a key into run_sources.csv, blank where there is none."""
    columns = {
        "stack": name(),
        "name": text(),
        "kind": one_of(STACK_KINDS),
        "first_year": whole("year", 2015, 2100),
        "gradient_bytes": whole("bytes", 2, 4),
        "frameworks": words(),
        "source": text(blank=""),
        "note": text(blank=""),
    }
    return Table("stacks.csv", columns, Stack, ("stack",))


def read_stacks(path: Path) -> dict[str, Stack]:
    """The stacks of a file by key, or a CatalogError that lists every mistake in it."""
    return {row["stack"]: Stack(**row) for _, row in checked_rows(path, stacks_table())}


@cache
def load_stacks() -> dict[str, Stack]:
    """The shipped stacks by key."""
    return read_stacks(SHIPPED_STACKS)


def stack_of(stack: str) -> Stack:
    """The stack of that key; UnknownStackError with the nearest one where there is none."""
    stacks = load_stacks()
    if stack not in stacks:
        raise UnknownStackError(stack, stacks)
    return stacks[stack]


@cache
def stack_named(framework: str) -> str:
    """The key of the stack that a framework's name means: the longest of its words decides."""
    said = framework.lower()
    found = [
        (len(word), stack.stack)
        for stack in load_stacks().values()
        for word in stack.frameworks
        if word.lower() in said
    ]
    return max(found)[1] if found else UNKNOWN_STACK
