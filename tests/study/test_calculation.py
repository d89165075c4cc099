"""The sum behind a plan: its formulas, computed anew, come to the plan's days and USD."""

from dataclasses import replace
from typing import Any

import pytest
from formulas import value_of
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog, Offer
from optimizer.answer import best_plan
from optimizer.plan.plan import Plan
from optimizer.report.wording.calculation import figure_words
from optimizer.study.calculation import Figure, calculation
from problems import make_question

GPUS = (make_gpu(), make_gpu("old", 300.0))
CONTRACT: dict[str, Any] = {
    "setup_usd": 500.0,
    "egress_usd": 20.0,
    "egress_usd_per_gb": 0.05,
    "minimum_usd": 5000.0,
    "support_share": 0.1,
}
KINDS: dict[str, tuple[Offer, dict[str, Any]]] = {
    "on_demand": (make_offer(), {}),
    "no_storage": (make_offer(), {"storage_price": 0}),
    "lead_and_upfront": (make_offer(lead=100.0, upfront=50.0), {}),
    "commitment": (make_offer(commitment=1000.0, pricing="reserved"), {}),
    "used_commitment": (make_offer(commitment=1.0, pricing="reserved"), {}),
    "block": (make_offer(block_days=(7, 14), pricing="reserved"), {}),
    "spot": (make_offer(pricing="spot"), {"pricing": "spot"}),
    "owned": (
        make_offer("own_big", usd=0.0, provider="own", pricing="owned", purchase=30_000.0),
        {"pricing": "owned"},
    ),
    "three_runs": (make_offer(commitment=500.0, pricing="reserved"), {"runs": 3}),
    "given_speed": (make_offer(), {"mfu": 0.4, "goodput": 0.9}),
    "mixture": (make_offer(), {"model": "8x1B", "active": "2B"}),
    "another_part": (make_offer("beta_old", "old", provider="beta"), {}),
    "contract": (replace(make_offer(), **CONTRACT), {}),
    "committed_contract": (
        replace(make_offer(commitment=1000.0, pricing="reserved"), **CONTRACT),
        {"runs": 2},
    ),
    "minimum_reached": (replace(make_offer(), minimum_usd=1.0, support_share=0.05), {}),
    "support_alone": (replace(make_offer(), support_share=0.05), {}),
}


def decided(catalog: Catalog, **fields: Any) -> tuple[Plan, tuple[Figure, ...]]:
    """The plan of a question and its sum."""
    asked = make_question(**{"model": "1B", "deadline": "30d", **fields})
    answer = best_plan(asked, catalog, today=TODAY)
    assert answer.plan is not None
    return answer.plan, calculation(answer.run, answer.plan, catalog)


@pytest.mark.parametrize("kind", KINDS)
def test_the_formulas_come_to_the_plan(kind: str) -> None:
    """Each formula, over the figures before it, is the figure that stands beside it."""
    offer, fields = KINDS[kind]
    plan, figures = decided(make_catalog([offer], GPUS), **fields)
    known: dict[str, object] = {}
    for figure in figures:
        if figure.formula:
            assert value_of(figure.formula, known) == pytest.approx(figure.value, rel=1e-9)
        known[figure.key] = figure.value
    assert known["total_usd"] == pytest.approx(plan.cost_usd, rel=1e-9)
    assert known["days"] == pytest.approx(plan.days, rel=1e-9)
    assert known["training_flop"] == plan.training_flop


@pytest.mark.parametrize("kind", KINDS)
def test_the_lines_of_the_sum_are_those_of_the_bill(kind: str) -> None:
    """The same lines with the same USD; one that comes to nothing is not on the bill."""
    offer, fields = KINDS[kind]
    plan, figures = decided(make_catalog([offer], GPUS), **fields)
    lines = {figure.name: figure.value for figure in figures if figure.in_total}
    paid = {name: usd for name, usd in lines.items() if usd > 1e-6}
    assert paid == pytest.approx({line.line: line.usd for line in plan.bill}, rel=1e-9)


def test_by_hand() -> None:
    """6 · 1e9 · 20e9 FLOP at 1,000 TFLOP/s, MFU 0.4 and goodput 0.9, at 2 USD."""
    plan, figures = decided(
        make_catalog([make_offer()], GPUS), mfu=0.4, goodput=0.9, storage_price=0
    )
    by_key = {figure.key: figure for figure in figures}
    hours = 6 * 1e9 * 20e9 / (1e15 * 3600 * 0.4 * 0.9)
    assert by_key["run_gpu_hours"].value == pytest.approx(hours)
    assert figures[-1].value == pytest.approx(2 * hours)
    assert figure_words(by_key["training_flop"]) == "1.2e20 FLOP"
    assert by_key["days"].value == pytest.approx(hours / plan.gpus / 24)


def test_names_are_used_once_and_known() -> None:
    """No key stands for two figures, and every name in a formula is one above it."""
    for offer, fields in KINDS.values():
        _, figures = decided(make_catalog([offer], GPUS), **fields)
        keys = [figure.key for figure in figures]
        assert len(keys) == len(set(keys))
        assert all(figure_words(figure) and figure.name for figure in figures)
