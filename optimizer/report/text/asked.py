"""The question as a sentence that needs no knowledge of training, and its limits in words."""

from collections.abc import Iterator, Sequence

from optimizer import say
from optimizer.market.run import Run
from problems import Question
from problems.question import ROWS
from problems.table.row import Said


def asked_line(run: Run) -> str:
    """What was asked: 'The cheapest way to train 70B parameters on 1.4T tokens in 30 days'."""
    shape = run.shape
    best = "cheapest" if run.objective == "cost" else "fastest"
    model = f"{say.count(shape.parameters)} parameters"
    if not shape.estimated:
        model = f"{shape.name} ({model})"
    times = "" if run.runs == 1 else f", {run.runs:,} times in a row,"
    within = f"The {best} way to train {model} on {say.count(run.tokens)} tokens{times}"
    usual = " (the default)" if run.leaves_open("deadline") else ""
    return f"{within} in {say.days(run.deadline_hours)}{usual}{''.join(_limits(run.question))}."


def _limits(question: Question) -> Iterator[str]:
    """The limits beside the deadline, each with a comma before it."""
    said: dict[Said, list[str]] = {}
    for key, row in ROWS.items():
        if row.said is not None and question.gives(key):
            said.setdefault(row.said, []).extend(row.said.words(getattr(question, key)))
    for how, words in sorted(said.items(), key=lambda part: part[0].place):
        for part in [_listed(words, how.last)] if how.last else words:
            yield f", {how.phrase.format(part)}"


def _listed(words: Sequence[str], last: str) -> str:
    """'H100, A100 or A6000'."""
    head = ", ".join(words[:-1])
    return f"{head} {last} {words[-1]}" if head else words[-1]
