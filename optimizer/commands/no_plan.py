"""What a command that found no plan prints before it ends."""

from typing import TYPE_CHECKING, Any, NoReturn

import typer

from optimizer.commands.console import NO_PLAN, show

if TYPE_CHECKING:
    from optimizer.answer import Answer


def end_without_plan(
    answer: "Answer", as_json: bool = False, data: "dict[str, Any] | None" = None
) -> NoReturn:
    """Print what stands in the way, or ``data``, by default that of the answer; exit with 1."""
    from optimizer.report.data.answer import answer_data
    from optimizer.report.text.answer import answer_text

    show((data or answer_data(answer)) if as_json else answer_text(answer))
    raise typer.Exit(NO_PLAN)
