"""A buyer's own offers: what may be left out, what takes whose place, what is refused."""

from datetime import date
from pathlib import Path

import pytest
from small_catalog import make_catalog, make_offer

from catalog import Catalog, CatalogError, ClusterClass, load_catalog
from catalog.quotes import QUOTE_SOURCE, add_quotes

TODAY = date(2026, 11, 20)


def small() -> Catalog:
    """A catalog of one offer, with the class that a bare quote falls into."""
    catalog = make_catalog([make_offer()])
    catalog.cluster_classes["single_node"] = ClusterClass("single_node", 1, None, "judgment", "")
    return catalog


def quoted(folder: Path, text: str, catalog: Catalog | None = None) -> Catalog:
    """The catalog with the offers of this text."""
    path = folder / "quotes.csv"
    path.write_text(text, encoding="utf-8")
    return add_quotes(catalog or small(), path, TODAY)


def test_provider_gpu_and_price_are_enough(tmp_path: Path) -> None:
    """Everything else has a cautious default: one node, no network, read today."""
    offer = quoted(tmp_path, "provider,gpu,usd_per_gpu_hour\nzeta,BIG,1.5\n").offers[-1]
    assert (offer.offer, offer.gpu, offer.usd_per_gpu_hour) == ("zeta_big_on_demand", "big", 1.5)
    assert (offer.max_gpus, offer.fabric, offer.gpus_per_node) == (8, "none", 8)
    assert (offer.read_on, offer.source) == (TODAY, QUOTE_SOURCE)


def test_a_known_name_takes_the_offer_s_place(tmp_path: Path) -> None:
    """A negotiated price overrides the list."""
    text = "offer,provider,gpu,usd_per_gpu_hour,max_gpus\nalpha_big,alpha,big,1.1,64\n"
    catalog = quoted(tmp_path, text)
    (offer,) = catalog.offers
    assert (offer.usd_per_gpu_hour, offer.max_gpus) == (1.1, 64)
    assert offer.max_gpus_basis == "published"
    # What the file leaves out stays as it is on the list.
    assert (offer.fabric, offer.region, offer.source) == ("infiniband", "us-east", QUOTE_SOURCE)


def test_the_shipped_catalog_takes_a_quote(tmp_path: Path) -> None:
    """GPU names forgive as they do on the command line."""
    text = "provider,gpu,usd_per_gpu_hour,max_gpus,fabric\nzeta,H100-SXM,1.5,1024,infiniband\n"
    offer = quoted(tmp_path, text, load_catalog()).offers[-1]
    assert (offer.gpu, offer.max_gpus) == ("h100_sxm", 1024)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("zeta,H100,1.5,", "quotes.csv:2: gpu: 'H100' names h100_nvl, h100_pcie, h100_sxm"),
        ("zeta,h900,1.5,", "quotes.csv:2: gpu: unknown GPU 'h900'"),
        ("zeta,h100_sxm,,", "quotes.csv:2: usd_per_gpu_hour: is blank"),
        ("zeta,h100_sxm,0,", "quotes.csv:2: usd_per_gpu_hour: '0'"),
        ("zeta,h100_sxm,2,4", "quotes.csv:2: max_gpus: 4; expected at least"),
        ("zeta,h100_sxm,2,1024", "quotes.csv:2: fabric: 'none' for up to 1,024 GPUs"),
        ("Zeta!,h100_sxm,2,", "quotes.csv:2: provider: 'Zeta!'"),
        ("zeta,h100_sxm,2,\nzeta,h100_sxm,3,", "quotes.csv:3: offer: 'zeta_h100_sxm_on_demand' is"),
        ("zeta,rtx_a6000,2,\nzeta,,2,", "quotes.csv:3: gpu: is blank"),
    ],
)
def test_a_quote_that_cannot_be_used(tmp_path: Path, row: str, said: str) -> None:
    """File, line, column, what is there and what was expected."""
    text = f"provider,gpu,usd_per_gpu_hour,max_gpus\n{row}\n"
    with pytest.raises(CatalogError) as caught:
        quoted(tmp_path, text, load_catalog())
    assert said in str(caught.value)


def test_a_missing_price_column_is_never_defaulted(tmp_path: Path) -> None:
    """The three columns that make an offer have to be there."""
    with pytest.raises(CatalogError, match="column 'usd_per_gpu_hour' is missing"):
        quoted(tmp_path, "provider,gpu\nzeta,big\n")
