"""What price lists call a GPU: the model meant, or the reason why none is taken."""

import csv
from pathlib import Path

import pytest

from catalog import Gpu, load_catalog
from catalog.refresh.importing import priceable
from catalog.refresh.names import (
    AMBIGUOUS,
    CONTRADICTION,
    OTHER_MEMORY,
    TABLE,
    UNKNOWN,
    Slice,
    identify,
    tpu_slice,
)

KNOWN = (
    ("aws", "A100", "p4d.24xlarge", "a100_sxm_40"),
    ("aws", "A100-80GB", "p4de.24xlarge", "a100_sxm_80"),
    ("gcp", "A100", "", "a100_sxm_40"),
    ("lambda", "A100", "gpu_8x_a100", "a100_sxm_40"),
    ("lambda", "A100", "gpu_1x_a100_sxm4", "a100_sxm_40"),
    ("lambda", "A100", "gpu_1x_a100", "a100_pcie_40"),
    ("azure", "A100-80GB", "Standard_ND96amsr_A100_v4", "a100_sxm_80"),
    ("azure", "A100-80GB", "Standard_NC24ads_A100_v4", "a100_pcie_80"),
    ("verda", "A100-80GB-640GB", "8A100.176V", "a100_sxm_80"),
    ("verda", "A100-40GB-320GB", "8A100.40S.176V", "a100_sxm_40"),
    ("hyperstack", "A100-80G-PCIe-NVLink", "n3-A100x8-NVLink", "a100_pcie_80"),
    ("runpod", "A100-80GB", "1x_A100-80GB_SECURE", "a100_pcie_80"),
    ("runpod", "A100-80GB-SXM", "1x_A100-80GB-SXM_SECURE", "a100_sxm_80"),
    ("aws", "H100", "p5.48xlarge", "h100_sxm"),
    ("gcp", "H100", "a3-highgpu-8g", "h100_sxm"),
    ("gcp", "H100-MEGA", "a3-megagpu-8g", "h100_sxm"),
    ("azure", "H100", "Standard_ND96isr_H100_v5", "h100_sxm"),
    ("azure", "H100", "Standard_NC40ads_H100_v5", "h100_nvl"),
    ("lambda", "H100", "gpu_1x_h100_pcie", "h100_pcie"),
    ("nebius", "H100", "gpu-h100-sxm_8gpu-128vcpu-1600gb", "h100_sxm"),
    ("hyperstack", "H100-80G-SXM5", "n3-H100-SXM5x8", "h100_sxm"),
    ("hyperstack", "H100-80G-PCIe", "n3-H100x8", "h100_pcie"),
    ("anyone", "H100-SXM", "h100x8", "h100_sxm"),
    ("anyone", "H100NVL", "h100x1", "h100_nvl"),
    ("runpod", "H100", "NVIDIA H100 80GB HBM3", "h100_sxm"),
    ("runpod", "H100", "1x_H100_SECURE", "h100_pcie"),
    ("oracle", "H100", "BM.GPU.H100.8", "h100_sxm"),
    ("aws", "H200", "p5en.48xlarge", "h200_sxm"),
    ("anyone", "B200", "whatever", "b200_sxm"),
    ("oracle", "GB200", "BM.GPU.GB200.4", "gb200_nvl72"),
    ("aws", "L40S", "g6e.xlarge", "l40s"),
    ("anyone", "L40", "x", "l40"),
    ("lambda", "A6000", "gpu_1x_a6000", "rtx_a6000"),
    ("runpod", "RTXA6000", "1x_RTXA6000_SECURE", "rtx_a6000"),
    ("hyperstack", "RTX-A6000", "n3-RTX-A6000x8", "rtx_a6000"),
    ("verda", "RTX-6000-Ada", "1RTX6000ADA.10V", "rtx_6000_ada"),
    ("verda", "RTX-PRO-6000", "1RTXPRO6000.30V", "rtx_pro_6000"),
    ("verda", "Tesla-V100", "8V100.48V", "v100_sxm2_16"),
    ("aws", "V100-32GB", "p3dn.24xlarge", "v100_sxm2_32"),
    ("aws", "Trainium", "trn1.32xlarge", "trainium1"),
)
NOT_TAKEN = (
    ("lambda", "RTX6000", "gpu_1x_rtx6000", "RTX6000 is the Quadro of 2018: not in the catalog"),
    ("anyone", "H100", "h100x8", AMBIGUOUS),
    ("anyone", "A100-80GB", "a100x8", AMBIGUOUS),
    ("anyone", "H200", "h200x8", AMBIGUOUS),
    ("anyone", "A100-SXM4", "x", AMBIGUOUS),
    ("anyone", "V100", "x", AMBIGUOUS),
    ("anyone", "H100-SXM", "gpu_1x_h100_pcie", CONTRADICTION),
    ("anyone", "H100-PCIe", "h100-sxm5-8x", CONTRADICTION),
    ("aws", "H100-PCIe", "p5.48xlarge-sxm", CONTRADICTION),
    ("aws", "H100-96GB", "p5.48xlarge", OTHER_MEMORY),
    ("lambda", "GH200 480GB", "gpu_1x_gh200", OTHER_MEMORY),
    ("aws", "T4", "g4dn.xlarge", UNKNOWN),
    ("aws", "A10", "x", UNKNOWN),
    ("aws", "", "x", UNKNOWN),
    ("aws", "{'Name': 'H100'}.__class__", "x", UNKNOWN),
)


@pytest.fixture(scope="module")
def gpus() -> dict[str, Gpu]:
    """The GPU models of the shipped catalog."""
    return priceable(load_catalog())


@pytest.mark.parametrize(("provider", "accelerator", "instance", "gpu"), KNOWN)
def test_known(
    gpus: dict[str, Gpu], provider: str, accelerator: str, instance: str, gpu: str
) -> None:
    """The name, and the instance type where the name alone could be several."""
    assert identify(provider, accelerator, instance, gpus).gpu == gpu


@pytest.mark.parametrize(("provider", "accelerator", "instance", "reason"), NOT_TAKEN)
def test_not_taken(
    gpus: dict[str, Gpu], provider: str, accelerator: str, instance: str, reason: str
) -> None:
    """No guess: what could be two models is none, and PCIe is never SXM."""
    found = identify(provider, accelerator, instance, gpus)
    assert (found.gpu, found.reason) == ("", reason)


@pytest.mark.parametrize(
    ("memory", "gpu"), [(40.0, "a100_sxm_40"), (80.0, "a100_sxm_80"), (41.0, ""), (0.0, "")]
)
def test_memory_that_is_to_be_trusted_decides(
    gpus: dict[str, Gpu], memory: float, gpu: str
) -> None:
    """gpuhunt calls both A100; without the memory it could be either."""
    instance = "BM.GPU.A100-v2.8" if memory > 60 else "an-sxm4-instance"
    assert identify("oracle", "A100", instance, gpus, memory).gpu == gpu


def test_a_gpu_without_a_row_in_the_catalog_is_unknown() -> None:
    """The table may know more names than the catalog at hand has GPUs."""
    assert identify("aws", "H100", "p5.48xlarge", {}).reason == UNKNOWN


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tpu-v6e-8", Slice("v6e", "tpu_v6e", 8)),
        ("tpu-v5p-16", Slice("v5p", "tpu_v5p", 8)),
        ("tpu-v5litepod-4", Slice("v5e", "tpu_v5e", 4)),
        ("v5p-8", Slice("v5p", "tpu_v5p", 4)),
        ("V100-16GB", None),
        ("H100", None),
    ],
)
def test_tpu_slices(name: str, expected: Slice | None) -> None:
    """Chips come from the name: v5p counts cores, two a chip."""
    assert tpu_slice(name) == expected


def test_the_table_names_gpus_of_the_catalog() -> None:
    """Every row has a GPU of the catalog or a reason, and can be reached."""
    gpus = load_catalog().gpus
    with Path(TABLE).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    general: set[str] = set()
    for row in rows:
        assert bool(row["gpu"]) != bool(row["reason"]), row
        assert not row["gpu"] or row["gpu"] in gpus, row
        assert row["accelerator"] not in general, f"{row} stands below a row that takes all"
        if not row["provider"] and not row["instance"]:
            general.add(row["accelerator"])
