"""Quantities as people write them."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.quantities import (
    NODES,
    RUNS,
    QuantityError,
    parse_context,
    parse_count,
    parse_duration,
    parse_money,
    parse_parameters,
    parse_positive_int,
    parse_power,
    parse_tokens,
    say_count,
    say_duration,
    say_number,
)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("70B", 7e10),
        ("70 b", 7e10),
        ("70bn", 7e10),
        ("70 billion", 7e10),
        ("1.4T", 1.4e12),
        ("15.6e12", 15.6e12),
        ("15.6T", 15.6e12),
        ("1_000", 1000),
        ("1,000", 1000),
        ("2k", 2000),
        (" 3 M ", 3e6),
        (".5B", 5e8),
        (7e10, 7e10),
        (512, 512),
    ],
)
def test_counts(written: object, number: float) -> None:
    """Every magnitude, spelled, spaced and separated."""
    assert parse_count(written) == number


def test_experts_multiply_in_model_sizes_only() -> None:
    """8x22B is a size; a number of tokens has no experts."""
    assert parse_parameters("8x22B") == 1.76e11
    with pytest.raises(QuantityError, match="x22b"):
        parse_tokens("8x22B")


def test_nouns_may_follow() -> None:
    """'70B parameters' and '1.4T tokens' say the same as without the noun."""
    assert parse_parameters("70 billion parameters") == 7e10
    assert parse_tokens("1.4T tokens") == 1.4e12


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("30d", 720),
        ("30 days", 720),
        ("1 day", 24),
        ("36h", 36),
        ("36 hours", 36),
        ("6 weeks", 1008),
        ("1w", 168),
        ("2 months", 1440),
        ("1 year", 8760),
        ("90 minutes", 1.5),
        ("1.5d", 36),
        ("30", 720),
        (30, 720),
    ],
)
def test_durations_are_hours(written: object, hours: float) -> None:
    """A month is 30 days, a year 365; a bare number means days."""
    assert parse_duration(written) == pytest.approx(hours, rel=1e-15)


@pytest.mark.parametrize(
    "written",
    ["$5M", "5M", "5 million", "5M USD", "USD 5M", "US$5M", "$5,000,000", "5 million dollars", 5e6],
)
def test_money(written: object) -> None:
    """USD however it is said."""
    assert parse_money(written) == 5e6


@pytest.mark.parametrize(
    ("written", "kw"),
    [("500 kW", 500), ("500", 500), (500, 500), ("2MW", 2000), ("1.5 gw", 1.5e6), ("750W", 0.75)],
)
def test_power_is_kilowatts(written: object, kw: float) -> None:
    """A bare number means kW."""
    assert parse_power(written) == kw


@pytest.mark.parametrize("written", ["€5M", "5M EUR", "£3k", "5 million euros", "¥100"])
def test_other_currencies_name_usd(written: str) -> None:
    """A euro is not silently a dollar."""
    with pytest.raises(QuantityError, match="USD"):
        parse_money(written)


@pytest.mark.parametrize(
    "parse", [parse_count, parse_duration, parse_money, parse_positive_int, parse_power]
)
@pytest.mark.parametrize(
    "written",
    [0, -1, "0", "-3", math.nan, math.inf, -math.inf, "nan", "inf", "", "abc", True, None, [1],
     10**400, "9" * 5000, "1e999999999", "1e-999999999", "1,00", "1.2.3", "3 4", "٣"],
)  # fmt: skip
def test_nonsense_is_refused(parse: object, written: object) -> None:
    """Zero, negative, not finite, absurd, not a number at all: each one an error in words."""
    assert callable(parse)
    with pytest.raises(QuantityError, match="expected"):
        parse(written)


@pytest.mark.parametrize(
    ("parse", "written"),
    [
        (parse_parameters, "70"),
        (parse_parameters, "1001T"),
        (parse_tokens, "999"),
        (parse_tokens, "2e18"),
        (parse_duration, "101 years"),
        (parse_money, "2e15"),
        (parse_positive_int, "2B"),
        (parse_power, "101 GW"),
    ],
)
def test_absurd_values_name_the_range(parse: object, written: str) -> None:
    """A model of 70 parameters is a forgotten B; the error says what is plausible."""
    assert callable(parse)
    with pytest.raises(QuantityError, match=r"out of range.* to "):
        parse(written)


def test_misspelt_unit_names_the_nearest() -> None:
    """The error quotes what was written, the forms and the unit that was meant."""
    with pytest.raises(QuantityError) as caught:
        parse_duration("6 weaks")
    for word in ("'6 weaks'", "6 weeks", "did you mean 'weeks'"):
        assert word in str(caught.value)


def test_m_is_minutes_or_months() -> None:
    """An ambiguous unit is asked about, not guessed."""
    with pytest.raises(QuantityError, match=r"ambiguous.*minutes or months"):
        parse_duration("3m")


def test_whole_numbers() -> None:
    """GPUs come whole; context counts k as 1,024."""
    assert parse_positive_int("2k") == 2000
    assert parse_positive_int("1,024 GPUs") == 1024
    assert parse_context("8k") == 8192
    assert parse_context(4096) == 4096
    assert parse_positive_int("12 runs", RUNS) == 12
    assert parse_positive_int("32 nodes", NODES) == 32
    with pytest.raises(QuantityError, match="expected a number of nodes"):
        parse_positive_int("0", NODES)
    with pytest.raises(QuantityError, match="not whole"):
        parse_positive_int("2.5")


def test_long_input_is_shortened_in_the_error() -> None:
    """A pasted file does not flood the terminal."""
    with pytest.raises(QuantityError) as caught:
        parse_count("x" * 10_000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("number", "said"),
    [(7e10, "70B"), (1.4e12, "1.4T"), (4e6, "4M"), (2000, "2k"), (999, "999"), (2.35, "2.35")],
)
def test_say_count(number: float, said: str) -> None:
    """Counts are said as people write them."""
    assert say_count(number) == said


def test_say_duration() -> None:
    """Whole days as days, else hours."""
    assert say_duration(720) == "30d"
    assert say_duration(36) == "36h"
    assert say_duration(1.5) == "1.5h"


@given(st.floats(1, 1e18))
def test_counts_round_trip(number: float) -> None:
    """What is said is read back exactly."""
    assert parse_count(say_count(number)) == number


@given(st.floats(0, 1e15))
def test_numbers_round_trip(number: float) -> None:
    """Exactly, and without an exponent, which a shell's user would not type."""
    said = say_number(number)
    assert float(said) == number
    assert "e" not in said


@given(st.floats(1 / 60, 876_000))
def test_durations_round_trip(hours: float) -> None:
    """What is said is read back exactly."""
    assert parse_duration(say_duration(hours)) == hours


@given(st.integers(1, 10**9))
def test_whole_numbers_round_trip(gpus: int) -> None:
    """With and without thousands separators."""
    assert parse_positive_int(f"{gpus:,}") == parse_positive_int(gpus) == gpus


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    """No text whatever raises anything but QuantityError."""
    for parse in (parse_parameters, parse_tokens, parse_duration, parse_money, parse_power):
        with contextlib.suppress(QuantityError):
            assert 0 < parse(text) <= 1e18
    with contextlib.suppress(QuantityError):
        assert parse_context(text) > 0
