"""What a row of the table says of a field: how it is read, printed, asked for and limited."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from problems.fields import Logged
from problems.slots import Read

if TYPE_CHECKING:
    from pydantic import BaseModel, GetCoreSchemaHandler
    from pydantic_core import CoreSchema

# Sections of a problem file, in its order; a field of no section stands at the top.
TOP = ""
RUN, LIMITS, OFFERS, ASSUMPTIONS, FLEET = "run", "limits", "offers", "assumptions", "fleet"
SECTIONS = (TOP, RUN, LIMITS, OFFERS, ASSUMPTIONS, FLEET)


def as_written(value: object) -> tuple[str, ...]:
    """One value, as Python prints it."""
    return (str(value),)


def one(say: Callable[[Any], str]) -> Callable[[Any], tuple[str, ...]]:
    """One value, as ``say`` prints it."""
    return lambda value: (say(value),)


def each(values: tuple[str, ...]) -> tuple[str, ...]:
    """Each name in an option of its own."""
    return values


def joined(values: tuple[str, ...]) -> tuple[str, ...]:
    """All names in one option."""
    return (",".join(values),)


def pairs(sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Each name with its size in an option of its own."""
    return tuple(f"{name}={size}" for name, size in sizes.items())


def plain(value: object) -> object:
    """A value as JSON holds it."""
    if isinstance(value, Logged):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A field's option: its line of help, and what may be written more than once.

    ``subject`` is the help's section, the file's where it is empty; a ``late`` option comes after
    the others of its section. With ``pairs`` an option is NAME=GPUS, and they say what is expected.
    """

    help: str
    metavar: str
    subject: str = ""
    late: bool = False
    repeats: bool = False
    pairs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a field is asked for in words.

    ``phrases`` are in the notation of problems/phrases.py, each with the value that its presence
    gives, None where a slot gives it; ``slots`` are the field's own, by name. ``many`` are the
    values of two phrases that disagree.
    """

    many: str
    phrases: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    slots: Mapping[str, Read] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A field's part of the sentence that says what was asked.

    ``phrase`` has a {} for the ``words`` of the value, which ``last`` joins: fields of the same
    phrase together, and each word in a phrase of its own where ``last`` is empty. Parts of a lower
    ``place`` come first.
    """

    phrase: str
    words: Callable[[Any], tuple[str, ...]] = each
    last: str = "or"
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A limit that is a number: the most that a fleet may have of a ``measure``.

    ``most`` is the largest that may be asked for. ``write`` gives the smallest value that can be
    printed and is enough, ``say_needed`` says the same; ``needs`` is what a fleet does to more
    than the limit: it costs, draws or takes it. ``in_unit`` marks a number of hours or of USD, or
    of what goes with them: the program counts those in a unit of its own.
    """

    measure: str
    most: float
    write: Callable[[float], str]
    say: Callable[[float], str]
    say_needed: Callable[[float], str]
    needs: str = "takes"
    in_unit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One field of a question, wherever it is read or printed.

    ``what`` is what an error expects there, ``unit`` that of the number stored. ``read`` reads what
    people write, ``write`` prints the stored value for its option, and ``value`` as JSON holds it,
    under ``key`` if that is not the field's name. ``called`` is what a command
    line calls it where not an option of its name, ``path`` the ending of a file's path, read from
    beside the problem file. ``chosen`` marks what a given fleet leaves nothing to choose by. As a
    limit the field is called ``limit``; ``others`` says what offers that miss it are, ``at_best``
    why a GPU model cannot.
    """

    section: str
    what: str
    unit: str = ""
    read: Callable[[Any], object]
    write: Callable[[Any], tuple[str, ...]] = as_written
    option: Option | None = None
    called: str = ""
    path: str = ""
    key: str = ""
    value: Callable[[Any], object] = plain
    in_json: bool = True
    words: Words | None = None
    said: Said | None = None
    chosen: bool = False
    limit: str = ""
    others: str = ""
    at_best: str = ""
    bound: Bound | None = None

    @property
    def subject(self) -> str:
        """The section of the help in which the option stands."""
        return self.option.subject or self.section if self.option is not None else ""

    def __get_pydantic_core_schema__(
        self, source: object, handler: "GetCoreSchemaHandler"
    ) -> "CoreSchema":
        """What pydantic does before it checks the type: read what was written."""
        from pydantic_core import core_schema

        checked = handler(source)
        if checked["type"] != "nullable":
            return core_schema.no_info_before_validator_function(self.read, checked)
        held = core_schema.no_info_before_validator_function(self.read, checked["schema"])
        return core_schema.nullable_schema(held)


def left_out(model: "type[BaseModel]", field: str) -> object:
    """What a field says when it is left out."""
    return model.model_fields[field].get_default(call_default_factory=True)


def rows_of(model: "type[BaseModel]") -> dict[str, Row]:
    """The rows of a model's fields by name, in the table's order."""
    rows = {}
    for name, held in model.model_fields.items():
        (rows[name],) = (found for found in held.metadata if isinstance(found, Row))
    return rows
