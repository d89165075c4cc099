"""GPU names as people write them, matched to the shipped models."""

import pytest

from catalog import Gpu, UnknownGpuError, load_catalog, match_gpu


@pytest.fixture(scope="module")
def gpus() -> list[Gpu]:
    """The shipped GPU models."""
    return list(load_catalog().gpus.values())


@pytest.mark.parametrize(
    ("asked", "family"),
    [
        ("H100", {"h100_nvl", "h100_pcie", "h100_sxm"}),
        ("NVIDIA H100", {"h100_nvl", "h100_pcie", "h100_sxm"}),
        ("H100s", {"h100_nvl", "h100_pcie", "h100_sxm"}),
        ("h100 gpus", {"h100_nvl", "h100_pcie", "h100_sxm"}),
        ("A100", {"a100_pcie_40", "a100_pcie_80", "a100_sxm_40", "a100_sxm_80"}),
        ("A100s", {"a100_pcie_40", "a100_pcie_80", "a100_sxm_40", "a100_sxm_80"}),
        ("V100", {"v100_pcie_16", "v100_pcie_32", "v100_sxm2_16", "v100_sxm2_32"}),
        ("H200", {"h200_nvl", "h200_sxm"}),
    ],
)
def test_a_family_means_all_its_variants(gpus: list[Gpu], asked: str, family: set[str]) -> None:
    """A family's name, alone, in the plural or with its vendor."""
    assert set(match_gpu(asked, gpus)) == family


@pytest.mark.parametrize(
    ("asked", "some"),
    [
        ("V100 16GB", {"v100_pcie_16", "v100_sxm2_16"}),
        ("v100 32", {"v100_pcie_32", "v100_sxm2_32"}),
        ("A100-80GB", {"a100_pcie_80", "a100_sxm_80"}),
        ("A100 40g", {"a100_pcie_40", "a100_sxm_40"}),
        ("A100 PCIe", {"a100_pcie_40", "a100_pcie_80"}),
        ("DGX A100", {"a100_sxm_40", "a100_sxm_80"}),
        ("NVIDIA H100 80GB HBM3", {"h100_pcie", "h100_sxm"}),
        ("A100 (80 GB)", {"a100_pcie_80", "a100_sxm_80"}),
        ("H200 141GB", {"h200_nvl", "h200_sxm"}),
    ],
)
def test_more_words_mean_fewer_variants(gpus: list[Gpu], asked: str, some: set[str]) -> None:
    """Memory and form factor choose among a family's variants."""
    assert set(match_gpu(asked, gpus)) == some


@pytest.mark.parametrize(
    ("asked", "model"),
    [
        ("h100-sxm", "h100_sxm"),
        ("h100_sxm", "h100_sxm"),
        ("H100 SXM", "h100_sxm"),
        ("H100 80GB SXM5", "h100_sxm"),
        ("HGX H100", "h100_sxm"),
        ("h100 pcie", "h100_pcie"),
        ("NVIDIA H100 PCIe", "h100_pcie"),
        ("H100 NVL", "h100_nvl"),
        ("A100-SXM4-40GB", "a100_sxm_40"),
        ("NVIDIA A100 80GB PCIe", "a100_pcie_80"),
        ("Tesla V100-SXM2-32GB", "v100_sxm2_32"),
        ("A6000", "rtx_a6000"),
        ("RTX A6000", "rtx_a6000"),
        ("RTXA6000", "rtx_a6000"),
        ("A6000s", "rtx_a6000"),
        ("RTX 6000 Ada", "rtx_6000_ada"),
        ("RTX 6000 Ada Generation", "rtx_6000_ada"),
        ("RTX PRO 6000", "rtx_pro_6000"),
        ("NVIDIA RTX PRO 6000 Blackwell", "rtx_pro_6000"),
        ("L40S", "l40s"),
        ("l40s", "l40s"),
        ("L40", "l40"),
        ("L4", "l4"),
        ("A40", "a40"),
        ("A10G", "a10g"),
        ("4090", "rtx_4090"),
        ("GeForce RTX 4090", "rtx_4090"),
        ("RTX5090", "rtx_5090"),
        ("H20", "h20"),
        ("GH200", "gh200_96"),
        ("B200", "b200_sxm"),
        ("GB200", "gb200_nvl72"),
        ("GB300 NVL72", "gb300_nvl72"),
        ("MI300X", "mi300x"),
        ("AMD Instinct MI355X", "mi355x"),
        ("TPU v5e", "tpu_v5e"),
        ("v5litepod", "tpu_v5e"),
        ("Trillium", "tpu_v6e"),
        ("trn1", "trainium1"),
        ("Gaudi 3", "gaudi3"),
        ("A100 SXM 80 GB", "a100_sxm_80"),
        ("A100 40 GB PCIe", "a100_pcie_40"),
        ("H100 SXM5 80 GB", "h100_sxm"),
        ("NVIDIA HGX H100 80GB", "h100_sxm"),
        ("NVIDIA H100 Tensor Core GPU SXM 80 GiB", "h100_sxm"),
        ("H100 94 GB", "h100_nvl"),
        ("HGX H200 141 GB", "h200_sxm"),
        ("L40S 48GB", "l40s"),
        ("A10G 24 GB", "a10g"),
        ("RTX 6000 Ada 48 GB", "rtx_6000_ada"),
        ("RTX 6000 48GB", "rtx_6000_ada"),
        ("MI300X 192GB", "mi300x"),
        ("AMD MI325X (256 GB)", "mi325x"),
        ("B200 180GB", "b200_sxm"),
        ("B200 192 GB", "b200_sxm"),
        ("B300 288GB", "b300_sxm"),
        ("TPU v5p", "tpu_v5p"),
        ("Cloud TPU v6e", "tpu_v6e"),
    ],
)
def test_one_model_has_many_spellings(gpus: list[Gpu], asked: str, model: str) -> None:
    """Case, dashes, vendor, memory and form factor as people write them."""
    assert match_gpu(asked, gpus) == (model,)


def test_every_model_answers_to_its_own_names(gpus: list[Gpu]) -> None:
    """The key and the full name of a model mean that model alone."""
    for gpu in gpus:
        assert match_gpu(gpu.gpu, gpus) == (gpu.gpu,)
        assert match_gpu(gpu.name, gpus) == (gpu.gpu,)


def test_every_family_means_its_members(gpus: list[Gpu]) -> None:
    """A family's name never stops at one of its members."""
    for family in {gpu.family for gpu in gpus}:
        members = {gpu.gpu for gpu in gpus if gpu.family == family}
        assert set(match_gpu(family, gpus)) == members


@pytest.mark.parametrize("asked", ["H100 PCIe", "A100 PCIe", "V100 PCIe", "PCIe H100 80GB"])
def test_pcie_is_never_sxm(gpus: list[Gpu], asked: str) -> None:
    """They share a name and a peak, not a speed."""
    assert not [gpu for gpu in match_gpu(asked, gpus) if "sxm" in gpu]


@pytest.mark.parametrize("asked", ["H100 SXM", "A100 SXM4", "V100 SXM2", "HGX A100"])
def test_sxm_is_never_pcie(gpus: list[Gpu], asked: str) -> None:
    """Nor the other way."""
    assert not [gpu for gpu in match_gpu(asked, gpus) if "sxm" not in gpu]


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("H1000", "H100"),
        ("MI300", "MI300X"),
        ("A10", "A10G"),
        ("L40X", "L40"),
        ("RTX 4900", "RTX 4090"),
        ("A", "A100"),
        ("DGX GB200", "GB200"),
    ],
)
def test_an_unknown_name_gets_the_nearest(gpus: list[Gpu], asked: str, nearest: str) -> None:
    """A part that is not there is not replaced by another: it is asked back."""
    with pytest.raises(UnknownGpuError, match="unknown GPU") as caught:
        match_gpu(asked, gpus)
    assert nearest in caught.value.choices
    assert "`sixnd gpus` lists them all" in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "choices"),
    [
        ("6000", ["rtx_6000_ada", "rtx_pro_6000"]),
        ("RTX 6000", ["rtx_6000_ada", "rtx_pro_6000"]),
        ("Gaudi", ["gaudi2", "gaudi3"]),
        ("NVL72", ["gb200_nvl72", "gb300_nvl72"]),
    ],
)
def test_several_families_are_asked_back(gpus: list[Gpu], asked: str, choices: list[str]) -> None:
    """Only variants of one family may be meant together."""
    with pytest.raises(UnknownGpuError, match="fits several GPU models") as caught:
        match_gpu(asked, gpus)
    assert caught.value.choices == choices
    assert "say which: " + ", ".join(choices) in str(caught.value)


@pytest.mark.parametrize("asked", ["", "   ", "nvidia", "GPU", "Blackwell", "!!", "ＧＰＵ"])
def test_words_that_name_nothing_match_nothing(gpus: list[Gpu], asked: str) -> None:
    """A vendor or an architecture is no GPU model."""
    with pytest.raises(UnknownGpuError) as caught:
        match_gpu(asked, gpus)
    assert caught.value.choices == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("L40S 80GB", "'L40S 80GB': L40S has 48 GB, not 80"),
        ("H100 SXM 94 GB", "H100 has 80 GB, not 94"),
        ("A100 64GB", "A100 has 40 or 80 GB, not 64"),
        ("H100 96 GB", "H100 has 80 or 94 GB, not 96"),
        ("HGX H100 640GB", "H100 has 80 GB, not 640"),
    ],
)
def test_a_memory_that_no_variant_has(gpus: list[Gpu], asked: str, said: str) -> None:
    """The part is known, so what is wrong is said, and nothing else is suggested."""
    with pytest.raises(UnknownGpuError) as caught:
        match_gpu(asked, gpus)
    assert str(caught.value).endswith(said)
    assert caught.value.choices


def test_two_memories_are_no_name(gpus: list[Gpu]) -> None:
    """Which of them is meant is not guessed."""
    with pytest.raises(UnknownGpuError, match="unknown GPU"):
        match_gpu("A100 40GB 80GB", gpus)


def test_names_are_matched_within_the_given_models_only(gpus: list[Gpu]) -> None:
    """A smaller catalog knows fewer names."""
    few = [gpu for gpu in gpus if gpu.gpu == "a100_sxm_80"]
    assert match_gpu("A100", few) == ("a100_sxm_80",)
    with pytest.raises(UnknownGpuError):
        match_gpu("H100", few)
