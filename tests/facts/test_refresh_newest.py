"""The newest reading wins by the day it was read, and prices that cannot be true are held back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from mini_catalog import sixnd
from refresh_market import P5_NAME as NAME
from refresh_market import TODAY, bring_in, tree, write_list
from small_catalog import make_catalog, make_offer

from catalog import CatalogError, Offer, load_catalog
from catalog.held_back import judged
from catalog.load import SHIPPED
from catalog.refresh.audit import audit
from catalog.refresh.newest import newest_rows
from catalog.rows import PriceReading
from optimizer.report.data.refresh import imported_data
from optimizer.report.document.trust import risks
from optimizer.study.recommendation import recommend
from problems import make_question

P5 = "p5.48xlarge,H100,8,55.04,22.0,us-east-1,a"
Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("wide_home")


def aws(home: Path) -> dict[str, Offer]:
    """AWS's offers in the user's catalog."""
    return {o.offer: o for o in load_catalog(home, TODAY).offers if o.provider == "aws"}


# The newest reading


def row(name: str, day: str, region: str = "", **cells: str) -> dict[str, str]:
    """What matters of a row of offers.csv."""
    sold = {"provider": "aws", "gpu": "h100_sxm", "pricing": "on_demand", "gpus_per_node": "8"}
    return {"offer": name, "read_on": day, "region": region, "commitment_hours": "0"} | sold | cells


@pytest.mark.parametrize(
    ("region", "held", "left"),
    [
        ("r1", row("old", "2026-10-01", "r1"), "r1"),
        ("r1", row("same day", "2026-11-01", "r1"), "r1"),
        ("r1", row("new", "2026-11-02", "r1"), None),
        ("r1 r2", row("new", "2026-11-02", "r1 r3"), "r2"),
        ("r1", row("new", "2026-11-02", "r2"), "r1"),
        ("r1", row("new", "2026-11-02"), None),
        ("", row("new", "2026-11-02", "r1"), None),
        ("r1", row("other node", "2026-11-02", "r1", gpus_per_node="1"), "r1"),
        ("r1", row("other term", "2026-11-02", "r1", commitment_hours="8760"), "r1"),
        ("r1", row("other part", "2026-11-02", "r1", gpu="h200_sxm"), "r1"),
        ("r1", row("other machine", "2026-11-02", "r1", instance_type="a3-megagpu-8g"), "r1"),
        ("r1", row("other machine", "2026-11-02", instance_type="a3-megagpu-8g"), "r1"),
        ("", row("other machine", "2026-11-02", "r1", instance_type="a3-megagpu-8g"), ""),
        ("r1", row("new", "2026-11-02", "r1", instance_type="A3-HighGPU-8g"), None),
        ("r1", row("new", "2026-11-02", "r1", instance_type=""), None),
        ("r1", row("a block", "2026-11-02", "r1", block_days="1"), "r1"),
    ],
)
def test_which_rows_are_taken(region: str, held: dict[str, str], left: str | None) -> None:
    """A row loses the regions of which the catalog has a newer reading of the same product."""
    listed = row("list", "2026-11-01", region, instance_type="a3-highgpu-8g")
    taken, older = newest_rows([listed], [held])
    assert [one["region"] for one in taken] == ([] if left is None else [left])
    assert [(one.newer, one.newer_read_on) for one in older] == (
        [] if left == region else [("new", "2026-11-02")]
    )


def test_an_old_list_changes_nothing(capsys: Capture, tmp_path: Path, home: Path) -> None:
    """Exit code 1, the names and the days, and not a byte written."""
    bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    before = tree(home)
    old = write_list(tmp_path, "aws", P5.replace("55.04", "30"))
    imported = bring_in(tmp_path, old, read_on="2025-11-01")
    assert (imported.snapshot, imported.difference) == (None, None)
    assert [(o.offer, o.read_on, o.newer_read_on) for o in imported.older] == [
        (NAME, "2025-11-01", "2026-11-18"),
        (NAME.replace("on_demand", "spot"), "2025-11-01", "2026-11-18"),
    ]
    assert [one.offers for one in imported.providers] == [0]
    assert tree(home) == before
    arguments = ("catalog", "import", "skypilot", str(old), "--read-on", "2025-11-01")
    ran = sixnd(capsys, *arguments)
    said = " ".join(ran.out.split())
    assert ran.code == 1
    assert "Nothing to import: the catalog has newer readings of all that the lists sell" in said
    assert f"{NAME} in us-east-1 of 2025-11-01: {NAME} is of 2026-11-18" in said
    assert len(json.loads(sixnd(capsys, *arguments, "--json").out)["older"]) == 2
    assert tree(home) == before


def test_an_old_first_import_writes_nothing(tmp_path: Path, home: Path) -> None:
    """The shipped catalog has newer readings."""
    path = write_list(tmp_path, "aws", "p5.48xlarge,H100,8,55.04,,us-east-1,a")
    imported = bring_in(tmp_path, path, read_on="2026-10-01")
    assert [one.newer for one in imported.older] == ["aws_h100_sxm_on_demand"]
    assert not home.exists()


def test_what_was_read_later_stays_beside_what_is_taken(tmp_path: Path, home: Path) -> None:
    """Also what the list does not sell at all; the snapshot is as new as its newest price."""
    newer = "p4d.24xlarge,A100,8,21.96,,us-west-2,a"
    bring_in(tmp_path, write_list(tmp_path, "aws", P5, newer))
    mixed = (P5.replace("55.04", "30"), "p5.48xlarge,H100,8,60,,eu-west-1,a")
    imported = bring_in(tmp_path, write_list(tmp_path, "aws", *mixed), read_on="2026-11-10")
    found = aws(home)
    assert (found[NAME].usd_per_gpu_hour, f"{found[NAME].read_on}") == (6.88, "2026-11-18")
    eu = found[NAME.replace("us_east_1", "eu_west_1")]
    assert (eu.usd_per_gpu_hour, f"{eu.read_on}") == (7.5, "2026-11-10")
    assert "aws_a100_sxm_40_on_demand_8x_p4d_24xlarge_us_west_2" in found
    assert [one.offers for one in imported.providers] == [1]
    assert imported.snapshot is not None
    assert f"{imported.snapshot.date}" == "2026-11-18"


def test_a_price_that_moved_by_a_third_is_questioned(tmp_path: Path, home: Path) -> None:
    """Taken, listed with both days, and there for `catalog check` until the next import."""
    bring_in(tmp_path, write_list(tmp_path, "aws", P5), read_on="2026-11-10")
    risen = write_list(tmp_path, "aws", P5.replace("55.04", "73.3").replace("22.0", "22.5"))
    assert bring_in(tmp_path, risen, read_on="2026-11-11").questioned == ()
    fallen = write_list(tmp_path, "aws", P5.replace("55.04", "48.8").replace("22.0", "22.5"))
    imported = bring_in(tmp_path, fallen)
    (change,) = imported.questioned
    assert (change.old.usd_per_gpu_hour, change.new.usd_per_gpu_hour) == (9.1625, 6.1)
    assert imported_data(imported)["questioned"][0]["offer"] == NAME
    assert aws(home)[NAME].usd_per_gpu_hour == 6.1
    findings = [f for f in audit(load_catalog(home), TODAY) if f.check == "questioned price"]
    assert [f.about for f in findings] == [(NAME,)]
    assert findings[0].says == "6.1 USD of 2026-11-18; 9.1625 on 2026-11-11 (-33 %)"
    bring_in(tmp_path, fallen)
    assert not [f for f in audit(load_catalog(home), TODAY) if f.check == "questioned price"]


def test_a_gpu_that_a_whole_list_lacks_is_dropped_and_said(
    capsys: Capture, tmp_path: Path, home: Path
) -> None:
    """By name, however many offers more are removed; another pricing of it stays."""
    bring_in(tmp_path, write_list(tmp_path, "aws", P5, "p4d.24xlarge,A100,8,21.96,,us-west-2,a"))
    path = write_list(tmp_path, "aws", P5)
    arguments = ("catalog", "import", "skypilot", str(path), "--read-on", "2026-11-19", "--json")
    (found,) = json.loads(sixnd(capsys, *arguments).out)["difference"]["providers"]
    assert found["gone"] == [{"gpu": "a100_sxm_40", "pricing": "on_demand"}]
    assert "aws_a100_sxm_40_on_demand_8x_p4d_24xlarge_us_west_2" not in aws(home)
    assert "aws_h100_sxm_reserved_3y" in aws(home)
    told = sixnd(capsys, "catalog", "diff", str(tmp_path / "shipped"), str(home)).out
    assert "no offer left: a100_sxm_40 on_demand" in told


# Held back


def test_a_price_that_cannot_be_true_is_held_back(
    capsys: Capture, tmp_path: Path, home: Path
) -> None:
    """With row, column and reason; the old offers of that GPU stay, the rest is taken."""
    wrong = "p5.48xlarge,H100,8,0.08,22.0,us-east-1,a"
    path = write_list(tmp_path, "aws", wrong, "p4d.24xlarge,A100,8,21.96,,us-west-2,a")
    imported = bring_in(tmp_path, path)
    (held,) = imported.held_back
    assert (held.where, held.column, held.offer) == (
        "aws/vms.csv:2: p5.48xlarge in us-east-1",
        "price",
        NAME,
    )
    assert held.doubt.usd_per_gpu_hour == 0.01
    assert imported.kept == ("aws_h100_sxm_on_demand",)
    assert {name: offer.usd_per_gpu_hour for name, offer in aws(home).items()} == {
        "aws_a100_sxm_40_on_demand_8x_p4d_24xlarge_us_west_2": 2.745,
        "aws_h100_sxm_on_demand": 6.88,
        "aws_h100_sxm_reserved_3y": 2.97,
        NAME.replace("on_demand", "spot"): 2.75,
    }
    ran = sixnd(capsys, "catalog", "import", "skypilot", str(path), "--read-on", "2026-11-19")
    said = " ".join(ran.out.split())
    assert "Held back: prices that cannot be true; --accept OFFER takes one" in said
    assert f"price of {NAME}: 0.01 USD a GPU-hour, far below every reading of H100 SXM5" in said


def test_what_is_held_back_in_one_region_keeps_the_old_offer_there(
    tmp_path: Path, home: Path
) -> None:
    """By product: another region, machine or pricing of the list stands in for nothing there."""
    old = ("us-east-1", "us-west-2", "eu-west-1", "ap-south-1")
    first = [f"p5.48xlarge,H100,8,55.04,22.0,{region},a" for region in old]
    bring_in(tmp_path, write_list(tmp_path, "aws", *first), read_on="2026-11-10")
    rows = (
        "p5.48xlarge,H100,8,56,,us-east-1,a",
        "p5.48xlarge,H100,8,0.01,23.0,us-west-2,a",
        "p5.4xlarge,H100,1,7,,us-west-2,a",
        "p5.48xlarge,H100,8,56,0.4,eu-west-1,a",
    )
    imported = bring_in(tmp_path, write_list(tmp_path, "aws", *rows))
    found = {
        (o.pricing, o.gpus_per_node, region): (o.usd_per_gpu_hour, f"{o.read_on}")
        for o in aws(home).values()
        for region in o.region.split()
    }
    assert found == {
        ("on_demand", 8, "us-east-1"): (7.0, "2026-11-18"),
        ("on_demand", 8, "us-west-2"): (6.88, "2026-11-10"),
        ("on_demand", 1, "us-west-2"): (7.0, "2026-11-18"),
        ("on_demand", 8, "eu-west-1"): (7.0, "2026-11-18"),
        ("spot", 8, "us-west-2"): (2.875, "2026-11-18"),
        ("spot", 8, "eu-west-1"): (2.75, "2026-11-10"),
    }
    assert len(imported.held_back) == 2
    assert sorted(aws(home)[name].pricing for name in imported.kept) == ["on_demand", "spot"]


@pytest.mark.parametrize(
    ("bad", "kept"),
    [
        ("p5.48xlarge,H100,8,0.01,,us-west-2,a", True),
        ("p5.48xlarge,H100,8,x,,us-west-2,a", True),
        ("p5.48xlarge,H100,8,,,us-west-2,a", True),
        ("p5.48xlarge,H100,8,9000,,us-west-2,a", True),
        ("p5.48xlarge,H100,8,0.01,,,a", True),
        ("p5.4xlarge,H100,1,0.01,,us-west-2,a", False),
        ("p5.48xlarge,H100,8,0.01,,eu-west-1,a", False),
        ("p5.48xlarge,H100,8,0.01,,us-east-1,a", False),
    ],
)
def test_a_region_without_a_price_to_be_trusted_keeps_its_old_one(
    tmp_path: Path, home: Path, bad: str, kept: bool
) -> None:
    """Whatever is wrong with the new one; a region with a good row beside a bad one does not."""
    good = "p5.48xlarge,H100,8,56,,us-east-1,b"
    imported = bring_in(tmp_path, write_list(tmp_path, "aws", good, bad))
    offers = {name: o for name, o in aws(home).items() if o.pricing == "on_demand"}
    assert offers.pop(NAME).usd_per_gpu_hour == 7
    assert {name: (o.region, o.usd_per_gpu_hour) for name, o in offers.items()} == (
        {"aws_h100_sxm_on_demand": ("us-west-2", 6.88)} if kept else {}
    )
    assert imported.kept == (("aws_h100_sxm_on_demand",) if kept else ())


def test_a_list_of_wrong_prices_does_not_confirm_itself(tmp_path: Path, home: Path) -> None:
    """However many agree."""
    rows = [f"p5.48xlarge,H100,8,{0.08 + n / 1000},,r{n},a" for n in range(50)]
    imported = bring_in(tmp_path, write_list(tmp_path, "aws", *rows))
    assert len(imported.held_back) == 50
    assert not home.exists()


def test_a_wrong_spot_price_costs_itself_alone(tmp_path: Path, home: Path) -> None:
    """The on-demand price of the row is taken."""
    path = write_list(tmp_path, "aws", "p5.48xlarge,H100,8,55.04,0.4,us-east-1,a")
    (held,) = bring_in(tmp_path, path).held_back
    assert (held.column, held.offer) == ("spot price", NAME.replace("on_demand", "spot"))
    assert set(aws(home)) == {NAME, "aws_h100_sxm_reserved_3y"}


def test_an_accepted_price_is_taken_and_said(tmp_path: Path, home: Path) -> None:
    """By name or all; a name that the lists do not have is refused."""
    path = write_list(tmp_path, "aws", "p5.48xlarge,H100,8,0.08,,us-east-1,a")
    for names in ([NAME], ["all"]):
        imported = bring_in(tmp_path, path, accept=names)
        assert ([row.offer for row in imported.accepted], imported.held_back) == ([NAME], ())
        assert aws(home)[NAME].usd_per_gpu_hour == 0.01
    assert set(load_catalog(home).held_back) == {NAME}
    before = tree(home)
    with pytest.raises(CatalogError, match=rf"--accept: 'x' .* held back are {NAME}; expected"):
        bring_in(tmp_path, path, accept=["x"])
    assert tree(home) == before


def test_a_poisoned_catalog_decides_nothing(capsys: Capture, tmp_path: Path, home: Path) -> None:
    """The first screen says what is held back, or that what was accepted decides; so does JSON."""
    bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    text = (home / "offers.csv").read_text(encoding="utf-8")
    (home / "offers.csv").write_text(text.replace(",6.88,", ",0.01,", 1), encoding="utf-8")
    question = ("plan", "1B", "--deadline", "30d", "--gpu", "h100_sxm")
    said = " ".join(sixnd(capsys, *question).out.split())
    assert f"held back: {NAME} at 0.01 USD a GPU-hour, far below every reading of H100" in said
    assert f"--accept {NAME} takes it" in said
    data = json.loads(sixnd(capsys, *question, "--json").out)
    assert data["plan"]["offer"] != NAME
    assert [held["offer"] for held in data["held_back"]] == [NAME]
    assert data["accepted"] == []
    forced = sixnd(capsys, *question, "--accept", NAME)
    head = " ".join(forced.out.split("\n\n")[0].split())
    assert f"warning: {NAME} at 0.01 USD a GPU-hour, far below every reading" in head
    assert "it was accepted and decides this plan" in head
    data = json.loads(sixnd(capsys, *question, "--accept", "all", "--json").out)
    assert [(one["offer"], one["decides"]) for one in data["accepted"]] == [(NAME, True)]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("compare", "1B"), marks=pytest.mark.slow),
        ("frontier", "1B"),
        ("estimate", "1B", "--gpu", "h100_sxm", "--gpus", "8"),
        pytest.param(("afford", "--budget", "1M", "--deadline", "30d"), marks=pytest.mark.slow),
        ("offers",),
    ],
)
def test_every_command_that_takes_offers_says_it(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """On stderr, where the answer has no place for it; and takes --accept."""
    monkeypatch.setenv("SIXND_CATALOG", str(SHIPPED))
    quotes = tmp_path / "quotes.csv"
    lines = ("provider,gpu,price,node size", "CoreWeave,B200 SXM,68.80,8")
    quotes.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ran = sixnd(capsys, *command, "--offers", str(quotes))
    assert ran.code in (0, 1)
    assert "held back: coreweave_b200_sxm" in ran.err
    assert "8.60 a GPU if it is the price of the node of 8" in ran.err
    assert "Traceback" not in ran.err
    forced = sixnd(capsys, *command, "--offers", str(quotes), "--accept", "all")
    assert "warning: accepted: coreweave_b200_sxm" in forced.err


def test_a_report_lists_what_was_held_back() -> None:
    """Among the risks, for whoever decides without the terminal."""
    offers = (make_offer(), make_offer("poison", usd=0.01))
    reading = PriceReading("big", "rent", "2026-08", 2.0, 4.0, 5, "price_page")
    catalog = replace(make_catalog(offers), readings=(reading,))
    question = make_question(model="1B", deadline="90d")
    found = recommend(question, judged(catalog, offers), TODAY)
    said = str(risks(found).blocks)
    assert "Held back, at prices that cannot be true:" in said
    assert "poison at 0.01 USD a GPU-hour, far below every reading of BIG" in said
