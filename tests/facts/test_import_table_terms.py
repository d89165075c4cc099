"""For how long a price of a table binds, in headers, cells and notes.

All values and names of providers are made up.
"""

from pathlib import Path

import pytest
from refresh_market import TODAY, left_out
from table_cases import READ_ON, bring, imported_offers

from catalog import CatalogError, load_catalog
from catalog.refresh.lists.importing import Given, import_table
from catalog.refresh.lists.words import OWN_TERM, TERMS_DIFFER

pytestmark = pytest.mark.usefixtures("home")


def test_a_term_that_cannot_be_true_is_held_back(tmp_path: Path, home: Path) -> None:
    """As a price on demand is, unless it is accepted by its name."""
    text = (
        "provider,gpu,gpu_count,usd_per_gpu_hour,pricing\n"
        "x,H100 SXM,8,2.5,on_demand\nx,H100 SXM,8,0.02,reserved_1y\n"
    )
    imported = bring(tmp_path, text)
    assert [o.pricing for o in imported_offers(home)] == ["on_demand"]
    (held,) = imported.held_back
    assert held.offer == "x_h100_sxm_reserved_1y_8x"
    given = Given(READ_ON, today=TODAY, shipped=tmp_path / "shipped", accept=(held.offer,))
    import_table(str(tmp_path / "list.txt"), given=given)
    assert {o.pricing for o in imported_offers(home)} == {"on_demand", "reserved"}


def test_a_year_replaces_neither_three_nor_a_block(tmp_path: Path, home: Path) -> None:
    """Offers of the same provider and pricing stay where their term is another."""
    text = "provider,gpu,gpu_count,usd_per_gpu_hour,pricing\naws,H100 SXM,8,4,reserved_1y\n"
    bring(tmp_path, text)
    names = {o.offer for o in load_catalog(home, TODAY).offers if o.pricing == "reserved"}
    assert names == {"aws_h100_sxm_reserved_3y", "aws_h100_sxm_reserved_1y_8x"}
    bring(tmp_path, text.replace("_1y", "_3y"))
    names = {o.offer for o in load_catalog(home, TODAY).offers if o.pricing == "reserved"}
    assert names == {"aws_h100_sxm_reserved_3y_8x", "aws_h100_sxm_reserved_1y_8x"}


def test_a_header_may_name_the_model_and_the_term(tmp_path: Path, home: Path) -> None:
    """Their numbers multiply nothing; a term of another length than the field's is refused."""
    text = "chip;n;H100;price 1 year\nH100 SXM;8;3;2\n"
    bring(tmp_path, text, "gpu=chip,count=n,price=H100/gpu,price_1y=price 1 year/gpu", provider="x")
    found = {(o.pricing, o.commitment_hours): o.usd_per_gpu_hour for o in imported_offers(home)}
    assert found == {("on_demand", 0): 3.0, ("reserved", 8760): 2.0}
    with pytest.raises(CatalogError, match="is of another term than price_3y"):
        bring(tmp_path, text, "gpu=chip,price_3y=price 1 year/gpu", provider="x")


@pytest.mark.parametrize(
    ("note", "hours"),
    [
        ("3 year contract", 26280),
        ("delivery in 6 weeks; 3 year contract", 26280),
        ("term: 12 months", 8760),
        ("committed for 1 year", 8760),
        ("1-year reservation, payment term 30 days", 8760),
        ("minimum term of 6 months", 4380),
    ],
)
def test_a_note_that_states_the_term(tmp_path: Path, home: Path, note: str, hours: int) -> None:
    """And other lengths beside it."""
    text = f"chip|n|p|plan|note\nH100 SXM|8|2|reserved|{note}\n"
    bring(tmp_path, text, "gpu=chip,count=n,price=p/gpu,pricing=plan,note=note", provider="x")
    assert [o.commitment_hours for o in imported_offers(home)] == [hours]


@pytest.mark.parametrize(
    "note",
    [
        "quote valid for 30 days",
        "delivery in 6 weeks",
        "invoice due within 14 days",
        "payment term: 30 days",
        "contract notice of 30 days",
        "30 days contract notice",
        "net 30 days terms",
        "contract of 1 year, contract of 3 years",
        "contract of 1 year or 3 years",
        "1 or 3 year contract",
        "1-3 year contract",
    ],
)
def test_a_length_in_a_note_that_is_no_term(tmp_path: Path, home: Path, note: str) -> None:
    """How long a quote stands, or what else takes a while, binds nobody."""
    text = f"chip|n|p|plan|note\nH100 SXM|8|2|reserved|{note}\nB200|8|4|on demand|\n"
    maps = "gpu=chip,count=n,price=p/gpu,pricing=plan,note=note"
    imported = bring(tmp_path, text, maps, provider="x")
    assert [o.gpu for o in imported_offers(home)] == ["b200_sxm"]
    assert left_out(imported) == {OWN_TERM: 1}


def test_terms_that_contradict_each_other(tmp_path: Path, home: Path) -> None:
    """The kind of the price and its term: 12 months are a year, 36 are not."""
    text = (
        "chip,n,p,plan,term\nH100 SXM,8,2,reserved_1y,3 years\nL40S,8,1,savings_1y,36 months\n"
        "A100 SXM 80GB,8,3,reserved 3 years,1 year\nB200,8,4,reserved_1y,12 months\n"
    )
    maps = "gpu=chip,count=n,price=p/gpu,pricing=plan,term=term"
    imported = bring(tmp_path, text, maps, provider="x")
    found = [(o.gpu, o.commitment_hours) for o in imported_offers(home)]
    assert found == [("b200_sxm", 8760)]
    assert left_out(imported) == {TERMS_DIFFER: 3}


def test_a_header_with_a_term_is_no_price_on_demand(tmp_path: Path, home: Path) -> None:
    """Unless the map says that it binds."""
    header = "12-month price per GPU-hour"
    text = f"chip,n,{header}\nH100 SXM,8,2\n"
    maps = f"gpu=chip,count=n,price={header}/gpu"
    with pytest.raises(CatalogError, match="names a term; map it as price_1y"):
        bring(tmp_path, text, maps, provider="x")
    bring(tmp_path, text, f"{maps},term:=12 months", provider="x")
    (offer,) = imported_offers(home)
    assert (offer.pricing, offer.commitment_hours, offer.usd_per_gpu_hour) == ("reserved", 8760, 2)
