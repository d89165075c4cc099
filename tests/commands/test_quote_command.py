"""Quotes on the command line: rates, rows left out, and what is said of expired ones."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mini_catalog import Ran, sixnd

from catalog import load_catalog
from catalog.quotes import add_quotes

COLUMNS = "provider,gpu,price,node size,largest cluster,network"


Ask = Callable[..., Ran]


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """What `sixnd offers` says with a text as the file of quotes."""

    def run(text: str, *words: str) -> Ran:
        path = tmp_path / "q.csv"
        path.write_text(text, encoding="utf-8")
        return sixnd(capsys, "offers", "--offers", str(path), *words)

    return run


def test_a_rate_of_one_s_own(ask: Ask) -> None:
    """The price is in USD, and how it became that is said."""
    text = f"{COLUMNS}\nFoo,H100 SXM,€2.00,8,64,RoCE\n"
    found = ask(text, "--provider", "foo", "--fx", "eur=1.09")
    assert found.code == 0
    assert "2.18" in found.out
    assert "'€2.00' in EUR for a GPU and an hour is 2.18 USD a GPU-hour at your 1.09" in found.err


def test_no_rate(ask: Ask) -> None:
    """The mistake names the option that gives one."""
    found = ask(f"{COLUMNS}\nFoo,H100 SXM,€2.00,8,64,RoCE\n")
    assert found.code == 2
    assert "q.csv:2: price: '€2.00' is in EUR; expected USD, or your rate: --fx EUR=" in found.err


@pytest.mark.parametrize("rate", ["EUR", "EUR=", "EUR=x", "EUR=0", "EUR=-1", "E=1", "USD=2", "=1"])
def test_what_is_no_rate(ask: Ask, rate: str) -> None:
    """Before any file is read."""
    found = ask(f"{COLUMNS}\n", "--fx", rate)
    assert found.code == 2
    assert "--fx: " in found.err
    assert "expected a currency and the USD of one unit: EUR=1.09" in found.err


def test_two_rates_of_one_currency(ask: Ask) -> None:
    """None of them is dropped in silence; the same twice is one."""
    text = f"{COLUMNS}\nFoo,H100 SXM,€2.00,8,64,RoCE\n"
    found = ask(text, "--fx", "EUR=1.1", "--fx", "EUR=1.2")
    assert found.code == 2
    assert "--fx: EUR at 1.1 and at 1.2; expected one rate" in found.err
    assert ask(text, "--fx", "EUR=1.1,EUR=1.10").code == 0


def test_rows_that_cannot_be_read(ask: Ask) -> None:
    """Nothing is read by default; with the option the others are, and each left out is named."""
    text = f"{COLUMNS}\nFoo,H900,2,8,64,RoCE\nFoo,H100 SXM,2.22,8,64,RoCE\n"
    assert ask(text).code == 2
    found = ask(text, "--provider", "Foo", "--skip-unreadable")
    assert found.code == 0
    assert "2.22" in found.out
    assert "left out: q.csv:2: gpu: unknown GPU 'H900'" in found.err


def test_a_provider_whose_quote_has_expired(ask: Ask) -> None:
    """It is known, and sells nothing any more."""
    text = f"{COLUMNS},valid until\nFoo Cloud,H100 SXM,2,8,64,RoCE,2025-02-01\n"
    found = ask(text, "--provider", "Foo Cloud")
    assert found.code == 2
    said = "--provider: 'Foo Cloud': its quote expired on 2025-02-01; ask for a new one"
    assert said in found.err
    assert "unknown provider 'fo'" in ask(text, "--provider", "fo").err


def test_rates_in_python(tmp_path: Path) -> None:
    """As a dictionary; a rate that is none is a ValueError."""
    path = tmp_path / "q.csv"
    path.write_text("provider,gpu,EUR/GPU-hour\nfoo,h100_sxm,2\n", encoding="utf-8")
    catalog = add_quotes(load_catalog(), path, fx={"EUR": 1.5})
    assert catalog.offers[-1].usd_per_gpu_hour == 3
    with pytest.raises(ValueError, match="expected USD of one EUR above 0"):
        add_quotes(load_catalog(), path, fx={"EUR": 0})
