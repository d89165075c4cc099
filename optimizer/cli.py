"""The command `sixnd`: it parses, calls, prints and exits; everything else is elsewhere.

A command's parameters that are fields of the question reach it through the context, by name.
"""

import io
import signal
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer import options as o
from optimizer.afford_command import afford
from optimizer.asking import (
    check_place,
    names,
    placed_in_options,
    read_one_of,
    read_question,
)
from optimizer.catalog_command import catalog_app
from optimizer.console import show
from optimizer.explain_command import explain
from optimizer.frontier_command import frontier
from optimizer.loading import fields_of, load_facts, solving
from optimizer.report_command import report
from optimizer.risking import draw_risk, read_risk
from optimizer.sensitivity_command import sensitivity
from optimizer.usage import Command, UsageError, in_words
from optimizer.validate_command import validate

if TYPE_CHECKING:
    from catalog import Catalog
    from optimizer.answer import Answer
    from optimizer.study.levers import Levers
    from optimizer.study.premium import Premium
    from optimizer.study.risk import Risks
    from problems import Question

NO_PLAN, BAD_INPUT = 1, 2
LONGEST_ERROR_LINE = 2_000

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"sixnd {version('sixnd')}")
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
    sixnd afford --budget 5M --deadline 30d
    sixnd validate --cross
    """


@app.command(cls=Command)
@o.takes(o.QUESTION_OPTIONS | o.RISK_OPTIONS | o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def plan(
    context: typer.Context,
    model: o.ModelArgument,
    write_lp: o.WriteLp = None,
    as_json: o.Json = False,
) -> None:
    """The cheapest (or fastest) fleet for one training run, proven."""
    asked = read_question(model, fields_of(context))
    drawing = read_risk(context, implied=asked.question.confidence is not None)
    facts = load_facts(context)
    with asked.mistakes_placed():
        if asked.question.fleet is not None and write_lp is None and drawing is None:
            _print_estimate(asked.question, facts, as_json)
            print("the fleet is given, so this is an estimate, not a plan", file=sys.stderr)
            return
        asked.expect_open_fleet()
        if write_lp is not None:
            _write_lp(asked.question, write_lp, facts)
        answer, levers = _answer(asked.question, facts, context)
    _print_answer(answer, levers, draw_risk(context, drawing, answer, facts), as_json)


@app.command(cls=Command)
@o.takes(o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def ask(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="QUESTION", help="A question in words.")],
    as_json: o.Json = False,
) -> None:
    """A question in words: its plan, and the command it stands for.

    In single quotes, because a shell takes the $5 out of "under $5M".
    """
    from problems import as_command, understand

    facts = load_facts(context)
    families = [gpu.family for gpu in facts.gpus.values()]
    providers = {offer.provider for offer in facts.offers}
    question = understand(" ".join(words), [*families, *facts.gpus], providers, date.today())
    answer, levers = _answer(question, facts, context)
    print(f"understood: {as_command(question)}\n", file=sys.stderr if as_json else sys.stdout)
    _print_answer(answer, levers, None, as_json)


app.command(cls=Command)(explain)


@app.command(cls=Command)
@o.takes(o.QUESTION_OPTIONS | o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def compare(
    context: typer.Context,
    model: o.ModelArgument,
    by: o.By = "gpu",
    as_json: o.Json = False,
) -> None:
    """The best fleet of each GPU, side by side, or why it has none.

    Every family on offer is compared where no --gpu is given. With --by pricing: the best fleet to
    rent, to reserve and to buy, and from how many months or such runs buying wins.
    """
    asked = read_question(model, fields_of(context))
    compared_by = read_one_of("--by", by, ("gpu", "pricing"))
    with asked.mistakes_placed():
        asked.expect_open_fleet()
        facts, how = load_facts(context), solving(context)
        if compared_by == "pricing":
            found = _compare_pricing(asked.question, facts, how, as_json)
        else:
            found = _compare_gpus(asked.question, facts, how, as_json)
    if not found:
        raise typer.Exit(NO_PLAN)


def _compare_gpus(
    question: "Question", facts: "Catalog", how: dict[str, Any], as_json: bool
) -> bool:
    """Print the fleets of each GPU; whether any has a plan."""
    from optimizer.comparison import compare_gpus
    from optimizer.report.json import comparison_data
    from optimizer.report.side_by_side import comparison_text

    compared = compare_gpus(question, facts, **how)
    show(comparison_data(compared) if as_json else comparison_text(compared))
    return any(one.answer.plan is not None for one in compared)


def _compare_pricing(
    question: "Question", facts: "Catalog", how: dict[str, Any], as_json: bool
) -> bool:
    """Print the fleets of each kind of price; whether any has a plan."""
    from optimizer.pricing import compare_pricing
    from optimizer.report.json import pricing_data
    from optimizer.report.pricing import pricing_text

    compared = compare_pricing(question, facts, **how)
    show(pricing_data(compared) if as_json else pricing_text(compared))
    return any(one.answer.plan is not None for one in compared.fleets)


@app.command(cls=Command)
@o.takes(o.RUN_OPTIONS | o.ASSUMED_OPTIONS | {"pricing": o.Pricing} | o.CATALOG_OPTIONS)
def estimate(
    context: typer.Context,
    model: o.ModelArgument,
    gpu: o.OneGpu = None,
    gpus: o.Gpus = None,
    usd_per_gpu_hour: o.UsdPerGpuHour = None,
    gpus_per_node: o.GpusPerNode = None,
    as_json: o.Json = False,
) -> None:
    """Time and cost of a fleet that you give; nothing is chosen."""
    given = {"gpu": gpu, "gpus": gpus}
    given |= {"usd_per_gpu_hour": usd_per_gpu_hour, "gpus_per_node": gpus_per_node}
    fleet = {key: value for key, value in given.items() if value is not None}
    fields = {key: value for key, value in fields_of(context).items() if key not in given}
    asked = read_question(model, {**fields, "fleet": fleet})
    with asked.mistakes_placed():
        _print_estimate(asked.question, load_facts(context), as_json)


@app.command(cls=Command)
@o.takes(o.CATALOG_OPTIONS)
def gpus(context: typer.Context, gpu: o.Gpu = None, as_json: o.Json = False) -> None:
    """List the GPU models: peaks, memory, fabric, source, date."""
    from optimizer.browse import matching_gpus, sources_of
    from optimizer.report.browse import gpus_text
    from optimizer.report.json import row_data

    facts = load_facts(context)
    with placed_in_options():
        found = matching_gpus(facts, names(gpu))
    data = {"gpus": [row_data(model) for model in found]}
    show(data if as_json else gpus_text(found, sources_of(facts, found)))


@app.command(cls=Command)
@o.takes(o.CATALOG_OPTIONS)
def offers(
    context: typer.Context,
    gpu: o.Gpu = None,
    provider: o.Provider = None,
    pricing: o.AnyPricing = None,
    template: o.Template = False,
    as_json: o.Json = False,
) -> None:
    """List what is on sale: price, size, network, source, date.

    `sixnd offers --template > quotes.csv` starts a file of your own quotes for --offers.
    """
    if template:
        from catalog.quotes import quote_template

        print(quote_template(), end="")
        return
    from optimizer.browse import matching_offers, sources_of
    from optimizer.report.browse import offers_text
    from optimizer.report.json import row_data

    facts = load_facts(context)
    with placed_in_options():
        found = matching_offers(facts, names(gpu), names(provider), pricing)
    data = {"offers": [row_data(offer) for offer in found], "remarks": list(facts.remarks)}
    for remark in facts.remarks:
        print(remark, file=sys.stderr)
    show(data if as_json else offers_text(found, sources_of(facts, found)))


app.command(cls=Command)(afford)
app.command(cls=Command)(frontier)
app.command(cls=Command)(report)
app.command(cls=Command)(sensitivity)
app.command(cls=Command)(validate)
app.add_typer(catalog_app, name="catalog")


def _answer(
    question: "Question", facts: "Catalog", context: typer.Context
) -> tuple["Answer", "Levers | None"]:
    """The answer, and where it is a plan what would change it."""
    from optimizer.answer import answer_market
    from optimizer.market import open_market
    from optimizer.study.levers import plan_levers

    how = solving(context)
    market = open_market(question, facts)
    answer = answer_market(market, today=date.today(), **how)
    return answer, None if answer.plan is None else plan_levers(market, answer)


def _write_lp(question: "Question", path: Path, facts: "Catalog") -> None:
    from optimizer.answer import write_program

    check_place("--write-lp", path)
    write_program(question, path, facts)


def _print_answer(
    answer: "Answer",
    levers: "Levers | None",
    drawn: "tuple[Risks, Premium] | None",
    as_json: bool,
) -> None:
    from optimizer.report.json import answer_data
    from optimizer.report.levers_json import levers_data
    from optimizer.report.risk import risk_text
    from optimizer.report.risk_json import alternatives_with_risk, risk_data
    from optimizer.report.text import answer_text

    if as_json:
        data = answer_data(answer) | ({} if levers is None else levers_data(levers))
        if drawn is not None:
            data = alternatives_with_risk(data, drawn[0]) | risk_data(*drawn)
        show(data)
    else:
        show(answer_text(answer, levers, risk_text(answer, *drawn) if drawn else ()))
    if answer.plan is None:
        raise typer.Exit(NO_PLAN)


def _print_estimate(question: "Question", facts: "Catalog", as_json: bool) -> None:
    from optimizer.estimate import estimate_fleet
    from optimizer.report.json import estimate_data
    from optimizer.report.side_by_side import estimate_text

    found = estimate_fleet(question, facts)
    show(estimate_data(found) if as_json else estimate_text(found))


def main(arguments: list[str] | None = None) -> None:
    """Run the command; whatever goes wrong is said in a line or two, with exit code 2."""
    if arguments is None and hasattr(signal, "SIGPIPE"):
        # `sixnd offers | head` ends the command quietly, as it ends any other.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # An answer with '?' for '·' is better than none where a terminal knows only ASCII.
        sys.stdout.reconfigure(errors="replace")
    try:
        status = app(arguments, prog_name="sixnd", standalone_mode=False)
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
