"""Reads single keys of a config.json and notes every mistake, each with key, found and expected."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from problems.mistakes import shown

# No published model is near these; a figure above is a slip.
MOST = 10**9
MOST_LAYERS = 10_000


@dataclass(slots=True)
class Keys:
    """The keys of one configuration; ``mistakes`` collects what is wrong with those that are read.

    A key that cannot be read counts as its least value, so that reading goes on and all mistakes
    are told at once.
    """

    values: Mapping[str, Any]
    mistakes: list[str] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        """Whether one of these keys is there and not null."""
        return self._found(names) is not None

    def number(
        self, *names: str, default: int | None = None, least: int = 1, most: int = MOST
    ) -> int:
        """The whole number of the first of these keys that is there; of a list with one value."""
        name = self._found(names)
        if name is None:
            if default is None:
                self.mistakes.append(f"{names[0]}: is missing; expected {_whole(least, most)}")
                return least
            return default
        value = _same(self.values[name])
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self._refuse(name, f"expected {_whole(least, most)}")
            return default if default is not None else least
        return value

    def flag(self, name: bool | str, default: bool = False) -> bool:
        """A flag that is fixed, or the key that holds it."""
        if isinstance(name, bool):
            return name
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self._refuse(name, "expected true or false")
            return default
        return value

    def words(self, name: str, length: int, known: Mapping[str, str]) -> list[str] | None:
        """One known word a layer, in our terms; None where the key is not there."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            self._refuse(name, "expected a list with one word a layer")
            return None
        if len(value) != length:
            self.mistakes.append(f"{name}: {len(value)} words; expected {length}, one a layer")
            return None
        strange = next((word for word in value if word not in known), None)
        if strange is not None:
            listed = ", ".join(known)
            self.mistakes.append(f"{name}: {shown(strange)}; expected words among {listed}")
            return None
        return [known[word] for word in value]

    def numbers(self, name: str, most: int) -> list[int] | None:
        """A list of whole numbers from 0 on; None where the key is not there."""
        value = self.values.get(name)
        if value is None:
            return None
        whole = isinstance(value, list) and all(
            isinstance(one, int) and not isinstance(one, bool) and 0 <= one < most for one in value
        )
        if not whole:
            self._refuse(name, f"expected a list of whole numbers from 0 to {most - 1}")
            return None
        return list(value)

    def divides(self, name: str, part: int, whole_name: str, whole: int) -> None:
        """Note where ``part`` does not divide ``whole``."""
        if whole % part:
            what = f"{name}: {part}; expected a divisor of {whole_name} {whole}"
            self.mistakes.append(what)

    def at_most(self, name: str, value: int, of: str, most: int) -> None:
        """Note where ``value`` is more than another key's."""
        if value > most:
            self.mistakes.append(f"{name}: {value}; expected at most {of} {most}")

    def _found(self, names: tuple[str, ...]) -> str | None:
        return next((name for name in names if self.values.get(name) is not None), None)

    def _refuse(self, name: str, expected: str) -> None:
        self.mistakes.append(f"{name}: {shown(self.values[name])}; {expected}")


def _same(value: object) -> object:
    """The value of a list that holds it once a layer; the list itself where values differ."""
    if isinstance(value, list) and value and all(one == value[0] for one in value):
        return value[0]
    return value


def _whole(least: int, most: int) -> str:
    return f"a whole number from {least:,} to {most:,}"
