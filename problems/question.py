"""The question a planner answers: checked once here, plain numbers with known units after."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from catalog.vocabulary import PRECISIONS
from problems.fields import (
    GOALS,
    SPEEDS,
    Logged,
    read_capacity,
    read_choice,
    read_confidence,
    read_fabrics,
    read_gpus_by_name,
    read_mfu,
    read_model,
    read_names,
    read_not_negative,
    read_pilot,
    read_pricing,
    read_share,
    read_stack,
    read_text,
    read_tflops,
)
from problems.mistakes import ProblemError, did_you_mean, shown
from problems.presets import shape_of
from problems.quantities import (
    NODES,
    RUNS,
    parse_context,
    parse_duration,
    parse_money,
    parse_parameters,
    parse_positive_int,
    parse_power,
    parse_token_rate,
    parse_tokens,
)

Text = Annotated[str, BeforeValidator(read_text)]
Names = Annotated[tuple[str, ...], BeforeValidator(read_names)]
Gpus = Annotated[int, BeforeValidator(parse_positive_int)]
Nodes = Annotated[int, BeforeValidator(partial(parse_positive_int, kind=NODES))]
Runs = Annotated[int, BeforeValidator(partial(parse_positive_int, kind=RUNS))]
Money = Annotated[float, BeforeValidator(parse_money)]
Tokens = Annotated[float, BeforeValidator(parse_tokens)]
Rate = Annotated[float, BeforeValidator(read_not_negative)]
Share = Annotated[float, BeforeValidator(read_share)]
Tflops = Annotated[float | Logged, BeforeValidator(read_tflops)]
TokenRate = Annotated[float, BeforeValidator(parse_token_rate)]
Goal = Annotated[Literal["cost", "time"], BeforeValidator(partial(read_choice, choices=GOALS))]
StackName = Annotated[str, BeforeValidator(read_stack)]
PrecisionName = Annotated[
    Literal["bf16", "fp16", "fp8", "mxfp8", "mxfp4", "nvfp4"],
    BeforeValidator(partial(read_choice, choices=PRECISIONS)),
]

# What a question chooses by, which a fleet that is given does not leave open.
CHOICES = (
    *("gpu", "exclude_gpu", "provider", "exclude_provider", "region", "exclude_region", "fabric"),
    *("capacity", "max_gpus", "power_cap", "quota", "spot_nodes", "confidence"),
)
_STRICT = ConfigDict(frozen=True, extra="forbid")


class Fleet(BaseModel):
    """A fleet that is given, not chosen."""

    model_config = _STRICT

    gpu: Text = Field(min_length=1, description="the GPU model, such as h100_sxm")
    gpus: Gpus = Field(description="how many GPUs")
    usd_per_gpu_hour: Money | None = Field(None, description="the price, USD per GPU-hour")
    gpus_per_node: Gpus = Field(8, description="GPUs in one node")


class Question(BaseModel):
    """One training run to plan; make it with ``make_question``, which reads '70B' and '30d'.

    To change a question use ``model_copy(update=...)`` with the units stored here: validating
    its numbers again would read a deadline of 720 hours as 720 days.
    """

    model_config = _STRICT

    name: Text = Field("", description="a title for reports")
    model: Annotated[str, BeforeValidator(read_model)] = Field(
        description="the model as written: a size such as 70B or a preset"
    )
    active: Annotated[float, BeforeValidator(parse_parameters)] | None = Field(
        None, description="active parameters of a mixture of experts"
    )
    tokens: Tokens | None = Field(None, description="training tokens")
    precision: PrecisionName | None = Field(
        None, description="number format: bf16, fp16, fp8, mxfp8, mxfp4 or nvfp4"
    )
    seq_len: Annotated[int, BeforeValidator(parse_context)] | None = Field(
        None, description="tokens in one sequence"
    )
    global_batch: Tokens | None = Field(None, description="tokens in one optimizer step")
    runs: Runs = Field(1, description="how many such runs follow each other on the same fleet")
    minimize: Goal = Field("cost", description="what the plan makes small: cost or time")
    deadline: Annotated[float, BeforeValidator(parse_duration)] | None = Field(
        None, description="time until the run is done, hours"
    )
    max_gpus: Gpus | None = Field(None, description="most GPUs in the fleet")
    budget: Money | None = Field(None, description="most the run may cost, USD")
    power_cap: Annotated[float, BeforeValidator(parse_power)] | None = Field(
        None, description="most power the fleet may draw, kW with cooling"
    )
    confidence: Annotated[float, BeforeValidator(read_confidence)] | None = Field(
        None, description="how sure the deadline has to be kept, a share such as 0.9"
    )
    quota: Annotated[
        dict[str, int], BeforeValidator(partial(read_gpus_by_name, what="providers"))
    ] = Field(default_factory=dict, description="most GPUs you may rent of each provider")
    gpu: Names = Field((), description="GPU models or families to consider; none means all")
    exclude_gpu: Names = Field((), description="GPU models or families to leave out")
    provider: Names = Field((), description="providers to consider; none means all")
    exclude_provider: Names = Field((), description="providers to leave out")
    pricing: Annotated[tuple[str, ...], BeforeValidator(read_pricing)] = Field(
        (), description="kinds of price to consider: on_demand, reserved, spot, marketplace, owned"
    )
    region: Names = Field((), description="regions to consider: a group, or part of their name")
    exclude_region: Names = Field((), description="regions to leave out, named the same way")
    fabric: Annotated[tuple[str, ...], BeforeValidator(read_fabrics)] = Field(
        (), description="networks between nodes to consider: infiniband, rdma, fast, ..."
    )
    capacity: Annotated[str, BeforeValidator(read_capacity)] | None = Field(
        None,
        description="how GPUs may be had: self_serve, approval, quota or contract, each with those "
        "before it, or published: any, of sizes that somebody publishes",
    )
    spot_nodes: Nodes | None = Field(None, description="most nodes of a spot fleet")
    mfu: Annotated[float | str | Logged, BeforeValidator(read_mfu)] | None = Field(
        None,
        description="MFU as a share (0.42), as a framework logs it (0.42@torchtitan), or the path "
        "of a CSV file with gpus and mfu",
    )
    tflops_per_gpu: Tflops | None = Field(
        None, description="useful speed of one GPU, TFLOP/s: 400, or a framework's 400@megatron"
    )
    tokens_per_second_per_gpu: TokenRate | None = Field(
        None, description="tokens that one GPU trains on in a second"
    )
    goodput: Share | None = Field(None, description="share of wall-clock time that is productive")
    stack: StackName | None = Field(
        None, description="the training software: typical, tuned, or a stack such as torchtitan"
    )
    pilot: Annotated[str, BeforeValidator(read_pilot)] | None = Field(
        None, description="the path of a CSV file with steps that you measured"
    )
    failures: Rate | None = Field(None, description="interruptions per 1,000 GPU-days")
    storage_price: Rate | None = Field(
        None, description="storage of data and checkpoints, USD per GB and month"
    )
    largest_cluster: Annotated[
        dict[str, int], BeforeValidator(partial(read_gpus_by_name, what="cluster classes"))
    ] = Field(
        default_factory=dict, description="most GPUs of each cluster class; overrides a default"
    )
    fleet: Fleet | None = Field(None, description="a given fleet: gpu, gpus, usd_per_gpu_hour")

    @model_validator(mode="after")
    def _consistent(self) -> "Question":
        mistakes = _contradictions(self)
        try:
            shape_of(self.model, self.active)
        except ProblemError as error:
            mistakes += error.mistakes
        if mistakes:
            raise ProblemError(mistakes)
        return self


def make_question(where: str = "", **fields: object) -> Question:
    """The question with these fields, written as people write them; ``where`` starts each error."""
    prefix = f"{where}: " if where else ""
    try:
        return question_from(fields)
    except ProblemError as error:
        raise ProblemError([prefix + mistake for mistake in error.mistakes]) from None


def question_from(fields: Mapping[str, object]) -> Question:
    """The question with these fields; a mistake begins with the fields that it is about."""
    try:
        return Question.model_validate(dict(fields))
    except ValidationError as invalid:
        mistakes = []
        for error in invalid.errors():
            cause = error.get("ctx", {}).get("error")
            if isinstance(cause, ProblemError):
                mistakes += cause.mistakes
            else:
                keys = tuple(str(part) for part in error["loc"])
                mistakes.append(_in_words(keys, error["type"], cause, error["input"]))
        raise ProblemError(mistakes) from None


def _contradictions(question: Question) -> list[str]:
    """What cannot hold together, each as 'keys: what; expected; what to do'."""
    q, found = question, []
    speeds = [key for key in SPEEDS if getattr(q, key) is not None]
    if len(speeds) > 1:
        both, out = ("both", "one") if len(speeds) == 2 else ("all", "the others")
        what = f"{both} say how fast a GPU is; expected one of them; leave {out} out"
        found.append(f"{', '.join(speeds)}: {what}")
    if q.pilot is not None and speeds:
        what = "both say how fast a GPU is; expected steps to learn from, or a speed to take"
        found.append(f"pilot, {', '.join(speeds)}: {what}; leave one out")
    if q.goodput is not None and q.failures is not None:
        what = "both say what interruptions cost; expected one of them; leave one out"
        found.append(f"goodput, failures: {what}")
    if q.fleet is not None:
        asked = [key for key in CHOICES if getattr(q, key)]
        asked += ["runs"] * (q.runs > 1) + ["minimize"] * (q.minimize == "time")
        if asked:
            what = "the fleet decides what runs; expected no other choice beside it"
            found.append(f"fleet, {', '.join(asked)}: {what}; leave out one or the other")
    if q.global_batch and q.seq_len and q.global_batch < q.seq_len:
        what = f"a batch of {q.global_batch:,.0f} tokens does not hold one sequence"
        found.append(f"global_batch: {what}; expected at least seq_len = {q.seq_len:,}")
    if q.global_batch and q.tokens and q.global_batch > q.tokens:
        found.append(beyond_the_run(q.tokens))
    return found


def beyond_the_run(tokens: float) -> str:
    """What is wrong with a global batch that holds more than all ``tokens`` of a run."""
    what = f"one batch is more than the {tokens:,.0f} tokens of the whole run"
    return f"global_batch: {what}; expected tokens in one step, such as 4194304"


def _in_words(keys: tuple[str, ...], kind: str, cause: object, written: object) -> str:
    """One of pydantic's errors as 'key: what; expected; what to do'."""
    first, *inner = keys
    model: type[BaseModel] = Fleet if inner and first == "fleet" else Question
    key = inner[-1] if model is Fleet else first
    place = f"fleet.{key}" if model is Fleet else key
    if kind == "extra_forbidden":
        return f"unknown key {place!r}; {did_you_mean(key, model.model_fields)}"
    expected = model.model_fields[key].description
    if kind == "missing":
        return f"{place}: is missing; expected {expected}"
    if isinstance(cause, ValueError):
        return f"{place}: {cause}"
    return f"{place}: cannot read {shown(written)}; expected {expected}"
