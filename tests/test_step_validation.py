"""Predicted against published: the headline figures are frozen, and no row is lost."""

from dataclasses import replace

import pytest
from optimizer.step.interval import shipped_ranges
from step_cases import gpus, runs

from optimizer.step.batch import RUN_FACTOR, USUAL_GOODPUT
from optimizer.step.conditions import conditions_of
from optimizer.step.constants import shipped, shipped_constants
from optimizer.step.score import Validation, cross_validate, summary_of, validate


@pytest.fixture(scope="module")
def free() -> Validation:
    """All runs with the layout free."""
    return validate(runs(), gpus(), shipped_constants(), shipped_ranges())


@pytest.fixture(scope="module")
def configured() -> Validation:
    """All runs under their own layouts."""
    return validate(runs(), gpus(), shipped_constants(), shipped_ranges(), as_configured=True)


def median(validation: Validation, kind: str) -> float:
    """Median absolute error of a kind."""
    error = summary_of([r for r in validation.rows if r.kind == kind])["median_abs_error"]
    assert error is not None
    return error


def test_no_run_is_dropped_in_silence(free: Validation) -> None:
    """Each is scored or skipped with a reason."""
    assert {r.id for r in free.rows} | set(free.skipped) == {run.id for run in runs()}
    assert all(free.skipped.values())


def test_the_headline_figures_stand(free: Validation, configured: Validation) -> None:
    """Medians of the fit on its own data, frozen with room for rounding only."""
    assert median(free, "dense_16_bit") == pytest.approx(FREE_DENSE, abs=0.01)
    assert median(configured, "dense_16_bit") == pytest.approx(CONFIGURED_DENSE, abs=0.01)


def test_held_out_figures_are_stored_with_their_date() -> None:
    """The calibration says when it was fitted and how it did on sources left out."""
    assert shipped()["fitted_on"] >= "2026-11-01"
    held_out = shipped()["held_out"]["dense_16_bit"]
    assert held_out["median_abs_error"] < 0.08
    assert 0.75 <= held_out["interval_coverage"] <= 0.9
    mixture = shipped()["held_out"]["mixture"]
    assert mixture["median_abs_error"] < 0.2
    assert 0.75 <= mixture["interval_coverage"] <= 0.9


def test_megatron_rows_on_a100_under_their_own_layout(configured: Validation) -> None:
    """Mean absolute error under 10 %, where the best published tool measured 12.9 %."""
    rows = [r for r in configured.rows if r.source in MEGATRON_A100]
    mean = summary_of(rows)["mean_abs_error"]
    assert len(rows) > 70
    assert mean is not None
    assert mean < 0.1


def test_leaving_a_source_out_scores_it_without_its_rows() -> None:
    """A few sources suffice to see that their errors differ from the fit's own."""
    names = {"megatron_core_weak", "mt_nlg", "internevo", "llama_3_herd"}
    few = [run for run in runs() if run.source in names]
    crossed = cross_validate(few, gpus(), shipped_constants())
    assert {r.source for r in crossed.rows} == names


def test_json_has_the_promised_keys(free: Validation) -> None:
    """The keys of the command's JSON."""
    told = free.as_dict()
    assert set(told) >= {"summary", "by_gpu", "rows", "skipped"}
    summary = told["summary"]
    assert isinstance(summary, dict)
    assert set(summary) >= {"n", "median_abs_error", "p90_abs_error", "bias", "interval_coverage"}
    rows = told["rows"]
    assert isinstance(rows, list)
    assert set(rows[0]) >= {"id", "observed_mfu", "predicted_mfu", "low", "high", "error"}


def test_a_measurement_of_a_later_release_supersedes_the_earlier_ones() -> None:
    """The newest release of a framework stands, the older ones are listed with that reason."""
    row = replace(runs()[0], framework="Stack 25.9", tokens_per_sec_per_gpu=5000.0)
    later = replace(row, id="later", framework="Stack 25.11", tokens_per_sec_per_gpu=4000.0)
    other = replace(later, id="other", framework="Other 25.12")
    told = validate([row, later, other], gpus(), shipped_constants(), shipped_ranges())
    assert {r.id for r in told.rows} == {"later", "other"}
    assert told.skipped[row.id] == "superseded: later is of a later release"


def test_a_sweep_of_layouts_names_its_fastest(free: Validation) -> None:
    """Slower layouts of one step stay in the rows, and say which run was faster."""
    by_id = {r.id: r for r in free.rows}
    slower = [r for r in free.rows if r.slower_than is not None]
    assert len(slower) > 50
    for row in slower:
        best = by_id[str(row.slower_than)]
        assert (best.source, best.gpu, best.gpus) == (row.source, row.gpu, row.gpus)
        assert best.observed_mfu >= row.observed_mfu
        assert best.slower_than is None


def test_gpu_hours_decide_what_a_whole_run_reached() -> None:
    """BLOOM: 366B tokens in 1,082,990 GPU-hours, less than its steps' 104 tokens/s."""
    (bloom,) = (run for run in runs() if run.id == "bloom-prod")
    rate = 366e9 / (1_082_990 * 3600)
    found = conditions_of(bloom, gpus()).observed_mfu
    assert found == pytest.approx(6 * 176e9 * rate / 312e12, rel=1e-3)


def test_a_whole_run_reaches_the_middle_of_what_was_published() -> None:
    """The run factor times the usual goodput: 0.75 to 0.9 of a benchmark's steps."""
    assert pytest.approx(0.825, abs=1e-3) == RUN_FACTOR * USUAL_GOODPUT


def test_an_mfu_above_what_any_part_reaches_is_not_scored() -> None:
    """It is listed with its reason."""
    run = replace(runs()[0], tokens_per_sec_per_gpu=1e6)
    told = validate([run], gpus(), shipped_constants(), shipped_ranges())
    assert "more than any part reaches" in told.skipped[run.id]


FREE_DENSE = 0.065
CONFIGURED_DENSE = 0.05
MEGATRON_A100 = {"megatron_2021", "bloom_tuneup", "mt_nlg"}
