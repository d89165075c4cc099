"""Notes that say otherwise than the columns of their quotes."""

from pathlib import Path

import pytest
from quote_cases import quoted, small

from catalog.quotes import add_quotes

HEADER = "provider,gpu,price,node size,unit,currency,term,prepayment,set-up fee,note"


def said_of(folder: Path, note: str, cells: str = "zeta,big,1150,8,node-month,,,,") -> list[str]:
    """What is said of a note; the price is one of a node for a month unless cells say other."""
    path = folder / "quotes.csv"
    path.write_text(f'{HEADER}\n{cells},"{note}"\n', encoding="utf-8")
    remarks = add_quotes(small(), path, fx={"EUR": 1.1}).remarks
    return [said for said in remarks if "its note" in said]


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("per node-month", "its note says 'per node-month'; the price is read otherwise"),
        ("price per server and month", "its note says 'per server'"),
        ("18.80 per node", "its note says 'per node'"),
        ("1.50/month", "its note says '/month'"),
        ("1.50 a month, net", "its note says 'a month'"),
        ("quoted in EUR", "its note names EUR; the price is read in USD: give the column currency"),
        ("€1.50", "its note names EUR"),
        (
            "annual prepay",
            "its note speaks of 'annual prepay', which is not in the bill; give the ",
        ),
        (
            "25 % upfront",
            "speaks of '25 % upfront', which is not in the bill; give the columns pre",
        ),
        (
            "plus set-up fee",
            "speaks of 'set-up fee', which is not in the bill; give the column set",
        ),
        ("minimum spend 50k", "give the column minimum spend"),
        ("10 % support", "speaks of '10 % support'"),
        ("egress at cost", "speaks of 'egress'"),
        ("12-month commitment", "speaks of '12-month commitment', which is not in the bill"),
        ("for a 3 year contract", "give the column term"),
    ],
)
def test_a_note_that_says_otherwise(tmp_path: Path, note: str, said: str) -> None:
    """One remark, with the words of the note and the column that would say it."""
    (remark,) = said_of(tmp_path, note, "zeta,big,1.5,8,,,,,")
    assert remark.startswith("quotes.csv:2: zeta_big_on_demand: its note ")
    assert said in remark


@pytest.mark.parametrize(
    "note",
    [
        *("", "per GPU-hour", "$1.50/GPU-hour in USD", "by mail of 3 November", "8 GPUs per node"),
        *("400 Gb/s per GPU", "3.2 Tb/s per node", "no egress", "egress included", "free egress"),
        *("per rack and vCPU", "2 nodes per rack", "a quote", "Ron called", "an offer / a draft"),
    ],
)
def test_a_note_that_says_nothing_else(tmp_path: Path, note: str) -> None:
    """What is no price, and what the columns say too."""
    assert said_of(tmp_path, note, "zeta,big,1.5,8,,,,,") == []


def test_a_note_that_says_the_same(tmp_path: Path) -> None:
    """Unit, currency, term, prepayment and fee all stand in their columns."""
    cells = "zeta,big,1150,8,node-month,EUR,12 months,25 %,500"
    note = "EUR per node-month, 12 months contract, 25 % upfront, set-up fee 500"
    assert said_of(tmp_path, note, cells) == []


def test_a_long_note_is_read_in_part(tmp_path: Path) -> None:
    """Whatever it says; nothing hangs, and the note is kept whole."""
    text = "a " * 50_000 + "per node-month"
    catalog = quoted(tmp_path, f'provider,gpu,price,note\nzeta,big,1.5,"{text}"\n')
    assert catalog.offers[-1].note == text
    assert not [said for said in catalog.remarks if "its note" in said]
