"""Files that commands write beside their answer: all of a file or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place to write to that takes the place of ``path`` once all of it is there.

    A link stays one, and what it leads to is written. OSError names ``path``.
    """
    target = path.resolve()
    try:
        with TemporaryDirectory(dir=target.parent, prefix=".sixnd-") as folder:
            part = Path(folder) / f"part{path.suffix.lower()}"
            yield part
            part.replace(target)
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror}; nothing is written", str(path)) from None


def save_altair(chart: Any, path: Path) -> None:
    """Write an Altair chart as SVG, PNG or HTML by the file's ending."""
    with whole_file(path) as part:
        chart.save(str(part), **({"scale_factor": 2} if part.suffix == ".png" else {}))
