"""`sixnd catalog import csv` and its kin on the command line: options, reports, exit codes."""

import json
import re
import shlex
from pathlib import Path

import pytest
from cloud_cases import GOOD
from mini_catalog import Ran, assert_refused, sixnd

from catalog import Offer, load_catalog

Capture = pytest.CaptureFixture[str]
README = Path(__file__).parents[2] / "catalog" / "README.md"
KINDS = ("csv", "aws-price-list", "azure-retail", "gcp-skus", "ec2instances")
# What the examples of the README are about.
FILES = {
    "list.json": '[{"vendor": "Prov A", "model": "H100 SXM", "gpus": 8, "usd_hr": 20}]',
    "list.csv": "GPU,cents\nH100 SXM,250\n",
    "eu.csv": 'GPU,"EUR, month"\nH100 SXM,13394.495\n',
}


@pytest.fixture(autouse=True)
def _beside_the_lists(wide_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def bring(capsys: Capture, *words: str) -> Ran:
    """Import a list of 2026-11-18."""
    return sixnd(capsys, "catalog", "import", *words, "--read-on", "2026-11-18")


def imported_offers(home: Path) -> list[Offer]:
    """What the user's catalog has of the imports."""
    return [o for o in load_catalog(home).offers if o.source.startswith("import_")]


def readme_commands() -> list[str]:
    """The commands that the README shows for tables."""
    text = README.read_text(encoding="utf-8")
    return re.findall(r"^sixnd catalog import csv (?:list|eu)\..*$", text, re.MULTILINE)


def test_the_readme_has_commands() -> None:
    """So that the next test is one."""
    assert len(readme_commands()) == 3


@pytest.mark.parametrize("command", readme_commands())
def test_the_commands_of_the_readme(capsys: Capture, home: Path, command: str) -> None:
    """Each reads a list of that form: an H100 at 2.50 USD an hour."""
    words = shlex.split(command)[3:]
    Path(words[1]).write_text(FILES[words[1]], encoding="utf-8")
    dated = [] if "--read-on" in words else ["--read-on", "2026-11-18"]
    ran = sixnd(capsys, "catalog", "import", *words, *dated)
    assert (ran.code, ran.err) == (0, "")
    assert [(o.gpu, o.usd_per_gpu_hour) for o in imported_offers(home)] == [("h100_sxm", 2.5)]


def test_what_is_left_out_is_told(capsys: Capture, home: Path) -> None:
    """Row, column, cell and reason, on stdout and as JSON."""
    text = "gpu,usd,gpus\nH100 SXM,20,8\nL40S,<b>1</b>,1\n"
    Path("t.csv").write_text(text, encoding="utf-8")
    words = ("csv", "t.csv", "--map", "gpu=gpu,price=usd/node,count=gpus", "--provider", "acme")
    ran = bring(capsys, *words)
    said = " ".join(ran.out.split())
    assert (ran.code, ran.err) == (0, "")
    assert re.search(
        r"1: price is not a number above zero, such as \S+/t\.csv:3: usd: <b>1</b>", said
    )
    data = json.loads(bring(capsys, *words, "--json").out)
    assert data["lists"][0]["provider"] == "acme"
    assert [reason["count"] for reason in data["left_out"]] == [1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("csv", "none.csv"), "none.csv: no such file"),
        (("csv", "t.csv"), "columns of no known list; there are: gpu, usd"),
        (("csv", "t.csv", "--unit", "rack"), "--unit: 'rack'; expected node or gpu"),
        (("csv", "t.csv", "--shape", "x"), "--shape: 'x'; expected one of observations"),
        (("csv", "t.csv", "--provider", "=+"), "--provider: names no provider"),
        (("csv", "t.csv", "--currency", "EUR"), "--currency: EUR without a rate"),
        (("csv", "t.csv", "--fx", "EUR"), "--fx: 'EUR'; expected a currency once"),
        (("csv", "t.csv", "--map", "gpu=gpu,price=usd/gpu"), "no column says who sells it"),
        (("skypilot", "t.csv", "--provider", "aws"), "sixnd catalog import csv FILE --map"),
        (("ec2instances", "aws.json"), "--provider: the file does not say whose machines"),
        (("azure-retail", "aws.json"), "AWS price list: sixnd catalog import aws-price-list FILE"),
    ],
)
def test_mistakes(capsys: Capture, home: Path, words: tuple[str, ...], said: str) -> None:
    """One line, exit code 2, nothing written."""
    Path("t.csv").write_text("gpu,usd\nH100 SXM,2.5\n", encoding="utf-8")
    Path("aws.json").write_text(json.dumps(GOOD["aws-price-list"]), encoding="utf-8")
    ran = bring(capsys, *words)
    assert_refused(ran, said)
    assert not home.exists()


def test_a_list_that_nobody_dates_is_refused(capsys: Capture, home: Path) -> None:
    """AWS's says when it was published."""
    Path("t.csv").write_text("provider,gpu,usd_per_gpu_hour\nx,H100 SXM,2.5\n", encoding="utf-8")
    ran = sixnd(capsys, "catalog", "import", "csv", "t.csv")
    assert (ran.code, "say when the prices were read with --read-on" in ran.err) == (2, True)
    Path("aws.json").write_text(json.dumps(GOOD["aws-price-list"]), encoding="utf-8")
    assert sixnd(capsys, "catalog", "import", "aws-price-list", "aws.json").code in (0, 1)


@pytest.mark.parametrize("kind", GOOD)
def test_the_lists_of_large_providers(capsys: Capture, home: Path, kind: str) -> None:
    """Into the catalog that comes with the program, with the names of their machines."""
    Path("list.json").write_text(json.dumps(GOOD[kind]), encoding="utf-8")
    provider = ("--provider", "aws") if kind == "ec2instances" else ()
    words = ("catalog", "import", kind, "list.json", *provider, "--read-on", "2026-11-28")
    ran = sixnd(capsys, *words)
    assert (ran.code, ran.err) == (0, "")
    offers = imported_offers(home)
    assert offers
    for offer in offers:
        assert offer.instance_type
        assert "contract" not in offer.cluster_class
        assert offer.capacity in ("quota", "self_serve", "spot")


@pytest.mark.parametrize("kind", KINDS)
def test_help(capsys: Capture, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every importer says what it does, within the width of a page."""
    monkeypatch.setenv("COLUMNS", "80")
    ran = sixnd(capsys, "catalog", "import", kind, "--help")
    assert ran.out.startswith(f"Usage: sixnd catalog import {kind}")
    assert all(len(line) <= 80 for line in ran.out.splitlines())
    assert "--json" in ran.out
    assert "--accept" in ran.out


def test_a_price_that_cannot_be_true_is_held_back(capsys: Capture, home: Path) -> None:
    """And taken by its name."""
    text = "provider,gpu,gpu_count,usd_per_gpu_hour\nx,H100 SXM,8,0.02\nx,B200,8,5\n"
    Path("t.csv").write_text(text, encoding="utf-8")
    ran = bring(capsys, "csv", "t.csv")
    assert ran.code == 0
    assert [o.gpu for o in imported_offers(home)] == ["b200_sxm"]
    assert "x_h100_sxm_on_demand_8x" in ran.out + ran.err
    bring(capsys, "csv", "t.csv", "--accept", "x_h100_sxm_on_demand_8x")
    assert {o.gpu for o in imported_offers(home)} == {"b200_sxm", "h100_sxm"}
