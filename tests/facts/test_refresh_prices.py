"""Which listed prices are prices: zones reduced to regions, spot, placeholders, outliers."""

from pathlib import Path

import pytest
from refresh_market import read_rows

from catalog.refresh.listing import Found
from catalog.refresh.prices import (
    GCP_OUTLIER,
    GCP_SPOT_ABOVE,
    NO_REAL_SPOT,
    PLACEHOLDER,
    ZONES_DISAGREE,
    real_prices,
)


def priced(found: Found) -> list[tuple[str, str, float]]:
    """Pricing, region and USD per GPU-hour."""
    return [(p.pricing, p.region, p.usd_per_gpu_hour) for p in real_prices(found)]


def p5(price: str, spot: str = "", region: str = "us-east-1", zone: str = "a") -> str:
    """A line of AWS's eight H100."""
    return f"p5.48xlarge,H100,8,{price},{spot},{region},{zone}"


def test_prices_are_divided_by_the_gpus(tmp_path: Path) -> None:
    """A listed price is that of the whole instance."""
    found = read_rows(tmp_path, "aws", p5("55.04", "22"))
    assert priced(found) == [("on_demand", "us-east-1", 6.88), ("spot", "us-east-1", 2.75)]


def test_zones_are_one_region(tmp_path: Path) -> None:
    """One price, whatever the number of zones."""
    rows = [p5("55.04", zone=zone) for zone in "abc"]
    assert priced(read_rows(tmp_path, "aws", *rows)) == [("on_demand", "us-east-1", 6.88)]


def test_of_two_on_demand_prices_the_highest_is_kept_and_said(tmp_path: Path) -> None:
    """What one can be sure to pay at most."""
    found = read_rows(tmp_path, "aws", p5("55.04"), p5("64", zone="b"))
    assert priced(found) == [("on_demand", "us-east-1", 8.0)]
    assert found.notes.counts == {ZONES_DISAGREE: 1}
    assert "55.04 to 64" in found.notes.reasons()[0].examples[0]


def test_the_last_digit_is_no_disagreement(tmp_path: Path) -> None:
    """21.957642 and 21.95764 are one price."""
    found = read_rows(tmp_path, "aws", p5("21.957642"), p5("21.95764", zone="b"))
    assert (priced(found), found.notes.counts) == ([("on_demand", "us-east-1", 2.7447)], {})


@pytest.mark.parametrize("spot", ["55.04", "60", "5.504", "5.5040001", "0.0001"])
def test_spot_prices_that_are_none(tmp_path: Path, spot: str) -> None:
    """As high as on demand, above it, or a tenth of it: a zone without capacity."""
    found = read_rows(tmp_path, "aws", p5("55.04", spot))
    assert priced(found) == [("on_demand", "us-east-1", 6.88)]
    assert found.tally.counts == {NO_REAL_SPOT: 1}


def test_spot_is_the_median_of_the_zones_that_have_one(tmp_path: Path) -> None:
    """The lowest zone is soon gone; zones without capacity do not count."""
    spots = ("16", "24", "40", "55.04", "5.504")
    found = read_rows(tmp_path, "aws", *(p5("55.04", s, zone=s) for s in spots))
    assert ("spot", "us-east-1", 3.0) in priced(found)
    (spot,) = (p for p in real_prices(found) if p.pricing == "spot")
    assert spot.zones == 3


def test_spot_without_an_on_demand_price(tmp_path: Path) -> None:
    """Nothing to hold it against; another zone's on-demand price would do."""
    assert priced(read_rows(tmp_path, "aws", p5("", "16"))) == [("spot", "us-east-1", 2.0)]
    found = read_rows(tmp_path, "aws", p5("", "55.04"), p5("55.04", zone="b"))
    assert priced(found) == [("on_demand", "us-east-1", 6.88)]


@pytest.mark.parametrize(
    ("provider", "row"),
    [
        ("gcp", ",tpu-v6e-1,1,700.0,700.0,us-east1,a"),
        ("gcp", ",tpu-v6e-8,1,700.0,700.0,us-east1,a"),
        ("mithril", "h100-80gb.sxm.8x,H100,8,8.0,8.0,us-central2-a,"),
        ("mithril", "h100-80gb.sxm.1x,H100,1,1.0,1.0,us-central2-a,"),
        ("aws", "p5.48xlarge,H100,8,1200.08,,us-east-1,a"),
        ("aws", "p5.48xlarge,H100,8,,1200.08,us-east-1,a"),
        ("aws", "p5.48xlarge,H100,8,0.004,,us-east-1,a"),
    ],
)
def test_placeholders(tmp_path: Path, provider: str, row: str) -> None:
    """Figures that stand where a list knows no price."""
    found = read_rows(tmp_path, provider, row)
    assert (priced(found), found.tally.counts[PLACEHOLDER]) == ([], 1)
    assert len(found.doubted) == 1


def test_dear_is_not_yet_a_placeholder(tmp_path: Path) -> None:
    """150 USD is the limit, for one GPU."""
    assert priced(read_rows(tmp_path, "aws", p5("1200")))[0][2] == 150
    assert priced(read_rows(tmp_path, "nebius", "h100-sxm,H100,1,1.0,,eu,"))[0][2] == 1


def test_one_round_price_on_most_gpus_is_a_placeholder(tmp_path: Path) -> None:
    """Three models at 5 USD a GPU, and one that has a price."""
    rows = (
        *("a,H100-SXM,8,40,,r,", "b,B200,8,40,,r,", "c,L40S,1,5,,r,"),
        "d,A6000,1,0.79,,r,",
    )
    found = read_rows(tmp_path, "somebody", *rows)
    assert [price.gpu for price in real_prices(found)] == ["rtx_a6000"]
    assert found.tally.counts == {PLACEHOLDER: 3}


def test_a_round_price_on_two_models_is_a_price(tmp_path: Path) -> None:
    """So is one that few rows have."""
    two = ("a,H100-SXM,1,2,,r,", "b,L40S,1,2,,r,")
    assert len(real_prices(read_rows(tmp_path, "somebody", *two))) == 2
    few = (*two, "c,B200,1,2,,r,", *(f"d{n},A6000,1,0.{n},,r," for n in range(1, 5)))
    assert len(real_prices(read_rows(tmp_path, "somebody", *few))) == 7


def a3(price: str, spot: str, region: str) -> str:
    """A line of Google's eight H100, host and GPUs in one price."""
    return f"a3-highgpu-8g,H100,8,{price},{spot},{region},{region}-a"


def test_google_spot_above_on_demand_is_another_product(tmp_path: Path) -> None:
    """The on-demand price is that of a commitment, so neither counts."""
    found = read_rows(tmp_path, "gcp", a3("33.6", "42.7", "us-west1"), a3("88", "31", "us-east5"))
    assert priced(found) == [("on_demand", "us-east5", 11.0), ("spot", "us-east5", 3.875)]
    assert found.tally.counts[GCP_SPOT_ABOVE] == 1
    assert "h100_sxm" in found.doubted


@pytest.mark.parametrize(("odd", "kept"), [("20", 3), ("40", 4), ("250", 4), ("280", 3)])
def test_google_outliers(tmp_path: Path, odd: str, kept: int) -> None:
    """More than three times the GPU's median, or less than a third."""
    regions = (("80", "a"), ("88", "b"), ("96", "c"), (odd, "d"))
    found = read_rows(tmp_path, "gcp", *(a3(price, "", region) for price, region in regions))
    assert len(real_prices(found)) == kept
    assert found.tally.counts.get(GCP_OUTLIER, 0) == 4 - kept


def test_other_providers_may_differ_by_more(tmp_path: Path) -> None:
    """A machine with many cores costs four times as much a GPU, and that is its price."""
    rows = (f"g{n},L40S,1,{usd},,r{n}," for n, usd in enumerate(("1.9", "2", "2.1", "8")))
    assert len(real_prices(read_rows(tmp_path, "aws", *rows))) == 4
