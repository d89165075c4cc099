"""Slices of TPUs as launchers name them.

SkyPilot 0.14.1 names a slice as Google does: by cores for v5p, two a chip, and by chips for v5e and
v6e; it is one node. dstack 0.22.5 knows slices on one host (gpuhunt, providers/gcp.py). Read
2026-11-29.
"""

from catalog.slices import SLICES
from optimizer.report.launch.job import Job
from optimizer.report.launch.refusal import ExportError

# Generation by part, what one chip counts in a slice's name, and the chips of slices on one host.
GENERATIONS = {
    "tpu_v5e": ("v5litepod", 1, (1, 4, 8)),
    "tpu_v5p": ("v5p", 2, (4,)),
    "tpu_v6e": ("v6e", 1, (1, 4, 8)),
}


def is_tpu(job: Job) -> bool:
    """Whether the part is one of Google's."""
    return job.gpu.startswith("tpu_")


def slice_of(job: Job, launcher: str) -> str:
    """'v6e-256'; ExportError where no slice has that many chips."""
    if job.gpu not in GENERATIONS:
        what = f"gpu: {launcher} has no name for slices of {job.gpu_name}"
        raise ExportError(f"{what}; expected one of {', '.join(GENERATIONS)}; --gpu chooses it")
    generation, cores, one_host = GENERATIONS[job.gpu]
    known = SLICES[job.gpu] if launcher == "SkyPilot" else one_host
    if job.gpus not in known:
        near = " or ".join(f"{n:,}" for n in _around(job.gpus, known))
        what = f"gpus: {launcher} names no slice of {job.gpus:,} {job.gpu_name} chips"
        raise ExportError(f"{what}; expected {near}; --max-gpus chooses a smaller fleet")
    return f"{generation}-{job.gpus * cores}"


def _around(number: int, known: tuple[int, ...]) -> list[int]:
    """The nearest below and above."""
    below, above = [n for n in known if n < number], [n for n in known if n > number]
    return below[-1:] + above[:1]
