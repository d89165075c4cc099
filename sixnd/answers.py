"""The results of ``plan``, ``risk`` and ``explain``: an answer, with what was studied of it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from optimizer import answer as answers
from optimizer import say
from optimizer.market.market import Market
from optimizer.plan.plan import Plan
from optimizer.program.decide import Proof
from optimizer.report.wording.losses import lost_words
from optimizer.study.levers import Levers, plan_levers
from optimizer.study.lost_offers import Lost
from optimizer.study.price_of_confidence import Premium
from optimizer.study.risk import Risk as Spread
from optimizer.study.risk import Risks
from sixnd.lines import FLEET, answer_line, fleet_cells, plans_table
from sixnd.result import Result, Table
from sixnd.worded import Alternative, Reason, worded_alternative, worded_reason

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

RISK_COLUMNS = (
    *("offer", "draws", "seed", "days_p10", "days_p50", "days_p90"),
    *("cost_usd_p10", "cost_usd_p50", "cost_usd_p90", "p_deadline", "p_budget", "p_term"),
)
LOST_COLUMNS = (
    *("offer", "gpu", "gpus", "days", "cost_usd", "mfu"),
    *("usd_per_gpu_hour", "break_even_usd_per_gpu_hour", "reason"),
)


@dataclass(frozen=True, repr=False, eq=False)
class _Decided(Result):
    """A question's answer, with how sure it is where that was drawn."""

    found: answers.Answer
    drawn: tuple[Risks, Premium] | None

    @property
    def record(self) -> answers.Answer:
        """Everything that was found: assumptions, limits that bind, what is ruled out, ..."""
        return self.found

    @property
    def plan(self) -> Plan | None:
        """The best fleet: days, USD, GPU-hours, MFU as a share; None where none exists."""
        return self.found.plan

    @property
    def proof(self) -> Proof | None:
        """Objective and bound of the integer program, and the gap; None without a plan."""
        return self.found.proof

    @property
    def status(self) -> str:
        """optimal; feasible where the solver ran out of time; infeasible without a plan."""
        return self.found.status

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The plans that lost: USD and days more, and why."""
        return tuple(map(worded_alternative, self.found.alternatives))

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Without a plan: each limit in the way, and the change that admits one."""
        return tuple(map(worded_reason, self.found.reasons))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before one signs."""
        return self.found.warnings

    @property
    def risk(self) -> Spread | None:
        """Days, USD and chances of the plan; None where neither asked for nor implied."""
        return None if self.drawn is None else self.drawn[0].plan

    def _line(self) -> str:
        return answer_line(self.found)

    def _table(self) -> Table:
        return plans_table(self.found)


@dataclass(frozen=True, repr=False, eq=False)
class Answer(_Decided):
    """A plan with its proof, or the reasons why there is none; ``record`` has all of it."""

    market: Market

    @cached_property
    def record(self) -> answers.Answer:
        """Everything that was found; other stacks and surer capacity once this is asked for."""
        return answers.completed(self.market, self.found)

    @cached_property
    def levers(self) -> Levers | None:
        """What a day, a node or another price would change; None without a plan."""
        return None if self.plan is None else plan_levers(self.market, self.record)

    @property
    def frame(self) -> "pd.DataFrame":
        """The plan and its runners-up, a row each: the fields of Plan, then how they lost."""
        from optimizer.report.data.frames import plans_frame

        return plans_frame(self.record)

    def _data(self) -> dict[str, Any]:
        from optimizer.report.told import told_data

        return told_data(self.record, self.levers, self.drawn)

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.told import told_text

        return told_text(self.record, self.levers, self.drawn)


@dataclass(frozen=True, repr=False, eq=False)
class Risk(Answer):
    """How sure a plan and each of its runners-up are, by random draws of speed and failures."""

    @property
    def frame(self) -> "pd.DataFrame":
        """A row a plan: offer, percentiles of days and cost_usd, chances as shares of 1."""
        import pandas as pd

        rows = [{"offer": offer, **_flat(risk)} for offer, risk in self._spreads()]
        return pd.DataFrame(rows, columns=RISK_COLUMNS)

    def _spreads(self) -> list[tuple[str, Spread]]:
        if self.plan is None or self.drawn is None:
            return []
        offers = [self.plan.offer, *(other.plan.offer for other in self.alternatives)]
        risks = self.drawn[0]
        return list(zip(offers, (risks.plan, *risks.alternatives), strict=True))

    def _line(self) -> str:
        line = super()._line()
        return line if self.risk is None else f"{line}, in time {self.risk.p_deadline:.0%}"

    def _table(self) -> Table:
        if self.plan is None:
            return super()._table()
        columns = ("offer", "days, 1 in 10 below", "days, 1 in 10 above", "USD", "in time")
        return Table(columns, [_spread_cells(*pair) for pair in self._spreads()])


def _flat(risk: Spread) -> dict[str, object]:
    """One row of figures: days_p10 for the 10th percentile of days."""
    row: dict[str, object] = {}
    for name, value in asdict(risk).items():
        parts = value if isinstance(value, dict) else None
        row |= {f"{name}_{key}": held for key, held in parts.items()} if parts else {name: value}
    return row


def _spread_cells(offer: str, risk: Spread) -> tuple[str, ...]:
    days = risk.days
    ends = say.digits(days.p10), say.digits(days.p90)
    return offer, *ends, say.usd_below(risk.cost_usd.p50), f"{risk.p_deadline:.0%}"


@dataclass(frozen=True, repr=False, eq=False)
class Explanation(_Decided):
    """Why the plan won: each offer that lost, and what would change the decision."""

    levers: Levers

    @property
    def frame(self) -> "pd.DataFrame":
        """A row for each offer that lost: why, and below which USD per GPU-hour it would win."""
        import pandas as pd

        return pd.DataFrame([_lost_row(one) for one in self.levers.lost], columns=LOST_COLUMNS)

    def _data(self) -> dict[str, Any]:
        from optimizer.report.told import why_data

        return why_data(self.record, self.levers, self.drawn)

    def _said(self) -> "Iterable[RenderableType]":
        from optimizer.report.told import why_text

        return why_text(self.record, self.levers, self.drawn)

    def _table(self) -> Table:
        rows = [(one.offer, *fleet_cells(one.plan), lost_words(one)) for one in self.levers.lost]
        return Table(("offer that lost", *FLEET, "why"), rows)


def _lost_row(one: Lost) -> dict[str, object]:
    plan = one.plan
    fleet = {key: getattr(plan, key, None) for key in ("gpus", "days", "cost_usd", "mfu")}
    prices = {
        "usd_per_gpu_hour": one.usd_per_gpu_hour,
        "break_even_usd_per_gpu_hour": one.break_even_usd_per_gpu_hour,
    }
    return {"offer": one.offer, "gpu": one.gpu, **fleet, **prices, "reason": lost_words(one)}
