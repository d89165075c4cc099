"""What would change a decision as plain data, ready for ``json.dumps``."""

from dataclasses import asdict

from optimizer.answer import Answer
from optimizer.report.data.answer import Data, binding_data, plan_data, question_data, reason_data
from optimizer.report.wording.losses import lost_words
from optimizer.study.levers import Levers
from optimizer.study.lost_offers import Lost


def explained_data(answer: Answer, found: Levers) -> Data:
    """The keys of `explain --json`; ``plan`` is null and ``reasons`` say why where none exists."""
    return {
        "status": answer.status,
        "question": question_data(answer.run),
        "plan": None if answer.plan is None else plan_data(answer.plan),
        "lost": [_lost_data(one) for one in found.lost],
        "binding": [binding_data(binding) for binding in found.binding],
        **levers_data(found),
        "others": [asdict(one) for one in found.others],
        "reasons": [reason_data(reason) for reason in answer.reasons],
    }


def levers_data(found: Levers) -> Data:
    """The keys that `plan --json` has as well; null: no such limit, or no such price."""
    return {
        "value_of_a_day_usd": found.value_of_a_day_usd,
        "value_of_a_node_usd": found.value_of_a_node_usd,
        "value_of_a_node_days": found.value_of_a_node_days,
        "winner_loses_above_usd_per_gpu_hour": found.winner_loses_above_usd_per_gpu_hour,
        "winner_loses_to": found.winner_loses_to,
    }


def _lost_data(lost: Lost) -> Data:
    return {
        "offer": lost.offer,
        "gpu": lost.gpu,
        "plan": None if lost.plan is None else plan_data(lost.plan),
        "reason": lost_words(lost),
        "break_even_usd_per_gpu_hour": lost.break_even_usd_per_gpu_hour,
        "usd_per_gpu_hour": lost.usd_per_gpu_hour,
        "quoted": lost.quoted,
    }
