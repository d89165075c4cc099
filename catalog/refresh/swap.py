"""A folder replaced as a whole: the new one is written beside it and put in place by renaming.

Whatever goes wrong on the way, the old folder is there afterwards, unchanged.
"""

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from catalog.csv_file import CatalogError
from catalog.load import SHIPPED
from catalog.place import OFFERS_FILE, predecessor

Result = TypeVar("Result")
# Larger numbers are no process of any system.
LARGEST_PROCESS = 1 << 22


def replace_folder(folder: Path, fill: Callable[[Path, Path | None], Result]) -> Result:
    """Put in ``folder``'s place what ``fill(new, old)`` writes, and return what it returns.

    ``old`` is the folder as it stands, None where it is missing or empty. CatalogError where the
    folder is no catalog of ours to replace, or another import is running.
    """
    folder = folder.resolve()
    _check_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = folder.with_name(f".{folder.name}.new")
    with _locked(folder.with_name(f".{folder.name}.lock")):
        _clean(folder, new)
        _check_ours(folder)
        try:
            new.mkdir()
            result = fill(new, folder if (folder / OFFERS_FILE).is_file() else None)
            _to_disk(new)
            _swap(folder, new)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        # The new one is in place: an old one that cannot be deleted goes the next time.
        shutil.rmtree(predecessor(folder), ignore_errors=True)
    return result


def _check_place(folder: Path) -> None:
    shipped = SHIPPED.resolve()
    if folder == shipped or folder in shipped.parents or shipped in folder.parents:
        what = "holds the shipped catalog; expected a folder of your own; set SIXND_CATALOG"
        raise CatalogError([f"{folder}: {what}"])


def _check_ours(folder: Path) -> None:
    """Only an empty folder or a catalog is replaced: never somebody's other files."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise CatalogError([f"{folder}: is a file; expected a folder; set SIXND_CATALOG"])
    held = list(folder.iterdir())
    if held and not (folder / OFFERS_FILE).is_file():
        what = f"holds other files and no {OFFERS_FILE}; expected a catalog or an empty folder"
        raise CatalogError([f"{folder}: {what}; set SIXND_CATALOG"])
    inner = sorted(path.name for path in held if path.is_dir() or path.is_symlink())
    if inner:
        what = f"holds more than files ({inner[0]!r}); expected the files of a catalog alone"
        raise CatalogError([f"{folder}: {what}; set SIXND_CATALOG"])


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """An OSError of the disk under the name of the file that was written when it came."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
    """One import at a time; the lock is a file, so that it holds on any disk.

    It names the process that holds it and its machine: one that is no longer there is taken over.
    """
    handle = _open_lock(lock)
    if handle is None and _left_behind(lock):
        handle = _open_lock(lock)
    if handle is None:
        what = "another import is running, or was cut off; if none is running, delete this file"
        raise CatalogError([f"{lock}: {what} and try again"])
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(_holder(os.getpid()))
        yield
    finally:
        lock.unlink(missing_ok=True)


def _open_lock(lock: Path) -> int | None:
    """The lock, newly made; None where it is there already."""
    try:
        return os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return None


def _holder(process: int) -> str:
    """What a lock says of its holder."""
    return f"{process} {platform.node()}\n"


def _left_behind(lock: Path) -> bool:
    """Whether the lock's holder ended without it; if so the lock is moved out of the way.

    Of two that find it at once one moves it: the other's rename fails.
    """
    held = _read_lock(lock)
    if not _is_dead(held):
        return False
    aside = lock.with_name(f"{lock.name}.{os.getpid()}")
    try:
        lock.rename(aside)
    except FileNotFoundError:
        return False
    moved = _read_lock(aside)
    if moved != held:  # somebody took it over between reading and moving: theirs goes back
        aside.rename(lock)
        return False
    aside.unlink()
    return True


def _read_lock(lock: Path) -> str:
    try:
        return lock.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _is_dead(held: str) -> bool:
    """Whether the holder is a process of this machine that is not there any more."""
    process = held.split(" ")[0].strip()
    if os.name == "nt" or not process.isascii() or not process.isdigit():
        return False  # on Windows asking for a process would end it
    if held != _holder(int(process)) or not 0 < int(process) < LARGEST_PROCESS:
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _clean(folder: Path, new: Path) -> None:
    """Undo what an import that was cut off left: its new folder, and a swap half done."""
    shutil.rmtree(new, ignore_errors=True)
    old = predecessor(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _to_disk(folder: Path) -> None:
    """Have files and folder on the disk before anything is renamed."""
    for path in sorted(folder.iterdir()):
        with named_errors(path), path.open("rb+") as stream:
            os.fsync(stream.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows opens no folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(folder: Path, new: Path) -> None:
    """Rename the old folder away and the new one in; both back if that fails."""
    old = predecessor(folder)
    try:
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        _sync_folder(folder.parent)
    except BaseException:
        if not new.exists():
            folder.rename(new)
        if old.exists():
            old.rename(folder)
        raise
