"""Slices of TPUs as launchers name them.

SkyPilot 0.14.1 names a slice as Google does: by cores for v5p, two a chip, and by chips for v5e and
v6e; it is one node (sky/catalog/data_fetchers/fetch_gcp.py). dstack 0.22.5 knows slices on one host
(gpuhunt, providers/gcp.py). Read 2026-11-29.
"""

from optimizer.report.launch.job import Job
from optimizer.report.launch.refusal import ExportError

# Multiples of 128 cores that Google does not list.
NO_V5P = (8576, 9088, 9344, 10112, 10624, 11392)
SMALL = (1, 4, 8, 16, 32, 64, 128, 256)
V5P = (8, 16, 32, 64, *(n for n in range(128, 12_289, 128) if n not in NO_V5P))
# Generation by part, the numbers in its slices' names, and what one chip counts.
SLICES = {
    "tpu_v5e": ("v5litepod", SMALL, 1),
    "tpu_v5p": ("v5p", V5P, 2),
    "tpu_v6e": ("v6e", SMALL, 1),
}
ONE_HOST = {"v5litepod": (1, 4, 8), "v5p": (8,), "v6e": (1, 4, 8)}


def is_tpu(job: Job) -> bool:
    """Whether the part is one of Google's."""
    return job.gpu.startswith("tpu_")


def slice_of(job: Job, launcher: str) -> str:
    """'v6e-256'; ExportError where no slice has that many chips."""
    if job.gpu not in SLICES:
        what = f"gpu: {launcher} has no name for slices of {job.gpu_name}"
        raise ExportError(f"{what}; expected one of {', '.join(SLICES)}; --gpu chooses it")
    generation, sizes, cores = SLICES[job.gpu]
    known = sizes if launcher == "SkyPilot" else ONE_HOST[generation]
    if job.gpus * cores not in known:
        near = " or ".join(f"{n // cores:,}" for n in _around(job.gpus * cores, known))
        what = f"gpus: {launcher} names no slice of {job.gpus:,} {job.gpu_name} chips"
        raise ExportError(f"{what}; expected {near}; --max-gpus chooses a smaller fleet")
    return f"{generation}-{job.gpus * cores}"


def _around(number: int, known: tuple[int, ...]) -> list[int]:
    """The nearest below and above."""
    below, above = [n for n in known if n < number], [n for n in known if n > number]
    return below[-1:] + above[:1]
