"""Layouts and jobs for the tests of exports, written by hand."""

from dataclasses import replace
from typing import Any

from optimizer.report.launch.job import Job
from optimizer.step.launch import Launch
from problems import shape_of

# 70B on 512 GPUs: TP 8, PP 4, DP 16, 64 micro-batches of one sequence.
LAUNCH = Launch(
    gpus=512,
    gpus_per_node=8,
    tensor=8,
    pipeline=4,
    interleave=1,
    context=1,
    data=16,
    expert=1,
    expert_tensor=1,
    micro_batch=1,
    micro_batches=64,
    sequences=1024,
    seq_len=8192,
    recompute="none",
    shard=1,
    split=(20, 20, 20, 20),
    idle=0,
)
JOB = Job(
    command="sixnd export llama-3.1-70b --to slurm",
    shape=shape_of("llama-3.1-70b"),
    tokens=1.4e12,
    precision="bf16",
    launch=LAUNCH,
    gpu="h100_sxm",
    gpu_name="H100 SXM5 80GB",
    nodes=64,
    gpus_per_node=8,
    provider="aws",
    offer="aws_h100_sxm_on_demand",
    pricing="on_demand",
    fabric="efa",
    regions=("us-east-1", "us-east-2"),
    instance_type="p5.48xlarge",
    usd_per_gpu_hour=3.933,
    price_read_on="2026-11-09",
    cost_usd=1.9e6,
    days=29.5,
    most_days=29.5,
)


def laid_out(**changed: Any) -> Launch:
    """The layout with some of it changed."""
    return replace(LAUNCH, **changed)


def job(model: str = "", **changed: Any) -> Job:
    """The job with some of it changed."""
    shape = shape_of(model) if model else JOB.shape
    return replace(JOB, shape=shape, **changed)


SHARDED = laid_out(tensor=1, pipeline=1, data=512, micro_batches=2, shard=512, split=())
MIXTURE = laid_out(
    gpus=64, tensor=2, pipeline=1, data=32, micro_batches=32, expert=8, seq_len=4096, split=()
)
# A rack and a half of GB200: 27 machines of 4, one replica of 9 of them.
RACK = laid_out(
    gpus=108,
    gpus_per_node=4,
    tensor=4,
    pipeline=9,
    data=3,
    micro_batches=64,
    sequences=192,
    split=(8, *(9,) * 8),
)
