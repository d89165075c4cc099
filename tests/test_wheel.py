"""The wheel alone, unpacked far from the checkout, says what the README shows."""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from readme_cases import BLOCKS, ROOT, SHOWN, begins

PACKAGES = ("sixnd", "catalog", "problems", "optimizer")
# Data that code reads; a room's page is for who reads the code.
READ = (".csv", ".json", ".toml", ".yaml", ".j2", ".css", ".typed")
# What tests alone hold the model to.
WITNESSES = {Path("optimizer/step/peaks.csv"), Path("optimizer/step/witness.csv")}
# Setuptools that know the licence as pyproject.toml writes it.
OLDEST = 77
# Runs commands and sessions, and writes what they say on stdout as JSON.
DRIVER = """\
import doctest, io, json, shlex, sys
from contextlib import redirect_stdout
from importlib import import_module
from optimizer.commands.cli import main

def run(command):
    out = io.StringIO()
    with redirect_stdout(out):
        try:
            main(shlex.split(command)[1:])
        except SystemExit as stopped:
            assert stopped.code in (0, 1), command
    return out.getvalue()

def session(text):
    shown = doctest.DocTestParser().get_doctest(text, {}, "README.md", None, None)
    with redirect_stdout(sys.stderr):
        return doctest.DocTestRunner(verbose=False).run(shown).failed

asked = json.load(sys.stdin)
said = {
    "homes": {name: import_module(name).__file__ for name in asked["packages"]},
    "outputs": [run(command) for command in asked["commands"]],
    "failed": [session(text) for text in asked["sessions"]],
}
with open("said.json", "w", encoding="utf-8") as file:
    json.dump(said, file)
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        int(version("setuptools").partition(".")[0]) < OLDEST,
        reason="builds no wheel: python -m pip install -e '.[test]' brings setuptools that do",
    ),
]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the wheel, built offline from a copy, so that nothing is left here."""
    source, built, site = (tmp_path_factory.mktemp(name) for name in ("source", "built", "site"))
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, source / package, ignore=ignored)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    words = ("wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation")
    subprocess.run(
        [sys.executable, "-m", "pip", *words, "--wheel-dir", str(built), str(source)], check=True
    )
    (wheel,) = built.glob("sixnd-*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def test_it_holds_the_packages_and_their_data_and_nothing_else(unpacked: Path) -> None:
    """Every table, template and problem that the code reads."""
    names = {path.name for path in unpacked.iterdir()}
    assert {name for name in names if not name.endswith(".dist-info")} == set(PACKAGES)
    for package in PACKAGES:
        here = {path for path in (ROOT / package).rglob("*") if path.suffix in (*READ, ".py")}
        there = {path.relative_to(unpacked) for path in (unpacked / package).rglob("*")}
        assert {path.relative_to(ROOT) for path in here} - WITNESSES <= there


def test_it_says_what_the_readme_shows(unpacked: Path, tmp_path: Path) -> None:
    """Asked in an empty folder but for the problems that come with it; the checkout is not used."""
    said = answers(unpacked, tmp_path)
    for home in said["homes"].values():
        assert Path(home).is_relative_to(unpacked)
    for block, printed in zip(SHOWN, said["outputs"], strict=True):
        command, _, shown = block.partition("\n")
        assert begins(printed, shown), f"{command}\n{printed}"
    assert len(said["failed"]) > 0
    assert not any(said["failed"])


def answers(unpacked: Path, folder: Path) -> dict[str, Any]:
    """What the wheel's own packages say to all that the README shows."""
    (folder / "problems").mkdir()
    for path in (unpacked / "problems").iterdir():
        if path.suffix in READ:
            shutil.copy(path, folder / "problems")
    asked = {
        "packages": PACKAGES,
        "commands": [block.splitlines()[0].removeprefix("$ ") for block in SHOWN],
        "sessions": [text for kind, text in BLOCKS if kind == "pycon"],
    }
    environment = {
        **os.environ,
        "COLUMNS": "80",
        "PYTHONPATH": str(unpacked),
        "SIXND_CATALOG": str(unpacked / "catalog"),
    }
    ran = subprocess.run(
        [sys.executable, "-P", "-c", DRIVER],
        cwd=folder, env=environment, input=json.dumps(asked), text=True, capture_output=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads((folder / "said.json").read_text(encoding="utf-8"))
    return found
