"""Every target of `sixnd export`, by name."""

from collections.abc import Callable

from optimizer.report.launch import bridge, dstack, skypilot, slurm
from optimizer.report.launch.choices import Choices
from optimizer.report.launch.job import Job

# Texts by what is added to the file's name: "" is the file that was asked for.
Files = dict[str, str]


def _megatron(job: Job, choices: Choices) -> Files:
    del choices
    return slurm.by_hand(job, "megatron")


def _torchtitan(job: Job, choices: Choices) -> Files:
    del choices
    return slurm.by_hand(job, "torchtitan")


TARGETS: dict[str, Callable[[Job, Choices], Files]] = {
    "megatron": _megatron,
    "bridge": bridge.command,
    "torchtitan": _torchtitan,
    "skypilot": skypilot.task,
    "dstack": dstack.files,
    "slurm": slurm.script,
}
