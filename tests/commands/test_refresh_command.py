"""`sixnd catalog`: what is printed where, exit codes, JSON, and mistakes in one line."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from mini_catalog import Ran, assert_refused, sixnd
from refresh_market import HEADER, write_list, write_market
from refresh_market import P5_NAME as NAME

from catalog import load_catalog
from catalog.load import SHIPPED
from optimizer.commands.console import progress_bar

P5 = "p5.48xlarge,H100,8,56.00,22.0,us-east-1,a"
Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("wide_home")


def skypilot(capsys: Capture, *arguments: str | Path) -> Ran:
    """Import these lists."""
    words = [str(word) for word in arguments]
    return sixnd(capsys, "catalog", "import", "skypilot", *words, "--read-on", "2026-11-18")


def as_json(ran: Ran) -> dict[str, Any]:
    """All of stdout."""
    data = json.loads(ran.out)
    assert isinstance(data, dict)
    return data


def test_an_import_is_reported(capsys: Capture, tmp_path: Path, home: Path) -> None:
    """What came in, what was left out and why, and what changed."""
    path = write_list(tmp_path, "aws", P5, "m7i.large,,,0.1,,us-east-1,a")
    ran = skypilot(capsys, path)
    assert (ran.code, ran.err) == (0, "")
    said = " ".join(ran.out.split())
    assert f"Imported 2 offers into {home}" in said
    assert "aws aws/vms.csv as given 2026-11-18 2 2" in said
    assert "1: no GPU, such as aws/vms.csv:3: m7i.large in us-east-1" in said
    assert f"{NAME} 6.88 7.00 +1.7 %" in said
    assert load_catalog(home)


def test_an_import_as_json(capsys: Capture, tmp_path: Path, home: Path) -> None:
    """Everything that the text says, and all of the difference."""
    data = as_json(skypilot(capsys, write_list(tmp_path, "aws", P5), "--json"))
    assert set(data) == {
        *(
            "sixnd",
            "folder",
            "snapshot",
            "lists",
            "left_out",
            "notes",
            "failures",
            "kept",
            "difference",
        ),
        *("held_back", "accepted", "older", "questioned"),
    }
    assert data["folder"] == str(home)
    assert data["snapshot"]["name"] == "refreshed"
    assert data["lists"][0]["offers"] == 2
    (aws,) = data["difference"]["providers"]
    (change,) = aws["changed"]
    assert (change["offer"], change["was"]) == (NAME, "aws_h100_sxm_on_demand")
    assert (change["old_usd_per_gpu_hour"], change["usd_per_gpu_hour"]) == (6.88, 7.0)
    assert change["percent"] == 1.74


def test_long_differences_are_cut_and_say_where_the_rest_is(
    capsys: Capture, tmp_path: Path
) -> None:
    """The list of everything is one command away."""
    rows = [f"p5.48xlarge,H100,8,{60 + n},,r{n},a" for n in range(8)]
    ran = skypilot(capsys, write_list(tmp_path, "aws", *rows))
    assert ran.out.count("added aws_h100") == 5
    assert "the rest: sixnd catalog diff" in ran.out
    assert sixnd(capsys, "catalog", "diff").out.count("added aws_h100") == 8


def test_nothing_to_import(capsys: Capture, tmp_path: Path, home: Path) -> None:
    """Exit code 1, the reasons on stdout, and no file."""
    path = write_list(tmp_path, "mithril", "h100.sxm.8x,H100,8,8.0,8.0,us,")
    ran = skypilot(capsys, path)
    assert ran.code == 1
    assert ran.out.startswith("Nothing to import")
    assert "placeholder" in ran.out
    assert as_json(skypilot(capsys, path, "--json"))["difference"] is None
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.csv"], "none.csv: no such file"),
        (["."], "is a directory"),
        (["README", "--provider", "aws", "--read-on", "2026-11-18"], "no usable header: Instanc"),
        (["http://lists.example/aws.csv"], "expected an address such as https://"),
        (["aws/vms.csv", "--read-on", "soon"], "--read-on: 'soon'; expected a date"),
        (["aws/vms.csv", "aws/vms.csv", "--provider", "aws"], "--provider: names one provider"),
        (["aws/vms.csv"], "say when the prices were read with --read-on YYYY-MM-DD"),
        (["README", "--read-on", "2026-11-18"], "names no provider that is known; expected"),
        (["aws/vms.csv", "--provider", "=+", "--read-on", "2026-11-18"], "--provider: '=+' names"),
        (["\x1b[31m.csv"], "\\x1b[31m.csv: no such file"),
    ],
)
def test_mistakes(
    capsys: Capture,
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    """One line, exit code 2, nothing written."""
    monkeypatch.chdir(tmp_path)
    write_list(tmp_path, "aws", P5)
    (tmp_path / "README").write_text("# Lists\n\nof prices\n", encoding="utf-8")
    ran = sixnd(capsys, "catalog", "import", "skypilot", *arguments)
    assert_refused(ran, said)
    assert not home.exists()


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # gpuhunt's own
def test_gpuhunt(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that cannot be read is a warning; none that can is exit code 1."""
    pytest.importorskip("gpuhunt")
    folder = tmp_path / "hunt"
    folder.mkdir()
    (folder / "broken.csv").write_text("x\n", encoding="utf-8")
    monkeypatch.setenv("GPUHUNT_CATALOG_DIR", str(folder))
    alone = sixnd(capsys, "catalog", "import", "gpuhunt", "--read-on", "2026-11-18")
    assert (alone.code, alone.out[:17]) == (1, "Nothing to import")
    assert alone.err.startswith("warning: broken: ")
    header = "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot"
    line = "p5.48xlarge,us-east-1,56,192,2048,8,H100,80,False"
    (folder / "aws.csv").write_text(f"{header}\n{line}\n", encoding="utf-8")
    arguments = ("catalog", "import", "gpuhunt", "--read-on", "2026-11-18")
    ran = sixnd(capsys, *arguments, "--provider", "aws,broken")
    assert (ran.code, len(ran.err.splitlines())) == (0, 1)
    assert "Imported 1 offer into" in ran.out


def test_gpuhunt_is_optional(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says how to get it."""
    monkeypatch.setitem(sys.modules, "gpuhunt", None)
    ran = sixnd(capsys, "catalog", "import", "gpuhunt")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: gpuhunt is not installed; try pip install 'sixnd[refresh]'\n"


def test_where(capsys: Capture, tmp_path: Path, home: Path) -> None:
    """Before an import, and after."""
    ran = sixnd(capsys, "catalog", "where")
    assert (ran.code, str(home) in ran.out) == (0, True)
    assert "no catalog yet" in ran.out
    assert as_json(sixnd(capsys, "catalog", "where", "--json"))["name"] is None
    skypilot(capsys, write_list(tmp_path, "aws", P5))
    data = as_json(sixnd(capsys, "catalog", "where", "--json"))
    assert (data["folder"], data["name"]) == (str(home), "refreshed")
    assert "refreshed" in sixnd(capsys, "catalog", "where").out


def test_where_the_shipped_catalog_is_used(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where an import would go."""
    monkeypatch.delenv("SIXND_CATALOG")
    monkeypatch.setattr("platformdirs.user_data_dir", lambda _: str(tmp_path / "data"))
    data = as_json(sixnd(capsys, "catalog", "where", "--json"))
    assert (data["folder"], data["name"]) == (str(SHIPPED), "shipped")
    assert data["imports_go_to"] == str(tmp_path / "data" / "catalog")
    assert str(tmp_path / "data" / "catalog") in "".join(
        sixnd(capsys, "catalog", "where").out.split()
    )


def test_diff_of_two_folders(capsys: Capture, tmp_path: Path) -> None:
    """In the order given."""
    one, other = write_market(tmp_path / "one"), write_market(tmp_path / "other")
    text = (other / "offers.csv").read_text(encoding="utf-8").replace(",6.88,", ",5.16,")
    (other / "offers.csv").write_text(text, encoding="utf-8")
    ran = sixnd(capsys, "catalog", "diff", str(one), str(other))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("From one (2026-11-01) to other (2026-11-01)\n")
    assert "-25.0 %" in ran.out
    back = as_json(sixnd(capsys, "catalog", "diff", str(other), str(one), "--json"))
    assert back["providers"][0]["changed"][0]["percent"] == 33.33
    assert (back["old"]["name"], back["new"]["name"], back["same_price"]) == ("other", "one", 5)


def test_diff_without_a_folder(capsys: Capture, tmp_path: Path) -> None:
    """The catalog that was named is missing: one line."""
    ran = sixnd(capsys, "catalog", "diff")
    assert (ran.code, ran.out) == (2, "")
    assert "no such folder; expected a catalog" in ran.err


def test_check(capsys: Capture, tmp_path: Path) -> None:
    """Findings do not fail; a catalog that does not load does, with every mistake."""
    market = write_market(tmp_path / "market")
    ran = sixnd(capsys, "catalog", "check", str(market))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("6 offers: ")
    data = as_json(sixnd(capsys, "catalog", "check", str(market), "--json"))
    assert data["offers"] == 6
    assert {"severity", "check", "says", "about"} == set(data["findings"][0])
    text = (market / "offers.csv").read_text(encoding="utf-8").replace(",6.88,", ",cheap,")
    (market / "offers.csv").write_text(text.replace(",3.99,", ",-1,"), encoding="utf-8")
    broken = sixnd(capsys, "catalog", "check", str(market))
    assert (broken.code, broken.out) == (2, "")
    assert len(broken.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["catalog", "improt"], "no such command 'improt'; did you mean 'import'?"),
        (["catalog", "import", "skypliot"], "did you mean 'skypilot'?"),
        (["catalog"], "missing command; `sixnd catalog --help`"),
        (["catalog", "import", "skypilot"], "missing argument"),
    ],
)
def test_words_that_are_no_command(capsys: Capture, arguments: list[str], said: str) -> None:
    """The nearest one of that group."""
    ran = sixnd(capsys, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize(
    "command", [["import", "skypilot"], ["import", "gpuhunt"], ["diff"], ["check"], ["where"]]
)
def test_help(capsys: Capture, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command says what it does, within the width of a page."""
    monkeypatch.setenv("COLUMNS", "80")
    ran = sixnd(capsys, "catalog", *command, "--help")
    assert ran.out.startswith(f"Usage: sixnd catalog {' '.join(command)}")
    assert not set("{}") & set(ran.out)
    assert all(len(line) <= 80 for line in ran.out.splitlines())
    assert "--json" in ran.out


def test_a_bar_only_where_there_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """On stderr, so that the report can be piped; names in brackets are no markup."""
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress_bar() as bar:
        assert bar is None
    monkeypatch.setattr(screen, "isatty", lambda: True)
    with progress_bar() as bar:
        assert bar is not None
        bar("[/b]aws/vms.csv", 5, 10)
        bar("gcp/vms.csv", 10, 5)
    assert screen.getvalue()


def test_imported_text_reaches_the_terminal_as_text(capsys: Capture, tmp_path: Path) -> None:
    """Markup and control characters of a list are shown, not acted on."""
    rows = (P5, "[red]x,T4,1,1,,us,", "\x1b[31my,T4,1,1,,us,")
    out = skypilot(capsys, write_list(tmp_path, "aws", *rows)).out
    assert "[red]x" in out
    assert "\\x1b[31my" in out
    assert "\x1b" not in out


def test_a_line_of_50_000_cells(capsys: Capture, tmp_path: Path) -> None:
    """Refused for its width, like any other."""
    path = tmp_path / "aws.csv"
    path.write_text(f"{HEADER}\n{'x,' * 50_000}\n{P5}\n", encoding="utf-8")
    ran = skypilot(capsys, path)
    assert ran.code == 0
    assert "wrong number of cells" in ran.out
