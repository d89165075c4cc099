"""What is said of a speed that rests on little: a stack, a pilot, a precision, a figure."""

from pathlib import Path

import pytest
from mini_catalog import sixnd

Capture = pytest.CaptureFixture[str]
PLAN = ("plan", "70B", "--deadline", "30d")
H100 = ("estimate", "70B", "--gpu", "h100_sxm", "--gpus", "512")


def said(capsys: Capture, *words: str) -> str:
    """The answer with its line breaks taken out."""
    ran = sixnd(capsys, *words)
    assert (ran.code, ran.err) == (0, "")
    return " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("stack", "warned"),
    [("neuronx", True), ("megatron", False), ("tuned", False), ("ordinary", False)],
)
def test_a_stack_that_published_nothing_of_the_kind_is_told(
    capsys: Capture, stack: str, warned: bool
) -> None:
    """NeuronX never trained a dense model on GPUs; stacks in general did."""
    what = "no published run of neuronx of this kind (dense 16 bit): taken as tuned stacks"
    assert (what in said(capsys, *PLAN, "--stack", stack)) == warned


@pytest.mark.parametrize(("rate", "warned"), [(215, True), (760, False), (2000, True)])
def test_a_pilot_far_from_the_prediction_is_told(
    capsys: Capture, tmp_path: Path, rate: float, warned: bool
) -> None:
    """70B on 64 H100 reaches about 900 tokens a second and GPU."""
    file = tmp_path / "pilots.csv"
    file.write_text(f"gpu,gpus,tokens_per_sec_per_gpu\nh100_sxm,64,{rate}\n", encoding="utf-8")
    answer = said(capsys, *H100, "--pilot", str(file))
    assert ("believed only in part: check its rate" in answer) == warned


@pytest.mark.parametrize(("precision", "warned"), [("nvfp4", True), ("fp8", False)])
def test_four_bits_are_told_of(capsys: Capture, precision: str, warned: bool) -> None:
    """What they do to a model is in none of the figures."""
    answer = said(capsys, *PLAN, "--precision", precision)
    assert ("few models were trained in 4 bits" in answer) == warned


def test_a_figure_beyond_what_was_published_is_told_of_a_given_fleet_too(capsys: Capture) -> None:
    """As of a plan."""
    assert "an MFU of 70% is more than large fleets" in said(capsys, *H100, "--mfu", "0.7")


@pytest.mark.slow
def test_the_error_that_is_quoted_is_of_the_kind_asked_for(capsys: Capture) -> None:
    """A mixture in 8 bit is not vouched for by dense models in 16."""
    answer = said(capsys, "plan", "deepseek-v3", "--precision", "fp8", "--tokens", "1T")
    assert "(mixture 8 bit)" in answer
    assert "(dense 16 bit)" not in answer


def test_layouts_of_tpus_are_not_printed(capsys: Capture) -> None:
    """They are searched as GPUs' are, which is not how meshes are split."""
    answer = said(capsys, "estimate", "70B", "--gpu", "tpu_v5p", "--gpus", "1024")
    assert "layout" not in answer
