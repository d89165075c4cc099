"""gpuhunt's catalog from a folder: what its items become, and providers that cannot be read."""

import json
import logging
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from refresh_market import READ_ON, TODAY, write_market

from catalog import CatalogError, Offer, load_catalog
from catalog.refresh.hunted import CLUSTER, RESERVATION, open_hunt
from catalog.refresh.importing import Imported, import_gpuhunt
from catalog.refresh.prices import NO_REAL_SPOT

pytest.importorskip("gpuhunt")
# It leaves the files that it reads to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

COLUMNS = (
    *("instance_name", "location", "price", "cpu", "memory", "gpu_count", "gpu_name"),
    *("gpu_memory", "spot", "disk_size", "gpu_vendor", "flags", "cpu_arch", "provider_data"),
)


@pytest.fixture(autouse=True)
def _hunt(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPUHUNT_CATALOG_DIR", str(tmp_path / "hunt"))
    (tmp_path / "hunt").mkdir()


def item(instance: str, location: str, price: float | str, gpus: int, gpu: str, **more: Any) -> str:
    """A line of gpuhunt's CSV, as it publishes it."""
    cells = {
        "instance_name": instance,
        "location": location,
        "price": str(price),
        "cpu": "8",
        "memory": "64.0",
        "gpu_count": str(gpus),
        "gpu_name": gpu,
        "gpu_memory": "80.0",
        "spot": "False",
        "disk_size": "",
        "gpu_vendor": "nvidia" if gpus else "",
        "flags": "",
        "cpu_arch": "x86",
        "provider_data": "{}",
        **more,
    }
    return ",".join('"' + cells[name].replace('"', '""') + '"' for name in COLUMNS)


def publish(tmp_path: Path, provider: str, lines: Iterable[str]) -> None:
    """A provider's file."""
    text = "\n".join([",".join(COLUMNS), *lines, ""])
    (tmp_path / "hunt" / f"{provider}.csv").write_text(text, encoding="utf-8")


def bring_in(tmp_path: Path, *providers: str, read_on: str | None = READ_ON) -> Imported:
    """Import these providers, or all there are."""
    return import_gpuhunt(providers, read_on, TODAY, shipped=write_market(tmp_path / "shipped"))


def offers(home: Path, provider: str) -> dict[str, Offer]:
    """A provider's imported offers by name."""
    return {
        offer.offer: offer
        for offer in load_catalog(home, TODAY).offers
        if offer.provider == provider and offer.source.startswith("import_gpuhunt")
    }


def test_items_become_offers(tmp_path: Path, home: Path) -> None:
    """Prices are those of the instance; spot prices are items of their own."""
    publish(
        tmp_path,
        "aws",
        [
            item("p5.48xlarge", "us-east-1", 55.04, 8, "H100"),
            item("p5.48xlarge", "us-east-1", 22.0, 8, "H100", spot="True"),
            item("p4d.24xlarge", "us-east-1", 22.0, 8, "A100", gpu_memory="40.0"),
            item("m7i.large", "us-east-1", 0.1, 0, "", gpu_memory=""),
        ],
    )
    imported = bring_in(tmp_path)
    found = offers(home, "aws")
    assert {name: offer.usd_per_gpu_hour for name, offer in found.items()} == {
        "aws_a100_sxm_40_on_demand_8x_p4d_24xlarge_us_east_1": 2.75,
        "aws_h100_sxm_on_demand_8x_p5_48xlarge_us_east_1": 6.88,
        "aws_h100_sxm_spot_8x_p5_48xlarge_us_east_1": 2.75,
    }
    assert found["aws_h100_sxm_on_demand_8x_p5_48xlarge_us_east_1"].fabric == "efa"
    assert found["aws_h100_sxm_spot_8x_p5_48xlarge_us_east_1"].audit == "doubtful"
    assert [(one.provider, one.rows, one.offers) for one in imported.providers] == [("aws", 3, 3)]


def test_its_names_of_providers(tmp_path: Path, home: Path) -> None:
    """lambdalabs is lambda and oci is oracle, in the list and on the command line."""
    publish(tmp_path, "lambdalabs", [item("gpu_8x_h100_sxm5", "us-1", 32, 8, "H100")])
    publish(tmp_path, "oci", [item("BM.GPU.H100.8", "eu", 80, 8, "H100")])
    imported = bring_in(tmp_path, "lambda")
    assert [one.provider for one in imported.providers] == ["lambda"]
    assert {offer.usd_per_gpu_hour for offer in offers(home, "lambda").values()} == {4.0}
    assert [one.provider for one in bring_in(tmp_path, "OCI").providers] == ["oracle"]


def test_zones_at_google_are_regions(tmp_path: Path, home: Path) -> None:
    """A reservation's price is none of on demand; spot above on demand is wrong."""
    dws = json.dumps({"is_dws_calendar_mode": True})
    publish(
        tmp_path,
        "gcp",
        [
            item("a3-highgpu-8g", "us-central1-a", 88, 8, "H100"),
            item("a3-highgpu-8g", "us-central1-b", 88, 8, "H100"),
            item("a3-highgpu-8g", "us-central1-a", 40, 8, "H100", spot="True"),
            item("a3-highgpu-8g", "us-central1-b", 88, 8, "H100", spot="True"),
            item("a3-highgpu-8g", "us-central1-b", 64, 8, "H100", provider_data=dws),
            item("v6e-8", "us-east1", 21.6, 1, "v6e-8", gpu_vendor="google", gpu_memory="256"),
        ],
    )
    imported = bring_in(tmp_path)
    assert {o.offer: o.usd_per_gpu_hour for o in offers(home, "gcp").values()} == {
        "gcp_h100_sxm_spot_8x_a3_highgpu_8g_us_central1": 5.0,
        "gcp_tpu_v6e_on_demand_8x_v6e_8_us_east1": 2.7,
    }
    counts = {reason.reason: reason.count for reason in imported.left_out}
    assert (counts[RESERVATION], counts[NO_REAL_SPOT]) == (1, 1)
    assert imported.kept == ("gcp_h100_sxm_on_demand",)


def test_runpod_by_place(tmp_path: Path, home: Path) -> None:
    """A country is a third party's host, a data center RunPod's own; clusters are left out."""
    name = "NVIDIA H100 80GB HBM3"
    publish(
        tmp_path,
        "runpod",
        [
            item(name, "US", 2.7, 1, "H100"),
            item(name, "EU-RO-1", 4, 1, "H100"),
            item(name, "EU-RO-1", 32, 8, "H100"),
            item(name, "EU-RO-1", 40, 8, "H100", flags="runpod-cluster"),
            item("NVIDIA H100 PCIe", "US", 2, 1, "H100"),
        ],
    )
    imported = bring_in(tmp_path)
    found = {(o.gpu, o.pricing, o.gpus_per_node): o for o in offers(home, "runpod").values()}
    assert {sold: offer.usd_per_gpu_hour for sold, offer in found.items()} == {
        ("h100_sxm", "marketplace", 1): 2.7,
        ("h100_sxm", "on_demand", 1): 4.0,
        ("h100_sxm", "on_demand", 8): 4.0,
        ("h100_pcie", "marketplace", 1): 2.0,
    }
    assert [(reason.reason, reason.count) for reason in imported.left_out] == [(CLUSTER, 1)]


def test_a_broken_provider_does_not_stop_the_others(tmp_path: Path, home: Path) -> None:
    """Its error is told in a line."""
    publish(tmp_path, "aws", [item("p5.48xlarge", "us-east-1", 55.04, 8, "H100")])
    (tmp_path / "hunt" / "azure.csv").write_bytes(b"instance_name\n\xff\xfe\n")
    publish(tmp_path, "nobody", [])
    publish(tmp_path, "nebius", [])
    (tmp_path / "hunt" / "verda.csv").mkdir()
    imported = bring_in(tmp_path)
    assert [one.provider for one in imported.providers] == ["aws"]
    assert len(imported.failures) == 4
    assert all("\n" not in failure for failure in imported.failures)
    assert {failure.partition(":")[0] for failure in imported.failures} == {
        *("azure", "nebius", "nobody", "verda")
    }
    assert offers(home, "aws")


def test_rows_that_it_cannot_read_are_counted(
    tmp_path: Path,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """And not printed by its logger."""
    publish(
        tmp_path,
        "aws",
        [
            item("p5.48xlarge", "us-east-1", 55.04, 8, "H100"),
            item("p5.48xlarge", "us-east-2", "a lot", 8, "H100"),
            item("p5.48xlarge", "us-east-3", "nan", 8, "H100"),
            item("p5\x1b[31m", "us-east-3", "55.04", 8, "H100"),
            item("x" * 101, "us-east-3", "55.04", 8, "H100"),
        ],
    )
    imported = bring_in(tmp_path)
    assert {reason.reason: reason.count for reason in imported.left_out} == {
        "row that gpuhunt cannot read": 1,
        "price is not a number above zero": 1,
        "control characters": 1,
        "no name, or one longer than 100 characters": 1,
    }
    assert "line 3" in str(imported.left_out)
    assert (capsys.readouterr(), caplog.records) == (("", ""), [])


def test_nothing_to_import(tmp_path: Path, home: Path) -> None:
    """No provider that can be read, or none with a price: nothing is written."""
    publish(tmp_path, "aws", [item("x", "r", 1, 1, "T4", gpu_memory="16")])
    for providers in ((), ("azure",)):
        imported = bring_in(tmp_path, *providers)
        assert imported.difference is None
    assert imported.failures == ("azure: no such file in GPUHUNT_CATALOG_DIR",)
    assert not home.exists()


def test_the_day_of_a_folder_is_asked_for(tmp_path: Path, home: Path) -> None:
    """The date of a file is that of a copy."""
    publish(tmp_path, "aws", [item("p5.48xlarge", "us-east-1", 55.04, 8, "H100")])
    assert open_hunt((), TODAY).dated == {"aws": None}
    with pytest.raises(CatalogError, match=r"gpuhunt's aws: .*; say when .* with --read-on"):
        import_gpuhunt(today=TODAY, shipped=write_market(tmp_path / "shipped"))
    assert not home.exists()
    (one,) = bring_in(tmp_path).providers
    assert (one.read_on, one.dated_by) == (date(2026, 11, 18), "as given")


def test_folders_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, or without files: one line."""
    with pytest.raises(CatalogError, match=r"GPUHUNT_CATALOG_DIR: .*no CSV files"):
        bring_in(tmp_path)
    monkeypatch.setenv("GPUHUNT_CATALOG_DIR", str(tmp_path / "none"))
    with pytest.raises(CatalogError, match=r"GPUHUNT_CATALOG_DIR: .*no such folder"):
        bring_in(tmp_path)


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that says how to get it."""
    monkeypatch.setitem(sys.modules, "gpuhunt", None)
    with pytest.raises(CatalogError, match=r"try pip install 'sixnd\[refresh\]'"):
        bring_in(tmp_path)


def published(monkeypatch: pytest.MonkeyPatch, load: Any, versions: dict[str, str]) -> None:
    """gpuhunt as it is online, with this way to download."""
    held = {name: SimpleNamespace(version=version) for name, version in versions.items()}
    catalog = SimpleNamespace(load=load, catalog=held)
    module = SimpleNamespace(Catalog=lambda auto_reload: catalog)
    monkeypatch.setitem(sys.modules, "gpuhunt", module)
    monkeypatch.delenv("GPUHUNT_CATALOG_DIR")


def test_the_published_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its version is its day; providers that are asked for and missing are told."""
    versions = {"aws": "20261117-7", "gcp": "latest", "oci": "20991231-1"}
    published(monkeypatch, lambda: None, versions)
    hunt = open_hunt(["aws", "gcp", "vultr"], TODAY)
    assert hunt.dated == {
        "aws": (date(2026, 11, 17), "the catalog's version"),
        "gcp": None,
    }
    assert hunt.failures == ["vultr: not in gpuhunt's published catalog"]
    assert open_hunt([], TODAY).dated["oci"] is None


def test_a_published_catalog_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raises becomes a line; an address that is not https is not asked."""

    def broken() -> None:
        raise RuntimeError("all providers failed\nat length")

    published(monkeypatch, broken, {})
    with pytest.raises(CatalogError, match=r"^gpuhunt: RuntimeError: all providers failed$"):
        open_hunt([], TODAY)
    monkeypatch.setenv("GPUHUNT_CATALOG_URL", "http://lists.example")
    with pytest.raises(CatalogError, match=r"GPUHUNT_CATALOG_URL: .*expected https://"):
        open_hunt([], TODAY)


def test_what_it_logs_goes_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that it could not download is a failure, told by us."""

    def load() -> None:
        logging.getLogger("gpuhunt._internal.catalog").error("Failed to load aws catalog.")

    published(monkeypatch, load, {"gcp": "20261117-7"})
    assert open_hunt([], TODAY).failures == ["Failed to load aws catalog."]
