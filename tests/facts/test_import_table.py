"""Tables as they are published, in small files of the same form: each trap is a test.

All values and names of providers are made up.
"""

import json
import os
import random
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import pytest
from refresh_market import TODAY, tree, write_market

from catalog import CatalogError, Offer, load_catalog
from catalog.refresh.importing import Imported
from catalog.refresh.listing import BESIDE_THE_HOST, NO_GPU
from catalog.refresh.lists.importing import Given, import_table
from catalog.refresh.lists.mapped import OLDER
from catalog.refresh.lists.row import (
    COUNTS_DIFFER,
    CURRENCIES_DIFFER,
    FRACTION,
    FROM,
    NO_COUNT,
    NO_NODE,
    NO_RATE,
    NONE_THERE,
    ONE_GPU,
)
from catalog.refresh.lists.shapes import DISK, LOWEST
from catalog.refresh.lists.sold import NO_DAY, WORDS_DIFFER
from catalog.refresh.lists.units import SIZES_DIFFER, UNITS_DIFFER, UNKNOWN_UNIT
from catalog.refresh.lists.words import (
    AVERAGE,
    BLOCK,
    OWN_TERM,
    SERVERLESS,
    TERMS_DIFFER,
    UNKNOWN_KIND,
)
from catalog.refresh.money import read_money

READ_ON = "2026-11-18"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's catalog, not there yet."""
    folder = tmp_path / "mine"
    monkeypatch.setenv("SIXND_CATALOG", str(folder))
    return folder


def bring(
    folder: Path,
    text: str,
    *maps: str,
    provider: str | None = None,
    unit: str | None = None,
    shape: str | None = None,
    fx: tuple[str, ...] = (),
    currency: str | None = None,
    read_on: str | None = READ_ON,
    name: str = "list.txt",
) -> Imported:
    """Import a table with this text into the user's catalog."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    stamp = datetime.fromisoformat(READ_ON).timestamp()
    os.utime(path, (stamp, stamp))
    market = write_market(folder / "shipped")
    given = Given(read_on, read_money(currency, fx), provider, TODAY, shipped=market)
    return import_table(str(path), maps, shape, unit, given)


def imported_offers(home: Path, *providers: str) -> list[Offer]:
    """What the user's catalog has of the imports, in order."""
    offers = load_catalog(home, TODAY).offers
    found = [o for o in offers if o.source.startswith("import_csv_")]
    return [one for one in found if not providers or one.provider in providers]


def left_out(imported: Imported) -> dict[str, int]:
    """What was left out, counted."""
    return {reason.reason: reason.count for reason in imported.left_out}


# Shape 4 of public lists: daily observations, in long form.
OBSERVATIONS = """\
date,collected_at,source,provider,segment,pricing,gpu_model,sku,region,geo,gpu_count,usd_per_hour,usd_per_gpu_hour,sample_size
2026-11-02,2026-11-02T06:10:11+00:00,source-a,prov-a,hyperscaler,on_demand,H100-SXM,x9.48xlarge,aa-bbbb-1,EU,8,20.0,2.5,1
2026-11-02,2026-11-02T06:10:11+00:00,source-b,market-b,marketplace,marketplace_median,H100-SXM,,,GLOBAL,1,1.25,1.25,14
2026-11-01,2026-11-01T06:10:11+00:00,source-a,prov-a,hyperscaler,on_demand,H100-SXM,x9.48xlarge,aa-bbbb-1,EU,8,24.0,3.0,1
"""


def test_observations(tmp_path: Path, home: Path) -> None:
    """A median is no offer, the newest day counts, and a row keeps its own day."""
    imported = bring(tmp_path, OBSERVATIONS)
    (offer,) = imported_offers(home)
    assert (offer.provider, offer.gpu, offer.usd_per_gpu_hour) == ("prov_a", "h100_sxm", 2.5)
    assert (offer.gpus_per_node, "instance x9.48xlarge" in offer.note) == (8, True)
    assert (offer.region, offer.read_on.isoformat()) == ("aa-bbbb-1", "2026-11-02")
    assert left_out(imported) == {AVERAGE: 1, OLDER: 1}


# Shape 5: terms of hyperscalers, a GPU.
TIERS = """\
gpu_type,provider,price_tier,per_gpu_hourly_usd,total_hourly_usd,region,gpu_count,sku,fetched_at
H100-SXM,prov-a,reserved_1y,1.25,10.0,aa-bbbb-1,8,x9.48xlarge,2026-11-02T03:04:05+00:00
H100-SXM,prov-a,on_demand,2.5,20.0,aa-bbbb-1,8,x9.48xlarge,2026-11-02T03:04:05+00:00
H100-SXM,prov-g,on_demand,1.5,,aaaa-west1,,H100 80GB Gpu in Aaaa,2026-11-02T03:04:05+00:00
H100-SXM,prov-g,calendar,1.5,,aaaa-west1,,H100 80GB Gpu Calendar Mode in Aaaa,2026-11-02T03:04Z
"""


def test_tiers(tmp_path: Path, home: Path) -> None:
    """A term binds; a GPU without its machine and calendar mode are left out."""
    imported = bring(tmp_path, TIERS)
    one_year, on_demand = sorted(imported_offers(home), key=lambda o: o.usd_per_gpu_hour)
    assert (one_year.pricing, one_year.commitment_hours) == ("reserved", 8760)
    assert (one_year.usd_per_gpu_hour, one_year.upfront_usd_per_gpu) == (1.25, 0)
    assert one_year.offer == "prov_a_h100_sxm_reserved_1y_8x_x9_48xlarge_aa_bbbb_1"
    assert (on_demand.pricing, on_demand.usd_per_gpu_hour) == ("on_demand", 2.5)
    assert left_out(imported) == {BESIDE_THE_HOST: 2}
    whole = TIERS.replace("calendar,1.5,,aaaa-west1,,", "calendar,1.5,12,aaaa-west1,8,")
    assert left_out(bring(tmp_path, whole)) == {BESIDE_THE_HOST: 1, BLOCK: 1}


# Shape 6: providers' own minimum sizes.
MINIMUMS = """\
provider,gpu_type,provisioning,usd_per_gpu_hour,min_gpus,product,source,checked_at,notes
aws,H100-SXM,on_demand,2.5,16,Clusters,https://prov-a.example/pricing,2026-11-02,list price
aws,H100-SXM,reserved,1.75,64,Reserved,https://prov-b.example/pricing,2026-11-02,from; contract
aws,H100-SXM,reserved,1.5,64,Reserved,https://prov-b.example/pricing,2026-11-02,from; 1-year term
prov-c,H100-SXM,on_demand,2.25,64,Reserved,https://prov-c.example/pricing,2026-11-02,list price
"""


def test_minimums(tmp_path: Path, home: Path) -> None:
    """'from' is flagged, a term may be in the notes alone, and a node size is never invented."""
    imported = bring(tmp_path, MINIMUMS)
    reserved, on_demand = sorted(imported_offers(home), key=lambda o: o.usd_per_gpu_hour)
    assert (reserved.commitment_hours, reserved.min_gpus) == (8760, 64)
    assert FROM in reserved.note
    assert "contract" not in reserved.cluster_class
    assert (on_demand.gpus_per_node, on_demand.min_gpus) == (8, 16)
    assert FROM not in on_demand.note
    assert left_out(imported) == {OWN_TERM: 1, NO_NODE: 1}


def test_averages_are_refused(tmp_path: Path, home: Path) -> None:
    """Shape 7: nobody is asked to pay them."""
    text = "gpu,provider,average_usd_per_gpu_hour,prices,status,read_at\nH100,prov-a,2.375,2,ok,x\n"
    with pytest.raises(CatalogError, match="averages over what a provider sells") as raised:
        bring(tmp_path, text)
    assert "expected a list of offers" in str(raised.value)
    assert not home.exists()


def test_an_index_is_refused(tmp_path: Path, home: Path) -> None:
    """Shape 8: wide, one row a day, no offers; cells may be blank."""
    text = (
        "date,hyperscaler-H100,neocloud-H100,neocloud-MI300X\n"
        "2026-11-02,7.25,2.25,\n2026-11-03,7.25,2.5,2.0\n"
    )
    with pytest.raises(CatalogError, match="an index without offers"):
        bring(tmp_path, text)
    assert not home.exists()


# Shape 9: JSON, one file of offers.
RENTALS = """\
{"date":"2026-11-02","generated_at":"2026-11-02T03:04:05Z","offers":[
 {"provider":"Prov A","gpu":"H100 SXM","vram_gb":80,"usd_hr":2.5,"kind":"on-demand","min_gpus":1,
  "fetched_at":"2026-11-02T03:00:00Z"},
 {"provider":"Prov A","gpu":"H100 SXM","vram_gb":80,"usd_hr":0.9,"kind":"serverless","min_gpus":1,
  "fetched_at":"2026-11-02T03:00:00Z"},
 {"provider":"Prov B","gpu":"H100 SXM","vram_gb":80,"usd_hr":1.25,"kind":"marketplace","min_gpus":1,
  "fetched_at":"2026-11-01T03:00:00Z"},
 {"provider":"Prov B","gpu":"H100","vram_gb":80,"usd_hr":1.25,"kind":"marketplace","min_gpus":1},
 {"provider":"Prov B","gpu":"L40S","vram_gb":48,"usd_hr":0.75,"kind":"on-demand","min_gpus":1}],
 "providers":{},"meta":{}}
"""


def test_rentals(tmp_path: Path, home: Path) -> None:
    """A GPU's price; serverless and a part without a form are left out; an old row stays old."""
    imported = bring(tmp_path, RENTALS, read_on=None)
    found = {(o.provider, o.gpu): o for o in imported_offers(home)}
    assert set(found) == {("prov_a", "h100_sxm"), ("prov_b", "h100_sxm"), ("prov_b", "l40s")}
    old = found["prov_b", "h100_sxm"]
    assert (old.pricing, old.usd_per_gpu_hour) == ("marketplace", 1.25)
    assert old.read_on.isoformat() == "2026-11-01"
    # A row without a day has that which the list states for itself.
    assert found["prov_b", "l40s"].read_on.isoformat() == "2026-11-02"
    assert found["prov_b", "l40s"].gpus_per_node == 1
    assert ONE_GPU not in found["prov_b", "l40s"].note  # one is the fewest, says the list
    assert left_out(imported) == {SERVERLESS: 1, "form factor or memory not stated": 1}


# Shape 10: YAML, machine by region.
REGIONAL = """\
# prices
compute:
  instance:
    a3-highgpu-8g:
      cost:
        aaaa-west1:
          hour: 80.0
          hour_spot: 32.5
          month: 58400.0
          month_1y: 40880.0
          month_3y: 23360.0
        bbbb-west1: {hour: 88.0, hour_spot: 0, month: 64240.0, month_1y: 0, month_3y: 0}
      cpu: 208
      h100-80gb: 8
      local-ssd: 16
      ram: 1872
    n1-standard-8:
      cost:
        aaaa-west1: {hour: 0.4, hour_spot: 0.1, month_1y: 200, month_3y: 100}
      cpu: 8
      ram: 30
"""


def test_regional(tmp_path: Path, home: Path) -> None:
    """Months of 730 hours, 0 is none, one machine over all GPUs; the provider is asked for."""
    with pytest.raises(CatalogError, match=r"no column says who sells it; add --provider NAME"):
        bring(tmp_path, REGIONAL)
    imported = bring(tmp_path, REGIONAL, provider="Google")
    found = {(o.region, o.pricing, o.commitment_hours): o for o in imported_offers(home)}
    assert {key: o.usd_per_gpu_hour for key, o in found.items()} == {
        ("aaaa-west1", "on_demand", 0): 10.0,
        ("aaaa-west1", "spot", 0): 4.0625,
        ("aaaa-west1", "reserved", 8760): 7.0,
        ("aaaa-west1", "reserved", 26280): 4.0,
        ("bbbb-west1", "on_demand", 0): 11.0,
    }
    assert {o.provider for o in found.values()} == {"gcp"}
    assert "regions that may not have the machine" in found["aaaa-west1", "on_demand", 0].note
    assert left_out(imported) == {NO_GPU: 1}


def test_cheapest_of_a_day(tmp_path: Path, home: Path) -> None:
    """Shape 11: JSON lines; the newest line is the list, and its prices are the lowest."""
    text = (
        '{"collected_at":"2026-11-01T03:04:05Z","cheapest":{"prov-a":{"H100 80GB SXM":2.0}}}\n'
        '{"collected_at":"2026-11-02T03:04:05Z","cheapest":{"prov-a":{"H100 SXM":2.5,"L9":1}}}\n'
    )
    imported = bring(tmp_path, text)
    (offer,) = imported_offers(home)
    assert (offer.usd_per_gpu_hour, offer.read_on.isoformat()) == (2.5, "2026-11-02")
    assert LOWEST in offer.note
    assert left_out(imported) == {"GPU not in the catalog, or without an MFU curve there": 1}


def test_snapshots_with_bars(tmp_path: Path, home: Path) -> None:
    """Shape 12: two prices a row, | between the cells."""
    text = (
        "snapshot_date|chip|gpu_mem_gb|provider|region|sku|gpus|od_per_gpu_h|spot_per_gpu_h|basis\n"
        "2026-11-02|H100 SXM|80|prov-a|aa-1|x9.48xlarge|8|2.5|1.25|list\n"
    )
    bring(tmp_path, text)
    assert {(o.pricing, o.usd_per_gpu_hour) for o in imported_offers(home)} == {
        ("on_demand", 2.5),
        ("spot", 1.25),
    }


def test_four_terms_in_a_row(tmp_path: Path, home: Path) -> None:
    """Shape 13: prices of a machine, on demand, spot, and two savings plans."""
    text = (
        "sku|series|accelerator|accelerators|linux_per_hour|linux_spot_per_hour|"
        "linux_savings_1y_per_hour|linux_savings_3y_per_hour\n"
        "x9.48xlarge|x9|H100-SXM|8|20|10|14|8\n"
        "x9.large|x9||0|0.1|0.05||\n"
    )
    imported = bring(tmp_path, text, provider="prov-a")
    found = {(o.pricing, o.commitment_hours): o.usd_per_gpu_hour for o in imported_offers(home)}
    assert found == {
        ("on_demand", 0): 2.5,
        ("spot", 0): 1.25,
        ("reserved", 8760): 1.75,
        ("reserved", 26280): 1.0,
    }
    assert left_out(imported) == {NO_GPU: 1}


TICKS = """\
observation_day|gpu_model|provider|sku|gpu_count|gpu_fraction|price_type|currency|price_per_hour|price_per_gpu_hour|original_currency
2026-11-02|H100-SXM|prov-a|x8|8|1|on_demand|USD|20|2.5|EUR
2026-11-02|H100-SXM|prov-a|x8q|1|0.25|on_demand|USD|0.6|2.4|USD
2026-11-02|B200|prov-a|y8|8|1|on_demand|EUR|32|4|EUR
"""


def test_fractions_and_currencies(tmp_path: Path, home: Path) -> None:
    """Shape 14: a quarter of a GPU is none; a currency needs a rate; a conversion is told."""
    imported = bring(tmp_path, TICKS)
    (offer,) = imported_offers(home)
    assert (offer.gpu, offer.usd_per_gpu_hour) == ("h100_sxm", 2.5)
    assert "the list converted it from EUR" in offer.note
    assert left_out(imported) == {FRACTION: 1, NO_RATE: 1}
    bring(tmp_path, TICKS, fx=("EUR=1.25",))
    found = {o.gpu: o for o in imported_offers(home)}
    assert found["b200_sxm"].usd_per_gpu_hour == 5
    assert "converted from EUR at 1.25 USD" in found["b200_sxm"].note


def test_words_and_numbers_that_disagree(tmp_path: Path, home: Path) -> None:
    """Shape 15: YAML of plans; a unit in each row."""
    plan = "{{name: {0}, price_text: '{1}', price: {2}, unit: {3}, included_quota: null}}"
    rows = (
        ("H100 SXM on demand", "from $2.50/hr", "2.5", "gpu-hour"),
        ("L40S on demand", "$1.50/hr", "0.5", "gpu-hour"),
        ("B200", "$900 a month", "900", "month"),
        ("B200 reserved", "$3/hr", "3", "gpu-hour"),
    )
    text = "plans:\n" + "".join(f"  - {plan.format(*row)}\n" for row in rows)
    imported = bring(tmp_path, text, provider="prov-a")
    (offer,) = imported_offers(home)
    assert (offer.gpu, offer.usd_per_gpu_hour) == ("h100_sxm", 2.5)
    assert FROM in offer.note
    assert left_out(imported) == {WORDS_DIFFER: 1, UNKNOWN_UNIT: 1, OWN_TERM: 1}


def test_changes_only(tmp_path: Path, home: Path) -> None:
    """Shape 16: a price stands until the next row of its key; one without a price ends it."""
    text = (
        "change_pct|date|from_hourly_usd|gpu|key|source_url|status|tier|to_hourly_usd|vendor|vram_gb\n"
        "|2026-10-01||H100 SXM|a/h100|u|new|on_demand|3|prov-a|80\n"
        "-16|2026-11-01|3|H100 SXM|a/h100|u|changed|on_demand|2.5|prov-a|80\n"
        "|2026-10-01||L40S|a/l40s|u|new|on_demand|1|prov-a|48\n"
        "|2026-11-01|1|L40S|a/l40s|u|gone|on_demand||prov-a|48\n"
    )
    with pytest.raises(CatalogError, match="'to_hourly_usd' of a machine, or of one GPU"):
        bring(tmp_path, text)
    imported = bring(tmp_path, text, unit="gpu")
    (offer,) = imported_offers(home)
    assert (offer.gpu, offer.usd_per_gpu_hour) == ("h100_sxm", 2.5)
    assert offer.read_on.isoformat() == "2026-11-01"
    assert left_out(imported) == {OLDER: 2, "no price": 1}


LAMBDA = """\
{"data": {"gpu_8x_h100_sxm5": {"instance_type": {"name": "gpu_8x_h100_sxm5",
 "description": "8x H100 (80 GB SXM5)", "price_cents_per_hour": 2000,
 "specs": {"vcpus": 208, "memory_gib": 1800, "gpus": 8}},
 "regions_with_capacity_available": [{"name": "us-west-1"}, {"name": "us-east-1"}]},
 "gpu_8x_a100": {"instance_type": {"name": "gpu_8x_a100",
 "description": "8x A100 (40 GB SXM4)", "price_cents_per_hour": 1032,
 "specs": {"gpus": 8}}, "regions_with_capacity_available": []}}}
"""


def test_lambda_counts_cents_of_a_machine(tmp_path: Path, home: Path) -> None:
    """And gpu_8x_a100 is the part with 40 GB."""
    bring(tmp_path, LAMBDA)
    found = {o.gpu: o for o in imported_offers(home)}
    assert found["h100_sxm"].usd_per_gpu_hour == 2.5
    assert found["h100_sxm"].region == "us-east-1 us-west-1"
    assert found["a100_sxm_40"].usd_per_gpu_hour == 1.29
    assert {o.provider for o in found.values()} == {"lambda"}


SHADEFORM = """\
{"instance_types": [
 {"cloud": "c", "shade_instance_type": "H100", "cloud_instance_type": "h100x8",
  "hourly_price": 2000,
  "configuration": {"gpu_type": "H100", "interconnect": "sxm5", "num_gpus": 8,
  "memory_in_gb": 1440, "vram_per_gpu_in_gb": 80},
  "availability": [{"region": "aa-1", "available": true}]},
 {"cloud": "c", "shade_instance_type": "A6000", "cloud_instance_type": "gpu_1x",
  "hourly_price": 210,
  "configuration": {"gpu_type": "A100", "interconnect": "sxm4", "num_gpus": 1,
  "memory_in_gb": 12, "vram_per_gpu_in_gb": 48}, "availability": []}]}
"""


def test_shadeform_counts_cents_of_a_machine(tmp_path: Path, home: Path) -> None:
    """A sample that contradicts itself, an A100 with 48 GB, is none of the two."""
    imported = bring(tmp_path, SHADEFORM)
    (offer,) = imported_offers(home)
    assert (offer.provider, offer.pricing) == ("shadeform", "marketplace")
    assert (offer.usd_per_gpu_hour, "instance h100x8" in offer.note) == (2.5, True)
    assert sum(left_out(imported).values()) == 1


def test_vast_prices_a_whole_offer(tmp_path: Path, home: Path) -> None:
    """Without its disk; the bid is the spot price; memory in MB tells the part."""
    offer = '{{"gpu_name": "{0}", "gpu_ram": {1}, "num_gpus": 8, "dph_base": 16, "min_bid": 8}}'
    rows = (("H100 SXM", 81559), ("H100 SXM", 40960))
    text = f'{{"offers": [{", ".join(offer.format(*row) for row in rows)}]}}'
    imported = bring(tmp_path, text)
    found = {o.pricing: o for o in imported_offers(home)}
    assert {name: o.usd_per_gpu_hour for name, o in found.items()} == {"marketplace": 2, "spot": 1}
    assert DISK in found["marketplace"].note
    assert left_out(imported) == {"memory stated is not the GPU's": 1}


RUNPOD = """\
{"data": {"gpuTypes": [
 {"id": "NVIDIA H100 80GB HBM3", "displayName": "H100 SXM", "memoryInGb": 80, "securePrice": 2.5,
  "communityPrice": 2.25, "lowestPrice": {"stockStatus": "Low"}},
 {"id": "NVIDIA L40S", "displayName": "L40S", "memoryInGb": 48, "securePrice": 0.75,
  "communityPrice": 0, "lowestPrice": {"stockStatus": null}}]}}
"""


def test_runpod_prices_a_gpu(tmp_path: Path, home: Path) -> None:
    """Secure is its own, community that of third parties; no stock is none to be had."""
    imported = bring(tmp_path, RUNPOD)
    found = {o.pricing: o.usd_per_gpu_hour for o in imported_offers(home)}
    assert found == {"on_demand": 2.5, "marketplace": 2.25}
    assert left_out(imported) == {NONE_THERE: 1}


def test_prime_intellect_has_to_be_told_the_unit(tmp_path: Path, home: Path) -> None:
    """Whether its price is that of a GPU was not read, so it is not assumed."""
    text = (
        '{"items": [{"cloudId": "x", "gpuType": "H100_80GB", "socket": "SXM5", "gpuCount": 8,'
        '"gpuMemory": 80, "prices": {"onDemand": 20, "communityPrice": null, "isVariable": true,'
        '"currency": "USD"}}]}'
    )
    with pytest.raises(CatalogError, match="of a machine, or of one GPU"):
        bring(tmp_path, text)
    bring(tmp_path, text, unit="node")
    (offer,) = imported_offers(home)
    assert (offer.gpu, offer.usd_per_gpu_hour) == ("h100_sxm", 2.5)
    assert "the price varies" in offer.note


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


@pytest.mark.parametrize(
    ("header", "cell", "fx"),
    [
        ("USD/GPU-hour", "2.5", ()),
        ("price_per_gpu_month", "1825", ()),
        ("cents per GPU-hour", "250", ()),
        ("$ per node-hour", "20", ()),
        ("EUR/GPU-hour", "2", ("EUR=1.25",)),
        ("yearly price per node", "175200", ()),
    ],
)
def test_headers_that_say_what_a_price_is_of(
    tmp_path: Path, home: Path, header: str, cell: str, fx: tuple[str, ...]
) -> None:
    """What for, for how long, in which money: each is 2.50 USD a GPU-hour."""
    text = f"gpu;gpus;{header}\nH100 SXM;8;{cell}\n"
    bring(tmp_path, text, f"gpu=gpu,count=gpus,price={header}", provider="x", fx=fx)
    assert [o.usd_per_gpu_hour for o in imported_offers(home)] == [2.5]


@pytest.mark.parametrize(
    ("header", "more", "said"),
    [
        ("price per vCPU-hour", "", "is a processor's price, not a GPU's"),
        ("USD per core-hour", "", "is a price of a core"),
        ("EUR/GPU-hour", "", "the header says EUR; expected USD for one EUR; add --fx EUR=..."),
        ("USD per node-hour", "/gpu", "says node, the map says gpu"),
        ("USD per GPU-month", "/hour", "says 730 hours, the map says 1"),
        ("hourly", "", "'hourly' of a machine, or of one GPU? add --unit node or --unit gpu"),
    ],
)
def test_headers_that_say_something_else(
    tmp_path: Path, home: Path, header: str, more: str, said: str
) -> None:
    """Are told, not taken for USD a GPU-hour."""
    text = f"gpu;{header}\nH100 SXM;2.5\n"
    with pytest.raises(CatalogError) as raised:
        bring(tmp_path, text, f"gpu=gpu,price={header}{more}", provider="x")
    assert said in str(raised.value)
    assert not home.exists()


def test_two_currencies(tmp_path: Path) -> None:
    """The header's and that of --currency."""
    text = "gpu;EUR/GPU-hour\nH100 SXM;2.5\n"
    with pytest.raises(CatalogError, match="the header says EUR, --currency says GBP"):
        bring(
            tmp_path,
            text,
            "gpu=gpu,price=EUR/GPU-hour",
            provider="x",
            currency="GBP",
            fx=("GBP=1.3", "EUR=1.1"),
        )


def test_providers_by_the_names_that_people_use(tmp_path: Path, home: Path) -> None:
    """'Amazon Web Services, Inc.' is aws; a new one becomes a name."""
    head = "provider;gpu;gpu_count;usd_per_gpu_hour"
    rows = ("Amazon Web Services;H100 SXM;8;5", "AWS Inc.;L40S;8;2", "Foo Cloud;B200;8;5")
    bring(tmp_path, "\n".join((head, *rows, "")))
    assert {o.provider for o in imported_offers(home)} == {"aws", "foo_cloud"}


TABLES = (OBSERVATIONS, TIERS, MINIMUMS, RENTALS, REGIONAL, TICKS, LAMBDA, SHADEFORM, RUNPOD)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_tables_are_read_or_refused(tmp_path: Path, home: Path, seed: int) -> None:
    """Whatever stands where, there is no other error, and a catalog that loads is left."""
    chance = random.Random(seed)
    text = list(chance.choice(TABLES))
    for _ in range(chance.randint(1, 40)):
        wrong = ("", " ", ",", ";", "\n", '"', "=", "<b>", "9" * 400, "-", "{", "[", "null", "e9")
        text[chance.randrange(len(text))] = chance.choice(wrong)
    with suppress(CatalogError):
        bring(tmp_path, "".join(text), provider="x", unit="gpu")
    if home.exists():
        assert load_catalog(home, TODAY).offers


@pytest.mark.parametrize(
    ("cell", "regions"),
    [
        ("us-east-1 us-west-2", "us-east-1 us-west-2"),
        ("eu-north-1,us-east-1", "eu-north-1 us-east-1"),
        ("us-east-1", "us-east-1"),
        ("Sweden, SE", "Sweden-SE"),
        ("US East", "US-East"),
        ("", ""),
    ],
)
def test_regions_of_a_cell(tmp_path: Path, home: Path, cell: str, regions: str) -> None:
    """Codes are several regions, words are one place."""
    text = f"provider;gpu;gpu_count;usd_per_gpu_hour;region\nx;H100 SXM;8;2.5;{cell}\n"
    bring(tmp_path, text)
    assert [o.region for o in imported_offers(home)] == [regions]


def test_a_table_replaces_what_it_has_and_nothing_else(tmp_path: Path, home: Path) -> None:
    """It is no whole catalog of its provider: other GPUs, sizes and regions stay."""
    text = "provider;gpu;gpu_count;usd_per_gpu_hour;region\naws;H100 SXM;8;5;us-west-2\n"
    before = {o.offer: o for o in load_catalog(write_market(tmp_path / "m"), TODAY).offers}
    assert before["aws_h100_sxm_on_demand"].region == "us-east-1 us-west-2"
    imported = bring(tmp_path, text)
    after = {o.offer: o for o in load_catalog(home, TODAY).offers}
    assert after["aws_h100_sxm_on_demand"].region == "us-east-1"
    assert after["aws_h100_sxm_on_demand"].usd_per_gpu_hour == 6.88
    assert set(before) < set(after)
    assert imported.kept == ()
    again = text.replace("us-west-2", "us-east-1").replace(";5;", ";6;")
    bring(tmp_path, again, read_on="2026-11-19")
    found = {o.region: o for o in load_catalog(home, TODAY).offers if o.gpu == "h100_sxm"}
    assert (found["us-west-2"].usd_per_gpu_hour, found["us-east-1"].usd_per_gpu_hour) == (5, 6)
    assert found["us-west-2"].source != found["us-east-1"].source
    stated = json.loads((home / "snapshot.json").read_text(encoding="utf-8"))
    assert [one["read_on"] for one in stated["sources"]] == ["2026-11-18", "2026-11-19"]


@pytest.mark.parametrize(
    ("price", "unit", "usd"),
    [
        ("2", "EUR/GPU-hour", 2.5),
        ("2", "€ per gpu hour", 2.5),
        ("20", "GBP per node-hour", 3.75),
        ("32", "8-GPU hour", 4.0),
        ("300", "cents/GPU-hour", 3.0),
        ("1825", "GPU-month", 2.5),
        ("20", "instance/hour", 2.5),
    ],
)
def test_a_unit_in_words(tmp_path: Path, home: Path, price: str, unit: str, usd: float) -> None:
    """Currency, cents, hours and GPUs of a row's unit count."""
    text = f"chip;n;cost;unit\nH100 SXM;8;{price};{unit}\n"
    fx = ("EUR=1.25", "GBP=1.5")
    bring(tmp_path, text, "gpu=chip,count=n,price=cost,unit=unit", provider="x", fx=fx)
    assert [o.usd_per_gpu_hour for o in imported_offers(home)] == [usd]


@pytest.mark.parametrize(
    ("header", "unit", "reason"),
    [
        ("cost", "GBP/GPU-hour", NO_RATE),
        ("cost", "node-hour of 2 GPUs", UNKNOWN_UNIT),
        ("cost", "GPU", UNKNOWN_UNIT),
        ("cost", "4-GPU node hour", SIZES_DIFFER),
        ("price per node-month", "gpu-hour", UNITS_DIFFER),
        ("price per node-month", "node-hour", UNITS_DIFFER),
        ("price per 8 GPUs", "GPU-hour", UNITS_DIFFER),
        ("price in USD", "cents per GPU-hour", UNITS_DIFFER),
        ("EUR", "USD per GPU-hour", CURRENCIES_DIFFER),
    ],
)
def test_units_that_leave_a_row_out(
    tmp_path: Path, home: Path, header: str, unit: str, reason: str
) -> None:
    """Those that contradict the header, or are none; the row beside it stays."""
    text = f"chip;n;{header};unit;fixed\nH100 SXM;8;2;{unit};\nB200;8;;;4\n"
    maps = f"gpu=chip,count=n,price={header},unit=unit,market=fixed/gpu"
    imported = bring(tmp_path, text, maps, provider="x", fx=("EUR=1.25",))
    assert [o.gpu for o in imported_offers(home)] == ["b200_sxm"]
    assert left_out(imported) == {reason: 1}


def test_a_header_names_the_currency_of_blank_cells(tmp_path: Path, home: Path) -> None:
    """A cell that names another one contradicts it, as does a price's own mark."""
    rows = ("H100 SXM;8;2;", "L40S;8;4;€", "B200;8;4;USD", "A100 SXM 80GB;8;$1;", "")
    text = "\n".join(("chip;n;EUR per GPU-hour;money", *rows))
    maps = "gpu=chip,count=n,price=EUR per GPU-hour,currency=money"
    imported = bring(tmp_path, text, maps, provider="x", fx=("EUR=1.25",))
    found = {o.gpu: o.usd_per_gpu_hour for o in imported_offers(home)}
    assert found == {"h100_sxm": 2.5, "l40s": 5.0}
    assert left_out(imported) == {CURRENCIES_DIFFER: 2}


@pytest.mark.parametrize(
    ("header", "cell", "usd"),
    [
        ("price per 8 GPUs per hour", "18.80", 2.35),
        ("USD per 4 GPUs and hour", "6.40", 1.6),
        ("cost per 1 hour and GPU", "2", 2.0),
    ],
)
def test_numbers_of_a_header(
    tmp_path: Path, home: Path, header: str, cell: str, usd: float
) -> None:
    """GPUs that are priced together share the price."""
    text = f"chip;n;{header}\nH100 SXM;8;{cell}\n"
    bring(tmp_path, text, f"gpu=chip,count=n,price={header}", provider="x")
    assert [o.usd_per_gpu_hour for o in imported_offers(home)] == [usd]


@pytest.mark.parametrize(
    ("header", "more", "number"),
    [
        ("price per node for 12 months", "", "12"),
        ("price per node for 12 months", "/node", "12"),
        ("price per node for 3 years", "", "3"),
        ("price per GPU (30 days)", "", "30"),
        ("price per GPU and 24h", "", "24"),
        ("price per 2000 GPU-hours", "", "2000"),
    ],
)
def test_numbers_of_a_header_that_are_no_unit(
    tmp_path: Path, home: Path, header: str, more: str, number: str
) -> None:
    """A price for 12 months is none for one."""
    text = f"chip;n;{header}\nH100 SXM;8;164688\n"
    with pytest.raises(CatalogError, match=f"'{number}' is no unit"):
        bring(tmp_path, text, f"gpu=chip,count=n,price={header}{more}", provider="x")
    assert not home.exists()


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


@pytest.mark.parametrize(
    ("usd", "regions", "asked"),
    [
        ("3.5", ("us-west-2",), 1),
        ("9.2", ("us-west-2",), 1),
        ("6", ("us-west-2",), 0),
        ("3.5", ("us-west-2", "us-east-1"), 1),
        ("3.5", ("eu-west-1",), 0),
    ],
)
def test_a_price_that_moved_in_one_region_is_questioned(
    tmp_path: Path, home: Path, usd: str, regions: tuple[str, ...], asked: int
) -> None:
    """Beside that of the old offer that covered it; it may cover others still."""
    lines = [f"aws;H100 SXM;8;{usd};{region}" for region in regions]
    imported = bring(
        tmp_path, "\n".join(["provider;gpu;gpu_count;usd_per_gpu_hour;region", *lines])
    )
    assert [
        (change.old.offer, change.old.usd_per_gpu_hour, change.new.region.split())
        for change in imported.questioned
    ] == [("aws_h100_sxm_on_demand", 6.88, sorted(regions))] * asked
    stated = json.loads((home / "snapshot.json").read_text(encoding="utf-8"))
    noted = [one for source in stated["sources"] for one in source.get("questioned", [])]
    assert [(one["usd_per_gpu_hour"], one["was_usd_per_gpu_hour"]) for one in noted] == (
        [(float(usd), 6.88)] * asked
    )


def test_a_price_without_a_region_takes_the_place_of_no_region(tmp_path: Path, home: Path) -> None:
    """It stands beside the offers that have one, and gives way to the next without one."""
    text = "provider;gpu;gpu_count;usd_per_gpu_hour\naws;H100 SXM;8;6.5\nlambda;H100 SXM;8;4\n"
    before = {o.offer for o in load_catalog(write_market(tmp_path / "m"), TODAY).offers}
    bring(tmp_path, text)
    after = {o.offer: o for o in load_catalog(home, TODAY).offers}
    assert before - set(after) == {"lambda_h100_sxm_on_demand"}
    assert after["aws_h100_sxm_on_demand"].region == "us-east-1 us-west-2"
    assert after["aws_h100_sxm_on_demand"].usd_per_gpu_hour == 6.88
    bring(tmp_path, text.replace("6.5", "6.4"), read_on="2026-11-19")
    found = [o for o in load_catalog(home, TODAY).offers if o.provider == "aws"]
    h100 = {
        o.region: o.usd_per_gpu_hour
        for o in found
        if o.gpu == "h100_sxm" and o.pricing == "on_demand"
    }
    assert h100 == {"us-east-1 us-west-2": 6.88, "": 6.4}


def test_a_price_of_a_region_takes_the_place_of_one_of_none(tmp_path: Path, home: Path) -> None:
    """What was said of any region is read anew."""
    text = "provider;gpu;gpu_count;usd_per_gpu_hour;region\nlambda;H100 SXM;8;4;us-west-2\n"
    bring(tmp_path, text)
    found = [o for o in load_catalog(home, TODAY).offers if o.provider == "lambda"]
    assert [(o.region, o.usd_per_gpu_hour) for o in found] == [("us-west-2", 4)]
