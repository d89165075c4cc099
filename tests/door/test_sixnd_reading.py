"""What is given by keyword: mistakes, problem files, arrays, catalogs, reports."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
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
