"""What was wrong with a question, told all at once and with the nearest right word."""

import difflib
import re
from collections.abc import Callable, Iterable

_LONGEST_SHOWN = 60
_KEYS = re.compile(r"([a-z_.]+(?:, [a-z_.]+)*): ")


class ProblemError(ValueError):
    """A question that cannot be asked, with everything found wrong with it."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


def shown(written: object) -> str:
    """What was written, quoted and short enough for one line of an error message."""
    # A list or table may be huge, or refer to itself through YAML aliases: name its type only.
    if isinstance(written, (list, tuple, set)):
        return "a list"
    if isinstance(written, dict):
        return "a table"
    try:
        text = repr(written)
    except ValueError:  # Python does not print integers of more than 4,300 digits
        return "a number of thousands of digits"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def keys_of(mistake: str) -> list[str]:
    """The keys that a mistake begins with: 'mfu, goodput: ...' is about two; none without."""
    found = _KEYS.match(mistake)
    return found[1].split(", ") if found else []


def relabeled(mistake: str, say: Callable[[str], str]) -> str:
    """A mistake with the keys that it begins with said as the reader wrote them."""
    keys = keys_of(mistake)
    text = mistake.removeprefix(", ".join(keys))
    return ", ".join(say(key) for key in keys) + text


def nearest(word: str, known: Iterable[str], at_most: int = 1) -> list[str]:
    """The known words most like ``word``, best first; none where nothing is like it."""
    spelled = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), list(spelled), n=at_most, cutoff=0.6)
    return [spelled[name] for name in near]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of an error message: the nearest known word, or else all of them."""
    names = list(known)
    near = nearest(word, names)
    return f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(names)
