"""Every command that takes --json: all of stdout is one JSON document, also with no answer."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from cloud_cases import GOOD
from mini_catalog import write_mini
from refresh_market import write_list

from catalog.load import SHIPPED
from optimizer.commands.cli import app, main

# Words that a command needs beside --json.
ASKED = {
    "plan": "8B",
    "ask": "'cheapest way to train 8B in 30 days'",
    "explain": "8B",
    "compare": "8B --gpu H100 --gpu A6000",
    "frontier": "8B",
    "sensitivity": "8B",
    "afford": "--budget 9k --gpu A6000",
    "estimate": "8B --gpu h100_sxm --gpus 64",
    "pilot": "8B --gpu b200_sxm --deadline 30d --catalog shipped",
    "gpus": "",
    "offers": "",
    "validate": "--runs runs.csv",
    "catalog diff": "",
    "catalog check": "",
    "catalog where": "",
    "catalog age": "",
    "catalog import skypilot": "aws/vms.csv --read-on 2026-11-18",
    "catalog import gpuhunt": "--read-on 2026-11-18",
    "catalog import csv": "prices.csv --read-on 2026-11-18",
    "catalog import aws-price-list": "aws-price-list.json --read-on 2026-11-18",
    "catalog import azure-retail": "azure-retail.json --read-on 2026-11-18",
    "catalog import gcp-skus": "gcp-skus.json --read-on 2026-11-18",
    "catalog import ec2instances": "ec2instances.json --provider aws --read-on 2026-11-18",
}
# Questions that have no answer say so in JSON too.
UNANSWERED = {
    "plan": "8B --budget 1",
    "ask": "'train 8B for under $1'",
    "explain": "8B --budget 1",
    "compare": "8B --budget 1",
    "frontier": "8B --max-gpus 1",
    "sensitivity": "8B --budget 1",
    "afford": "--budget 0.0001",
    "pilot": "8B --budget 1 --catalog shipped",
}


HUNTED = """\
instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot
p5.48xlarge,us-east-1,56,192,2048,8,H100,80,False
"""


def commands(group: Any, before: str = "") -> Iterator[str]:
    """The names of all commands that take --json."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        elif any("--json" in option.opts for option in command.params):
            yield before + name


@pytest.fixture
def files(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Price lists, prices of gpuhunt's and runs, in the working folder."""
    (tmp_path / "shipped").symlink_to(SHIPPED)
    write_list(tmp_path, "aws", "p5.48xlarge,H100,8,56.00,22.0,us-east-1,a")
    shipped = (SHIPPED / "observed_runs.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "runs.csv").write_text("".join(shipped[:9]), encoding="utf-8")
    (tmp_path / "hunt").mkdir()
    (tmp_path / "hunt" / "aws.csv").write_text(HUNTED, encoding="utf-8")
    monkeypatch.setenv("GPUHUNT_CATALOG_DIR", str(tmp_path / "hunt"))
    prices = "provider,gpu,gpu_count,usd_per_gpu_hour\nProv A,H100 SXM,8,2.5\n"
    (tmp_path / "prices.csv").write_text(prices, encoding="utf-8")
    for kind, listed in GOOD.items():
        (tmp_path / f"{kind}.json").write_text(json.dumps(listed), encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def test_every_command_with_json_is_asked_here() -> None:
    """A new one has to be added above."""
    assert set(commands(typer.main.get_command(app))) == set(ASKED)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # gpuhunt's own
@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("command", ASKED)
def test_json_alone(capfd: pytest.CaptureFixture[str], home: Path, command: str) -> None:
    """From the first byte to the last, whatever a library in C prints."""
    if command == "catalog import gpuhunt":
        pytest.importorskip("gpuhunt")
    if not command.startswith("catalog import"):
        write_mini(home)
    document(capfd, f"{command} {ASKED[command]}", 0)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("command", UNANSWERED)
def test_no_answer_is_json_too(capfd: pytest.CaptureFixture[str], home: Path, command: str) -> None:
    """With what stands in the way, and exit code 1."""
    write_mini(home)
    document(capfd, f"{command} {UNANSWERED[command]}", 1)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("command", ASKED)
def test_a_mistake_leaves_stdout_empty(capfd: pytest.CaptureFixture[str], command: str) -> None:
    """Exit code 2 and an error on stderr: who reads JSON gets none that is wrong."""
    code, out, err = run(capfd, f"{command} --no-such-option --json")
    assert (code, out) == (2, "")
    assert "--no-such-option" in err


def document(capfd: pytest.CaptureFixture[str], words: str, expected: int) -> None:
    """Run a command and read all of its stdout as JSON: an object, with no NaN in it."""
    code, out, err = run(capfd, f"{words} --json")
    assert (code, "Traceback" in err) == (expected, False), err
    assert isinstance(json.loads(out, parse_constant=_refused), dict)


def run(capfd: pytest.CaptureFixture[str], words: str) -> tuple[int, str, str]:
    """Exit code and what the process, not Python alone, wrote on stdout and stderr."""
    capfd.readouterr()
    code = 0
    try:
        main(shlex.split(words))
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    return code, *capfd.readouterr()


def _refused(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
