"""Layouts that sixnd prints are ones that real launchers start: more than 200, judged by both."""

import pytest

from judges import megatron, torchtitan
from judges.installed import needs_megatron, needs_torchtitan
from judges.layouts import (
    Case,
    cases,
    layout_of,
    megatron_words,
    stand_in_words,
    torchtitan_words,
)
from judges.torchtitan import Model
from optimizer.report.launch.refusal import ExportError
from problems.presets import presets

PARTS = 8
ENOUGH = 200


def test_every_model_and_part_is_judged() -> None:
    told = [case for case in cases() if case.megatron and case.torchtitan]
    assert len(told) >= ENOUGH
    assert {case.model for case in cases()} == {shape.name for shape in presets()}
    assert len({case.gpu for case in told}) == PARTS


@pytest.mark.parametrize("case", [c for c in cases() if not c.megatron], ids=str)
def test_what_megatron_has_no_flags_for_is_said(case: Case) -> None:
    with pytest.raises(ExportError, match="expected"):
        megatron_words(layout_of(case))


@pytest.mark.parametrize("case", [c for c in cases() if not c.torchtitan], ids=str)
def test_what_torchtitan_has_no_words_for_is_said(case: Case) -> None:
    with pytest.raises(ExportError, match="expects"):
        stand_in_words(layout_of(case))


@needs_megatron
@pytest.mark.parametrize("case", [c for c in cases() if c.megatron], ids=str)
def test_megatron_starts_it(case: Case) -> None:
    layout = layout_of(case)
    assert megatron.refusal(megatron_words(layout), layout.launch.gpus) is None, layout.launch


@needs_torchtitan
@pytest.mark.parametrize("case", [c for c in cases() if c.torchtitan], ids=str)
def test_torchtitan_starts_it(case: Case) -> None:
    layout = layout_of(case)
    model: Model | None = None
    try:
        words = torchtitan_words(layout)
    except ExportError:  # not shipped: the layout alone is judged
        words, model = stand_in_words(layout)
    assert torchtitan.refusal(words, layout.launch.gpus, model) is None, layout.launch
