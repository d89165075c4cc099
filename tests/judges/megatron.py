"""Megatron-LM as a judge: what it says of a command line and a number of GPUs (read: 0.19.2).

The parser takes layouts that fail hours later, on the cluster, so the judge goes on from it as a
training run does: model configuration, layers of every stage, micro-batches, the interleaved
schedule up to its own check, and the process groups of one rank among many that do not exist.
"""

import contextlib
import io
import os
import sys
import typing
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest import mock

HOPPER = (9, 0)
MEMORY = 80 * 2**30
# Transformer Engine needs a GPU to be installed; its version is told, its kernels are not used.
ENGINE = "2.14.0"
WITHOUT_ENGINE = ("--transformer-impl", "local", "--no-rope-fusion")


class RefusedError(Exception):
    """What the judge itself finds wrong where the package would run on, or fail without a word."""


class _PassedError(Exception):
    """The schedule went past its own check of the micro-batches."""


def refusal(arguments: list[str], world: int) -> str | None:
    """Why the words after ``pretrain_gpt.py`` do not start on ``world`` GPUs; None if they do."""
    said = io.StringIO()
    with _imitated(arguments, world, said):
        try:
            _judge(world)
        except SystemExit:  # what argparse raises once it has complained
            return said.getvalue().strip().splitlines()[-1]
        except Exception as error:
            return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return None


def _judge(world: int) -> None:
    """Everything in the order of a training run; the first refusal is raised."""
    package = _package()
    args = package.arguments.parse_args()
    package.arguments.validate_args(args, {})
    config = package.configuration(args)
    _check_run(args, config)
    with _groups(args, world):
        _check_layers(config)
        _check_micro_batches(args, config)


@contextlib.contextmanager
def _imitated(arguments: list[str], world: int, said: io.StringIO) -> Iterator[None]:
    """The command line and the environment of rank 0 on a GPU that is not there."""
    _package()
    import torch
    from megatron.core import utils
    from packaging.version import Version

    environment = {"RANK": "0", "WORLD_SIZE": str(world), "LOCAL_RANK": "0"}
    # Sequence parallelism wants one queue, fully sharded data parallelism more than one.
    fully_sharded = "--use-megatron-fsdp" in arguments
    environment["CUDA_DEVICE_MAX_CONNECTIONS"] = "8" if fully_sharded else "1"
    properties = SimpleNamespace(major=HOPPER[0], minor=HOPPER[1], total_memory=MEMORY)
    with (
        mock.patch.object(sys, "argv", ["pretrain_gpt.py", *arguments, *WITHOUT_ENGINE]),
        mock.patch.dict(os.environ, environment),
        mock.patch.object(utils, "_te_version", Version(ENGINE)),
        mock.patch.object(torch.cuda, "get_device_capability", return_value=HOPPER),
        mock.patch.object(torch.cuda, "get_device_properties", return_value=properties),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(said),
    ):
        warnings.simplefilter("ignore")
        yield


@cache
def _package() -> Any:
    """The parts of the package that judge, imported once.

    It asks for Python 3.12 for the sake of one decorator, which does nothing when it runs.
    """
    import typing_extensions

    if not hasattr(typing, "override"):
        typing.override = typing_extensions.override  # type: ignore[attr-defined]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import logging

        from megatron.core import num_microbatches_calculator, parallel_state
        from megatron.core.pipeline_parallel import schedules
        from megatron.core.transformer.transformer_block import get_num_layers_to_build
        from megatron.training import arguments
        from megatron.training.argument_utils import core_transformer_config_from_args

        # Registers the process group that sends nothing.
        from torch.testing._internal.distributed import fake_pg
    logging.getLogger("megatron").setLevel(logging.ERROR)
    return SimpleNamespace(
        arguments=arguments,
        configuration=core_transformer_config_from_args,
        state=parallel_state,
        layers_of=get_num_layers_to_build,
        batches=num_microbatches_calculator,
        schedules=schedules,
        fake=fake_pg,
    )


def _check_run(args: Any, config: Any) -> None:
    """What nothing checks before the first step, or what makes a run of no use."""
    rules = (
        (args.lr is None, "--lr is not given: the optimizer starts without a learning rate"),
        (
            args.train_iters is None and args.train_samples is None,
            "neither --train-iters nor --train-samples is given: the run has no length",
        ),
        (
            config.recompute_granularity == "full" and config.recompute_method is None,
            "--recompute-granularity full without --recompute-method",
        ),
        (
            config.num_moe_experts
            and config.tensor_model_parallel_size > 1
            and not config.sequence_parallel,
            "experts with tensor parallelism need --sequence-parallel",
        ),
        (
            config.ffn_hidden_size % config.tensor_model_parallel_size,
            f"--ffn-hidden-size {config.ffn_hidden_size} does not divide by TP",
        ),
        (
            config.num_moe_experts
            and config.moe_ffn_hidden_size % config.expert_tensor_parallel_size,
            f"--moe-ffn-hidden-size {config.moe_ffn_hidden_size} does not divide by expert TP",
        ),
        (
            config.sequence_parallel
            and args.seq_length % (args.tensor_model_parallel_size * args.context_parallel_size),
            f"--seq-length {args.seq_length} does not divide by TP x CP",
        ),
    )
    for broken, why in rules:
        if broken:
            raise RefusedError(why)


@contextlib.contextmanager
def _groups(args: Any, world: int) -> Iterator[None]:
    """The process groups of rank 0 of ``world``, and the micro-batches; gone afterwards."""
    import torch

    package = _package()
    torch.distributed.init_process_group(
        "fake", rank=0, world_size=world, store=package.fake.FakeStore()
    )
    try:
        package.state.initialize_model_parallel(
            args.tensor_model_parallel_size,
            args.pipeline_model_parallel_size,
            args.virtual_pipeline_model_parallel_size,
            context_parallel_size=args.context_parallel_size,
            expert_model_parallel_size=args.expert_model_parallel_size,
            expert_tensor_parallel_size=args.expert_tensor_parallel_size,
            num_distributed_optimizer_instances=args.num_distributed_optimizer_instances,
            create_gloo_process_groups=False,
        )
        package.batches.init_num_microbatches_calculator(
            0,
            args.rampup_batch_size,
            args.global_batch_size,
            args.micro_batch_size,
            args.data_parallel_size,
            args.decrease_batch_size_if_needed,
        )
        yield
    finally:
        package.batches.unset_num_microbatches_calculator()
        package.state.destroy_model_parallel()
        torch.distributed.destroy_process_group()


def _check_layers(config: Any) -> None:
    """Every stage of every rank holds layers, and all of them together are the model's."""
    package = _package()
    held = 0
    for rank in range(config.pipeline_model_parallel_size):
        package.state.set_pipeline_model_parallel_rank(rank)
        for stage in range(config.virtual_pipeline_model_parallel_size or 1):
            held += package.layers_of(config, vp_stage=stage, pp_rank=rank)
    package.state.set_pipeline_model_parallel_rank(None)
    if held != config.num_layers:
        raise RefusedError(f"the stages hold {held} of {config.num_layers} layers")


def _check_micro_batches(args: Any, config: Any) -> None:
    """As many micro-batches as the batch has, in a schedule that takes them."""
    batches = _package().batches
    micro_batches = batches.get_num_microbatches()
    used = micro_batches * args.micro_batch_size * args.data_parallel_size
    if args.rampup_batch_size is None and used != args.global_batch_size:
        raise RefusedError(f"{used} of {args.global_batch_size} sequences of a batch are trained")
    if args.virtual_pipeline_model_parallel_size is not None:
        _enter_schedule(args, config, micro_batches)


def _enter_schedule(args: Any, config: Any, micro_batches: int) -> None:
    """The interleaved schedule, left as soon as it has looked at the micro-batches."""
    import torch

    package = _package()
    schedules = package.schedules
    chunks = []
    for _ in range(args.virtual_pipeline_model_parallel_size):
        chunk = torch.nn.Module()
        chunk.config = config
        chunk.model_type = None
        chunks.append(chunk)
    group = SimpleNamespace(size=lambda: args.pipeline_model_parallel_size, rank=lambda: 0)
    one = SimpleNamespace(size=lambda: 1, rank=lambda: 0)
    to_others = SimpleNamespace(
        config=config,
        pp_group=group,
        virtual_pipeline_model_parallel_size=args.virtual_pipeline_model_parallel_size,
    )

    with (
        mock.patch.object(torch, "zeros", _on_cpu(torch.zeros)),
        mock.patch.object(schedules, "get_schedule_table", _leave(schedules.get_schedule_table)),
        contextlib.suppress(_PassedError),
    ):
        schedules.forward_backward_pipelining_with_interleaving(
            forward_step_func=None,
            data_iterator=[None] * len(chunks),
            model=chunks,
            num_microbatches=micro_batches,
            seq_length=args.seq_length,
            micro_batch_size=args.micro_batch_size,
            p2p_communicator=to_others,
            pg_collection=SimpleNamespace(tp=one, cp=one),
        )


def _leave(table: Callable[..., list[tuple[int, int]]]) -> Callable[..., None]:
    """The schedule's table, made in full, and then no further."""

    def made(micro_batches: int, chunks: int, group: int) -> None:
        rows = table(micro_batches, chunks, group)
        if len(rows) != micro_batches * chunks:
            raise RefusedError(f"the schedule has {len(rows)} of {micro_batches * chunks} turns")
        raise _PassedError

    return made


def _on_cpu(zeros: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *shape, device=None, **named: zeros(*shape, **named)
