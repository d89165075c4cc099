"""What a result can do: one line, frames, charts, pages; and it does not change."""

from dataclasses import FrozenInstanceError, asdict, replace
from pathlib import Path

import pytest
from mini_catalog import MINI, write_mini
from sixnd_cases import LATE, Page

import sixnd
from optimizer.say import days
from sixnd.result import MOST_ROWS, Table, page


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


def test_a_limit_is_named_once(mini: Path) -> None:
    """In the line and in a comparison's frame, however many reasons it is behind."""
    found = sixnd.plan("8B", deadline="30d", gpu="H100", catalog=mini)
    only = sixnd.catalog.filter(mini, gpu="A100")
    none = sixnd.plan("8B", deadline=30, gpu="H100", catalog=only)
    assert found.plan is not None
    assert len(none.reasons) > 1
    assert {reason.limit for reason in none.reasons} == {"gpu"}
    assert repr(none) == "<sixnd.Answer: no plan, in the way: gpu>"
    fleets = sixnd.compare("8B", deadline=30, gpu="H100", catalog=only)
    assert list(fleets.frame["limits"]) == ["gpu"]


def test_a_frontier_counts_what_it_holds(page: None) -> None:
    """And says of how many, in its line and above its table."""
    part, whole = (
        sixnd.frontier("8B", gpu="H100", max_gpus=64, points=points) for points in (2, "all")
    )
    in_all = len(whole.points)
    assert len(part.points) == 2 < in_all
    assert repr(whole).startswith(f"<sixnd.Frontier: {in_all:,} plans, ")
    assert repr(part).startswith(f"<sixnd.Frontier: 2 of {in_all:,} plans, ")
    assert f"2 of {in_all:,} plans" in part._repr_html_()


def test_a_risk_without_a_plan_has_the_columns_of_its_record(mini: Path) -> None:
    """Every figure of the record, percentiles one by one."""
    columns = list(sixnd.risk("8B", deadline=LATE, catalog=mini).frame.columns)
    drawn = sixnd.risk("8B", draws=200, catalog=mini).risk
    assert drawn is not None
    flat: list[str] = []
    for name, held in asdict(drawn).items():
        flat += [f"{name}_{key}" for key in held] if isinstance(held, dict) else [name]
    assert columns == ["offer", *flat]


def test_a_plan_that_is_not_proven_says_its_gap(mini: Path) -> None:
    """A solver out of time leaves a gap."""
    found = sixnd.plan("8B", deadline="30d", catalog=mini)
    assert found.found.proof is not None
    open_proof = replace(found.found.proof, bound=found.found.proof.objective / 2, proven=False)
    late = replace(found, found=replace(found.found, proof=open_proof))
    assert "gap 50.00%" in repr(late)


def test_results_do_not_change(mini: Path) -> None:
    """They are frozen."""
    found = sixnd.plan("8B", deadline="30d", catalog=mini)
    with pytest.raises(FrozenInstanceError):
        found.found = found.found  # type: ignore[misc]


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
