"""The sensitivity of a plan as plain data."""

from dataclasses import asdict

from optimizer.answer import Answer
from optimizer.market.run import Run
from optimizer.report.data.answer import Data, answer_data, plan_data, question_data
from optimizer.study.sensitivity import Sensitivity


def sensitivity_data(run: Run, found: Sensitivity) -> Data:
    """The keys of `sensitivity --json`; a case or flip without a plan has no offer."""
    return {
        "question": question_data(run),
        "plan": plan_data(found.base),
        "cases": [asdict(case) for case in found.cases],
        "flips": [asdict(flip) for flip in found.flips],
    }


def no_sensitivity_data(answer: Answer) -> Data:
    """The keys of `sensitivity --json` where no plan exists: those of `plan`, and no cases."""
    return {**answer_data(answer), "cases": [], "flips": []}
