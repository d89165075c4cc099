"""A problem file's text as nested tables: TOML or YAML, refused early when it is neither."""

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

from problems.mistakes import ProblemError, shown

LARGEST_FILE_BYTES = 1_000_000
LONGEST_NAME = 255
SUFFIXES = (".toml", ".yaml", ".yml")


def read_document(path: Path) -> dict[str, Any]:
    """The file's tables; ProblemError with file and line where it cannot be read."""
    text = _read_text(path)
    try:
        document = _parse_toml(text) if path.suffix.lower() == ".toml" else _parse_yaml(text)
    except RecursionError:
        raise ProblemError([f"{path.name}: nested too deeply; expected sections of keys"]) from None
    except ValueError as error:
        raise ProblemError([f"{path.name}{error}"]) from None
    if not isinstance(document, dict):
        kind = type(document).__name__
        raise ProblemError([f"{path.name}: holds one {kind}; expected sections such as [run]"])
    return document


def _read_text(path: Path) -> str:
    """The file as text, once it is known to be a small text file."""
    name = path.name or str(path)
    if len(name) > LONGEST_NAME:
        raise ProblemError([f"{shown(name)}: no such file; no file has so long a name"])
    if path.is_dir():
        raise ProblemError([f"{name}: is a directory; expected a problem file; name one inside it"])
    if path.suffix.lower() not in SUFFIXES:
        what = f"{name}: unknown ending {path.suffix!r}"
        raise ProblemError([f"{what}; expected a problem file in {', '.join(SUFFIXES)}"])
    if not path.exists():
        raise ProblemError([f"{path}: no such file; {_nearest_file(path)}"])
    if not path.is_file():
        raise ProblemError([f"{name}: is not a regular file; expected a problem file"])
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            what = f"{name}: {size / 1e6:,.0f} MB; expected at most 1 MB; is it the right file?"
            raise ProblemError([what])
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ProblemError([f"{name}:{line}: is not UTF-8 text; save the file as UTF-8"]) from None
    except OSError as error:
        raise ProblemError([f"{name}: cannot be read: {error.strerror}"]) from None
    if not text.strip():
        raise ProblemError([f"{name}: is empty; expected at least [run] with a model"])
    return text


def _nearest_file(path: Path) -> str:
    """The file of the folder whose name is most like the one that is missing."""
    if not path.parent.is_dir():
        return f"there is no folder {str(path.parent)!r} either"
    names = [file.name for file in path.parent.iterdir() if file.suffix.lower() in SUFFIXES]
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else "expected the path of a problem file"


def _parse_toml(text: str) -> object:
    """The document; ValueError begins with ':line: ' where the parser knows the line."""
    try:
        return tomllib.loads(text)
    except ValueError as error:
        said = str(error)
        at = re.search(r" \(at line (\d+), column \d+\)$", said)
        place, said = (f":{at[1]}", said[: at.start()]) if at else ("", said)
        hint = "check quotes and brackets"
        # What the parser calls it is no help to someone who wrote a key a second time.
        if re.match(r"cannot (overwrite|declare)", said, re.IGNORECASE):
            said, hint = "a key or section stands twice", "keep one of them"
        said = said[:1].lower() + said[1:]
        raise ValueError(f"{place}: is not TOML: {said}; {hint}") from None


def _parse_yaml(text: str) -> object:
    """The document; ValueError begins with ':line: ' where the parser knows the line."""
    # Imported here because most problem files are TOML.
    import yaml

    from problems.yaml_keys import UniqueKeys

    try:
        return yaml.load(text, Loader=UniqueKeys)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ValueError(f"{place}: is not YAML: {said}; check indents and quotes") from None
    except ValueError as error:
        raise ValueError(f": is not YAML: {str(error)[:100]}; put the value in quotes") from None
