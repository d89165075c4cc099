"""The results of ``report`` and ``validate``: what a decision rests on, how good the model is."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.step.fit.score import Mode
from optimizer.step.fit.score import Validation as Scored
from optimizer.step.fit.summary import Score
from optimizer.study.recommendation import Recommendation as Recommended
from sixnd.columns import names_of
from sixnd.keywords import FilePath
from sixnd.lines import answer_line, plans_table
from sixnd.result import Result, Table

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd
    from rich.console import RenderableType

WORST_RUNS = 10


@dataclass(frozen=True, repr=False, eq=False)
class Recommendation(Result):
    """The decision with everything that it rests on, for whoever signs."""

    record: Recommended

    @property
    def frame(self) -> "pd.DataFrame":
        """The plan and its runners-up, a row each: the fields of Plan, then how they lost."""
        from optimizer.report.data.frames import plans_frame

        return plans_frame(self.record.answer)

    def write(self, path: FilePath) -> None:
        """Write it as .html, .md, .xlsx or .json, by the file's ending; all of it or nothing.

        Raises ProblemError for another ending or a place where no file can be written.
        """
        from optimizer.commands.asking import check_ending, check_place
        from optimizer.report.write import FORMATS, write_report

        place = Path(path)
        check_place("path", place)
        check_ending("path", place, tuple(FORMATS))
        write_report(self.record, place)

    def _data(self) -> dict[str, Any]:
        from optimizer.report.data.recommendation import recommendation_data

        return recommendation_data(self.record)

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.text.answer import decision

        return decision(self.record.plan)

    def _line(self) -> str:
        return answer_line(self.record.answer)

    def _table(self) -> Table:
        return plans_table(self.record.answer)


@dataclass(frozen=True, repr=False, eq=False)
class Validation(Result):
    """Predicted beside published MFU, run by run; errors are |ln(predicted / observed)|."""

    record: Scored
    mode: Mode
    cross: bool

    @property
    def summary(self) -> dict[str, Any]:
        """n, median, 90th percentile and mean of the errors, bias, and the share in range."""
        found = self.record.as_dict()["summary"]
        assert isinstance(found, dict)
        return found

    @property
    def frame(self) -> "pd.DataFrame":
        """A row a run: id, source, gpu, gpus, kind, stack, MFU observed, predicted, low, high."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.record.rows], columns=names_of(Score))

    @property
    def chart(self) -> "alt.LayerChart":
        """Predicted against observed MFU, a point a run."""
        from optimizer.report.charts.validation import validation_chart

        chart: alt.LayerChart = validation_chart(self.record.rows)
        return chart

    def _data(self) -> dict[str, Any]:
        return self.record.as_dict()

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.text.validation import validation_text

        return validation_text(self.record, self.mode, self.cross, WORST_RUNS)

    def _line(self) -> str:
        found = self.summary
        if not found["n"]:
            return "no run was scored"
        off = f"half within {found['median_abs_error']:.1%}"
        return f"{found['n']} runs, {off}, {found['interval_coverage']:.0%} in range"

    def _table(self) -> Table:
        from optimizer.report.text.validation import run_cells

        keys = ("id", "gpu", "gpus", "observed_mfu", "predicted_mfu")
        rows = sorted(self.record.rows, key=lambda row: -abs(row.error))
        return Table(keys, [run_cells(row) for row in rows])
