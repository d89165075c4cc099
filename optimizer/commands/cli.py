"""The command `sixnd`: its commands in the order of its help, and what goes wrong said in words.

A command's parameters that are fields of the question reach it through the context, by name.
"""

import gc
import io
import signal
import sys
from functools import cache, partial
from typing import Annotated, Any

import typer

from optimizer.commands.afford import afford
from optimizer.commands.browse import gpus, offers
from optimizer.commands.catalog import catalog_app
from optimizer.commands.compare import compare
from optimizer.commands.console import BAD_INPUT
from optimizer.commands.estimate import estimate
from optimizer.commands.explain import explain
from optimizer.commands.export import export
from optimizer.commands.frontier import frontier
from optimizer.commands.pilot import pilot
from optimizer.commands.plan import ask, plan
from optimizer.commands.report import report
from optimizer.commands.sensitivity import sensitivity
from optimizer.commands.usage import Command, UsageError, in_words
from optimizer.commands.validate import validate
from optimizer.version import VERSION

LONGEST_ERROR_LINE = 2_000
OBJECTS_BETWEEN_COLLECTIONS = 100_000
COMMANDS = (
    *(plan, ask, explain, compare, frontier, sensitivity, afford, estimate, report),
    *(export, pilot, gpus, offers, validate),
)

_bare = partial(
    typer.Typer,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app = _bare()


def _print_version(asked: bool) -> None:
    if asked:
        print(f"sixnd {VERSION}")
        raise typer.Exit


@app.callback()
def sixnd(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """The cheapest way to train a language model by a date, proven by an integer program.

    \b
    sixnd plan 70B --deadline 30d
    sixnd ask 'cheapest way to train llama 3.1 8B for under $50k'
    sixnd compare 70B --gpu H100 --gpu A100 --deadline 60d
    sixnd estimate llama-3.1-405b --gpu h100_sxm --gpus 16000 --tokens 15.6T
    sixnd report 70B --deadline 30d -o report.html
    sixnd export 70B --deadline 30d --to slurm -o train.sh
    sixnd pilot 70B --deadline 30d
    sixnd afford --budget 5M --deadline 30d
    sixnd validate --cross
    """


for command in COMMANDS:
    app.command(cls=Command)(command)
app.add_typer(catalog_app, name="catalog")


@cache  # a process that asks more than once reads the options of a command once
def _command(called: str) -> Any:
    """The one command that is called; all of them where none is.

    To read the options of every command takes as long as many a study.
    """
    own = {command.__name__: command for command in COMMANDS}.get(called)
    if own is None:
        return typer.main.get_command(app)
    small = _bare()
    small.callback()(sixnd)
    small.command(cls=Command)(own)
    return typer.main.get_command(small)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; whatever goes wrong is said in a line or two, with exit code 2."""
    if arguments is None and hasattr(signal, "SIGPIPE"):
        # `sixnd offers | head` ends the command quietly, as it ends any other.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if arguments is None:
        # A command's process is short: most of what a collector would look through are modules.
        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # An answer with '?' for '·' is better than none where a terminal knows only ASCII.
        sys.stdout.reconfigure(errors="replace")
    try:
        given = sys.argv[1:] if arguments is None else arguments
        status = _command("".join(given[:1]))(given, prog_name="sixnd", standalone_mode=False)
    except UsageError as error:
        status = _refuse(in_words(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        status = _refuse(f"{where}{error.strerror or error}")
    except (ValueError, RuntimeError) as error:
        status = _refuse(str(error) or type(error).__name__, getattr(error, "help", ""))
    if status:
        sys.exit(status)


def _refuse(mistakes: str, hint: str = "") -> int:
    """Say each mistake on a line of its own, control characters spelled out."""
    for line in mistakes.splitlines():
        shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
        print(f"error: {shown[:LONGEST_ERROR_LINE]}", file=sys.stderr)
    if hint:
        print(f"\n{hint}", file=sys.stderr)
    return BAD_INPUT
