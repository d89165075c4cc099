"""A task of SkyPilot (skypilot 0.14.1, PyPI, read 2026-11-29)."""

from typing import Any

from optimizer.report.launch.choices import Choices
from optimizer.report.launch.job import Job, header
from optimizer.report.launch.names import cloud_of, part_of
from optimizer.report.launch.refusal import ExportError
from optimizer.report.launch.shell import (
    MEGATRON_LM,
    STAND_INS,
    Meeting,
    spare_leaves,
    training,
)
from optimizer.report.launch.tpu import is_tpu, slice_of
from optimizer.report.launch.yaml_text import as_yaml

RANK = "$SKYPILOT_NODE_RANK"
MEETING = Meeting(RANK, '"$(echo "$SKYPILOT_NODE_IPS" | head -n 1)"')
# Clouds whose fastest network has to be asked for.
ASKED_FOR = {"aws": ("efa",), "gcp": ("tcpx", "rdma", "roce"), "nebius": ("infiniband",)}
RESTARTS = 3


def task(job: Job, choices: Choices) -> dict[str, str]:
    """The task's file; ExportError where SkyPilot does not know the provider or the part."""
    notes = [*_notes(job, choices), f"start it: sky jobs launch -n {job.named('train')} FILE"]
    said = as_yaml(_task(job, choices))
    return {"": header(job, "skypilot 0.14.1 (Task.from_yaml)", notes) + said}


def _notes(job: Job, choices: Choices) -> list[str]:
    notes = [] if job.launch is None else [STAND_INS[choices.framework]]
    if job.pricing == "reserved" and not choices.kubernetes:
        notes.append("reserved: sign the contract first; SkyPilot asks for machines by the hour")
    if job.pricing == "marketplace" and not choices.kubernetes:
        notes.append("marketplace: SkyPilot may take dearer machines of the same provider")
    return notes


def _task(job: Job, choices: Choices) -> dict[str, Any]:
    data: dict[str, Any] = {"name": job.named("train")}
    # A slice of TPUs is one node.
    data["num_nodes"] = 1 if is_tpu(job) else job.nodes
    data["resources"] = _kubernetes(job, choices) if choices.kubernetes else _cloud(job)
    if job.launch is not None and choices.framework == "megatron":
        data["envs"] = {MEGATRON_LM: "/opt/megatron-lm"}
    script = training(job, choices.framework, MEETING)
    data["run"] = f"{spare_leaves(job, RANK)}{script}\n"
    return data


def _kubernetes(job: Job, choices: Choices) -> dict[str, Any]:
    if is_tpu(job):
        what = "kubernetes: TPUs on Kubernetes are not written here"
        raise ExportError(f"{what}; expected GPUs; leave out --kubernetes")
    part = part_of(job, "skypilot", anywhere=True)
    # What stands after a slash may hold any name of a context.
    return {
        "infra": f"k8s/{choices.kubernetes}",
        "accelerators": f"{part['name']}:{job.gpus_per_node}",
    }


def _cloud(job: Job) -> dict[str, Any]:
    cloud = cloud_of(job, "skypilot")
    resources: dict[str, Any] = {}
    places = [f"{cloud}/{region}" for region in job.regions] if cloud else []
    if len(places) > 1:
        resources["any_of"] = [{"infra": place} for place in places]
    elif cloud:
        resources["infra"] = places[0] if places else cloud
    if job.instance_type:
        resources["instance_type"] = job.instance_type
    resources["accelerators"] = _accelerators(job)
    if job.pricing == "spot":
        resources["use_spot"] = True
        resources["job_recovery"] = {"strategy": "FAILOVER", "max_restarts_on_errors": RESTARTS}
    if job.nodes > 1 and job.fabric in ASKED_FOR.get(job.provider, ()):
        resources["network_tier"] = "best"
    return resources


def _accelerators(job: Job) -> str:
    if is_tpu(job):
        return f"tpu-{slice_of(job, 'SkyPilot')}"
    return f"{part_of(job, 'skypilot')['name']}:{job.gpus_per_node}"
