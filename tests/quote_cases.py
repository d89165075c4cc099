"""A small catalog for quotes, and what comes of a text as a file of them."""

from datetime import date
from pathlib import Path

import pytest
from small_catalog import make_catalog, make_offer

from catalog import Catalog, CatalogError, ClusterClass, Offer
from catalog.quotes import add_quotes

TODAY = date(2026, 11, 20)
CONTRACT = ClusterClass("neocloud_contract", None, 4096, "judgment", "")


def small() -> Catalog:
    """A catalog of one offer, with the classes that a bare quote falls into."""
    catalog = make_catalog([make_offer()])
    catalog.cluster_classes["single_node"] = ClusterClass("single_node", 1, None, "judgment", "")
    catalog.cluster_classes["neocloud_contract"] = CONTRACT
    return catalog


def quoted(folder: Path, text: str, catalog: Catalog | None = None) -> Catalog:
    """The catalog with the offers of this text."""
    path = folder / "quotes.csv"
    path.write_text(text, encoding="utf-8")
    return add_quotes(catalog or small(), path, TODAY)


def mistakes(folder: Path, text: str, catalog: Catalog | None = None) -> list[str]:
    """What is wrong with this text."""
    with pytest.raises(CatalogError) as caught:
        quoted(folder, text, catalog)
    return caught.value.mistakes


def one(folder: Path, header: str, row: str, catalog: Catalog | None = None) -> Offer:
    """The last offer of the catalog after a quote of one row."""
    return quoted(folder, f"{header}\n{row}\n", catalog).offers[-1]
