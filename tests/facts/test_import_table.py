"""Tables whose columns a map names, and rows and files that cannot be used.

All values and names of providers are made up.
"""

from datetime import date
from pathlib import Path

import pytest
from refresh_market import TODAY, left_out, tree
from table_cases import READ_ON, bring, imported_offers

from catalog import CatalogError, load_catalog
from catalog.refresh.lists.importing import Given, import_table
from catalog.refresh.lists.row import COUNTS_DIFFER, NO_COUNT, ONE_GPU
from catalog.refresh.lists.sold import NO_DAY
from catalog.refresh.lists.words import UNKNOWN_KIND

pytestmark = pytest.mark.usefixtures("home")


TABLE = "Vendor;Model;GPUs;EUR/month, node;Where\nProv A;H100 SXM5;8;11680;aa-1\n"


def test_a_map(tmp_path: Path, home: Path) -> None:
    """Any columns, any delimiter, a constant, units, a currency, a quoted entry."""
    maps = (
        "provider=vendor,gpu=Model,count=GPUs",
        '"price=EUR/month, node/node/month"',
        "region:=z1",
    )
    bring(tmp_path, TABLE, *maps, currency="EUR", fx=("EUR=1.25",))
    (offer,) = imported_offers(home)
    assert (offer.provider, offer.region, offer.usd_per_gpu_hour) == ("prov_a", "z1", 2.5)


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_headers_that_mean_one_thing_need_no_map(
    tmp_path: Path, home: Path, delimiter: str
) -> None:
    """Windows line ends and a byte order mark too."""
    rows = ("provider,gpu,gpu_count,usd_per_gpu_hour", "Prov A,H100 SXM,8,2.5")
    text = "\ufeff" + "\r\n".join(rows).replace(",", delimiter) + "\r\n"
    bring(tmp_path, text)
    (offer,) = imported_offers(home)
    assert (offer.gpus_per_node, offer.usd_per_gpu_hour) == (8, 2.5)


@pytest.mark.parametrize(
    ("text", "maps", "said"),
    [
        ("a,b\n1,2\n", ["gpu=c"], "--map: gpu: no column 'c'; there are: a, b"),
        ("model,b\n1,2\n", ["gpu=modl"], "did you mean 'model'?"),
        ("a,b\n1,2\n", ["gup=a"], "--map: no field 'gup'; did you mean 'gpu'?"),
        ("a,b\n1,2\n", ["gpu"], "expected field=column or field:=value"),
        ("a,b\n1,2\n", ["gpu=a,gpu=b"], "'gpu' is given twice"),
        ("a,b\n1,2\n", ["gpu=a"], "price: no column has a price"),
        ("a,b\n1,2\n", [], "columns of no known list; there are: a, b"),
        ("a,a\n1,2\n", ["gpu=a"], "column 'a' appears twice"),
        ("gpu,hourly\nH100,2\n", ["gpu=gpu,price=hourly"], "'hourly' of a machine, or of one GPU"),
        ("x\n1\n", [], "no table: one column"),
        ("{", [], "not JSON"),
        ("[" * 100_000, [], "nested too deeply"),
        ('{"a": 1}', [], "no list of offers in it"),
        ("[1, 2]", [], "no list of offers in it"),
        ("a: &x [1]\nb: *x\n", [], "YAML with aliases"),
        ("a: [\n", [], "not readable as YAML"),
        ("<!doctype html>\n<p>, </p>\n", [], "it looks like a web page or XML"),
        (
            '{"offerCode": "AmazonEC2", "products": 1}',
            [],
            "sixnd catalog import aws-price-list FILE",
        ),
        ("InstanceType,AcceleratorName\nx,y\n", [], "sixnd catalog import skypilot FILE"),
    ],
)
def test_tables_that_cannot_be_read(
    tmp_path: Path, home: Path, text: str, maps: list[str], said: str
) -> None:
    """What is wrong, what it looks like, what to do; the catalog is as it was."""
    bring(tmp_path, "provider,gpu,gpu_count,usd_per_gpu_hour\nProv A,H100 SXM,8,2.5\n")
    before = tree(home)
    with pytest.raises(CatalogError) as raised:
        bring(tmp_path, text, *maps)
    assert said in str(raised.value)
    assert tree(home) == before


def test_all_mistakes_of_a_map_at_once(tmp_path: Path) -> None:
    """Each in its line."""
    with pytest.raises(CatalogError) as raised:
        bring(tmp_path, "a,b\n1,2\n", "gpu=c,prise=a", "x")
    assert len(raised.value.mistakes) == 3


BAD_CELLS = """\
provider,gpu,gpu_count,usd_per_gpu_hour,region,date
prov-a,H100 SXM,8,2.5,aa-1,2026-11-02
prov-a,=1+1,8,2.5,aa-1,2026-11-02
prov-a,H100 SXM,8,2.5,<script>alert(1)</script>,2026-11-02
prov-a,H100 SXM,8,=2+2,aa-1,2026-11-02
prov-a,H100 SXM,8.5,2.5,aa-1,2026-11-02
prov-a,H100 SXM,8,2.5,aa-1,yesterday
prov-a,H100 SXM,8,2.5,aa-1,2026-12-02
prov-a,H100 SXM,8,2.5
,H100 SXM,8,2.5,aa-1,2026-11-02
prov-a,L40S,4,"$1.50",bb-1,2026-11-02
"""


def test_a_bad_row_costs_itself(tmp_path: Path, home: Path) -> None:
    """The rest is read; what is left out is told with row, column and cell."""
    imported = bring(tmp_path, BAD_CELLS)
    assert sorted(o.gpu for o in imported_offers(home)) == ["h100_sxm", "l40s"]
    assert left_out(imported) == {
        "formula or markup in place of a name": 2,
        "price is not a number above zero": 1,
        "GPU count is not a whole number": 1,
        NO_DAY: 1,
        "dated ahead of today": 1,
        "wrong number of cells": 1,
        "no provider": 1,
    }
    examples = {reason.reason: reason.examples for reason in imported.left_out}
    assert examples["GPU count is not a whole number"][0].endswith("list.txt:6: gpu_count: 8.5")
    assert examples[NO_DAY][0].endswith("list.txt:7: date: yesterday")


def test_a_provider_that_is_given_picks_its_rows(tmp_path: Path, home: Path) -> None:
    """Where a column says who sells; a file's name never does."""
    rows = "provider,gpu,gpu_count,usd_per_gpu_hour\nAWS,H100 SXM,8,2.5\nOCI,H100 SXM,8,3\n"
    imported = bring(tmp_path, rows, provider="Amazon", name="lambda.csv")
    assert [o.provider for o in imported_offers(home)] == ["aws"]
    assert left_out(imported) == {"of another provider than --provider": 1}


def test_a_price_of_a_machine_needs_its_gpus(tmp_path: Path, home: Path) -> None:
    """Eight is not assumed."""
    text = "gpu,usd,gpus\nH100 SXM,20,8\nL40S,20,\n"
    imported = bring(tmp_path, text, "gpu=gpu,price=usd/node,count=gpus", provider="x")
    assert [o.usd_per_gpu_hour for o in imported_offers(home)] == [2.5]
    assert left_out(imported) == {NO_COUNT: 1}


def test_a_node_of_a_size_that_is_not_stated_is_one_gpu(tmp_path: Path, home: Path) -> None:
    """And says so."""
    imported = bring(tmp_path, "provider,gpu,usd_per_gpu_hour\nx,H100 SXM,2.5\n")
    (offer,) = imported_offers(home)
    assert (offer.gpus_per_node, offer.max_gpus, ONE_GPU in offer.note) == (1, 1, True)
    assert ONE_GPU in {note.reason for note in imported.notes}


def test_machines_keep_their_names(tmp_path: Path, home: Path) -> None:
    """In the column that the shipped catalog has for them."""
    path = tmp_path / "list.csv"
    text = "provider,gpu,gpu_count,usd_per_gpu_hour,sku\naws,H100 SXM,8,6.5,p5.48xlarge\n"
    path.write_text(text, encoding="utf-8")
    on = date(2026, 11, 29)
    import_table(str(path), given=Given("2026-11-28", today=on))
    (offer,) = [o for o in load_catalog(home, on).offers if o.source == "import_csv_aws_2026_11_28"]
    assert (offer.instance_type, offer.gpus_per_node) == ("p5.48xlarge", 8)
    assert (offer.cluster_class, offer.capacity) == ("hyperscaler_rdma", "quota")


def test_a_kind_of_price_that_nobody_knows(tmp_path: Path, home: Path) -> None:
    """Is not taken for a price on demand."""
    text = "provider,gpu,gpu_count,usd_per_gpu_hour,pricing\nx,H100 SXM,8,2.5,magic\n"
    imported = bring(tmp_path, text)
    assert (left_out(imported), imported.difference) == ({UNKNOWN_KIND: 1}, None)


def test_500_mb_are_refused_with_what_to_do(tmp_path: Path, home: Path) -> None:
    """Before a byte of it is read."""
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(500_000_000)
    with pytest.raises(CatalogError, match="500 MB; expected at most 64 MB; keep the rows of GPU"):
        import_table(str(path), given=Given(READ_ON, today=TODAY))
    assert not home.exists()


def test_contract_classes_are_not_had_at_a_list_price(tmp_path: Path, home: Path) -> None:
    """The network is borrowed, the size of a contract is not."""
    bring(tmp_path, "provider,gpu,gpu_count,usd_per_gpu_hour\naws,H100 SXM,8,2.5\n")
    (offer,) = imported_offers(home)
    assert (offer.cluster_class, offer.fabric) == ("hyperscaler_rdma", "efa")


def test_a_map_and_a_shape_are_two_maps(tmp_path: Path) -> None:
    """One of them is a mistake, and so is every other option that is none."""
    with pytest.raises(CatalogError) as raised:
        bring(tmp_path, "a,b\n1,2\n", "gpu=a", shape="vast", unit="rack", provider="=")
    assert len(raised.value.mistakes) == 3


def test_shapes_that_are_none(tmp_path: Path) -> None:
    """Their names are listed."""
    with pytest.raises(CatalogError, match="--shape: 'x'; expected one of observations, tiers"):
        bring(tmp_path, "a,b\n1,2\n", shape="x")


def test_providers_by_the_names_that_people_use(tmp_path: Path, home: Path) -> None:
    """'Amazon Web Services, Inc.' is aws; a new one becomes a name."""
    head = "provider;gpu;gpu_count;usd_per_gpu_hour"
    rows = ("Amazon Web Services;H100 SXM;8;5", "AWS Inc.;L40S;8;2", "Foo Cloud;B200;8;5")
    bring(tmp_path, "\n".join((head, *rows, "")))
    assert {o.provider for o in imported_offers(home)} == {"aws", "foo_cloud"}


def test_the_count_in_a_name(tmp_path: Path, home: Path) -> None:
    """Is the size of the machine, and contradicts a count that differs."""
    text = "chip,n,p\n8x B200,1,32\n8x H100 SXM,4,16\n8x L40S,,24\n4x A100 SXM 80GB,4,4\n"
    imported = bring(tmp_path, text, "gpu=chip,count=n,price=p/node", provider="x")
    found = {o.gpu: (o.gpus_per_node, o.usd_per_gpu_hour) for o in imported_offers(home)}
    assert found == {"l40s": (8, 3.0), "a100_sxm_80": (4, 1.0)}
    assert left_out(imported) == {COUNTS_DIFFER: 2}
    bring(tmp_path, "chip,p\n8x L40S,24\n", "gpu=chip,price=p/node", provider="y")
    (offer,) = imported_offers(home, "y")
    assert (offer.gpus_per_node, offer.usd_per_gpu_hour) == (8, 3.0)
    assert ONE_GPU not in offer.note
