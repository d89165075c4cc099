"""From lists to the user's catalog: names, borrowed networks, what is replaced and what stays."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from refresh_market import HEADER, TODAY, bring_in, write_list, write_market

from catalog import Catalog, CatalogError, Offer, load_catalog
from catalog.load import SHIPPED
from catalog.place import active_catalog, read_snapshot, user_catalog
from catalog.refresh.importing import import_skypilot
from catalog.refresh.offers import ONE_NODE

P5 = "p5.48xlarge,H100,8,55.04,22.0,us-east-1,a"


pytestmark = pytest.mark.usefixtures("home")


def offers(catalog: Catalog, provider: str) -> dict[str, Offer]:
    """A provider's offers by name."""
    return {offer.offer: offer for offer in catalog.offers if offer.provider == provider}


def test_an_offer_and_its_source(tmp_path: Path, home: Path) -> None:
    """Every cell of one imported offer."""
    bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    catalog = load_catalog(home, TODAY)
    offer = offers(catalog, "aws")["aws_h100_sxm_on_demand_8x_p5_48xlarge_us_east_1"]
    assert (offer.gpu, offer.pricing, offer.region) == ("h100_sxm", "on_demand", "us-east-1")
    assert (offer.usd_per_gpu_hour, offer.gpus_per_node, offer.min_gpus) == (6.88, 8, 8)
    assert (offer.commitment_hours, offer.upfront_usd_per_gpu, offer.lead_time_hours) == (0, 0, 0)
    assert (offer.read_on, offer.audit) == (date(2026, 11, 18), "unaudited")
    source = catalog.sources[offer.source]
    assert (source.source, source.kind, source.url) == (
        "import_skypilot_aws",
        "compiled_table",
        "",
    )
    assert "2026-11-18 (as given)" in source.says


def test_network_and_size_are_those_of_the_shipped_offer(tmp_path: Path, home: Path) -> None:
    """Same provider, GPU and node; what a contract delivers is not had at a list price."""
    bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    found = offers(load_catalog(home, TODAY), "aws")
    for pricing in ("on_demand", "spot"):
        offer = found[f"aws_h100_sxm_{pricing}_8x_p5_48xlarge_us_east_1"]
        assert offer.cluster_class == "hyperscaler_rdma"
        assert (offer.fabric, offer.nic_gbps_per_gpu) == ("efa", 400)
        assert (offer.max_gpus, offer.max_gpus_basis) == (512, "estimate")
        assert "as in aws_h100_sxm_on_demand" in offer.note


def make_older(folder: Path, source: str) -> None:
    """As a version wrote it that knew neither who published a size nor this source."""
    offers_file, sources, classes = (
        folder / name for name in ("offers.csv", "sources.csv", "cluster_classes.csv")
    )
    with offers_file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0][-1] == "size_source"
    with offers_file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(row[:-1] for row in rows)
    lines = sources.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"{source},")]
    assert len(kept) == len(lines) - 1
    sources.write_text("".join(kept), encoding="utf-8")
    text = classes.read_text(encoding="utf-8").replace(source, "estimate_planner_defaults")
    classes.write_text(text, encoding="utf-8")


def test_a_size_keeps_its_publisher(tmp_path: Path, home: Path) -> None:
    """The list of prices states none: in a folder of before that column and source too."""
    day, name = "2026-11-29", "azure_h100_sxm_on_demand_8x_standard_nd96isr_h100_v5_eastus"
    vm = "Standard_ND96isr_H100_v5,H100,8,98.4,,eastus,"
    like = offers(load_catalog(SHIPPED), "azure")["azure_h100_sxm_on_demand"]
    assert like.size_source not in ("", like.source)
    for price in (vm, vm.replace("98.4", "98.8")):
        import_skypilot([str(write_list(tmp_path, "azure", price))], None, day, date(2026, 11, 29))
        catalog = load_catalog(home)
        offer = offers(catalog, "azure")[name]
        assert (offer.max_gpus, offer.size_source) == (like.max_gpus, like.size_source)
        assert catalog.sources[offer.size_source].publisher == "Microsoft Azure"
        make_older(home, offer.size_source)


def test_the_same_instance_lends_its_network(tmp_path: Path, home: Path) -> None:
    """Machines of 8 H100 at one provider differ: A3 High has half the network of A3 Mega."""
    machines = ("a3-highgpu-8g,H100,8,88.9,,us-central1,a", "a3-megagpu-8g,H100,8,93.1,,us-east4,a")
    paths = [str(write_list(tmp_path, "gcp", *machines))]
    import_skypilot(paths, None, "2026-11-29", date(2026, 11, 29))
    found = {o.instance_type: o for o in load_catalog(home).offers if o.source.startswith("import")}
    assert found["a3-megagpu-8g"].nic_gbps_per_gpu == 200
    assert found["a3-highgpu-8g"].nic_gbps_per_gpu == 100


def test_without_a_shipped_offer_it_is_one_node(tmp_path: Path, home: Path) -> None:
    """Another node size is another product; that is said."""
    one = "p5.4xlarge,H100,1,6.88,,us-east-1,a"
    imported = bring_in(tmp_path, write_list(tmp_path, "aws", P5, one))
    offer = offers(load_catalog(home, TODAY), "aws")[
        "aws_h100_sxm_on_demand_1x_p5_4xlarge_us_east_1"
    ]
    assert (offer.cluster_class, offer.fabric, offer.nic_gbps_per_gpu) == (
        "single_node",
        "none",
        None,
    )
    assert (offer.max_gpus, offer.gpus_per_node) == (1, 1)
    assert [(note.reason, note.count) for note in imported.notes] == [(ONE_NODE, 1)]


def test_a_reserved_offer_lends_no_network(tmp_path: Path, home: Path) -> None:
    """What a contract delivers is another product."""
    market = write_market(tmp_path / "shipped")
    text = (market / "offers.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "h100_sxm_on_demand,aws" not in line]
    (market / "offers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = write_list(tmp_path, "aws", P5)
    import_skypilot([str(path)], today=TODAY, read_on="2026-11-18", shipped=market)
    offer = offers(load_catalog(home, TODAY), "aws")[
        "aws_h100_sxm_on_demand_8x_p5_48xlarge_us_east_1"
    ]
    assert offer.cluster_class == "single_node"


def test_one_offer_a_price_with_all_its_regions(tmp_path: Path, home: Path) -> None:
    """Two regions at one price are one offer, a third at another is its own."""
    rows = (
        *("p5.48xlarge,H100,8,55.04,,us-west-2,a", "p5.48xlarge,H100,8,55.04,,us-east-1,b"),
        *("p5.48xlarge,H100,8,72,,eu-west-2,a", "p5.48xlarge,H100,8,72,,eu-west-1,a"),
    )
    bring_in(tmp_path, write_list(tmp_path, "aws", *rows))
    found = offers(load_catalog(home, TODAY), "aws")
    stem = "aws_h100_sxm_on_demand_8x_p5_48xlarge"
    assert {o.offer: (o.region, o.usd_per_gpu_hour) for o in found.values() if stem in o.offer} == {
        f"{stem}_eu_west_1": ("eu-west-1 eu-west-2", 9.0),
        f"{stem}_us_east_1": ("us-east-1 us-west-2", 6.88),
    }


def test_names_do_not_depend_on_the_order_of_lines(tmp_path: Path, home: Path) -> None:
    """Instances and regions that only punctuation tells apart are numbered, always alike."""
    rows = [
        *("a.b,H100-SXM,8,16,,r-1,", "a-b,H100-SXM,8,24,,r-1,", "a b,H100-SXM,8,32,,r.1,"),
        *("c,H100-SXM,8,40,,,", "c,H100-SXM,8,48,,r,"),
    ]
    tables = []
    for lines in (rows, rows[::-1]):
        bring_in(tmp_path, write_list(tmp_path, "new_cloud", *lines), provider="new_cloud")
        tables.append((home / "offers.csv").read_bytes())
    assert tables[0] == tables[1]
    names = sorted(offers(load_catalog(home, TODAY), "new_cloud"))
    assert names == [
        "new_cloud_h100_sxm_on_demand_8x_a_b_r_1",
        "new_cloud_h100_sxm_on_demand_8x_a_b_r_1_2",
        "new_cloud_h100_sxm_on_demand_8x_a_b_r_1_3",
        "new_cloud_h100_sxm_on_demand_8x_c",
        "new_cloud_h100_sxm_on_demand_8x_c_r",
    ]


def test_what_is_replaced_and_what_stays(tmp_path: Path, home: Path) -> None:
    """The provider's on-demand offers go; its reservations and other providers stay as they are."""
    imported = bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    catalog = load_catalog(home, TODAY)
    assert set(offers(catalog, "aws")) == {
        "aws_h100_sxm_on_demand_8x_p5_48xlarge_us_east_1",
        "aws_h100_sxm_spot_8x_p5_48xlarge_us_east_1",
        "aws_h100_sxm_reserved_3y",
    }
    lines = {
        place: set((place / "offers.csv").read_text(encoding="utf-8").splitlines())
        for place in (home, tmp_path / "shipped")
    }
    left = lines[tmp_path / "shipped"] - lines[home]
    assert {line.partition(",")[0] for line in left} == {
        "aws_a100_sxm_40_on_demand",
        "aws_h100_sxm_on_demand",
    }
    assert imported.kept == ()


def test_the_other_tables_come_along_unchanged(tmp_path: Path, home: Path) -> None:
    """Tables are copied; those that a catalog lacks are lent when it is loaded."""
    market = write_market(tmp_path / "shipped")
    failures = (SHIPPED / "failures.csv").read_text(encoding="utf-8").splitlines()[0]
    failures += "\nany,1,0.5,2,estimate,guess,2026-11-01,a guess\n"
    (market / "failures.csv").write_text(failures, encoding="utf-8")
    bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    for name in ("gpus.csv", "efficiency.csv", "cluster_classes.csv", "failures.csv"):
        assert (home / name).read_bytes() == (market / name).read_bytes()
    assert load_catalog(home).failures["any"].source == "guess"
    assert load_catalog(home).defaults
    assert not list(home.glob("*.py"))


def test_all_shipped_tables_come_along(tmp_path: Path, home: Path) -> None:
    """The first import starts from the catalog that comes with the program."""
    path = write_list(tmp_path, "aws", P5)
    import_skypilot([str(path)], read_on=TODAY.isoformat(), today=TODAY)
    for table in SHIPPED.glob("*.csv"):
        assert (home / table.name).is_file()
    assert load_catalog(home, TODAY).offers


def test_columns_that_a_newer_version_adds_are_left_blank(tmp_path: Path, home: Path) -> None:
    """Rows are written below the header that is there."""
    market = write_market(tmp_path / "shipped")
    bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    with (home / "offers.csv").open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    with (market / "offers.csv").open(encoding="utf-8", newline="") as stream:
        assert header == next(csv.reader(stream))


def test_a_gpu_without_a_price_to_be_trusted_keeps_its_offers(tmp_path: Path, home: Path) -> None:
    """Google's GPU parts say that it sells H100, not at what price."""
    rows = (
        *(",H100,8,78,30,us-east4,us-east4-a", ",tpu-v6e-8,1,22.4,,us-east1,us-east1-d"),
        "a3-highgpu-8g,,,9.46,2.8,us-west1,us-west1-a",
    )
    imported = bring_in(tmp_path, write_list(tmp_path, "gcp", *rows))
    found = offers(load_catalog(home, TODAY), "gcp")
    assert set(found) == {
        "gcp_h100_sxm_on_demand",
        "gcp_tpu_v6e_on_demand_8x_tpu_v6e_8_us_east1",
    }
    assert imported.kept == ("gcp_h100_sxm_on_demand",)
    tpu = found["gcp_tpu_v6e_on_demand_8x_tpu_v6e_8_us_east1"]
    assert (tpu.usd_per_gpu_hour, tpu.fabric, tpu.max_gpus) == (2.8, "ici", 256)


def test_a_second_import_replaces_the_first(tmp_path: Path, home: Path) -> None:
    """And leaves what was imported of another provider."""
    bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    bring_in(tmp_path, write_list(tmp_path, "lambda", "gpu_8x_h100_sxm5,H100,8,32,,us,"))
    imported = bring_in(tmp_path, write_list(tmp_path, "aws", P5.replace("55.04", "60.8")))
    catalog = load_catalog(home, TODAY)
    name = "aws_h100_sxm_on_demand_8x_p5_48xlarge_us_east_1"
    assert offers(catalog, "aws")[name].usd_per_gpu_hour == 7.6
    assert {o.usd_per_gpu_hour for o in offers(catalog, "lambda").values()} == {4.0}
    stated = json.loads((home / "snapshot.json").read_text(encoding="utf-8"))
    assert [one["provider"] for one in stated["sources"]] == ["lambda", "aws"]
    assert imported.difference is not None
    (aws,) = imported.difference.providers
    assert [(c.new.offer, round(c.percent, 1)) for c in aws.changed] == [(name, 10.5)]
    assert not list(tmp_path.glob(".mine*"))


def test_the_snapshot_says_what_was_imported(tmp_path: Path, home: Path) -> None:
    """Its date is that of the newest price."""
    imported = bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    snapshot = read_snapshot(home)
    assert (snapshot.name, snapshot.date) == ("refreshed", date(2026, 11, 18))
    assert imported.snapshot == snapshot
    stated = json.loads((home / "snapshot.json").read_text(encoding="utf-8"))
    assert stated["sources"] == [
        {
            "kind": "skypilot",
            "provider": "aws",
            "from": "vms.csv",
            "read_on": "2026-11-18",
            "dated_by": "as given",
            "imported_on": "2026-11-20",
            "offers": 2,
        }
    ]


def test_several_lists_at_once(tmp_path: Path, home: Path) -> None:
    """One a provider; the file's name or its folder says which."""
    named = tmp_path / "lists" / "OCI.csv"
    named.parent.mkdir()
    named.write_text(f"{HEADER}\nBM.GPU.H100.8,H100,8,80,,eu,\n", encoding="utf-8")
    imported = bring_in(tmp_path, write_list(tmp_path, "aws", P5), named)
    assert [one.provider for one in imported.providers] == ["aws", "oracle"]
    assert "provider new to the catalog" in {note.reason for note in imported.notes}
    assert set(offers(load_catalog(home, TODAY), "oracle"))


@pytest.mark.parametrize(
    ("given", "provider"),
    [("x", "x"), ("My Cloud!", "my_cloud"), ("9a", "p_9a"), ("=1+1", "p_1_1")],
)
def test_provider_names(tmp_path: Path, home: Path, given: str, provider: str) -> None:
    """In a-z, 0-9 and _, beginning with a letter."""
    path = tmp_path / "list.csv"
    path.write_text(f"{HEADER}\na,B200,8,50,,eu,\n", encoding="utf-8")
    imported = bring_in(tmp_path, path, provider=given)
    assert [one.provider for one in imported.providers] == [provider]


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("gcp-vms.csv", "gcp"),
        ("lambda/ok.csv", "lambda"),
        ("Lambda Labs/vms (1).csv", "lambda"),
        ("2026-11 google.csv", "gcp"),
        ("aws/OCI.csv", "oracle"),
    ],
)
def test_known_providers_are_named_by_the_path(
    tmp_path: Path, home: Path, name: str, provider: str
) -> None:
    """By the file's name, or a word of it, before the folder's."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{HEADER}\na,B200,8,50,,eu,\n", encoding="utf-8")
    assert [one.provider for one in bring_in(tmp_path, path).providers] == [provider]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x/vms (1).csv", "names no provider that is known; .* --provider aws"),
        ("x/what to do.csv", "names no provider that is known"),
        ("aws and gcp.csv", "names aws and gcp; expected one"),
    ],
)
def test_other_providers_are_asked_for(tmp_path: Path, home: Path, name: str, said: str) -> None:
    """A name is never made of the file's."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{HEADER}\na,B200,8,50,,eu,\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=said):
        bring_in(tmp_path, path)
    assert not home.exists()


def test_a_given_provider_is_no_path(tmp_path: Path, home: Path) -> None:
    """'../../x' is x; nothing is written elsewhere."""
    path = write_list(tmp_path, "aws", P5)
    market = write_market(tmp_path / "shipped")
    imported = import_skypilot([str(path)], "../../x", "2026-11-18", TODAY, shipped=market)
    assert [one.provider for one in imported.providers] == ["x"]


def test_the_day_of_a_file(tmp_path: Path, home: Path) -> None:
    """Never the file's, which is that of a copy: what the list states, or else is given."""
    market = write_market(tmp_path / "shipped")

    def imported(row: str, day: str | None) -> tuple[date, str]:
        path = write_list(tmp_path, "aws", row, header=f"{HEADER},fetched_at")
        one = import_skypilot([str(path)], read_on=day, today=TODAY, shipped=market).providers[0]
        return one.read_on, one.dated_by

    stated = f"{P5},2026-11-05T06:10:11+00:00"
    assert imported(stated, None) == (date(2026, 11, 5), "the list's fetched_at")
    assert imported(stated, "2026-11-19") == (date(2026, 11, 19), "as given")
    with pytest.raises(CatalogError, match=r"does not say when its prices were read.*--read-on"):
        imported(f"{P5},", None)
    with pytest.raises(CatalogError, match="fetched_at is 2026-12-24, which is not over yet"):
        imported(f"{P5},2026-12-24", None)


@pytest.mark.parametrize("written", ["yesterday", "2026-12-31", "20261118", "2026-02-30", ""])
def test_days_that_are_none(tmp_path: Path, home: Path, written: str) -> None:
    """ISO, and not ahead of us."""
    path = write_list(tmp_path, "aws", P5)
    with pytest.raises(CatalogError, match="--read-on: "):
        import_skypilot([str(path)], read_on=written, today=TODAY)


def test_nothing_usable_writes_nothing(tmp_path: Path, home: Path) -> None:
    """The report says why."""
    path = write_list(tmp_path, "mithril", "h100.sxm.8x,H100,8,8.0,8.0,us,")
    imported = bring_in(tmp_path, path)
    assert (imported.difference, imported.snapshot) == (None, None)
    assert [reason.count for reason in imported.left_out] == [1]
    assert not home.exists()


def test_one_bad_file_stops_all(tmp_path: Path, home: Path) -> None:
    """Every mistake is told, and nothing is written."""
    good = write_list(tmp_path, "aws", P5)
    bad = write_list(tmp_path, "gcp", "x", header="x")
    with pytest.raises(CatalogError) as raised:
        bring_in(tmp_path, good, bad, tmp_path / "none.csv", write_list(tmp_path / "b", "aws", P5))
    assert len(raised.value.mistakes) == 3
    assert "aws is there twice" in raised.value.mistakes[2]
    assert not home.exists()


def test_a_catalog_that_does_not_load_is_not_imported_into(tmp_path: Path, home: Path) -> None:
    """It is named, with every mistake in it, and left as it is."""
    bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    text = (home / "gpus.csv").read_text(encoding="utf-8").replace(",80,", ",eighty,")
    (home / "gpus.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match="does not load; mend it, or delete the folder"):
        bring_in(tmp_path, write_list(tmp_path, "aws", P5))
    assert (home / "gpus.csv").read_text(encoding="utf-8") == text
    assert not list(tmp_path.glob(".mine*"))


def test_the_active_catalog(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of SIXND_CATALOG; else the user's own where something was imported; else the shipped."""
    assert active_catalog() == user_catalog() == home
    monkeypatch.setenv("SIXND_CATALOG", "~/somewhere")
    assert user_catalog() == Path.home() / "somewhere"
    monkeypatch.setenv("SIXND_CATALOG", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    own = user_catalog()
    assert own.name == "catalog"
    monkeypatch.setattr("catalog.place.user_catalog", lambda: tmp_path / "own")
    assert active_catalog() == SHIPPED
    write_market(tmp_path / "own")
    assert active_catalog() == tmp_path / "own"


def test_the_snapshot_of_a_folder_without_one(tmp_path: Path, home: Path) -> None:
    """Its name, and the newest day of its offers; the shipped one is called so."""
    snapshot = read_snapshot(write_market(tmp_path / "market"))
    assert (snapshot.name, snapshot.date) == ("market", date(2026, 11, 1))
    assert read_snapshot(SHIPPED).name == "shipped"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"name": "x", "date": "soon"}', "\x00", "[" * 9999]
)
def test_snapshots_that_cannot_be_read(tmp_path: Path, home: Path, text: str) -> None:
    """One line that says what to do."""
    folder = write_market(tmp_path / "market")
    (folder / "snapshot.json").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=r"snapshot\.json: .*; delete it"):
        read_snapshot(folder)
