"""What a budget and a deadline afford, as a person reads it and as data."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from optimizer import say
from optimizer.report.data.answer import answer_data
from optimizer.report.text.answer import answer_text
from optimizer.report.text.parts import listed
from optimizer.study.afford import SMALLEST, Affordable, Size


def afford_text(found: Affordable) -> Iterator[RenderableType]:
    """The size, what a tenth more buys, and the plan; or why not even the smallest fits."""
    run, largest = found.answer.run, found.largest
    what = f"{say.usd(run.budget_usd or 0.0)} and {say.days(run.deadline_hours)}"
    if largest is None:
        yield Text(f"{what} do not afford {say.count(SMALLEST)} parameters:", style="bold")
        yield from answer_text(found.answer)
        return
    yield Text(f"{what} afford {_said(largest)}.", style="bold")
    more = (
        ("money", found.with_a_tenth_more_money),
        ("time", found.with_a_tenth_more_time),
    )
    lines = (f"{name}: {_more(name, other, largest)}" for name, other in more if other is not None)
    yield from listed("With a tenth more", lines)
    yield Text()
    yield from answer_text(found.answer)


def _said(size: Size) -> str:
    return f"{say.count(size.parameters)} parameters on {say.count(size.tokens)} tokens"


def _more(name: str, other: Size, size: Size) -> str:
    """The size that a tenth more affords, against the one without."""
    if other == size:
        return f"no larger model: {name} is not what is short"
    return f"{_said(other)} ({say.more(other.parameters / size.parameters - 1)})"


def afford_data(found: Affordable) -> dict[str, Any]:
    """The keys of `afford --json`: the size, a tenth more, and those of `plan --json`."""
    size, money, time = (
        found.largest,
        found.with_a_tenth_more_money,
        found.with_a_tenth_more_time,
    )
    return {
        "parameters": size.parameters if size else None,
        "tokens": size.tokens if size else None,
        "with_a_tenth_more_money": asdict(money) if money else None,
        "with_a_tenth_more_time": asdict(time) if time else None,
        **answer_data(found.answer),
    }
