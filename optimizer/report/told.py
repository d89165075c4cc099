"""An answer with what was studied beside it, as data and as a person reads it."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType

from optimizer.answer import Answer
from optimizer.report.data.answer import Data, answer_data
from optimizer.report.data.levers import explained_data, levers_data
from optimizer.report.data.risk import alternatives_with_risk, risk_data
from optimizer.report.text.answer import answer_text
from optimizer.report.text.levers import explained_text
from optimizer.report.text.risk import risk_text
from optimizer.study.levers import Levers
from optimizer.study.price_of_confidence import Premium
from optimizer.study.risk import Risks

Drawn = tuple[Risks, Premium]


def told_data(answer: Answer, levers: Levers | None, drawn: Drawn | None) -> Data:
    """The keys of `plan --json`, with those of what was studied."""
    data = answer_data(answer) | ({} if levers is None else levers_data(levers))
    if drawn is None:
        return data
    return alternatives_with_risk(data, drawn[0]) | risk_data(*drawn)


def told_text(
    answer: Answer, levers: Levers | None, drawn: Drawn | None
) -> Iterator[RenderableType]:
    """The plan or what stands in its way, what would change it, and how sure it is."""
    return answer_text(answer, levers, risk_text(answer, *drawn) if drawn else ())


def why_data(answer: Answer, levers: Levers, drawn: Drawn | None) -> Data:
    """The keys of `explain --json`."""
    return explained_data(answer, levers) | (risk_data(*drawn) if drawn else {})


def why_text(answer: Answer, levers: Levers, drawn: Drawn | None) -> Iterable[RenderableType]:
    """Why the plan won and how sure it is, or what stands in the way of every plan."""
    if answer.plan is None:
        return answer_text(answer)
    sure = risk_text(answer, *drawn) if drawn else ()
    return [*explained_text(answer, answer.plan, levers), *sure]
