"""Answers as pandas tables, for notebooks; pandas is imported only when one is made."""

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from optimizer.answer import Answer
from optimizer.plan.plan import Plan
from optimizer.report.wording.differences import difference_words
from optimizer.study.compare import Compared

if TYPE_CHECKING:
    import pandas as pd

LOST = ("costs_more_usd", "takes_longer_days", "reason")
PLAN_COLUMNS = (*(field.name for field in fields(Plan)), *LOST)


def plans_frame(answer: Answer) -> "pd.DataFrame":
    """The plan and its runners-up, best first, one row each; empty where no plan exists.

    Columns are the fields of Plan, then costs_more_usd, takes_longer_days and reason.
    """
    import pandas as pd

    if answer.plan is None:
        return pd.DataFrame(columns=PLAN_COLUMNS)
    rows = [{**asdict(answer.plan), "costs_more_usd": 0.0, "takes_longer_days": 0.0, "reason": ""}]
    for other in answer.alternatives:
        lost = {
            "costs_more_usd": other.costs_more_usd,
            "takes_longer_days": other.takes_longer_days,
            "reason": difference_words(other.why),
        }
        rows.append({**asdict(other.plan), **lost})
    return pd.DataFrame(rows)


def comparison_frame(compared: list[Compared]) -> "pd.DataFrame":
    """One row a GPU asked for: its status, its plan's fields, or the limits in the way."""
    import pandas as pd

    rows = []
    for one in compared:
        plan = asdict(one.answer.plan) if one.answer.plan else {}
        limits = ", ".join(dict.fromkeys(reason.limit for reason in one.answer.reasons))
        rows.append({"asked": one.gpu, "status": one.answer.status, "limits": limits, **plan})
    return pd.DataFrame(rows)
