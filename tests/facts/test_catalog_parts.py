"""Parts without a 16-bit peak are known and listed; no plan, offer or curve is of one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mini_catalog import mistakes, write_mini

from catalog import CatalogError, load_catalog
from catalog.load import load_gpus
from catalog.parts import why_unplanned
from catalog.quotes import add_quotes
from optimizer.market.named import gpus_named
from problems import ProblemError

# Memory bandwidth and links not published; an fp8 peak is no 16-bit one.
KNOWN = "mi999,Instinct MI999,AMD,CDNA9,2026,MI900,432,,,,20000,,ualink,,,,,sheet,2026-11-01,\n"

Extended = Callable[..., Path]


@pytest.fixture
def extended(tmp_path: Path) -> Extended:
    """A miniature catalog with rows added to its files."""

    def write(**rows: str) -> Path:
        folder = write_mini(tmp_path / "mini")
        for file, text in rows.items():
            path = folder / f"{file}.csv"
            path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
        return folder

    return write


def test_a_part_without_a_16_bit_peak_is_known_and_never_planned(extended: Extended) -> None:
    """It stands apart from the GPU models, blank where nothing is published."""
    folder = extended(gpus=KNOWN)
    catalog = load_catalog(folder)
    assert "mi999" not in catalog.gpus
    assert "mi999" not in load_gpus(folder)
    part = catalog.unplanned["mi999"]
    assert (part.memory_gb, part.memory_gb_per_s, part.scale_up_gpus) == (432, None, None)
    assert (part.peak_bf16_tflops, part.peak_fp8_tflops) == (None, 20_000)


@pytest.mark.parametrize(
    ("column", "blanked", "expected"),
    [
        ("memory_gb", ",80,2039,312,312,", ",,2039,312,312,"),
        ("memory_gb_per_s", ",80,2039,312,312,", ",80,,312,312,"),
        ("scale_up_gb_per_s", ",nvswitch,300,8,", ",nvswitch,,8,"),
        ("scale_up_gpus", ",nvswitch,300,8,", ",nvswitch,300,,"),
    ],
)
def test_a_part_with_a_peak_needs_what_a_plan_needs(
    extended: Extended, column: str, blanked: str, expected: str
) -> None:
    """Memory and links are asked for, by line and column."""
    folder = extended()
    path = folder / "gpus.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(blanked) == 1
    path.write_text(text.replace(blanked, expected), encoding="utf-8")
    (found,) = mistakes(folder)
    assert found.startswith(f"gpus.csv:2: {column}: is blank; expected a")
    with pytest.raises(CatalogError):
        load_gpus(folder)


def test_an_offer_of_it_is_a_mistake(extended: Extended) -> None:
    """And so is a curve: both would be of no peak."""
    offer = (
        "gamma_mi999_on_demand,alpha,mi999,on_demand,,8,8,,contract,400,infiniband,2.5,0,0,0,"
        "prices,2026-11-01,confirmed,\n"
    )
    curve = "mi999,bf16,8,0.4,measured,runs,2026-11-01,run 7\n"
    said = "gpu: 'mi999' has no 16-bit peak in gpus.csv; expected a part with one"
    assert mistakes(extended(gpus=KNOWN, offers=offer, efficiency=curve)) == [
        f"offers.csv:8: {said}",
        f"efficiency.csv:8: {said}",
    ]


def test_naming_it_says_why_not(extended: Extended) -> None:
    """By key, name or family; another unknown name is told its neighbors as before."""
    catalog = load_catalog(extended(gpus=KNOWN))
    why = "mi999 (Instinct MI999) is known but cannot be planned: "
    why += "no dense bf16 or fp16 peak is published"
    for name in ("mi999", "Instinct MI999", "MI900"):
        assert why_unplanned(name, catalog.unplanned.values()) == why
        with pytest.raises(ProblemError) as caught:
            gpus_named([name], catalog)
        assert caught.value.mistakes == [f"gpu: {why}"]
    assert why_unplanned("h100", catalog.unplanned.values()) is None
    with pytest.raises(ProblemError, match="unknown GPU 'h1000'; nearest: "):
        gpus_named(["h1000"], catalog)


def test_a_quote_for_it_says_why_not(extended: Extended, tmp_path: Path) -> None:
    """A buyer's own price does not make a peak."""
    quotes = tmp_path / "quotes.csv"
    quotes.write_text("provider,gpu,price\nFoo,MI999,4.00\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"mi999 .* is known but cannot be planned"):
        add_quotes(load_catalog(extended(gpus=KNOWN)), quotes)
