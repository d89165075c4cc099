"""Write the calibration's held-out errors into the tables of both READMEs.

python tests/print_tables.py
"""

from pathlib import Path

from held_out_figures import HELD, HIGH, KINDS, MEDIAN, WHOLE, known, whole_runs

from optimizer.step.constants import shipped

ROOT = Path(__file__).parent.parent
HEADS = {
    "optimizer/step/README.md": "| runs | rows | as asked | aim |",
    "README.md": "| runs | rows | as asked | range holds |",
}


def main() -> None:
    """Both files, each in place."""
    for name, head in HEADS.items():
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        start = text.index(head)
        old = text[start:].split("\n\n", 1)[0]
        lines = old.splitlines()
        rows = [cells(line, name) for line in lines[2:]]
        path.write_text(text.replace(old, "\n".join([*lines[:2], *rows])), encoding="utf-8")
    path = ROOT / "optimizer/step/README.md"
    text = path.read_text(encoding="utf-8")
    old = text[text.index(WHOLE) :].split("\n\n", 1)[0]
    rows = ["| " + " | ".join(row) + " |" for row in whole_runs()]
    path.write_text(text.replace(old, "\n".join([*old.splitlines()[:2], *rows])), encoding="utf-8")


def cells(line: str, name: str) -> str:
    """One row with the figures of today."""
    row = [cell.strip() for cell in line.strip("|").split("|")]
    kind = KINDS[row[0]]
    row[1] = str(shipped()["held_out"]["asked"][kind]["n"])
    if name == "README.md":
        row[2:4] = [said("asked", kind, ","), held("asked", kind)]
        row[4:6] = [said("told", kind, ","), held("told", kind)]
    else:
        median, share = known("asked", kind, MEDIAN, HELD)
        row[2] = f"{median} %, {share} %"
        row[4], row[6] = said("told", kind), said("configured", kind)
    return "| " + " | ".join(row) + " |"


def said(mode: str, kind: str, between: str = " /") -> str:
    """The median and the 90th percentile of the error."""
    median, high = known(mode, kind, MEDIAN, HIGH)
    return f"{median} %{between} {high} %"


def held(mode: str, kind: str) -> str:
    """How often the range holds the published figure."""
    return f"{known(mode, kind, HELD)[0]} %"


if __name__ == "__main__":
    main()
