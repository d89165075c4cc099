"""The options of the command: what each is called and says, by subject."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from problems.command import options_of
from problems.question import FLEET_ROWS, ROWS
from problems.table.row import ASSUMPTIONS, FLEET, LIMITS, OFFERS, RUN, Row

DEFAULT_TIME_LIMIT = "60"
# The sections of the help, by those of a problem file.
SUBJECTS = {
    RUN: "The run",
    LIMITS: "Limits and goal",
    OFFERS: "Offers considered",
    ASSUMPTIONS: "Assumptions",
    FLEET: "The fleet",
}


def option(help_text: str, metavar: str, *names: str, about: str | None = None) -> Any:
    """An option with a value, under its own name or ``names``, in the help's section ``about``."""
    return typer.Option(
        *names, help=help_text, metavar=metavar, show_default=False, rich_help_panel=about
    )


def argument(help_text: str, metavar: str) -> Any:
    """An argument of a command."""
    return typer.Argument(help=help_text, metavar=metavar, show_default=False)


ModelArgument = Annotated[
    str,
    argument(
        "A size (70B, 30B-A3B), a published model by name or Hugging Face id, a config.json "
        "(- reads one from stdin) or a problem file.",
        "MODEL",
    ),
]


def of_row(row: Row) -> Any:
    """The type and help of a field's option; what may be written several times is a list."""
    own = row.option
    assert own is not None, "only fields with an option are asked for"
    kind: Any = list[str] if own.repeats or own.pairs else str
    return Annotated[kind | None, option(own.help, own.metavar, about=SUBJECTS[row.subject])]


def of_fields(*subjects: str, rows: Mapping[str, Row] = ROWS) -> dict[str, Any]:
    """The options of the fields of these subjects, in the order of the help."""
    return {key: of_row(rows[key]) for subject in subjects for key in options_of(rows, subject)}


AnyPricing = Annotated[
    str | None,
    option(
        "Any of on_demand, reserved, spot, marketplace, owned (default: all).",
        "spot",
        about=SUBJECTS[OFFERS],
    ),
]
CatalogFolder = Annotated[
    Path | None,
    option("A folder with a catalog (default: yours if there is one, else ours).", "FOLDER"),
]
Quotes = Annotated[
    list[Path] | None,
    option(
        "A CSV file of your own offers, beside or instead of the catalog's; repeatable.",
        "QUOTES.csv",
        "--offers",
    ),
]
Accept = Annotated[
    list[str] | None,
    option(
        "An offer to take although its price cannot be true, or all; repeatable.",
        "OFFER",
        "--accept",
    ),
]
Fx = Annotated[
    list[str] | None,
    option("Your rate for quotes in a currency: USD of one unit; repeatable.", "EUR=1.09"),
]
SkipUnreadable = Annotated[
    bool,
    typer.Option("--skip-unreadable", help="Leave out quotes that cannot be read, and say which."),
]
Solver = Annotated[str, option("The solver, highs or cbc (default: highs).", "highs")]
TimeLimit = Annotated[
    str, option(f"Seconds the solver may take (default: {DEFAULT_TIME_LIMIT}).", "SECONDS")
]
WriteLp = Annotated[
    Path | None, option("Also write the integer program, before anything is dropped.", "FILE")
]
Template = Annotated[
    bool, typer.Option("--template", help="Print a CSV to fill in with your quotes, for --offers.")
]
Risk = Annotated[
    bool, typer.Option("--risk", help="Also say how sure days and cost are, by random draws.")
]
Draws = Annotated[str | None, option("Draws of --risk (default: 10,000).", "N")]
Seed = Annotated[str | None, option("Where the draws of --risk begin (default: 0).", "N")]
By = Annotated[str, option("What is set side by side: gpu or pricing (default: gpu).", "pricing")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]

# What is asked first comes first.
_RUN = {"tokens": of_row(ROWS["tokens"])} | of_fields(RUN)
RUN_OPTIONS: dict[str, Any] = {key: kind for key, kind in _RUN.items() if not ROWS[key].chosen}
ASSUMED_OPTIONS: dict[str, Any] = of_fields(ASSUMPTIONS)
OFFER_OPTIONS: dict[str, Any] = of_fields(OFFERS)
QUESTION_OPTIONS: dict[str, Any] = _RUN | of_fields(LIMITS) | OFFER_OPTIONS | ASSUMED_OPTIONS
FLEET_OPTIONS: dict[str, Any] = of_fields(FLEET, rows=FLEET_ROWS)
CATALOG_OPTIONS: dict[str, Any] = {
    "quotes": Quotes,
    "accept": Accept,
    "fx": Fx,
    "skip_unreadable": SkipUnreadable,
    "catalog": CatalogFolder,
}
SOLVER_OPTIONS: dict[str, Any] = {"solver": Solver, "time_limit": TimeLimit}
RISK_OPTIONS: dict[str, Any] = {"risk": Risk, "draws": Draws, "seed": Seed}
DEFAULTS: dict[str, Any] = {"solver": "highs", "time_limit": DEFAULT_TIME_LIMIT}
DEFAULTS |= {"risk": False, "skip_unreadable": False}


def takes(options: Mapping[str, Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options besides its own; it finds them in its context by name.

    Every command that asks a question takes the same two dozen, so they are listed once.
    """

    def add(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True).parameters

        @wraps(command)
        def called(**values: Any) -> None:
            command(**{name: value for name, value in values.items() if name in own})

        more = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=DEFAULTS.get(name), annotation=kind
            )
            for name, kind in options.items()
        ]
        before = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own.values()]
        parameters = [*before, *more]
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {p.name: p.annotation for p in parameters}
        return called

    return add
