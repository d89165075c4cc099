"""The fields that take the place of what the catalog or a prediction would say: [assumptions]."""

from functools import partial
from typing import Annotated

from pydantic import Field

from problems.fields import (
    Logged,
    read_gpus_by_name,
    read_mfu,
    read_not_negative,
    read_pilot,
    read_share,
    read_stack,
    read_tflops,
)
from problems.quantities import parse_token_rate, say_count, say_number
from problems.table.row import ASSUMPTIONS, Option, Row, one, pairs
from problems.table.run import Section


def _write_tflops(tflops: float | Logged) -> tuple[str, ...]:
    """TFLOP/s with the framework that counts them, where one does."""
    return (str(tflops) if isinstance(tflops, Logged) else say_count(tflops),)


class AssumptionFields(Section):
    """What is known better than by a prediction or a price list."""

    mfu: Annotated[
        float | str | Logged | None,
        Row(
            section=ASSUMPTIONS,
            what="MFU as a share (0.42), as a framework logs it (0.42@torchtitan), or the path "
            "of a CSV file with gpus and mfu",
            unit="share",
            read=read_mfu,
            option=Option(
                help="MFU as a share, 0.42@torchtitan as a framework logs it, or a CSV with "
                "gpus,mfu (default: predicted).",
                metavar="0.42",
            ),
            path=".csv",
            others="whose MFU the framework does not log, or past their peak at the one given",
            at_best="no such MFU on them",
        ),
    ] = None
    tflops_per_gpu: Annotated[
        float | Logged | None,
        Row(
            section=ASSUMPTIONS,
            what="useful speed of one GPU, TFLOP/s: 400, or a framework's 400@megatron",
            unit="TFLOP/s",
            read=read_tflops,
            write=_write_tflops,
            option=Option(
                help="Useful TFLOP/s of one GPU, instead of an MFU; 400@megatron as a framework "
                "counts them.",
                metavar="400",
            ),
            others="slower than the speed that was given",
            at_best="slower than asked",
        ),
    ] = None
    tokens_per_second_per_gpu: Annotated[
        float | None,
        Row(
            section=ASSUMPTIONS,
            what="tokens that one GPU trains on in a second",
            unit="tokens a second",
            read=parse_token_rate,
            write=one(say_count),
            option=Option(
                help="Tokens a second of one GPU, instead of an MFU; they need no convention.",
                metavar="3400",
            ),
            others="slower than the tokens a second that were given",
            at_best="slower than asked",
        ),
    ] = None
    goodput: Annotated[
        float | None,
        Row(
            section=ASSUMPTIONS,
            what="share of wall-clock time that is productive",
            unit="share",
            read=read_share,
            option=Option(
                help="Share of the time that is productive (default: by --failures; 1 with your "
                "own speed).",
                metavar="0.95",
            ),
        ),
    ] = None
    failures: Annotated[
        float | None,
        Row(
            section=ASSUMPTIONS,
            what="interruptions per 1,000 GPU-days",
            unit="per 1,000 GPU-days",
            read=read_not_negative,
            write=one(say_number),
            option=Option(
                help="Interruptions per 1,000 GPU-days (default: as published of the GPU's "
                "generation).",
                metavar="0.8",
            ),
            key="failures_per_1000_gpu_days",
        ),
    ] = None
    storage_price: Annotated[
        float | None,
        Row(
            section=ASSUMPTIONS,
            what="storage of data and checkpoints, USD per GB and month",
            unit="USD",
            read=read_not_negative,
            write=one(say_number),
            option=Option(
                help="USD per GB and month of storage (default: the provider's).",
                metavar="0.07",
                late=True,
            ),
            key="storage_usd_per_gb_month",
        ),
    ] = None
    stack: Annotated[
        str | None,
        Row(
            section=ASSUMPTIONS,
            what="the training software: typical, tuned, or a stack such as torchtitan",
            read=read_stack,
            option=Option(
                help="Training software: typical, tuned, or one such as megatron or torchtitan "
                "(default: any).",
                metavar="NAME",
            ),
        ),
    ] = None
    pilot: Annotated[
        str | None,
        Row(
            section=ASSUMPTIONS,
            what="the path of a CSV file with steps that you measured",
            read=read_pilot,
            option=Option(
                help="A CSV of steps that you measured, from which the prediction learns (see "
                "`sixnd pilot`).",
                metavar="PILOTS.csv",
            ),
            path=".csv",
        ),
    ] = None
    largest_cluster: Annotated[
        dict[str, int],
        Row(
            section=ASSUMPTIONS,
            what="most GPUs of each cluster class; overrides a default",
            unit="GPUs",
            read=partial(read_gpus_by_name, what="cluster classes"),
            write=pairs,
            option=Option(
                help="Most GPUs of a cluster class, such as neocloud_rdma=1024; repeatable.",
                metavar="CLASS=GPUS",
                pairs="a class and its GPUs: neocloud_rdma=1024",
                late=True,
            ),
            limit="largest cluster",
        ),
    ] = Field(default_factory=dict)
