"""A question as the command that asks it."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from problems.question import FLEET_ROWS, ROWS, Question
from problems.table.row import ASSUMPTIONS, LIMITS, OFFERS, RUN, Row, left_out

# The order of a command line: a fleet that is given stands where one would be chosen.
_ORDER = (RUN, LIMITS, OFFERS, ASSUMPTIONS)


def option_of(field: str, row: Row | None = None) -> str:
    """What a command line calls a field: --power-cap, MODEL."""
    return (row.called if row is not None else "") or "--" + field.replace("_", "-")


def options_of(rows: Mapping[str, Row], subject: str) -> list[str]:
    """The fields with an option of that subject, in the order of the help."""
    own = [key for key, row in rows.items() if row.option and row.subject == subject]
    return sorted(own, key=lambda key: (option := rows[key].option) is not None and option.late)


def as_command(question: Question, command: str = "") -> str:
    """The `sixnd` command line that asks this question, quoted for a shell; it has no title.

    By default `plan`, or `estimate` where the fleet is given.
    """
    verb = command or ("plan" if question.fleet is None else "estimate")
    words = ["sixnd", verb, question.model]
    for option, value in _options(question):
        words += [option, value]
    return shlex.join(words)


def _options(question: Question) -> Iterator[tuple[str, str]]:
    for subject in _ORDER:
        for key in options_of(ROWS, subject):
            if question.gives(key):
                yield from _written(key, ROWS[key], getattr(question, key))
        if subject == OFFERS and question.fleet is not None:
            for key, row in FLEET_ROWS.items():
                if getattr(question.fleet, key) != left_out(type(question.fleet), key):
                    yield from _written(key, row, getattr(question.fleet, key))


def _written(key: str, row: Row, value: Any) -> Iterator[tuple[str, str]]:
    for word in row.write(value):
        yield option_of(key, row), word
