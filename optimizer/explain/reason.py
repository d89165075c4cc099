"""One reason why no plan exists, and the change that makes one exist."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from problems.command import option_of
from problems.question import ROWS


@dataclass(frozen=True, slots=True)
class Reason:
    """One limit that rules every plan out, and the smallest change of it that admits one.

    ``fields`` are the fields of the question to set, written as people write them; empty
    where no change of this limit alone is enough.
    """

    limit: str
    asked: str
    needed: str
    fields: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def options(self) -> str:
        """The change as options of the command; empty where there is none."""
        return shlex.join(
            word for key, value in self.fields.items() for word in _option(key, value)
        )


def _option(key: str, value: object) -> Iterator[str]:
    row = ROWS[key]
    for word in row.write(value) if isinstance(value, (Mapping, tuple)) else (str(value),):
        yield option_of(key, row)
        yield word
