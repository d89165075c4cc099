"""The judge: a true plan passes, and every figure that is bent is caught."""

from dataclasses import fields, replace
from datetime import date

import pytest
from check_cases import CATALOG, PLANS, planned, planned_as
from small_catalog import make_catalog, make_offer

from optimizer.answer import BrokenPlanError
from optimizer.market.run import make_run
from optimizer.plan.bill import BillLine
from optimizer.plan.check import broken_promises
from optimizer.plan.plan import Plan
from optimizer.plan.ranges import Span
from problems import make_question


def test_a_true_plan_keeps_its_promises() -> None:
    """Nothing to say about a plan that is right."""
    for kind in PLANS:
        plan, run, catalog, curve = planned_as(kind)
        assert broken_promises(plan, run, catalog, curve) == []


# Words for a reader; what they say is in fields of their own.
WORDS = ("energy_basis", "remarks")
# What a tenth more would not make wrong, or is no number.
BENT: dict[str, object] = {
    "bill": (),
    "block_days": 365,
    "days_range": Span(1.0, 2.0),
    "cost_usd_range": Span(1.0, 1e12),
    "mfu_range": Span(0.9, 0.91),
    "layout": None,
    "memory_gb_per_gpu": 79.0,
    "mfu_basis": "given",
    "mfu_sources": ("nowhere",),
    "price_read_on": date(2020, 1, 1),
    "checkpoint_minutes": 1.0,
    "promised_days": 3.0,
}


def bent(plan: Plan, field: str) -> Plan:
    """The plan with one figure wrong: a tenth more, another name."""
    said = getattr(plan, field)
    wrong = BENT.get(field, "another")
    if field not in BENT and not isinstance(said, str):
        wrong = said + (1 if isinstance(said, int) else 0.1 * said or 0.1)
    assert wrong != said, field
    return replace(plan, **{field: wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", [f.name for f in fields(Plan) if f.name not in WORDS])
def test_a_bent_figure_is_caught(field: str) -> None:
    """Each figure of a plan is computed again, not believed."""
    kinds = ["laid out"] if field == "layout" else PLANS
    for kind in kinds:
        plan, run, catalog, curve = planned_as(kind)
        if field == "layout":
            assert plan.layout is not None
            wrong = replace(plan, layout=replace(plan.layout, data=plan.layout.data + 1))
        else:
            wrong = bent(plan, field)
        assert broken_promises(wrong, run, catalog, curve), kind


LAID_OUT = ("gpus", "gpus_per_node", "tensor", "pipeline", "context", "data", "idle")
SHARED = ("micro_batch", "micro_batches", "sequences", "seq_len")


@pytest.mark.parametrize("field", [*LAID_OUT, *SHARED])
def test_a_layout_that_does_not_add_up_is_caught(field: str) -> None:
    """Each rank lies on a GPU that runs, and each sequence of a step in one micro-batch."""
    plan, run, catalog, curve = planned_as("laid out")
    assert plan.layout is not None
    more = {field: getattr(plan.layout, field) + 1}
    wrong = replace(plan, layout=replace(plan.layout, **more))
    said = broken_promises(wrong, run, catalog, curve)
    assert any(one.startswith("layout: ") for one in said)


@pytest.mark.parametrize("kind", ["rented", "contract", "owned", "spot", "laid out"])
def test_each_line_of_a_bill_is_caught(kind: str) -> None:
    """A tenth dearer or left out, with the total as it was or as it then adds up."""
    plan, run, catalog, curve = planned_as(kind)
    for place, line in enumerate(plan.bill):
        for usd in (1.1 * line.usd, 0.0):
            bill = (*plan.bill[:place], replace(line, usd=usd), *plan.bill[place + 1 :])
            total = sum(one.usd for one in bill)
            for wrong in (replace(plan, bill=bill), replace(plan, bill=bill, cost_usd=total)):
                said = broken_promises(wrong, run, catalog, curve)
                assert any(one.startswith("bill") for one in said), (kind, line.line)
    more = (*plan.bill, BillLine("goodwill", 100.0, ""))
    wrong = replace(plan, bill=more, cost_usd=plan.cost_usd + 100)
    assert "bill, goodwill: 100.00 USD for what no formula has" in broken_promises(
        wrong, run, catalog, curve
    )


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({"deadline": "1h"}, "deadline"),
        ({"budget": "1 USD"}, "budget"),
        ({"max_gpus": 1}, "max_gpus"),
        ({"gpu": "small"}, "gpu"),
        ({"pricing": "spot"}, "pricing"),
        ({"region": "eu"}, "region"),
        ({"provider": "gamma"}, "provider"),
        ({"exclude_gpu": "big"}, "gpu"),
        ({"exclude_provider": "alpha"}, "provider"),
        ({"exclude_region": "US"}, "region"),
        ({"fabric": "efa"}, "fabric"),
        ({"quota": {"alpha": 7}}, "gpus"),
        ({"power_cap": "1kW"}, "power_cap"),
    ],
)
def test_a_broken_limit_is_caught(fields: dict[str, object], limit: str) -> None:
    """A plan made for one question is not a plan for a stricter one."""
    plan, _, curve = planned()
    other = make_offer("gamma_small", gpu="small", provider="gamma", region="eu", pricing="spot")
    wider = replace(CATALOG, offers=(*CATALOG.offers, other))
    run = make_run(make_question("", **{"model": "8B", **fields}), wider)
    assert any(broken.startswith(limit) for broken in broken_promises(plan, run, wider, curve))


@pytest.mark.parametrize("field", ["gpus", "goodput", "mfu", "cost_usd", "runs", "gpu_hours"])
@pytest.mark.parametrize("nothing", [0, -1, float("nan")])
def test_a_plan_of_nothing_is_caught(field: str, nothing: float) -> None:
    """Where nothing can be computed, there is an answer all the same."""
    plan, run, curve = planned()
    (said,) = broken_promises(replace(plan, **{field: nothing}), run, CATALOG, curve)  # type: ignore[arg-type]
    assert said == f"{field}: {nothing}, expected more than 0"
    backwards = replace(plan, mfu_range=Span(0.5, nothing))
    assert broken_promises(backwards, run, CATALOG, curve) == [f"mfu_range: 0.5 to {nothing:g}"]


def test_an_offer_that_is_gone_is_caught() -> None:
    """The offer must be in the catalog that the plan is checked against."""
    plan, run, curve = planned()
    assert broken_promises(plan, run, make_catalog([make_offer("other")]), curve)


def test_a_broken_plan_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the check finds something, there is an error instead of an answer."""
    monkeypatch.setattr("optimizer.answer.broken_promises", lambda *_: ["cost_usd: wrong"])
    with pytest.raises(BrokenPlanError, match="cost_usd: wrong"):
        planned()


def test_the_user_s_own_speed_is_checked_too() -> None:
    """TFLOP/s and MFU that a user gave are promises like the catalog's."""
    for speed in ({"mfu": 0.3}, {"tflops_per_gpu": 250}, {"tokens_per_second_per_gpu": 5000}):
        plan, run, curve = planned(**speed)
        assert broken_promises(plan, run, CATALOG, curve) == []
        assert broken_promises(replace(plan, mfu=plan.mfu * 1.01), run, CATALOG, curve)
