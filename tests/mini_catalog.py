"""A frozen miniature catalog as CSV files for `--catalog`, and how tests run the command.

MFU is the same at every scale and counts as measured, so that costs can be worked out by hand from
the catalog's own curves.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from catalog import CatalogError, load_catalog
from optimizer.commands.cli import main

# The first lines of gpus.csv and offers.csv.
GPU_COLUMNS = """\
gpu,name,vendor,architecture,year,family,memory_gb,memory_gb_per_s,peak_fp16_tflops,\
peak_bf16_tflops,peak_fp8_tflops,peak_fp4_tflops,scale_up,scale_up_gb_per_s,scale_up_gpus,\
power_w,server_w_per_gpu,source,read_on,note
"""
OFFER_COLUMNS = """\
offer,provider,gpu,pricing,region,gpus_per_node,min_gpus,max_gpus,cluster_class,\
nic_gbps_per_gpu,fabric,usd_per_gpu_hour,commitment_hours,upfront_usd_per_gpu,lead_time_hours,\
source,read_on,audit,note
"""
SOURCES = """\
source,publisher,title,url,says,kind,license
prices,Alpha Cloud,[b]GPU[/b] pricing,https://alpha.example/pricing,prices an hour,list_price,
runs,Alpha Cloud,training runs,https://alpha.example/runs,MFU of three runs,paper,
guess,this project,estimate: MFU,,a guess,estimate,
sheet,NVIDIA,datasheets,https://nvidia.example,dense peaks,datasheet,
"""
GPUS = f"""\
{GPU_COLUMNS}\
a100_sxm_80,A100 SXM4 80GB,NVIDIA,Ampere,2020,A100,80,2039,312,312,,,nvswitch,300,8,400,800,\
sheet,2026-11-01,
h100_pcie,H100 PCIe 80GB,NVIDIA,Hopper,2022,H100,80,2039,756,756,1513,,pcie,64,1,350,700,\
sheet,2026-11-01,
h100_sxm,H100 SXM5 80GB,NVIDIA,Hopper,2022,H100,80,3350,1000,1000,2000,,nvswitch,450,8,700,1275,\
sheet,2026-11-01,
rtx_a6000,RTX A6000 48GB,NVIDIA,Ampere,2020,A6000,48,768,155,155,,,pcie,32,1,300,600,\
sheet,2026-11-01,
"""
CLASSES = """\
cluster_class,max_nodes,max_gpus,basis,note
contract,,4096,delivered clusters,
single_node,1,,rented one at a time,
"""
OFFERS = f"""\
{OFFER_COLUMNS}\
alpha_a100_sxm_80_on_demand,alpha,a100_sxm_80,on_demand,us-east,8,8,2048,contract,200,\
infiniband,1.20,0,0,0,prices,2026-10-01,confirmed,
alpha_h100_pcie_on_demand,alpha,h100_pcie,on_demand,us-east,8,8,,single_node,,none,1.90,0,0,0,\
prices,2026-11-01,confirmed,
alpha_h100_sxm_on_demand,alpha,h100_sxm,on_demand,us-east,8,8,,contract,400,infiniband,2.50,\
0,0,0,prices,2026-11-01,doubtful,[red]read at a reseller[/red]
alpha_h100_sxm_spot,alpha,h100_sxm,spot,us-east,8,8,,contract,400,infiniband,1.00,0,0,0,\
prices,2026-11-01,confirmed,
beta_h100_sxm_reserved_1_year,beta,h100_sxm,reserved,eu-north,8,64,1024,contract,400,infiniband,\
2.00,8760,0,168,prices,2026-11-01,unaudited,
beta_rtx_a6000_on_demand,beta,rtx_a6000,on_demand,eu-north,8,8,,single_node,,none,0.50,0,0,0,\
prices,2026-11-01,confirmed,
"""
EFFICIENCY = """\
gpu,precision,gpus,mfu,basis,source,read_on,note
a100_sxm_80,bf16,8,0.5,measured,runs,2026-11-01,run 7
a100_sxm_80,bf16,4096,0.5,measured,runs,2026-11-01,run 7
h100_pcie,bf16,8,0.35,measured,guess,2026-11-01,a guess
h100_sxm,bf16,8,0.4,measured,runs,2026-11-01,run 7
h100_sxm,bf16,4096,0.4,measured,runs,2026-11-01,run 7
rtx_a6000,bf16,8,0.3,measured,guess,2026-11-01,a guess
"""
MINI = {
    "sources.csv": SOURCES,
    "gpus.csv": GPUS,
    "cluster_classes.csv": CLASSES,
    "offers.csv": OFFERS,
    "efficiency.csv": EFFICIENCY,
}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the command left: exit code, answer and commentary."""

    code: int
    out: str
    err: str


def write_mini(folder: Path) -> Path:
    """The miniature catalog in this folder."""
    folder.mkdir(exist_ok=True)
    for file, text in MINI.items():
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def assert_refused(ran: Ran, said: str) -> None:
    """Exit 2, an error that says this in one line, and no answer."""
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def mistakes(folder: Path, today: date | None = None) -> list[str]:
    """Everything that the loader finds wrong in a folder."""
    with pytest.raises(CatalogError) as caught:
        load_catalog(folder, today)
    assert str(caught.value) == "\n".join(caught.value.mistakes)
    return caught.value.mistakes


def sixnd(capsys: pytest.CaptureFixture[str], *arguments: str) -> Ran:
    """Run the command in this process."""
    capsys.readouterr()
    code = 0
    try:
        main(list(arguments))
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    said = capsys.readouterr()
    return Ran(code, said.out, said.err)
