"""SkyPilot's files as they are published: cells that are wrong, GpuInfo, hosts apart, currencies.

Prices and names of regions are made up.
"""

from pathlib import Path

import pytest
from refresh_market import HEADER, market_gpus, price_list, read_rows

from catalog import CatalogError, Gpu, load_catalog
from catalog.refresh.gpu_info import CONTRADICTS, GpuInfo, read_gpu_info
from catalog.refresh.importing import priceable
from catalog.refresh.listing import BESIDE_THE_HOST, HOST_ONLY, Found
from catalog.refresh.machines import table
from catalog.refresh.money import read_money
from catalog.refresh.names import AMBIGUOUS, CONTRADICTION, OTHER_DOMAIN, OTHER_MEMORY, identify
from catalog.refresh.offers import Origin, offer_rows
from catalog.refresh.price import Price
from catalog.refresh.prices import GCP_SPOT_ABOVE, PLACEHOLDER, real_prices
from catalog.refresh.skypilot import BAD_SPOT, NO_PRICE, PARTS_ON_TOP, read_skypilot
from catalog.refresh.tally import Tally

V8 = (
    "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,"
    "Region,AvailabilityZone,Arch"
)
V9 = V8 + ",LocalDiskType,NVMeSupported,LocalDiskSize,LocalDiskCount"
GCP = HEADER


def info(name: str, mib: int, count: int = 8, total: int | None = None) -> str:
    """A cell in Python's notation, quoted for CSV."""
    total = mib * count if total is None else total
    gpu = f"{{'Name': '{name}', 'Count': {count}.0, 'MemoryInfo': {{'SizeInMiB': {mib}}}}}"
    return f"\"{{'Gpus': [{gpu}], 'TotalGpuMemoryInMiB': {total}}}\""


@pytest.fixture(scope="module")
def shipped_gpus() -> dict[str, Gpu]:
    """The GPU models of the catalog that comes with the program."""
    return priceable(load_catalog())


@pytest.mark.parametrize("spot", ["0.00", "0", "0.0", ""])
def test_a_spot_price_of_zero_is_none(tmp_path: Path, spot: str) -> None:
    """It costs only that cell."""
    found = read_rows(tmp_path, "vast", f"8x-H100_SXM,H100-SXM,8,14.94,{spot},VN,")
    assert [(one.usd, one.spot_usd) for one in found.listings] == [(14.94, None)]
    assert found.tally.counts == {}


@pytest.mark.parametrize("spot", ["=1+1", "-1", "n/a", "<b>2</b>", "1e999"])
def test_a_spot_price_that_cannot_be_read_costs_only_itself(tmp_path: Path, spot: str) -> None:
    """And is told, with its row."""
    found = read_rows(tmp_path, "vast", f"8x-H100_SXM,H100-SXM,8,14.94,{spot},VN,")
    assert [(one.usd, one.spot_usd) for one in found.listings] == [(14.94, None)]
    (reason,) = found.tally.reasons()
    assert (reason.reason, reason.count) == (BAD_SPOT, 1)
    assert reason.examples == (f"vms.csv:2: 8x-H100_SXM in VN: {spot}",)


def test_a_row_may_have_a_spot_price_alone_or_none_at_all(tmp_path: Path) -> None:
    """The first is a price, the second is none."""
    rows = ("8x,H100-SXM,8,,7.36,FIN-02,", "8y,H100-SXM,8,,0.00,FIN-02,")
    found = read_rows(tmp_path, "verda", *rows)
    assert [(one.usd, one.spot_usd) for one in found.listings] == [(None, 7.36)]
    assert found.tally.counts == {"not sold on demand": 1, NO_PRICE: 1}


def test_v9_has_four_more_columns(tmp_path: Path) -> None:
    """Disk kind, whether there is one, GB and count: read by name, they change nothing."""
    cells = f"p5.48xlarge,H100,8.0,192.0,2048.0,{info('H100', 81920)},55,20,aa-1,a,x86_64"
    (old,) = read_rows(tmp_path / "8", "aws", cells, header=V8).listings
    (new,) = read_rows(tmp_path / "9", "aws", f"{cells},ssd,True,3800.0,8.0", header=V9).listings
    assert (old, old.usd) == (new, 55)


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("{'Gpus': [{'Name': 'H100', 'MemoryInfo': {'SizeInMiB': 81920}}]}", ("H100", 80)),
        ('{"Gpus": [{"Name": "H100", "Count": 8.0}]}', ("H100", 0)),
        ("{'Gpus': [{'Name': 'H100'}, {'Name': 'T4'}]}", None),
        ("{'Gpus': [{'Name': ['H100']}]}", None),
        ("{'Gpus': __import__('os').getcwd()}", None),
        ("{'Gpus': [{'Name': '\\d'", None),
        ("[" * 500, None),
        ("{" * 1_000, None),
        ("tpu-v6e-8", None),
        ("", None),
        ("{'Gpus': [{'Name': 'H100', 'MemoryInfo': {'SizeInMiB': True}}]}", ("H100", 0)),
        ("{'Gpus': [{'Name': 'H100', 'MemoryInfo': {'SizeInMiB': 1e400}}]}", ("H100", 0)),
    ],
)
def test_gpu_info(cell: str, read: tuple[str, float] | None) -> None:
    """A literal or JSON; whatever else it is, it says nothing, and runs nothing."""
    assert read_gpu_info(cell) == (GpuInfo(*read) if read else None)


def test_the_memory_of_all_gpus_in_the_place_of_one_is_not_read() -> None:
    """Eight times 640 GB is not the total."""
    assert read_gpu_info(info("H100", 655_360, total=655_360).strip('"')) == GpuInfo("H100", 0)


@pytest.mark.parametrize(
    ("accelerator", "described", "gpu", "reason"),
    [
        ("H100", "", "", AMBIGUOUS),
        ("H100", info("NVIDIA H100 80GB HBM3", 81920), "h100_sxm", ""),
        ("H100", info("H100-SXM5", 81920), "h100_sxm", ""),
        ("H100", info("H100-PCIe", 81559), "h100_pcie", ""),
        ("H100-SXM", info("H100", 81920), "h100_sxm", ""),
        # GpuInfo is often wrong: it settles, and never overrules.
        ("H100-SXM", info("T4", 16384), "h100_sxm", ""),
        ("H100-SXM", info("H100", 40960), "h100_sxm", ""),
        # 80 GB cards with bridges between pairs are sold as NVL, and are no H100 NVL of 94 GB.
        ("H100-NVL", info("H100_NVL", 81920), "", CONTRADICTS),
        ("H100-NVL", info("H100_NVL", 95830), "h100_nvl", ""),
        ("H100-NVL-80GB", "", "", OTHER_MEMORY),
    ],
)
def test_gpu_info_settles(
    shipped_gpus: dict[str, Gpu], accelerator: str, described: str, gpu: str, reason: str
) -> None:
    """Form factor and memory, where name and instance leave them open."""
    line = f"x8,{accelerator},8.0,192.0,2048.0,{described},20,,aa-1,a,x86_64"
    found = Found("anyone", Tally(), Tally())
    read_skypilot("vms.csv", price_list([line], V8), found, shipped_gpus)
    assert [one.gpu for one in found.listings] == ([gpu] if gpu else [])
    assert set(found.tally.counts) == ({reason} if reason else set())
    assert found.doubted == (set() if gpu else {"h100"})


@pytest.mark.parametrize(
    ("accelerator", "instance", "reason"),
    [
        ("GB200", "x4", ""),
        ("GB200-NVL72", "x4", ""),
        ("GB200 NVL4", "x4", OTHER_DOMAIN),
        ("GB200", "gb200-nvl4-node", OTHER_DOMAIN),
        ("GB200-SXM", "x4", CONTRADICTION),
    ],
)
def test_a_small_nvlink_domain_is_another_product(
    shipped_gpus: dict[str, Gpu], accelerator: str, instance: str, reason: str
) -> None:
    """GB200 NVL4 is a board of four, not a share of 72."""
    known = identify("anyone", accelerator, instance, shipped_gpus)
    assert (known.gpu, known.reason) == ("" if reason else "gb200_nvl72", reason)


def test_host_and_gpus_apart_add_up_to_one_machine(tmp_path: Path) -> None:
    """Prices by zone; A3 Mega is not A3 High; what stays alone is counted."""
    found = read_rows(
        tmp_path,
        "gcp",
        ",H100,8.0,40.5,12.25,aa-west1,aa-west1-b",
        ",H100-MEGA-80GB,8.0,50.5,,aa-west1,aa-west1-b",
        ",H100,8.0,41.5,,aa-west1,aa-west1-c",
        ",H100,1.0,5.5,,aa-west1,aa-west1-b",
        "a3-highgpu-8g,,,9.75,2.5,aa-west1,aa-west1-b",
        "a3-megagpu-8g,,,9.75,2.5,aa-west1,aa-west1-b",
        "n1-standard-8,,,0.4,0.1,aa-west1,aa-west1-b",
        "a2-highgpu-8g,,,3.4,0.1,aa-west1,aa-west1-b",
        header=GCP,
    )
    assert [(o.instance, o.gpu, o.gpus, o.usd, o.spot_usd) for o in found.listings] == [
        ("a3-highgpu-8g", "h100_sxm", 8, 50.25, 14.75),
        ("a3-megagpu-8g", "h100_sxm", 8, 60.25, None),
    ]
    assert found.tally.counts == {HOST_ONLY: 2, BESIDE_THE_HOST: 2}
    assert "host and GPUs added up" in found.listings[0].note
    assert "local SSD" in found.listings[0].note


def test_the_spot_price_of_a_host_hides_none_of_its_gpus(tmp_path: Path) -> None:
    """A GPU row whose spot price is not below is another product's, whatever the host costs."""
    rows = (",H100,8,40.5,41,aa-west1,z", "a3-highgpu-8g,,,9.75,2.5,aa-west1,z")
    found = read_rows(tmp_path, "gcp", *rows)
    assert (real_prices(found), found.tally.counts[GCP_SPOT_ABOVE]) == ([], 1)
    assert found.doubted == {"h100_sxm"}


def test_placeholders_of_hosts_are_not_added(tmp_path: Path) -> None:
    """0.0 is no price of a host."""
    rows = (",H100,8,40.5,12,aa-west1,z", "a3-highgpu-8g,,,0.0,0.0,aa-west1,z")
    found = read_rows(tmp_path, "gcp", *rows)
    assert (found.listings, found.tally.counts) == ([], {HOST_ONLY: 1, BESIDE_THE_HOST: 1})


def test_a_cluster_of_ones_own_has_a_price_per_accelerator(tmp_path: Path) -> None:
    """Where processors and memory cost extra it is no price of a machine."""
    header = "Region,Zone,PricePerVCPU,PricePerMemoryGB,AcceleratorName,PricePerAccelerator"
    rows = ("dc,,0,,H100-SXM,2.5", "dc,,0.05,0.01,H100-SXM,2.5", ",,0,0,,0.0", "dc,,,,B200,0.00")
    found = read_rows(tmp_path, "slurm", *rows, header=header)
    assert [(o.gpu, o.gpus, o.usd, o.region) for o in found.listings] == [
        ("h100_sxm", 1, 2.5, "dc")
    ]
    assert found.tally.counts == {
        PARTS_ON_TOP: 1,
        "no GPU": 1,
        "price is not a number above zero": 1,
    }


def test_another_currency_needs_a_rate(tmp_path: Path) -> None:
    """With it the offer says so."""
    found = Found("verda", Tally(), Tally())
    text = price_list(["8x,H100-SXM,8,20,10,FIN-01,"])
    money = read_money("eur", ["EUR=1.25"])
    read_skypilot("vms.csv", text, found, market_gpus(tmp_path), money=money)
    (one,) = found.listings
    assert (one.usd, one.spot_usd) == (25, 12.5)
    assert one.note == "converted from EUR at 1.25 USD"


@pytest.mark.parametrize(
    ("currency", "rates", "said"),
    [
        ("EUR", [], "--currency: EUR without a rate; expected USD for one EUR; add --fx EUR=..."),
        ("euro", [], "--currency: 'euro'; expected three letters"),
        ("EUR", ["EUR"], "--fx: 'EUR'; expected a currency once and USD for one unit"),
        ("EUR", ["EUR=0"], "--fx: 'EUR=0'"),
        ("EUR", ["EUR=1,09"], "--fx: 'EUR=1,09'"),
        (None, ["EUR=1", "EUR=2"], "--fx: 'EUR=2'"),
        (None, ["USD=2"], "--fx: 'USD=2'"),
    ],
)
def test_rates_that_are_none(currency: str | None, rates: list[str], said: str) -> None:
    """No rate is guessed."""
    with pytest.raises(CatalogError) as raised:
        read_money(currency, rates)
    assert raised.value.mistakes[0].startswith(said)


def test_every_machine_of_the_table_is_of_a_gpu_in_the_catalog(
    shipped_gpus: dict[str, Gpu],
) -> None:
    """And agrees with the shipped offers that name it."""
    assert {machine.gpu for machine in table().values()} <= set(shipped_gpus)
    for offer in load_catalog().offers:
        machine = table().get((offer.provider, offer.instance_type.lower()))
        if machine is not None:
            assert (machine.gpu, machine.gpus) == (offer.gpu, offer.gpus_per_node)


@pytest.mark.parametrize(
    ("instance", "nic"), [("a3-highgpu-8g", "100"), ("a3-megagpu-8g", "200"), ("other", "100")]
)
def test_a_machine_has_the_network_of_its_namesake(instance: str, nic: str) -> None:
    """A3 Mega is not A3 High; of a machine without a namesake the slower is assumed."""
    price = Price("gcp", "h100_sxm", 8, instance, "us-east1", "on_demand", 11.0)
    (row,) = offer_rows([price], Origin("x", "2026-11-18"), load_catalog(), Tally())
    assert (row["nic_gbps_per_gpu"], row["fabric"]) == (nic, "tcpx")


def test_a_placeholder_for_spot_costs_only_itself(tmp_path: Path) -> None:
    """700 USD beside a price of 2.70 for a TPU."""
    found = read_rows(tmp_path, "gcp", ",tpu-v6e-1,1,2.7,700.0,southamerica-west1,a")
    assert [(p.pricing, p.usd_per_gpu_hour) for p in real_prices(found)] == [("on_demand", 2.7)]
    assert found.tally.counts == {PLACEHOLDER: 1}
