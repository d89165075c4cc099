"""The command `sixnd`: it parses, calls, prints and exits; everything else is elsewhere.

A command's parameters that are fields of the question reach it through the context, by name.
"""

import json
import sys
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer import options as o

if TYPE_CHECKING:
    from rich.console import RenderableType

    from catalog import Catalog
    from optimizer.answer import Answer
    from problems import Question

NO_PLAN, BAD_INPUT = 1, 2

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="The cheapest way to train a language model by a date, proven by an integer program.",
)


@app.command()
def plan(
    context: typer.Context,
    model: o.ModelArgument,
    tokens: o.Tokens = None,
    deadline: o.Deadline = None,
    max_gpus: o.MaxGpus = None,
    budget: o.Budget = None,
    gpu: o.Gpu = None,
    provider: o.Provider = None,
    region: o.Region = None,
    pricing: o.Pricing = None,
    active: o.Active = None,
    precision: o.Precision = None,
    seq_len: o.SeqLen = None,
    global_batch: o.GlobalBatch = None,
    mfu: o.Mfu = None,
    tflops_per_gpu: o.TflopsPerGpu = None,
    goodput: o.Goodput = None,
    largest_cluster: o.LargestCluster = None,
    minimize: o.Minimize = None,
    catalog: o.CatalogFolder = None,
    solver: o.Solver = "highs",
    time_limit: o.TimeLimit = 60.0,
    write_lp: o.WriteLp = None,
    as_json: o.Json = False,
) -> None:
    """The cheapest (or fastest) fleet for one training run, with its proof."""
    question = o.read_question(model, _fields(context))
    facts = _load(context)
    if question.fleet is not None:
        print("the fleet is given, so this is an estimate", file=sys.stderr)
        _print_estimate(question, facts, as_json)
        return
    if write_lp is not None:
        from optimizer.answer import write_program

        write_program(question, write_lp, facts)
    _print_answer(_answer(question, facts, context), as_json)


@app.command()
def ask(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="QUESTION", help="A question in words.")],
    catalog: o.CatalogFolder = None,
    solver: o.Solver = "highs",
    time_limit: o.TimeLimit = 60.0,
    as_json: o.Json = False,
) -> None:
    """A question in words: prints the `plan` command it understood, then the plan."""
    from problems import as_command, understand

    facts = _load(context)
    families = [gpu.family for gpu in facts.gpus.values()]
    providers = {offer.provider for offer in facts.offers}
    question = understand(" ".join(words), [*families, *facts.gpus], providers, date.today())
    print(f"understood: {as_command(question)}\n", file=sys.stderr if as_json else sys.stdout)
    _print_answer(_answer(question, facts, context), as_json)


@app.command()
def compare(
    context: typer.Context,
    model: o.ModelArgument,
    gpu: o.Gpu = None,
    tokens: o.Tokens = None,
    deadline: o.Deadline = None,
    max_gpus: o.MaxGpus = None,
    budget: o.Budget = None,
    provider: o.Provider = None,
    region: o.Region = None,
    pricing: o.Pricing = None,
    active: o.Active = None,
    precision: o.Precision = None,
    seq_len: o.SeqLen = None,
    global_batch: o.GlobalBatch = None,
    mfu: o.Mfu = None,
    goodput: o.Goodput = None,
    largest_cluster: o.LargestCluster = None,
    minimize: o.Minimize = None,
    catalog: o.CatalogFolder = None,
    solver: o.Solver = "highs",
    time_limit: o.TimeLimit = 60.0,
    as_json: o.Json = False,
) -> None:
    """The best fleet of each GPU asked for, side by side, or why it has none."""
    from optimizer.comparison import compare_gpus
    from optimizer.report.json import comparison_data
    from optimizer.report.side_by_side import comparison_text

    question = o.read_question(model, _fields(context))
    compared = compare_gpus(question, _load(context), **_solving(context))
    _print(comparison_data(compared) if as_json else comparison_text(compared))
    if all(one.answer.plan is None for one in compared):
        raise typer.Exit(NO_PLAN)


@app.command()
def estimate(
    context: typer.Context,
    model: o.ModelArgument,
    gpu: o.OneGpu = None,
    gpus: o.Gpus = None,
    usd_per_gpu_hour: o.UsdPerGpuHour = None,
    gpus_per_node: o.GpusPerNode = None,
    tokens: o.Tokens = None,
    active: o.Active = None,
    precision: o.Precision = None,
    seq_len: o.SeqLen = None,
    mfu: o.Mfu = None,
    tflops_per_gpu: o.TflopsPerGpu = None,
    goodput: o.Goodput = None,
    pricing: o.Pricing = None,
    catalog: o.CatalogFolder = None,
    as_json: o.Json = False,
) -> None:
    """What a given fleet takes and costs; nothing is chosen."""
    given = {"gpu": gpu, "gpus": gpus}
    given |= {"usd_per_gpu_hour": usd_per_gpu_hour, "gpus_per_node": gpus_per_node}
    fleet = {key: value for key, value in given.items() if value is not None}
    fields = {key: value for key, value in _fields(context).items() if key not in given}
    question = o.read_question(model, {**fields, "fleet": fleet})
    _print_estimate(question, _load(context), as_json)


@app.command()
def gpus(
    context: typer.Context,
    gpu: o.Gpu = None,
    catalog: o.CatalogFolder = None,
    as_json: o.Json = False,
) -> None:
    """The GPU models of the catalogue: dense peaks, memory, fabric, source and date."""
    from optimizer.browse import matching_gpus
    from optimizer.report.browse import gpus_text
    from optimizer.report.json import row_data

    found = matching_gpus(_load(context), gpu or [])
    _print({"gpus": [row_data(model) for model in found]} if as_json else gpus_text(found))


@app.command()
def offers(
    context: typer.Context,
    gpu: o.Gpu = None,
    provider: o.Provider = None,
    pricing: o.Pricing = None,
    catalog: o.CatalogFolder = None,
    as_json: o.Json = False,
) -> None:
    """The offers of the catalogue: price, size, terms, source and date."""
    from optimizer.browse import matching_offers
    from optimizer.report.browse import offers_text
    from optimizer.report.json import row_data

    found = matching_offers(_load(context), gpu or [], provider or [], pricing)
    _print({"offers": [row_data(offer) for offer in found]} if as_json else offers_text(found))


def _fields(context: typer.Context) -> dict[str, Any]:
    """The parameters of a command that are fields of the question."""
    from problems import Question

    known = Question.model_fields
    return {key: value for key, value in context.params.items() if key in known}


def _load(context: typer.Context) -> "Catalog":
    from catalog import load_catalog

    folder = context.params["catalog"]
    return load_catalog(folder) if folder else load_catalog()


def _solving(context: typer.Context) -> dict[str, Any]:
    """How to solve: the solver and its time limit in seconds."""
    return {"solver": context.params["solver"], "time_limit_s": context.params["time_limit"]}


def _answer(question: "Question", facts: "Catalog", context: typer.Context) -> "Answer":
    from optimizer.answer import best_plan

    return best_plan(question, facts, **_solving(context))


def _print_answer(answer: "Answer", as_json: bool) -> None:
    from optimizer.report.json import answer_data
    from optimizer.report.text import answer_text

    _print(answer_data(answer) if as_json else answer_text(answer))
    if answer.plan is None:
        raise typer.Exit(NO_PLAN)


def _print_estimate(question: "Question", facts: "Catalog", as_json: bool) -> None:
    from optimizer.estimate import estimate_fleet
    from optimizer.report.json import estimate_data
    from optimizer.report.side_by_side import estimate_text

    found = estimate_fleet(question, facts)
    _print(estimate_data(found) if as_json else estimate_text(found))


def _print(said: "dict[str, Any] | Iterable[RenderableType]") -> None:
    """Data as JSON, anything else as text without the spaces that fill a table's lines."""
    if isinstance(said, dict):
        print(json.dumps(said, indent=2, allow_nan=False, ensure_ascii=False))
        return
    from rich.console import Console

    console = Console(markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        for part in said:
            console.print(part)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def main(arguments: list[str] | None = None) -> None:
    """Run the command; whatever goes wrong is said in a line or two, with exit code 2."""
    try:
        app(arguments)
    except (ValueError, RuntimeError, OSError) as error:
        for line in str(error).splitlines() or [type(error).__name__]:
            print(f"error: {line}", file=sys.stderr)
        sys.exit(BAD_INPUT)
