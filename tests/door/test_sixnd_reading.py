"""What is given by keyword: mistakes, problem files, arrays, catalogs, reports."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from mini_catalog import MINI
from sixnd_cases import LATE, ROOT

import sixnd
from sixnd.reading import facts_of


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
    quota = {"alpha": np.int64(64), "beta": 8}
    limited = sixnd.plan("8B", quota=cast(Any, quota), catalog=mini)
    assert limited.plan == sixnd.plan("8B", quota={"alpha": 64, "beta": 8}, catalog=mini).plan
    for gpu in (names, {"H100", "A100"}, iter(names.tolist()), "A100, H100"):
        other = sixnd.plan("8B", gpu=gpu, max_gpus=cast(Any, np.int64(64)), catalog=str(mini))
        assert other.to_dict() == plain.to_dict()


def test_a_catalog_is_read_again_when_a_file_changes(mini: Path) -> None:
    """And only then."""
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


WRONG_FACTS: list[tuple[Callable[..., object], dict[str, Any], str]] = [
    (sixnd.catalog.load, {"folder": 5}, "folder: 5 is no path; expected a text or a Path"),
    (sixnd.catalog.load, {"quotes": 5}, "quotes: 5 is no path"),
    (sixnd.catalog.load, {"quotes": b"q.csv"}, "quotes: b'q.csv' is no path"),
    (sixnd.catalog.load, {"quotes": [None]}, "quotes: None is no path"),
    (sixnd.catalog.load, {"accept": 5}, "accept: 5 is no name; expected a text, or several"),
    (sixnd.catalog.load, {"today": "2026-11-25"}, "today: '2026-11-25' is no day; expected"),
    (sixnd.catalog.load, {"today": pd.NaT}, "today: NaT is no day; expected"),
    (sixnd.catalog.gpus, {"gpu": 5}, "gpu: 5 is no name"),
    (sixnd.catalog.gpus, {"gpu": b"H100"}, "gpu: b'H100' is no name"),
    (sixnd.catalog.offers, {"gpu": [None]}, "gpu: None is no name"),
    (sixnd.catalog.offers, {"gpu": float("nan")}, "gpu: nan is no name"),
    (sixnd.catalog.offers, {"gpu": ["H100", ["A100"]]}, "gpu: a list is no name"),
    (sixnd.catalog.offers, {"region": 5}, "region: 5 is no name"),
    (sixnd.catalog.offers, {"pricing": 5}, "pricing: 5 is no name"),
    (sixnd.catalog.filter, {"provider": [1.5]}, "provider: 1.5 is no name"),
    (sixnd.catalog.filter, {"capacity": 5}, "capacity: "),
    (sixnd.catalog.filter, {"capacity": ["quota"]}, "capacity: "),
    (sixnd.catalog.filter, {"catalog": 5}, "catalog: 5 is no catalog"),
    (sixnd.compare, {"model": "8B", "by": 5}, "by: "),
]
WRONG_RATES: list[tuple[object, str]] = [
    (5, "fx: 5 is no table of rates; expected currencies, each with the USD of one unit: {"),
    (["EUR"], "fx: a list is no table of rates"),
    ({5: 1.0}, "fx: 5 is no currency"),
    ({"EUR": "1.09"}, "fx: 'EUR': '1.09' is no number"),
    ({"EUR": None}, "fx: 'EUR': None is no number"),
    ({"EUR": True}, "fx: 'EUR': True is no number"),
    ({"EUR": float("nan")}, "fx: EUR at nan; expected USD of one EUR above 0"),
    ({"EUR": -1}, "fx: EUR at -1; expected"),
    ({"EUR": 10**400}, "fx: EUR at inf; expected"),
    ({"XYZ1": 1.0}, "fx: 'XYZ1'; expected a currency's three letters"),
    ("XYZ1", "fx: 'XYZ1' is no table of rates"),
]


@pytest.mark.parametrize(("call", "keywords", "said"), WRONG_FACTS)
def test_mistakes_in_what_facts_are_asked_for(
    mini: Path, call: Callable[..., object], keywords: dict[str, Any], said: str
) -> None:
    """In words, beginning with the keyword."""
    where = {"folder": mini} if call is sixnd.catalog.load else {"catalog": mini}
    with pytest.raises(sixnd.ProblemError) as refused:
        call(**(where | keywords))
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(("rates", "said"), WRONG_RATES)
def test_rates_that_are_none(mini: Path, rates: object, said: str) -> None:
    """A ValueError in words, with quotes or without."""
    with pytest.raises(ValueError, match=r"^fx: ") as refused:
        sixnd.catalog.load(mini, fx=cast(Any, rates))
    assert str(refused.value).startswith(said)


def test_none_means_not_given(mini: Path) -> None:
    """Of every keyword that has a default, whatever that is."""
    assert sixnd.catalog.load(mini, quotes=None, accept=None, fx=None, today=None).offers
    by_gpu = sixnd.compare("8B", by=None, catalog=mini)
    assert by_gpu.to_dict() == sixnd.compare("8B", catalog=mini).to_dict()
    line = sixnd.frontier("8B", points=None, catalog=mini)
    assert line.to_dict() == sixnd.frontier("8B", points=50, catalog=mini).to_dict()


def test_a_moment_is_its_day(mini: Path, tmp_path: Path) -> None:
    """Quotes expire by the date alone; rates of numpy are rates."""
    quotes = tmp_path / "quotes.csv"
    quotes.write_text(
        "provider,gpu,price,valid_until\ngamma,h100_sxm,EUR 1.00,2026-11-25\n", encoding="utf-8"
    )
    rates = {"EUR": np.float32(1.5)}
    for today in (date(2026, 11, 25), datetime(2026, 11, 25, 23, 59), pd.Timestamp(2026, 11, 25)):
        facts = sixnd.catalog.load(mini, quotes=quotes, fx=cast(Any, rates), today=today)
        assert [o.usd_per_gpu_hour for o in facts.offers if o.provider == "gamma"] == [1.5]
    late = sixnd.catalog.load(mini, quotes=[quotes], fx={"EUR": 1.5}, today=datetime(2026, 11, 26))
    assert late.expired_quotes == {"gamma": date(2026, 11, 25)}


def test_runs_of_ones_own(tmp_path: Path) -> None:
    """A file in the place of the shipped runs, and mistakes in it."""
    shipped = (ROOT / "catalog" / "observed_runs.csv").read_text(encoding="utf-8").splitlines()
    own = tmp_path / "runs.csv"
    own.write_text("\n".join(shipped[:4]) + "\n", encoding="utf-8")
    assert sixnd.validate(own).summary["n"] <= 3
    own.write_text("id,gpu,gpus\nx,h100_sxm,many\n", encoding="utf-8")
    with pytest.raises(sixnd.CatalogError, match=r"runs\.csv"):
        sixnd.validate(own)


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
