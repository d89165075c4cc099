"""The lists of ec2instances.info in small files of their form: each trap is a test.

Prices are made up.
"""

from pathlib import Path

import pytest
from cloud_cases import LINUX, bring, listed_machine, sold
from refresh_market import left_out

from catalog import CatalogError
from catalog.refresh.lists import ec2instances
from catalog.refresh.lists.cloud import ZERO

pytestmark = pytest.mark.usefixtures("home")


def test_ec2instances(tmp_path: Path, home: Path) -> None:
    """Prices are strings, of a machine; dedicated hosts and surcharges are none."""
    imported = bring(tmp_path, "ec2instances", [listed_machine(LINUX)], provider="aws")
    found = {(pricing, hours): o for (_, pricing, hours), o in sold(home).items()}
    assert {key: o.usd_per_gpu_hour for key, o in found.items()} == {
        ("on_demand", 0): 7.0,
        ("spot", 0): 3.0,
        ("reserved", 8760): 5.0,
        ("reserved", 26280): 3.0,
    }
    assert left_out(imported) == {ec2instances.PARTIAL: 1, ec2instances.HYBRID: 1}


@pytest.mark.parametrize(
    ("linux", "reason"),
    [
        ({"ondemand": "0"}, ZERO),
        ({"spot_avg": "4.1"}, ec2instances.ESTIMATE),
        ("6.669", ec2instances.NO_LINUX),
        (None, ec2instances.NO_LINUX),
        ({"ondemand": "=1+1"}, "price is not a number"),
    ],
)
def test_ec2instances_without_a_price(
    tmp_path: Path, home: Path, linux: object, reason: str
) -> None:
    """'0' is how a machine without a price begins; a spot price alone may be an estimate."""
    imported = bring(tmp_path, "ec2instances", [listed_machine(linux)], provider="aws")
    assert (imported.difference, left_out(imported)) == (None, {reason: 1})


def test_ec2instances_of_google_have_no_gpus_in_the_price(tmp_path: Path, home: Path) -> None:
    """Cores and memory alone."""
    one = listed_machine({"ondemand": "9"}, instance_type="a3-highgpu-8g")
    imported = bring(tmp_path, "ec2instances", [one], provider="gcp")
    assert left_out(imported) == {ec2instances.WITHOUT_GPUS: 1}
    assert not home.exists()


@pytest.mark.parametrize("name", ["nd96isrh100v5", "ND96isr H100 v5", "Standard_ND96isr_H100_v5"])
def test_ec2instances_of_azure(tmp_path: Path, home: Path, name: str) -> None:
    """However the machine is spelled."""
    one = listed_machine({"ondemand": "96"}, instance_type=name)
    bring(tmp_path, "ec2instances", [one], provider="azure")
    (offer,) = sold(home).values()
    assert (offer.gpu, offer.usd_per_gpu_hour) == ("h100_sxm", 12.0)


def test_ec2instances_asks_whose_machines(tmp_path: Path) -> None:
    """The file does not say."""
    with pytest.raises(CatalogError, match="does not say whose machines it has; expected one of"):
        bring(tmp_path, "ec2instances", [listed_machine(LINUX)])
    with pytest.raises(CatalogError, match="'lambda'; expected one of aws, azure, gcp"):
        bring(tmp_path, "ec2instances", [listed_machine(LINUX)], provider="Lambda")


def test_ec2instances_with_other_gpus(tmp_path: Path, home: Path) -> None:
    """A machine that is not what its name says elsewhere."""
    imported = bring(tmp_path, "ec2instances", [listed_machine(LINUX, GPU=4.0)], provider="aws")
    assert left_out(imported) == {ec2instances.OTHER_COUNT: 1}
