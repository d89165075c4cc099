"""What the command prints: JSON alone, or text without the spaces that fill a table's lines."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

# Longer lines are hard to read, however wide the window.
WIDEST = 100


def show(said: "dict[str, Any] | Iterable[RenderableType]") -> None:
    """Print data as JSON, anything else as text."""
    if isinstance(said, dict):
        print(json.dumps(said, indent=2, allow_nan=False))
        return
    from rich.console import Console

    console = Console(markup=False, highlight=False, emoji=False)
    console.width = min(console.width, WIDEST)
    with console.capture() as captured:
        for part in said:
            console.print(part)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))
