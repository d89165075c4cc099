"""The audit of the shipped catalog, kept as tests: what a reader would check by hand."""

import csv
import re

import pytest

from catalog import SNAPSHOT_ON, Catalog
from catalog.load import SHIPPED
from catalog.planning_tables import FRAMEWORK_RULES
from catalog.refresh.audit import audit
from catalog.refresh.finding import Finding
from catalog.tables import AUDITS, SOURCE_KINDS
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
def found(catalog: Catalog) -> list[Finding]:
    """What the audit has to say of it."""
    return audit(catalog, SNAPSHOT_ON)


def rows(file: str) -> list[dict[str, str]]:
    """The cells of a shipped file as they stand."""
    with (SHIPPED / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# Size


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


# The audit


@pytest.mark.parametrize(
    "check",
    [
        *("rows out of order", "place on a machine", "line ends"),
        *("sources that are not used", "sources without an address or a reason"),
        *("sources without a license", "licenses whose attribution is not complete"),
        *("precision that its generation lacks", "peaks of a dense and a sparse figure"),
        *("block format without a peak for it", "price that cannot be true"),
        *("questioned price", "several nodes without a network", "duplicates"),
        "spot dearer than on demand",
    ],
)
def test_the_audit_finds_nothing(found: list[Finding], check: str) -> None:
    """What `sixnd catalog check` looks for in any catalog; its own tests show that it finds it."""
    assert [finding for finding in found if finding.check == check] == []


def test_the_table_of_gpurentalprices_is_attributed(catalog: Catalog) -> None:
    """It asks for that."""
    for source in catalog.sources.values():
        if "gpurentalprices" in source.says or "gpurentalprices" in source.source:
            assert source.license.startswith("CC BY 4.0"), source.source


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


def test_block_formats_have_the_peak_of_their_bits(catalog: Catalog) -> None:
    """A part without one of its own multiplies it in software."""
    assert catalog.gpus["b200_sxm"].peak_tflops("nvfp4") == 9000
    assert catalog.gpus["h100_sxm"].peak_tflops("mxfp8") is None


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
