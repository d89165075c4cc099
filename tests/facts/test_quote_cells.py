"""Cells of quotes as people write them, and those that could mean two things."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.columns import CellError
from catalog.providers import known_providers, match_provider
from catalog.quote_cells import WithoutUnit, money, term_hours, word
from catalog.quote_figures import figure
from catalog.quote_prices import in_usd, unit_of
from catalog.quote_units import Said

KNOWN = known_providers(["aws", "azure", "coreweave", "gcp", "lambda", "oracle", "together"])


def usd(cell: str) -> float:
    """The amount of a cell in USD, whatever unit it is of."""
    read = money(cell)
    return in_usd(read, unit_of(read.said, Said(), Said(), None), {}, False)


@pytest.mark.parametrize(
    "cell",
    [
        *("2.35", "$2.35", "$ 2.35", "2.35$", "2.35 USD", "USD 2.35", "usd2.35", "US$2.35"),
        *("US$ 2.35", "$2.35 USD", "$2.35/h", "$2.35 / hr", "2.35 USD/GPU-hour", "2.35 per hour"),
        *("2.35 USD per GPU hour", "$2.35/GPU/h", "2.35  USD", "2.35 dollars", "235 cents", "235¢"),
    ],
)
def test_a_price_in_dollars(cell: str) -> None:
    """However the currency is written, and per hour where that is said at all."""
    read = money(cell)
    unit = unit_of(read.said, Said(), Said(), None)
    assert in_usd(read, unit, {}, False) == 2.35
    assert (unit.currency, unit.thing, unit.hours) == ("USD", "gpu", 1)


@pytest.mark.parametrize(
    ("cell", "currency", "amount"),
    [
        ("2.35 EUR", "EUR", 2.35),
        ("2.35eur", "EUR", 2.35),
        ("€2.35", "EUR", 2.35),
        ("2,35 €", "EUR", 2.35),
        ("1.150,00 €", "EUR", 1150),
        ("€1,150.00", "EUR", 1150),
        ("1 150 EUR", "EUR", 1150),
        ("1\u202f150,50 EUR", "EUR", 1150.5),
        ("£2", "GBP", 2),
        ("2 pounds", "GBP", 2),
        ("200 pence", "GBP", 2),
        ("235 euro cents", "EUR", 2.35),
        ("CA$2.35", "CAD", 2.35),
        ("$2.35 CAD", "CAD", 2.35),
        ("300 JPY", "JPY", 300),
        ("CHF 2.10", "CHF", 2.1),
    ],
)
def test_a_price_in_another_currency(cell: str, currency: str, amount: float) -> None:
    """Its sign or its code beside the figure; commas are decimal where the money has them."""
    read = money(cell)
    unit = unit_of(read.said, Said(), Said(), None)
    assert unit.currency == currency
    assert in_usd(read, unit, {currency: 1.0}, False) == pytest.approx(amount, rel=1e-12)
    with pytest.raises(CellError, match=f"is in {currency}; .*--fx {currency}=<USD of one"):
        in_usd(read, unit, {"XXX": 1.0}, False)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("5%", "is a percentage; expected a price"),
        ("2.35 -10%", "is a percentage"),
        ("2.0-2.5", "is a range; expected one price; use the one that you would pay"),
        ("$2.0 – $2.5", "is a range"),
        ("€2 - €3", "is a range"),
        ("2 to 3", "is a range"),
        ("2..3", "is a range"),
        ("2" * 61, "has 61 characters; expected at most 60"),
        ("¥300", "may be yen or yuan; write JPY or CNY"),
        ("300 kr", "may be several crowns; write SEK, NOK or DKK"),
        ("€2 USD", "names two currencies; expected one"),
        ("$2.35 EUR", "names two currencies; expected one"),
        ("2 per vCPU-hour", "a price per vcpu is a processor's price, not a GPU's"),
        ("2 per rack-hour", "a price per rack does not say of how many GPUs"),
        ("0.8 per million tokens", "a price per token is a price of work, not time"),
    ],
)
def test_what_is_no_single_price(cell: str, said: str) -> None:
    """Each with what is wrong about it and what was expected."""
    with pytest.raises(CellError) as caught:
        money(cell)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "cell",
    [
        *("free", "call us", "~2", "from 2", "$", "2 3", "<2", "2 ex VAT", "2.35 bitcoin"),
        *("-$2", "nan", "inf", "1_000", "٢", "0x10", "2.35; DROP", "- 2", "2.3.5,1"),
    ],
)
def test_what_is_no_price_at_all(cell: str) -> None:
    """No figure is picked out of words, and no sign is lost."""
    with pytest.raises(ValueError, match=re.escape(cell.split()[-1])):
        usd(cell)


@given(st.decimals(min_value="0.0001", max_value=10_000, places=4), st.sampled_from(range(6)))
def test_a_price_reads_back(price: object, form: int) -> None:
    """Every way to write a price gives its figure."""
    forms = ("{}", "${}", "US$ {}", "{} USD", "USD {}", "${}/h")
    read = money(forms[form].format(price))
    assert in_usd(read, unit_of(read.said, Said(), Said(), None), {}, False) == float(str(price))


@pytest.mark.parametrize(
    ("written", "plain", "commas"),
    [
        ("2.35", 2.35, 2.35),
        ("1150", 1150, 1150),
        ("1,150.00", 1150, 1150),
        ("1.150,00", 1150, 1150),
        ("1,150,000", 1_150_000, 1_150_000),
        ("1.150.000", 1_150_000, 1_150_000),
        ("1 150", 1150, 1150),
        ("1'150.50", 1150.5, 1150.5),
        ("3.125", 3.125, None),
        ("0.125", 0.125, 0.125),
        ("2,10", None, 2.1),
        ("0,125", None, 0.125),
        ("12,3456", None, 12.3456),
        ("1,150", None, None),
    ],
)
def test_commas_and_points(written: str, plain: float | None, commas: float | None) -> None:
    """Read where only one number can be meant; one comma and three digits may be two."""
    for decimal_comma, value in ((False, plain), (True, commas)):
        if value is None:
            with pytest.raises(CellError, match=re.escape(repr(written))):
                figure(written, decimal_comma)
        else:
            assert figure(written, decimal_comma) == value


@pytest.mark.parametrize("written", [".", "1,15,000", "1.15.000", "1,150.0.0", "1 15", "--1"])
def test_what_is_no_figure(written: str) -> None:
    """Groups are of three digits."""
    with pytest.raises(ValueError, match=re.escape(written)):
        figure(written, True)


@pytest.mark.parametrize(
    ("cell", "hours"),
    [
        ("12 months", 8760),
        ("1 month", 730),
        ("6mo", 4380),
        ("12-month", 8760),
        ("1 year", 8760),
        ("1y", 8760),
        ("3 yrs", 26280),
        ("1.5 years", 13140),
        ("90d", 2160),
        ("90 Days", 2160),
        ("2 weeks", 336),
        ("1w", 168),
        ("720h", 720),
        ("720 hours", 720),
        ("none", 0),
        ("None", 0),
        ("no term", 0),
        ("on demand", 0),
        ("On-Demand", 0),
        ("0 months", 0),
    ],
)
def test_a_term(cell: str, hours: float) -> None:
    """A month is 730 hours and a year 8,760, so that twelve of the one are the other."""
    assert term_hours(cell) == hours
    assert not isinstance(term_hours(cell), WithoutUnit)


@pytest.mark.parametrize("cell", ["720", "0", "8760.5"])
def test_a_bare_number_is_marked(cell: str) -> None:
    """Whether it counts hours depends on the header."""
    assert term_hours(cell) == float(cell)
    assert isinstance(term_hours(cell), WithoutUnit)


@pytest.mark.parametrize(
    "cell",
    ["-12 months", "12 moons", "a year", "1y6m", "12,5 months", "=1", "1 y\ny", "²y", "1e9y"],
)
def test_what_is_no_term(cell: str) -> None:
    """Units that nobody knows, signs and sums are not guessed at."""
    with pytest.raises(ValueError, match=re.escape(cell)):
        term_hours(cell)


def test_minutes_or_months() -> None:
    """An m alone is both."""
    with pytest.raises(CellError, match="minutes or months"):
        term_hours("12m")


@given(st.integers(1, 120), st.sampled_from(["h", "d", "weeks", "months", "year"]), st.booleans())
def test_a_term_reads_back(count: int, unit: str, spaced: bool) -> None:
    """A count of units is that many times the hours of one."""
    assert term_hours(f"{count}{' ' * spaced}{unit}") == count * term_hours(f"1 {unit}")


@pytest.mark.parametrize("cell", ["on demand", "On-Demand", "ON_DEMAND", " on  demand "])
def test_a_word_of_a_list(cell: str) -> None:
    """Case, spaces and dashes do not matter."""
    assert word(cell) == "on_demand"


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("lambda", "lambda"),
        ("Lambda Labs", "lambda"),
        ("LAMBDA, Inc.", "lambda"),
        ("Lambda Cloud", "lambda"),
        ("AWS", "aws"),
        ("Amazon", "aws"),
        ("Amazon Web Services", "aws"),
        ("Google Cloud", "gcp"),
        ("Google", "gcp"),
        ("Microsoft Azure", "azure"),
        ("CoreWeave", "coreweave"),
        ("Core-Weave", "coreweave"),
        ("OCI", "oracle"),
        ("Oracle Cloud", "oracle"),
        ("Together AI", "together"),
        ("Foo Cloud, Inc.", "foo_cloud_inc"),
        ("Zürich GPU", "zurich_gpu"),
        ("../../etc/passwd", "etc_passwd"),
        ("C:\\GPU", "c_gpu"),
        ("-rf", "rf"),
        ('=HYPERLINK("x")', "hyperlink_x"),
        ("Cloud", "cloud"),
    ],
)
def test_providers_are_matched_forgivingly(asked: str, name: str) -> None:
    """Known ones by what people call them, unknown ones as a name that is no path."""
    assert match_provider(asked, KNOWN) == name


@pytest.mark.parametrize("asked", ["!!!", "1&1", "42", "日本クラウド", "Lаmbda", "..", "x" * 61])
def test_what_makes_no_provider_s_name(asked: str) -> None:
    """No letters, a digit first, letters that only look like a-z, far too long."""
    with pytest.raises(CellError, match="expected"):
        match_provider(asked, KNOWN)


@given(st.text(max_size=60))
def test_a_provider_s_name_is_always_a_name(asked: str) -> None:
    """Of a-z, 0-9 and _, beginning with a letter, and its own match."""
    try:
        name = match_provider(asked, KNOWN)
    except CellError:
        return
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert match_provider(name[:60], KNOWN) == name or len(name) > 60


def test_the_catalog_s_own_names_come_first() -> None:
    """A catalog with a foo_cloud or a google of its own means those."""
    assert match_provider("FooCloud", known_providers(["foo_cloud"])) == "foo_cloud"
    assert match_provider("Google", known_providers(["google"])) == "google"
