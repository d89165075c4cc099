"""Text from elsewhere: what a spreadsheet would run, and what a terminal would obey."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.inert import spreadsheet_safe, terminal_safe


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        '=HYPERLINK("https://evil.example","price")',
        "+1+1",
        "-1+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "＝1+1",
        "-",
        "-3.5 USD",
        "+-3",
        "\t3",
        "-inf",
    ],
)
def test_formulas_become_text(cell: str) -> None:
    """An apostrophe in front tells every spreadsheet that this is text."""
    assert spreadsheet_safe(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["", "-3.5", "+3", "-1e-5", ".5", " -3.5 ", "lambda", "a=b", "2026-11-01", "'=1", "$2"]
)
def test_numbers_and_plain_text_stay(cell: str) -> None:
    """What no spreadsheet runs is not changed."""
    assert spreadsheet_safe(cell) == cell


@given(st.text())
def test_a_safe_cell_is_safe_for_good(cell: str) -> None:
    """Made safe twice is made safe once, and at most an apostrophe was added."""
    safe = spreadsheet_safe(cell)
    assert spreadsheet_safe(safe) == safe
    assert safe.removeprefix("'") == cell.removeprefix("'")
    assert safe.strip()[:1] not in ("=", "@")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_stays(number: float) -> None:
    """A negative number is no formula."""
    assert spreadsheet_safe(repr(number)) == repr(number)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("two\nlines\r\t", r"two\nlines\r\t"),
        ("\x9b2J", r"\x9b2J"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2066hidden\u2069", r"\u2066hidden\u2069"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_a_terminal_obeys_is_spelled_out(text: str, said: str) -> None:
    """Control characters, escape sequences and bidirectional overrides do nothing."""
    assert terminal_safe(text) == said


@pytest.mark.parametrize(
    "text", ["", "plain text", "Zürich · 6·N·D × 2", "価格", "a\xa0b", "\\x1b"]
)
def test_letters_of_every_script_stay(text: str) -> None:
    """Only what does something is spelled out."""
    assert terminal_safe(text) == text


@given(st.text(st.characters()))
def test_safe_text_is_one_line_that_prints(text: str) -> None:
    """Nothing that is left moves a cursor, and spelling out once is enough."""
    safe = terminal_safe(text)
    assert "\x1b" not in safe
    assert len(safe.splitlines()) <= 1
    assert terminal_safe(safe) == safe
