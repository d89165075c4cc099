"""A folder is replaced whole or not at all, whatever happens on the way; and only one of ours."""

import errno
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from refresh_market import bring_in, tree, write_list

from catalog import CatalogError
from catalog.load import SHIPPED
from catalog.place import active_catalog
from catalog.refresh import install, swap
from catalog.refresh.offers import offer_rows
from catalog.refresh.swap import replace_folder

ROOT = Path(__file__).parents[2]
P5 = "p5.48xlarge,H100,8,55.04,22.0,us-east-1,a"


@pytest.fixture
def home(home: Path, tmp_path: Path) -> Path:
    """The user's catalog with one import in it."""
    bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    return home


def again(tmp_path: Path) -> None:
    """Import another price."""
    bring_in(tmp_path, write_list(tmp_path, "aws", P5.replace("55.04", "60")))


def holds(text: str) -> Callable[[Path, Path | None], None]:
    """What fills a folder with a catalog of one file."""

    def fill(new: Path, _: Path | None) -> None:
        (new / "offers.csv").write_text(text, encoding="utf-8")

    return fill


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["fail", "kill"])
def test_stopped_at_every_step(tmp_path: Path, mode: str) -> None:
    """A full disk or a killed process: the old catalog or the new one, and the next import."""
    if mode == "kill" and not hasattr(os, "fork"):
        pytest.skip("needs fork")
    script = Path(__file__).with_name("interrupted_import.py")
    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path), mode],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    # Some ten files are read, copied and written, and a folder renamed twice.
    assert int(ran.stdout) > 30


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), OSError(28, "full")])
@pytest.mark.parametrize("place", ["_to_disk", "_swap", "_sync_folder"])
def test_an_exception_of_any_kind(
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    error: BaseException,
) -> None:
    """Ctrl-C and an error of the disk at the end leave what was there."""
    before = tree(home)

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(swap, place, broken)
    with pytest.raises(type(error)):
        again(tmp_path)
    assert tree(home) == before
    assert not list(tmp_path.glob(".mine*"))


def test_a_new_catalog_that_does_not_load_is_not_put_in_place(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is checked where it was written."""
    before = tree(home)

    def unpriced(*arguments: Any) -> list[dict[str, str]]:
        return [{**row, "usd_per_gpu_hour": "-1"} for row in offer_rows(*arguments)]

    monkeypatch.setattr(install, "offer_rows", unpriced)
    with pytest.raises(CatalogError, match="usd_per_gpu_hour: '-1'"):
        again(tmp_path)
    assert tree(home) == before
    assert not list(tmp_path.glob(".mine*"))


def test_two_imports_at_once(tmp_path: Path, home: Path) -> None:
    """The second is refused and told which file to delete if there is no first."""
    before = tree(home)
    lock = tmp_path / ".mine.lock"
    lock.write_text("1\n", encoding="utf-8")
    with pytest.raises(CatalogError) as raised:
        again(tmp_path)
    assert str(lock) in str(raised.value)
    assert "delete this file" in str(raised.value)
    assert (tree(home), lock.exists()) == (before, True)
    lock.unlink()
    again(tmp_path)
    assert tree(home) != before


@pytest.mark.skipif(os.name == "nt", reason="asking for a process would end it there")
def test_the_lock_of_a_dead_import_is_taken_over(tmp_path: Path, home: Path) -> None:
    """Of this machine; one elsewhere may still be running, and so may one that says nothing."""
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    lock = tmp_path / ".mine.lock"
    for held in (f"{ended} elsewhere\n", f"{os.getpid()} {platform.node()}\n", "", "-1 x", "0 \n"):
        lock.write_text(held, encoding="utf-8")
        with pytest.raises(CatalogError, match="delete this file"):
            again(tmp_path)
        assert lock.read_text(encoding="utf-8") == held
    before = tree(home)
    lock.write_text(f"{ended} {platform.node()}\n", encoding="utf-8")
    again(tmp_path)
    assert tree(home) != before
    assert not list(tmp_path.glob(".mine*"))


def test_a_full_disk_names_the_file_that_it_had_no_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the shipped table that was being copied."""
    monkeypatch.setenv("SIXND_CATALOG", str(tmp_path / "mine"))

    def full(source: Path, _: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(source))

    monkeypatch.setattr("catalog.refresh.merge.shutil.copyfile", full)
    with pytest.raises(OSError, match="No space left") as raised:
        bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    assert Path(raised.value.filename).parent == tmp_path / ".mine.new"
    assert not list(tmp_path.glob("*mine*"))


def test_what_a_cut_off_import_left_is_cleaned(tmp_path: Path, home: Path) -> None:
    """A new folder half written, and an old one not yet deleted."""
    for left in (".mine.new", ".mine.old"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "offers.csv").write_text("half", encoding="utf-8")
    again(tmp_path)
    assert not list(tmp_path.glob(".mine*"))


def test_a_swap_that_was_cut_off_halfway(tmp_path: Path, home: Path) -> None:
    """The old folder was renamed away and the new one not yet in: the old one still counts."""
    before = tree(home)
    home.rename(tmp_path / ".mine.old")
    assert active_catalog() == tmp_path / ".mine.old"
    with pytest.raises(CatalogError, match="no such file"):
        bring_in(tmp_path, tmp_path / "none.csv")
    bring_in(tmp_path, write_list(tmp_path, "lambda", "gpu_8x_h100_sxm5,H100,8,32,,us,"))
    assert active_catalog() == home
    assert set(tree(home)) == set(before)
    assert b"import_skypilot_aws" in tree(home)["offers.csv"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    """Somebody made it beforehand."""
    (tmp_path / "empty").mkdir()
    replace_folder(tmp_path / "empty", holds("x"))
    assert tree(tmp_path) == {"empty/offers.csv": b"x"}


def test_folders_that_are_not_ours(tmp_path: Path) -> None:
    """Other files, folders inside, a plain file: nothing is moved or deleted."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("years of work", encoding="utf-8")
    (tmp_path / "git" / ".git").mkdir(parents=True)
    (tmp_path / "git" / "offers.csv").write_text("x", encoding="utf-8")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    before = tree(tmp_path)
    for name, what in (
        ("home", "holds other files and no offers.csv"),
        ("git", "holds more than files"),
        ("file", "is a file"),
    ):
        with pytest.raises(CatalogError, match=f"{what}.*set SIXND_CATALOG"):
            replace_folder(tmp_path / name, holds("y"))
    assert tree(tmp_path) == before


@pytest.mark.parametrize("folder", [SHIPPED, SHIPPED.parent, SHIPPED / "mine"])
def test_the_shipped_catalog_is_not_replaced(folder: Path) -> None:
    """Nor a folder that holds it."""
    with pytest.raises(CatalogError, match="holds the shipped catalog"):
        replace_folder(folder, holds("x"))


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is replaced."""
    (tmp_path / "real").mkdir()
    try:
        (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    replace_folder(tmp_path / "link", holds("x"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "offers.csv").read_text(encoding="utf-8") == "x"
