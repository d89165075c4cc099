"""SkyPilot's files: each rule on a list of a few lines, and files that are none."""

from pathlib import Path

import pytest
from refresh_market import HEADER, market_gpus, price_list, read_rows

from catalog import CatalogError
from catalog.refresh.cells import ACTS
from catalog.refresh.listing import BESIDE_THE_HOST, HOST_ONLY, NO_GPU, SEVERAL_HOSTS, Found
from catalog.refresh.skypilot import read_skypilot
from catalog.refresh.tally import Tally

H100 = "p5.48xlarge,H100,8,55.04,20.0,us-east-1,use1-az1"


def reasons(found: Found) -> dict[str, int]:
    """What was left out, counted."""
    return found.tally.counts


def test_one_line(tmp_path: Path) -> None:
    """Prices stay those of the whole instance; the line is where it stands in the file."""
    (one,) = read_rows(tmp_path, "aws", H100).listings
    assert (one.where, one.provider, one.gpu, one.gpus) == ("vms.csv:2", "aws", "h100_sxm", 8)
    assert (one.instance, one.region) == ("p5.48xlarge", "us-east-1")
    assert (one.usd, one.spot_usd) == (55.04, 20.0)


def test_columns_are_read_by_name(tmp_path: Path) -> None:
    """Any order, columns that nobody knows, and the optional ones missing."""
    header = "Region,Arch,Price,AcceleratorCount,GpuInfo,AcceleratorName,InstanceType"
    line = "us-east-1,x86,55.04,8,\"{'Gpus': [{'Name': 'T4'}]}\",H100,p5.48xlarge"
    (one,) = read_rows(tmp_path, "aws", line, header=header).listings
    assert (one.gpu, one.usd, one.spot_usd, one.region) == ("h100_sxm", 55.04, None, "us-east-1")


@pytest.mark.parametrize("info", ["", '"{""Name"": ""T4""}"', "__import__('os')", "tpu-v6e-8"])
def test_gpu_info_is_not_read(tmp_path: Path, info: str) -> None:
    """A Python literal, JSON or neither: the name counts."""
    header = "InstanceType,AcceleratorName,AcceleratorCount,Price,Region,GpuInfo"
    line = f"p5.48xlarge,H100,8,55.04,us-east-1,{info}"
    (one,) = read_rows(tmp_path, "aws", line, header=header).listings
    assert one.gpu == "h100_sxm"


@pytest.mark.parametrize("count", ["8", "8.0", "8.00", " 8 "])
def test_counts(tmp_path: Path, count: str) -> None:
    """Whole numbers, however they are written."""
    (one,) = read_rows(tmp_path, "aws", H100.replace(",8,", f",{count},")).listings
    assert one.gpus == 8


@pytest.mark.parametrize(
    ("count", "reason"),
    [
        ("", "no GPU count"),
        ("0", "no GPU count"),
        ("0.0", "no GPU count"),
        ("0.5", "GPU count is not a whole number"),
        ("-8", "GPU count is not a whole number"),
        ("nan", "GPU count is not a whole number"),
        ("eight", "GPU count is not a whole number"),
        ("1e9", "GPU count is not a whole number"),
    ],
)
def test_counts_that_are_none(tmp_path: Path, count: str, reason: str) -> None:
    """Nothing can be divided by them."""
    found = read_rows(tmp_path, "aws", H100.replace(",8,", f",{count},"))
    assert (found.listings, reasons(found)) == ([], {reason: 1})


@pytest.mark.parametrize("price", ["-1", "0", "nan", "inf", "1_000", "$5", "=1+1", "1e999"])
def test_prices_that_are_none(tmp_path: Path, price: str) -> None:
    """Not a number above zero."""
    found = read_rows(tmp_path, "aws", H100.replace("55.04", price))
    assert (found.listings, found.rows) == ([], 1)
    assert reasons(found) == {"price is not a number above zero": 1}


def test_a_blank_price_is_not_sold_on_demand(tmp_path: Path) -> None:
    """Its spot price may still be one."""
    found = read_rows(tmp_path, "aws", "p5e.48xlarge,H100-SXM,8,,20.0,us-east-1,a")
    assert [(one.usd, one.spot_usd) for one in found.listings] == [(None, 20.0)]
    assert reasons(found) == {"not sold on demand": 1}


def test_machines_without_a_gpu(tmp_path: Path) -> None:
    """Most of a cloud's list; at Google they may be the host of a GPU."""
    line = "a3-highgpu-8g,,,9.46,2.8,us-central1,us-central1-a"
    assert reasons(read_rows(tmp_path, "aws", line)) == {NO_GPU: 1}
    assert reasons(read_rows(tmp_path, "gcp", line)) == {HOST_ONLY: 1}


def test_gpus_without_a_host(tmp_path: Path) -> None:
    """Half a price is none; the GPU is remembered, so that its old offer stays."""
    found = read_rows(tmp_path, "gcp", ",H100,8,78.37,30.5,us-east4,us-east4-a")
    assert (found.listings, found.doubted) == ([], {"h100_sxm"})
    assert reasons(found) == {BESIDE_THE_HOST: 1}


def test_tpu_slices(tmp_path: Path) -> None:
    """Chips come from the name, not from the count; only slices within one host are taken."""
    found = read_rows(
        tmp_path,
        "gcp",
        ",tpu-v6e-8,1.0,21.6,4.7,us-east1,us-east1-d",
        ",tpu-v6e-256,1.0,691.2,151.7,us-east1,us-east1-d",
        ",tpu-v2-8,1.0,4.5,1.35,us-east1,us-east1-d",
    )
    assert [(o.gpu, o.gpus, o.instance, o.usd) for o in found.listings] == [
        ("tpu_v6e", 8, "tpu-v6e-8", 21.6)
    ]
    assert reasons(found)[SEVERAL_HOSTS] == 1
    assert sum(reasons(found).values()) == 2


def test_a_name_that_could_be_two_leaves_the_family_in_doubt(tmp_path: Path) -> None:
    """So that what the catalog has of either stays."""
    found = read_rows(tmp_path, "nobody", "h100x8,H100,8,20,,eu,")
    assert (found.listings, found.doubted) == ([], {"h100"})


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("p5\x1b[31m", "p5\\x1b[31m"), ("p5\u202e", "p5\\u202e"), ("p\x00", "p\\x00")],
)
def test_control_characters_reject_the_row(tmp_path: Path, cell: str, shown: str) -> None:
    """And are spelled out in the report."""
    found = read_rows(tmp_path, "aws", H100.replace("p5.48xlarge", cell), H100)
    assert len(found.listings) == 1
    (reason,) = found.tally.reasons()
    assert (reason.reason, reason.count) == ("control characters", 1)
    assert reason.examples == (f"vms.csv:2: {shown}",)


def test_a_line_break_in_a_cell_rejects_the_row(tmp_path: Path) -> None:
    """An offer is one line."""
    found = read_rows(tmp_path, "aws", H100.replace("us-east-1", '"us\neast"'), H100)
    assert (len(found.listings), reasons(found)) == (1, {"control characters": 1})


def test_rows_of_another_width_are_rejected(tmp_path: Path) -> None:
    """Cells would stand below the wrong names."""
    found = read_rows(tmp_path, "aws", H100 + ",more", H100.removesuffix(",use1-az1"), H100)
    assert (len(found.listings), reasons(found)) == (1, {"wrong number of cells": 2})


def test_paths_become_plain(tmp_path: Path) -> None:
    """Nothing that a file system or a list separated by spaces would act on."""
    (one,) = read_rows(tmp_path, "aws", "../p5 large,B200,8,50,,us east/../1,").listings
    assert (one.instance, one.region) == ("p5-large", "us-east-..-1")


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "=1+1", "@us", "+x", "<script>", "-cmd"])
def test_formulas_and_markup_reject_the_row(tmp_path: Path, cell: str) -> None:
    """They are no name of anything; the rows beside it stay."""
    line = "p6,B200,8,50,,us,"
    found = read_rows(tmp_path, "aws", line.replace("p6", cell), line.replace("us", cell), line)
    assert (len(found.listings), reasons(found)) == (1, {ACTS: 2})


def test_nameless_and_endless_instances(tmp_path: Path) -> None:
    """A name has to be there, and to be one."""
    found = read_rows(tmp_path, "aws", "._.,B200,8,50,,r,", f"{'x' * 101},B200,8,50,,r,")
    assert not found.listings
    assert set(reasons(found)) == {
        "instance without a name",
        "a name longer than 100 characters",
    }


def test_three_examples_are_kept_of_each_reason(tmp_path: Path) -> None:
    """The count says how many there were."""
    found = read_rows(tmp_path, "aws", *(f"m{n}.large,,,0.1,,r," for n in range(5)))
    (reason,) = found.tally.reasons()
    assert (reason.count, len(reason.examples)) == (5, 3)
    assert reason.examples[0] == "vms.csv:2: m0.large in r"


def test_community_pods_are_a_marketplace(tmp_path: Path) -> None:
    """Third-party hosts; Secure Cloud is the provider's own."""
    rows = ("1x_L40S_COMMUNITY,L40S,1,0.8,,US,", "1x_L40S_SECURE,L40S,1,1.1,,US,")
    found = read_rows(tmp_path, "runpod", *rows)
    assert [one.marketplace for one in found.listings] == [True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "vms.csv:1: no usable header: InstanceType, AcceleratorName"),
        ("<html>\n</html>\n", "vms.csv:1: no usable header"),
        (price_list([H100], HEADER + ",Price"), "vms.csv:1: column 'Price' appears twice"),
        (price_list(['"p5,H100,8,1,1,r,z']), "vms.csv:2: not readable as CSV"),
        (price_list([H100, f"{'x' * 200_000},H100,8,1,1,r,z"]), "field larger than field limit"),
    ],
)
def test_files_that_are_no_list(tmp_path: Path, text: str, said: str) -> None:
    """One line that says where and what."""
    found = Found("aws", Tally(), Tally())
    with pytest.raises(CatalogError) as raised:
        read_skypilot("vms.csv", text, found, market_gpus(tmp_path))
    (mistake,) = raised.value.mistakes
    assert said in mistake


def test_progress_is_told_in_lines(tmp_path: Path) -> None:
    """What, how many lines, of how many."""
    told: list[tuple[str, int, int]] = []
    text = price_list([H100] * 12_000)
    found = Found("aws", Tally(), Tally())
    gpus = market_gpus(tmp_path)
    read_skypilot("vms.csv", text, found, gpus, lambda *step: told.append(step))
    assert told == [("vms.csv", 5_001, 12_001), ("vms.csv", 10_001, 12_001)]
