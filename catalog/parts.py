"""Parts that are planned with, and parts that are only known: those without a 16-bit peak."""

from collections.abc import Iterable
from datetime import date

from catalog.csv_file import Rows
from catalog.names import UnknownGpuError, match_gpu
from catalog.rows import Gpu, UnplannedGpu
from catalog.tables import gpus_table

# What a plan needs of a part beside its peak; of a part that is only known it may be blank.
PLANNED_WITH = ("memory_gb", "memory_gb_per_s", "scale_up_gb_per_s", "scale_up_gpus")
NO_PEAK = "no dense bf16 or fp16 peak is published"


def check_parts(gpus: Rows) -> None:
    """Note each figure of PLANNED_WITH that a part with a 16-bit peak leaves blank."""
    columns = gpus_table(date.max).columns
    for line, row in gpus.rows:
        for column in PLANNED_WITH if _has_16_bit_peak(row) else ():
            if row[column] is None:
                gpus.mistake(line, column, f"is blank; expected {columns[column].expected}")


def check_planned(found: Rows, gpus: Rows) -> None:
    """Note each row of ``found`` that is about a part without a 16-bit peak."""
    unplanned = {row["gpu"] for _, row in gpus.rows if not _has_16_bit_peak(row)}
    for line, row in found.rows:
        if row["gpu"] in unplanned:
            what = f"{row['gpu']!r} has no 16-bit peak in {gpus.where}; expected a part with one"
            found.mistake(line, "gpu", what)


def planned_gpus(gpus: Rows) -> dict[str, Gpu]:
    """The parts that can be planned with, by name."""
    return {row["gpu"]: Gpu(**row) for _, row in gpus.rows if _has_16_bit_peak(row)}


def unplanned_gpus(gpus: Rows) -> dict[str, UnplannedGpu]:
    """The parts that are only known, by name."""
    return {row["gpu"]: UnplannedGpu(**row) for _, row in gpus.rows if not _has_16_bit_peak(row)}


def why_unplanned(asked: str, gpus: Iterable[UnplannedGpu]) -> str | None:
    """Why a part of that name cannot be planned; None where none of ``gpus`` goes by it."""
    known = {gpu.gpu: gpu for gpu in gpus}
    try:
        found = match_gpu(asked, known.values())
    except UnknownGpuError:
        return None
    named = ", ".join(f"{gpu} ({known[gpu].name})" for gpu in found)
    return f"{named} is known but cannot be planned: {NO_PEAK}"


def _has_16_bit_peak(row: dict[str, object]) -> bool:
    return row["peak_fp16_tflops"] is not None or row["peak_bf16_tflops"] is not None
