"""What the README shows: commands, those with their answers, and sessions."""

import re
import textwrap
from pathlib import Path

from optimizer.program import model

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
# Kind and text of every block.
BLOCKS: list[tuple[str, str]] = re.findall(
    r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL
)
_CONSOLE = [text for kind, text in BLOCKS if kind == "console"]
# A command in the first line, then what it prints; the rest are commands alone.
SHOWN = [text for text in _CONSOLE if not text.splitlines()[-1].startswith("$ ")]
UNSHOWN: list[str] = [
    command
    for command in re.findall(r"^\$ (sixnd .*)$", README, re.MULTILINE)
    if f"$ {command}" not in [text.splitlines()[0] for text in SHOWN]
]


def begins(printed: str, shown: str) -> bool:
    """Whether what a command prints is what is shown, word for word up to the dots."""
    expected = _steady(shown.removesuffix("...\n"))
    return _steady(printed)[: len(expected)] == expected


def _steady(text: str) -> str:
    """The text without what changes by the day; line breaks move with it."""
    return re.sub(r"\d+ days old", "N days old", " ".join(text.split()))


def mathematics() -> str:
    """The integer program as the model's own docstring states it."""
    stated = (model.__doc__ or "").split("\n\n", 1)[1].split("\nA constraint's name")[0]
    return textwrap.dedent(stated).strip("\n")
