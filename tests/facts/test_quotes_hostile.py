"""Quotes from strangers: nothing in them runs, hangs or reaches beyond the catalog."""

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quote_cases import TODAY, mistakes, one, quoted, small

from catalog import CatalogError, csv_file
from catalog.quotes import add_quotes

HEADER = "provider,gpu,price,note"


@pytest.mark.parametrize("note", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "=cmd()"])
def test_formulas_are_kept_as_data(tmp_path: Path, note: str) -> None:
    """Whoever writes them to a spreadsheet makes them safe: see catalog.inert."""
    assert one(tmp_path, HEADER, f'zeta,big,1.5,"{note}"').note == note


@pytest.mark.parametrize(
    "cell", ["a\x1b[31mb", "a\nb", "a\tb", "a\x00b", "a\u202eb", "a\u2066b", "a\x9bb", "a\x85b"]
)
@pytest.mark.parametrize(
    "column",
    ["provider", "gpu", "price", "note", "term", "pricing", "network", "region", "valid until"],
)
def test_control_characters_are_mistakes(tmp_path: Path, column: str, cell: str) -> None:
    """In every column, those too that forgive spaces; the mistake spells them out."""
    cells = {"provider": "zeta", "gpu": "big", "price": "1.5", column: cell}
    row = ",".join(f'"{value}"' for value in cells.values())
    found = mistakes(tmp_path, f"{','.join(cells)}\n{row}\n")
    assert any(f": {column}: " in said for said in found)
    assert all(said.isprintable() for said in found)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("gpu", "b\tig"),
        ("price", "1.5\tUSD"),
        ("term", "1\nyear"),
        ("pricing", "on\tdemand"),
        ("provider", "ze\tta"),
    ],
)
def test_forgiven_spaces_are_no_tabs(tmp_path: Path, column: str, cell: str) -> None:
    """A tab inside a cell that would read well with a space."""
    cells = {"provider": "zeta", "gpu": "big", "price": "1.5", column: cell}
    row = ",".join(f'"{value}"' for value in cells.values())
    assert mistakes(tmp_path, f"{','.join(cells)}\n{row}\n")


@pytest.mark.parametrize("header", ["\x1b]0;owned\x07", "gpu\u202e", "a\nb", "=1+1", "x" * 100_000])
def test_headers_are_spelled_out(tmp_path: Path, header: str) -> None:
    """And cut: nobody reads a header of a page."""
    found = mistakes(tmp_path, f'provider,gpu,price,"{header}"\nzeta,big,1.5,\n')
    assert all(said.isprintable() and len(said) < 800 for said in found)


def test_a_known_header_drowned_in_dashes(tmp_path: Path) -> None:
    """It is read, and cut where a mistake names it."""
    (said,) = mistakes(tmp_path, f"provider,gpu,price{'-' * 100_000}\nzeta,big,0\n")
    assert len(said) < 300


def test_the_name_of_the_file_is_spelled_out(tmp_path: Path) -> None:
    """A file may be named anything."""
    path = tmp_path / "quotes\x1b[31m.csv"
    path.write_text("provider,gpu,price,expires\nzeta,big,1.5,2026-11-01\n", encoding="utf-8")
    (said,) = add_quotes(small(), path, TODAY).remarks
    assert said.startswith(r"quotes\x1b[31m.csv:2: the quote of zeta for big expired")
    for text in ("provider,gpu\n", "provider,gpu,price\n", ""):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CatalogError, match=r"quotes\\x1b\[31m.csv:"):
            add_quotes(small(), path, TODAY)
    path.write_text("provider,gpu,price\nzeta,big,0\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"quotes\\x1b\[31m.csv:2: price: '0'"):
        add_quotes(small(), path, TODAY)
    with pytest.raises(CatalogError, match=r"\\x1bmissing.csv: no such file"):
        add_quotes(small(), tmp_path / "\x1bmissing.csv", TODAY)


@pytest.mark.parametrize("column", ["gpu", "price", "term", "provider"])
def test_long_cells_are_refused_before_they_are_read(tmp_path: Path, column: str) -> None:
    """Patterns take long over a page of spaces."""
    cells = {"provider": "zeta", "gpu": "big", "price": "1.5", column: "2" + " " * 100_000 + "x"}
    (said,) = mistakes(tmp_path, f"{','.join(cells)}\n{','.join(cells.values())}\n")
    assert len(said) < 300


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    """An offer's name becomes part of others, in files that end names somewhere."""
    (said,) = mistakes(tmp_path, f"offer,provider,gpu,price\n{'x' * 121},zeta,big,1.5\n")
    assert said == "quotes.csv:2: offer: has 121 characters; expected at most 120"


def test_a_file_full_of_mistakes_is_not_read_to_its_end(tmp_path: Path) -> None:
    """A thousand mistakes tell enough, whichever check finds them."""
    for row in ("zeta\n", "zeta,big,\n", "zeta,big,1.5\n", "zeta,x9,1\n", "zeta,big,1 EUR\n"):
        found = mistakes(tmp_path, "provider,gpu,price\n" + row * (csv_file.MOST_MISTAKES + 50))
        assert len(found) == csv_file.MOST_MISTAKES + 1
        assert found[-1].endswith("more than 1,000 mistakes before it; the rest was not checked")


def test_too_many_columns(tmp_path: Path) -> None:
    """A line of commas is no header."""
    (said,) = mistakes(tmp_path, "," * 1_000_000)
    assert said == "quotes.csv:1: more columns than 200; is it the right file?"


def test_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More quotes than anybody has do not fill the memory; blank lines do not count."""
    monkeypatch.setattr(csv_file, "MOST_ROWS", 2)
    rows = "provider,gpu,price\nzeta,big,1\nzeta,big,2\n\n"
    assert len(quoted(tmp_path, rows).offers) == 3
    (said,) = mistakes(tmp_path, rows + "zeta,big,3\n")
    assert said == "quotes.csv:5: row: expected at most 2 rows; split the file"


def test_too_large_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of every file of a catalog."""
    monkeypatch.setattr(csv_file, "LARGEST_FILE_MB", 0.00001)
    (said,) = mistakes(tmp_path, "provider,gpu,price\nzeta,big,1\n")
    assert "expected at most" in said


@pytest.mark.slow
def test_a_hundred_thousand_quotes(tmp_path: Path) -> None:
    """Every one looked up and named once: steps that grow with the file's square would hang."""
    rows = "".join(f"zeta,big,{1 + i / 100_000:.5f},1y\n" for i in range(100_000))
    catalog = quoted(tmp_path, "provider,gpu,price,term\n" + rows)
    assert len({offer.offer for offer in catalog.offers}) == 100_001


_CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["zeta", "big", "1.5", "$2", "1y", "none", "", "8", "2026-11-01", "=1", "spot"]
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_CELLS, min_size=9, max_size=9))
def test_any_cells_are_read_or_refused(tmp_path: Path, cells: list[str]) -> None:
    """Never a traceback; what is said prints on one line, and what is read is in bounds."""
    path = tmp_path / "quotes.csv"
    header = ["provider", "gpu", "price", "node size", "largest cluster", "term", "valid until"]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([[*header, "pricing", "offer"], cells])
    catalog = small()
    try:
        catalog = add_quotes(catalog, path, TODAY)
        said = list(catalog.remarks)
    except CatalogError as error:
        said = error.mistakes
    assert all(line.isprintable() for line in said)
    for offer in catalog.offers:
        assert 0 < offer.usd_per_gpu_hour <= 10_000
        assert offer.max_gpus >= offer.gpus_per_node
        assert offer.fabric != "none" or offer.max_gpus == offer.gpus_per_node
