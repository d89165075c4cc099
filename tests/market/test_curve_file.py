"""A measured curve in a file: shares and per cent, and what is refused."""

import os
from pathlib import Path

import pytest

from optimizer.market.curve_file import LARGEST_CURVE_FILE_BYTES, CurveError, read_curve


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a header"),
        ("gpus,mfu\n8,0.5\n", "two or more rows"),
        ("gpus,mfu\n8,0.5\n8,0.4\n", "curve.csv:3: gpus: '8'; expected more than the line before"),
        ("gpus,mfu\n8,1.5\n16,0.4\n", "curve.csv:2: mfu: '1.5'; expected a share"),
        ("gpus,mfu\n8,nan\n16,0.4\n", "curve.csv:2: mfu: 'nan'; expected a number above 0"),
        ("gpus,mfu\n8,\n16,0.4\n", "curve.csv:2: mfu"),
        ("gpus,mfu\n8,0\n16,0.4\n", "curve.csv:2: mfu: '0'; expected a number above 0"),
        ("gpus,mfu\ninf,0.5\n16,0.4\n", "curve.csv:2: gpus: 'inf'; expected a number above 0"),
        ("gpus,mfu\n8,101%\n16,0.4\n", "curve.csv:2: mfu: '101%'; expected a share"),
        ("gpus,mfu\n8,0.5,1\n", "curve.csv:2: has 3 cells; expected 2"),
        ("gpus,mfu\n\n8,0.5,1\n", "curve.csv:3: has 3 cells"),
        ('gpus,mfu\n8,"0.5\n', "not readable as CSV"),
        ("gpus,mfu,note\n8,0.5,x\n", "expected a header"),
        ("gpus;mfu\n8;0.5\n", "expected a header"),
    ],
)
def test_a_measured_curve_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    """Each error names file, line and column."""
    path = tmp_path / "curve.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CurveError) as caught:
        read_curve(path)
    assert said in str(caught.value)


def test_a_measured_curve_with_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    """What a spreadsheet writes is read."""
    path = tmp_path / "curve.csv"
    path.write_bytes(b"\xef\xbb\xbfgpus,mfu\r\n8,0.5\r\n16,0.4\r\n")
    assert read_curve(path).at(16) == pytest.approx(0.4)


def test_per_cent_blank_lines_and_a_share_of_all(tmp_path: Path) -> None:
    """50% is 0.5, a line without cells is none, columns may change places, and 1 is a share."""
    path = tmp_path / "curve.csv"
    path.write_text("MFU, gpus\n1,4\n\n , \n50%,8\n40 %,16\n", encoding="utf-8")
    curve = read_curve(path)
    assert (curve.gpus, curve.mfu) == ((4.0, 8.0, 16.0), (1.0, 0.5, 0.4))


def test_files_that_are_none(tmp_path: Path) -> None:
    """A folder, a pipe, one that is not there, what is no text, and more than a small table."""
    large = tmp_path / "large.csv"
    rows = b"gpus,mfu\n8,0.5\n16,0.4\n"
    large.write_bytes(rows + b"\n" * (LARGEST_CURVE_FILE_BYTES - len(rows)))
    assert read_curve(large).mfu == (0.5, 0.4)
    large.write_bytes(rows + b"\n" * (LARGEST_CURVE_FILE_BYTES + 1 - len(rows)))
    (tmp_path / "bytes.csv").write_bytes(b"gpus,mfu\n\xff\xfe\n")
    os.mkfifo(tmp_path / "pipe")
    for name, said in {
        "large.csv": "large.csv: larger than 1 MB",
        ".": "is no regular file",
        "pipe": "pipe: is no regular file",
        "none.csv": "none.csv: cannot be read (No such file or directory)",
        "bytes.csv": "bytes.csv: cannot be read (not UTF-8 text)",
        "n" * 200: f"{'n' * 60}: cannot be read",
    }.items():
        with pytest.raises(CurveError) as caught:
            read_curve(tmp_path / name)
        assert said in str(caught.value)
        assert len(str(caught.value)) < 200
