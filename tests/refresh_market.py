"""A small catalog of known providers to import into, and price lists in SkyPilot's form.

Read 2026-11-01; today is 2026-11-20.
"""

from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path

import mini_catalog

from catalog import load_catalog
from catalog.refresh.importing import Imported, import_skypilot, priceable
from catalog.refresh.listing import Found
from catalog.refresh.skypilot import read_skypilot
from catalog.refresh.tally import Tally
from catalog.rows import Gpu

TODAY = date(2026, 11, 20)
READ_ON = "2026-11-18"
# What an offer of AWS's own machine is called.
P5_NAME = "aws_h100_sxm_on_demand_8x_p5_48xlarge_us_east_1"
HEADER = "InstanceType,AcceleratorName,AcceleratorCount,Price,SpotPrice,Region,AvailabilityZone"

_GPUS = """\
a100_sxm_40,A100 SXM4 40GB,NVIDIA,Ampere,2020,A100,40,1555,312,312,,,nvswitch,300,8,400,800,\
sheet,2026-11-01,
b200_sxm,B200 SXM,NVIDIA,Blackwell,2024,B200,180,7700,2250,2250,4500,,nvswitch,900,8,1000,1800,\
sheet,2026-11-01,
l40s,L40S,NVIDIA,Ada,2023,L40S,48,864,362,362,733,,pcie,32,1,350,700,sheet,2026-11-01,
tpu_v6e,TPU v6e,Google,Trillium,2024,TPU v6e,32,1600,,918,,,ici,400,256,,,sheet,2026-11-01,
"""
_CLASSES = """\
hyperscaler_contract,,4096,delivered clusters,
hyperscaler_rdma,,512,one block,
"""
_CURVES = "".join(
    f"{gpu},bf16,8,0.4,measured,guess,2026-11-01,a guess\n"
    for gpu in ("a100_sxm_40", "b200_sxm", "l40s", "tpu_v6e")
)
OFFERS = f"""\
{mini_catalog.OFFER_COLUMNS}\
aws_a100_sxm_40_on_demand,aws,a100_sxm_40,on_demand,us-east-1,8,8,,contract,50,efa,2.75,0,0,0,\
prices,2026-11-01,confirmed,
aws_h100_sxm_on_demand,aws,h100_sxm,on_demand,us-east-1 us-west-2,8,8,512,hyperscaler_contract,\
400,efa,6.88,0,0,0,prices,2026-11-01,confirmed,p5
aws_h100_sxm_reserved_3y,aws,h100_sxm,reserved,,8,8,,contract,400,efa,2.97,26280,0,0,prices,\
2026-11-01,unaudited,three years
gcp_h100_sxm_on_demand,gcp,h100_sxm,on_demand,us-central1,8,8,,contract,100,tcpx,11.06,0,0,0,\
prices,2026-11-01,corrected,summed from parts
gcp_tpu_v6e_on_demand,gcp,tpu_v6e,on_demand,us-east1,8,8,256,contract,,ici,2.7,0,0,0,prices,\
2026-11-01,confirmed,
lambda_h100_sxm_on_demand,lambda,h100_sxm,on_demand,,8,8,8,single_node,,none,3.99,0,0,0,prices,\
2026-11-01,confirmed,
"""


def write_market(folder: Path) -> Path:
    """The catalog, as the shipped one, in this folder."""
    folder = mini_catalog.write_mini(folder)
    (folder / "offers.csv").write_text(OFFERS, encoding="utf-8")
    added = {"gpus.csv": _GPUS, "efficiency.csv": _CURVES, "cluster_classes.csv": _CLASSES}
    for file, more in added.items():
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(text + more, encoding="utf-8")
    return folder


def market_gpus(folder: Path) -> dict[str, Gpu]:
    """The GPU models that an offer can be of."""
    return priceable(load_catalog(write_market(folder), TODAY))


def price_list(rows: Iterable[str], header: str = HEADER) -> str:
    """A list of these lines."""
    return "\n".join([header, *rows, ""])


def write_list(folder: Path, provider: str, *rows: str, header: str = HEADER) -> Path:
    """A list at PROVIDER/vms.csv."""
    path = folder / provider / "vms.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(price_list(rows, header), encoding="utf-8")
    return path


def read_rows(folder: Path, provider: str, *rows: str, header: str = HEADER) -> Found:
    """What the importer finds in these lines."""
    found = Found(provider, Tally(), Tally())
    read_skypilot("vms.csv", price_list(rows, header), found, market_gpus(folder))
    return found


def bring_in(
    folder: Path,
    *lists: Path,
    provider: str | None = None,
    read_on: str = READ_ON,
    accept: Collection[str] = (),
) -> Imported:
    """Import lists into the user's catalog, which SIXND_CATALOG names."""
    paths = [str(path) for path in lists]
    market = write_market(folder / "shipped")
    return import_skypilot(paths, provider, read_on, TODAY, shipped=market, accept=accept)


def left_out(imported: Imported) -> dict[str, int]:
    """What was left out, counted."""
    return {reason.reason: reason.count for reason in imported.left_out}


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too, with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
