"""An import stopped at each of its steps in turn: `python interrupted_import.py FOLDER fail|kill`.

A step is anything that touches a file below FOLDER. `fail`: the step raises, as on a full disk;
`kill`: the process ends there. Prints the number of steps, or the first step that lost something.
A process of its own, because a hook on every file access cannot be taken away again.
"""

import errno
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from refresh_market import bring_in, tree, write_list

from catalog import CatalogError, load_catalog
from catalog.place import active_catalog

TOUCHES = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.copyfile"}
KILLED = 9
folder, mode = Path(sys.argv[1]), sys.argv[2]
home = folder / "mine"
steps = {"left": 0, "armed": 0}


def stop_here(event: str, arguments: tuple[Any, ...]) -> None:
    """Count a step; at the chosen one, fail or end."""
    if not steps["armed"] or event not in TOUCHES:
        return
    touched = [str(a) for a in arguments[:2] if isinstance(a, (str, Path))]
    if not any(".mine" in path or str(home) in path or path == str(folder) for path in touched):
        return
    # A lock that cannot be deleted is told of the next time.
    if mode == "fail" and event == "os.remove" and touched[0].endswith(".lock"):
        return
    steps["left"] -= 1
    if steps["left"] == 0:
        if mode == "kill":
            os._exit(KILLED)
        raise OSError(errno.ENOSPC, "No space left on device", touched[0])


def stopped_at(step: int) -> bool:
    """Import, stopped at that step; whether there was such a step."""
    steps.update(left=step, armed=1)
    expected = before
    try:
        bring_in(folder, new)
        expected = after
    except (OSError, CatalogError):  # the loader tells a file that it cannot read as a mistake
        pass
    finally:
        steps["armed"] = 0
    assert tree(home) == expected, f"step {step}: not as it was, or not as it was to be"
    return steps["left"] <= 0


def killed_at(step: int) -> bool:
    """The same in a process that ends at that step."""
    child = os.fork()
    if child == 0:
        stopped_at(step)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def check(step: int) -> None:
    """Old or new, never half; and the next import tidies up."""
    standing = active_catalog()
    load_catalog(standing)
    assert tree(standing) in (before, after), f"step {step}: neither the old nor the new catalog"
    left = {path.name for path in folder.glob(".mine*")}
    # An old folder that cannot be deleted once the new one is in place waits for the next time.
    if mode == "fail" and left:
        assert (left, tree(home)) == ({".mine.old"}, after), f"step {step}: {left} left"
    (folder / ".mine.lock").unlink(missing_ok=True)
    bring_in(folder, new)
    assert tree(home) == after, f"step {step}: the next import went wrong"
    assert not list(folder.glob(".mine*")), f"step {step}: not tidied up"


os.fsync = lambda fd: None  # waiting for the disk hundreds of times would show nothing more
os.environ["SIXND_CATALOG"] = str(home)
old = write_list(folder / "old", "aws", "p5.48xlarge,H100,8,55.04,22.0,us-east-1,a")
new = write_list(folder / "new", "aws", "p5.48xlarge,H100,8,60.00,24.0,us-east-1,a")
bring_in(folder, old)
before = tree(home)
shutil.copytree(home, folder / "saved")
bring_in(folder, new)
after = tree(home)
sys.addaudithook(stop_here)
number = 1
while True:
    shutil.rmtree(home)
    shutil.copytree(folder / "saved", home)
    if not (stopped_at if mode == "fail" else killed_at)(number):
        break
    check(number)
    number += 1
print(number - 1)
