"""Files with rows that cannot be read: the others are, where that is asked for."""

from pathlib import Path

import pytest
from quote_cases import TODAY, mistakes, small

from catalog import Catalog, CatalogError, csv_file
from catalog.quotes import add_quotes

HEADER = "offer,provider,gpu,price,tiers,largest cluster,network,valid until\n"
GOOD = "good,zeta,big,1.5,,64,IB,\n"
BAD = {
    "unknown GPU": "x,zeta,h900,1.5,,64,IB,\n",
    "no price": "x,zeta,big,,,64,IB,\n",
    "another currency": "x,zeta,big,2 EUR,,64,IB,\n",
    "too few cells": "x,zeta,big\n",
    "no network": "x,zeta,big,1.5,,64,none,\n",
    "a size that no node has": "x,zeta,big,1.5,,4,,\n",
    "another's name": "alpha_big,zeta,big,1.5,,64,IB,\n",
    "the same name": "good,zeta,big,1.6,,64,IB,\n",
    "tiers beyond the cluster": "x,zeta,big,,8:2; 256:1,64,IB,\n",
    "a name of a part": "x,zeta,big,,8:2; 16:1,64,IB,\nx_from_8,zeta,big,1.5,,64,IB,\n",
    "expired, and no price": "x,zeta,big,,,64,IB,2026-01-01\n",
}


def skipped(folder: Path, text: str, catalog: Catalog | None = None) -> Catalog:
    """The catalog with what can be read of a text."""
    path = folder / "quotes.csv"
    path.write_text(text, encoding="utf-8")
    return add_quotes(catalog or small(), path, TODAY, skip_unreadable=True)


@pytest.mark.parametrize("kind", BAD)
def test_the_others_are_read(tmp_path: Path, kind: str) -> None:
    """Each row left out is listed with the reason for which the whole file is refused else."""
    catalog = skipped(tmp_path, HEADER + GOOD + BAD[kind])
    names = {offer.offer for offer in catalog.offers if offer.provider == "zeta"}
    assert names in ({"good"}, {"good", "x_from_8"})
    reasons = [said for said in catalog.remarks if said.startswith("left out: quotes.csv:3: ")]
    assert [f"left out: {said}" for said in mistakes(tmp_path, HEADER + GOOD + BAD[kind])] == (
        reasons
    )
    assert len(reasons) == 1


def test_nothing_is_said_of_what_is_left_out_but_that(tmp_path: Path) -> None:
    """Neither what was assumed for it nor that it expires soon."""
    row = "x,zeta,big,€2,,,,2026-11-25\n"
    catalog = skipped(tmp_path, HEADER + row + GOOD)
    (said,) = catalog.remarks
    assert said.startswith("left out: quotes.csv:2: price: '€2' is in EUR")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("provider,gpu,prize\nzeta,big,2\n", "unknown column 'prize'"),
        ("provider,gpu\nzeta,big\n", "column 'usd_per_gpu_hour' is missing"),
        (HEADER + BAD["no price"], "is blank"),
        (HEADER + GOOD + '"x,zeta\n', "not readable as CSV"),
        ("", "is empty"),
        (HEADER, "no rows"),
    ],
)
def test_a_file_that_is_no_file_of_quotes(tmp_path: Path, text: str, said: str) -> None:
    """Its header, its form, or every row of it: there is nothing to read."""
    with pytest.raises(CatalogError, match=said):
        skipped(tmp_path, text)


def test_a_file_that_was_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More mistakes, or more rows, than are looked at: no one knows what the rest says."""
    with pytest.raises(CatalogError, match="the rest was not checked"):
        skipped(tmp_path, HEADER + GOOD + BAD["no price"] * (csv_file.MOST_MISTAKES + 1))
    monkeypatch.setattr(csv_file, "MOST_ROWS", 1)
    with pytest.raises(CatalogError, match="expected at most 1 rows"):
        skipped(tmp_path, HEADER + GOOD + GOOD.replace("good", "more"))


def test_an_expired_row_and_one_that_cannot_be_read(tmp_path: Path) -> None:
    """The provider is known to have had a quote."""
    text = HEADER + "x,zeta,big,1.5,,64,IB,2026-01-01\n" + BAD["unknown GPU"]
    catalog = skipped(tmp_path, text)
    assert catalog.offers == small().offers
    assert list(catalog.expired_quotes) == ["zeta"]
