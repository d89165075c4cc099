"""What a prediction rests on is read off the published runs, never listed by hand."""

import pytest
from step_cases import gpus, runs

from optimizer.step.conditions import scorable
from optimizer.step.constants import shipped
from optimizer.step.evidence import evidence_for, evidence_of, whole_runs_near, whole_runs_of


def test_what_is_kept_is_what_the_shipped_runs_say() -> None:
    """The stored whole runs are the shipped ones, and every part has a run that was scored."""
    stored = shipped()["evidence"]
    assert [run["id"] for run in stored["whole_runs"]] == [run.id for run in whole_runs_of(runs())]
    conditions, _ = scorable(runs(), gpus())
    assert set(stored["parts"]) <= set(evidence_of(conditions))


@pytest.mark.parametrize(
    ("gpu", "bits", "known"),
    [
        ("h100_sxm", 16, True),
        ("b200_sxm", 16, True),
        ("gb300_nvl72", 4, True),
        ("mi355x", 16, True),
        ("rtx_a6000", 16, False),
        ("h100_sxm", 4, False),
        ("mi325x", 16, False),
    ],
)
def test_parts_with_and_without_a_published_run(gpu: str, bits: int, known: bool) -> None:
    """B200 has 16-bit runs on 16 GPUs; nobody published one on A6000 or MI325X."""
    found = evidence_for(gpu, bits)
    assert (found is not None) == known
    if found is not None:
        assert found.runs >= 1
        assert found.most_gpus >= 8
        assert 1 <= len(found.sources) <= 3


def test_the_article_s_own_run_is_near_itself() -> None:
    """Llama 3.1 405B on H100, its GPU-hours as the model card says; scaled where tokens differ."""
    (run,) = whole_runs_near("h100_sxm", 16, 405e9, 405e9)
    assert (run.gpu_hours, run.gpus) == (30.84e6, 16_384)
    twice = run.hours_for(run.active_parameters, 2 * run.tokens)
    assert twice == pytest.approx(2 * run.gpu_hours)


def test_a_run_whose_gpus_nobody_counted_is_shown_all_the_same() -> None:
    """Llama 3 70B: 6.4M GPU-hours, on a number of GPUs that its card does not say."""
    found = {run.id: run for run in whole_runs_near("h100_sxm", 16, 70e9, 70e9)}
    assert found["prod-llama370b"].gpus is None
    assert found["prod-llama370b"].gpu_hours == 6.4e6


def test_another_part_or_size_is_not_near() -> None:
    """No run of 200B on H100 was published, nor one of 405B on a card; Phi-4 is not 30B."""
    assert whole_runs_near("h100_sxm", 16, 200e9, 200e9) == ()
    assert whole_runs_near("h100_sxm", 16, 30e9, 30e9) == ()
    assert whole_runs_near("rtx_4090", 16, 405e9, 405e9) == ()
