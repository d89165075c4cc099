"""Commands for a shell: one flag a line, what the shell would read quoted."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from optimizer.report.launch import megatron, torchtitan
from optimizer.report.launch.job import Job, known_launch

PORT = 29500
# Where pretrain_gpt.py lies: it is in Megatron-LM's repository, not in its package.
MEGATRON_LM = "MEGATRON_LM"
STAND_INS = {
    "megatron": (
        "stand-ins to replace: --lr, --mock-data, --tokenizer-type; to add from the model's own"
        " config: --rotary-base, --norm-epsilon, --qk-layernorm, biases, how its router scores"
    ),
    "torchtitan": "to set: --hf_assets_path, the data set, the learning rate",
}
NO_LAYOUT = (
    "echo 'no layout of whole numbers is known: put the command of your training here' >&2\nexit 1"
)


@dataclass(frozen=True, slots=True)
class Meeting:
    """How the machines of a run find each other: words of a shell."""

    rank: str
    address: str


MANUAL = Meeting('"${NODE_RANK:?which of the nodes this is}"', '"${MASTER_ADDR:?the first node}"')


def training(job: Job, framework: str, meeting: Meeting) -> str:
    """The lines that train on one node of several."""
    if job.launch is None:
        return NO_LAYOUT
    return "\n".join(["set -eu", *_before(job, framework), _torchrun(job, framework, meeting)])


def _before(job: Job, framework: str) -> list[str]:
    """What the shell does first."""
    launch = known_launch(job)
    if framework != "megatron":
        return []
    folder = f'cd "${{{MEGATRON_LM}:?the folder of Megatron-LM}}"'
    # Megatron wants one queue for overlapping its splits, and its FSDP wants several.
    overlaps = launch.shard <= 1 and max(launch.tensor, launch.context) > 1
    return [folder, *(["export CUDA_DEVICE_MAX_CONNECTIONS=1"] if overlaps else [])]


def _torchrun(job: Job, framework: str, meeting: Meeting) -> str:
    launch = known_launch(job)
    nodes = job.training_nodes
    program = [["torchrun"], [f"--nnodes={nodes}"], [f"--nproc-per-node={launch.gpus // nodes}"]]
    if nodes > 1:
        program += [[f"--node-rank={meeting.rank}"], [f"--master-addr={meeting.address}"]]
        program += [[f"--master-port={PORT}"]]
    words = [[shlex.quote(word) for word in row] for row in flags(job, framework)]
    return " \\\n  ".join(" ".join(row) for row in [*program, *words])


def flags(job: Job, framework: str) -> list[list[str]]:
    """The framework's program and arguments, a flag with its values a row."""
    launch = known_launch(job)
    if framework == "megatron":
        said = megatron.arguments(job.shape, launch, job.precision, job.steps)
        return [["pretrain_gpt.py"], *_by_flag(said)]
    said = torchtitan.arguments(job.shape, launch, job.precision, job.steps)
    return [["-m", "torchtitan.train"], *_by_flag(said)]


def _by_flag(words: Iterable[str]) -> list[list[str]]:
    """Words by flag; torchtitan's subcommand stands alone."""
    rows: list[list[str]] = []
    for word in words:
        if word.startswith(("--", "activation-checkpoint:")):
            rows.append([word])
        else:
            rows[-1].append(word)
    return rows


def spare_leaves(job: Job, rank: str) -> str:
    """A line that ends a node which the layout leaves out; none where it fills all."""
    if job.training_nodes == job.nodes:
        return ""
    return f'if [ "{rank}" -ge {job.training_nodes} ]; then exit 0; fi\n'
