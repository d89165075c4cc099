"""Print the README's shown output again, where prices or predictions changed.

python tests/print_readme.py

Each block keeps the command it begins with, and about as many lines as it showed: up to the dots.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"^```console\n(\$ (sixnd [^\n]*)\n(?!\$ )(.*?))^```$", re.MULTILINE | re.DOTALL)
DOTS = "...\n"


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


def main() -> None:
    """Rewrite the README in place."""
    text = README.read_text(encoding="utf-8")

    def again(block: re.Match[str]) -> str:
        command, shown = block[2], block[3]
        print(command, file=sys.stderr)
        return f"```console\n$ {command}\n{printed(command, shown)}```"

    README.write_text(BLOCK.sub(again, text), encoding="utf-8")


if __name__ == "__main__":
    main()
