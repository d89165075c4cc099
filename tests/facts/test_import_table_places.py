"""Regions of a table's prices, and which old price each of them replaces.

All values and names of providers are made up.
"""

import json
from pathlib import Path

import pytest
from refresh_market import TODAY, write_market
from table_cases import bring, imported_offers

from catalog import load_catalog

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize(
    ("cell", "regions"),
    [
        ("us-east-1 us-west-2", "us-east-1 us-west-2"),
        ("eu-north-1,us-east-1", "eu-north-1 us-east-1"),
        ("us-east-1", "us-east-1"),
        ("Sweden, SE", "Sweden-SE"),
        ("US East", "US-East"),
        ("", ""),
    ],
)
def test_regions_of_a_cell(tmp_path: Path, home: Path, cell: str, regions: str) -> None:
    """Codes are several regions, words are one place."""
    text = f"provider;gpu;gpu_count;usd_per_gpu_hour;region\nx;H100 SXM;8;2.5;{cell}\n"
    bring(tmp_path, text)
    assert [o.region for o in imported_offers(home)] == [regions]


def test_a_table_replaces_what_it_has_and_nothing_else(tmp_path: Path, home: Path) -> None:
    """It is no whole catalog of its provider: other GPUs, sizes and regions stay."""
    text = "provider;gpu;gpu_count;usd_per_gpu_hour;region\naws;H100 SXM;8;5;us-west-2\n"
    before = {o.offer: o for o in load_catalog(write_market(tmp_path / "m"), TODAY).offers}
    assert before["aws_h100_sxm_on_demand"].region == "us-east-1 us-west-2"
    imported = bring(tmp_path, text)
    after = {o.offer: o for o in load_catalog(home, TODAY).offers}
    assert after["aws_h100_sxm_on_demand"].region == "us-east-1"
    assert after["aws_h100_sxm_on_demand"].usd_per_gpu_hour == 6.88
    assert set(before) < set(after)
    assert imported.kept == ()
    again = text.replace("us-west-2", "us-east-1").replace(";5;", ";6;")
    bring(tmp_path, again, read_on="2026-11-19")
    found = {o.region: o for o in load_catalog(home, TODAY).offers if o.gpu == "h100_sxm"}
    assert (found["us-west-2"].usd_per_gpu_hour, found["us-east-1"].usd_per_gpu_hour) == (5, 6)
    assert found["us-west-2"].source != found["us-east-1"].source
    stated = json.loads((home / "snapshot.json").read_text(encoding="utf-8"))
    assert [one["read_on"] for one in stated["sources"]] == ["2026-11-18", "2026-11-19"]


@pytest.mark.parametrize(
    ("usd", "regions", "asked"),
    [
        ("3.5", ("us-west-2",), 1),
        ("9.2", ("us-west-2",), 1),
        ("6", ("us-west-2",), 0),
        ("3.5", ("us-west-2", "us-east-1"), 1),
        ("3.5", ("eu-west-1",), 0),
    ],
)
def test_a_price_that_moved_in_one_region_is_questioned(
    tmp_path: Path, home: Path, usd: str, regions: tuple[str, ...], asked: int
) -> None:
    """Beside that of the old offer that covered it; it may cover others still."""
    lines = [f"aws;H100 SXM;8;{usd};{region}" for region in regions]
    imported = bring(
        tmp_path, "\n".join(["provider;gpu;gpu_count;usd_per_gpu_hour;region", *lines])
    )
    assert [
        (change.old.offer, change.old.usd_per_gpu_hour, change.new.region.split())
        for change in imported.questioned
    ] == [("aws_h100_sxm_on_demand", 6.88, sorted(regions))] * asked
    stated = json.loads((home / "snapshot.json").read_text(encoding="utf-8"))
    noted = [one for source in stated["sources"] for one in source.get("questioned", [])]
    assert [(one["usd_per_gpu_hour"], one["was_usd_per_gpu_hour"]) for one in noted] == (
        [(float(usd), 6.88)] * asked
    )


def test_a_price_without_a_region_takes_the_place_of_no_region(tmp_path: Path, home: Path) -> None:
    """It stands beside the offers that have one, and gives way to the next without one."""
    text = "provider;gpu;gpu_count;usd_per_gpu_hour\naws;H100 SXM;8;6.5\nlambda;H100 SXM;8;4\n"
    before = {o.offer for o in load_catalog(write_market(tmp_path / "m"), TODAY).offers}
    bring(tmp_path, text)
    after = {o.offer: o for o in load_catalog(home, TODAY).offers}
    assert before - set(after) == {"lambda_h100_sxm_on_demand"}
    assert after["aws_h100_sxm_on_demand"].region == "us-east-1 us-west-2"
    assert after["aws_h100_sxm_on_demand"].usd_per_gpu_hour == 6.88
    bring(tmp_path, text.replace("6.5", "6.4"), read_on="2026-11-19")
    found = [o for o in load_catalog(home, TODAY).offers if o.provider == "aws"]
    h100 = {
        o.region: o.usd_per_gpu_hour
        for o in found
        if o.gpu == "h100_sxm" and o.pricing == "on_demand"
    }
    assert h100 == {"us-east-1 us-west-2": 6.88, "": 6.4}


def test_a_price_of_a_region_takes_the_place_of_one_of_none(tmp_path: Path, home: Path) -> None:
    """What was said of any region is read anew."""
    text = "provider;gpu;gpu_count;usd_per_gpu_hour;region\nlambda;H100 SXM;8;4;us-west-2\n"
    bring(tmp_path, text)
    found = [o for o in load_catalog(home, TODAY).offers if o.provider == "lambda"]
    assert [(o.region, o.usd_per_gpu_hour) for o in found] == [("us-west-2", 4)]
