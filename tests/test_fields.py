"""The table of fields: what a row says is read, honored, printed and told, or it fails here."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from field_cases import BASE, CHANGED, changed, fields_catalog
from small_catalog import TODAY

from catalog import Catalog
from optimizer.commands.asking import read_question
from optimizer.commands.cli import app
from optimizer.market.market import open_market
from optimizer.market.segments import ARRAYS
from optimizer.plan.estimate import estimate_fleet
from optimizer.program.bounds import within
from optimizer.program.enumerate import best_fleet
from optimizer.report.data.answer import question_data
from optimizer.report.text.asked import asked_line
from optimizer.report.text.parts import titled
from problems import Question, as_command, load_problem, make_question, understand
from problems.phrases import GRAMMAR, longest_phrase
from problems.question import FLEET_ROWS, ROWS
from problems.slots import Known
from problems.table.row import TOP, Row

PILOTS = "gpu,gpus,tokens_per_sec_per_gpu\nbig,8,9000\n"
# The same said in words, where a field has words.
SAID: dict[str, tuple[str, object]] = {
    "model": ("8B", "8B"),
    "active": ("3B active", "3B"),
    "tokens": ("on 200B tokens", "200B"),
    "precision": ("in fp16", "fp16"),
    "seq_len": ("8k context", "8k"),
    "global_batch": ("batch of 1,048,576 tokens", 1_048_576),
    "deadline": ("in 10 days", "10d"),
    "max_gpus": ("on at most 64 GPUs", 64),
    "budget": ("for under $4500", "4500"),
    "minimize": ("fastest", "time"),
    "gpu": ("on BIG1", ["big1"]),
    "provider": ("from alpha", ["alpha"]),
    "pricing": ("on demand", ["on_demand"]),
    "capacity": ("of published sizes", "published"),
}


@pytest.fixture
def catalog() -> Catalog:
    """That of the cases."""
    return fields_catalog()


@pytest.fixture(autouse=True)
def _beside_the_pilots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pilots.csv").write_text(PILOTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def decided(question: Question, catalog: Catalog) -> dict[str, object]:
    """What a question comes to: its fleets within all limits, the best of them, what is told."""
    if question.fleet is not None:
        found = estimate_fleet(question, catalog)
        return {"days": found.days, "cost": found.cost_usd}
    market = open_market(question, catalog)
    feasible = within(market.segments, market.limits)
    best = best_fleet(feasible, market.run.objective)
    return {
        "best": None if best is None else (best.candidate.offer.offer, best.nodes),
        "offers": [candidate.offer.offer for candidate in feasible.candidates],
        "precisions": [candidate.hardware.precision for candidate in feasible.candidates],
        "runs": feasible.runs,
        "title": list(titled(market.run)),
        **{name: getattr(feasible, name).tolist() for name in ARRAYS},
    }


def test_every_field_has_its_change_here() -> None:
    assert set(CHANGED) == set(ROWS)
    assert set(SAID) == {field for field, row in ROWS.items() if row.words is not None}


@pytest.mark.parametrize("field", ROWS)
def test_a_field_that_nobody_honors_fails(field: str, catalog: Catalog) -> None:
    """Another value changes what can be chosen, what is best, or what is told."""
    assert decided(changed(field), catalog) != decided(make_question("", **BASE), catalog)


@pytest.mark.parametrize("field", ROWS)
def test_a_field_is_printed_as_an_option_that_reads_it_back(field: str) -> None:
    """The printed command, read by the command's own parser, asks the same."""
    question = changed(field)
    _, verb, *words = shlex.split(as_command(question))
    group: Any = typer.main.get_command(app)
    given = group.commands[verb].make_context(verb, words).params
    known = {key: value for key, value in given.items() if key in ROWS}
    if verb == "estimate":
        known.pop("gpu")
        known["fleet"] = {key: given[key] for key in FLEET_ROWS if given[key] is not None}
    read = read_question(given["model"], known).question
    # A title is for reports, and only they have an option for it.
    assert read == question.model_copy(update={"name": ""})
    assert (ROWS[field].option is None) == (field in ("name", "model", "fleet"))


@pytest.mark.parametrize("field", ROWS)
def test_a_field_is_written_to_a_file_that_reads_it_back(field: str, tmp_path: Path) -> None:
    """Each key in its section, values as a command line writes them."""
    question = changed(field)
    path = tmp_path / "asked.toml"
    path.write_text("\n".join(_lines(question)), encoding="utf-8")
    read = load_problem(path)
    if field == "pilot":  # looked for beside the file
        assert read.pilot == str(tmp_path / "pilots.csv")
        read = read.model_copy(update={"pilot": question.pilot})
    assert read == question


def _lines(question: Question) -> Iterator[str]:
    """A problem file that asks a question, the keys without a section first."""
    given = [field for field in ROWS if question.gives(field) and field != "fleet"]
    for field in sorted(given, key=lambda field: ROWS[field].section != TOP):
        dotted = ".".join(part for part in (ROWS[field].section, field) if part)
        yield f"{dotted} = {_value(ROWS[field], getattr(question, field))}"
    if question.fleet is not None:
        for field, row in FLEET_ROWS.items():
            yield f"fleet.{field} = {_value(row, getattr(question.fleet, field))}"


def _value(row: Row, stored: object) -> str:
    """A value in TOML, from the words of its option."""
    words = row.write(stored)
    if row.option is not None and row.option.pairs:
        sizes = (word.split("=") for word in words)
        return "{" + ", ".join(f"{name} = {size}" for name, size in sizes) + "}"
    several = row.option is not None and row.option.repeats
    return json.dumps(list(words) if several else words[0])


@pytest.mark.parametrize("field", SAID)
def test_words_give_what_their_field_reads(field: str) -> None:
    """Said alone or with everything else, the value is that of the key in a file."""
    gpus, providers = ["big1", "old2"], ["alpha", "beta"]
    phrase, written = SAID[field]
    model = {} if field == "model" else {"model": "70B"}
    asked = understand(" ".join((*model.values(), phrase)), gpus, providers, TODAY)
    assert asked == make_question("", **model, **{field: written})


def test_the_grammar_shows_every_field_that_has_words() -> None:
    """Each of its examples is one phrase, and together they fill all that words can."""
    known, filled = Known(["h100", "a100"], ["aws"]), set()
    for example in re.split(r"\s{2,}|\s\|\s", GRAMMAR.partition("\n")[2].strip()):
        words = example.lower().split()
        reading = longest_phrase(words, 0, known)
        assert reading is not None, example
        assert reading.end == len(words), example
        filled |= set(reading.fields)
    assert filled == set(SAID)


@pytest.mark.parametrize("field", [field for field, row in ROWS.items() if row.in_json])
def test_a_field_has_its_key_in_json(field: str, catalog: Catalog) -> None:
    """Under one key of its own, which changes with the value."""
    key = ROWS[field].key or field
    told = [question_data(open_market(q, catalog).run) for q in _base_and(field)]
    assert told[0][key] != told[1][key]
    assert json.loads(json.dumps(told[1])) == told[1]


@pytest.mark.parametrize("field", [field for field, row in ROWS.items() if row.said])
def test_a_field_is_part_of_what_was_asked(field: str, catalog: Catalog) -> None:
    """The sentence on the first page of a report says it."""
    before, after = (asked_line(open_market(q, catalog).run) for q in _base_and(field))
    assert before != after


def _base_and(field: str) -> tuple[Question, Question]:
    return make_question("", **BASE), changed(field)
