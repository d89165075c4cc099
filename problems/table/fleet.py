"""The fields of a fleet that is given: section [fleet]."""

from typing import Annotated

from pydantic import Field

from problems.fields import read_text
from problems.quantities import parse_money, parse_positive_int, say_count
from problems.table.row import FLEET, Option, Row, one
from problems.table.run import Section


def _count(what: str, asked: str, metavar: str) -> Row:
    """A number of GPUs."""
    return Row(
        section=FLEET,
        what=what,
        unit="GPUs",
        read=parse_positive_int,
        option=Option(help=asked, metavar=metavar),
    )


class Fleet(Section):
    """A fleet that is given, not chosen."""

    gpu: Annotated[
        str,
        Field(min_length=1),
        Row(
            section=FLEET,
            what="the GPU model, such as h100_sxm",
            read=read_text,
            option=Option(help="The GPU model.", metavar="h100_sxm"),
        ),
    ]
    gpus: Annotated[int, _count("how many GPUs", "How many GPUs.", "16000")]
    usd_per_gpu_hour: Annotated[
        float | None,
        Row(
            section=FLEET,
            what="the price, USD per GPU-hour",
            unit="USD per GPU-hour",
            read=parse_money,
            write=one(say_count),
            option=Option(help="The price (default: the lowest on sale for so many).", metavar="2"),
        ),
    ] = None
    gpus_per_node: Annotated[
        int, _count("GPUs in one node", "GPUs in one node (default: 8).", "8")
    ] = 8


class FleetFields(Section):
    """The fleet of a question, where it is given instead of asked for."""

    fleet: Annotated[
        Fleet | None,
        Row(
            section=FLEET,
            what="a given fleet: gpu, gpus, usd_per_gpu_hour",
            read=lambda written: written,
            called="--gpus",
            in_json=False,
        ),
    ] = None
