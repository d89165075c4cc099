"""The table of fields: what a row says is read, honored, printed and told, or it fails here."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog
from optimizer.commands.asking import read_question
from optimizer.commands.cli import app
from optimizer.market.limits import BOUNDS, NO_LIMIT, NUMBERS, Limits, Number
from optimizer.market.market import Market, open_market
from optimizer.market.segments import ARRAYS
from optimizer.plan.check import broken_promises
from optimizer.plan.estimate import estimate_fleet
from optimizer.plan.plan import make_plan
from optimizer.program.bounds import MEASURES, within
from optimizer.program.enumerate import best_fleet
from optimizer.program.model import build_program
from optimizer.program.solve import solve_program
from optimizer.report.data.answer import question_data
from optimizer.report.text.asked import asked_line
from optimizer.report.text.parts import titled
from problems import Question, as_command, load_problem, make_question, understand
from problems.phrases import GRAMMAR, longest_phrase
from problems.question import FLEET_ROWS, ROWS
from problems.slots import Known
from problems.table.row import TOP, Row

PILOTS = "gpu,gpus,tokens_per_sec_per_gpu\nbig,8,9000\n"
# A question with a choice of three offers, most of it left open.
BASE: dict[str, object] = {
    "model": "7B",
    "tokens": "100B",
    "pricing": "on_demand, spot",
    "deadline": "60d",
}
# For each field another value than it has there.
CHANGED: dict[str, object] = {
    "name": "a title",
    "model": "8B",
    "active": "3B",
    "tokens": "200B",
    "precision": "fp16",
    "seq_len": "8k",
    "global_batch": 1_048_576,
    "runs": 3,
    "deadline": "10d",
    "max_gpus": 64,
    "budget": "4500",
    "power_cap": "80 kW",
    "confidence": 0.9,
    "quota": {"alpha": 64},
    "minimize": "time",
    "gpu": ["big"],
    "exclude_gpu": ["old"],
    "provider": ["alpha"],
    "exclude_provider": ["beta"],
    "pricing": ["on_demand"],
    "region": ["us-east"],
    "exclude_region": ["eu-north"],
    "fabric": ["infiniband"],
    "capacity": "published",
    "spot_nodes": 16,
    "mfu": 0.3,
    "tflops_per_gpu": 300,
    "tokens_per_second_per_gpu": 5000,
    "goodput": 0.8,
    "failures": 40,
    "stack": "tuned",
    "pilot": "pilots.csv",
    "storage_price": 0.5,
    "largest_cluster": {"fast": 128},
    "fleet": {"gpu": "big", "gpus": 64, "usd_per_gpu_hour": 2, "gpus_per_node": 16},
}
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
    """Two parts of two providers, one sold as spot too; their speeds are predicted."""
    offers = [
        make_offer(usd=2.5, lead=24.0),
        make_offer("alpha_big_spot", usd=1.5, pricing="spot"),
        make_offer(
            *("beta_old", "old"),
            usd=0.9,
            provider="beta",
            region="eu-north",
            fabric="roce",
            estimated_size=True,
        ),
    ]
    gpus = [make_gpu(), make_gpu("old", 400.0)]
    regions = {"us-east": ("US", "us"), "eu-north": ("SE", "eu")}
    return replace(make_catalog(offers, gpus, regions=regions), efficiency={})  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _beside_the_pilots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pilots.csv").write_text(PILOTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def changed(field: str) -> Question:
    """The base question with another value of one field."""
    value = CHANGED[field]
    given = {"model": BASE["model"], field: value} if field == "fleet" else {**BASE, field: value}
    return make_question("", **given)


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


@pytest.fixture
def market(catalog: Catalog) -> Market:
    """The base question's, no limit on it."""
    return replace(open_market(make_question("", **BASE), catalog), limits=Limits())


def half_way(number: Number, market: Market) -> tuple[str, float]:
    """A limit that the best fleet by another measure misses, and that measure."""
    other = "cost" if number.objective != "cost" else "time"
    best, least = (best_fleet(market.segments, one) for one in (other, number.objective))
    assert best is not None
    assert least is not None
    low, high = least.value(number.objective), best.value(number.objective)
    assert low < high * 0.99, "a limit between them would bind nobody"
    return other, (low + high) / 2


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_a_limit_is_kept_by_bounds_program_and_check(number: Number, market: Market) -> None:
    """The count keeps it, the program knows it, and the check finds a plan that does not."""
    other, most = half_way(number, market)
    limits = Limits({number.name: most})
    kept, free = (best_fleet(within(market.segments, one), other) for one in (limits, Limits()))
    assert kept is not None
    assert free is not None
    assert kept.value(number.objective) <= most < free.value(number.objective)
    assert kept.value(other) >= free.value(other)

    few = Limits({number.name: best_value(number, market) * 0.999})
    assert best_fleet(within(market.segments, few), other) is None
    assert solve_program(build_program(market.segments, few)).segment is None

    run = replace(market.run, limits=limits, deadline_hours=limits["deadline"])
    plan, curve = make_plan(run, market.catalog, free), free.candidate.hardware.curve
    broken = broken_promises(plan, run, market.catalog, curve)
    assert [line for line in broken if line.startswith(f"{number.name}: ")], broken


def best_value(number: Number, market: Market) -> float:
    """The least that any fleet has of what is limited."""
    best = best_fleet(market.segments, number.objective)
    assert best is not None
    return best.value(number.objective)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_a_program_makes_small_what_is_limited(number: Number, market: Market) -> None:
    """Its optimum is the count's, so the least that is suggested can be proven."""
    if number.objective != "time":  # a ratio, which several programs find (Dinkelbach)
        program = build_program(market.segments, Limits(), number.objective)
        assert solve_program(program).objective == pytest.approx(best_value(number, market))


def test_no_limit_is_known_by_one_name_and_meant_by_another() -> None:
    """A limit that does not exist is a mistake, not one that nobody asked for."""
    assert set(MEASURES) == {bound.measure for bound in BOUNDS.values()}
    assert Limits()["power_cap"] == NO_LIMIT
    with pytest.raises(KeyError):
        Limits()["power"]
