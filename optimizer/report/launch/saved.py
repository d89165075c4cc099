"""A saved answer, what `plan --json` or `estimate --json` printed, as what is to be launched."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from optimizer.report.launch.job import Job, machines, regions_of
from optimizer.report.launch.refusal import ExportError
from optimizer.step.launch import Launch
from problems import ModelShape
from problems.mistakes import shown
from problems.shapes import LayerMeans

Kind = TypeVar("Kind", str, int, float, bool)
LARGEST = 1e30
AGAIN = "save it again with `sixnd plan ... --json`"


def is_answer(data: object) -> bool:
    """Whether this is what a command prints with `--json`, and not a model's configuration."""
    return isinstance(data, Mapping) and isinstance(data.get("question"), Mapping)


def job_of_saved(data: Mapping[str, Any], command: str) -> Job:
    """What a saved answer launches; ExportError where a key lacks or holds something else."""
    if "plan" not in data and "gpu_hours" in data:
        return _job_of_estimate(data, command)
    if data.get("plan") is None and data.get("reasons"):
        what = "plan: none exists for this question, as its reasons say"
        raise ExportError(f"{what}; expected one; ask again with wider limits")
    plan = _part(data, "plan")
    days = plan.get("promised_days")
    return replace(
        _job(data, plan, command, "plan."),
        provider=_take(plan, "provider", str),
        offer=_take(plan, "offer", str),
        pricing=_take(plan, "pricing", str),
        fabric=_take(plan, "fabric", str),
        regions=regions_of(_take(plan, "region", str)),
        instance_type=_take(plan, "instance_type", str),
        usd_per_gpu_hour=_take(plan, "usd_per_gpu_hour", float),
        price_read_on=_take(plan, "price_read_on", str),
        cost_usd=_take(plan, "cost_usd", float),
        days=_take(plan, "days" if days is None else "promised_days", float)
        - _take(plan, "lead_days", float),
    )


def _job_of_estimate(data: Mapping[str, Any], command: str) -> Job:
    """What a saved estimate launches: its prices may lack."""
    job = _job(data, data, command, "")
    if data.get("usd_per_gpu_hour") is None or data.get("cost_usd") is None:
        return job
    return replace(
        job,
        usd_per_gpu_hour=_take(data, "usd_per_gpu_hour", float, ""),
        cost_usd=_take(data, "cost_usd", float, ""),
        price_read_on=_take(data, "price_read_on", str, "") if data.get("price_read_on") else "",
    )


def _job(data: Mapping[str, Any], fleet: Mapping[str, Any], command: str, at: str) -> Job:
    """The model, its layout and the machines of an answer, not yet with prices."""
    question = _part(data, "question")
    gpu = _take(fleet, "gpu", str, at)
    gpus, per_node = (_counted(fleet, key, at) for key in ("gpus", "gpus_per_node"))
    nodes, each = machines(gpu, gpus, per_node)
    shape, launch = _shape(_part(question, "shape", "question.")), _launch(fleet.get("layout"), at)
    _agree(shape, launch, gpus, at)
    return Job(
        command=command,
        shape=shape,
        tokens=_take(question, "tokens", float, "question."),
        precision=_take(fleet, "precision", str, at),
        launch=launch,
        gpu=gpu,
        gpu_name=_take(fleet, "gpu_name", str, at),
        nodes=nodes,
        gpus_per_node=each,
        usd_per_gpu_hour=None,
        price_read_on="",
        cost_usd=None,
        days=_take(fleet, "days", float, at) - _take(fleet, "lead_days", float, at),
        most_days=_take(_part(fleet, "days_range", at), "high", float, f"{at}days_range.")
        - _take(fleet, "lead_days", float, at),
    )


def _part(data: Mapping[str, Any], key: str, at: str = "") -> Mapping[str, Any]:
    found = data.get(key)
    if not isinstance(found, Mapping):
        holds = "is missing" if found is None else f"{shown(str(found))} is no object"
        raise ExportError(
            f"{at}{key}: {holds}; expected the answer of a plan or an estimate; {AGAIN}"
        )
    return found


def _take(data: Mapping[str, Any], key: str, kind: type[Kind], at: str = "plan.") -> Kind:
    """A value of a kind; a whole number is a number too, and true is none."""
    found = data.get(key)
    kinds = (int, float) if kind is float else kind
    if not isinstance(found, kinds) or (isinstance(found, bool) and kind is not bool):
        holds = "is missing" if found is None else shown(str(found))
        words = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
        raise ExportError(f"{at}{key}: {holds}; expected {words[kind]}; {AGAIN}")
    if not isinstance(found, str) and not 0 <= found < LARGEST:
        raise ExportError(f"{at}{key}: {found}; expected a number from 0; {AGAIN}")
    return kind(found)


def _counted(data: Mapping[str, Any], key: str, at: str) -> int:
    """A whole number from 1."""
    found = _take(data, key, int, at)
    if not found:
        raise ExportError(f"{at}{key}: 0; expected 1 or more; {AGAIN}")
    return found


def _shape(data: Mapping[str, Any]) -> ModelShape:
    """The model; keys that newer versions add may lack."""
    known = [field for field in fields(ModelShape) if field.name in data or field.name == "name"]
    given = {field.name: _cell(data, field.name, field.type) for field in known}
    for key in ("layers", "hidden", "heads", "kv_heads", "vocab"):
        _counted(data, key, "question.shape.")
    try:
        return ModelShape(**given)
    except TypeError as error:
        raise ExportError(f"question.shape: {error}; expected a whole shape; {AGAIN}") from None


def _cell(data: Mapping[str, Any], key: str, kind: object) -> Any:
    """A cell of a shape by the kind of its field; a list stands for several."""
    kinds: dict[object, Any] = {str: str, int: int, float: float, bool: bool}
    if kind in kinds:
        return _take(data, key, kinds[kind], "question.shape.")
    found = data[key]
    if key == "means" and found is not None:
        return _means(_part(data, "means", "question.shape."))
    return tuple(found) if isinstance(found, list) else found


def _means(data: Mapping[str, Any]) -> LayerMeans:
    """What a mean layer of the model holds."""
    known: dict[str, Any] = {f.name: _cell(data, f.name, f.type) for f in fields(LayerMeans)}
    return LayerMeans(**known)


def _launch(data: object, at: str) -> Launch | None:
    """The layout; None where the plan had none."""
    if data is None:
        return None
    if not isinstance(data, Mapping):
        raise ExportError(f"{at}layout: {shown(str(data))}; expected an object or null; {AGAIN}")
    whole = {
        field.name: _take(data, field.name, int, f"{at}layout.")
        for field in fields(Launch)
        if field.name not in ("recompute", "split")
    }
    launch = Launch(**whole, recompute=_recompute(data, at), split=_split(data, at))
    return _checked(launch, at)


def _recompute(data: Mapping[str, Any], at: str) -> str:
    word = _take(data, "recompute", str, f"{at}layout.")
    if word not in ("none", "selective", "full"):
        what = f"{at}layout.recompute: {shown(word)}"
        raise ExportError(f"{what}; expected none, selective or full; {AGAIN}")
    return word


def _split(data: Mapping[str, Any], at: str) -> tuple[int, ...]:
    found = data.get("split")
    if not isinstance(found, list) or not all(type(n) is int and n >= 0 for n in found):
        what = f"{at}layout.split: {shown(str(found))}"
        raise ExportError(f"{what}; expected a list of whole numbers; {AGAIN}")
    return tuple(found)


def _checked(launch: Launch, at: str) -> Launch:
    """The layout, where its numbers agree with each other; ExportError where they do not."""
    values = (launch.gpus, launch.gpus_per_node, launch.sequences, launch.seq_len)
    if not min(*values, launch.interleave, launch.shard, launch.expert, launch.expert_tensor):
        raise ExportError(f"{at}layout: holds a 0; expected numbers from 1; {AGAIN}")
    ranks = launch.tensor * launch.pipeline * launch.context * launch.data
    batch = launch.data * launch.micro_batch * launch.micro_batches
    chunks = launch.pipeline * launch.interleave
    alone = launch.data * launch.context % launch.shard
    for what, found, expected in (
        ("GPUs", launch.gpus, ranks),
        ("sequences", launch.sequences, batch),
        ("chunks of layers", len(launch.split) or 1, chunks),
        ("ranks outside groups of shards", alone, 0),
    ):
        if found != expected:
            said = f"{at}layout: {found:,} {what}, {expected:,} by its other numbers"
            raise ExportError(f"{said}; expected them to agree; {AGAIN}")
    return launch


def _agree(shape: ModelShape, launch: Launch | None, gpus: int, at: str) -> None:
    """ExportError where a layout is not of this model or this fleet."""
    if launch is None:
        return
    held = sum(launch.split) or shape.layers
    if held != shape.layers:
        what = f"{at}layout.split: {held:,} layers, {shape.layers:,} in question.shape"
        raise ExportError(f"{what}; expected as many; {AGAIN}")
    if launch.gpus + launch.idle != gpus:
        what = f"{at}layout: {launch.gpus:,} GPUs and {launch.idle:,} idle, {gpus:,} in {at}gpus"
        raise ExportError(f"{what}; expected them to agree; {AGAIN}")
