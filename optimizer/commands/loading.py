"""What a command's context holds: fields of the question, the catalog, how to solve."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from optimizer.commands.asking import read_rates, read_seconds, read_solver
from problems.question import ROWS

if TYPE_CHECKING:
    from catalog import Catalog


def fields_of(context: typer.Context) -> dict[str, Any]:
    """The parameters of a command that are fields of the question."""
    return {key: value for key, value in context.params.items() if key in ROWS}


def load_facts(
    context: typer.Context, today: date | None = None, *, tells: bool = True
) -> "Catalog":
    """The catalog asked for with the quotes beside it, as of a day; by default this one.

    Where it ``tells``, stderr has what is held back or was accepted for its price.
    CatalogError with all its mistakes, ProblemError for rates that are none.
    """
    from catalog import load_catalog
    from catalog.place import active_catalog

    rates = read_rates(context.params["fx"])
    folder = context.params["catalog"]
    # Older versions of Typer leave the context's parameters as text.
    facts = load_catalog(Path(folder) if folder is not None else active_catalog())
    for path in context.params["quotes"] or ():
        from catalog.quotes import add_quotes

        skip = context.params["skip_unreadable"]
        facts = add_quotes(facts, Path(path), today, fx=rates, skip_unreadable=skip)
    if context.params["accept"]:
        from catalog.held_back import accept

        facts = accept(facts, context.params["accept"])
    if tells:
        for line in _odd_prices(facts):
            print(line, file=sys.stderr)
    return facts


def _odd_prices(facts: "Catalog") -> Iterator[str]:
    """One line for all offers held back, one for all accepted; none where there are none."""
    told = (
        ("held back", facts.held_back, "; --accept takes an offer by its name"),
        ("warning: accepted", facts.accepted, ""),
    )
    for word, doubted, tail in told:
        if doubted:
            name, doubt = min(doubted.items(), key=lambda one: one[1].usd_per_gpu_hour)
            more = f", and {len(doubted) - 1:,} more" if len(doubted) > 1 else ""
            yield f"{word}: {name} at {doubt}{more}{tail}"


def solving(context: typer.Context) -> dict[str, Any]:
    """How to solve: the solver and its time limit in seconds."""
    limit = read_seconds(context.params["time_limit"])
    return {"solver": read_solver(context.params["solver"]), "time_limit_s": limit}
