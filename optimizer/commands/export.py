"""`sixnd export`: a plan as what launchers take: arguments, a task, a batch script."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import check_place, names, read_one_of, read_question
from optimizer.commands.console import tell_written
from optimizer.commands.loading import fields_of, load_facts, solving
from optimizer.commands.no_plan import end_without_plan
from problems import ProblemError
from problems.mistakes import shown

if TYPE_CHECKING:
    from optimizer.report.launch.choices import Choices
    from optimizer.report.launch.job import Job

TARGETS = ("megatron", "bridge", "torchtitan", "skypilot", "dstack", "slurm")
STARTED = ("megatron", "torchtitan")
LARGEST_ANSWER = 50_000_000
LONGEST_CONTEXT = 253

AnswerOrModel = Annotated[
    str,
    o.argument(
        "A model as for `sixnd plan`, or an answer: what --json of plan or estimate printed.",
        "MODEL|ANSWER.json",
    ),
]
To = Annotated[
    str,
    o.option("megatron, bridge, torchtitan, skypilot, dstack or slurm.", "TARGET", "--to"),
]
Output = Annotated[
    Path | None, o.option("The file to write (default: print it).", "FILE", "--output", "-o")
]
Start = Annotated[
    str,
    o.option("What a task starts: megatron or torchtitan (default: megatron).", "FRAMEWORK"),
]
Kubernetes = Annotated[
    str | None,
    o.option("Run on this Kubernetes cluster, whoever's it is (skypilot, dstack).", "CONTEXT"),
]
NoSegment = Annotated[
    bool, typer.Option("--no-segment", help="Leave --segment out of a batch script.")
]
NoGres = Annotated[
    bool, typer.Option("--no-gres", help="Leave the number of GPUs out of a batch script.")
]
# The GPU of a fleet comes from --gpu.
FLEET = {key: o.FLEET_OPTIONS[key] for key in ("gpus", "gpus_per_node", "usd_per_gpu_hour")}


@o.takes(o.QUESTION_OPTIONS | FLEET | o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def export(
    context: typer.Context,
    model: AnswerOrModel,
    to: To,
    output: Output = None,
    start: Start = "megatron",
    kubernetes: Kubernetes = None,
    no_segment: NoSegment = False,
    no_gres: NoGres = False,
) -> None:
    """A plan as what launchers take, to start a run from.

    megatron and torchtitan are scripts, bridge is the shipped recipe with its overrides, skypilot
    a task, dstack a task and a fleet (FILE-fleet), slurm a batch script. What a launcher has no
    words for is said, and nothing is written.
    """
    from optimizer.report.launch.choices import Choices
    from optimizer.report.launch.targets import TARGETS as WRITERS

    target = read_one_of("--to", to, TARGETS)
    chosen = Choices(
        framework=read_one_of("--start", start, STARTED),
        kubernetes=_context(kubernetes, target),
        segment=not no_segment,
        gres=not no_gres,
    )
    if output is not None:
        check_place("--output", Path(output))
    job = _job(context, model, target, chosen)
    _give(WRITERS[target](job, chosen), None if output is None else Path(output))


def _context(written: str | None, target: str) -> str:
    """A Kubernetes context, for those targets that run on one."""
    if written is None:
        return ""
    if target not in ("skypilot", "dstack"):
        what = f"--kubernetes: --to {target} runs on no Kubernetes cluster"
        raise ProblemError([f"{what}; expected --to skypilot or dstack; leave it out"])
    is_name = written.isprintable() and not set(written) & set(" \t\"'")
    if not is_name or not 0 < len(written) <= LONGEST_CONTEXT:
        what = f"--kubernetes: {shown(written)}"
        raise ProblemError(
            [f"{what}; expected a context; `kubectl config get-contexts` lists them"]
        )
    return written


def _job(context: typer.Context, model: str, target: str, chosen: "Choices") -> "Job":
    """What is to be launched, from a saved answer, a given fleet or a question."""
    again = _words(target, chosen)
    saved = _saved(model)
    if saved is not None:
        return _from_answer(context, Path(model), saved, again)
    return _from_question(context, model, again)


def _words(target: str, chosen: "Choices") -> str:
    """The options of this command, as the header repeats them."""
    words = f"--to {target}"
    words += "" if chosen.framework == "megatron" else f" --start {chosen.framework}"
    words += f" --kubernetes {chosen.kubernetes}" if chosen.kubernetes else ""
    words += "" if chosen.segment else " --no-segment"
    return words + ("" if chosen.gres else " --no-gres")


def _saved(model: str) -> dict[str, Any] | None:
    """The saved answer that MODEL is; None where it is a model."""
    from optimizer.report.launch.saved import is_answer

    path = Path(model)
    if path.suffix.lower() != ".json" or not path.is_file():
        return None
    if path.stat().st_size > LARGEST_ANSWER:
        what = f"{path.name}: {path.stat().st_size:,} bytes"
        raise ProblemError([f"{what}; expected an answer of at most {LARGEST_ANSWER:,}"])
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        what = f"{path.name}: is no JSON"
        again = "expected what `sixnd plan --json` or `sixnd estimate --json` printed"
        raise ProblemError([f"{what}; {again}"]) from None
    return data if is_answer(data) else None


def _from_answer(context: typer.Context, path: Path, data: dict[str, Any], again: str) -> "Job":
    from optimizer.report.launch.refusal import ExportError
    from optimizer.report.launch.saved import job_of_saved

    given = {k: v for k, v in fields_of(context).items() if v not in (None, (), [])} | {
        key: context.params[key] for key in FLEET if context.params[key] is not None
    }
    given.pop("model", None)
    if given:
        options = ", ".join(f"--{key.replace('_', '-')}" for key in given)
        what = f"{options}: the answer in {path.name} is to a question already"
        raise ProblemError([f"{what}; expected no question beside it; leave them out"])
    try:
        return job_of_saved(data, f"sixnd export {path.name} {again}")
    except ExportError as error:
        raise ExportError(f"{path.name}: {error}") from None


def _from_question(context: typer.Context, model: str, again: str) -> "Job":
    from problems import as_command

    asked = read_question(model, _fields(context))
    command = f"{as_command(asked.question, 'export')} {again}"
    facts = load_facts(context)
    with asked.mistakes_placed():
        if asked.question.fleet is not None:
            from optimizer.plan.estimate import estimate_fleet
            from optimizer.report.launch.job import job_of_estimate

            found = estimate_fleet(asked.question, facts)
            return job_of_estimate(found, command)
        from optimizer.answer import answer_market
        from optimizer.market.market import open_market
        from optimizer.report.launch.job import job_of_plan

        market = open_market(asked.question, facts)
        answer = answer_market(market, today=date.today(), **solving(context))
    if answer.plan is None:
        end_without_plan(answer)
    return job_of_plan(answer.plan, answer.run, command)


def _fields(context: typer.Context) -> dict[str, Any]:
    """The fields of the question; with a number of GPUs the fleet is given."""
    fields = fields_of(context)
    fleet = {key: context.params[key] for key in FLEET if context.params[key] is not None}
    if not fleet:
        return fields
    gpus = names(fields.pop("gpu"))
    if len(gpus) != 1:
        what = f"--gpu: {len(gpus)} models with --{next(iter(fleet)).replace('_', '-')}"
        raise ProblemError([f"{what}; expected one model of a given fleet; say which"])
    return {**fields, "fleet": {"gpu": gpus[0], **fleet}}


def _give(files: dict[str, str], path: Path | None) -> None:
    """Print the files, or write them all beside each other, or none."""
    if path is None:
        print("---\n".join(files.values()), end="")
        if len(files) > 1:
            print(f"{len(files)} files, --- between them; -o writes each", file=sys.stderr)
        return
    places = {
        path.with_name(f"{path.stem}{added}{path.suffix}"): text for added, text in files.items()
    }
    for place in places:
        check_place("--output", place)
    _write(list(places.items()))
    for place in places:
        tell_written(place)


def _write(files: list[tuple[Path, str]]) -> None:
    """Write each to a place beside its own; all take their places once all are whole."""
    from optimizer.report.files import whole_file

    if not files:
        return
    (path, text), *rest = files
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
        _write(rest)
