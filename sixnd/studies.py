"""The results of ``frontier`` and ``sensitivity``: plans along a line, and one change away."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from optimizer import say
from optimizer.answer import Answer
from optimizer.market.run import Run
from optimizer.study.frontier import Frontier as Edge
from optimizer.study.frontier import Point
from optimizer.study.sensitivity import Case
from optimizer.study.sensitivity import Sensitivity as Studied
from sixnd.columns import names_of
from sixnd.lines import FLEET, answer_line, fleet_cells, fleet_line, plans_table
from sixnd.result import Result, Table

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd
    from rich.console import RenderableType


@dataclass(frozen=True, repr=False, eq=False)
class Frontier(Result):
    """The plans that nothing beats on both cost and days, the cheapest and slowest first.

    ``answer`` says what stands in the way where there is none; else it is None.
    """

    record: Edge
    answer: Answer | None

    @property
    def points(self) -> tuple[Point, ...]:
        """Days from signature to the last step, USD of all runs, and the plan of each."""
        return self.record.points

    @property
    def frame(self) -> "pd.DataFrame":
        """A row a plan: days, cost_usd, then the columns of the command's CSV file."""
        import pandas as pd

        from optimizer.report.data.frontier import COLUMNS

        rows = [
            {"days": point.days, "cost_usd": point.cost_usd}
            | {name: getattr(point.plan, name) for name in COLUMNS}
            for point in self.points
        ]
        return pd.DataFrame(rows, columns=["days", "cost_usd", *COLUMNS])

    @property
    def chart(self) -> "alt.LayerChart":
        """Cost against days, a mark for each GPU model. ValueError where there is no plan."""
        from optimizer.report.charts.frontier import frontier_chart

        if not self.points:
            raise ValueError(f"nothing to draw: {self._line()}")
        chart: alt.LayerChart = frontier_chart(self.record)
        return chart

    def _data(self) -> dict[str, Any]:
        from optimizer.report.data.frontier import frontier_data, no_frontier_data

        if self.answer is not None:
            return no_frontier_data(self.answer)
        return frontier_data(self.record)

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.text.answer import answer_text
        from optimizer.report.text.frontier import frontier_text

        return frontier_text(self.record) if self.answer is None else answer_text(self.answer)

    def _line(self) -> str:
        if self.answer is not None:
            return answer_line(self.answer)
        cheapest, fastest = self.points[0].plan, self.points[-1].plan
        ends = f"{fleet_line(cheapest)} to {fleet_line(fastest)}"
        held, in_all = len(self.points), self.record.in_all
        of_all = "" if held == in_all else f" of {in_all:,}"
        return f"{held:,}{of_all} plans, {ends}, proven"

    def _table(self) -> Table:
        if self.answer is not None:
            return plans_table(self.answer)
        plans = [point.plan for point in self.points]
        return Table(("offer", *FLEET), [(plan.offer, *fleet_cells(plan)) for plan in plans])


@dataclass(frozen=True, repr=False, eq=False)
class Sensitivity(Result):
    """What happens to a plan where one figure is other than assumed.

    ``record`` is None, and ``answer`` says what stands in the way, where there is no plan.
    """

    run: Run
    record: Studied | None
    answer: Answer | None

    @property
    def frame(self) -> "pd.DataFrame":
        """A row a case: factor, change as a share of 1, cost_usd, days, offer, gpus, ..."""
        import pandas as pd

        cases = self.record.cases if self.record is not None else ()
        return pd.DataFrame([asdict(case) for case in cases], columns=names_of(Case))

    @property
    def chart(self) -> "alt.LayerChart":
        """A tornado: a bar for each figure, widest first. ValueError where there is no plan."""
        from optimizer.report.charts.tornado import tornado_chart

        if self.record is None:
            raise ValueError(f"nothing to draw: {self._line()}")
        chart: alt.LayerChart = tornado_chart(self.run, self.record)
        return chart

    def _data(self) -> dict[str, Any]:
        from optimizer.report.data.sensitivity import no_sensitivity_data, sensitivity_data

        if self.record is not None:
            return sensitivity_data(self.run, self.record)
        assert self.answer is not None
        return no_sensitivity_data(self.answer)

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.text.answer import answer_text
        from optimizer.report.text.sensitivity import sensitivity_text

        if self.record is not None:
            return sensitivity_text(self.run, self.record)
        assert self.answer is not None
        return answer_text(self.answer)

    def _line(self) -> str:
        if self.record is None:
            assert self.answer is not None
            return answer_line(self.answer)
        others = sum(not case.same_decision for case in self.record.cases)
        told = f"{others} of {len(self.record.cases)} cases change the offer"
        return f"{fleet_line(self.record.base)}, proven; {told}"

    def _table(self) -> Table:
        if self.record is None:
            assert self.answer is not None
            return plans_table(self.answer)
        rows = [
            (
                case.factor,
                case.stack or case.capacity or say.more(case.change),
                "-" if case.cost_usd is None else say.usd_below(case.cost_usd),
                "-" if case.days is None else say.digits(case.days),
                case.offer or "no plan",
            )
            for case in self.record.cases
        ]
        return Table(("figure", "change", "USD", "days", "offer"), rows)
