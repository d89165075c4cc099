"""The published runs: what ships is sound, and what a user brings is checked cell by cell."""

import csv
from pathlib import Path

import pytest
from step_cases import gpus, runs

from catalog import CatalogError
from catalog.runs import SHIPPED_RUNS, load_runs

SOURCES = SHIPPED_RUNS.with_name("run_sources.csv")
HEADER = "id,params_b,gpu,gpus,tokens_per_sec_per_gpu\n"


def written(folder: Path, text: str) -> Path:
    """A file of runs with this text."""
    path = folder / "runs.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_at_least_1200_runs_ship_on_known_gpus() -> None:
    """Each names a GPU of gpus.csv and has a throughput, or the tokens and hours of a whole run."""
    assert len(runs()) >= 1200
    assert all(run.gpu in gpus() for run in runs())
    for run in runs():
        whole = run.kind == "production"
        assert (run.gpu_hours and run.total_tokens_b) if whole else run.tokens_per_sec_per_gpu


def test_a_mixture_states_its_experts() -> None:
    """And no dense model has any; what a token passes is less than all."""
    for run in runs():
        assert run.params_b is not None
        mixture = (run.active_params_b or run.params_b) < 0.95 * run.params_b
        assert mixture == (run.experts is not None), run.id
        if run.experts is not None:
            assert all((run.hidden, run.heads, run.kv_heads, run.expert_ffn)), run.id
            assert 0 < (run.experts_per_token or 0) < run.experts, run.id
            assert 0 <= (run.dense_layers or 0) < (run.layers or 0), run.id


def test_attention_layers_are_some_of_the_layers() -> None:
    """A window is stated only where some layers have full attention."""
    for run in runs():
        if run.attention_layers is not None:
            assert run.attention_layers < (run.layers or 0), run.id
        assert run.window is None or run.attention_layers is not None, run.id


def test_a_whole_run_lasts_no_longer_than_its_gpu_hours() -> None:
    """Nor were more GPU-hours spent than its GPUs had in these days, roundings aside."""
    for run in runs():
        if run.days and run.gpus and run.gpu_hours:
            assert run.gpu_hours <= 1.01 * run.days * 24 * run.gpus, run.id


@pytest.mark.parametrize(
    ("written_as", "modeled_as"),
    [
        ("fp8", "fp8"),
        ("mxfp8", "mxfp8"),
        ("nvfp4", "nvfp4"),
        ("mxfp4", "mxfp4"),
        ("", "bf16"),
        ("int8", None),
    ],
)
def test_a_precision_is_kept_as_written(
    tmp_path: Path, written_as: str, modeled_as: str | None
) -> None:
    """Formats with block scales are their own; what no part here multiplies is none."""
    text = f"id,params_b,gpu,precision\na,7,h100_sxm,{written_as}\n"
    (run,) = load_runs(written(tmp_path, text))
    assert (run.precision, run.number_format) == (written_as, modeled_as)


def test_every_source_is_cited_and_every_citation_is_used() -> None:
    """run_sources.csv and the runs name the same sources."""
    with SOURCES.open(encoding="utf-8", newline="") as lines:
        cited = {row["source"] for row in csv.DictReader(lines)}
    assert cited == {run.source for run in runs()}


def test_other_columns_are_ignored_and_missing_ones_blank(tmp_path: Path) -> None:
    """A user's file needs few columns and may have more."""
    path = written(tmp_path, "id,mood,params_b,gpu,gpus\na,good,7,H100-SXM5-80GB,8\n")
    (run,) = load_runs(path)
    assert (run.params_b, run.gpus, run.tp, run.framework) == (7.0, 8, None, "")
    assert (run.experts, run.attention, run.stack, run.goodput) == (None, "", "", None)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("a,-7,h100_sxm,8,9000", "params_b"),
        ("a,7,h100_sxm,8.5,9000", "gpus"),
        ("a,7,h100_sxm,0,9000", "gpus"),
        ("a,7,h100_sxm,8,nan", "tokens_per_sec_per_gpu"),
    ],
)
def test_an_impossible_figure_is_an_error_with_line_and_column(
    tmp_path: Path, row: str, column: str
) -> None:
    """The error says where it stands and what was expected."""
    with pytest.raises(CatalogError, match=rf"runs\.csv:2: {column}: .*expected"):
        load_runs(written(tmp_path, HEADER + row + "\n"))


def test_a_run_listed_twice_is_an_error(tmp_path: Path) -> None:
    """Ids are unique."""
    twice = HEADER + "a,7,h100_sxm,8,9000\n" * 2
    with pytest.raises(CatalogError, match="already on line 2"):
        load_runs(written(tmp_path, twice))


@pytest.mark.parametrize(
    ("network", "node", "gbps"),
    [
        ("8x400G IB (DGX H100)", 8, 400.0),
        ("1600 Gbps RoCE per node", 8, 200.0),
        ("4x100G Omni-Path per node", 8, 50.0),
        ("Storage: 2x ConnectX-7 400Gb/s, Compute: 8x ConnectX-7 IB NDR 400Gb/s, Mgmt", 8, 400.0),
        ("1x Ethernet 100Gb/Sec, 8x NVIDIA Quantum-2 CX7 InfiniBand (400Gb/s)", 8, 400.0),
        ("NVSwitch single node", 8, None),
    ],
)
def test_the_words_for_a_network_become_a_rate(
    tmp_path: Path, network: str, node: int, gbps: float | None
) -> None:
    """Gb/s a GPU from what sources write."""
    text = f'id,params_b,gpu,gpus_per_node,network\na,7,h100_sxm,{node},"{network}"\n'
    (run,) = load_runs(written(tmp_path, text))
    assert run.nic_gbps == gbps
