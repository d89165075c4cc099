"""What `sixnd export` writes for clouds and Slurm, read by SkyPilot, dstack and sbatch themselves.

Needs requirements-clouds.txt beside sixnd, and slurm-client (Debian) for batch scripts.
"""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import strict
from launch_cases import MIXTURE, RACK, SHARDED, job, laid_out

from optimizer.report.launch.choices import Choices
from optimizer.report.launch.job import Job
from optimizer.report.launch.targets import TARGETS

HERE = Path(__file__).parent
needs_skypilot = pytest.mark.skipif(
    find_spec("sky") is None, reason="SkyPilot is not installed: see requirements-clouds.txt"
)
needs_dstack = pytest.mark.skipif(
    find_spec("dstack") is None, reason="dstack is not installed: see requirements-clouds.txt"
)
needs_sbatch = pytest.mark.skipif(
    shutil.which("sbatch") is None, reason="sbatch is not installed: apt-get install slurm-client"
)
# Of a cloud without a cluster that is asked for by its number of GPUs alone.
SPOT = {
    "provider": "gcp",
    "offer": "gcp_h100_sxm_spot",
    "pricing": "spot",
    "instance_type": "a3-highgpu-8g",
}
NEBIUS = "gpu-h100-sxm_8gpu-128vcpu-1600gb"
JOBS: dict[str, Job] = {
    "pipeline": job(),
    "one region": job(regions=("us-west-2",)),
    "no region": job(regions=()),
    "spot": job(**SPOT, regions=("us-central1",), fabric="tcpx"),
    "sharded": job(launch=SHARDED),
    "idle nodes": job(nodes=66, launch=laid_out(idle=16)),
    "one node": job(nodes=1, launch=laid_out(gpus=8, tensor=1, pipeline=1, data=8, split=())),
    "mixture": job("qwen3-30b-a3b", launch=MIXTURE, nodes=8),
    "no layout": job(launch=None),
    "given fleet": job(provider="", offer="", pricing="", regions=(), instance_type=""),
    "nebius": job(provider="nebius", regions=(), fabric="infiniband", instance_type=NEBIUS),
    "runpod": job(provider="runpod", offer="runpod_h100_sxm", regions=(), instance_type=""),
}
TPU = job(
    gpu="tpu_v6e", gpu_name="TPU v6e", provider="gcp", launch=None, instance_type="", nodes=32,
    regions=("us-central1",), fabric="ici",
)  # fmt: skip
# Machines of 8 H100 by cloud, and where they are.
MACHINES = {
    "aws": ("p5.48xlarge", ("us-east-1", "us-east-2", "us-west-2")),
    "gcp": ("a3-highgpu-8g", ("us-central1",)),
    "nebius": (NEBIUS, ("eu-north1",)),
}
VMS = (
    "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,"
    "Region,AvailabilityZone,Arch\n"
)


def read(reader: str, files: list[Path], home: Path) -> list[dict[str, object]]:
    """What a launcher's own reader makes of files, in a home of its own."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / reader), *map(str, files)],
        env={**os.environ, "HOME": str(home), "SKYPILOT_DISABLE_USAGE_COLLECTION": "1"},
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def skypilot_home(folder: Path) -> Path:
    """A home with a small catalog of each cloud, so that nothing is fetched."""
    for cloud, (machine, regions) in MACHINES.items():
        place = folder / "home" / ".sky" / "catalogs" / "v8" / cloud
        place.mkdir(parents=True)
        lines = [
            f"{machine},H100,8.0,192.0,2048.0,,55.0,20.0,{region},{region}a,x86_64\n"
            for region in regions
        ]
        (place / "vms.csv").write_text(VMS + "".join(lines), encoding="utf-8")
    return folder / "home"


def written(folder: Path, target: str, jobs: dict[str, Job], choices: Choices) -> list[Path]:
    """The files of all jobs."""
    places = []
    for number, one in enumerate(jobs.values()):
        for added, text in TARGETS[target](one, choices).items():
            place = folder / f"{number}{added}.yaml"
            place.write_text(text, encoding="utf-8")
            places.append(place)
    return places


@needs_skypilot
def test_skypilot_reads_every_task(tmp_path: Path) -> None:
    """As many nodes as are rented, of the part with its number."""
    files = written(tmp_path, "skypilot", {**JOBS, "tpu": TPU}, Choices())
    found = read("read_skypilot.py", files, skypilot_home(tmp_path))
    assert [one.get("error") for one in found] == [None] * len(files)
    assert [one["nodes"] for one in found] == [*(one.nodes for one in JOBS.values()), 1]
    assert all("H100" in str(one["resources"]) for one in found[:-1])
    assert "tpu-v6e-256" in str(found[-1]["resources"])


@needs_skypilot
def test_skypilot_reads_tasks_on_kubernetes(tmp_path: Path) -> None:
    """Whoever's cluster it is."""
    jobs = {"cluster": job(provider="coreweave", offer="coreweave_h100_sxm_on_demand")}
    files = written(tmp_path, "skypilot", jobs, Choices(kubernetes="ours"))
    (found,) = read("read_skypilot.py", files, skypilot_home(tmp_path))
    assert "Kubernetes" in str(found["resources"])


@needs_dstack
def test_dstack_reads_every_fleet_and_task(tmp_path: Path) -> None:
    """Each with the part and its number in a machine, exactly."""
    files = written(tmp_path, "dstack", JOBS, Choices())
    found = read("read_dstack.py", files, tmp_path)
    assert [one.get("error") for one in found] == [None] * len(files)
    assert {one["type"] for one in found} == {"fleet", "task"}
    assert all(one["gpu"] == ["H100"] and one["count"] == [8, 8] for one in found)


@needs_dstack
def test_dstack_reads_one_document_a_file(tmp_path: Path) -> None:
    """So a fleet and its task are two files."""
    both = tmp_path / "both.yaml"
    both.write_text("---\n".join(TARGETS["dstack"](job(), Choices()).values()), encoding="utf-8")
    (found,) = read("read_dstack.py", [both], tmp_path)
    assert "ComposerError" in str(found["error"])


@needs_sbatch
@pytest.mark.parametrize("name", JOBS)
def test_sbatch_reads_every_script(tmp_path: Path, name: str) -> None:
    """Up to the point where it looks for a controller."""
    script = TARGETS["slurm"](JOBS[name], Choices())[""]
    assert "Unable to contact slurm controller" in sbatch(tmp_path, script)


@needs_sbatch
def test_sbatch_refuses_another_time(tmp_path: Path) -> None:
    """So what it reads above is read."""
    script = TARGETS["slurm"](job(), Choices())[""].replace("--time=", "--time=30d #")
    assert "Invalid --time specification" in sbatch(tmp_path, script)


@needs_sbatch
def test_sbatch_reads_a_script_without_gres_where_none_is_configured(tmp_path: Path) -> None:
    """Some clusters count no GPUs: --no-gres is for them."""
    script = TARGETS["slurm"](job(), Choices())[""]
    assert "Invalid generic resource" in sbatch(tmp_path, script, gres="")
    script = TARGETS["slurm"](job(), Choices(gres=False))[""]
    assert "Unable to contact slurm controller" in sbatch(tmp_path, script, gres="")


def sbatch(folder: Path, script: str, gres: str = "GresTypes=gpu\n") -> str:
    """What sbatch says of a script where no controller answers."""
    settings, batch = folder / "slurm.conf", folder / "batch.sh"
    settings.write_text(
        "ClusterName=c\nSlurmctldHost=localhost\nAuthType=auth/none\nCredType=cred/none\n"
        f"MessageTimeout=1\n{gres}NodeName=n1 CPUs=8\nPartitionName=p Nodes=ALL Default=YES\n",
        encoding="utf-8",
    )
    batch.write_text(script, encoding="utf-8")
    ran = subprocess.run(
        ["sbatch", "--test-only", str(batch)],
        env={**os.environ, "SLURM_CONF": str(settings)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return ran.stdout + ran.stderr


# Our own reader, stricter than theirs


@pytest.mark.parametrize("name", JOBS)
def test_nothing_is_wrong_with_what_is_written(name: str) -> None:
    """By the stricter reader, for every target of clouds."""
    one = JOBS[name]
    for choices in (Choices(), Choices(kubernetes="ours")):
        assert strict.skypilot(TARGETS["skypilot"](one, choices)[""]) == []
        assert [strict.dstack(t) for t in TARGETS["dstack"](one, choices).values()] == [[], []]
    assert strict.batch(TARGETS["slurm"](one, Choices())[""]) == []
    assert strict.batch(TARGETS["slurm"](job(launch=RACK, gpu="gb200_nvl72"), Choices())[""]) == []


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        ("H100:8", "H100-SXM5:8", "part 'H100-SXM5'"),
        ("H100:8", "H100:16", "count '16'"),
        ("H100:8", "H100:1.5", "count '1.5'"),
        ("aws/us-east-1", "coreweave/us-east-1", "cloud 'coreweave'"),
        ("p5.48xlarge", "p4d.48xlarge", "instance type 'p4d.48xlarge' with 8 GPUs"),
        ("train-llama", "70b-llama", "name '70b-llama-3-1-70b'"),
        ("num_nodes: 64", "num_nodes: 64.0", "nodes 64.0"),
    ],
)
def test_nonsense_that_skypilot_takes_is_refused(before: str, after: str, wrong: str) -> None:
    """Each by itself."""
    text = TARGETS["skypilot"](job(), Choices())[""]
    assert before in text
    assert wrong in strict.skypilot(text.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        ("name: H100", "name: H100x8", "part 'H100x8'"),
        ("count: 8", "count: 16", "count 16"),
        ("    count: 8\n", "", "count None"),
        ("fleet-llama-3-1-70b", "llama-3.1-70b", "name 'llama-3.1-70b'"),
        ("nodes: 64", "nodes: 0", "nodes 0"),
        ("placement: cluster\n", "", "placement"),
        ("- aws", "- coreweave", "backend 'coreweave'"),
    ],
)
def test_nonsense_that_dstack_takes_is_refused(before: str, after: str, wrong: str) -> None:
    """Each by itself."""
    text = TARGETS["dstack"](job(), Choices())["-fleet"]
    assert before in text
    assert wrong in strict.dstack(text.replace(before, after))


def test_a_strategy_that_skypilot_takes_is_refused() -> None:
    """It looks for one of the name when the job starts."""
    text = TARGETS["skypilot"](JOBS["spot"], Choices())[""]
    assert strict.skypilot(text.replace("FAILOVER", "NOSUCH")) == ["strategy 'NOSUCH'"]


def test_a_directive_after_a_command_is_refused() -> None:
    """Slurm ignores it in silence."""
    text = TARGETS["slurm"](job(), Choices())[""]
    assert strict.batch(f"{text}#SBATCH --nodes=2\n") == ["late #SBATCH --nodes=2"]
