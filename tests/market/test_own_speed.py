"""A speed as a framework logs it, or in tokens a second, becomes an MFU by 6·N·D."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mini_catalog import sixnd
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog, load_catalog
from optimizer import Answer, best_plan
from optimizer.market.curve_file import CurveError
from optimizer.plan.estimate import Estimate, estimate_fleet
from optimizer.report.wording.limits import ruled_out_words
from optimizer.report.wording.reasons import reason_words
from problems import ProblemError, as_command, load_problem, make_question

Capture = pytest.CaptureFixture[str]
FLEET = {"gpu": "h100_sxm", "gpus": 8, "usd_per_gpu_hour": 2}
SHIPPED = load_catalog()
PARTS = ["h100_sxm", "b200_sxm", "h100_nvl"]
MARKET = make_catalog(
    [make_offer(f"alpha_{part}", part, most=512) for part in PARTS],
    [replace(SHIPPED.gpus[part], scale_up="nvswitch", scale_up_gpus=8) for part in PARTS],
)
MARKET = replace(MARKET, frameworks=SHIPPED.frameworks, framework_peaks=SHIPPED.framework_peaks)


def estimate(catalog: Catalog = SHIPPED, /, **fields: object) -> Estimate:
    """An 8B model at 32k tokens on 8 H100."""
    asked: dict[str, Any] = {"model": "llama-3.1-8b", "seq_len": "32k", "fleet": FLEET, **fields}
    return estimate_fleet(make_question("", **asked), catalog, today=TODAY)


def plan(catalog: Catalog = MARKET, /, **fields: object) -> Answer:
    """The best plan for an 8B model among the three parts."""
    asked: dict[str, Any] = {"model": "llama-3.1-8b", "tokens": "1T", "seq_len": "8k", **fields}
    return best_plan(make_question("", **asked), catalog, today=TODAY)


def mistakes(**fields: object) -> str:
    """What is wrong with these fields."""
    with pytest.raises(ProblemError) as caught:
        estimate(**fields)
    return "\n".join(caught.value.mistakes)


def said(answer: Estimate | Answer, name: str) -> tuple[str, str]:
    """The value and the source of an assumption."""
    (one,) = [found for found in answer.assumptions if found.name == name]
    return one.value, one.source


# By hand

WEIGHTS = 8e9 - 128_256 * 4096
TORCHTITAN_32K = 6 * WEIGHTS + 12 * 32 * 4096 * 32768
CAUSAL_32K = 6 * WEIGHTS + 6 * 32 * 4096 * 32768


def test_an_mfu_of_torchtitan_at_long_context_is_half_of_it() -> None:
    """84 % counts attention in full: 6·N·D is half of what torchtitan counts at 32k."""
    found = estimate(mfu="0.84@torchtitan")
    by_hand = 0.84 * 989 / TORCHTITAN_32K * 6 * 8e9 / 989.4
    assert found.mfu == pytest.approx(by_hand)
    assert found.mfu == pytest.approx(0.84 / 2.0043, rel=0.005)
    bare = estimate(mfu="0.84")
    assert found.days / bare.days == pytest.approx(0.84 / by_hand)
    value, source = said(found, "mfu")
    assert value == (
        "0.84@torchtitan at 32,768 tokens of context is 41.8 % by 6·N·D over 989.4 TFLOP/s"
    )
    assert "torchtitan 0.3.0 counts" in source
    assert "divides by 989 TFLOP/s on H100 SXM5 80GB" in source


def test_tflops_of_megatron_count_half_of_the_attention() -> None:
    """What it counts a token, over what we count, whatever the part."""
    found = estimate(tflops_per_gpu="600@Megatron-LM")
    assert found.mfu == pytest.approx(600 / CAUSAL_32K * 6 * 8e9 / 989.4)
    value, source = said(found, "tflops_per_gpu")
    assert value.startswith("600 TFLOP/s@megatron-bridge at 32,768 tokens")
    assert "divides" not in source


def test_tokens_a_second_need_no_convention() -> None:
    """MFU = 6·N·tokens a second over the peak; nothing is assumed about it."""
    found = estimate(tokens_per_second_per_gpu="8.5k tok/s")
    assert found.mfu == pytest.approx(6 * 8e9 * 8500 / 989.4e12)
    days = 20 * 8e9 / (8 * 8500) / 86400
    assert found.days == pytest.approx(days)
    assert not {"mfu", "tokens_per_second_per_gpu"} & {one.name for one in found.assumptions}


def test_tokens_of_a_mixture_go_through_its_active_parameters() -> None:
    """N is what a token passes."""
    found = estimate(model="mixtral-8x7b", tokens_per_second_per_gpu=4000)
    assert found.mfu == pytest.approx(6 * 12.9e9 * 4000 / 989.4e12)


def test_one_run_is_the_same_run_in_every_framework() -> None:
    """5,000 tokens a second, as five frameworks would log them."""
    rate = 5000
    counted = {"torchtitan": TORCHTITAN_32K, "maxtext": CAUSAL_32K, "nemo": CAUSAL_32K}
    expected = 6 * 8e9 * rate / 989.4e12
    for name, flop in counted.items():
        found = estimate(tflops_per_gpu=f"{flop * rate / 1e12:.9f}@{name}")
        assert found.mfu == pytest.approx(expected, rel=1e-6)
    for name, peak in {"torchtitan": 989, "lightning": 989.4, "composer": 989.5}.items():
        found = estimate(mfu=f"{TORCHTITAN_32K * rate / peak / 1e12:.9f}@{name}")
        assert found.mfu == pytest.approx(expected, rel=1e-6)


def test_a_figure_without_a_name_is_ours_and_the_answer_says_so() -> None:
    """As it was before; so is one that is marked as ours."""
    for written in ("0.42", "0.42@sixnd", "42%@6ND"):
        found = estimate(mfu=written)
        assert found.mfu == 0.42
        value, source = said(found, "mfu")
        assert value == "read as 6·N·D over the dense peak"
        assert source == "--mfu 0.42@torchtitan for a framework's own figure"
    found = estimate(tflops_per_gpu="400@6nd")
    assert found.mfu == pytest.approx(400 / 989.4)
    assert said(found, "tflops_per_gpu")[0].startswith("read as 6·N·D")


def test_the_whole_run_s_goodput_is_one() -> None:
    """As of every speed of the user's own."""
    for speed in (
        {"mfu": "0.8@torchtitan"},
        {"tflops_per_gpu": "500@nemo"},
        {"tokens_per_second_per_gpu": 8000},
    ):
        assert estimate(**speed).goodput == 1
        assert estimate(**speed, goodput=0.9).goodput == 0.9


# Several parts


def test_each_part_converts_with_its_own_peak() -> None:
    """lightning takes the NVL for a part of twice its rate, so the same MFU is twice the speed."""
    found = {part: plan(mfu="0.4@lightning", gpu=part).plan for part in ("h100_sxm", "h100_nvl")}
    assert found["h100_sxm"] is not None
    assert found["h100_nvl"] is not None
    assert found["h100_sxm"].mfu_basis == "given"
    twice = (1978.8 / 835.5) / (989.4 / 989.4)
    assert found["h100_nvl"].mfu / found["h100_sxm"].mfu == pytest.approx(twice)
    both = plan(mfu="0.4@lightning", deadline="60d")
    assert both.plan is not None
    assert both.plan.gpu == "h100_nvl"
    assert "the sparse rate" in said(both, "mfu")[1]


def test_parts_without_a_peak_drop_out_with_the_reason() -> None:
    """lightning logs no MFU on a B200."""
    found = plan(mfu="0.4@lightning", deadline="60d")
    (ruled,) = [one for one in found.ruled_out if one.gpu == "b200_sxm"]
    assert ruled.limit == "mfu"
    assert "lightning 2.6.6 has no peak for B200 SXM" in ruled_out_words(ruled)[0]
    assert "--tokens-per-second-per-gpu needs no convention" in ruled_out_words(ruled)[0]


def test_no_part_is_left() -> None:
    """The reason of the parts is the answer's."""
    found = plan(mfu="0.4@lightning", gpu="b200_sxm")
    assert found.plan is None
    assert "logs no MFU" in next(reason_words(r)[1] for r in found.reasons if r.limit == "mfu")
    found = plan(tokens_per_second_per_gpu=100_000)
    (reason,) = found.reasons
    assert reason.limit == "tokens_per_second_per_gpu"
    assert "100,000 tokens a second is 4,800 TFLOP/s by 6·N·D" in reason_words(reason)[1]


def test_an_mfu_above_one_can_be_a_framework_s() -> None:
    """On an NVL by torchtitan 1.1 is below the peak at long context, and 1.9 is above."""
    assert plan(mfu="1.1@torchtitan", gpu="h100_sxm").plan is not None
    found = plan(mfu="1.9@torchtitan", gpu="h100_sxm")
    assert found.plan is None
    assert "and h100_sxm peaks at 989.4" in reason_words(found.reasons[0])[1]


# Mistakes


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"mfu": "0.4@torchtitian"}, ("mfu: unknown framework", "mean 'torchtitan'?", "maxtext")),
        ({"tflops_per_gpu": "400@x"}, ("tflops_per_gpu: unknown framework 'x'; known: composer",)),
        ({"mfu": "0.4@"}, ("names no framework", "0.42@torchtitan")),
        ({"mfu": "40@torchtitan"}, ("out of range", "0.42@torchtitan for 42 %")),
        ({"mfu": "my.csv@torchtitan"}, ("'my.csv' is a curve", "without @torchtitan")),
        ({"mfu": "0.4@nemo"}, ("logs no MFU", "--tflops-per-gpu 400@megatron-bridge")),
        ({"mfu": "0.4@torchtitan", "precision": "fp8"}, ("mfu, precision: which peak",)),
        ({"mfu": "2.5@torchtitan"}, ("1,231 TFLOP/s by 6·N·D, is above", "at most 2.008")),
        ({"tflops_per_gpu": "5000@nemo"}, ("above the dense bf16 peak", "at most 1455")),
        ({"tokens_per_second_per_gpu": 80_000}, ("3,840 TFLOP/s by 6·N·D", "at most 20610")),
        ({"tokens_per_second_per_gpu": 0}, ("tokens_per_second_per_gpu: 0 is not above zero",)),
        ({"mfu": "0.4", "tokens_per_second_per_gpu": 9}, ("both say how fast a GPU is",)),
        (
            {"mfu": "0.4", "tflops_per_gpu": 4, "tokens_per_second_per_gpu": 9},
            ("mfu, tflops_per_gpu, tokens_per_second_per_gpu: all say", "leave the others out"),
        ),
        (
            {"mfu": "0.4@composer", "fleet": {"gpu": "b200_sxm", "gpus": 8}},
            ("composer 0.32.1 has no peak for B200 SXM", "needs no convention"),
        ),
    ],
)
def test_mistakes_say_what_to_do(fields: dict[str, object], words: tuple[str, ...]) -> None:
    """Where, what, what was expected."""
    found = mistakes(**fields)
    for word in words:
        assert word in found


@pytest.mark.parametrize("key", ["mfu", "tflops_per_gpu", "tokens_per_second_per_gpu"])
def test_what_is_offered_as_the_most_works(key: str) -> None:
    """The figure of the message, fed back in, is below the peak."""
    by = "" if key.startswith("tokens") else "@torchtitan"
    most = mistakes(**{key: f"{'9' if key == 'mfu' else '1e5'}{by}"}).rpartition("at most ")[2]
    assert 0.999 < estimate(**{key: f"{most}{by}"}).mfu <= 1


# The ways to ask


def test_files_options_and_json(tmp_path: Any, capsys: Capture) -> None:
    """A key of a problem file, an option, a figure of the answer; a command that asks it again."""
    file = tmp_path / "mine.toml"
    file.write_text(
        "[run]\nmodel = '8B'\n[assumptions]\ntokens_per_second_per_gpu = 3400\n", encoding="utf-8"
    )
    asked = load_problem(file)
    assert asked.tokens_per_second_per_gpu == 3400
    assert as_command(asked) == "sixnd plan 8B --tokens-per-second-per-gpu 3.4k"
    fleet = ("estimate", "8B", "--gpu", "h100_sxm", "--gpus", "8", "--json")
    question = json.loads(sixnd(capsys, *fleet, "--mfu", "84%@TorchTitan").out)["question"]
    assert question["mfu"] == "0.84@torchtitan"
    question = json.loads(sixnd(capsys, *fleet, "--tflops-per-gpu", "400@megatron").out)["question"]
    assert question["tflops_per_gpu"] == "400@megatron"
    question = json.loads(sixnd(capsys, *fleet, "--tokens-per-second-per-gpu", "3400").out)[
        "question"
    ]
    assert question["tokens_per_second_per_gpu"] == 3400
    ran = sixnd(capsys, "plan", "8B", "--mfu", "0.4@torchtitian")
    assert ran.code == 2
    assert "--mfu: unknown framework 'torchtitian'" in ran.err


def test_afford_takes_no_tokens_a_second(capsys: Capture) -> None:
    """They are of one model, and the question is which one."""
    ran = sixnd(capsys, "afford", "--budget", "1M", "--tokens-per-second-per-gpu", "3400")
    assert ran.code == 2
    assert "tokens a second are of one model" in ran.err


def test_a_catalog_of_one_s_own_knows_the_frameworks() -> None:
    """A part that nobody lists is what the framework takes an unknown one for."""
    own = replace(MARKET, gpus={"big": make_gpu()}, offers=(make_offer(),))
    curve = make_catalog([make_offer()], [make_gpu()]).efficiency
    own = replace(own, efficiency=curve)
    fleet = {"gpu": "big", "gpus": 8, "usd_per_gpu_hour": 2}
    found = estimate(own, mfu="0.84@olmo-core", fleet=fleet)
    assert found.mfu == pytest.approx(0.84 * 312 / CAUSAL_32K * 6 * 8e9 / 1000, rel=1e-4)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_no_file_of_an_mfu(tmp_path: Path) -> None:
    """Nothing is waited for."""
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(CurveError, match=r"pipe\.csv: is no regular file; expected a CSV"):
        estimate(mfu=str(tmp_path / "pipe.csv"))
