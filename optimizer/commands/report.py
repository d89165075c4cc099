"""`sixnd report`: the recommendation as a page, a workbook, wiki text or data."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from optimizer.commands import options as o
from optimizer.commands.asking import check_ending, check_place, read_question
from optimizer.commands.console import tell_written
from optimizer.commands.loading import fields_of, load_facts, solving
from optimizer.commands.no_plan import end_without_plan
from problems import ProblemError
from problems.mistakes import shown

ENDINGS = (".html", ".md", ".xlsx", ".json")

Output = Annotated[
    Path, o.option("The file to write: .html, .md, .xlsx or .json.", "FILE", "--output", "-o")
]
Title = Annotated[
    str | None,
    o.option("What stands at the top (default: the name in a problem file).", "TEXT"),
]
Day = Annotated[
    str | None,
    o.option("The day on which prices are judged (default: today).", "YYYY-MM-DD", "--date"),
]


@o.takes(o.QUESTION_OPTIONS | o.CATALOG_OPTIONS | o.SOLVER_OPTIONS)
def report(
    context: typer.Context,
    model: o.ModelArgument,
    output: Output,
    title: Title = None,
    day: Day = None,
) -> None:
    """The decision, bill, risks and sources as one document.

    A page (.html) to read or print, a workbook (.xlsx) with live formulas, Markdown (.md) for a
    wiki, or data (.json). All of them say the same.
    """
    path = Path(output)
    check_place("--output", path)
    check_ending("--output", path, ENDINGS)
    today = _read_day(day)
    named = {} if title is None else {"name": title}
    asked, how = read_question(model, fields_of(context) | named), solving(context)
    facts = load_facts(context, today)

    from optimizer.report.text.answer import decision
    from optimizer.report.write import write_report
    from optimizer.study.recommendation import NoPlanError, recommend

    with asked.mistakes_placed():
        asked.expect_open_fleet()
        try:
            found = recommend(asked.question, facts, today, options=_options(context, path), **how)
        except NoPlanError as none:
            print(f"nothing to recommend, so {shown(str(path))} is not written", file=sys.stderr)
            end_without_plan(none.answer)
    write_report(found, path)
    print("\n".join(decision(found.plan)))
    tell_written(path)


def _options(context: typer.Context, path: Path) -> list[str]:
    """The options of the command that are not of the question, where they were given."""
    given = context.params
    words = [word for path in given["quotes"] or () for word in ("--offers", str(path))]
    words += [word for rate in given["fx"] or () for word in ("--fx", rate)]
    words += ["--skip-unreadable"] if given["skip_unreadable"] else []
    if given["catalog"] is not None:
        words += ["--catalog", str(given["catalog"])]
    for name, default in (("solver", o.DEFAULTS["solver"]), ("time_limit", o.DEFAULT_TIME_LIMIT)):
        if given[name] != default:
            words += [f"--{name.replace('_', '-')}", given[name]]
    return [*words, "-o", f"report{path.suffix.lower()}"]


def _read_day(written: str | None) -> date:
    if written is None:
        return date.today()
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        what = f"--date: {shown(written)} is no day"
        raise ProblemError([f"{what}; expected one such as 2026-11-25"]) from None
