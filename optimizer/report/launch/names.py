"""What launchers call providers and parts, and what they do not know.

Read in the packages named in parts.csv; providers in the lists of clouds of skypilot 0.14.1 and of
backends of dstack 0.22.5 (2026-11-29).
"""

import csv
from functools import cache
from pathlib import Path

from optimizer.report.launch.job import Job
from optimizer.report.launch.refusal import ExportError

PARTS_FILE = Path(__file__).with_name("parts.csv")
PROVIDERS_FILE = Path(__file__).with_name("providers.csv")
SPELLED = {"skypilot": "SkyPilot", "dstack": "dstack"}
AROUND = (
    "--kubernetes CONTEXT on a Kubernetes cluster of theirs, or --to slurm, megatron or torchtitan"
)


@cache
def _rows(path: Path) -> tuple[dict[str, str], ...]:
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def cloud_of(job: Job, launcher: str) -> str:
    """The provider as the launcher writes it, empty where the fleet has none.

    ExportError where the launcher does not know it, with the ways round.
    """
    known = {row["provider"]: row[launcher] for row in _rows(PROVIDERS_FILE) if row[launcher]}
    if job.provider in known or not job.provider:
        return known.get(job.provider, "")
    what = f"provider: {SPELLED[launcher]} does not know {_spoken(job.provider)}"
    expected = f"one of {', '.join(sorted(known))}"
    raise ExportError(f"{what}; expected {expected}; {AROUND}")


def _spoken(provider: str) -> str:
    return "servers of your own" if provider == "own" else provider


def part_of(job: Job, launcher: str, anywhere: bool = False) -> dict[str, str]:
    """The part's row of parts.csv; ``anywhere``: as it is called off any cloud.

    ExportError where the launcher has no name for it at that provider.
    """
    rows = [r for r in _rows(PARTS_FILE) if r["launcher"] == launcher and r["gpu"] == job.gpu]
    provider = "" if anywhere or launcher == "dstack" else job.provider
    for row in rows:
        if row["provider"] == provider:
            return row
    where = f" at {provider}" if provider else ""
    what = f"gpu: {SPELLED[launcher]} has no name for {job.gpu_name} ({job.gpu}){where}"
    raise ExportError(f"{what}; expected {_others(rows, launcher)}; --to slurm takes any part")


def _others(rows: list[dict[str, str]], launcher: str) -> str:
    """Where the part has a name, or else the parts that have one."""
    if any(row["provider"] for row in rows):
        sold = sorted(row["provider"] for row in rows if row["provider"])
        return f"it at {', '.join(sold)}"
    names = {row["gpu"] for row in _rows(PARTS_FILE) if row["launcher"] == launcher}
    return f"one of {', '.join(sorted(names))}"
