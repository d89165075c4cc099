"""Published whole runs, and the runs of its part, beside an answer: all fed back."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from beside_cases import LLAMA, answer, estimated, large, plan_of, predicted
from small_catalog import TODAY, make_catalog, make_gpu, make_offer
from step_cases import gpus

from catalog import CatalogError
from catalog.run_sources import load_run_sources, read_run_sources
from optimizer import best_plan
from optimizer.plan import assumptions, published
from optimizer.plan.assumptions import published_evidence, unpublished
from optimizer.step.evidence import Evidence, WholeRun, evidence_for, whole_runs_near
from problems import make_question

DEEPSEEK = {"model": "deepseek-v3", "tokens": "14.8T", "precision": "fp8"}


def test_published_runs_beside_an_estimate() -> None:
    """On the same part in as many bits: GPU-hours as published, and ours over them."""
    llama = estimated("h100_sxm", 16384, **LLAMA)
    (one,) = llama.published
    assert (one.run, one.gpu_hours, one.scaled) == ("prod-llama3.1405b", 30.84e6, False)
    assert one.source == "llama_3_1_card"
    assert one.ratio == pytest.approx(llama.gpu_hours / 30.84e6)
    deepseek = estimated("h800_sxm", 2048, **DEEPSEEK)
    (other,) = deepseek.published
    assert (other.run, other.gpu_hours, other.scaled) == ("prod-deepseek-v3", 2.664e6, False)


def test_other_compute_scales_what_was_published() -> None:
    """Half the tokens are half the GPU-hours, which is said."""
    (one,) = estimated("h100_sxm", 16384, model="llama-3.1-405b", tokens="7.8T").published
    assert one.scaled
    assert one.gpu_hours == pytest.approx(30.84e6 / 2, rel=5e-3)


@pytest.mark.parametrize(
    ("gpu", "fields"),
    [
        ("h200_sxm", LLAMA),
        ("h100_sxm", {**LLAMA, "precision": "fp8"}),
        ("h100_sxm", {**LLAMA, "model": "300B"}),
        ("h800_sxm", {**DEEPSEEK, "precision": "bf16"}),
    ],
)
def test_no_published_run_of_another_kind_is_set_beside(gpu: str, fields: dict[str, Any]) -> None:
    """Another part, other bits, another size."""
    assert estimated(gpu, 16384, **fields).published == ()


def test_a_plan_without_a_published_run_reads_no_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their file is read only where there is such a run."""
    monkeypatch.setattr(published, "load_run_sources", lambda: pytest.fail("was read"))
    assert best_plan(make_question(model="150B"), predicted(), today=TODAY).published == ()


def test_a_published_run_beside_a_plan_is_of_its_part_and_one_run() -> None:
    """Three runs in a row take three times the GPU-hours; the ratio is that of one."""
    asked: dict[str, Any] = {**LLAMA, "deadline": "200d"}
    once = best_plan(make_question("", **asked), large(), today=TODAY)
    thrice = best_plan(make_question("", **asked, runs=3), large(), today=TODAY)
    for found, runs in ((once, 1), (thrice, 3)):
        (one,) = found.published
        assert one.run == "prod-llama3.1405b"
        assert one.ratio == pytest.approx(plan_of(found).gpu_hours / runs / 30.84e6)


def test_every_whole_run_can_be_cited() -> None:
    """Its source is a row of run_sources.csv, and its part is known."""
    for gpu in gpus().values():
        for bits in (16, 8, 4):
            for size in (1e9, 3e9, 7e9, 13e9, 30e9, 70e9, 175e9, 405e9, 540e9):
                for run in whole_runs_near(gpu.gpu, bits, size, size):
                    assert isinstance(run, WholeRun)
                    assert run.source in load_run_sources()


def test_the_title_of_a_source_is_that_of_the_model() -> None:
    """A source with several tables has several; the first where none names the model."""
    card = load_run_sources()["llama_3_1_card"]
    assert card.title_for("Llama 3.1 405B").startswith("Llama 3.1 405B model card")
    assert card.title_for("Llama 3.1 8B").startswith("Llama 3.1 8B model card")
    assert card.title_for("BLOOM") == card.title.split(" | ")[0]


def test_a_mistake_in_the_sources_is_said_with_its_line(tmp_path: Path) -> None:
    """As of every file of the catalog."""
    path = tmp_path / "run_sources.csv"
    header = "source,publisher,title,url,says,kind,license\n"
    path.write_text(header + "a,,A,nowhere,,,\na,,B,,x,paper,\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"run_sources\.csv:2: url: 'nowhere'; expected"):
        read_run_sources(path)


def test_a_predicted_plan_says_which_published_runs_it_rests_on() -> None:
    """How many on the part in as many bits, the most GPUs, and where they were read."""
    assumed = {one.name: one for one in answer("cheapest").assumptions}
    known = evidence_for(plan_of(answer("cheapest")).gpu, 16)
    assert known is not None
    value = assumed["mfu_evidence"].value
    assert value.startswith(f"{known.runs:,} published 16-bit run")
    assert value.endswith(f"{known.most_gpus:,} GPUs")
    assert all(source in assumed["mfu_evidence"].source for source in known.sources)
    assert all(source in load_run_sources() for source in known.sources)


def test_a_part_without_published_runs_is_said_with_its_bits_and_what_there_is_in_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From rows, which are cited; nothing in brackets where there is none at all."""
    rows = {
        ("h100_sxm", 8): Evidence(12, 256, ("megatron_bridge", "mlperf_v5_0")),
        ("h100_sxm", 4): Evidence(1, 64, ("megatron_bridge",)),
    }
    monkeypatch.setattr(assumptions, "evidence_for", lambda gpu, bits: rows.get((gpu, bits)))
    part = gpus()["h100_sxm"]
    assert unpublished(part, "bf16") == (
        "no published 16-bit run on 8 H100 SXM5 80GB or more (1 in 4 bit, 64 GPUs: "
        "megatron_bridge; 12 in 8 bit, up to 256 GPUs: megatron_bridge, mlperf_v5_0)"
    )
    assert (
        unpublished(gpus()["a40"], "bf16")
        == f"no published 16-bit run on 8 {gpus()['a40'].name} or more"
    )
    assert [one.value for one in published_evidence(part, "fp8")] == [
        f"12 published 8-bit runs on {part.name}, up to 256 GPUs"
    ]
    assert not [*published_evidence(part, "bf16")]


def test_an_extrapolated_plan_and_estimate_warn_with_that_sentence() -> None:
    """Both say that its MFU is extrapolated, and neither names runs that it rests on."""
    part = gpus()["rtx_a6000"]
    sold = make_catalog([make_offer("alpha_a6000", part.gpu)], [part])
    found = best_plan(make_question(model="1B"), replace(sold, efficiency={}), today=TODAY)
    assert plan_of(found).mfu_basis == "extrapolated"
    said = f"{unpublished(part, 'bf16')}: its MFU is extrapolated; measure before you commit"
    given = estimated(part.gpu, 8, model="1B")
    for one in (found, given):
        assert said in one.warnings
        assert "mfu_evidence" not in {assumed.name for assumed in one.assumptions}
    assert "mfu_evidence" in {one.name for one in estimated("h100_sxm", 8, model="1B").assumptions}


def test_a_part_that_nobody_knows_is_told_apart() -> None:
    """A part of an unknown architecture is extrapolated, whatever its name."""
    made = replace(make_catalog([make_offer()], [make_gpu()]), efficiency={})
    found = best_plan(make_question(model="1B"), made, today=TODAY)
    assert any(line.startswith("no published 16-bit run on 8 BIG") for line in found.warnings)
