"""Tables as they are published, in small files of the same form: each trap is a test.

All values and names of providers are made up.
"""

from pathlib import Path

import pytest
from refresh_market import left_out
from table_cases import bring, damaged, imported_offers, read_or_refused

from catalog import CatalogError
from catalog.refresh.listing import BESIDE_THE_HOST, NO_GPU
from catalog.refresh.lists.mapped import OLDER
from catalog.refresh.lists.row import FRACTION, FROM, NO_NODE, NO_RATE, ONE_GPU
from catalog.refresh.lists.shapes import LOWEST
from catalog.refresh.lists.sold import WORDS_DIFFER
from catalog.refresh.lists.units import UNKNOWN_UNIT
from catalog.refresh.lists.words import AVERAGE, BLOCK, OWN_TERM, SERVERLESS

pytestmark = pytest.mark.usefixtures("home")


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


@pytest.mark.parametrize("seed", range(20))
def test_damaged_tables_are_read_or_refused(tmp_path: Path, home: Path, seed: int) -> None:
    """Whatever stands where."""
    read_or_refused(
        tmp_path, home, damaged((OBSERVATIONS, TIERS, MINIMUMS, RENTALS, REGIONAL, TICKS), seed)
    )
