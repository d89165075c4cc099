"""The loader on a miniature catalog: one thing broken at a time, every mistake told."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import mini_catalog
import pytest
from mini_catalog import GPU_COLUMNS, OFFER_COLUMNS

from catalog import csv_file, load_catalog

TODAY = date(2026, 12, 1)

SOURCES = """\
source,publisher,title,url,says,kind,license
alpha_prices,Alpha Cloud,GPU pricing,https://alpha.example/pricing,H100 2.99 an hour,list_price,
estimate_mfu,this project,estimate: MFU,,midpoint of published runs,estimate,
sheet,NVIDIA,H100 datasheet,https://nvidia.example/h100,dense peaks,datasheet,
"""
GPUS = f"""\
{GPU_COLUMNS}\
h100_sxm,H100 SXM5 80GB,NVIDIA,Hopper,2022,H100,80,3350,989.4,989.4,1978.9,,nvswitch,450,8,\
700,1275,sheet,2026-11-01,dense
v100_sxm2_16,Tesla V100 SXM2 16GB,NVIDIA,Volta,2017,V100,16,900,125,,,,nvlink,150,8,300,,\
sheet,2026-11-01,
"""
OFFERS = f"""\
{OFFER_COLUMNS}\
alpha_h100_1y,alpha,h100_sxm,reserved,us-east,8,64,2000,contract,400,infiniband,2.00,8760,0,\
336,alpha_prices,2026-11-01,unaudited,
alpha_h100_od,alpha,h100_sxm,on_demand,us-east,8,8,,single_node,,none,2.99,0,0,0,\
alpha_prices,2026-11-02,confirmed,
alpha_v100_od,alpha,v100_sxm2_16,on_demand,,8,8,,contract,,none,0.79,0,0,0,alpha_prices,\
2026-11-01,confirmed,
"""
EFFICIENCY = """\
gpu,precision,gpus,mfu,basis,source,read_on,note
h100_sxm,bf16,1024,0.40,estimate,estimate_mfu,2026-11-01,a guess
h100_sxm,bf16,8,0.43,published,sheet,2026-11-01,run-1
v100_sxm2_16,fp16,8,0.26,estimate,estimate_mfu,2026-11-01,a guess
"""
MINI = mini_catalog.MINI | {
    "sources.csv": SOURCES,
    "gpus.csv": GPUS,
    "offers.csv": OFFERS,
    "efficiency.csv": EFFICIENCY,
}
Break = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A valid catalog of two GPU models and three offers."""
    for file, text in MINI.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def change(folder: Path) -> Break:
    """Replace text that stands exactly once in a file of the miniature catalog."""

    def replace(file: str, old: str, new: str) -> None:
        assert MINI[file].count(old) == 1, f"{old!r} must stand once in {file}"
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return replace


def mistakes(folder: Path) -> list[str]:
    """What the loader finds wrong on that day."""
    return mini_catalog.mistakes(folder, TODAY)


def test_a_valid_catalog_loads(folder: Path) -> None:
    """Every row arrives, typed, with its largest cluster resolved and curves in order."""
    catalog = load_catalog(folder, TODAY)
    assert list(catalog.gpus) == ["h100_sxm", "v100_sxm2_16"]
    assert catalog.folder == folder
    contract, on_demand, v100 = catalog.offers
    assert (contract.max_gpus, contract.max_gpus_basis) == (2000, "published")
    assert (on_demand.max_gpus, on_demand.max_gpus_basis) == (8, "estimate")
    assert (v100.max_gpus, v100.max_gpus_basis) == (4096, "estimate")
    assert [point.gpus for point in catalog.breakpoints("h100_sxm", "bf16")] == [8, 1024]
    assert catalog.breakpoints("h100_sxm", "nvfp4") == ()
    assert catalog.gpus["v100_sxm2_16"].peak_tflops("bf16") is None
    assert catalog.gpus["h100_sxm"].peak_tflops("fp8") == 1978.9
    assert catalog.sources["sheet"].license == ""


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(folder: Path) -> None:
    """What a spreadsheet saves is read like the rest."""
    saved = "\ufeff" + OFFERS.replace("\n", "\r\n")
    (folder / "offers.csv").write_bytes(saved.encode("utf-8"))
    assert load_catalog(folder, TODAY).offers[0].note == ""


def test_columns_in_another_order_and_blank_lines_are_accepted(folder: Path) -> None:
    """Columns go by name, and a line without cells is no row."""
    text = (
        "max_gpus,cluster_class,note,basis,max_nodes\n,contract,,made,8\n\n,single_node,,made,1\n"
    )
    (folder / "cluster_classes.csv").write_text(text, encoding="utf-8")
    classes = load_catalog(folder, TODAY).cluster_classes
    assert classes["contract"].largest_cluster(gpus_per_node=4) == 32


def test_an_unknown_column_names_the_nearest(change: Break, folder: Path) -> None:
    """A typo in a header is told with the column that was meant."""
    change("offers.csv", "usd_per_gpu_hour", "usd_per_gpuhour")
    found = mistakes(folder)
    assert (
        "offers.csv:1: unknown column 'usd_per_gpuhour'; did you mean 'usd_per_gpu_hour'?" in found
    )
    assert "offers.csv:1: column 'usd_per_gpu_hour' is missing; expected in the header" in found


def test_an_unknown_column_like_none_lists_them_all(change: Break, folder: Path) -> None:
    """Where nothing is near, the columns of the table are listed."""
    change("cluster_classes.csv", "basis,note", "basis,note,zzz")
    assert mistakes(folder)[0] == (
        "cluster_classes.csv:1: unknown column 'zzz'; "
        "columns are: cluster_class, max_nodes, max_gpus, basis, note, capacity, source"
    )


def test_a_missing_column_is_told(folder: Path) -> None:
    """A table without one of its columns does not load."""
    (folder / "cluster_classes.csv").write_text("cluster_class,max_nodes,max_gpus,note\na,1,,\n")
    expected = "cluster_classes.csv:1: column 'basis' is missing; expected in the header"
    assert mistakes(folder) == [expected]


def test_a_column_twice_is_told(change: Break, folder: Path) -> None:
    """Two columns of one name are never guessed between."""
    change("cluster_classes.csv", "basis,note", "basis,note,note")
    expected = "cluster_classes.csv:1: column 'note' appears twice; expected once; remove one"
    assert mistakes(folder) == [expected]


def test_a_key_twice_is_told(change: Break, folder: Path) -> None:
    """The second row of a key names the line of the first."""
    change("offers.csv", "alpha_h100_od,alpha", "alpha_h100_1y,alpha")
    expected = "offers.csv:3: offer: 'alpha_h100_1y' is already on line 2; expected once"
    assert mistakes(folder) == [expected]


def test_a_breakpoint_twice_is_told(change: Break, folder: Path) -> None:
    """A curve has one MFU at one fleet size."""
    change("efficiency.csv", "h100_sxm,bf16,8,0.43", "h100_sxm,bf16,1024,0.43")
    expected = (
        "efficiency.csv:3: gpu+precision+gpus: 'h100_sxm bf16 1024' is already on line 2; "
        "expected once"
    )
    assert mistakes(folder) == [expected]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "offers.csv",
            "alpha_h100_1y,alpha,h100_sxm",
            "alpha_h100_1y,alpha,h900",
            "offers.csv:2: gpu: 'h900'; expected a row of gpus.csv; add it there",
        ),
        (
            "offers.csv",
            "alpha_prices,2026-11-02",
            "beta,2026-11-02",
            "offers.csv:3: source: 'beta'; expected a row of sources.csv; add it there",
        ),
        (
            "offers.csv",
            "2000,contract",
            "2000,contrakt",
            "offers.csv:2: cluster_class: 'contrakt'; expected a row of cluster_classes.csv; "
            "add it there",
        ),
        (
            "gpus.csv",
            ",1275,sheet",
            ",1275,sheets",
            "gpus.csv:2: source: 'sheets'; expected a row of sources.csv; add it there",
        ),
        (
            "efficiency.csv",
            "h100_sxm,bf16,8",
            "h1oo,bf16,8",
            "efficiency.csv:3: gpu: 'h1oo'; expected a row of gpus.csv; add it there",
        ),
    ],
)
def test_a_foreign_key_must_resolve(
    change: Break, folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    """Sources, GPU models and cluster classes that rows name must exist."""
    change(file, old, new)
    assert mistakes(folder) == [expected]


@pytest.mark.parametrize(
    "price",
    ["nan", "inf", "-inf", "1e999", "-2.00", "0", "2,00", "$2", "1_0", "２", "10001", "two"],
)
def test_a_price_is_a_number_above_zero(change: Break, folder: Path, price: str) -> None:
    """What is no finite number above zero is no price."""
    change("offers.csv", "infiniband,2.00,", f'infiniband,"{price}",')
    expected = (
        f"offers.csv:2: usd_per_gpu_hour: {price!r}; "
        "expected a number of USD a GPU-hour above 0 and at most 10,000"
    )
    assert mistakes(folder) == [expected]


@pytest.mark.parametrize(
    "day",
    ["2026-12-02", "2027-01-01", "01/11/2026", "20261101", "2026-W31-6", "2026-11-31", "soon"],
)
def test_a_date_is_an_iso_day_that_has_come(change: Break, folder: Path, day: str) -> None:
    """Dates are YYYY-MM-DD and not in the future."""
    change("offers.csv", "2026-11-02", day)
    expected = (
        f"offers.csv:3: read_on: {day!r}; expected a date as YYYY-MM-DD, not after 2026-12-01"
    )
    assert mistakes(folder) == [expected]


def test_a_clock_behind_the_snapshot_still_reads_it(folder: Path) -> None:
    """Dates up to the shipped snapshot's day pass on a machine whose clock runs behind."""
    assert load_catalog(folder, date(2020, 1, 1)).offers


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("gpus.csv", "H100,80,", "H100,,", "gpus.csv:2: memory_gb: is blank; expected a number"),
        ("gpus.csv", "Hopper,2022", "Hopper,22", "gpus.csv:2: year: '22'; expected a whole number"),
        ("gpus.csv", ",H100 SXM5 80GB,", ",,", "gpus.csv:2: name: is blank; expected text"),
        ("offers.csv", "us-east,8,64", "us-east,8.5,64", "offers.csv:2: gpus_per_node: '8.5';"),
        ("offers.csv", "us-east,8,64", "us-east,8,0", "offers.csv:2: min_gpus: '0'; expected"),
        ("offers.csv", "us-east,8,64", "us-east,,64", "offers.csv:2: gpus_per_node: is blank;"),
        ("offers.csv", ",8760,", ",-1,", "offers.csv:2: commitment_hours: '-1'; expected"),
        ("offers.csv", "reserved", "lease", "offers.csv:2: pricing: 'lease'; expected one of"),
        ("offers.csv", "400,infiniband", "400,wifi", "offers.csv:2: fabric: 'wifi'; expected one"),
        ("offers.csv", "alpha_h100_od", "Alpha-H100", "offers.csv:3: offer: 'Alpha-H100'; exp"),
        ("offers.csv", "alpha_h100_od", "100_od", "offers.csv:3: offer: '100_od'; expected a name"),
        ("efficiency.csv", "0.43", "1.2", "efficiency.csv:3: mfu: '1.2'; expected a share above 0"),
        ("efficiency.csv", "0.43", "43%", "efficiency.csv:3: mfu: '43%'; expected a share above 0"),
        ("efficiency.csv", "run-1", "", "efficiency.csv:3: note: is blank; expected text"),
        ("sources.csv", "https://nvidia.example/h100", "/tmp/h100", "sources.csv:4: url: '/tmp"),
        ("sources.csv", "list_price", "rumor", "sources.csv:2: kind: 'rumor'; expected one of"),
    ],
)
def test_a_cell_of_the_wrong_form_is_told(
    change: Break, folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    """File, line, column, what is there and what was expected."""
    change(file, old, new)
    (found,) = mistakes(folder)
    assert found.startswith(expected)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x07", "\n", "\t", "\x9b", "\u202e"])
def test_control_characters_are_refused(change: Break, folder: Path, character: str) -> None:
    """Cells reach terminals and spreadsheets: nothing in them may steer either."""
    change("gpus.csv", "dense", f'"den{character}se"')
    (found,) = mistakes(folder)
    assert "note: " in found
    assert found.endswith("expected text on one line without control characters")


def test_a_long_cell_is_shown_short(change: Break, folder: Path) -> None:
    """A message stays readable whatever stands in the cell."""
    change("offers.csv", "reserved", "x" * 5000)
    (found,) = mistakes(folder)
    assert len(found) < 200


def test_an_unclosed_quote_is_told(change: Break, folder: Path) -> None:
    """A quote that swallows the rest of the file is a mistake, not a row."""
    change("offers.csv", "confirmed,\nalpha_v100_od", 'confirmed,"\nalpha_v100_od')
    assert any("offers.csv:" in m and "check the quotes" in m for m in mistakes(folder))


def test_too_few_cells_are_told(change: Break, folder: Path) -> None:
    """A row of the wrong length is not padded."""
    change("cluster_classes.csv", "single_node,1,,rented one at a time,", "single_node,1")
    assert "cluster_classes.csv:3: row: has 2 cells; expected 5; quote text that has commas" in (
        mistakes(folder)
    )


def test_an_empty_file_is_told(folder: Path) -> None:
    """No header, no table."""
    (folder / "gpus.csv").write_text(" \n")
    assert "gpus.csv: is empty; expected a header line and rows" in mistakes(folder)


def test_a_header_without_rows_is_told(folder: Path) -> None:
    """A table without rows is a table that was lost."""
    (folder / "offers.csv").write_text(OFFERS.splitlines()[0] + "\n")
    assert mistakes(folder) == ["offers.csv: no rows; expected at least one below the header"]


def test_a_folder_in_place_of_a_file_is_told(folder: Path) -> None:
    """A directory named like a table is no table."""
    (folder / "offers.csv").unlink()
    (folder / "offers.csv").mkdir()
    assert mistakes(folder) == ["offers.csv: is a directory; expected a CSV file"]


def test_a_missing_file_is_told(folder: Path) -> None:
    """The path that was looked for is in the message."""
    (folder / "offers.csv").unlink()
    assert mistakes(folder) == [f"{folder / 'offers.csv'}: no such file; expected a CSV file"]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """So is the folder."""
    where = tmp_path / "nowhere"
    assert mistakes(where) == [f"{where}: no such folder; expected a catalog of CSV files"]


def test_text_that_is_not_utf8_is_told(folder: Path) -> None:
    """The byte at which reading stopped is named."""
    (folder / "cluster_classes.csv").write_bytes(b"cluster_class\ncaf\xe9\n")
    expected = "cluster_classes.csv: not UTF-8 text at byte 17; save it as CSV in UTF-8"
    assert mistakes(folder) == [expected]


def test_a_file_too_large_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond any catalog's size is refused before it is read."""
    monkeypatch.setattr(csv_file, "LARGEST_FILE_MB", 0.0005)
    assert "offers.csv: has 0.0 MB; expected at most 0.0005 MB; is it the right file?" in (
        mistakes(folder)
    )


def test_mistakes_in_several_files_are_told_at_once(change: Break, folder: Path) -> None:
    """One look at the list mends them all."""
    change("sources.csv", "datasheet,\n", "hearsay,\n")
    change("gpus.csv", "H100,80,", "H100,many,")
    change("offers.csv", "infiniband,2.00,8760", "infiniband,-2,a year")
    change("efficiency.csv", "0.43", "43")
    found = mistakes(folder)
    where = [mistake.split("; ")[0].rsplit(":", 1)[0] for mistake in found]
    assert where == [
        "sources.csv:4: kind",
        "gpus.csv:2: memory_gb",
        "offers.csv:2: usd_per_gpu_hour",
        "offers.csv:2: commitment_hours",
        "efficiency.csv:3: mfu",
    ]


def test_foreign_keys_are_told_with_the_other_mistakes(change: Break, folder: Path) -> None:
    """A reference into a sound file is checked even where another file is not sound."""
    change("gpus.csv", "H100,80,", "H100,many,")
    change("offers.csv", "alpha_prices,2026-11-02", "beta,2026-11-02")
    assert [mistake.split("'")[0] for mistake in mistakes(folder)] == [
        "gpus.csv:2: memory_gb: ",
        "offers.csv:3: source: ",
    ]


def test_a_largest_cluster_below_the_smallest_is_told(change: Break, folder: Path) -> None:
    """An offer nobody can rent is a mistake, whoever set its largest cluster."""
    change("offers.csv", "8,64,2000,contract", "8,64,63,contract")
    change("offers.csv", "us-east,8,8,,single_node", "us-east,8,16,,single_node")
    assert mistakes(folder) == [
        "offers.csv:2: max_gpus: 63; expected at least min_gpus 64 and one node of 8",
        "offers.csv:3: max_gpus: 8, the default of class 'single_node'; "
        "expected at least min_gpus 16 and one node of 8",
    ]


@pytest.mark.parametrize("cells", ["single_node,1,8", "single_node,,"])
def test_a_class_has_one_limit(change: Break, folder: Path, cells: str) -> None:
    """Nodes or GPUs, not both and not neither."""
    change("cluster_classes.csv", "single_node,1,", cells)
    assert mistakes(folder) == [
        "cluster_classes.csv:3: max_nodes: expected exactly one of max_nodes and max_gpus; "
        "leave the other blank"
    ]


def test_a_curve_needs_a_peak(change: Break, folder: Path) -> None:
    """An MFU is a share of a peak, so the part must have it."""
    change("efficiency.csv", "v100_sxm2_16,fp16", "v100_sxm2_16,fp8")
    assert mistakes(folder) == [
        "offers.csv:4: gpu: 'v100_sxm2_16'; expected a fp16 curve for it; "
        "add rows to efficiency.csv",
        "efficiency.csv:4: precision: 'fp8'; "
        "v100_sxm2_16 has no peak_fp8_tflops in gpus.csv; expected a peak",
    ]


def test_a_gpu_on_offer_needs_a_curve(folder: Path) -> None:
    """An offer whose GPU has no MFU could never be planned."""
    without = "".join(line for line in EFFICIENCY.splitlines(True) if "h100" not in line)
    (folder / "efficiency.csv").write_text(without)
    assert mistakes(folder) == [
        "offers.csv:2: gpu: 'h100_sxm'; expected a bf16 curve for it; add rows to efficiency.csv"
    ]
