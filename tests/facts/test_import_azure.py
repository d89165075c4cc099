"""Azure's retail prices in small files of their form: each trap is a test.

Prices are made up.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cloud_cases import Json, azure, bring, page, sold
from refresh_market import TODAY, left_out

from catalog import load_catalog
from catalog.refresh.lists import azure_retail
from catalog.refresh.lists.cloud import ZERO
from catalog.refresh.machines import NOT_KNOWN
from catalog.refresh.prices import ROWS_DISAGREE, ZONES_DISAGREE

pytestmark = pytest.mark.usefixtures("home")


def test_azure_reservations_cost_a_whole_term(tmp_path: Path, home: Path) -> None:
    """Although their unit says '1 Hour'; savings plans are by the hour."""
    plans = [{"retailPrice": 64.0, "term": "1 Year"}, {"retailPrice": 40.0, "term": "3 Years"}]
    rows = (
        azure(savingsPlan=plans),
        azure(type="Reservation", reservationTerm="1 Year", retailPrice=560_640.0),
        azure(type="Reservation", reservationTerm="1 Month", retailPrice=99.0),
    )
    imported = bring(tmp_path, "azure-retail", page(*rows))
    offers = [o for o in load_catalog(home, TODAY).offers if o.provider == "azure"]
    assert sorted((o.pricing, o.commitment_hours, o.usd_per_gpu_hour) for o in offers) == [
        ("on_demand", 0, 12.0),
        ("reserved", 8760, 8.0),
        ("reserved", 8760, 8.0),
        ("reserved", 26280, 5.0),
    ]
    notes = {o.note.partition("; ")[2] for o in offers}
    assert any("reservation" in note for note in notes)
    assert any("savings plan" in note for note in notes)
    assert left_out(imported) == {azure_retail.OTHER_TERM: 1}


def test_azure_prices_of_today(tmp_path: Path, home: Path) -> None:
    """Dates around today, and one that ends with it, leave a price what it is."""
    day = TODAY.isoformat()
    dates = {"effectiveStartDate": f"{day}T00:00:00Z", "effectiveEndDate": f"{day}T23:59:59Z"}
    later = azure(effectiveStartDate="2027-03-01T00:00:00Z", retailPrice=140.0)
    imported = bring(tmp_path, "azure-retail", page(azure(**dates), later))
    assert [o.usd_per_gpu_hour for o in sold(home).values()] == [12.0]
    assert left_out(imported) == {azure_retail.NOT_YET: 1}


def test_azure_rows_that_disagree(tmp_path: Path, home: Path) -> None:
    """Are rows of one region, not its zones; the highest is what one pays at most."""
    imported = bring(tmp_path, "azure-retail", page(azure(), azure(retailPrice=120.0)))
    assert [o.usd_per_gpu_hour for o in sold(home).values()] == [15.0]
    said = {note.reason for note in imported.notes}
    assert ROWS_DISAGREE in said
    assert ZONES_DISAGREE not in said


def test_azure_spot(tmp_path: Path, home: Path) -> None:
    """Has no field: the names end in Spot."""
    spot = {"skuName": "ND96isr H100 v5 Spot", "meterName": "ND96isr H100 v5 Spot"}
    bring(tmp_path, "azure-retail", page(azure(), azure(**spot, retailPrice=24.0)))
    found = sold(home)
    assert found["eastus", "spot", 0].usd_per_gpu_hour == 3.0
    assert found["eastus", "on_demand", 0].usd_per_gpu_hour == 12.0


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"productName": "Virtual Machines NDsr H100 v5 Series Windows"}, azure_retail.WINDOWS),
        ({"meterName": "ND96isr H100 v5 Low Priority"}, azure_retail.LOW_PRIORITY),
        ({"type": "DevTestConsumption"}, azure_retail.OTHER_TYPE),
        ({"isPrimaryMeterRegion": False}, azure_retail.SECONDARY),
        ({"unitOfMeasure": "1 GB/Month"}, azure_retail.OTHER_UNIT),
        ({"serviceName": "Azure Machine Learning"}, azure_retail.OTHER_SERVICE),
        ({"productName": "NDsr H100 v5 Series Cloud Services"}, azure_retail.OTHER_SERVICE),
        ({"tierMinimumUnits": 100.0}, azure_retail.TIERED),
        ({"effectiveStartDate": "2027-03-01T00:00:00Z"}, azure_retail.NOT_YET),
        ({"effectiveEndDate": "2026-06-30T00:00:00Z"}, azure_retail.ENDED),
        ({"effectiveEndDate": f"{TODAY.isoformat()}T00:00:00Z"}, azure_retail.ENDED),
        ({"effectiveStartDate": "soon"}, azure_retail.BAD_DATE),
        ({"retailPrice": 0.0}, ZERO),
        ({"armSkuName": "Standard_D4ds_v5"}, NOT_KNOWN),
        ({"currencyCode": "EUR"}, "price in EUR: expected USD, or its rate in --fx EUR=..."),
        ({"retailPrice": "=1+1"}, "price is not a number"),
        ({"armRegionName": "<script>"}, "no region"),
    ],
)
def test_azure_rows_beside_the_plain_machine(
    tmp_path: Path, home: Path, changed: Json, reason: str
) -> None:
    """Each is another thing at a lower price."""
    rows = page(azure(), azure(**{"retailPrice": 8.0} | changed))
    imported = bring(tmp_path, "azure-retail", rows)
    assert [o.usd_per_gpu_hour for o in sold(home).values()] == [12.0]
    assert left_out(imported) == {reason: 1}


@pytest.mark.parametrize(
    "pages",
    [
        lambda a, b: json.dumps([page(a), page(b)]),
        lambda a, b: f"{json.dumps(page(a))}\n{json.dumps(page(b))}\n",
        lambda a, b: json.dumps([a, b]),
    ],
)
def test_azure_pages(tmp_path: Path, home: Path, pages: Callable[[Json, Json], str]) -> None:
    """In an array, a line each, or their rows alone."""
    text = pages(azure(), azure(armRegionName="ukwest", retailPrice=120.0))
    bring(tmp_path, "azure-retail", text)
    assert {o.region for o in sold(home).values()} == {"eastus", "ukwest"}
