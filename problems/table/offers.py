"""The fields that choose among the offers on sale: section [offers]."""

from functools import partial
from typing import Annotated

from problems import slots
from problems.fields import read_capacity, read_fabrics, read_names, read_pricing
from problems.quantities import NODES, parse_positive_int
from problems.table.row import OFFERS, Option, Row, Said, Words, each, joined, one
from problems.table.run import Section

# What a question that restricts the capacity counts on.
CAPACITY_WORDS = {
    "self_serve": "self-serve alone",
    "approval": "self-serve or by approval",
    "quota": "at most by a quota on demand",
    "contract": "by contract too",
    "published": "of published sizes",
}

_names = partial(Row, section=OFFERS, read=read_names, write=each, chosen=True)
_left_out = partial(_names, said=Said(phrase="without {}", last="and", place=2))


class OfferFields(Section):
    """Which offers are considered."""

    gpu: Annotated[
        tuple[str, ...],
        _names(
            what="GPU models or families to consider; none means all",
            option=Option(
                help="A GPU model, or a family such as H100; repeatable.",
                metavar="h100_sxm",
                repeats=True,
            ),
            words=Words(
                many="lists of GPUs",
                phrases={"[on|with|using|of] GPUS [gpus|gpu]": None},
                slots={"GPUS": slots.list_of(slots.gpu)},
            ),
            said=Said(phrase="on {}"),
            limit="GPU models asked for",
            others="with a GPU that was not asked for",
        ),
    ] = ()
    exclude_gpu: Annotated[
        tuple[str, ...],
        _left_out(
            what="GPU models or families to leave out",
            option=Option(
                help="A GPU model or family to leave out; repeatable.",
                metavar="h100_pcie",
                repeats=True,
            ),
            limit="GPU models left out",
            others="with a GPU that was left out",
        ),
    ] = ()
    provider: Annotated[
        tuple[str, ...],
        _names(
            what="providers to consider; none means all",
            option=Option(help="A provider; repeatable.", metavar="lambda", repeats=True),
            words=Words(
                many="lists of providers",
                phrases={"[on|at|from|with|using] PROVIDERS": None},
                slots={"PROVIDERS": slots.list_of(slots.provider)},
            ),
            said=Said(phrase="from {}"),
            limit="providers asked for",
            others="of a provider that was not asked for",
        ),
    ] = ()
    exclude_provider: Annotated[
        tuple[str, ...],
        _left_out(
            what="providers to leave out",
            option=Option(
                help="A provider to leave out; repeatable.", metavar="vast", repeats=True
            ),
            limit="providers left out",
            others="of a provider that was left out",
        ),
    ] = ()
    pricing: Annotated[
        tuple[str, ...],
        Row(
            section=OFFERS,
            what="kinds of price to consider: on_demand, reserved, spot, marketplace, owned",
            read=read_pricing,
            write=joined,
            option=Option(
                help="Any of on_demand, reserved, spot, marketplace, owned "
                "(default: on_demand,reserved).",
                metavar="on_demand,spot",
                late=True,
            ),
            words=Words(
                many="kinds of price",
                phrases={
                    "[on|with|at|using] PRICING [prices|price|instances|capacity|offers]": None
                },
                slots={"PRICING": slots.list_of(slots.pricing)},
            ),
            said=Said(
                phrase="priced {}", words=lambda kinds: tuple(k.replace("_", " ") for k in kinds)
            ),
            limit="kinds of price asked for",
            others="of a kind of price that was not asked for",
        ),
    ] = ()
    region: Annotated[
        tuple[str, ...],
        _names(
            what="regions to consider: a group, or part of their name",
            option=Option(
                help="US, EU, a country, or part of a region's name; repeatable.",
                metavar="EU",
                repeats=True,
            ),
            said=Said(phrase="in {}"),
            limit="regions asked for",
            others="sold in other regions",
        ),
    ] = ()
    exclude_region: Annotated[
        tuple[str, ...],
        _left_out(
            what="regions to leave out, named the same way",
            option=Option(help="Regions to leave out; repeatable.", metavar="US", repeats=True),
            limit="regions left out",
            others="sold only in regions that were left out",
        ),
    ] = ()
    fabric: Annotated[
        tuple[str, ...],
        Row(
            section=OFFERS,
            what="networks between nodes to consider: infiniband, rdma, fast, ...",
            read=read_fabrics,
            write=each,
            option=Option(
                help="A network between nodes: infiniband, efa, roce, ..., or rdma or fast for "
                "several; repeatable.",
                metavar="rdma",
                repeats=True,
            ),
            chosen=True,
            said=Said(phrase="networked by {}"),
            limit="networks asked for",
            others="with another network",
        ),
    ] = ()
    capacity: Annotated[
        str | None,
        Row(
            section=OFFERS,
            what="how GPUs may be had: self_serve, approval, quota or contract, each with those "
            "before it, or published: any, of sizes that somebody publishes",
            read=read_capacity,
            write=lambda capacity: (capacity.replace("_", "-"),),
            option=Option(
                help="How GPUs may be had: self-serve, approval, quota or contract, each with "
                "those before it, or published: sizes that somebody publishes (default: contract).",
                metavar="self-serve",
            ),
            chosen=True,
            words=Words(
                many="kinds of capacity",
                phrases={
                    "[only|just] [with|on|from] self-serve|self_serve|selfserve "
                    "[capacity|offers] [only]": "self_serve",
                    "[only|just] [in|of|with] published sizes|capacity [only]": "published",
                    "without|no [a|any] contract|contracts": "quota",
                },
            ),
            said=Said(phrase="{}", words=one(CAPACITY_WORDS.__getitem__)),
            limit="how GPUs may be had",
            others="not to be had as was asked for",
        ),
    ] = None
    spot_nodes: Annotated[
        int | None,
        Row(
            section=OFFERS,
            what="most nodes of a spot fleet",
            unit="nodes",
            read=partial(parse_positive_int, kind=NODES),
            option=Option(help="Most nodes of a spot fleet (default: 8).", metavar="32", late=True),
            chosen=True,
            said=Said(
                phrase="on {} nodes of spot capacity at most", words=one("{:,}".format), place=1
            ),
            limit="nodes taken as spot",
            others="more nodes than are taken as spot",
            at_best="more nodes than are taken as spot",
        ),
    ] = None
