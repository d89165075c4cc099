"""The question as a sentence that needs no knowledge of training, and its limits in words."""

from collections.abc import Iterator, Sequence

from optimizer import say
from optimizer.market.run import Run

# Words for the limits whose names are those of options.
LIMITS = {
    "max_gpus": "cluster-size limit",
    "power_cap": "power cap",
    "confidence": "confidence in the deadline",
    "quota": "your quota",
    "spot_nodes": "nodes taken as spot",
    "gpu": "GPU models asked for",
    "exclude_gpu": "GPU models left out",
    "provider": "providers asked for",
    "exclude_provider": "providers left out",
    "region": "regions asked for",
    "exclude_region": "regions left out",
    "fabric": "networks asked for",
    "capacity": "how GPUs may be had",
    "pricing": "kinds of price asked for",
    "largest_cluster": "largest cluster",
}

# What a question that restricts the capacity counts on.
CAPACITY_WORDS = {
    "self_serve": "self-serve alone",
    "approval": "self-serve or by approval",
    "quota": "at most by a quota on demand",
    "contract": "by contract too",
    "published": "of published sizes",
}


def limit_words(limit: str) -> str:
    """A limit in words."""
    return LIMITS.get(limit, limit.replace("_", " "))


def asked_line(run: Run) -> str:
    """What was asked: 'The cheapest way to train 70B parameters on 1.4T tokens in 30 days'."""
    question, shape = run.question, run.shape
    best = "cheapest" if run.objective == "cost" else "fastest"
    model = f"{say.count(shape.parameters)} parameters"
    if not shape.estimated:
        model = f"{shape.name} ({model})"
    times = "" if question.runs == 1 else f", {question.runs:,} times in a row,"
    within = f"The {best} way to train {model} on {say.count(run.tokens)} tokens{times}"
    usual = "" if question.deadline is not None else " (the default)"
    return f"{within} in {say.days(run.deadline_hours)}{usual}{''.join(_limits(run))}."


def _limits(run: Run) -> Iterator[str]:
    """The limits beside the deadline, each with a comma before it."""
    question = run.question
    if question.budget is not None:
        yield f", for {say.usd(question.budget)} at most"
    if question.max_gpus is not None:
        yield f", on {say.gpus(question.max_gpus)} at most"
    if question.power_cap is not None:
        yield f", drawing {say.power(question.power_cap)} at most"
    if question.confidence is not None:
        yield f", the deadline kept {times_in_100(question.confidence)}"
    if question.gpu:
        yield f", on {_listed(question.gpu, 'or')}"
    if question.provider:
        yield f", from {_listed(question.provider, 'or')}"
    if question.pricing:
        yield f", priced {_listed([one.replace('_', ' ') for one in question.pricing], 'or')}"
    if question.region:
        yield f", in {_listed(question.region, 'or')}"
    if question.fabric:
        yield f", networked by {_listed(question.fabric, 'or')}"
    if question.capacity is not None:
        yield f", {CAPACITY_WORDS[question.capacity]}"
    for provider, gpus in question.quota.items():
        yield f", with {say.gpus(gpus)} of {provider} at most"
    if question.spot_nodes is not None:
        yield f", on {question.spot_nodes:,} nodes of spot capacity at most"
    left_out = (*question.exclude_gpu, *question.exclude_provider, *question.exclude_region)
    if left_out:
        yield f", without {_listed(left_out, 'and')}"


def times_in_100(share: float) -> str:
    """A share as people say it: '90 times in 100'."""
    return f"{share * 100:.4g} times in 100"


def _listed(words: Sequence[str], last: str) -> str:
    """'H100, A100 or A6000'."""
    head = ", ".join(words[:-1])
    return f"{head} {last} {words[-1]}" if head else words[-1]
