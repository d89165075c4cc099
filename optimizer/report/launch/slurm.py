"""A batch script for Slurm.

Directives are those that sbatch 22.05.8 reads (Debian 12, slurm-client, 2026-11-29), but for
``--segment``, which came later: it keeps parts of a job in one rack where the cluster's topology is
of blocks (``TopologyPlugin=topology/block``).
"""

from optimizer.report.launch.choices import Choices
from optimizer.report.launch.job import RACKS, Job, header, known_launch
from optimizer.report.launch.refusal import ExportError
from optimizer.report.launch.shell import MANUAL, STAND_INS, Meeting, training
from optimizer.report.launch.torchtitan import split_of
from optimizer.report.launch.tpu import is_tpu

# Machines of 4 GPUs in a rack of 72.
NODES_A_RACK = 18
# A part of a rack that published jobs ask for.
USUAL_SEGMENT = 16
MEETING = Meeting("$SLURM_NODEID", "$MASTER_ADDR")


def script(job: Job, choices: Choices) -> dict[str, str]:
    """The batch script; every directive stands before the first command."""
    if is_tpu(job):
        what = f"gpu: {job.gpu_name} are not machines that Slurm runs"
        raise ExportError(f"{what}; expected GPUs; --to skypilot writes a task for them")
    directives = "".join(f"#SBATCH {word}\n" for word in _directives(job, choices))
    top = header(job, "Slurm", _notes(job, choices))
    return {"": f"#!/bin/bash\n{top}{directives}\n{_run(job, choices)}"}


def _directives(job: Job, choices: Choices) -> list[str]:
    words = [
        f"--job-name={job.named('train')}",
        f"--nodes={job.training_nodes}",
        "--ntasks-per-node=1",
        f"--time={duration(job.seconds)}",
        "--exclusive",
        "--requeue",
    ]
    if choices.gres:
        words.insert(3, f"--gpus-per-node={job.gpus_per_node}")
    segment = segment_of(job) if choices.segment else None
    return [*words, f"--segment={segment}"] if segment else words


def duration(seconds: int) -> str:
    """Seconds as D-HH:MM:SS."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{day}-{hour:02}:{minute:02}:{second:02}"


def segment_of(job: Job) -> int | None:
    """Machines that have to lie in one rack; None without racks, or where none divides the job.

    One replica's, where it fits a rack; else as many as published jobs ask for.
    """
    if job.gpu not in RACKS:
        return None
    for nodes in (*_replica(job), USUAL_SEGMENT):
        if 1 < nodes <= NODES_A_RACK and job.training_nodes % nodes == 0:
            return nodes
    return None


def _replica(job: Job) -> tuple[int, ...]:
    """Whole machines of one replica."""
    if job.launch is None:
        return ()
    gpus = job.launch.tensor * job.launch.pipeline * job.launch.context
    return () if gpus % job.gpus_per_node else (gpus // job.gpus_per_node,)


def _notes(job: Job, choices: Choices) -> list[str]:
    notes = [] if job.launch is None else [STAND_INS[choices.framework]]
    notes.append("start it: sbatch -A ACCOUNT -p PARTITION FILE")
    notes.append("--time: as long as nine of ten such runs take")
    if job.gpu in RACKS and choices.segment:
        notes.append(_about_segments(job))
    return notes


def _about_segments(job: Job) -> str:
    if segment_of(job) is None:
        return f"no --segment: no part of a rack divides {job.training_nodes:,} nodes"
    return "--segment needs a topology of blocks; --no-segment leaves it out"


def _run(job: Job, choices: Choices) -> str:
    """The commands: the nodes agree on the first of them, then each starts its own."""
    first = 'export MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)'
    each = training(job, choices.framework, MEETING)
    return f"set -euo pipefail\n{first}\nsrun bash -c {_quoted(each)}\n"


def _quoted(text: str) -> str:
    """For the shell that calls a shell: the inner one expands the variables."""
    return "'" + text.replace("'", "'\\''") + "'"


def by_hand(job: Job, framework: str) -> dict[str, str]:
    """The same training as a script that is started on every node by hand.

    ExportError where no layout is known, or the framework has no words for it.
    """
    launch = known_launch(job)
    body = training(job, framework, MANUAL)
    notes = [STAND_INS[framework]]
    if framework == "torchtitan" and split_of(launch) != launch.split:
        held = ", ".join(map(str, split_of(launch)))
        notes.append(f"layers by stage, by torchtitan's rule and not as planned: {held}")
    if job.training_nodes > 1:
        notes.append("on every node: NODE_RANK=0... MASTER_ADDR=the first node bash FILE")
    return {"": f"#!/bin/bash\n{header(job, framework, notes)}{body}\n"}
