"""A buyer's own offers: what may be left out, what takes whose place, what is refused."""

from datetime import date
from pathlib import Path

import pytest
from quote_cases import TODAY, mistakes, one, quoted, small
from small_catalog import make_gpu

from catalog import Catalog, load_catalog
from catalog.quotes import QUOTE_SOURCE, quote_template


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    """The shipped catalog."""
    return load_catalog()


def test_provider_gpu_and_price_are_enough(tmp_path: Path) -> None:
    """Everything else has a cautious default: one node, no network, read today."""
    catalog = quoted(tmp_path, "provider,gpu,usd_per_gpu_hour\nzeta,BIG,1.5\n")
    offer = catalog.offers[-1]
    assert (offer.offer, offer.gpu, offer.usd_per_gpu_hour) == ("zeta_big_on_demand", "big", 1.5)
    assert (offer.max_gpus, offer.fabric, offer.gpus_per_node) == (8, "none", 8)
    assert (offer.read_on, offer.source) == (TODAY, QUOTE_SOURCE)
    assert catalog.remarks == (
        "quotes.csv:2: zeta_big_on_demand: no largest cluster is given: one node of 8 GPUs is "
        "assumed; give one to use more",
    )


def test_a_known_name_takes_the_offer_s_place(tmp_path: Path) -> None:
    """A negotiated price overrides the list, and that is said."""
    text = "offer,provider,gpu,usd_per_gpu_hour,max_gpus\nalpha_big,alpha,big,1.1,64\n"
    catalog = quoted(tmp_path, text)
    (offer,) = catalog.offers
    assert (offer.usd_per_gpu_hour, offer.max_gpus) == (1.1, 64)
    assert offer.max_gpus_basis == "published"
    # What the file leaves out stays as it is on the list.
    assert (offer.fabric, offer.region, offer.source) == ("infiniband", "us-east", QUOTE_SOURCE)
    assert catalog.remarks == (
        "quotes.csv:2: takes the place of alpha_big in the catalog: 2 -> 1.1 USD a GPU-hour",
    )


def test_the_name_of_another_product_is_not_taken(tmp_path: Path) -> None:
    """An offer's region and network are not those of another provider's."""
    text = "offer,provider,gpu,price\nalpha_big,zeta,big,1.1\n"
    (said,) = mistakes(tmp_path, text)
    assert said == (
        "quotes.csv:2: offer: 'alpha_big' is big of alpha in the catalog; "
        "expected a name of its own"
    )


def test_the_columns_that_a_buyer_has(tmp_path: Path, shipped: Catalog) -> None:
    """Headers and cells as people write them."""
    header = "Provider,GPU,Price per GPU-hour,Node Size,Largest cluster,Network,Term,Valid-until"
    row = "Foo Cloud,H100 SXM5 80GB,$2.35,8,1024,InfiniBand,1 year,2027-03-01"
    catalog = quoted(tmp_path, f"{header}\n{row}\n", shipped)
    offer = catalog.offers[-1]
    assert offer.offer == "foo_cloud_h100_sxm_reserved"
    assert (offer.provider, offer.gpu, offer.usd_per_gpu_hour) == ("foo_cloud", "h100_sxm", 2.35)
    assert (offer.gpus_per_node, offer.max_gpus, offer.fabric) == (8, 1024, "infiniband")
    assert (offer.pricing, offer.commitment_hours) == ("reserved", 8760)
    assert offer.cluster_class == "neocloud_contract"
    assert catalog.remarks == ()


@pytest.mark.parametrize(
    "header",
    [
        *("price", "Price", "price per gpu hour", "usd per gpu hour", "$/gpu-hour", "$ / GPU-hour"),
        *("USD/GPU hour", "usd_per_gpu_hour", " PRICE_PER_GPU-HOUR ", "$/GPU/hour"),
    ],
)
def test_headers_of_a_price(tmp_path: Path, header: str) -> None:
    """However it is written, it is the price of one GPU for one hour."""
    assert one(tmp_path, f"provider,gpu,{header}", "zeta,big,1.5").usd_per_gpu_hour == 1.5


@pytest.mark.parametrize(
    ("header", "cell", "column", "value"),
    [
        ("node size", "4", "gpus_per_node", 4),
        ("GPUs per node", "4", "gpus_per_node", 4),
        ("largest cluster", "64", "max_gpus", 64),
        ("max GPUs", "64", "max_gpus", 64),
        ("fewest", "2", "min_gpus", 2),
        ("min-gpus", "2", "min_gpus", 2),
        ("commitment", "2 weeks", "commitment_hours", 336.0),
        ("Commitment hours", "720", "commitment_hours", 720.0),
        ("network", "RoCE v2", "fabric", "roce"),
        ("Fabric", "IB", "fabric", "infiniband"),
        ("notes", "by mail", "note", "by mail"),
        ("pricing", "on demand", "pricing", "on_demand"),
        ("pricing", "Spot", "pricing", "spot"),
        ("region", "eu-north", "region", "eu-north"),
        ("lead_time_hours", "48", "lead_time_hours", 48.0),
        ("upfront_usd_per_gpu", "100", "upfront_usd_per_gpu", 100.0),
        ("nic_gbps_per_gpu", "400", "nic_gbps_per_gpu", 400.0),
        ("read_on", "2026-11-02", "read_on", date(2026, 11, 2)),
        ("source", "paper", "source", "paper"),
        ("cluster_class", "fast", "cluster_class", "fast"),
    ],
)
def test_headers_and_their_cells(
    tmp_path: Path, header: str, cell: str, column: str, value: object
) -> None:
    """Every column of offers.csv is allowed, under its name or what people call it."""
    offer = one(tmp_path, f"provider,gpu,price,{header}", f"zeta,big,1.5,{cell}")
    assert getattr(offer, column) == value


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            "provider,gpu,price,usd per gpu hour",
            "quotes.csv:1: columns 'price' and 'usd per gpu hour' both mean 'usd_per_gpu_hour'; "
            "expected once; remove one",
        ),
        (
            "provider,gpu,price,price",
            "quotes.csv:1: columns 'price' and 'price' both mean 'usd_per_gpu_hour'; ",
        ),
        ("provider,gpu,price,gpu", "quotes.csv:1: column 'gpu' appears twice; "),
        ("provider,gpu,price,expirse", "unknown column 'expirse'; did you mean 'expires'?"),
        ("provider,gpu,price,Node-Sise", "unknown column 'Node-Sise'; did you mean 'node_size'?"),
        ("provider,gpu,price,zzz", "unknown column 'zzz'; columns are: offer, provider, gpu"),
        ("provider,gpu,price,", "unknown column ''; columns are: offer, provider, gpu"),
        ("provider,gpu,term", "quotes.csv:1: column 'usd_per_gpu_hour' is missing"),
        ("provider,price,term", "quotes.csv:1: column 'gpu' is missing"),
    ],
)
def test_headers_that_cannot_be_used(tmp_path: Path, header: str, said: str) -> None:
    """The same column twice, a column nobody knows, and one that is missing."""
    assert any(said in m for m in mistakes(tmp_path, f"{header}\nzeta,big,1.5,2\n"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("zeta,H100,1.5,", "quotes.csv:2: gpu: 'H100' names h100_nvl, h100_pcie, h100_sxm"),
        ("zeta,A100 80GB,1.5,", "quotes.csv:2: gpu: 'A100 80GB' names a100_pcie_80, a100_sxm_80"),
        ("zeta,h900,1.5,", "quotes.csv:2: gpu: unknown GPU 'h900'"),
        ("zeta,h100_sxm,,", "quotes.csv:2: usd_per_gpu_hour: is blank"),
        ("zeta,h100_sxm,0,", "quotes.csv:2: usd_per_gpu_hour: '0'"),
        ("zeta,h100_sxm,-2,", "quotes.csv:2: usd_per_gpu_hour: '-2'; expected a price of one GPU"),
        ("zeta,h100_sxm,10001,", "quotes.csv:2: usd_per_gpu_hour: '10001'; expected a price"),
        ('zeta,h100_sxm,"2,35",', "quotes.csv:2: usd_per_gpu_hour: '2,35' has a comma"),
        ("zeta,h100_sxm,2-3,", "quotes.csv:2: usd_per_gpu_hour: '2-3' is a range"),
        ("zeta,h100_sxm,2,4", "quotes.csv:2: max_gpus: 4; expected at least"),
        ("!!!,h100_sxm,2,", "quotes.csv:2: provider: '!!!'; expected a provider's name"),
        (",h100_sxm,2,", "quotes.csv:2: provider: is blank"),
        ("zeta,rtx_a6000,2,\nzeta,,2,", "quotes.csv:3: gpu: is blank"),
    ],
)
def test_a_quote_that_cannot_be_used(tmp_path: Path, shipped: Catalog, row: str, said: str) -> None:
    """File, line, column, what is there and what was expected."""
    text = f"provider,gpu,usd_per_gpu_hour,max_gpus\n{row}\n"
    assert any(said in mistake for mistake in mistakes(tmp_path, text, shipped))


def test_mistakes_name_the_header_as_it_is_written(tmp_path: Path) -> None:
    """So that it is found in the spreadsheet; all mistakes come at once."""
    text = "provider,gpu,Price per GPU-hour,Term\nzeta,big,5%,1y\nzeta,big,2,12m\nzeta,big,,\n"
    found = mistakes(tmp_path, text)
    assert [mistake.split(": ")[1] for mistake in found] == [
        "Price per GPU-hour",
        "Term",
        "Price per GPU-hour",
    ]


def test_a_term_without_a_unit_is_not_guessed(tmp_path: Path) -> None:
    """Twelve may be months; only a header that says hours means hours."""
    (said,) = mistakes(tmp_path, "provider,gpu,price,Term\nzeta,big,1.5,12\n")
    assert said.startswith("quotes.csv:2: Term: '12' has no unit; expected a term such as 12 mont")
    assert one(tmp_path, "provider,gpu,price,term", "zeta,big,1.5,0").pricing == "on_demand"
    hours = one(tmp_path, "provider,gpu,price,commitment_hours", "zeta,big,1.5,720")
    assert (hours.pricing, hours.commitment_hours) == ("reserved", 720)
    assert type(hours.commitment_hours) is float


@pytest.mark.parametrize("cell", ["11 years", "1e9", "12 moons", "-1y"])
def test_a_term_that_nobody_sells(tmp_path: Path, cell: str) -> None:
    """Ten years at most, in units that are known."""
    (said,) = mistakes(tmp_path, f"provider,gpu,price,term\nzeta,big,1.5,{cell}\n")
    assert said.startswith(f"quotes.csv:2: term: {cell!r}; expected a term such as 12 months")


@pytest.mark.parametrize(
    ("term", "pricing", "expected"),
    [
        ("1y", "", "reserved"),
        ("none", "", "on_demand"),
        ("", "", "on_demand"),
        ("", "spot", "spot"),
        ("1y", "On-Demand", "on_demand"),
    ],
)
def test_the_kind_of_price(tmp_path: Path, term: str, pricing: str, expected: str) -> None:
    """A term makes a quote reserved, unless its kind is given."""
    offer = one(tmp_path, "provider,gpu,price,term,pricing", f"zeta,big,1.5,{term},{pricing}")
    assert offer.pricing == expected


def test_a_gpu_whose_speed_nobody_knows(tmp_path: Path) -> None:
    """A model without a curve cannot be planned with."""
    catalog = small()
    catalog.gpus["new"] = make_gpu("new")
    (said,) = mistakes(tmp_path, "provider,gpu,price\nzeta,new,1.5\n", catalog)
    assert said == "quotes.csv:2: gpu: no MFU curve for 'new'; expected a GPU that has one"


def test_a_price_is_never_that_of_the_replaced_offer(tmp_path: Path) -> None:
    """Whoever names an offer and no price has forgotten it."""
    (said,) = mistakes(tmp_path, "offer,provider,gpu,price\nalpha_big,alpha,big,\n")
    assert said.startswith("quotes.csv:2: price: is blank; expected a price of one GPU")


def test_the_template_reads_back_and_changes_nothing(tmp_path: Path, shipped: Catalog) -> None:
    """Its examples have expired, and each says so."""
    catalog = quoted(tmp_path, quote_template(), shipped)
    assert catalog.offers == shipped.offers
    assert catalog.sources == shipped.sources
    assert len(catalog.remarks) == 3
    assert all("of example_cloud for" in said and "left out" in said for said in catalog.remarks)
    # With another date in its examples they are offers like any other.
    filled = quoted(tmp_path, quote_template().replace("2025-01-31", "2027-01-31"), shipped)
    assert [offer.offer for offer in filled.offers[-3:]] == [
        "example_cloud_h100_sxm_reserved",
        "example_cloud_b200_sxm_on_demand",
        "example_cloud_h200_sxm_reserved",
    ]
    assert filled.offers[-1].usd_per_gpu_hour == 3
    (said,) = filled.remarks
    assert said.startswith("quotes.csv:4: '17520.00' for a node of 8 GPUs and a month of 730 hours")
