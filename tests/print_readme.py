"""Print the README's shown output again, where prices or predictions changed.

python tests/print_readme.py

Each block keeps the command it begins with, and about as many lines as it showed: up to the dots.
"""

import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from readme_cases import mathematics

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"^```console\n(\$ (sixnd [^\n]*)\n(?!\$ )(.*?))^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOTS = "...\n"

MATHEMATICS = re.compile(
    r"(<summary>The integer program</summary>\n\n```\n).*?(\n```\n)", re.DOTALL
)


def printed(command: str, shown: str) -> str:
    """What the command prints now: all of it, or as many lines as were shown before the dots."""
    words = [sys.executable, "-m", "optimizer", *shlex.split(command)[1:]]
    environment = {**os.environ, "COLUMNS": "80"}
    ran = subprocess.run(
        words, cwd=README.parent, env=environment, capture_output=True, text=True, check=False
    )
    lines = [line.rstrip() + "\n" for line in ran.stdout.splitlines()]
    if not shown.endswith(DOTS):
        return "".join(lines)
    most = len(shown.splitlines()) - 1
    return "".join(lines[:most]) + (DOTS if len(lines) > most else "")


def spoken(block: str) -> str:
    """A session of Python again: each statement with what it gives now."""
    names: dict[str, Any] = {}
    lines: list[str] = []
    for example in doctest.DocTestParser().get_examples(block):
        first, *more = example.source.splitlines()
        lines += [f">>> {first}", *(f"... {line}" for line in more), *given(example.source, names)]
    return "".join(f"{line}\n" for line in lines)


def given(source: str, names: dict[str, Any]) -> list[str]:
    """The lines that a statement prints, or its exception as a session shows it."""
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            exec(compile(source, "README.md", "single"), names)
    except Exception as error:
        kind = type(error).__name__
        return ["Traceback (most recent call last):", "    ...", f"{kind}: {error}"]
    return said.getvalue().splitlines()


def main() -> None:
    """Rewrite the README in place."""
    text = README.read_text(encoding="utf-8")

    def again(block: re.Match[str]) -> str:
        command, shown = block[2], block[3]
        print(command, file=sys.stderr)
        return f"```console\n$ {command}\n{printed(command, shown)}```"

    text = BLOCK.sub(again, text)
    text = PYTHON.sub(lambda block: f"```pycon\n{spoken(block[1])}```", text)
    text = MATHEMATICS.sub(lambda block: f"{block[1]}{mathematics()}{block[2]}", text)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
