"""What the lists of all large providers share: files that are none, large, or damaged.

Prices are made up.
"""

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cloud_cases import GOOD, READ_ON, azure, bring, page
from refresh_market import TODAY, tree

from catalog import CatalogError, load_catalog
from catalog.refresh.lists.cloud_lists import import_cloud_list
from catalog.refresh.lists.importing import Given

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "in it; expected"),
        ("[]", "in it; expected"),
        ("[1, null, []]", "in it; expected"),
        ('{"products": 1, "Items": {"a": 1}, "skus": "x"}', "in it; expected"),
        ("a,b\n1,2\n", "not JSON"),
        ('{"a": ', "is it cut off?"),
        ("<!doctype html><p>", "it looks like a web page or XML"),
        ("InstanceType,AcceleratorName\n", "sixnd catalog import skypilot FILE"),
    ],
)
def test_files_that_are_none(tmp_path: Path, home: Path, kind: str, text: str, said: str) -> None:
    """One line that says what was expected; the catalog is as it was."""
    provider = "aws" if kind == "ec2instances" else None
    bring(tmp_path, kind, GOOD[kind], provider=provider)
    before = tree(home)
    with pytest.raises(CatalogError) as raised:
        bring(tmp_path, kind, text, provider=provider)
    assert said in str(raised.value)
    assert len(raised.value.mistakes) == 1
    assert tree(home) == before


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("other", GOOD)
def test_the_importer_that_comes_nearest(tmp_path: Path, home: Path, kind: str, other: str) -> None:
    """Is named where a list is given to another."""
    provider = "aws" if kind == "ec2instances" else None
    if kind == other:
        assert bring(tmp_path, kind, GOOD[kind], provider=provider).difference is not None
        return
    with pytest.raises(CatalogError, match=f"sixnd catalog import {other} FILE"):
        bring(tmp_path, kind, GOOD[other], provider=provider)


@pytest.mark.parametrize(
    ("kind", "do"), [("aws-price-list", "jq"), ("azure-retail", "filter"), ("gcp-skus", "keep")]
)
def test_500_mb_are_refused_with_what_to_do(tmp_path: Path, home: Path, kind: str, do: str) -> None:
    """Before a byte of it is read."""
    path = tmp_path / "index.json"
    with path.open("wb") as stream:
        stream.truncate(500_000_000)
    with pytest.raises(CatalogError, match=f"500 MB; expected at most 64 MB; .*{do}"):
        import_cloud_list(kind, [str(path)], Given(READ_ON, today=TODAY))
    assert not home.exists()


def test_all_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """At once."""
    with pytest.raises(CatalogError) as raised:
        bring(tmp_path, "azure-retail", "{", "x", page(azure()))
    assert len(raised.value.mistakes) == 2


def changed(data: Any, chance: random.Random) -> Any:
    """The data with one value, at any depth, put wrong."""
    wrong: tuple[Any, ...] = (
        None,
        True,
        0,
        -1,
        1e400,
        "",
        "x",
        "=1+1",
        [],
        {},
        [None],
        "9" * 400,
        10**400,
    )
    if isinstance(data, dict | list) and data and chance.random() < 0.9:
        keys = [*data] if isinstance(data, dict) else [*range(len(data))]
        key = chance.choice(keys)
        held = dict(data) if isinstance(data, dict) else list(data)
        held[key] = changed(data[key], chance)
        return held
    return chance.choice(wrong)


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("seed", range(10))
def test_damaged_lists_are_read_or_refused(
    tmp_path: Path, home: Path, kind: str, seed: int
) -> None:
    """Whatever stands where, there is no other error, and a catalog that loads is left."""
    chance, data = random.Random(seed), GOOD[kind]
    for _ in range(chance.randint(1, 5)):
        data = changed(data, chance)
    with suppress(CatalogError):
        bring(tmp_path, kind, data, provider="aws" if kind == "ec2instances" else None)
    if home.exists():
        assert load_catalog(home, TODAY).offers
