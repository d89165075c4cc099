"""torchtitan as a judge: what it says of a command line and a number of GPUs (read: 0.3.0).

The parser takes layouts that fail hours later, on the cluster, so the judge goes on from it as the
trainer does: degrees of parallelism and the device mesh, the sequence, the model's configuration,
the batch, the stages of the pipeline and the schedule of its micro-batches.

Of these the degrees and the mesh, the batch, the sequence and the schedule depend on no model; the
heads that tensor parallelism splits, tied embeddings and the layers of each stage are those of
``--module`` and ``--config``. Of a model that the package does not ship, say the ``Model``: a
shipped one of its family then stands in with its layers, heads and experts.
"""

import contextlib
import copy
import io
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest import mock

LONGEST = 2**20


class RefusedError(Exception):
    """What the judge itself finds wrong where the package would run on, or fail without a word."""


@dataclass(frozen=True, slots=True)
class Model:
    """What of a model decides whether a layout starts; 0 experts where it is dense.

    Not its query groups and tied embeddings: how they are split is for the model's own code to say.
    """

    layers: int
    heads: int
    experts: int


def refusal(arguments: list[str], world: int, model: Model | None = None) -> str | None:
    """Why the words after ``torchtitan.train`` do not start on ``world`` GPUs; None if they do.

    ``model`` takes the place of the configuration's own proportions.
    """
    said = io.StringIO()
    with _imitated(world, said):
        try:
            _judge(arguments, world, model)
        except SystemExit:  # what the parser raises once it has complained
            return _plain(said.getvalue())
        except Exception as error:
            return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return None


def _judge(arguments: list[str], world: int, instead: Model | None) -> None:
    """Everything in the order of the trainer; the first refusal is raised."""
    package = _package()
    config = package.manager().parse_args(arguments)
    with _process_group(world):
        dims = package.dims.from_config(config.parallelism, world)
        dims.build_mesh()
        _check_sequence(config, dims)
        model = config.model_spec.model
        if instead is not None:
            _stand_in(model, instead)
        model.update_from_config(config=config)
        _check_experts(model, dims)
        _check_batch(config, dims)
        if dims.pp > 1:
            _check_pipeline(config, dims, model)


@contextlib.contextmanager
def _imitated(world: int, said: io.StringIO) -> Iterator[None]:
    """The environment of rank 0; what the package logs is dropped."""
    _package()
    environment = {"RANK": "0", "WORLD_SIZE": str(world), "LOCAL_RANK": "0"}
    with (
        mock.patch.dict(os.environ, environment),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        warnings.simplefilter("ignore")
        yield


@cache
def _package() -> Any:
    """The parts of the package that judge, imported once."""
    import logging

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Registers the process group that sends nothing.
        from torch.testing._internal.distributed import fake_pg
        from torchtitan.config import ConfigManager
        from torchtitan.distributed import pipeline_parallel
        from torchtitan.distributed.parallel_dims import ParallelDims
    logging.disable(logging.CRITICAL)
    return SimpleNamespace(
        manager=ConfigManager, dims=ParallelDims, pipeline=pipeline_parallel, fake=fake_pg
    )


@contextlib.contextmanager
def _process_group(world: int) -> Iterator[None]:
    """Rank 0 of ``world`` ranks, none of which is there; gone afterwards."""
    import torch

    package = _package()
    torch.distributed.init_process_group(
        "fake", rank=0, world_size=world, store=package.fake.FakeStore()
    )
    try:
        yield
    finally:
        torch.distributed.destroy_process_group()


def _stand_in(model: Any, instead: Model) -> None:
    """A shipped model with another one's proportions; its last layer is repeated.

    Positions reach as far as they are asked to.
    """
    last = model.layers[-1]
    if instead.experts and last.moe is None:
        raise RefusedError("a dense configuration cannot stand in for a mixture")
    model.layers = [copy.copy(last) for _ in range(instead.layers)]
    model.enable_weight_tying = False
    for layer in model.layers:
        layer.attention = copy.copy(last.attention)
        layer.attention.n_heads = instead.heads
        layer.attention.n_kv_heads = instead.heads
        layer.attention.rope = copy.copy(last.attention.rope)
        layer.attention.rope.max_seq_len = LONGEST
        if instead.experts:
            layer.moe = copy.copy(last.moe)
            layer.moe.num_experts = instead.experts


def _check_sequence(config: Any, dims: Any) -> None:
    """The trainer's rule: equal parts on the ranks of a sequence."""
    parallelism = config.parallelism
    parts = (dims.tp if parallelism.enable_sequence_parallel else 1) * (
        2 * dims.cp if dims.cp > 1 else 1
    )
    if config.training.seq_len % parts:
        raise RefusedError(f"seq_len {config.training.seq_len} does not divide by {parts}")


def _check_experts(model: Any, dims: Any) -> None:
    """Whole experts on every rank of expert parallelism, whose ranks are those that share state."""
    ranks = dims.dp_shard * dims.cp * dims.tp
    experts = max((_experts(layer) for layer in model.layers), default=0)
    if dims.ep > 1 and not experts:
        raise RefusedError("expert parallelism, and the model has no experts")
    if ranks % dims.ep or experts % dims.ep:
        raise RefusedError(f"EP {dims.ep} divides neither {ranks} ranks nor {experts} experts")


def _experts(layer: Any) -> int:
    mixture = getattr(layer, "moe", None)
    return 0 if mixture is None else int(mixture.num_experts)


def _check_batch(config: Any, dims: Any) -> None:
    """The trainer's rule: whole accumulation steps on every replica."""
    training = config.training
    if training.local_batch_size < 1:
        raise RefusedError(f"local_batch_size {training.local_batch_size}")
    step = training.local_batch_size * dims.dp_replicate * dims.dp_shard
    batch = training.global_batch_size if training.global_batch_size >= 0 else step
    if batch < step or batch % step:
        raise RefusedError(f"global_batch_size {batch} is no multiple of local x data, {step}")


def _check_pipeline(config: Any, dims: Any, model: Any) -> None:
    """Every stage holds layers, all of them are held, and the schedule takes the micro-batches."""
    pipeline = _package().pipeline
    stages, layers, *weights = pipeline._get_pipeline_metadata(dims, config.parallelism, model)
    parts = config.parallelism.module_fqns_per_model_part
    if parts is None:
        parts = pipeline._generate_llm_fqn_per_model_part(stages, layers, *weights)
    held = [name for part in parts for name in part if name.startswith("layers.")]
    if len(held) != layers or len(set(held)) != layers:
        raise RefusedError(f"the stages hold {len(held)} of {layers} layers")
    for at, part in enumerate(parts):
        if not part:
            raise RefusedError(f"stage {at} holds nothing")
    _check_schedule(config, dims.pp, stages)


def _check_schedule(config: Any, ranks: int, stages: int) -> None:
    """The schedule of the package for the stages of rank 0, and micro-batches that fill it."""
    local = [_stage(at, ranks, stages) for at in range(0, stages, ranks)]
    batch = config.training.local_batch_size
    _package().pipeline._build_pipeline_schedule(
        parallelism=config.parallelism,
        local_batch_size=batch,
        stages=local,
        loss_fn=lambda *_: None,
    )
    micro_batches = batch // config.parallelism.pipeline_parallel_microbatch_size
    if micro_batches < ranks:
        raise RefusedError(f"{micro_batches} micro-batches do not fill {ranks} ranks")


def _stage(at: int, ranks: int, stages: int) -> SimpleNamespace:
    """What a schedule asks of a stage before it runs it."""
    return SimpleNamespace(
        stage_index=at,
        num_stages=stages,
        group_size=ranks,
        group_rank=at % ranks,
        group=None,
        device="cpu",
        has_backward=True,
        is_first=at == 0,
        is_last=at == stages - 1,
        stage_index_to_group_rank={stage: stage % ranks for stage in range(stages)},
        submod=None,
    )


def _plain(said: str) -> str:
    """A parser's complaint without the frame that it draws."""
    words = " ".join(said.translate(str.maketrans("╭╮╰╯│─", " " * 6)).split())
    return words[-400:] or "the parser refused"
