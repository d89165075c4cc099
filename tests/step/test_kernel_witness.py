"""Measured kernels of other parts beside H100's: what the step model says of a part is physics."""

from math import log
from pathlib import Path

import pytest
from benchmarks.kernel_tables import Fact, matrices
from benchmarks.kernel_witness import (
    KNOWN,
    REFERENCE,
    Line,
    compare,
    main,
    name_of,
    read_facts,
    write_facts,
)

from catalog.load import load_gpus

FACTS = read_facts()
LINES = compare(FACTS)
AGREED = [line for line in LINES if not line.known and line.fact.part != REFERENCE]
# What the three engines' medians differ by on one part: more so where their fp8 kernels are young.
TOLERANCE = {"bf16": 1.15, "fp8": 1.20}


@pytest.mark.parametrize("line", AGREED, ids=lambda line: name_of(line.fact))
def test_a_part_stands_to_h100_as_its_kernels_do(line: Line) -> None:
    """Ratio of ratios: fitted constants may move, how parts stand to each other may not."""
    assert abs(log(line.beside_h100)) < log(TOLERANCE[line.fact.precision])


def test_links_are_never_faster_than_they_are_built() -> None:
    """A measured collective stays below the catalog's bandwidth, but where a switch adds up."""
    gpus = load_gpus()
    for fact in FACTS:
        if fact.kind in ("all_gather", "reduce_scatter"):
            assert 0 < fact.measured < gpus[fact.part].scale_up_gb_per_s


def test_kernels_are_faster_than_the_steps_they_are_part_of() -> None:
    """No part's fitted efficiency exceeds what its multiplications reach alone in 16 bit."""
    shares = [x for x in LINES if (x.fact.kind, x.fact.precision) == ("gemm", "bf16")]
    assert all(line.model < line.fact.measured < 1 for line in shares)


def test_every_exception_is_of_a_fact() -> None:
    """A reason that no measured row needs is out of date."""
    names = [name_of(fact) for fact in FACTS]
    assert all(any(name.startswith(start) for name in names) for start in KNOWN)


def test_a_summary_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Written and read again, the facts are the same."""
    path = tmp_path / "witness.csv"
    write_facts(FACTS, path)
    assert read_facts(path) == FACTS


def test_a_layer_s_matrices_hold_its_parameters() -> None:
    """Four matrices of a layer, 12 · hidden² values over its ranks."""
    assert sum(n * k for n, k in matrices(4096, 8)) == 12 * 4096**2 // 8


def test_a_folder_without_tables_says_how_to_get_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and the command, no traceback."""
    assert main([str(tmp_path)]) == 2
    assert "pip download aiconfigurator-core==0.12.0 --no-deps" in capsys.readouterr().err


def test_the_table_has_a_line_for_each_fact(capsys: pytest.CaptureFixture[str]) -> None:
    """Part by part, with who is wrong where the two differ."""
    assert main([]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == len(FACTS) + 1
    assert any(line.endswith(KNOWN["rtx_pro_6000 gemm"]) for line in shown)


def test_the_witness_knows_each_part_once() -> None:
    """One line for each part, kind, precision, case and number of ranks."""
    assert len({name_of(fact) for fact in FACTS}) == len(FACTS)
    assert all(isinstance(fact, Fact) and fact.part in load_gpus() for fact in FACTS)
