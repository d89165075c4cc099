"""The stacks: every run has one, every one has runs, and a framework means one only."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from step_cases import runs

from catalog import CatalogError
from catalog.stacks import (
    SHIPPED_STACKS,
    UnknownStackError,
    load_stacks,
    read_stacks,
    stack_named,
    stack_of,
)

SOURCES = SHIPPED_STACKS.with_name("run_sources.csv")
HEADER = "stack,name,kind,first_year,gradient_bytes,frameworks,source,note\n"
# A model card names no framework: its own stack or an unknown one.
UNNAMED = {"in_house", "unknown"}


def test_every_stack_of_a_run_exists_and_every_stack_has_runs() -> None:
    """observed_runs.csv and stacks.csv name the same stacks."""
    assert {run.stack for run in runs()} == set(load_stacks())


def test_a_run_has_the_stack_that_its_framework_means() -> None:
    """The words of stacks.csv decide it; where no framework is stated the row does."""
    for run in runs():
        if run.framework:
            assert run.stack == stack_named(run.framework), run.id
        else:
            assert run.stack in UNNAMED, run.id


def test_no_two_stacks_share_a_word() -> None:
    """Nor has one of them a word twice."""
    words = [word.lower() for stack in load_stacks().values() for word in stack.frameworks]
    assert Counter(words).most_common(1)[0][1] == 1


def test_every_framework_of_a_run_means_one_stack() -> None:
    """Two stacks never match with words of the same length."""
    for said in {run.framework.lower() for run in runs()}:
        longest = {
            stack.stack: max(map(len, found))
            for stack in load_stacks().values()
            if (found := [word for word in stack.frameworks if word.lower() in said])
        }
        assert len(set(longest.values())) == len(longest), said


@pytest.mark.parametrize(
    ("framework", "stack"),
    [
        ("Megatron-Bridge 26.04.01", "megatron"),
        ("NeMo AutoModel (PyTorch FSDP2)", "automodel"),
        ("NVIDIA NeMo Framework Release 25.01", "mlperf"),
        ("Megatron-DeepSpeed (ZeRO-1)", "deepspeed"),
        ("primus (megatron-lm)", "primus"),
        ("llm.c PyTorch trainer (torch.compile)", "handwritten"),
        ("something of our own", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_longest_word_decides(framework: str, stack: str) -> None:
    """Whatever its case; a framework that nobody listed is of an unknown stack."""
    assert stack_named(framework) == stack


def test_an_unknown_stack_is_an_error_with_the_nearest_one() -> None:
    """And with all of them where none is near."""
    with pytest.raises(UnknownStackError, match="did you mean 'megatron'"):
        stack_of("megatorn")
    with pytest.raises(UnknownStackError, match=r"stacks are: megatron, mlperf, .*unknown"):
        stack_of("abacus")


def test_vendors_and_trainers_of_their_own_are_tuned() -> None:
    """The others are ordinary, the unknown one too."""
    assert stack_of("megatron").is_tuned
    assert not stack_of("fsdp").is_tuned
    assert not stack_of("unknown").is_tuned


def test_every_stack_but_the_unknown_one_rests_on_a_source_of_runs() -> None:
    """Its source is a key into run_sources.csv."""
    with SOURCES.open(encoding="utf-8", newline="") as lines:
        known = {row["source"] for row in csv.DictReader(lines)}
    assert {s.stack for s in load_stacks().values() if s.source not in known} == {"unknown"}


@pytest.mark.parametrize(
    ("row", "mistake"),
    [
        ("a,A,fast,2024,4,x,,", "kind: 'fast'; expected one of ordinary, tuned"),
        ("a,A,tuned,2024,4,x||y,,", "frameworks: .*expected words"),
        ("a,A,tuned,2024,4,x,,\na,B,tuned,2024,4,y,,", "already on line 2"),
    ],
)
def test_a_mistake_in_the_file_is_said_with_its_line(
    tmp_path: Path, row: str, mistake: str
) -> None:
    """As of every file of the catalog."""
    path = tmp_path / "stacks.csv"
    path.write_text(HEADER + row + "\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=mistake):
        read_stacks(path)
