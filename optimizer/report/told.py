"""An answer with what was studied beside it, as data and as a person reads it."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from optimizer.answer import Answer
from optimizer.report.data.answer import Data, answer_data
from optimizer.report.data.levers import explained_data, levers_data
from optimizer.report.text.answer import answer_text
from optimizer.report.text.levers import explained_text
from optimizer.study.levers import Levers

if TYPE_CHECKING:
    from optimizer.study.price_of_confidence import Premium
    from optimizer.study.risk import Risks

    Drawn = tuple[Risks, Premium]


def told_data(answer: Answer, levers: Levers | None, drawn: "Drawn | None") -> Data:
    """The keys of `plan --json`, with those of what was studied."""
    data = answer_data(answer) | ({} if levers is None else levers_data(levers))
    if drawn is None:
        return data
    # Most answers draw nothing.
    from optimizer.report.data.risk import alternatives_with_risk, risk_data

    return alternatives_with_risk(data, drawn[0]) | risk_data(*drawn)


def told_text(
    answer: Answer, levers: Levers | None, drawn: "Drawn | None"
) -> Iterator[RenderableType]:
    """The plan or what stands in its way, what would change it, and how sure it is."""
    return answer_text(answer, levers, _how_sure(answer, drawn))


def why_data(answer: Answer, levers: Levers, drawn: "Drawn | None") -> Data:
    """The keys of `explain --json`."""
    if drawn is None:
        return explained_data(answer, levers)
    from optimizer.report.data.risk import risk_data

    return explained_data(answer, levers) | risk_data(*drawn)


def why_text(answer: Answer, levers: Levers, drawn: "Drawn | None") -> Iterable[RenderableType]:
    """Why the plan won and how sure it is, or what stands in the way of every plan."""
    if answer.plan is None:
        return answer_text(answer)
    return [*explained_text(answer, answer.plan, levers), *_how_sure(answer, drawn)]


def _how_sure(answer: Answer, drawn: "Drawn | None") -> Iterable[RenderableType]:
    if drawn is None:
        return ()
    from optimizer.report.text.risk import risk_text

    return risk_text(answer, *drawn)
