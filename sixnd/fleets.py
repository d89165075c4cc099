"""The results of ``compare``, ``estimate`` and ``afford``.

Fleets side by side, one that is given, and the model that a fleet could train.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from catalog.units import HOURS_PER_DAY
from optimizer import say
from optimizer.answer import Answer
from optimizer.plan.estimate import Estimate as Estimated
from optimizer.study.afford import Affordable as Afforded
from optimizer.study.afford import Size
from optimizer.study.compare import Compared
from optimizer.study.rent_or_buy import BreakEven
from optimizer.study.rent_or_buy import PricingComparison as WaysToPay
from sixnd.lines import FLEET, answer_line, side_by_side, side_by_side_line
from sixnd.result import Result, Table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType


ESTIMATE_COLUMNS = (
    *("gpu", "gpu_name", "precision", "gpus", "days", "lead_days", "gpu_hours", "cost_usd"),
    *("mfu", "goodput", "usd_per_gpu_hour", "price_basis"),
)


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(Result):
    """The best fleet of each GPU model or family, or why it has none."""

    record: tuple[Compared, ...]

    @property
    def answers(self) -> dict[str, Answer]:
        """The answer of each, by the name asked for."""
        return {one.gpu: one.answer for one in self.record}

    @property
    def frame(self) -> "pd.DataFrame":
        """A row for each: asked, status, limits in the way, the fields of Plan."""
        from optimizer.report.data.frames import comparison_frame

        return comparison_frame(list(self.record))

    def _data(self) -> dict[str, Any]:
        from optimizer.report.data.answer import comparison_data

        return comparison_data(list(self.record))

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.text.side_by_side import comparison_text

        return comparison_text(list(self.record))

    def _line(self) -> str:
        return side_by_side_line(self.answers)

    def _table(self) -> Table:
        return side_by_side("GPU", self.answers)


@dataclass(frozen=True, repr=False, eq=False)
class PricingComparison(Result):
    """The best fleet of each kind of price, and from when on buying or reserving wins."""

    record: WaysToPay

    @property
    def answers(self) -> dict[str, Answer]:
        """The answer of each kind of price."""
        return {one.pricing: one.answer for one in self.record.fleets}

    @property
    def break_even(self) -> BreakEven:
        """From how many runs and months on buying or reserving wins, USD on both sides."""
        return self.record.break_even

    @property
    def frame(self) -> "pd.DataFrame":
        """A row for each kind of price: asked, status, limits, the fields of Plan."""
        from optimizer.report.data.frames import comparison_frame

        pairs = self.answers.items()
        return comparison_frame([Compared(name, answer) for name, answer in pairs])

    def _data(self) -> dict[str, Any]:
        from optimizer.report.data.answer import pricing_data

        return pricing_data(self.record)

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.text.rent_or_buy import pricing_text

        return pricing_text(self.record)

    def _line(self) -> str:
        return side_by_side_line(self.answers)

    def _table(self) -> Table:
        return side_by_side("pricing", self.answers)


@dataclass(frozen=True, repr=False, eq=False)
class Estimate(Result):
    """What a given fleet takes and costs; nothing is chosen, so nothing is proven."""

    record: Estimated

    @property
    def days(self) -> float:
        """Days from signature to the last step."""
        return self.record.days

    @property
    def cost_usd(self) -> float | None:
        """USD of all runs; None where nobody has a price."""
        return self.record.cost_usd

    @property
    def mfu(self) -> float:
        """The MFU of the whole run, a share of the dense peak, by 6·N·D."""
        return self.record.mfu

    @property
    def frame(self) -> "pd.DataFrame":
        """One row: gpu, gpus, days, gpu_hours, cost_usd, mfu, goodput and the price."""
        import pandas as pd

        data = self._data()
        return pd.DataFrame([{key: data[key] for key in ESTIMATE_COLUMNS}])

    def _data(self) -> dict[str, Any]:
        from optimizer.report.data.answer import estimate_data

        return estimate_data(self.record)

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.text.side_by_side import estimate_text

        return estimate_text(self.record)

    def _line(self) -> str:
        one = self.record
        usd = "no price is known" if one.cost_usd is None else say.usd(one.cost_usd)
        fleet = f"{one.gpus:,} {one.gpu.name}"
        return f"{fleet}, given, {say.days(one.days * HOURS_PER_DAY)}, {usd}, nothing to prove"

    def _table(self) -> Table:
        one = self.record
        usd = "-" if one.cost_usd is None else say.usd_below(one.cost_usd)
        cells = (one.gpu.name, f"{one.gpus:,}", say.digits(one.days), usd, f"{one.mfu:.1%}")
        return Table(("GPU", *FLEET), [cells])


@dataclass(frozen=True, repr=False, eq=False)
class Affordable(Result):
    """The largest model that a budget and a deadline afford, and what a tenth more would."""

    record: Afforded

    @property
    def largest(self) -> Size | None:
        """Parameters and tokens; None where not even the smallest size is affordable."""
        return self.record.largest

    @property
    def frame(self) -> "pd.DataFrame":
        """A row for what there is, a tenth more money and a tenth more time: parameters, tokens."""
        import pandas as pd

        rows = [{"with": name, **asdict(size)} for name, size in self._sizes()]
        return pd.DataFrame(rows, columns=["with", "parameters", "tokens"])

    def _sizes(self) -> list[tuple[str, Size]]:
        one = self.record
        named = (
            ("what there is", one.largest),
            ("a tenth more money", one.with_a_tenth_more_money),
            ("a tenth more time", one.with_a_tenth_more_time),
        )
        return [(name, size) for name, size in named if size is not None]

    def _data(self) -> dict[str, Any]:
        from optimizer.report.text.afford import afford_data

        return afford_data(self.record)

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.text.afford import afford_text

        return afford_text(self.record)

    def _line(self) -> str:
        if self.largest is None:
            return answer_line(self.record.answer)
        size = f"{say.count(self.largest.parameters)} parameters"
        tokens = f"{say.count(self.largest.tokens)} tokens"
        return f"{size} on {tokens}; {answer_line(self.record.answer)}"

    def _table(self) -> Table:
        rows = [
            (name, say.count(size.parameters), say.count(size.tokens))
            for name, size in self._sizes()
        ]
        return Table(("with", "parameters", "tokens"), rows)
