"""What a price of a table is of: GPUs, hours and currencies in headers and cells.

All values and names of providers are made up.
"""

from pathlib import Path

import pytest
from refresh_market import left_out
from table_cases import bring, imported_offers

from catalog import CatalogError
from catalog.refresh.lists.row import CURRENCIES_DIFFER, NO_RATE
from catalog.refresh.lists.units import SIZES_DIFFER, UNITS_DIFFER, UNKNOWN_UNIT

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize(
    ("header", "cell", "fx"),
    [
        ("USD/GPU-hour", "2.5", ()),
        ("price_per_gpu_month", "1825", ()),
        ("cents per GPU-hour", "250", ()),
        ("$ per node-hour", "20", ()),
        ("EUR/GPU-hour", "2", ("EUR=1.25",)),
        ("yearly price per node", "175200", ()),
    ],
)
def test_headers_that_say_what_a_price_is_of(
    tmp_path: Path, home: Path, header: str, cell: str, fx: tuple[str, ...]
) -> None:
    """What for, for how long, in which money: each is 2.50 USD a GPU-hour."""
    text = f"gpu;gpus;{header}\nH100 SXM;8;{cell}\n"
    bring(tmp_path, text, f"gpu=gpu,count=gpus,price={header}", provider="x", fx=fx)
    assert [o.usd_per_gpu_hour for o in imported_offers(home)] == [2.5]


@pytest.mark.parametrize(
    ("header", "more", "said"),
    [
        ("price per vCPU-hour", "", "is a processor's price, not a GPU's"),
        ("USD per core-hour", "", "is a price of a core"),
        ("EUR/GPU-hour", "", "the header says EUR; expected USD for one EUR; add --fx EUR=..."),
        ("USD per node-hour", "/gpu", "says node, the map says gpu"),
        ("USD per GPU-month", "/hour", "says 730 hours, the map says 1"),
        ("hourly", "", "'hourly' of a machine, or of one GPU? add --unit node or --unit gpu"),
    ],
)
def test_headers_that_say_something_else(
    tmp_path: Path, home: Path, header: str, more: str, said: str
) -> None:
    """Are told, not taken for USD a GPU-hour."""
    text = f"gpu;{header}\nH100 SXM;2.5\n"
    with pytest.raises(CatalogError) as raised:
        bring(tmp_path, text, f"gpu=gpu,price={header}{more}", provider="x")
    assert said in str(raised.value)
    assert not home.exists()


def test_two_currencies(tmp_path: Path) -> None:
    """The header's and that of --currency."""
    text = "gpu;EUR/GPU-hour\nH100 SXM;2.5\n"
    with pytest.raises(CatalogError, match="the header says EUR, --currency says GBP"):
        bring(
            tmp_path,
            text,
            "gpu=gpu,price=EUR/GPU-hour",
            provider="x",
            currency="GBP",
            fx=("GBP=1.3", "EUR=1.1"),
        )


@pytest.mark.parametrize(
    ("price", "unit", "usd"),
    [
        ("2", "EUR/GPU-hour", 2.5),
        ("2", "€ per gpu hour", 2.5),
        ("20", "GBP per node-hour", 3.75),
        ("32", "8-GPU hour", 4.0),
        ("300", "cents/GPU-hour", 3.0),
        ("1825", "GPU-month", 2.5),
        ("20", "instance/hour", 2.5),
    ],
)
def test_a_unit_in_words(tmp_path: Path, home: Path, price: str, unit: str, usd: float) -> None:
    """Currency, cents, hours and GPUs of a row's unit count."""
    text = f"chip;n;cost;unit\nH100 SXM;8;{price};{unit}\n"
    fx = ("EUR=1.25", "GBP=1.5")
    bring(tmp_path, text, "gpu=chip,count=n,price=cost,unit=unit", provider="x", fx=fx)
    assert [o.usd_per_gpu_hour for o in imported_offers(home)] == [usd]


@pytest.mark.parametrize(
    ("header", "unit", "reason"),
    [
        ("cost", "GBP/GPU-hour", NO_RATE),
        ("cost", "node-hour of 2 GPUs", UNKNOWN_UNIT),
        ("cost", "GPU", UNKNOWN_UNIT),
        ("cost", "4-GPU node hour", SIZES_DIFFER),
        ("price per node-month", "gpu-hour", UNITS_DIFFER),
        ("price per node-month", "node-hour", UNITS_DIFFER),
        ("price per 8 GPUs", "GPU-hour", UNITS_DIFFER),
        ("price in USD", "cents per GPU-hour", UNITS_DIFFER),
        ("EUR", "USD per GPU-hour", CURRENCIES_DIFFER),
    ],
)
def test_units_that_leave_a_row_out(
    tmp_path: Path, home: Path, header: str, unit: str, reason: str
) -> None:
    """Those that contradict the header, or are none; the row beside it stays."""
    text = f"chip;n;{header};unit;fixed\nH100 SXM;8;2;{unit};\nB200;8;;;4\n"
    maps = f"gpu=chip,count=n,price={header},unit=unit,market=fixed/gpu"
    imported = bring(tmp_path, text, maps, provider="x", fx=("EUR=1.25",))
    assert [o.gpu for o in imported_offers(home)] == ["b200_sxm"]
    assert left_out(imported) == {reason: 1}


def test_a_header_names_the_currency_of_blank_cells(tmp_path: Path, home: Path) -> None:
    """A cell that names another one contradicts it, as does a price's own mark."""
    rows = ("H100 SXM;8;2;", "L40S;8;4;€", "B200;8;4;USD", "A100 SXM 80GB;8;$1;", "")
    text = "\n".join(("chip;n;EUR per GPU-hour;money", *rows))
    maps = "gpu=chip,count=n,price=EUR per GPU-hour,currency=money"
    imported = bring(tmp_path, text, maps, provider="x", fx=("EUR=1.25",))
    found = {o.gpu: o.usd_per_gpu_hour for o in imported_offers(home)}
    assert found == {"h100_sxm": 2.5, "l40s": 5.0}
    assert left_out(imported) == {CURRENCIES_DIFFER: 2}


@pytest.mark.parametrize(
    ("header", "cell", "usd"),
    [
        ("price per 8 GPUs per hour", "18.80", 2.35),
        ("USD per 4 GPUs and hour", "6.40", 1.6),
        ("cost per 1 hour and GPU", "2", 2.0),
    ],
)
def test_numbers_of_a_header(
    tmp_path: Path, home: Path, header: str, cell: str, usd: float
) -> None:
    """GPUs that are priced together share the price."""
    text = f"chip;n;{header}\nH100 SXM;8;{cell}\n"
    bring(tmp_path, text, f"gpu=chip,count=n,price={header}", provider="x")
    assert [o.usd_per_gpu_hour for o in imported_offers(home)] == [usd]


@pytest.mark.parametrize(
    ("header", "more", "number"),
    [
        ("price per node for 12 months", "", "12"),
        ("price per node for 12 months", "/node", "12"),
        ("price per node for 3 years", "", "3"),
        ("price per GPU (30 days)", "", "30"),
        ("price per GPU and 24h", "", "24"),
        ("price per 2000 GPU-hours", "", "2000"),
    ],
)
def test_numbers_of_a_header_that_are_no_unit(
    tmp_path: Path, home: Path, header: str, more: str, number: str
) -> None:
    """A price for 12 months is none for one."""
    text = f"chip;n;{header}\nH100 SXM;8;164688\n"
    with pytest.raises(CatalogError, match=f"'{number}' is no unit"):
        bring(tmp_path, text, f"gpu=chip,count=n,price={header}{more}", provider="x")
    assert not home.exists()
