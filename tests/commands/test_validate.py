"""`sixnd validate`: predicted against published runs, shipped ones and a file's."""

import json
from pathlib import Path
from typing import Any

import pytest
from mini_catalog import Ran, sixnd

HEADER = (
    "id,kind,model,params_b,layers,hidden,heads,ffn,vocab,seq_len,global_batch_tokens,gpu,gpus,"
)
HEADER += "gpus_per_node,precision,tp,pp,dp,micro_batch,activation_recompute,"
HEADER += "tokens_per_sec_per_gpu,year,source,extra\n"
# LLaMA 65B on 2,048 A100 80 GB: 380 tokens a second and GPU (arXiv:2302.13971, section 2.3).
ROW = "llama65,benchmark,LLaMA 65B,65.2,80,8192,64,22016,32000,2048,4194304,A100-SXM4-80GB,2048,"
ROW += "8,bf16,8,8,32,1,,380,2023,llama paper,ignored\n"
Capture = pytest.CaptureFixture[str]


def validated(capsys: Capture, *words: str) -> dict[str, Any]:
    """The JSON of a validation."""
    ran = sixnd(capsys, "validate", *words, "--json")
    assert (ran.code, ran.err) == (0, "")
    data = json.loads(ran.out)
    assert isinstance(data, dict)
    return data


def runs_file(folder: Path, text: str) -> str:
    """A file of runs."""
    path = folder / "runs.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.slow
def test_the_documented_keys(capsys: Capture) -> None:
    """Summary, groups, rows and what was skipped, as the design states them."""
    data = validated(capsys)
    summary = {"n", "median_abs_error", "p90_abs_error", "bias", "interval_coverage"}
    assert summary <= set(data["summary"])
    assert data["summary"]["n"] == len(data["rows"]) > 300
    row = {"id", "observed_mfu", "predicted_mfu", "low", "high", "error"}
    assert all(row <= set(one) for one in data["rows"])
    assert all(set(one) == {"id", "reason"} for one in data["skipped"])
    assert sum(group["n"] for group in data["by_gpu"]) == data["summary"]["n"]


@pytest.mark.parametrize("words", [(), ("--as-configured",)])
def test_a_file_of_your_own(capsys: Capture, tmp_path: Path, words: tuple[str, ...]) -> None:
    """6 x 65.2e9 x 380 FLOP/s over 312 TFLOP/s is 47.6 %; columns unknown are ignored."""
    data = validated(capsys, "--runs", runs_file(tmp_path, HEADER + ROW), *words)
    (row,) = data["rows"]
    assert row["observed_mfu"] == pytest.approx(6 * 65.2e9 * 380 / 312e12, rel=1e-3)
    assert row["low"] < row["predicted_mfu"] < row["high"]
    assert abs(row["error"]) < 0.4


def test_what_cannot_be_scored_is_listed(capsys: Capture, tmp_path: Path) -> None:
    """A part nobody knows and a blank figure: a reason each, and the rest is scored."""
    unknown = ROW.replace("llama65,", "other,").replace("A100-SXM4-80GB", "Abacus-9000")
    blank = ROW.replace("llama65,", "blank,").replace(",380,", ",,")
    text = HEADER + ROW + unknown + blank
    data = validated(capsys, "--runs", runs_file(tmp_path, text))
    assert [row["id"] for row in data["rows"]] == ["llama65"]
    assert {one["id"] for one in data["skipped"]} == {"other", "blank"}
    assert all(one["reason"] for one in data["skipped"])


def test_no_row_that_can_be_scored(capsys: Capture, tmp_path: Path) -> None:
    """Still an answer: nothing scored, and why."""
    text = HEADER + ROW.replace("A100-SXM4-80GB", "Abacus-9000")
    data = validated(capsys, "--runs", runs_file(tmp_path, text))
    assert data["summary"]["n"] == 0
    assert data["summary"]["median_abs_error"] is None
    ran = sixnd(capsys, "validate", "--runs", runs_file(tmp_path, text))
    assert ran.code == 0


@pytest.mark.slow
def test_leaving_one_source_out(capsys: Capture) -> None:
    """Held-out errors are at least as large as those of the fit, and still of use."""
    kinds = {row["kind"]: row for row in validated(capsys, "--cross")["by_kind"]}
    dense = kinds["dense_16_bit"]
    assert dense["n"] > 300
    assert dense["median_abs_error"] < 0.16
    assert 0.75 <= dense["interval_coverage"] <= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".svg", ".png", ".html"])
def test_a_chart(capsys: Capture, tmp_path: Path, suffix: str) -> None:
    """Drawn whole, in the form of its ending."""
    path = tmp_path / f"chart{suffix}"
    runs = runs_file(tmp_path, HEADER + ROW)
    ran = sixnd(capsys, "validate", "--runs", runs, "--plot", str(path))
    assert ran.code == 0
    start = {".svg": b"<svg", ".png": b"\x89PNG", ".html": b"<!DOCTYPE"}[suffix]
    assert path.read_bytes().lstrip().lower().startswith(start.lower())
    assert sorted(tmp_path.iterdir()) == sorted([path, Path(runs)])


def test_text_names_the_worst_and_the_skipped(capsys: Capture, tmp_path: Path) -> None:
    """A page of 80 columns with the groups, the worst runs and the reasons."""
    unknown = ROW.replace("llama65,", "other,").replace("A100-SXM4-80GB", "Abacus-9000")
    path = runs_file(tmp_path, HEADER + ROW + unknown)
    ran = sixnd(capsys, "validate", "--runs", path, "--rows", "all")
    assert "Every run, the worst first" in ran.out
    assert "llama65" in ran.out
    assert "other" in ran.out.partition("Not scored")[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--runs", "nowhere.csv"), "no such file"),
        (("--plot", "chart.pdf"), "expected one of .svg, .png, .html"),
        (("--plot", "missing/chart.svg"), "there is no folder 'missing'"),
        (("--rows", "many"), "--rows: 'many' is not a number of rows"),
    ],
)
def test_bad_input(capsys: Capture, words: tuple[str, ...], said: str) -> None:
    """Exit 2, a line that says what was expected, nothing on stdout."""
    ran: Ran = sixnd(capsys, "validate", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_impossible_figures_are_refused(capsys: Capture, tmp_path: Path) -> None:
    """Row and column are named."""
    text = HEADER + ROW.replace(",380,", ",-380,")
    ran = sixnd(capsys, "validate", "--runs", runs_file(tmp_path, text))
    assert ran.code == 2
    assert "runs.csv:2: tokens_per_sec_per_gpu" in ran.err
