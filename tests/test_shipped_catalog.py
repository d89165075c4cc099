"""The audit of the shipped catalog, kept as tests: what a reader would check by hand."""

import csv
import re
from itertools import pairwise

import pytest

from catalog import SNAPSHOT_ON, Catalog, load_catalog
from catalog.load import SHIPPED
from catalog.tables import (
    AUDITS,
    FRAMEWORK_RULES,
    SOURCE_KINDS,
)
from catalog.vocabulary import FABRICS, GROUPS, PRECISIONS, PRICINGS

# The tables whose rows have a source and a date.
DATED = (
    *("gpus.csv", "offers.csv", "efficiency.csv"),
    *("regions.csv", "storage.csv", "failures.csv", "defaults.csv"),
)
FILES = (
    *DATED,
    *("cluster_classes.csv", "sources.csv", "frameworks.csv", "framework_peaks.csv"),
    "price_readings.csv",
)
WANTED_GPUS = {
    *("v100_sxm2_16", "v100_sxm2_32", "v100_pcie_16", "v100_pcie_32", "a100_sxm_40"),
    *("a100_sxm_80", "a100_pcie_40", "a100_pcie_80", "rtx_a6000", "rtx_6000_ada", "l40s"),
    *("rtx_4090", "rtx_5090", "h100_pcie", "h100_sxm", "h200_sxm", "gh200_96", "b200_sxm"),
    *("b300_sxm", "gb200_nvl72", "gb300_nvl72", "mi250x", "mi300x", "mi325x", "mi355x"),
    *("tpu_v4", "tpu_v5e", "tpu_v5p", "tpu_v6e"),
}

# Dense TFLOP/s from datasheets: fp16, bf16, fp8. The headline with 2:4 sparsity is double.
DENSE_PEAKS: dict[str, tuple[float | None, float | None, float | None]] = {
    "v100_sxm2_16": (125, None, None),
    "v100_pcie_32": (112, None, None),
    "a100_sxm_80": (312, 312, None),
    "a100_pcie_40": (312, 312, None),
    "rtx_a6000": (154.8, 154.8, None),
    "rtx_6000_ada": (364.2, 364.2, 728.5),
    "l40s": (362.05, 362.05, 733),
    "rtx_4090": (165.2, 165.2, 330.3),
    "rtx_5090": (209.5, 209.5, 419),
    "h100_sxm": (989.4, 989.4, 1978.9),
    "h100_pcie": (756, 756, 1513),
    "h100_nvl": (835.5, 835.5, 1671),
    "h200_sxm": (989.5, 989.5, 1979),
    "b200_sxm": (2250, 2250, 4500),
    "b300_sxm": (2250, 2250, 4500),
    "gb200_nvl72": (2500, 2500, 5000),
    "mi250x": (383, 383, None),
    "mi300x": (1307.4, 1307.4, 2614.9),
    "tpu_v4": (None, 275, None),
    "tpu_v5e": (None, 197, None),
    "tpu_v5p": (None, 459, 459),
    "tpu_v6e": (None, 918, 918),
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The shipped catalog."""
    return load_catalog()


def rows(file: str) -> list[dict[str, str]]:
    """The cells of a shipped file as they stand."""
    with (SHIPPED / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# Size and order


def test_the_catalog_is_as_large_as_promised(catalog: Catalog) -> None:
    """Enough to choose from on every continent."""
    assert len(catalog.gpus) >= 48
    assert len(catalog.gpus) + len(catalog.unplanned) >= 54
    assert len(catalog.offers) >= 550
    assert len({offer.provider for offer in catalog.offers} - {"own"}) >= 32
    assert {offer.pricing for offer in catalog.offers} == {
        "on_demand",
        "reserved",
        "spot",
        "marketplace",
        "owned",
    }
    assert not WANTED_GPUS - set(catalog.gpus)


def test_every_part_of_the_world_has_offers(catalog: Catalog) -> None:
    """Whoever has to stay in a country or a group finds real prices there."""

    def sold_in(*groups: str) -> int:
        places = [
            {catalog.regions[name].group for name in offer.region.split()}
            for offer in catalog.offers
        ]
        return sum(bool(place & set(groups)) for place in places)

    assert sold_in("eu", "uk", "europe") >= 130
    assert sold_in("asia", "oceania", "americas", "middle_east", "africa") >= 145
    for group in GROUPS:
        assert sold_in(group) >= 5, group


@pytest.mark.parametrize("file", FILES)
def test_files_are_sorted_by_key(file: str) -> None:
    """A changed price is a diff of one line."""

    def key(row: dict[str, str]) -> tuple[object, ...]:
        if file == "framework_peaks.csv":
            return row["framework"], row["gpu"]
        if file == "price_readings.csv":
            return row["gpu"], row["kind"], row["month"], row["source"]
        if file == "efficiency.csv":
            return row["gpu"], row["precision"], int(row["gpus"])
        return (next(iter(row.values())),)

    keys = [key(row) for row in rows(file)]
    assert keys == sorted(keys)


@pytest.mark.parametrize("file", FILES)
def test_no_cell_names_a_place_on_a_machine(file: str) -> None:
    """Sources are public pages, never somebody's folder."""
    text = (SHIPPED / file).read_text(encoding="utf-8")
    assert not re.search(r"(^|[\s\",(])/(work|tmp|home|mnt|root|Users)/|localhost|file:", text)
    assert text.endswith("\n")
    assert "\r" not in text


# Sources


def test_every_source_is_used(catalog: Catalog) -> None:
    """The loader checks that each cited source exists; none may be left over.

    A median or a judgment cites our estimate and names what it leans on in the note.
    """
    dated = [row for file in DATED for row in rows(file)]
    named = {word for row in dated for word in re.findall(r"\w+", row["note"])}
    cited = {row["source"] for row in [*dated, *rows("price_readings.csv")]}
    sizes = {row["size_source"] for row in rows("offers.csv")}
    sizes |= {row["source"] for row in rows("cluster_classes.csv")}
    assert cited <= set(catalog.sources) <= cited | named | sizes


def test_a_source_without_an_address_says_why(catalog: Catalog) -> None:
    """Blank addresses are explained; our own estimates and memory have none."""
    for source in catalog.sources.values():
        if not source.url and source.kind not in {"estimate", "memory"}:
            assert "not recorded" in source.says, source.source


def test_every_license_is_said(catalog: Catalog) -> None:
    """Also that none was found; one that asks for attribution has it, a link and what changed."""
    for source in catalog.sources.values():
        assert source.license, source.source
        if "gpurentalprices" in source.says or "gpurentalprices" in source.source:
            assert source.license.startswith("CC BY 4.0"), source.source
        if source.license.startswith("CC BY"):
            assert re.search(r"\(https://\S+\); changed: ", source.license), source.source


def test_the_snapshot_is_as_new_as_its_newest_row(catalog: Catalog) -> None:
    """SNAPSHOT_ON moves when a row is entered, and nothing is dated after it."""
    newest = max(row["read_on"] for file in DATED for row in rows(file))
    assert newest == SNAPSHOT_ON.isoformat()


# GPUs


@pytest.mark.parametrize(("gpu", "peaks"), DENSE_PEAKS.items())
def test_peaks_are_dense(
    catalog: Catalog, gpu: str, peaks: tuple[float | None, float | None, float | None]
) -> None:
    """Dense datasheet figures, not the doubled ones with sparsity."""
    found = catalog.gpus[gpu]
    assert (found.peak_fp16_tflops, found.peak_bf16_tflops, found.peak_fp8_tflops) == peaks


def test_parts_have_only_the_precisions_of_their_generation(catalog: Catalog) -> None:
    """V100 has no bf16; Ampere, Volta and CDNA2 have no fp8; only Blackwell and kin have fp4."""
    for gpu in catalog.gpus.values():
        if gpu.architecture == "Volta":
            assert gpu.peak_bf16_tflops is None
        else:
            assert gpu.peak_bf16_tflops is not None
        if gpu.architecture in {"Volta", "Ampere", "CDNA2"}:
            assert gpu.peak_fp8_tflops is None
        if gpu.peak_fp4_tflops is not None:
            assert gpu.year >= 2024
            assert gpu.peak_fp8_tflops is not None


def test_block_formats_are_those_of_parts_with_a_peak_for_them(catalog: Catalog) -> None:
    """Known words, at a peak of as many bits; nvfp4 is NVIDIA's, the others are open formats."""
    for gpu in catalog.gpus.values():
        assert set(gpu.block_formats) <= {"mxfp8", "mxfp4", "nvfp4"}, gpu.gpu
        assert "nvfp4" not in gpu.block_formats or gpu.vendor == "NVIDIA", gpu.gpu
        for precision in ("mxfp8", "mxfp4", "nvfp4"):
            of_its_bits = gpu.peak_fp8_tflops if precision == "mxfp8" else gpu.peak_fp4_tflops
            expected = of_its_bits if precision in gpu.block_formats else None
            assert gpu.peak_tflops(precision) == expected, gpu.gpu
            assert precision not in gpu.block_formats or expected is not None, gpu.gpu
    assert catalog.gpus["b200_sxm"].peak_tflops("nvfp4") == 9000
    assert catalog.gpus["h100_sxm"].peak_tflops("mxfp8") is None


def test_lower_precision_is_never_slower(catalog: Catalog) -> None:
    """And at most four times as fast a step: more would be a sparse figure beside a dense one."""
    for gpu in catalog.gpus.values():
        peaks = (gpu.peak_bf16_tflops, gpu.peak_fp8_tflops, gpu.peak_fp4_tflops)
        known = [peak for peak in peaks if peak is not None]
        assert all(1 <= low / high <= 4 for high, low in pairwise(known)), gpu.gpu


def test_scale_up_bandwidth_counts_one_direction(catalog: Catalog) -> None:
    """H100's 900 GB/s counts both directions."""
    assert catalog.gpus["h100_sxm"].scale_up_gb_per_s == 450
    assert catalog.gpus["a100_sxm_80"].scale_up_gb_per_s == 300
    assert catalog.gpus["b200_sxm"].scale_up_gb_per_s == 900
    assert catalog.gpus["gb200_nvl72"].scale_up_gpus == 72


# The README


def test_the_readme_explains_every_file_and_column() -> None:
    """A column that nobody explained is a column that will be filled wrongly."""
    readme = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for file in FILES:
        section = readme.split(f"### {file}\n", 1)[1].split("\n#", 1)[0]
        explained = set(re.findall(r"`(\w+)`", section))
        assert set(rows(file)[0]) <= explained, file


def test_the_readme_explains_every_word_a_cell_may_hold() -> None:
    """The choices of a column are the README's."""
    readme = (SHIPPED / "README.md").read_text(encoding="utf-8")
    words = {*PRECISIONS, *PRICINGS, *GROUPS, *FABRICS, *AUDITS, *SOURCE_KINDS, *FRAMEWORK_RULES}
    assert words <= set(re.findall(r"`(\w+)`", readme))
