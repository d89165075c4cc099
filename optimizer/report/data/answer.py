"""Answers as plain data with the documented keys, ready for ``json.dumps``."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from catalog import Gpu, Offer, UnplannedGpu
from catalog.units import HOURS_PER_DAY
from optimizer.answer import Alternative, Answer
from optimizer.explain.binding import Binding
from optimizer.explain.capacity import Standing
from optimizer.explain.held import Held
from optimizer.explain.reason import Reason
from optimizer.explain.ruled_out import RuledOut
from optimizer.market.run import Run
from optimizer.plan.plan import Plan
from optimizer.program.decide import Proof
from optimizer.report.launch.split import split_flags
from optimizer.report.wording.differences import difference_words
from optimizer.report.wording.limits import asked_words, ruled_out_words, without_words
from optimizer.report.wording.reasons import reason_words
from optimizer.step.launch import Launch
from problems.question import ROWS

if TYPE_CHECKING:
    from optimizer.plan.estimate import Estimate
    from optimizer.study.compare import Compared
    from optimizer.study.rent_or_buy import PricingComparison

Data = dict[str, Any]

# What a reader looks for first in a question.
FIRST = (
    *("name", "model", "parameters", "active_parameters", "tokens"),
    *("deadline_days", "max_gpus", "budget_usd"),
)


def answer_data(answer: Answer) -> Data:
    """The keys of `plan --json`."""
    if answer.plan is None or answer.proof is None:
        return {
            "status": answer.status,
            "question": question_data(answer.run),
            "reasons": [reason_data(reason) for reason in answer.reasons],
            "ruled_out": [ruled_out_data(model) for model in answer.ruled_out],
            "assumptions": [asdict(assumption) for assumption in answer.assumptions],
            "warnings": list(answer.warnings),
            **_catalog_data(answer),
        }
    return {
        "status": answer.status,
        "question": question_data(answer.run),
        "plan": plan_data(answer.plan),
        "proof": _proof_data(answer.proof, answer.plan, answer.run),
        "alternatives": [_alternative_data(other) for other in answer.alternatives],
        "ruled_out": [ruled_out_data(model) for model in answer.ruled_out],
        "binding": [binding_data(binding) for binding in answer.binding],
        "assumptions": [asdict(assumption) for assumption in answer.assumptions],
        "warnings": list(answer.warnings),
        "pilot": asdict(answer.pilot) if answer.pilot else None,
        "offers_compared": answer.offers_compared,
        "oldest_price": _day(answer.oldest_price),
        "newest_price": _day(answer.newest_price),
        "stacks": [asdict(one) for one in answer.stacks],
        "published": [asdict(one) for one in answer.published],
        "capacity": None if answer.standing is None else capacity_data(answer.standing),
        **_catalog_data(answer),
    }


def capacity_data(standing: Standing) -> Data:
    """What the plan's size rests on; ``gpus`` and ``source`` are None where nobody publishes it."""
    return {
        "class": standing.capacity,
        "claims": standing.claims,
        "gpus": standing.gpus,
        "source": standing.source or None,
        "publisher": standing.publisher or None,
        "judged_gpus": standing.judged_gpus,
        "given_gpus": standing.given_gpus,
        "only": [asdict(one) for one in standing.only],
        "contract": [asdict(one) for one in standing.contracts],
    }


def _catalog_data(answer: Answer) -> Data:
    """Which catalog the answer rests on, what is to be said of its quotes and of odd prices."""
    snapshot = {"name": answer.snapshot.name, "date": answer.snapshot.date.isoformat()}
    return {
        "snapshot": snapshot,
        "remarks": list(answer.remarks),
        "held_back": [_held_data(held) for held in answer.held_back],
        "accepted": [_held_data(held) | {"decides": held.decides} for held in answer.accepted],
    }


def _held_data(held: Held) -> Data:
    return {"offer": held.offer, **asdict(held.doubt)}


def question_data(run: Run) -> Data:
    """The question with its defaults filled in, in the units that the keys name."""
    data: Data = {"parameters": run.shape.parameters}
    filled = run.filled
    for key, row in ROWS.items():
        if row.in_json:
            data[row.key or key] = row.value(getattr(filled, key))
    first = {key: data[key] for key in FIRST}
    return {**first, **data, "shape": asdict(run.shape)}


def plan_data(plan: Plan) -> Data:
    """The keys of one plan."""
    data = asdict(plan)
    data["price_read_on"] = plan.price_read_on.isoformat()
    for name in ("mfu_sources", "remarks", "bill"):
        data[name] = list(data[name])
    data["layout"], data["launch"] = layout_data(plan.layout), launch_data(plan.layout)
    return data


def layout_data(launch: Launch | None) -> Data | None:
    """All of a layout, what its replicas share in words too."""
    return None if launch is None else {**asdict(launch), "sharding": launch.sharding}


def launch_data(launch: Launch | None) -> Data | None:
    """A layout as launchers take it, and the flags of its split; None where none is known."""
    if launch is None:
        return None
    return {
        "global_batch_sequences": launch.sequences,
        "micro_batches": launch.micro_batches,
        "data_parallel": launch.data,
        "tensor": launch.tensor,
        "pipeline": launch.pipeline,
        "interleave": launch.interleave,
        "context": launch.context,
        "expert": launch.expert,
        "idle_gpus": launch.idle,
        "flags": split_flags(launch),
    }


def _alternative_data(other: Alternative) -> Data:
    return {
        **plan_data(other.plan),
        "costs_more_usd": other.costs_more_usd,
        "takes_longer_days": other.takes_longer_days,
        "reason": difference_words(other.why),
    }


def _proof_data(proof: Proof, plan: Plan, run: Run) -> Data:
    """USD where cost is minimized; where time is, its own keys and no bound in USD."""
    data: Data = {"solver": proof.solver, "gap": proof.gap}
    if run.objective == "cost":
        return {**data, "objective_usd": proof.objective, "bound_usd": proof.bound}
    days = {"objective_days": proof.objective, "bound_days": proof.bound}
    data["objective_usd"] = plan.cost_usd
    return {**data, "bound_usd": None, **{k: v / HOURS_PER_DAY for k, v in days.items()}}


def reason_data(reason: Reason) -> Data:
    """One limit with the change that lifts it; ``try`` is None where none does alone."""
    asked, needed = reason_words(reason)
    return {
        "limit": reason.limit,
        "asked": asked,
        "needed": needed,
        "try": reason.options or None,
    }


def ruled_out_data(model: RuledOut) -> Data:
    """A GPU model without a fleet, and what stands in the way in a sentence and in few words."""
    reason, short = ruled_out_words(model)
    return {"gpu": model.gpu, "limit": model.limit, "reason": reason, "short": short}


def binding_data(binding: Binding) -> Data:
    """A limit that binds, what was asked of it, and the plan without it."""
    return {
        "limit": binding.limit,
        "asked": asked_words(binding.limit, binding.found),
        "without": without_words(binding),
    }


def comparison_data(compared: "list[Compared]") -> Data:
    """The keys of `compare --json`."""
    return {"fleets": [{"gpu": one.gpu, **_plan_or_reasons(one.answer)} for one in compared]}


def pricing_data(compared: "PricingComparison") -> Data:
    """The keys of `compare --by pricing --json`."""
    even = compared.break_even
    buy = asdict(even.buy) if even.buy else {}
    return {
        "question": question_data(compared.run),
        "fleets": [
            {"pricing": one.pricing, **_plan_or_reasons(one.answer)} for one in compared.fleets
        ],
        "break_even": {
            "runs": buy.get("runs"),
            "months": buy.get("months"),
            "buy": buy.get("cheaper"),
            "buy_usd": buy.get("cheaper_usd"),
            "rent": buy.get("dearer"),
            "rent_usd": buy.get("dearer_usd"),
            "purchase_usd": even.purchase_usd,
            "runs_without_resale": even.buy_unsold.runs if even.buy_unsold else None,
            "months_without_resale": even.buy_unsold.months if even.buy_unsold else None,
            "resale_usd": even.resale_usd,
            "reserve": asdict(even.reserve) if even.reserve else None,
        },
    }


def _plan_or_reasons(answer: Answer) -> Data:
    """One fleet of a comparison: its status, and its plan or why there is none."""
    entry: Data = {"status": answer.status}
    if answer.plan is None:
        return {**entry, "reasons": [reason_data(reason) for reason in answer.reasons]}
    return {**entry, "plan": plan_data(answer.plan), "warnings": list(answer.warnings)}


def estimate_data(estimate: "Estimate") -> Data:
    """The keys of `estimate --json`."""
    return {
        "question": question_data(estimate.run),
        "gpu": estimate.gpu.gpu,
        "gpu_name": estimate.gpu.name,
        "precision": estimate.precision,
        "gpus": estimate.gpus,
        "gpus_per_node": estimate.gpus_per_node,
        "days": estimate.days,
        "lead_days": estimate.lead_days,
        "days_range": asdict(estimate.days_range),
        "gpu_hours": estimate.gpu_hours,
        "cost_usd": estimate.cost_usd,
        "cost_usd_range": asdict(estimate.cost_usd_range) if estimate.cost_usd_range else None,
        "mfu": estimate.mfu,
        "pilot": asdict(estimate.pilot) if estimate.pilot else None,
        "goodput": estimate.goodput,
        "training_flop": estimate.run.flop,
        "usd_per_gpu_hour": estimate.usd_per_gpu_hour,
        "layout": layout_data(estimate.layout),
        "memory_gb_per_gpu": estimate.memory_gb_per_gpu,
        "launch": launch_data(estimate.layout),
        "price_basis": estimate.price_basis,
        "price_read_on": _day(estimate.price_read_on),
        "assumptions": [asdict(assumption) for assumption in estimate.assumptions],
        "warnings": list(estimate.warnings),
        "stacks": [asdict(one) for one in estimate.stacks],
        "published": [asdict(one) for one in estimate.published],
    }


def row_data(row: Gpu | UnplannedGpu | Offer) -> Data:
    """A row of the catalog, dates as text."""
    return {key: _plain(value) for key, value in asdict(row).items()}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
