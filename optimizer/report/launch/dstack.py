"""A fleet and a task of dstack (dstack 0.22.5, PyPI, read 2026-11-29)."""

from math import ceil
from typing import Any

from optimizer.report.launch.choices import Choices
from optimizer.report.launch.job import Job, header
from optimizer.report.launch.names import cloud_of, part_of
from optimizer.report.launch.shell import (
    MEGATRON_LM,
    STAND_INS,
    Meeting,
    spare_leaves,
    training,
)
from optimizer.report.launch.tpu import is_tpu, slice_of
from optimizer.report.launch.yaml_text import as_yaml

RANK = "$DSTACK_NODE_RANK"
MEETING = Meeting(RANK, "$DSTACK_MASTER_NODE_IP")
VERSION = "dstack 0.22.5 (dstack apply)"


def files(job: Job, choices: Choices) -> dict[str, str]:
    """The task's file and, beside it, the fleet's: dstack reads one document a file.

    ExportError where dstack does not know the provider or the part.
    """
    task, fleet = _task(job, choices), _fleet(job, choices)
    notes = [f"start it: dstack apply -f FILE, after the fleet {fleet['name']}"]
    if job.launch is not None:
        notes.insert(0, STAND_INS[choices.framework])
    return {
        "": header(job, VERSION, notes) + as_yaml(task),
        "-fleet": header(job, VERSION, _notes(job, choices)) + as_yaml(fleet),
    }


def _notes(job: Job, choices: Choices) -> list[str]:
    notes = []
    if job.gpu.endswith(("_pcie", "_sxm")) or "_pcie_" in job.gpu or "_sxm_" in job.gpu:
        notes.append("dstack does not tell SXM from PCIe: look at what it offers before it starts")
    if job.pricing == "reserved" and not choices.kubernetes:
        notes.append("reserved: sign first, and name what you got with `reservation:`")
    return notes


def _fleet(job: Job, choices: Choices) -> dict[str, Any]:
    fleet: dict[str, Any] = {"type": "fleet", "name": job.named("fleet"), "nodes": job.nodes}
    if job.nodes > 1:
        fleet["placement"] = "cluster"
    fleet |= {"backends": ["kubernetes"]} if choices.kubernetes else _cloud(job)
    return {**fleet, "resources": {"gpu": _gpu(job)}}


def _cloud(job: Job) -> dict[str, Any]:
    """Where, which machine, and the most that one may cost in an hour."""
    backend = cloud_of(job, "dstack")
    where: dict[str, Any] = {"backends": [backend]} if backend else {}
    if job.regions:
        where["regions"] = list(job.regions)
    if job.instance_type:
        where["instance_types"] = [_machine(job)]
    where["spot_policy"] = "spot" if job.pricing == "spot" else "on-demand"
    if job.pricing in ("on_demand", "spot", "marketplace") and job.usd_per_gpu_hour:
        where["max_price"] = ceil(job.usd_per_gpu_hour * job.gpus_per_node * 100) / 100
    return where


def _machine(job: Job) -> str:
    """The instance type; of Nebius a platform and a preset, with a blank between them here."""
    return job.instance_type.replace("_", " ") if job.provider == "nebius" else job.instance_type


def _gpu(job: Job) -> dict[str, Any]:
    """The part with its number in a machine, which is one or more unless said."""
    if is_tpu(job):
        return {"name": f"tpu:{slice_of(job, 'dstack')}".removeprefix("tpu:"), "vendor": "google"}
    part = part_of(job, "dstack")
    memory = {"memory": f"{part['memory_gb']}GB"} if part["memory_gb"] else {}
    return {"name": part["name"], **memory, "count": job.gpus_per_node}


def _task(job: Job, choices: Choices) -> dict[str, Any]:
    task: dict[str, Any] = {"type": "task", "name": job.named("train"), "nodes": job.nodes}
    if job.launch is not None and choices.framework == "megatron":
        task["env"] = [f"{MEGATRON_LM}=/opt/megatron-lm"]
    task["commands"] = [f"{spare_leaves(job, RANK)}{training(job, choices.framework, MEETING)}\n"]
    if job.pricing == "spot":
        task["spot_policy"] = "spot"
        task["retry"] = {"on_events": ["interruption"], "duration": "1d"}
    return {**task, "fleets": [job.named("fleet")], "resources": {"gpu": _gpu(job)}}
