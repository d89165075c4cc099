"""What clouds take without a word though no machine of the kind exists, refused.

SkyPilot 0.14.1 and dstack 0.22.5 take any name of a part, and SkyPilot any number of them; dstack
takes any name of a run and refuses it on the server. Each function names all that is wrong.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from catalog.slices import SLICES
from optimizer.report.launch.names import PARTS_FILE, PROVIDERS_FILE
from optimizer.report.launch.tpu import GENERATIONS

NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")
REGION = re.compile(r"[a-z][a-z0-9-]*")
# GPUs of one machine: eight at most, four of a rack, one beside a Grace.
MOST = {"GB200": 4, "GB300": 4, "GH200": 1}
COUNTS = (1, 2, 4, 8)
STRATEGIES = ("FAILOVER", "EAGER_NEXT_REGION")
OFFERS = Path(__file__).parents[2] / "catalog" / "offers.csv"


def rows(path: Path) -> list[dict[str, str]]:
    """A table of the project."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def parts(launcher: str) -> set[str]:
    """Names of parts that a launcher has."""
    return {row["name"] for row in rows(PARTS_FILE) if row["launcher"] == launcher}


def clouds(launcher: str) -> set[str]:
    """Names of providers that a launcher has."""
    return {row[launcher] for row in rows(PROVIDERS_FILE) if row[launcher]}


def wrong_count(name: str, count: object) -> bool:
    """Whether no machine has so many."""
    return type(count) is not int or count not in COUNTS or count > MOST.get(name, 8)


def skypilot(text: str) -> list[str]:
    """What is wrong with a task."""
    task = yaml.safe_load(text)
    return [*_named(task), *_nodes(task.get("num_nodes")), *_resources(task["resources"])]


def _named(data: dict[str, Any]) -> Iterator[str]:
    if not NAME.fullmatch(str(data.get("name"))):
        yield f"name {data.get('name')!r}"


def _nodes(number: object) -> Iterator[str]:
    if type(number) is not int or number < 1:
        yield f"nodes {number!r}"


def _resources(resources: dict[str, Any]) -> Iterator[str]:
    places = [one["infra"] for one in resources.get("any_of", [resources]) if "infra" in one]
    for place in places:
        cloud, _, region = place.partition("/")
        if cloud != "k8s" and cloud not in clouds("skypilot"):
            yield f"cloud {cloud!r}"
        if cloud != "k8s" and region and not REGION.fullmatch(region):
            yield f"region {region!r}"
    name, _, count = str(resources["accelerators"]).partition(":")
    if name.startswith("tpu-"):
        yield from _slice(name.removeprefix("tpu-"))
    elif name not in parts("skypilot"):
        yield f"part {name!r}"
    elif not count.isdecimal() or wrong_count(name, int(count)):
        yield f"count {count!r}"
    recovery = resources.get("job_recovery", {"strategy": STRATEGIES[0]})
    if recovery["strategy"] not in STRATEGIES:
        yield f"strategy {recovery['strategy']!r}"
    if "instance_type" in resources:
        yield from _instance(resources["instance_type"], count, bool(places))


def _slice(name: str) -> Iterator[str]:
    generation, _, size = name.partition("-")
    named = {(g, n * cores) for gpu, (g, cores, _) in GENERATIONS.items() for n in SLICES[gpu]}
    if (generation, int(size)) not in named:
        yield f"slice {name!r}"


def _instance(instance: str, count: str, placed: bool) -> Iterator[str]:
    """A machine is somebody's, and holds what the catalog says of it."""
    if not placed:
        yield f"instance type {instance!r} of no cloud"
    held = {row["gpus_per_node"] for row in rows(OFFERS) if row["instance_type"] == instance}
    if count not in held:
        yield f"instance type {instance!r} with {count} GPUs"


def dstack(text: str) -> list[str]:
    """What is wrong with a fleet or a task."""
    data = yaml.safe_load(text)
    return [*_named(data), *_nodes(data.get("nodes")), *_dstack_gpu(data), *_placed(data)]


def _dstack_gpu(data: dict[str, Any]) -> Iterator[str]:
    gpu = data["resources"]["gpu"]
    if not isinstance(gpu, dict):
        yield f"gpu {gpu!r}"
    elif gpu.get("vendor") == "google":
        yield from _slice(gpu["name"])
    elif gpu["name"] not in parts("dstack"):
        yield f"part {gpu['name']!r}"
    elif wrong_count(gpu["name"], gpu.get("count")):
        yield f"count {gpu.get('count')!r}"


def _placed(data: dict[str, Any]) -> Iterator[str]:
    """Machines that train together stand together, at a provider that is known."""
    known = clouds("dstack") | {"kubernetes"}
    yield from (f"backend {b!r}" for b in data.get("backends", []) if b not in known)
    if data["type"] == "fleet" and data["nodes"] > 1 and data.get("placement") != "cluster":
        yield "placement"
    if data["type"] == "task" and not data.get("fleets"):
        yield "fleets"


def batch(text: str) -> list[str]:
    """What is wrong with a batch script: directives that come too late are ignored in silence."""
    found, command = [], False
    for line in text.splitlines():
        if line.startswith("#SBATCH"):
            found += [f"late {line}"] if command else []
        elif line.strip() and not line.startswith("#"):
            command = True
    days = re.search(r"--time=(\S+)", text)
    if not days or not re.fullmatch(r"\d+-\d\d:\d\d:\d\d", days[1]):
        found.append("time")
    return found
