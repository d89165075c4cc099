"""What the tables of a catalog owe each other: keys that exist, classes, precisions, curves."""

from catalog.csv_file import Rows
from catalog.rows import (
    Gpu,
)

# Foreign keys: the column, and the file and column that its value must stand in.
_REFERENCES = {
    "source": ("sources.csv", "source"),
    "size_source": ("sources.csv", "source"),
    "gpu": ("gpus.csv", "gpu"),
    "cluster_class": ("cluster_classes.csv", "cluster_class"),
    "framework": ("frameworks.csv", "framework"),
}


def check_references(files: dict[str, Rows]) -> None:
    """Every foreign key must resolve; files with mistakes lack rows and are not held against it."""
    keys = {
        column: {row[key] for _, row in files[file].rows}
        for column, (file, key) in _REFERENCES.items()
        if file in files and not files[file].mistakes
    }
    for found in files.values():
        for line, row in found.rows:
            for column, known in keys.items():
                if row.get(column) and row[column] not in known:
                    what = (
                        f"{row[column]!r}; expected a row of {_REFERENCES[column][0]}; add it there"
                    )
                    found.mistake(line, column, what)


def check_classes(found: Rows) -> None:
    """A class states its largest cluster in nodes or in GPUs, never in both."""
    for line, row in found.rows:
        if (row["max_nodes"] is None) == (row["max_gpus"] is None):
            what = "expected exactly one of max_nodes and max_gpus; leave the other blank"
            found.mistake(line, "max_nodes", what)


def check_readings(found: Rows) -> None:
    """The lowest price of a reading is not above its highest."""
    for line, row in found.rows:
        low, high = row["lowest_usd_per_gpu_hour"], row["highest_usd_per_gpu_hour"]
        if low > high:
            what = f"{low:g}; expected at most the highest, {high:g}"
            found.mistake(line, "lowest_usd_per_gpu_hour", what)


def check_precisions(found: Rows, gpus: dict[str, Gpu]) -> None:
    """A curve needs the peak that its MFU is a share of."""
    for line, row in found.rows:
        if gpus[row["gpu"]].peak_tflops(row["precision"]) is None:
            lacks = f"{row['gpu']} has no peak_{row['precision']}_tflops in gpus.csv"
            found.mistake(line, "precision", f"{row['precision']!r}; {lacks}; expected a peak")


def check_curves(found: Rows, offers: Rows, gpus: dict[str, Gpu]) -> None:
    """Each GPU on offer has a curve in bf16, or in fp16 where the part has no bf16."""
    curved = {(row["gpu"], row["precision"]) for _, row in found.rows}
    reported: set[str] = set()
    for line, row in offers.rows:
        gpu = gpus[row["gpu"]]
        precision = "fp16" if gpu.peak_bf16_tflops is None else "bf16"
        if (gpu.gpu, precision) not in curved and gpu.gpu not in reported:
            reported.add(gpu.gpu)
            what = f"{gpu.gpu!r}; expected a {precision} curve for it; add rows to {found.where}"
            offers.mistake(line, "gpu", what)
