"""A question as the command that asks it."""

import shlex
from collections.abc import Iterator

from problems.fields import Logged
from problems.quantities import say_count, say_duration, say_number
from problems.question import Question


def as_command(question: Question, command: str = "") -> str:
    """The `sixnd` command line that asks this question, quoted for a shell; it has no title.

    By default `plan`, or `estimate` where the fleet is given.
    """
    verb = command or ("plan" if question.fleet is None else "estimate")
    options = [*_run(question), *_limits(question), *_choices(question), *_assumptions(question)]
    words = ["sixnd", verb, question.model]
    for option, value in options:
        words += [option, value]
    return shlex.join(words)


def _run(question: Question) -> Iterator[tuple[str, str]]:
    if question.active is not None:
        yield "--active", say_count(question.active)
    if question.tokens is not None:
        yield "--tokens", say_count(question.tokens)
    if question.precision is not None:
        yield "--precision", question.precision
    if question.seq_len is not None:
        yield "--seq-len", str(question.seq_len)
    if question.global_batch is not None:
        yield "--global-batch", say_count(question.global_batch)
    if question.runs != 1:
        yield "--runs", str(question.runs)


def _limits(question: Question) -> Iterator[tuple[str, str]]:
    if question.deadline is not None:
        yield "--deadline", say_duration(question.deadline)
    if question.max_gpus is not None:
        yield "--max-gpus", str(question.max_gpus)
    if question.budget is not None:
        yield "--budget", say_count(question.budget)
    if question.power_cap is not None:
        yield "--power-cap", f"{say_number(question.power_cap)}kW"
    if question.confidence is not None:
        yield "--confidence", str(question.confidence)
    for provider, gpus in question.quota.items():
        yield "--quota", f"{provider}={gpus}"
    if question.minimize != "cost":
        yield "--minimize", question.minimize


def _choices(question: Question) -> Iterator[tuple[str, str]]:
    for key in ("gpu", "exclude_gpu", "provider", "exclude_provider", "region", "exclude_region"):
        for name in getattr(question, key):
            yield "--" + key.replace("_", "-"), name
    for fabric in question.fabric:
        yield "--fabric", fabric
    if question.capacity is not None:
        yield "--capacity", question.capacity.replace("_", "-")
    if question.pricing:
        yield "--pricing", ",".join(question.pricing)
    if question.spot_nodes is not None:
        yield "--spot-nodes", str(question.spot_nodes)
    fleet = question.fleet
    if fleet is not None:
        yield "--gpu", fleet.gpu
        yield "--gpus", str(fleet.gpus)
        if fleet.usd_per_gpu_hour is not None:
            yield "--usd-per-gpu-hour", say_count(fleet.usd_per_gpu_hour)
        if fleet.gpus_per_node != 8:
            yield "--gpus-per-node", str(fleet.gpus_per_node)


def _assumptions(question: Question) -> Iterator[tuple[str, str]]:
    if question.mfu is not None:
        yield "--mfu", str(question.mfu)
    if question.tflops_per_gpu is not None:
        yield "--tflops-per-gpu", _speed(question.tflops_per_gpu)
    if question.tokens_per_second_per_gpu is not None:
        yield "--tokens-per-second-per-gpu", say_count(question.tokens_per_second_per_gpu)
    if question.goodput is not None:
        yield "--goodput", str(question.goodput)
    if question.failures is not None:
        yield "--failures", say_number(question.failures)
    if question.storage_price is not None:
        yield "--storage-price", say_number(question.storage_price)
    if question.stack is not None:
        yield "--stack", question.stack
    if question.pilot is not None:
        yield "--pilot", question.pilot
    for cluster_class, gpus in question.largest_cluster.items():
        yield "--largest-cluster", f"{cluster_class}={gpus}"


def _speed(tflops: float | Logged) -> str:
    """TFLOP/s with the framework that counts them, where one does."""
    return str(tflops) if isinstance(tflops, Logged) else say_count(tflops)
