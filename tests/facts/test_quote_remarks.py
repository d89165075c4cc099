"""What is said of quotes: expired, replaced, assumed; and the names that they get."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quote_cases import TODAY, mistakes, quoted, small
from small_catalog import make_gpu, make_offer

from catalog import Catalog
from catalog.csv_file import Rows
from catalog.quote_names import named_apart
from catalog.quote_offers import Quote
from catalog.quotes import QUOTE_SOURCE, add_quotes
from optimizer.market.hardware import nic_gbps_of

HEADER = "provider,gpu,price,largest cluster,valid until\n"


def names(catalog: Catalog) -> list[str]:
    """The names of the offers, in order."""
    return [offer.offer for offer in catalog.offers]


def test_an_expired_quote_is_left_out_and_said(tmp_path: Path) -> None:
    """Nobody sells at it any more; the others of the file stay."""
    text = HEADER + "zeta,big,1.5,8,2026-11-19\nzeta,big,1.6,8,2027-11-19\n"
    catalog = quoted(tmp_path, text)
    assert names(catalog) == ["alpha_big", "zeta_big_on_demand"]
    assert catalog.offers[-1].usd_per_gpu_hour == 1.6
    assert catalog.remarks == (
        "quotes.csv:2: the quote of zeta for big expired on 2026-11-19 and is left out; "
        "ask for a new one",
    )


def test_an_expired_quote_replaces_nothing(tmp_path: Path) -> None:
    """The catalog's own price stays, and no quote becomes a source."""
    text = "offer,provider,gpu,price,expires\nalpha_big,alpha,big,1.1,2026-11-01\n"
    catalog = quoted(tmp_path, text)
    assert catalog.offers == small().offers
    assert QUOTE_SOURCE not in catalog.sources


def test_an_expired_quote_with_a_mistake_is_a_mistake(tmp_path: Path) -> None:
    """What cannot be read cannot be known to have expired rightly."""
    (said,) = mistakes(tmp_path, HEADER + "zeta,big,,8,2026-11-01\n")
    assert said.startswith("quotes.csv:2: price: is blank")


@pytest.mark.parametrize(
    ("days", "when"),
    [(0, "today"), (1, "tomorrow"), (2, "in 2 days"), (14, "in 14 days"), (15, None)],
)
def test_a_quote_that_expires_soon(tmp_path: Path, days: int, when: str | None) -> None:
    """It holds on its last day; within two weeks of it that is said."""
    end = TODAY + timedelta(days=days)
    catalog = quoted(tmp_path, HEADER + f"zeta,big,1.5,8,{end}\n")
    assert names(catalog)[-1] == "zeta_big_on_demand"
    said = (f"quotes.csv:2: the quote of zeta for big expires {when}, on {end}",)
    assert catalog.remarks == (said if when else ())


@pytest.mark.parametrize("cell", ["31.12.2026", "12/31/2026", "2026-13-01", "20261231", "soon"])
def test_a_date_that_could_be_another(tmp_path: Path, cell: str) -> None:
    """Only ISO dates: elsewhere day and month change places."""
    (said,) = mistakes(tmp_path, HEADER + f"zeta,big,1.5,8,{cell}\n")
    assert said == f"quotes.csv:2: valid until: {cell!r}; expected the last day as YYYY-MM-DD"


def test_a_network_is_assumed_for_several_nodes(tmp_path: Path) -> None:
    """RDMA at the usual speed of the part: its cards are not guessed at here."""
    catalog = quoted(tmp_path, HEADER + "zeta,big,1.5,1024,\n")
    offer = catalog.offers[-1]
    assert (offer.fabric, offer.nic_gbps_per_gpu) == ("rdma", None)
    assert (offer.cluster_class, offer.max_gpus) == ("neocloud_contract", 1024)
    assert catalog.remarks == (
        "quotes.csv:2: zeta_big_on_demand: no network is given for 1,024 GPUs in nodes of 8: "
        "RDMA at the usual speed of the part is assumed; give the network",
    )


def test_ethernet_without_a_speed_is_slow(tmp_path: Path) -> None:
    """It is not planned as the network of a training cluster, and that is said."""
    header = "provider,gpu,price,node size,largest cluster,network,nic_gbps_per_gpu\n"
    said = "ethernet without a speed: 25 Gb/s a node is assumed; give nic_gbps_per_gpu"
    catalog = quoted(tmp_path, header + "zeta,big,1.5,4,64,Ethernet,\n")
    assert [remark.split(": ", 2)[2] for remark in catalog.remarks] == [said]
    assert nic_gbps_of(catalog.offers[-1]) == 6.25
    fast = quoted(tmp_path, header + "zeta,big,1.5,4,64,Ethernet,100\n")
    assert (nic_gbps_of(fast.offers[-1]), fast.remarks) == (100, ())
    usual = quoted(tmp_path, header + "zeta,big,1.5,4,64,RoCE,\n")
    assert (nic_gbps_of(usual.offers[-1]), usual.remarks) == (None, ())


def test_another_network_has_another_speed(tmp_path: Path) -> None:
    """The cards of the offer that a quote replaces are those of its network."""
    text = "offer,provider,gpu,price,network\nalpha_big,alpha,big,1.1,Ethernet\n"
    catalog = quoted(tmp_path, text)
    assert catalog.offers[0].nic_gbps_per_gpu is None
    assert "ethernet without a speed" in catalog.remarks[1]


def test_chips_with_links_of_their_own_get_those(tmp_path: Path) -> None:
    """TPUs have no RDMA cards."""
    catalog = small()
    catalog.gpus["big"] = replace(make_gpu(), scale_up="ici")
    quotes = quoted(tmp_path, HEADER + "zeta,big,1.5,256,\n", catalog)
    assert quotes.offers[-1].fabric == "ici"
    assert "the chips' own (ICI) is assumed" in quotes.remarks[0]


def test_no_network_said_for_several_nodes_is_refused(tmp_path: Path) -> None:
    """Nodes that cannot talk to each other are one node each."""
    text = "provider,gpu,price,max gpus,Network\nzeta,big,1.5,1024,none\n"
    (said,) = mistakes(tmp_path, text)
    assert said.startswith("quotes.csv:2: Network: 'none' for up to 1,024 GPUs in nodes of 8")


def test_a_class_of_its_own_is_kept(tmp_path: Path) -> None:
    """Its default is the largest cluster, on a network that is then assumed."""
    catalog = quoted(tmp_path, "provider,gpu,price,cluster class\nzeta,big,1.5,fast\n")
    offer = catalog.offers[-1]
    assert (offer.cluster_class, offer.max_gpus, offer.fabric) == ("fast", 512, "rdma")
    assert [said.split(": ")[2] for said in catalog.remarks] == [
        "no network is given for 512 GPUs in nodes of 8"
    ]


def test_a_replaced_offer_keeps_its_network(tmp_path: Path) -> None:
    """Nothing is assumed where the catalog knows."""
    text = "offer,provider,gpu,price,max_gpus\nalpha_big,alpha,big,1.1,1024\n"
    catalog = quoted(tmp_path, text)
    assert (catalog.offers[0].fabric, catalog.offers[0].nic_gbps_per_gpu) == ("infiniband", 400)
    assert len(catalog.remarks) == 1


def test_a_replaced_single_node_gets_a_network(tmp_path: Path) -> None:
    """A contract for 256 GPUs of a provider that lists single nodes only."""
    node = replace(make_offer("alpha_big_on_demand"), fabric="none", cluster_class="single_node")
    listed = replace(small(), offers=(node,))
    catalog = quoted(tmp_path, HEADER + "alpha,big,1.5,256,\n", listed)
    (offer,) = catalog.offers
    assert (offer.fabric, offer.cluster_class) == ("rdma", "neocloud_contract")
    assert [said.split(": ")[1] for said in catalog.remarks] == [
        "takes the place of alpha_big_on_demand in the catalog",
        "alpha_big_on_demand",
    ]


def test_a_replaced_offer_without_a_network_stays_so(tmp_path: Path) -> None:
    """Another price for nodes that are used one at a time is no word on their network."""
    node = replace(make_offer(most=64), fabric="none")
    text = "offer,provider,gpu,price\nalpha_big,alpha,big,1.1\n"
    catalog = quoted(tmp_path, text, replace(small(), offers=(node,)))
    assert (catalog.offers[0].fabric, catalog.offers[0].max_gpus) == ("none", 64)
    assert [said.split(": ")[1] for said in catalog.remarks] == [
        "takes the place of alpha_big in the catalog"
    ]


def test_a_judgment_of_ours_is_made_again(tmp_path: Path) -> None:
    """A largest cluster that was estimated is again its class's default, not a published one."""
    listed = replace(small(), offers=(make_offer(most=100, estimated_size=True),))
    text = "offer,provider,gpu,price\nalpha_big,alpha,big,1.1\n"
    (offer,) = quoted(tmp_path, text, listed).offers
    assert (offer.max_gpus, offer.max_gpus_basis) == (512, "estimate")


@pytest.mark.parametrize(
    ("term", "pricing", "hours"),
    [("", "reserved", 8760), ("none", "on_demand", 0), ("3 years", "reserved", 26280)],
)
def test_a_replaced_offer_keeps_its_term(
    tmp_path: Path, term: str, pricing: str, hours: float
) -> None:
    """Unless the quote says another, or that there is none."""
    listed = replace(small(), offers=(make_offer(pricing="reserved", commitment=8760),))
    text = f"offer,provider,gpu,price,term\nalpha_big,alpha,big,1.1,{term}\n"
    (offer,) = quoted(tmp_path, text, listed).offers
    assert (offer.pricing, offer.commitment_hours) == (pricing, hours)


def test_a_catalog_without_the_class_of_a_single_node(tmp_path: Path) -> None:
    """A folder of one's own may lack it; the quote then says its class."""
    catalog = small()
    del catalog.cluster_classes["single_node"]
    (said,) = mistakes(tmp_path, "provider,gpu,price\nzeta,big,1.5\n", catalog)
    assert "the catalog has no class 'single_node'; expected the quote's own, of fast, " in said


def test_quotes_that_differ_get_names_of_their_own(tmp_path: Path) -> None:
    """Term, size, price and region tell them apart: by term, or else by number."""
    header = "provider,gpu,price,largest cluster,network,term,region\n"
    rows = [
        "zeta,big,1.5,64,ib,1 year,",
        "zeta,big,1.4,64,ib,3 years,",
        "zeta,big,1.3,128,ib,3 years,",
        "zeta,big,2.0,64,ib,,",
        "zeta,big,2.0,128,ib,,",
        "zeta,big,2.0,128,ib,,eu",
        "zeta,big,2.1,128,ib,,eu",
    ]
    catalog = quoted(tmp_path, header + "\n".join(rows) + "\n")
    assert names(catalog)[1:] == [
        "zeta_big_reserved",
        "zeta_big_reserved_26280h",
        "zeta_big_reserved_2",
        "zeta_big_on_demand",
        "zeta_big_on_demand_2",
        "zeta_big_on_demand_3",
        "zeta_big_on_demand_4",
    ]
    # The same file again takes its own place and adds nothing.
    again = quoted(tmp_path, header + "\n".join(rows) + "\n", catalog)
    assert sorted(names(again)) == sorted(names(catalog))
    assert (
        "takes the place of zeta_big_reserved in an earlier quote: 1.5 -> 1.5" in again.remarks[0]
    )


def test_a_generated_name_takes_no_other_offer_s_place(tmp_path: Path) -> None:
    """Neither that of the catalog's, nor one that the buyer gave to another quote."""
    listed = replace(small(), offers=(make_offer("zeta_big_on_demand_2", provider="zeta"),))
    text = (
        "offer,provider,gpu,price,note\n,zeta,big,1,first\n,zeta,big,2,second\n"
        "zeta_big_on_demand_3,zeta,big,3,third\n"
    )
    catalog = quoted(tmp_path, text, listed)
    assert {offer.offer: offer.note for offer in catalog.offers} == {
        "zeta_big_on_demand_2": "",
        "zeta_big_on_demand": "first",
        "zeta_big_on_demand_4": "second",
        "zeta_big_on_demand_3": "third",
    }


def test_the_same_quote_twice_is_a_mistake(tmp_path: Path) -> None:
    """However it is written, and whatever the note."""
    text = "provider,gpu,price,note\nzeta,big,1.5,\nAlpha,big,1,\nZETA,BIG,$1.50,by mail\n"
    (said,) = mistakes(tmp_path, text)
    assert said == "quotes.csv:4: row: is the quote of line 2 again; expected it once; remove one"


def test_one_name_for_two_quotes_is_a_mistake(tmp_path: Path) -> None:
    """A name that the buyer gave is not changed."""
    (said,) = mistakes(tmp_path, "offer,provider,gpu,price\nmine,zeta,big,1\nmine,zeta,big,2\n")
    assert said == "quotes.csv:3: offer: 'mine' is already on line 2; expected once"


def test_several_files_are_one_source(tmp_path: Path) -> None:
    """Remarks of both stay, and the source names both files."""
    first = quoted(tmp_path, "provider,gpu,price\nzeta,big,1.5\n")
    both = quoted(tmp_path, "provider,gpu,price\nyota,big,1.5\n", first)
    assert both.sources[QUOTE_SOURCE].title == "quotes.csv, quotes.csv"
    assert [said.split(": ")[1] for said in both.remarks] == [
        "zeta_big_on_demand",
        "yota_big_on_demand",
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "a_2", "b"]), st.sampled_from([0.0, 1.0, 2.0]), st.booleans()
        ),
        max_size=12,
    )
)
def test_no_name_is_given_twice(asked: list[tuple[str, float, bool]]) -> None:
    """Whatever is asked for: each quote that is left has a name that no other has."""
    quotes = [
        Quote(line, make_offer(name, usd=line, commitment=hours), named, ())
        for line, (name, hours, named) in enumerate(asked, start=1)
    ]
    known = {"a_3": make_offer("a_3")}
    found = Rows("quotes.csv")
    apart = named_apart(found, quotes, known)
    given = [quote.offer.offer for quote in apart]
    assert len(set(given)) == len(given)
    assert "a_3" not in given
    assert len(given) + len(found.mistakes) == len(asked)


def test_today_is_this_machine_s_day(tmp_path: Path) -> None:
    """Without a day given, yesterday's quote has expired."""
    yesterday = date.today() - timedelta(days=2)
    path = tmp_path / "quotes.csv"
    path.write_text(HEADER + f"zeta,big,1.5,8,{yesterday}\n", encoding="utf-8")
    assert add_quotes(small(), path).offers == small().offers
