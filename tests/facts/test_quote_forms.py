"""Quotes in the forms of vendors: each read for what it says, or refused for what it is."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from quote_cases import TODAY

from catalog import Catalog, CatalogError, Offer, load_catalog
from catalog.quotes import add_quotes

RATES = {"EUR": 1.09, "GBP": 1.25, "CHF": 1.1, "JPY": 0.0065}


@dataclass(frozen=True)
class Form:
    """A file of quotes, and the offers that it holds by what is expected of each."""

    text: str
    offers: tuple[dict[str, Any], ...]
    remarks: tuple[str, ...] = field(default=())


FORMS = {
    "plain": Form(
        "provider,gpu,price\nzeta,h100_sxm,2.35\n",
        ({"usd_per_gpu_hour": 2.35, "gpus_per_node": 8, "max_gpus": 8},),
    ),
    "node-month in euros, with what is prepaid": Form(
        "Provider,GPU,Currency,Price per node-month,Node size,Largest cluster,Network,Term,"
        "Prepayment,Payment schedule\n"
        'Zeta,H100 SXM5 80 GB,EUR,"13,400.00",8,256,InfiniBand,12 months,25 %,quarterly\n',
        (
            {
                "usd_per_gpu_hour": 13_400 * 1.09 / 8 / 730,
                "commitment_hours": 8760,
                "pricing": "reserved",
                "prepaid_share": 0.25,
                "payment": "quarterly",
                "max_gpus": 256,
            },
        ),
        ("'13,400.00' in EUR for a node of 8 GPUs and a month of 730 hours is 2.50103 USD",),
    ),
    "TPU by the core": Form(
        "offer,provider,gpu,USD/core-hour,node size,largest cluster\n"
        ",acme,TPU v5p,2.10,4,256\n,acme,TPU v6e,2.70,8,256\n",
        ({"gpu": "tpu_v5p", "usd_per_gpu_hour": 4.2}, {"gpu": "tpu_v6e", "usd_per_gpu_hour": 2.7}),
        ("for a core (2 a chip) and an hour is 4.2 USD a GPU-hour",),
    ),
    "TPU by the chip": Form(
        "provider,gpu,Unit price (USD per TPU chip-hour),node size,largest cluster\n"
        "acme,TPU v4,3.22,4,64\n",
        ({"gpu": "tpu_v4", "usd_per_gpu_hour": 3.22, "fabric": "ici"},),
    ),
    "cents": Form(
        "provider,gpu,cents per GPU-hour\nzeta,L40S 48GB,79\n",
        ({"gpu": "l40s", "usd_per_gpu_hour": 0.79},),
        ("'79' in USD cents for a GPU and an hour is 0.79 USD a GPU-hour",),
    ),
    "a server for a year": Form(
        "provider,gpu,yearly price per server,node size,term\n"
        'acme,HGX H200 141 GB,"210,240.00",8,1 year\n',
        ({"gpu": "h200_sxm", "usd_per_gpu_hour": 3.0, "commitment_hours": 8760},),
    ),
    "the unit in a column": Form(
        "provider,gpu,price,unit,node size,largest cluster,network\n"
        "zeta,B200 192GB,27.20,USD/node-hour,8,512,RoCE\n"
        "yota,B200 SXM,2482,GPU-month,8,512,RoCE\n",
        ({"usd_per_gpu_hour": 3.4}, {"usd_per_gpu_hour": 3.4}),
    ),
    "the unit in the cell": Form(
        "provider,gpu,price,node size\n"
        "zeta,h100_sxm,$18.80/node-hour,8\nyota,h100_sxm,US$1715.50 per GPU per month,8\n",
        ({"usd_per_gpu_hour": 2.35}, {"usd_per_gpu_hour": 2.35}),
    ),
    "the size of the node in the unit": Form(
        "provider,gpu,price per 8-GPU server-hour\nzeta,h100_sxm,18.80\n",
        ({"usd_per_gpu_hour": 2.35, "gpus_per_node": 8},),
    ),
    "semicolons and decimal commas": Form(
        "Provider;GPU;Price;Currency;Node size;Largest cluster;Network\n"
        "Zeta;A100 SXM 80 GB;1,35;EUR;8;64;InfiniBand\n"
        "Yota;A100 SXM 80 GB;1,40;USD;8;64;InfiniBand\n",
        ({"usd_per_gpu_hour": 1.35 * 1.09}, {"usd_per_gpu_hour": 1.4}),
    ),
    "a comma in euros": Form(
        'provider,gpu,price\nzeta,h100_sxm,"2,10 €"\n', ({"usd_per_gpu_hour": 2.1 * 1.09},)
    ),
    "euros in the header": Form(
        "provider,gpu,EUR/GPU-hour\nzeta,h100_sxm,2.10\n",
        ({"usd_per_gpu_hour": 2.1 * 1.09},),
        ("'2.10' in EUR for a GPU and an hour is 2.289 USD a GPU-hour at your 1.09 USD a EUR",),
    ),
    "tabs": Form(
        "provider\tgpu\tprice (CHF per GPU-hour)\nzeta\tMI300X 192GB\t1.60\n",
        ({"gpu": "mi300x", "usd_per_gpu_hour": 1.76},),
    ),
    "tiers": Form(
        "provider,gpu,volume tiers,node size,largest cluster,network\n"
        "zeta,h100_sxm,8:2.60; 64:2.40; 256:2.20,8,512,InfiniBand\n",
        (
            {"offer": "zeta_h100_sxm_on_demand_from_8", "min_gpus": 8, "max_gpus": 63}
            | {"usd_per_gpu_hour": 2.6},
            {"offer": "zeta_h100_sxm_on_demand_from_64", "min_gpus": 64, "max_gpus": 255}
            | {"usd_per_gpu_hour": 2.4},
            {"offer": "zeta_h100_sxm_on_demand_from_256", "min_gpus": 256, "max_gpus": 512}
            | {"usd_per_gpu_hour": 2.2},
        ),
    ),
    "tiers of nodes in euros": Form(
        "offer,provider,gpu,tiers,unit,currency,node size,network\n"
        "mine,zeta,h100_sxm,16: 16.00; 128: 15.20,node-hour,EUR,8,RoCE\n",
        (
            {"offer": "mine_from_16", "usd_per_gpu_hour": 2.18, "max_gpus": 127},
            {"offer": "mine_from_128", "usd_per_gpu_hour": 2.071, "max_gpus": 128},
        ),
        ("the 128 GPUs that tiers or weeks end with are assumed",),
    ),
    "a ramp-up": Form(
        "provider,gpu,price,node size,ramp-up by week,network,delivery\n"
        'zeta,b200_sxm,3.2,8,"64, 128, 128, 256",IB,2 weeks\n',
        (
            {"min_gpus": 1, "max_gpus": 64, "lead_time_hours": 336},
            {"min_gpus": 65, "max_gpus": 128, "lead_time_hours": 336 + 168},
            {"min_gpus": 129, "max_gpus": 256, "lead_time_hours": 336 + 3 * 168},
        ),
    ),
    "a set-up fee, a minimum and support": Form(
        "provider,gpu,price,set-up fee,minimum spend,support,egress\n"
        'zeta,h100_sxm,€2.00,"5,000","€250,000",10 %,€0.05/GB\n'
        "yota,h100_sxm,2.00,none,0,0.05,$500 flat\n",
        (
            {"setup_usd": 5450, "minimum_usd": 272_500, "support_share": 0.1}
            | {"egress_usd_per_gb": 0.0545},
            {"setup_usd": 0, "minimum_usd": 0, "support_share": 0.05, "egress_usd": 500}
            | {"egress_usd_per_gb": 0},
        ),
    ),
    "sums in a currency of their own": Form(
        "provider,gpu,price,setup fee (EUR),minimum spend (USD),prepayment,support %\n"
        "zeta,h100_sxm,£1.60,1000,20000,£30000,10\n",
        (
            {"usd_per_gpu_hour": 2.0, "setup_usd": 1090, "minimum_usd": 37_500}
            | {"support_share": 0.1, "prepaid_share": 0},
        ),
    ),
    "egress in a currency of its header": Form(
        "provider,gpu,EUR/GPU-hour,egress (USD/GB),setup_usd\nzeta,h100_sxm,2,0.09,100\n",
        ({"usd_per_gpu_hour": 2.18, "egress_usd_per_gb": 0.09, "setup_usd": 100},),
    ),
    "egress by the terabyte": Form(
        "provider,gpu,price,egress fee (EUR/GB),payment\nzeta,h100_sxm,2,0.10,monthly in arrears\n"
        "yota,h100_sxm,2,€90/TB,\n",
        (
            {"egress_usd_per_gb": 0.109, "payment": "monthly"},
            {"egress_usd_per_gb": 0.0981, "payment": ""},
        ),
    ),
    "a day of delivery": Form(
        "provider,gpu,price,delivery date,valid until\nzeta,h100_sxm,2,2026-12-20,2026-12-31\n",
        ({"lead_time_hours": 30 * 24},),
    ),
    "delivered now": Form(
        "provider,gpu,price,delivery\nzeta,h100_sxm,2,2026-11-01\nyota,h100_sxm,2,now\n",
        ({"lead_time_hours": 0}, {"lead_time_hours": 0}),
    ),
    "yen for a thousand": Form(
        'provider,gpu,JPY per node-hour,node size\nacme,h100_sxm,"2,880.0",8\n',
        ({"usd_per_gpu_hour": 2880 * 0.0065 / 8},),
    ),
}

REFUSED = {
    "a price per vCPU": (
        "provider,gpu,price per vCPU-hour\nzeta,h100_sxm,0.05\n",
        "q.csv:1: column 'price per vCPU-hour': a price per vcpu is a "
        "processor's price, not a GPU's; expected one per GPU-hour, ",
    ),
    "a price per rack": (
        "provider,gpu,price per rack-month\nzeta,gb200_nvl72,150000\n",
        "a price per rack does not say of how many GPUs",
    ),
    "a price per token": (
        "provider,gpu,USD per 1M tokens\nzeta,h100_sxm,0.5\n",
        "a price per token is a price of work, not time",
    ),
    "a unit that nobody knows": (
        "provider,gpu,price per moon\nzeta,h100_sxm,2\n",
        "column 'price per moon': 'moon' is no unit of a price that is known; expected one per",
    ),
    "a core of a GPU": (
        "provider,gpu,price per core-hour\nzeta,h100_sxm,0.01\n",
        "'0.01' is a price of a core, known of tpu_v4, tpu_v5e, tpu_v5p, tpu_v6e; expected that of "
        "a whole h100_sxm",
    ),
    "a node of no known size": (
        "provider,gpu,price per node-hour\nzeta,h100_sxm,18.8\n",
        "'18.8' is a price of a node; expected its GPUs; give the column node size",
    ),
    "a node of two sizes": (
        "provider,gpu,price per 8-GPU node-hour,node size\nzeta,h100_sxm,18.8,4\n",
        "'18.8' is of a node of 8 GPUs; the node size is 4",
    ),
    "a month of what": (
        "provider,gpu,monthly price\nzeta,h100_sxm,1715\n",
        "'1715' says for how long, but not of what; expected one per GPU-hour",
    ),
    "a GPU for how long": (
        "provider,gpu,price per GPU\nzeta,h100_sxm,1715\n",
        "'1715' says of what, but not for how long",
    ),
    "a currency without a rate": (
        "provider,gpu,price,currency\nzeta,h100_sxm,2,SEK\n",
        "q.csv:2: price: '2' is in SEK; expected USD, or your rate: --fx SEK=<USD of one SEK>",
    ),
    "two currencies": (
        "provider,gpu,price,currency\nzeta,h100_sxm,$2,EUR\n",
        "'$2' the cell, its header and the columns say more than one currency",
    ),
    "two units": (
        "provider,gpu,price per GPU-hour,unit\nzeta,h100_sxm,2,node-hour\n",
        "'2' the cell, its header and the columns say more than one unit",
    ),
    "thousands or decimals": (
        'provider,gpu,price,unit,node size\nzeta,h100_sxm,"1,150",node-month,8\n',
        "'1,150' may be 1.150 or 1150; expected it without the comma or point",
    ),
    "a decimal comma in dollars": (
        'provider,gpu,price\nzeta,h100_sxm,"2,10"\n',
        "'2,10' has a comma, for decimals or thousands",
    ),
    "a price far too high for a GPU-hour": (
        "provider,gpu,price per node-month,node size\nzeta,h100_sxm,90000000,8\n",
        "'90000000' is 15,411 USD a GPU-hour; expected a price of one GPU",
    ),
    "a formula": (
        "provider,gpu,price\nzeta,h100_sxm,=1+1\n",
        "q.csv:2: price: '=1+1' is a formula; expected its value",
    ),
    "markup": (
        "provider,gpu,price\nzeta,h100_sxm,<b>2</b>\n",
        "'<b>2</b>' has markup; expected plain text",
    ),
    "a formula for a name": (
        'provider,gpu,price\n"=HYPERLINK(""x"")",h100_sxm,2\n',
        "q.csv:2: provider: '=HYPERLINK(\"x\")' is a formula; expected its value",
    ),
    "a formula for a fee": (
        "provider,gpu,price,set-up fee\nzeta,h100_sxm,2,=A1\n",
        "q.csv:2: set-up fee: '=A1' is a formula",
    ),
    "a unit that no GPU is sold in": (
        "provider,gpu,price,unit\nzeta,h100_sxm,2,vCPU-hour\n",
        "q.csv:2: unit: 'vCPU-hour': a price per vcpu is a processor's price, not a GPU's",
    ),
    "hours or their price": (
        "provider,gpu,GPU/hr\nzeta,h100_sxm,2\n",
        "column 'GPU/hr': may be hours or their price; expected a header such as price per GPU",
    ),
    "a sum for every month": (
        "provider,gpu,price,minimum spend\nzeta,h100_sxm,2,10000/month\n",
        "'10000/month' is a price of time; expected one sum",
    ),
    "a family": ("provider,gpu,price\nzeta,A100 80GB,2\n", "names a100_pcie_80, a100_sxm_80"),
    "a memory that it lacks": (
        "provider,gpu,price\nzeta,L40S 80 GB,2\n",
        "q.csv:2: gpu: 'L40S 80 GB': L40S has 48 GB, not 80",
    ),
    "tiers beside a price": (
        "provider,gpu,price,tiers\nzeta,h100_sxm,2,8:2.6\n",
        "q.csv:2: price: '2' is given beside 'tiers'; expected one of them",
    ),
    "tiers that do not rise": (
        "provider,gpu,tiers\nzeta,h100_sxm,64:2.4; 8:2.6\n",
        "sizes do not rise from tier to tier",
    ),
    "no tiers": ("provider,gpu,tiers\nzeta,h100_sxm,2.40\n", "'2.40' is no tier; expected GPUs"),
    "a tier that is not sold": (
        "provider,gpu,tiers,largest cluster,network\nzeta,h100_sxm,8:2.6; 256:2.2,128,IB\n",
        "q.csv:2: tiers: a tier from 256 GPUs, a largest cluster of 128; expected no tier beyond",
    ),
    "a ramp-up that ends too low": (
        "provider,gpu,price,ramp,largest cluster,network\nzeta,h100_sxm,2,64 128,256,IB\n",
        "q.csv:2: ramp: ends with 128 GPUs, below the largest cluster of 256",
    ),
    "a ramp-down": (
        'provider,gpu,price,ramp\nzeta,h100_sxm,2,"64, 32"\n',
        "'64, 32' falls from week to week",
    ),
    "support as a sum": (
        "provider,gpu,price,support\nzeta,h100_sxm,2,$500\n",
        "'$500'; expected a",
    ),
    "support of ten": (
        "provider,gpu,price,support\nzeta,h100_sxm,2,10\n",
        "10 may be a percentage; expected one such as 10 % or 0.1",
    ),
    "egress of what": (
        "provider,gpu,price,egress\nzeta,h100_sxm,2,0.05\n",
        "'0.05': for a GB or for all of it? expected 0.05 USD/GB or 500 USD flat",
    ),
    "a term of payment that nobody knows": (
        "provider,gpu,price,payment terms\nzeta,h100_sxm,2,net 30\n",
        "'net 30'; expected one of monthly, quarterly, yearly, upfront",
    ),
    "delivery after the price ends": (
        "provider,gpu,price,delivery,valid until\nzeta,h100_sxm,2,2027-03-01,2026-12-31\n",
        "q.csv:2: delivery: 2027-03-01 is after 2026-12-31, the last day of the quote",
    ),
    "a term longer than the offer": (
        "provider,gpu,price,term,longest_hours\nzeta,h100_sxm,2,1 year,720\n",
        "q.csv:2: longest_hours: 720; expected at least the 8760 of commitment_hours",
    ),
    "delivery without a unit": (
        "provider,gpu,price,lead time\nzeta,h100_sxm,2,6\n",
        "'6' has no unit; expected a day as YYYY-MM-DD, a time such as 6 weeks, or now",
    ),
    "two days of delivery": (
        "provider,gpu,price,delivery,lead_time_hours\nzeta,h100_sxm,2,6 weeks,48\n",
        "is given beside lead_time_hours; expected one of them",
    ),
    "a name that a part would have": (
        "offer,provider,gpu,price,tiers,largest cluster,network\n"
        "q,zeta,h100_sxm,,8:2.6; 64:2.4,64,IB\nq_from_8,zeta,h100_sxm,2,,64,IB\n",
        "q.csv:2: offer: 'q_from_8' would be the name of a part of it, and is another offer's",
    ),
}


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    """The shipped catalog."""
    return load_catalog()


def added(folder: Path, text: str, catalog: Catalog) -> tuple[tuple[Offer, ...], tuple[str, ...]]:
    """The offers of the user's own, and the remarks."""
    path = folder / "q.csv"
    path.write_text(text, encoding="utf-8")
    found = add_quotes(catalog, path, TODAY, fx=RATES)
    return found.offers[len(catalog.offers) :], found.remarks


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_read(tmp_path: Path, shipped: Catalog, name: str) -> None:
    """Each figure that it gives, in the units of an offer, and no offer beside its own."""
    form = FORMS[name]
    offers, remarks = added(tmp_path, form.text, shipped)
    assert len(offers) == len(form.offers)
    for offer, expected in zip(offers, form.offers, strict=True):
        for column, value in expected.items():
            found = getattr(offer, column)
            assert found == (pytest.approx(value) if isinstance(value, float) else value), column
    for said in form.remarks:
        assert any(said in remark for remark in remarks), remarks


@pytest.mark.parametrize("name", REFUSED)
def test_a_form_is_refused(tmp_path: Path, shipped: Catalog, name: str) -> None:
    """With one sentence on what it is, and no guess at what it may have meant."""
    text, reason = REFUSED[name]
    with pytest.raises(CatalogError) as caught:
        added(tmp_path, text, shipped)
    (said,) = caught.value.mistakes
    assert reason in said
    assert "did you mean" not in said
