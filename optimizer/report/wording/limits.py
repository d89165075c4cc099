"""Limits in words: those that bind, and those that a GPU model cannot keep."""

from collections.abc import Iterable, Iterator

from optimizer import say
from optimizer.explain.binding import Asked, Binding
from optimizer.explain.differences import End, Holds
from optimizer.explain.ruled_out import RuledOut, TakesAtLeast
from optimizer.report.wording.differences import end_words
from problems.question import ROWS
from problems.table.row import Bound

WHY_NOT = {
    "memory": "too few in one cluster to hold the model",
    "price": "prices that cannot be true",
    "several": "misses several limits at once",
} | {key: row.at_best for key, row in ROWS.items() if row.at_best}


def bound_of(limit: str) -> Bound:
    """How a limit that is a number is said; AssertionError for any other."""
    bound = ROWS[limit].bound
    assert bound is not None, f"{limit} is no number"
    return bound


def asked_words(limit: str, asked: Asked) -> str:
    """What was asked of a limit."""
    match asked:
        case End():
            return end_words(asked)
        case Holds(offer, gpus):
            return f"{offer} takes {say.gpus(gpus)} to hold the model"
        case tuple():
            return ", ".join(asked)
    return f"{asked:g}" if limit == "confidence" else bound_of(limit).say(asked)


def without_words(one: Binding) -> str:
    """The plan without a limit, and by how much it would be better."""
    fleet = f"{one.gpus:,} {one.gpu_name} of {one.provider}"
    what = f"{say.usd(one.cost_usd)} in {say.days(one.wall_hours)} with {fleet}"
    return f"{what} ({one.objective} {say.more(one.gain)})"


def binding_line(one: Binding, called: str = "") -> str:
    """A limit that binds, ``called`` so or by its key, and what would be without it."""
    asked = asked_words(one.limit, one.found)
    return f"{called or one.limit}: {asked}; without it {without_words(one)}"


def ruled_out_words(model: RuledOut) -> tuple[str, str]:
    """Why a GPU model has no fleet: in a sentence, and in a few words."""
    match model.why:
        case TakesAtLeast(least, offer, alone, confidence):
            said = bound_of(model.limit).say(least)
            tail = say.surely(confidence) + ("" if alone else ", whatever the other limits")
            return f"takes at least {said} ({offer}){tail}", said
        case None:
            return "misses several limits at once", "several limits at once"
        case refusal:
            return refusal.reason, refusal.short


def ruled_out_lines(models: Iterable[RuledOut]) -> Iterator[str]:
    """The GPU models without a plan, those with the same reason in one line."""
    by_limit: dict[str, list[str]] = {}
    for model in models:
        short = ruled_out_words(model)[1]
        said = f"{model.gpu} ({short})" if short else model.gpu
        by_limit.setdefault(model.limit, []).append(said)
    yield from (f"{WHY_NOT[limit]}: {', '.join(said)}" for limit, said in by_limit.items())
