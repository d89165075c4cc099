"""How offers are sold: block lengths, the longest run, what one buys, and their mistakes."""

from datetime import date
from pathlib import Path

import pytest
from small_catalog import make_catalog, make_offer

from catalog import Catalog, CatalogError, ClusterClass, Offer, load_catalog
from catalog.quotes import add_quotes

TODAY = date(2026, 12, 1)
GIVEN = {
    "sources.csv": """\
source,publisher,title,url,says,kind,license
prices,Alpha Cloud,GPU pricing,https://alpha.example/pricing,H100 2.99 an hour,list_price,
""",
    "gpus.csv": """\
gpu,name,vendor,architecture,year,family,memory_gb,memory_gb_per_s,peak_fp16_tflops,\
peak_bf16_tflops,peak_fp8_tflops,peak_fp4_tflops,scale_up,scale_up_gb_per_s,scale_up_gpus,\
power_w,server_w_per_gpu,source,read_on,note
h100_sxm,H100,NVIDIA,Hopper,2022,H100,80,3350,989.4,989.4,,,nvswitch,450,8,700,1275,prices,\
2026-11-01,
""",
    "cluster_classes.csv": """\
cluster_class,max_nodes,max_gpus,basis,note
contract,,4096,delivered clusters,
""",
    "efficiency.csv": """\
gpu,precision,gpus,mfu,basis,source,read_on,note
h100_sxm,bf16,8,0.4,measured,prices,2026-11-01,run-1
""",
}
COLUMNS = {
    "offer": "alpha_h100",
    "provider": "alpha",
    "gpu": "h100_sxm",
    "pricing": "reserved",
    "region": "",
    "gpus_per_node": "8",
    "min_gpus": "8",
    "max_gpus": "",
    "cluster_class": "contract",
    "nic_gbps_per_gpu": "400",
    "fabric": "infiniband",
    "usd_per_gpu_hour": "2.5",
    "commitment_hours": "0",
    "upfront_usd_per_gpu": "0",
    "lead_time_hours": "0",
    "longest_hours": "",
    "block_days": "",
    "purchase_usd_per_gpu": "",
    "source": "prices",
    "read_on": "2026-11-01",
    "audit": "confirmed",
    "note": "",
}
NEW = ("longest_hours", "block_days", "purchase_usd_per_gpu")


def loaded_row(folder: Path, row: dict[str, str]) -> Offer:
    """The one offer of a catalog whose offers.csv has this row alone."""
    for file, text in GIVEN.items():
        (folder / file).write_text(text, encoding="utf-8")
    offers = f"{','.join(row)}\n{','.join(row.values())}\n"
    (folder / "offers.csv").write_text(offers, encoding="utf-8")
    (offer,) = load_catalog(folder, TODAY).offers
    return offer


def loaded(folder: Path, **cells: str) -> Offer:
    """The one offer of a catalog, which differs from ``COLUMNS`` in these cells."""
    return loaded_row(folder, {**COLUMNS, **cells})


def mistakes(folder: Path, **cells: str) -> list[str]:
    """Everything that is wrong with an offer of these cells."""
    with pytest.raises(CatalogError) as caught:
        loaded(folder, **cells)
    return caught.value.mistakes


# Durations


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        ("7", (7,)),
        ("1-3", (1, 2, 3)),
        ("21-42/7", (21, 28, 35, 42)),
        ("21-45/7", (21, 28, 35, 42)),
        ("30 1-3", (1, 2, 3, 30)),
        ("1-3  2-4", (1, 2, 3, 4)),
        ("365-365", (365,)),
        ("1-400", tuple(range(1, 401))),
        ("", ()),
    ],
)
def test_block_lengths_are_expanded(tmp_path: Path, cell: str, days: tuple[int, ...]) -> None:
    """Ranges with an optional step, in any order, each length once."""
    assert loaded(tmp_path, block_days=cell).block_days == days


@pytest.mark.parametrize(
    "cell",
    [
        "0",
        "0-14",
        "14-1",
        "1-14/0",
        "1.5",
        "1-401",
        "-7",
        "7/7",
        "1-14,21",
        "a week",
        "1 - 14",
        "٣",
    ],
)
def test_a_block_length_of_another_form_is_told(tmp_path: Path, cell: str) -> None:
    """What is there, and which forms are read."""
    assert mistakes(tmp_path, block_days=f'"{cell}"') == [
        f"offers.csv:2: block_days: {cell!r}; expected whole days such as 7, 1-14 or 21-182/7 "
        "(every seventh), separated by spaces, at most 400 durations"
    ]


def test_a_block_binds_by_itself(tmp_path: Path) -> None:
    """A commitment beside it would say twice what is billed, or contradict it."""
    assert mistakes(tmp_path, block_days="1-14", commitment_hours="24") == [
        "offers.csv:2: block_days: given with commitment_hours 24; expected commitment_hours 0: "
        "a block is billed whole"
    ]


def test_the_longest_run_is_read(tmp_path: Path) -> None:
    """Two weeks at least, a year at most."""
    offer = loaded(tmp_path, commitment_hours="336", longest_hours="8760")
    assert (offer.commitment_hours, offer.longest_hours) == (336, 8760)


def test_the_longest_run_is_as_long_as_what_is_billed(tmp_path: Path) -> None:
    """Hours that are billed can be used."""
    assert loaded(tmp_path, commitment_hours="336", longest_hours="336").longest_hours == 336
    assert mistakes(tmp_path, commitment_hours="336", longest_hours="168") == [
        "offers.csv:2: longest_hours: 168; expected at least the 336 of commitment_hours"
    ]


@pytest.mark.parametrize("column", ["longest_hours", "purchase_usd_per_gpu"])
@pytest.mark.parametrize("cell", ["0", "-1", "nan", "a year"])
def test_a_number_of_another_form_is_told(tmp_path: Path, column: str, cell: str) -> None:
    """Above zero, or nothing."""
    (found,) = mistakes(tmp_path, **{column: cell})
    assert found.startswith(f"offers.csv:2: {column}: {cell!r}; expected a number of ")


@pytest.mark.parametrize("cell", ["p5.48xlarge", "Standard_ND96isr_H100_v5", "BM.GPU4.8", ""])
def test_an_instance_type_is_as_its_provider_writes_it(tmp_path: Path, cell: str) -> None:
    """Or nothing, where none is stated."""
    assert loaded(tmp_path, instance_type=cell).instance_type == cell


@pytest.mark.parametrize("cell", ["two words", "p5: 8", "-p5"])
def test_an_instance_type_of_another_form_is_told(tmp_path: Path, cell: str) -> None:
    """It ends up in other programs' files."""
    (found,) = mistakes(tmp_path, instance_type=cell)
    assert f"offers.csv:2: instance_type: {cell!r}; expected an instance type" in found


def test_a_file_of_before_has_none_of_them(tmp_path: Path) -> None:
    """The three columns may be missing from the header."""
    row = {name: cell for name, cell in COLUMNS.items() if name not in NEW}
    offer = loaded_row(tmp_path, row)
    assert (offer.longest_hours, offer.block_days, offer.purchase_usd_per_gpu) == (None, (), None)


# What one buys


def test_an_owned_offer_has_a_purchase_price_alone(tmp_path: Path) -> None:
    """No price an hour: that follows from the life of the server."""
    cells = {"pricing": "owned", "usd_per_gpu_hour": "", "purchase_usd_per_gpu": "32000"}
    offer = loaded(tmp_path, **cells)
    assert (offer.usd_per_gpu_hour, offer.purchase_usd_per_gpu) == (0.0, 32000.0)


def test_an_owned_offer_with_an_hourly_price_alone_is_told(tmp_path: Path) -> None:
    """Both mistakes of the row at once."""
    assert mistakes(tmp_path, pricing="owned") == [
        "offers.csv:2: usd_per_gpu_hour: 2.5; expected none for an owned offer; leave it blank",
        "offers.csv:2: purchase_usd_per_gpu: is blank; expected the price of an owned GPU in USD",
    ]


@pytest.mark.parametrize("pricing", ["on_demand", "reserved", "spot", "marketplace"])
def test_a_rented_offer_with_a_purchase_price_alone_is_told(tmp_path: Path, pricing: str) -> None:
    """Every kind of rent has a price an hour and nothing to buy."""
    cells = {"usd_per_gpu_hour": "", "purchase_usd_per_gpu": "32000"}
    assert mistakes(tmp_path, pricing=pricing, **cells) == [
        "offers.csv:2: usd_per_gpu_hour: is blank; expected a number of USD a GPU-hour above 0 "
        "and at most 10,000",
        "offers.csv:2: purchase_usd_per_gpu: 32000; expected none unless pricing is owned; "
        "leave it blank",
    ]


# Quotes


def quoted(folder: Path, old: Offer, text: str) -> Offer:
    """The last offer of a catalog of ``old`` after quotes of this text."""
    catalog: Catalog = make_catalog([old])
    catalog.cluster_classes["single_node"] = ClusterClass("single_node", 1, None, "judgment", "")
    path = folder / "quotes.csv"
    path.write_text(text, encoding="utf-8")
    return add_quotes(catalog, path, date(2026, 11, 20)).offers[-1]


def test_a_quote_may_name_blocks(tmp_path: Path) -> None:
    """The columns of offers.csv are those of a quote."""
    text = "provider,gpu,usd_per_gpu_hour,block_days,longest_hours\nzeta,big,1.5,7-28/7,672\n"
    offer = quoted(tmp_path, make_offer(), text)
    assert (offer.block_days, offer.longest_hours) == ((7, 14, 21, 28), 672)


def test_a_quote_may_be_for_a_server(tmp_path: Path) -> None:
    """Its hourly price stays blank."""
    text = "provider,gpu,usd_per_gpu_hour,pricing,purchase_usd_per_gpu\nzeta,big,,owned,31000\n"
    offer = quoted(tmp_path, make_offer(), text)
    assert (offer.offer, offer.purchase_usd_per_gpu) == ("zeta_big_owned", 31000)


def test_a_price_is_never_kept_from_the_list(tmp_path: Path) -> None:
    """A blank price of a known offer is a mistake, not the old price."""
    with pytest.raises(CatalogError, match="usd_per_gpu_hour: is blank"):
        quoted(
            tmp_path, make_offer(), "offer,provider,gpu,usd_per_gpu_hour\nalpha_big,alpha,big,\n"
        )


def test_a_quote_keeps_the_blocks_of_its_offer(tmp_path: Path) -> None:
    """What it leaves out stays as it is on the list."""
    old = make_offer(block_days=(1, 2), pricing="reserved")
    text = "offer,provider,gpu,usd_per_gpu_hour\nalpha_big,alpha,big,1.1\n"
    assert quoted(tmp_path, old, text).block_days == (1, 2)


def test_a_quoted_term_takes_the_place_of_blocks(tmp_path: Path) -> None:
    """And blocks that of a term: the row's own word stands."""
    text = "offer,provider,gpu,usd_per_gpu_hour,{}\nalpha_big,alpha,big,1.1,{}\n"
    blocks = make_offer(block_days=(1, 2), pricing="reserved")
    offer = quoted(tmp_path, blocks, text.format("commitment_hours", "720"))
    assert (offer.block_days, offer.commitment_hours) == ((), 720)
    term = make_offer(commitment=720, pricing="reserved")
    offer = quoted(tmp_path, term, text.format("block_days", "30"))
    assert (offer.block_days, offer.commitment_hours) == ((30,), 0)


def test_rent_quoted_for_an_owned_name_buys_nothing(tmp_path: Path) -> None:
    """A known owned offer that is now rented has no purchase price any more."""
    old = make_offer(pricing="owned", usd=0.0, purchase=30_000.0)
    text = "offer,provider,gpu,usd_per_gpu_hour,pricing\nalpha_big,alpha,big,2,on_demand\n"
    assert quoted(tmp_path, old, text).purchase_usd_per_gpu is None


# The shipped offers


@pytest.fixture(scope="module")
def shipped() -> dict[str, Offer]:
    """The shipped offers by name."""
    return {offer.offer: offer for offer in load_catalog().offers}


def test_capacity_blocks_last_as_aws_says(shipped: dict[str, Offer]) -> None:
    """1 to 14 days, then whole weeks up to 26, in blocks of at most 64 instances."""
    blocks = [o for name, o in shipped.items() if name.startswith("aws_") and "_block" in name]
    assert len(blocks) == 3
    for block in blocks:
        assert block.block_days == (*range(1, 15), *range(21, 183, 7))
        assert block.block_days[-1] == 26 * 7
        # An UltraServer is one rack of 18 machines of 4 GPUs.
        machines = 18 if block.gpu == "gb200_nvl72" else 64
        assert (block.commitment_hours, block.max_gpus) == (0, machines * block.gpus_per_node)


def test_a_calendar_reservation_lasts_as_google_says(shipped: dict[str, Offer]) -> None:
    """1 to 90 days."""
    for name in ("gcp_b200_sxm_reserved_calendar", "gcp_b200_sxm_reserved_calendar_asia_south1"):
        offer = shipped[name]
        assert (offer.block_days, offer.commitment_hours) == (tuple(range(1, 91)), 0)


def test_flex_start_ends_after_a_week(shipped: dict[str, Offer]) -> None:
    """A queue without a commitment."""
    flex = [offer for name, offer in shipped.items() if "_flex_start" in name]
    assert len(flex) == 2
    assert {(o.pricing, o.commitment_hours, o.longest_hours) for o in flex} == {
        ("on_demand", 0, 168)
    }


def test_one_click_clusters_end_after_a_year(shipped: dict[str, Offer]) -> None:
    """From two weeks to a year."""
    clusters = [o for name, o in shipped.items() if name.startswith("lambda_b200_sxm_reserved")]
    assert len(clusters) == 3
    assert {(o.commitment_hours, o.longest_hours) for o in clusters} == {(336, 8760)}


def test_no_other_offer_ends_or_comes_in_blocks(shipped: dict[str, Offer]) -> None:
    """Nothing else has a published end."""
    told = [name for name, o in shipped.items() if o.block_days or o.longest_hours]
    assert len(told) == 10


def test_servers_cost_what_their_sources_say(shipped: dict[str, Offer]) -> None:
    """A server's or a rack's price in USD over its GPUs; MI300X has only a GPU's, times 1.64."""
    servers = {
        "own_a100_sxm_80": 148_390 / 8,
        "own_h100_sxm": 255_237 / 8,
        "own_h200_sxm": 312_667 / 8,
        "own_b200_sxm": 485_000 / 8,
        "own_b300_sxm": 615_000 / 8,
        "own_gb200_nvl72": 4_600_000 / 72,
        "own_gb300_nvl72": 6_500_000 / 72,
        "own_mi300x": 25_734 * 1.64,
    }
    owned = {name: offer for name, offer in shipped.items() if offer.pricing == "owned"}
    assert set(owned) == set(servers)
    for name, usd in servers.items():
        assert owned[name].purchase_usd_per_gpu == pytest.approx(usd, abs=0.001), name
        assert (owned[name].provider, owned[name].cluster_class) == ("own", "owned_build")
        assert owned[name].max_gpus == 4096


def test_no_owned_price_passes_as_confirmed(shipped: dict[str, Offer]) -> None:
    """Nobody read a server's price twice; old ones are doubted."""
    owned = [offer for offer in shipped.values() if offer.pricing == "owned"]
    assert {offer.audit for offer in owned} == {"unaudited", "doubtful"}
