"""What the command prints: JSON alone, or text without the spaces that fill a table's lines."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.version import stamped

if TYPE_CHECKING:
    from rich.console import RenderableType

# Exit codes, 0 aside: an answer that is no plan, and a question that cannot be read.
NO_PLAN, BAD_INPUT = 1, 2
# Longer lines are hard to read, however wide the window.
WIDEST, USUAL = 100, 80


def show(said: "dict[str, Any] | Iterable[RenderableType]") -> None:
    """Print data as JSON, anything else as text."""
    if isinstance(said, dict):
        data: dict[str, Any] = said
        print(as_json(data))
    else:
        print(as_text(said))


def as_json(data: "dict[str, Any]") -> str:
    """Data as JSON, with the version that wrote it."""
    return json.dumps(stamped(data), indent=2, allow_nan=False)


def as_text(said: "Iterable[RenderableType]") -> str:
    """Parts of an answer as lines of text, as wide as the window and no wider than reads well."""
    from rich.console import Console

    # In a notebook a console would show what it captures as well.
    console = Console(markup=False, highlight=False, emoji=False, force_jupyter=False)
    # A window of no width, as some shells say it, is none.
    console.width = min(console.width or USUAL, WIDEST)
    with console.capture() as captured:
        for part in said:
            console.print(part)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def tell_written(path: Path) -> None:
    """Say on stderr that a file is there."""
    print(f"written: {path}", file=sys.stderr)


@contextmanager
def progress_bar() -> "Iterator[Callable[[str, int, int], None] | None]":
    """A bar on stderr, told what is done, how much and of how much; None without a screen."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True, markup=False), transient=True) as bar:
        task = bar.add_task("")

        def advance(what: str, done: int, all_of_them: int) -> None:
            said = what.replace("[", "(")  # rich would take [b] for markup
            bar.update(task, description=said, completed=done, total=max(done, all_of_them))

        yield advance
