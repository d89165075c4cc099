"""``import sixnd``: the command's figures and words, and a wrong keyword named.

Questions are asked of the miniature catalog, once by the function and once by the command.
"""

import inspect
import json
import pydoc
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from mini_catalog import MINI, Ran, write_mini
from mini_catalog import sixnd as command

import sixnd
from optimizer.commands.asking import option_name
from optimizer.say import days
from problems import Question
from sixnd.result import MOST_ROWS, Table, page
from sixnd.signature import keyword_of, parameters_of, with_keywords

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parent.parent
FUNCTIONS = (
    *(sixnd.plan, sixnd.risk, sixnd.explain, sixnd.compare, sixnd.estimate, sixnd.frontier),
    *(sixnd.sensitivity, sixnd.afford, sixnd.report, sixnd.validate),
    *(sixnd.catalog.load, sixnd.catalog.filter, sixnd.catalog.gpus, sixnd.catalog.offers),
)
HEAVY = ("altair", "numpy", "pandas", "pulp", "pydantic", "rich", "typer")
LATE = "1h"


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The miniature catalog, and a page of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    return write_mini(tmp_path / "mini")


Call = Callable[..., sixnd.Result]
# What to ask by keyword, and the same in the command's words.
SAME: list[tuple[Call, dict[str, Any], str]] = [
    (sixnd.plan, {"model": "8B", "deadline": "30d"}, "plan 8B --deadline 30d"),
    (
        sixnd.plan,
        {"model": 8e9, "deadline": 30, "gpu": ["A100"]},
        "plan 8B --deadline 30d --gpu A100",
    ),
    (sixnd.plan, {"model": "8B", "deadline": LATE}, f"plan 8B --deadline {LATE}"),
    (
        sixnd.plan,
        {"model": "8B", "deadline": "30d", "confidence": 0.9},
        "plan 8B --deadline 30d --confidence 0.9",
    ),
    (
        sixnd.plan,
        {"model": "8B", "minimize": "time", "quota": {"alpha": 64}, "tokens": "1T"},
        "plan 8B --minimize time --quota alpha=64 --tokens 1T",
    ),
    (
        sixnd.risk,
        {"model": "8B", "draws": 500, "seed": 7},
        "plan 8B --risk --draws 500 --seed 7",
    ),
    (sixnd.explain, {"model": "8B", "deadline": "30d"}, "explain 8B --deadline 30d"),
    (sixnd.explain, {"model": "8B", "deadline": LATE}, f"explain 8B --deadline {LATE}"),
    (
        sixnd.compare,
        {"model": "8B", "gpu": ("H100", "A100"), "deadline": "30d"},
        "compare 8B --gpu H100 --gpu A100 --deadline 30d",
    ),
    (sixnd.compare, {"model": "8B", "by": "pricing"}, "compare 8B --by pricing"),
    (
        sixnd.estimate,
        {"model": "8B", "gpu": "h100_sxm", "gpus": 64, "usd_per_gpu_hour": 2},
        "estimate 8B --gpu h100_sxm --gpus 64 --usd-per-gpu-hour 2",
    ),
    (sixnd.frontier, {"model": "8B", "points": 7}, "frontier 8B --points 7"),
    (sixnd.frontier, {"model": "8B", "deadline": LATE}, f"frontier 8B --deadline {LATE}"),
    (sixnd.sensitivity, {"model": "8B", "deadline": "30d"}, "sensitivity 8B --deadline 30d"),
    (sixnd.sensitivity, {"model": "8B", "deadline": LATE}, f"sensitivity 8B --deadline {LATE}"),
    (
        sixnd.afford,
        {"budget": "50k", "deadline": "30d", "tokens_per_parameter": 25},
        "afford --budget 50k --deadline 30d --tokens-per-parameter 25",
    ),
    (sixnd.catalog.gpus, {"gpu": "H100"}, "gpus --gpu H100"),
    (sixnd.catalog.gpus, {}, "gpus"),
    (sixnd.catalog.offers, {"pricing": "spot"}, "offers --pricing spot"),
]


def asked_twice(
    capsys: Capture, mini: Path, case: tuple[Call, dict[str, Any], str]
) -> tuple[sixnd.Result, Ran, Ran]:
    """The result of the function, and what the command printed as text and as JSON."""
    function, keywords, words = case
    line = [*words.split(), "--catalog", str(mini)]
    found = function(**keywords, catalog=mini)
    return found, command(capsys, *line), command(capsys, *line, "--json")


@pytest.mark.parametrize("case", SAME, ids=lambda case: case[2])
def test_it_says_what_the_command_says(
    capsys: Capture, mini: Path, case: tuple[Call, dict[str, Any], str]
) -> None:
    """The same keys and figures, the same words; and a line, a page and a frame of it."""
    found, told, data = asked_twice(capsys, mini, case)
    assert found.to_dict() == json.loads(found.json()) == json.loads(data.out)
    assert found.json() == data.out.rstrip("\n")
    assert found.text == told.out.rstrip("\n")
    assert repr(found).startswith(f"<sixnd.{type(found).__name__}: ")
    assert "\n" not in repr(found)
    assert Page(found._repr_html_()).rows
    assert found.frame.columns.is_unique


def test_a_plan_in_one_line(mini: Path) -> None:
    """What, where, days, USD, proven; without a plan the limits in the way."""
    found = sixnd.plan("8B", deadline="30d", catalog=mini)
    plan, proof = found.plan, found.proof
    assert plan is not None
    assert proof is not None
    assert proof.proven
    fleet = f"<sixnd.Answer: {plan.gpus:,} {plan.gpu_name}, {plan.offer}, "
    assert repr(found) == f"{fleet}{days(plan.days * 24)}, {plan.cost_usd:,.0f} USD, proven>"
    none = sixnd.plan("8B", deadline=LATE, catalog=mini)
    assert none.plan is None
    assert "no plan, in the way: deadline" in repr(none)


def test_a_plan_that_is_not_proven_says_its_gap(mini: Path) -> None:
    """A solver out of time leaves a gap."""
    from dataclasses import replace

    found = sixnd.plan("8B", deadline="30d", catalog=mini)
    assert found.record.proof is not None
    open_proof = replace(found.record.proof, bound=found.record.proof.objective / 2, proven=False)
    late = replace(found, record=replace(found.record, proof=open_proof))
    assert "gap 50.00%" in repr(late)


def test_results_do_not_change(mini: Path) -> None:
    """They are frozen."""
    found = sixnd.plan("8B", deadline="30d", catalog=mini)
    with pytest.raises(FrozenInstanceError):
        found.record = found.record  # type: ignore[misc]


@pytest.mark.parametrize("ending", [".html", ".md", ".xlsx", ".json"])
def test_a_report_is_that_of_the_command(
    capsys: Capture, mini: Path, tmp_path: Path, ending: str
) -> None:
    """The same bytes, but for a workbook, which holds the time it was made at."""
    ours, theirs = tmp_path / f"ours{ending}", tmp_path / f"theirs{ending}"
    day = date(2026, 11, 25)
    found = sixnd.report("8B", ours, deadline="30d", name="Spring", catalog=mini, today=day)
    words = ("report", "8B", "--deadline", "30d", "--title", "Spring", "--date", "2026-11-25")
    ran = command(capsys, *words, "--catalog", str(mini), "-o", str(theirs))
    assert found.text == ran.out.rstrip("\n")
    assert ours.exists()
    if ending != ".xlsx":
        assert ours.read_bytes() == theirs.read_bytes()
    if ending == ".json":
        assert found.to_dict() == json.loads(theirs.read_text(encoding="utf-8"))
    assert "proven" in repr(found)


def test_a_report_refuses_before_it_decides(mini: Path, tmp_path: Path) -> None:
    """An ending that names no form, a folder that is not there; nothing to recommend."""
    with pytest.raises(
        sixnd.ProblemError, match=r"^path: .*unknown ending; expected one of \.html"
    ):
        sixnd.report("8B", tmp_path / "report.doc", catalog=mini)
    with pytest.raises(sixnd.ProblemError, match="there is no folder"):
        sixnd.report("8B", tmp_path / "none" / "report.html", catalog=mini)
    path = tmp_path / "report.html"
    with pytest.raises(sixnd.NoPlanError) as none:
        sixnd.report("8B", path, deadline=LATE, catalog=mini)
    assert none.value.answer.reasons
    assert not path.exists()


def test_a_report_on_a_catalog_made_in_python_says_so(mini: Path) -> None:
    """The command that it prints does not promise the same figures."""
    few = sixnd.catalog.filter(mini, provider="beta")
    said = sixnd.report("8B", catalog=few).to_dict()["command"]
    assert said.endswith("# with the catalog given in Python")
    assert f"--catalog {mini}" in sixnd.report("8B", catalog=mini).to_dict()["command"]


def test_validation_is_that_of_the_command(capsys: Capture) -> None:
    """Every shipped run, and the summary."""
    found = sixnd.validate(stack_told=True)
    data = command(capsys, "validate", "--stack-told", "--json")
    assert found.to_dict() == json.loads(data.out)
    assert found.text == command(capsys, "validate", "--stack-told").out.rstrip("\n")
    assert len(found.frame) == found.summary["n"]
    assert f"{found.summary['n']} runs" in repr(found)
    assert found.chart.to_dict()["layer"]
    assert f"and {found.summary['n'] - MOST_ROWS:,} more" in found._repr_html_()


def test_runs_of_ones_own(tmp_path: Path) -> None:
    """A file in the place of the shipped runs, and mistakes in it."""
    shipped = (ROOT / "catalog" / "observed_runs.csv").read_text(encoding="utf-8").splitlines()
    own = tmp_path / "runs.csv"
    own.write_text("\n".join(shipped[:4]) + "\n", encoding="utf-8")
    assert sixnd.validate(own).summary["n"] <= 3
    own.write_text("id,gpu,gpus\nx,h100_sxm,many\n", encoding="utf-8")
    with pytest.raises(sixnd.CatalogError, match=r"runs\.csv"):
        sixnd.validate(own)


def test_frames_have_the_figures(mini: Path) -> None:
    """Columns that one sorts and sums by."""
    plan = sixnd.plan("8B", deadline="30d", catalog=mini)
    assert plan.plan is not None
    assert plan.frame.iloc[0]["cost_usd"] == plan.plan.cost_usd
    assert {"offer", "gpus", "days", "reason"} <= set(plan.frame.columns)
    assert len(plan.frame) == 1 + len(plan.alternatives)
    risk = sixnd.risk("8B", draws=200, catalog=mini)
    assert risk.risk is not None
    assert risk.frame.iloc[0]["days_p90"] == risk.risk.days.p90
    lost = sixnd.explain("8B", catalog=mini)
    assert list(lost.frame["offer"]) == [one.offer for one in lost.levers.lost]
    fleets = sixnd.compare("8B", gpu=["H100", "A100"], catalog=mini)
    assert list(fleets.frame["asked"]) == ["H100", "A100"] == list(fleets.answers)
    ways = sixnd.compare("8B", by="pricing", catalog=mini)
    assert list(ways.frame["asked"]) == list(ways.answers)
    assert ways.break_even == ways.record.break_even
    fleet = sixnd.estimate("8B", gpu="h100_sxm", gpus=64, catalog=mini)
    assert fleet.frame.iloc[0]["days"] == fleet.days
    line = sixnd.frontier("8B", points="all", catalog=mini)
    assert list(line.frame["days"]) == [point.days for point in line.points]
    cases = sixnd.sensitivity("8B", deadline="30d", catalog=mini).frame
    assert {"factor", "change", "cost_usd", "same_decision"} <= set(cases.columns)
    sizes = sixnd.afford(budget="50k", deadline="30d", catalog=mini)
    assert sizes.largest is not None
    assert sizes.frame.iloc[0]["parameters"] == sizes.largest.parameters
    offers = sixnd.catalog.offers(catalog=mini)
    assert list(offers.frame["usd_per_gpu_hour"]) == sorted(offers.frame["usd_per_gpu_hour"])
    assert len(sixnd.catalog.gpus(catalog=mini).frame) == 4


def test_charts_are_valid(mini: Path) -> None:
    """Altair checks them against its schema; without a plan nothing is drawn."""
    assert sixnd.frontier("8B", catalog=mini).chart.to_dict()["layer"]
    assert sixnd.sensitivity("8B", deadline="30d", catalog=mini).chart.to_dict()["layer"]
    for study in (sixnd.frontier, sixnd.sensitivity):
        with pytest.raises(ValueError, match=r"^nothing to draw: no plan"):
            assert study("8B", deadline=LATE, catalog=mini).chart


class Page(HTMLParser):
    """The rows of a page, and what it has besides a table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.others: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count rows; note elements and attributes that no table has."""
        self.others |= {tag} - {"table", "caption", "thead", "tbody", "tr", "th", "td", "p"}
        self.others |= {name for name, _ in attrs} - {"style"}
        if tag == "tr":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        """The text of a cell."""
        if self.rows:
            self.rows[-1].append(data)


def test_pages_are_inert(tmp_path: Path) -> None:
    """Names from elsewhere are text, in a page and in a line."""
    hostile = "<img src=x onerror=alert(1)>\"'&\x1b[31m\n"
    found = Page(page(hostile, Table((hostile, "b"), [(hostile, hostile)] * (MOST_ROWS + 2))))
    assert found.others == set()
    assert len(found.rows) == 1 + MOST_ROWS
    assert found.rows[-1][0] == "<img src=x onerror=alert(1)>\"'&?[31m"
    gpus = MINI["gpus.csv"].replace("H100 SXM5 80GB", "<script>alert(1)</script>")
    folder = write_mini(tmp_path / "mini")
    (folder / "gpus.csv").write_text(gpus, encoding="utf-8")
    for study in (sixnd.frontier, sixnd.plan):
        answer = study("8B", deadline="30d", gpu="h100_sxm", catalog=folder)
        assert "<script>" in repr(answer)
        assert Page(answer._repr_html_()).others == set()
        assert "<script>" not in answer._repr_html_()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_help_teaches_every_keyword(function: Callable[..., Any]) -> None:
    """Each in the signature and in the text, with its meaning and an example that is Python."""
    helped = pydoc.plain(pydoc.render_doc(function))
    known = inspect.signature(function).parameters
    assert all(p.kind is not inspect.Parameter.VAR_KEYWORD for p in known.values())
    for parameter in parameters_of(inspect.unwrap(function)):
        told = keyword_of(parameter)
        assert told is not None, parameter.name
        assert f"{parameter.name}={told.example}: " in helped
        assert f"{parameter.name}: " in helped
        assert told.default or parameter.name in ("model", "gpu", "gpus")
        eval(told.example, {"date": date})


def test_examples_of_the_question_are_read_as_they_stand() -> None:
    """Every field of a question but the fleet's is a keyword, and its example is one."""
    fields = set(Question.model_fields) - {"fleet", "model"}
    keywords = {p.name: keyword_of(p) for p in parameters_of(inspect.unwrap(sixnd.plan))}
    assert fields <= set(keywords)
    for name in fields:
        told = keywords[name]
        assert told is not None
        Question.model_validate({"model": "100B", name: eval(told.example)})


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_a_wrong_keyword_names_the_nearest(function: Callable[..., Any]) -> None:
    """A TypeError before anything else is done."""
    known = list(inspect.signature(function).parameters)
    right = next(name for name in reversed(known) if len(name) > 4)
    wrong = right[:-2] + right[-1]
    name = function.__name__
    expected = f"{name}() got an unexpected keyword {wrong!r}; did you mean {right!r}?"
    with pytest.raises(TypeError) as refused:
        function(**{wrong: 1})
    assert str(refused.value) == expected


def test_every_wrong_keyword_is_named() -> None:
    """Two at once; what is like nothing is told all there is."""
    wrong: dict[str, Any] = {"deadine": "30d", "bugdet": 5, "xyzzyq": 1}
    with pytest.raises(TypeError) as refused:
        sixnd.plan("8B", **wrong)
    first, second, third = str(refused.value).splitlines()
    assert first == "plan() got an unexpected keyword 'deadine'; did you mean 'deadline'?"
    assert second == "plan() got an unexpected keyword 'bugdet'; did you mean 'budget'?"
    assert third.startswith("plan() got an unexpected keyword 'xyzzyq'; known: model, name, ")
    assert all(name in third for name in Question.model_fields if name != "fleet")


def test_keywords_of_another_function_are_wrong() -> None:
    """What a fleet that is given leaves no choice of; a model where one is asked for."""
    with pytest.raises(TypeError, match="unexpected keyword 'deadline'"):
        sixnd.estimate("8B", gpu="h100_sxm", gpus=8, **cast(Any, {"deadline": "30d"}))
    with pytest.raises(TypeError, match="unexpected keyword 'active'"):
        sixnd.afford(budget="1M", **cast(Any, {"active": "8B"}))
    with pytest.raises(TypeError, match="'model'"):
        sixnd.plan(**cast(Any, {}))


def test_a_function_keeps_its_name_and_place() -> None:
    """For tracebacks and pickles."""

    @with_keywords
    def asks(model: str) -> str:
        """What it does."""
        return model

    assert (asks("8B"), asks.__name__) == ("8B", "asks")
    assert (sixnd.plan.__name__, sixnd.plan.__module__) == ("plan", "sixnd.questions")


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"deadline": "soon", "mfu": 3}, "--deadline soon --mfu 3"),
    ({"max_gpus": 1.5}, "--max-gpus 1.5"),
    ({"budget": "€5"}, "--budget €5"),
    ({"gpu": "H1000"}, "--gpu H1000"),
    ({"mfu": 0.4, "tflops_per_gpu": 400}, "--mfu 0.4 --tflops-per-gpu 400"),
    ({"goodput": 0.9, "failures": 1}, "--goodput 0.9 --failures 1"),
    ({"mfu": "missing.csv"}, "--mfu missing.csv"),
    ({"solver": "cplex"}, "--solver cplex"),
    ({"active": "9B"}, "--active 9B"),
    ({"stack": "nobody"}, "--stack nobody"),
    ({"quota": {"nobody": 5}}, "--quota nobody=5"),
]


@pytest.mark.parametrize(("keywords", "words"), MISTAKES, ids=lambda value: str(value)[:40])
def test_mistakes_are_told_as_the_command_tells_them(
    capsys: Capture, mini: Path, keywords: dict[str, Any], words: str
) -> None:
    """Word for word, under the keyword's name in the place of the option's."""
    said = command(capsys, "plan", "8B", *words.split(), "--catalog", str(mini)).err
    with pytest.raises(sixnd.ProblemError) as refused:
        sixnd.plan("8B", catalog=mini, **keywords)
    for mistake, line in zip(refused.value.mistakes, said.splitlines(), strict=True):
        keys, _, what = mistake.partition(": ")
        spelled = ", ".join(
            f"--{key}" if key == "solver" else option_name(key) for key in keys.split(", ")
        )
        # A number that Python gives has no quotes around it.
        assert line.replace("'", "") == f"error: {spelled}: {what}".replace("'", "")


def test_mistakes_of_ones_own_keywords(mini: Path) -> None:
    """They begin with the keyword."""
    wrong: list[tuple[Callable[[], object], str]] = [
        (lambda: sixnd.risk("8B", draws=5, catalog=mini), "draws: '5'; expected a whole number"),
        (lambda: sixnd.risk("8B", seed=-1, catalog=mini), "seed: '-1'; expected"),
        (lambda: sixnd.frontier("8B", points=1, catalog=mini), "points: '1'; expected"),
        (lambda: sixnd.compare("8B", by=cast(Any, "region"), catalog=mini), "by: unknown choice"),
        (lambda: sixnd.afford(deadline="30d", catalog=mini), "budget: is missing"),
        (
            lambda: sixnd.afford(budget="1M", tokens_per_parameter=0, catalog=mini),
            "tokens_per_parameter: 0 is out of range",
        ),
        (lambda: sixnd.plan("8B", catalog=cast(Any, 5)), "catalog: 5 is no catalog; expected"),
        (lambda: sixnd.plan("8B", today=cast(Any, "now"), catalog=mini), "today: 'now' is no day"),
        (lambda: sixnd.plan("8B", time_limit_s=0, catalog=mini), "time_limit_s: 0; expected"),
        (lambda: sixnd.estimate("8B", gpu="h100_sxm", catalog=mini), "gpus: is missing; expected"),
        (lambda: sixnd.estimate("8B", gpu="x9", gpus=8, catalog=mini), "gpu: unknown GPU 'x9'"),
    ]
    for call, said in wrong:
        with pytest.raises(sixnd.ProblemError) as refused:
            call()
        assert str(refused.value).startswith(said)


def test_problem_files_and_what_changes_them(mini: Path, tmp_path: Path) -> None:
    """Keywords take the place of the file's keys; mistakes name the file, or the keyword."""
    path = tmp_path / "mine.toml"
    path.write_text('[run]\nmodel = "8B"\n[limits]\ndeadline = "30d"\n', encoding="utf-8")
    by_file, by_keyword = (
        sixnd.plan(path, catalog=mini),
        sixnd.plan("8B", deadline="30d", catalog=mini),
    )
    assert by_file.plan == by_keyword.plan
    assert sixnd.plan(str(path), deadline=LATE, catalog=mini).plan is None
    with pytest.raises(sixnd.ProblemError, match=r"^deadline: 'soon' is not"):
        sixnd.plan(path, deadline="soon", catalog=mini)
    path.write_text('[run]\nmodel = "8B"\n[limits]\ndeadline = "soon"\n', encoding="utf-8")
    with pytest.raises(sixnd.ProblemError, match=r"^mine\.toml: limits\.deadline: 'soon' is not"):
        sixnd.plan(path, catalog=mini)


def test_values_from_a_table(mini: Path) -> None:
    """Numbers and lists of numpy and pandas, paths, sets: read as Python's own."""
    plain = sixnd.plan("8B", gpu=["A100", "H100"], max_gpus=64, catalog=mini)
    names = np.array(["A100", "H100"])
    for gpu in (names, {"H100", "A100"}, iter(names.tolist()), "A100, H100"):
        other = sixnd.plan("8B", gpu=gpu, max_gpus=cast(Any, np.int64(64)), catalog=str(mini))
        assert other.to_dict() == plain.to_dict()


def test_a_catalog_is_read_again_when_a_file_changes(mini: Path) -> None:
    """And only then."""
    from sixnd.reading import facts_of

    first = facts_of(mini)
    assert facts_of(mini) is first
    assert facts_of(first) is first
    offers = mini / "offers.csv"
    offers.write_text(MINI["offers.csv"].replace(",2.50,", ",2.6,"), encoding="utf-8")
    again = facts_of(mini)
    assert again is not first
    assert max(offer.usd_per_gpu_hour for offer in again.offers) == 2.6


def test_a_catalog_of_ones_own(mini: Path, tmp_path: Path) -> None:
    """Quotes beside it, fewer offers, and both in a plan."""
    quotes = tmp_path / "quotes.csv"
    quotes.write_text("provider,gpu,price\ngamma,h100_sxm,EUR 1.00\n", encoding="utf-8")
    facts = sixnd.catalog.load(mini, quotes=quotes, fx={"EUR": 1.1})
    assert any(offer.provider == "gamma" for offer in facts.offers)
    assert len(facts.offers) == len(sixnd.catalog.load(mini).offers) + 1
    few = sixnd.catalog.filter(facts, provider="beta, gamma")
    assert {offer.provider for offer in few.offers} == {"beta", "gamma"}
    assert few.gpus == facts.gpus
    plan = sixnd.plan("8B", catalog=few, deadline="90d").plan
    assert plan is not None
    assert plan.provider in ("beta", "gamma")
    with pytest.raises(sixnd.CatalogError, match="'nobody' is no offer"):
        sixnd.catalog.load(mini, accept="nobody")
    with pytest.raises(sixnd.ProblemError, match=r"^provider: "):
        sixnd.catalog.filter(facts, provider="nobody")


def test_saved_and_read_back(mini: Path, tmp_path: Path, capsys: Capture) -> None:
    """Every kind is known by its keys, from the function and from the command."""
    path = tmp_path / "result.json"
    for function, keywords, words in SAME:
        found = function(**keywords, catalog=mini)
        found.save(path)
        back = sixnd.load(path)
        assert back.data == found.to_dict() == back.to_dict() == json.loads(back.json())
        assert (back.version, back.is_current) == (sixnd.__version__, True)
        kind = "plan" if "deadline 1h" in words and words[0] != "e" else words.split()[0]
        assert back.kind == ("frontier" if words.startswith("frontier") else kind)
        assert len(back.frame) >= 1
        assert Page(back._repr_html_()).others == set()
        assert repr(back).startswith(f"<sixnd.Saved result.json: {back.kind} of version 0.")
    printed = command(capsys, "plan", "8B", "--catalog", str(mini), "--json").out
    path.write_text(printed, encoding="utf-8")
    assert sixnd.load(path).data["sixnd"] == sixnd.__version__


def test_another_version_is_told(mini: Path, tmp_path: Path) -> None:
    """In a warning and in the line; so is a file that says none."""
    path = tmp_path / "old.json"
    data = sixnd.plan("8B", deadline="30d", catalog=mini).to_dict()
    path.write_text(json.dumps({**data, "sixnd": "0.0.9"}), encoding="utf-8")
    said = rf"old\.json: was written by sixnd 0\.0\.9, this is {sixnd.__version__}"
    with pytest.warns(sixnd.OtherVersionWarning, match=said):
        old = sixnd.load(path)
    assert f"of version 0.0.9, this is {sixnd.__version__}, " in repr(old)
    assert repr(old).endswith("gap 0.00%>")
    path.write_text(json.dumps({k: v for k, v in data.items() if k != "sixnd"}), encoding="utf-8")
    with pytest.warns(sixnd.OtherVersionWarning, match="does not say which version"):
        assert "of an unknown version" in repr(sixnd.load(path))


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"a": 1}', "[" * 100_000])
def test_what_is_no_result(tmp_path: Path, text: str) -> None:
    """Refused in words."""
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(sixnd.ProblemError, match=r"^other\.json: is no .*; expected a result"):
        sixnd.load(path)
    with pytest.raises(sixnd.ProblemError, match="no such file; expected a result"):
        sixnd.load(tmp_path / "missing.json")
    with pytest.raises(sixnd.ProblemError, match=r"^path: .*is a directory"):
        sixnd.catalog.gpus().save(tmp_path)


def run_python(*words: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, at the root."""
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_import_is_light() -> None:
    """Nothing that is heavy comes with it, and each record comes when it is asked for."""
    code = f"import sys, sixnd; print([name for name in {HEAVY} if name in sys.modules])"
    assert run_python("-c", code).stdout.strip() == "[]"
    assert all(getattr(sixnd, name) is not None for name in sixnd.__all__)
    assert set(dir(sixnd)) == set(sixnd.__all__)
    with pytest.raises(AttributeError, match="no attribute 'plam'"):
        assert cast(Any, sixnd).plam


def test_a_plan_needs_no_pandas() -> None:
    """Nor what draws, writes tables or reads a command line."""
    code = "import sys, sixnd; print(sixnd.plan('8B').status)"
    code += "; print([n for n in ('altair', 'pandas', 'rich', 'typer') if n in sys.modules])"
    assert run_python("-c", code).stdout.split("\n")[:2] == ["optimal", "[]"]


def test_the_package_is_the_command() -> None:
    """`python -m sixnd` is `sixnd`."""
    ran = run_python("-m", "sixnd", "--version")
    assert ran.stdout.strip() == f"sixnd {sixnd.__version__}"


SNIPPET = """
import sixnd
sixnd.plan("70B", deadline="30d", gpu=["H100"], max_gpus=2048)
sixnd.plan("70B", deadine="30d")
sixnd.plan("70B", minimize="money")
sixnd.estimate("70B", gpu="h100_sxm", gpus=8, deadline="30d")
sixnd.frontier("70B", solver="cbc")
sixnd.plan("70B", max_gpus=["8"])
reveal_type(sixnd.plan("70B"))
reveal_type(sixnd.compare("70B", by="pricing"))
reveal_type(sixnd.frontier("70B").frame)
"""


@pytest.mark.slow
def test_a_type_checker_finds_the_same_mistakes() -> None:
    """Each wrong line and no other; results have types."""
    ran = run_python("-m", "mypy", "-c", SNIPPET)
    found = [line for line in ran.stdout.splitlines() if line.startswith("<string>")]
    errors = {int(line.split(":")[1]): line for line in found if ": error: " in line}
    assert set(errors) == {4, 5, 6, 7, 8}, ran.stdout
    assert '"deadine"' in errors[4]
    notes = "\n".join(line for line in found if ": note: " in line)
    for name in ("sixnd.answers.Answer", "sixnd.fleets.PricingComparison", "DataFrame"):
        assert name in notes
