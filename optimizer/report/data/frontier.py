"""The frontier as plain data: JSON, and the rows of a CSV file."""

import csv
from math import isinf
from pathlib import Path

from optimizer.answer import Answer
from optimizer.market.run import Run
from optimizer.plan.plan import Plan
from optimizer.report.data.answer import Data, answer_data, plan_data, question_data
from optimizer.report.files import whole_file
from optimizer.report.inert import spreadsheet
from optimizer.study.frontier import Frontier

# What a row of the CSV file has after days and cost_usd, by the plan's own names.
COLUMNS = (
    *("offer", "provider", "gpu", "pricing", "region", "nodes", "gpus_per_node", "gpus"),
    *("block_days", "usd_per_gpu_hour", "gpu_hours", "billed_gpu_hours", "mfu", "mfu_basis"),
    *("goodput", "energy_mwh", "co2_kg", "price_read_on", "source", "promised_days"),
)


def frontier_data(found: Frontier) -> Data:
    """The keys of `frontier --json`; ``asked`` is the position of the question's own plan."""
    points = [
        {"days": point.days, "cost_usd": point.cost_usd, "plan": plan_data(point.plan)}
        for point in found.points
    ]
    return {
        "question": _question_data(found.run),
        "points": points,
        "points_in_all": found.in_all,
        "asked": found.asked,
    }


def no_frontier_data(answer: Answer) -> Data:
    """The keys of `frontier --json` where no plan exists: those of `plan`."""
    return {**answer_data(answer), "question": _question_data(answer.run), "points": []}


def _question_data(run: Run) -> Data:
    """The question; without a deadline of its own it has none."""
    data = question_data(run)
    return {**data, "deadline_days": None} if isinf(run.deadline_hours) else data


def save_csv(found: Frontier, path: Path) -> None:
    """Write one row a point, the cheapest first."""
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("days", "cost_usd", *COLUMNS))
        for point in found.points:
            rows.writerow((point.days, point.cost_usd, *_cells(point.plan)))


def _cells(plan: Plan) -> list[object]:
    values = (getattr(plan, name) for name in COLUMNS)
    return [_cell(value) for value in values]


def _cell(value: object) -> object:
    """A number as it is; a text from elsewhere is no formula and has no control characters."""
    return spreadsheet(value) if isinstance(value, str) else "" if value is None else value
