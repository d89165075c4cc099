"""Questions and small catalogs drawn at random, so small that every fleet can be counted."""

from dataclasses import replace
from typing import Any, Literal

from hypothesis import strategies as st
from small_catalog import make_catalog, make_gpu, make_offer

from catalog import Catalog, Offer
from catalog.rows import Gpu
from catalog.vocabulary import Pricing
from problems import Question, make_question

GOODPUT = 0.9
# "block": reserved in fixed durations.
Kind = Pricing | Literal["block"]
Kinds = tuple[Kind, ...]
KINDS: Kinds = ("on_demand", "reserved", "block", "owned")
blocks = st.sampled_from([(1, 2, 7, 14), (30, 90), (1, 100)])
prices = st.floats(0.1, 20).map(lambda usd: round(usd, 2))
hours = st.sampled_from([0.0, 0.0, 24.0, 200.0, 720.0, 8760.0])
# What a contract may cost beside its GPU-hours; most have nothing of the kind.
contracts = st.fixed_dictionaries(
    {
        "setup_usd": st.sampled_from([0.0, 0.0, 500.0, 20_000.0]),
        "minimum_usd": st.sampled_from([0.0, 0.0, 1000.0, 30_000.0]),
        "support_share": st.sampled_from([0.0, 0.0, 0.1]),
        "egress_usd": st.sampled_from([0.0, 0.0, 100.0]),
        "egress_usd_per_gb": st.sampled_from([0.0, 0.0, 5.0]),
    }
)


@st.composite
def curves(draw: st.DrawFn) -> list[tuple[int, float]]:
    """One to five breakpoints; MFU may rise as well as fall, as a measured one may."""
    scales = sorted(draw(st.sets(st.integers(1, 96), min_size=1, max_size=5)))
    return [(n, round(draw(st.floats(0.05, 0.9)), 3)) for n in scales]


@st.composite
def offers(draw: st.DrawFn, name: str, gpus: list[Gpu], kinds: Kinds = KINDS) -> Offer:
    """An offer of up to 120 GPUs in nodes of 1, 2, 4 or 8, with any terms."""
    node = draw(st.sampled_from([1, 2, 4, 8]))
    most = draw(st.integers(node, 120))
    kind = draw(st.sampled_from(kinds))
    commitment = draw(hours) if kind == "reserved" else 0.0
    longest = draw(st.sampled_from([None, None, 300.0, 1500.0]))
    contract: dict[str, Any] = {} if kind == "owned" else draw(contracts)
    offer = make_offer(
        name=name,
        gpu=draw(st.sampled_from(gpus)).gpu,
        usd=0.0 if kind == "owned" else draw(prices),
        node=node,
        most=most,
        least=draw(st.integers(1, most)),
        commitment=commitment,
        upfront=draw(st.sampled_from([0.0, 0.0, 10.0, 1500.0])),
        lead=draw(st.sampled_from([0.0, 0.0, 12.0, 336.0])),
        pricing="reserved" if kind == "block" else kind,
        estimated_size=draw(st.booleans()),
        longest=None if longest is None else max(longest, commitment),
        block_days=draw(blocks) if kind == "block" else (),
        purchase=draw(st.sampled_from([500.0, 30_000.0])) if kind == "owned" else None,
    )
    return replace(offer, **contract)


@st.composite
def cases(draw: st.DrawFn, kinds: Kinds = KINDS, fixed: bool = True) -> tuple[Question, Catalog]:
    """A small catalog, and a question with limits from slack to impossible.

    ``fixed`` leaves out what is a line between breakpoints and a curve in the formulas: storage
    and interruptions.
    """
    gpus = [
        make_gpu(
            f"g{i}", draw(st.sampled_from([50.0, 312.0, 989.4])), draw(st.sampled_from([3, 80]))
        )
        for i in range(draw(st.integers(1, 2)))
    ]
    sold = [draw(offers(f"o{i}", gpus, kinds)) for i in range(draw(st.integers(1, 4)))]
    catalog = make_catalog(sold, gpus, {gpu.gpu: draw(curves()) for gpu in gpus})
    fields: dict[str, object] = {"model": "1e9", "seq_len": 1024, "tokens": "20B"}
    fields["pricing"] = "on_demand,reserved,owned"
    fields["runs"] = draw(st.sampled_from([1, 1, 3]))
    fields["deadline"] = f"{draw(st.floats(2, 2000)):.2f}h"
    if draw(st.booleans()):
        fields["max_gpus"] = draw(st.integers(1, 130))
    if draw(st.booleans()):
        fields["budget"] = f"{draw(st.floats(10, 200_000)):.2f}"
    if draw(st.integers(0, 3)) == 0:
        fields["power_cap"] = f"{draw(st.floats(1, 150)):.1f}"
    if draw(st.integers(0, 3)) == 0:
        fields["gpu"] = "g0"
    fields["minimize"] = draw(st.sampled_from(["cost", "time"]))
    if fixed:
        fields |= {"goodput": GOODPUT, "storage_price": 0}
    else:
        fields |= {"pricing": "on_demand,reserved,owned,spot", "failures": draw(st.floats(0, 900))}
    return make_question("", **fields), catalog


ALL_KINDS: Kinds = (*KINDS, "spot")
