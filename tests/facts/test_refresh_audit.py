"""The audit of a catalog: each finding on a catalog that has that one fault."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from refresh_market import TODAY, write_market

from catalog import Catalog, Offer, Source, load_catalog
from catalog.held_back import accept, judged
from catalog.refresh.audit import audit
from catalog.refresh.finding import Finding


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """The small catalog."""
    return load_catalog(write_market(tmp_path / "market"), TODAY)


def found(catalog: Catalog, check: str, today: date = TODAY) -> list[Finding]:
    """The findings of one check."""
    return [finding for finding in audit(catalog, today) if finding.check == check]


def changed(catalog: Catalog, name: str, **cells: object) -> Catalog:
    """The catalog with other cells in one offer."""
    offers = tuple(
        replace(o, **cells) if o.offer == name else o  # type: ignore[arg-type]
        for o in catalog.offers
    )
    return replace(catalog, offers=offers)


def beside(catalog: Catalog, *more: Offer) -> Catalog:
    """The catalog with more offers."""
    return replace(catalog, offers=(*catalog.offers, *more))


def h100(catalog: Catalog) -> Offer:
    """AWS's offer."""
    return next(o for o in catalog.offers if o.offer == "aws_h100_sxm_on_demand")


def test_warnings_come_first(catalog: Catalog) -> None:
    """Of a catalog without faults only notes are left."""
    severities = [finding.severity for finding in audit(catalog, TODAY)]
    assert set(severities) == {"note"}
    odd = changed(catalog, "aws_h100_sxm_on_demand", fabric="none")
    severities = [finding.severity for finding in audit(odd, TODAY)]
    assert severities == ["warning"] + ["note"] * (len(severities) - 1)


@pytest.mark.parametrize(("usd", "count"), [(20.6, 0), (20.7, 1), (2.3, 0), (2.28, 1)])
def test_prices_far_from_the_median(catalog: Catalog, usd: float, count: int) -> None:
    """The other two H100 on demand cost 6.88, so that is the median: 2.293 to 20.64 is near."""
    odd = changed(catalog, "gcp_h100_sxm_on_demand", usd_per_gpu_hour=6.88)
    odd = changed(odd, "lambda_h100_sxm_on_demand", usd_per_gpu_hour=usd)
    findings = found(odd, "price far from the median")
    assert [finding.about for finding in findings] == [("lambda_h100_sxm_on_demand",)] * count


def test_two_prices_have_no_median(catalog: Catalog) -> None:
    """Which of the two is wrong nobody can say."""
    two = replace(catalog, offers=catalog.offers[:2])
    two = beside(two, replace(h100(catalog), offer="x", provider="x", usd_per_gpu_hour=100.0))
    assert not found(two, "price far from the median")


def test_a_provider_with_many_regions_is_not_the_market(catalog: Catalog) -> None:
    """Its regions are held against each other, and a cheaper provider is no outlier for them."""
    base = h100(catalog)
    regions = [
        replace(base, offer=f"r{i}", provider="dear", usd_per_gpu_hour=20.0 + i) for i in range(9)
    ]
    odd = replace(base, offer="odd", provider="dear", usd_per_gpu_hour=100.0)
    assert not found(beside(catalog, *regions), "price far from the median")
    (finding,) = found(beside(catalog, *regions, odd), "price far from the median")
    assert finding.about == ("odd",)


def test_a_list_price_with_the_size_of_a_contract(catalog: Catalog) -> None:
    """Unless it is a quote, or a single machine that is signed for a term."""
    name = "aws_h100_sxm_on_demand"
    check = "list price with a contract's size"
    assert not found(catalog, check)
    signed = changed(catalog, name, capacity="contract")
    (finding,) = found(signed, check)
    assert (finding.severity, finding.about) == ("warning", (name,))
    machine = changed(signed, name, pricing="reserved", max_gpus=8, gpus_per_node=8)
    assert not found(machine, check)
    source = replace(signed.sources[h100(signed).source], kind="quote")
    quoted = replace(signed, sources={**signed.sources, source.source: source})
    assert not found(quoted, check)


def test_dear_spot(catalog: Catalog) -> None:
    """Held against on demand in the same region where both state one."""
    base = h100(catalog)
    spot = replace(base, offer="s", pricing="spot", region="us-east-1", usd_per_gpu_hour=7.0)
    (finding,) = found(beside(catalog, spot), "spot dearer than on demand")
    assert finding.about == ("s", "aws_h100_sxm_on_demand")
    dear = replace(base, offer="d", region="eu-west-1", usd_per_gpu_hour=9.0)
    near = replace(spot, region="eu-west-1")
    assert not found(beside(catalog, dear, near), "spot dearer than on demand")
    equal = beside(catalog, replace(spot, usd_per_gpu_hour=6.88))
    assert not found(equal, "spot dearer than on demand")


def test_duplicates(catalog: Catalog) -> None:
    """Two readings of one product; two products of one list on one day are none."""
    base = h100(catalog)
    same = replace(base, offer="x", usd_per_gpu_hour=base.usd_per_gpu_hour)
    assert [f.about for f in found(beside(catalog, same), "duplicates")] == [
        ("aws_h100_sxm_on_demand", "x")
    ]
    other_day = replace(base, offer="x", usd_per_gpu_hour=7.0, read_on=date(2026, 10, 1))
    assert found(beside(catalog, other_day), "duplicates")
    other_product = replace(base, offer="x", usd_per_gpu_hour=7.0)
    assert not found(beside(catalog, other_product), "duplicates")
    other_region = replace(same, region="eu-west-1")
    assert not found(beside(catalog, other_region), "duplicates")


def test_several_nodes_without_a_network(catalog: Catalog) -> None:
    """No fabric, or none of a known rate; TPUs have their own."""
    check = "several nodes without a network"
    assert not found(catalog, check)
    for cells in ({"fabric": "none"}, {"nic_gbps_per_gpu": None}):
        odd = changed(catalog, "aws_h100_sxm_on_demand", **cells)
        assert [finding.about for finding in found(odd, check)] == [("aws_h100_sxm_on_demand",)]
    one_node = changed(catalog, "aws_h100_sxm_on_demand", fabric="none", max_gpus=8)
    assert not found(one_node, check)


def test_old_prices(catalog: Catalog) -> None:
    """More than 60 days; the oldest is named."""
    odd = changed(catalog, "aws_h100_sxm_on_demand", read_on=date(2026, 9, 21))
    assert not found(odd, "old prices")
    (finding,) = found(odd, "old prices", date(2026, 11, 21))
    assert finding.says == "1 of 6 are older than 60 days; the oldest is of 2026-09-21"


def test_counts(catalog: Catalog) -> None:
    """Readings not confirmed, GPUs not sold, sources nobody can look at, judgments."""
    odd = changed(catalog, "aws_h100_sxm_on_demand", audit="doubtful")
    assert found(odd, "doubtful")[0].about == ("aws_h100_sxm_on_demand",)
    assert found(odd, "unaudited")[0].says == "1 of 6 offers"
    assert set(found(odd, "GPU models without an offer")[0].about) == {
        *("a100_sxm_80", "h100_pcie", "rtx_a6000", "b200_sxm", "l40s")
    }
    # Those of the planning defaults are lent by the shipped catalog.
    assert "guess" in found(odd, "sources without an address")[0].about
    assert found(odd, "largest cluster by judgment")[0].says.startswith("3 of 6 offers")


def test_prices_that_cannot_be_true(catalog: Catalog) -> None:
    """Held back or accepted, with the reason."""
    odd = changed(catalog, "aws_h100_sxm_on_demand", usd_per_gpu_hour=55.04)
    odd = judged(odd, odd.offers)
    for held in (odd, accept(odd, ["all"])):
        (finding,) = found(held, "price that cannot be true")
        assert finding.about == ("aws_h100_sxm_on_demand",)
        assert "6.88 a GPU if it is the price of the node of 8" in finding.says


@pytest.mark.parametrize(
    ("cells", "check", "said"),
    [
        ({"architecture": "Volta"}, "precision that its generation lacks", "a bf16 peak, of Volta"),
        ({"peak_bf16_tflops": None}, "precision that its generation lacks", "no bf16 peak, of"),
        ({"architecture": "Ampere"}, "precision that its generation lacks", "an fp8 peak, of Amp"),
        (
            {"peak_fp4_tflops": 4000.0},
            "precision that its generation lacks",
            "an fp4 peak, of 2022",
        ),
        ({"peak_fp8_tflops": 900.0}, "peaks of a dense and a sparse figure", "900 TFLOP/s beside"),
        ({"peak_fp8_tflops": 4001.0}, "peaks of a dense and a sparse figure", "4001 TFLOP/s besi"),
        ({"block_formats": ("fp6",)}, "block format without a peak for it", "'fp6' is none of mx"),
        ({"block_formats": ("mxfp4",)}, "block format without a peak for it", "mxfp4 without a"),
    ],
)
def test_parts(catalog: Catalog, cells: dict[str, object], check: str, said: str) -> None:
    """Each mistake that a datasheet's headline invites."""
    assert not found(catalog, check)
    h100_sxm = replace(catalog.gpus["h100_sxm"], **cells)  # type: ignore[arg-type]
    odd = replace(catalog, gpus={**catalog.gpus, "h100_sxm": h100_sxm})
    findings = [f for f in found(odd, check) if f.about == ("h100_sxm",)]
    assert findings[0].says.startswith(said)


def test_another_vendors_format(catalog: Catalog) -> None:
    """nvfp4 is NVIDIA's."""
    gpu = replace(
        catalog.gpus["b200_sxm"], vendor="AMD", block_formats=("nvfp4",), peak_fp4_tflops=9000.0
    )
    odd = replace(catalog, gpus={**catalog.gpus, "b200_sxm": gpu})
    assert [f.says for f in found(odd, "block format without a peak for it")] == ["nvfp4 of AMD"]


def test_files(tmp_path: Path) -> None:
    """Rows out of order, somebody's folder, line ends of another system."""
    folder = write_market(tmp_path / "market")
    path = folder / "offers.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()

    def of_offers(check: str) -> list[Finding]:
        findings = found(load_catalog(folder, TODAY), check)
        return [finding for finding in findings if finding.about == ("offers.csv",)]

    for text, check, said in (
        (
            "\n".join([header, *lines[::-1], ""]),
            "rows out of order",
            "gcp_tpu_v6e_on_demand stands after lambda_h100_sxm_on_demand; expected rows by key",
        ),
        (
            "\n".join([header, *lines, ""]).replace("summed from parts", "see /home/me/a.csv"),
            "place on a machine",
            "line 5 names a place on a machine; expected a public page",
        ),
        ("\r\n".join([header, *lines, ""]), "line ends", "expected lines that end with a line"),
        ("\n".join([header, *lines]), "line ends", "expected lines that end with a line"),
    ):
        write_market(folder)
        assert not of_offers(check)
        path.write_bytes(text.encode())
        (finding,) = of_offers(check)
        assert finding.says.startswith(said)


def test_sources(catalog: Catalog) -> None:
    """Loose ones, addresses missing without a word, licenses not said or not complete."""
    sources = {
        "loose": Source("loose", "P", "t", "https://x.example", "says", "quote", "none found"),
        "blank": Source("blank", "P", "t", "", "says nothing of it", "secondary", "none found"),
        "open": Source("open", "P", "t", "https://x.example", "says", "dataset", "CC BY 4.0"),
        "silent": Source("silent", "P", "t", "https://x.example", "says", "dataset", ""),
        "noted": Source("noted", "P", "t", "https://x.example", "says", "paper", "none found"),
    }
    odd = changed(catalog, "aws_h100_sxm_on_demand", note="leans on noted")
    odd = replace(odd, sources=odd.sources | sources)
    loose = found(odd, "sources that are not used")[0].about
    assert {"loose", "blank", "open", "silent"} <= set(loose)
    assert "noted" not in loose
    assert "blank" in found(odd, "sources without an address or a reason")[0].about
    assert "silent" in found(odd, "sources without a license")[0].about
    assert found(odd, "licenses whose attribution is not complete")[0].about == ("open",)
