"""Every kind of record that a decider returns has its sentence, word for word."""

from typing import get_args

import pytest
from small_catalog import make_offer

from catalog.plausible import Doubt
from optimizer.explain.binding import Asked, Binding
from optimizer.explain.break_even import NoPrice
from optimizer.explain.differences import End, Holds, PaidIdle, PriceAndSpeed, SellsUpTo
from optimizer.explain.held import Held
from optimizer.explain.reason import (
    Changed,
    Finding,
    LargerCluster,
    LargerQuota,
    LessConfidence,
    MoreSpotNodes,
    NoneQualifies,
    NoOffers,
    Numbers,
    OneMore,
    OtherPrecision,
    OutOfReach,
    Reason,
    WithoutChoice,
)
from optimizer.explain.ruled_out import RuledOut, TakesAtLeast
from optimizer.explain.runners_up import WhyNext
from optimizer.market.candidates import Rejected
from optimizer.report.wording.calculation import figure_words
from optimizer.report.wording.differences import difference_words
from optimizer.report.wording.held import accepted_line, held_line
from optimizer.report.wording.limits import (
    asked_words,
    binding_line,
    ruled_out_lines,
    ruled_out_words,
)
from optimizer.report.wording.losses import AT_NO_PRICE, lost_words
from optimizer.report.wording.reasons import reason_words
from optimizer.study.calculation import Figure
from optimizer.study.losses import (
    AsFast,
    CostsMore,
    CostsTheSame,
    LimitIs,
    Misses,
    MissesSeveral,
    NoNetwork,
    OverBudget,
    PastTerm,
    Refused,
    Storage,
    TakesLonger,
    Upfront,
    WhyLost,
)
from optimizer.study.lost_offers import Lost

REFUSAL = Rejected(make_offer("tiny"), "memory", "the model takes 16 GPUs", "needs 16")
LATE = Numbers((Changed("deadline", 48.0, 245.27), Changed("budget", 10.0, 2000.5)))
BESIDES = Reason("max_gpus", Numbers((Changed("max_gpus", 4, 112.0),)), {"max_gpus": "112"})
# A limit, what was found, and what is said to have been asked and to be needed.
REASONS: list[tuple[str, Finding, str, str]] = [
    ("deadline, budget", LATE, "2 days, 10.00 USD", "10.22 days, 2,001 USD"),
    ("gpu", OneMore(("old", "new"), "big"), "old, new", "big as well"),
    ("capacity", OneMore(("quota",), "self_serve"), "quota", "self-serve"),
    (
        "exclude_region",
        OneMore(("eu",), ""),
        "eu",
        "regions not stated not left out; try a shorter --exclude-region",
    ),
    ("precision", OtherPrecision("fp8", "bf16"), "fp8", "bf16"),
    (
        "largest_cluster",
        LargerCluster("fast", 1024, 2048, "alpha"),
        "fast up to 1,024 GPUs",
        "2,048 (alpha), by a quota or a quote (--offers)",
    ),
    (
        "largest_cluster",
        LargerCluster("fast", None, 16, "alpha"),
        "fast, whose size nobody publishes: one node",
        "16 (alpha), by a quota or a quote (--offers)",
    ),
    ("quota", LargerQuota("aws", 16, 1024), "aws: 16", "aws: 1,024"),
    ("spot_nodes", MoreSpotNodes(2, 12), "2", "12"),
    ("confidence", LessConfidence(0.95, 0.812), "0.95", "0.812"),
    ("gpu", WithoutChoice("gpu", ("tiny",)), "tiny", "none; try without --gpu"),
    (
        "gpu, max_gpus",
        WithoutChoice("gpu", ("tiny",), BESIDES),
        "tiny; 4 GPUs",
        "112 GPUs, and any gpu; try without --gpu, --max-gpus 112",
    ),
    (
        "exclude_gpu, max_gpus",
        WithoutChoice("exclude_gpu", ("big",), BESIDES),
        "big; 4 GPUs",
        "112 GPUs, and none left out; try without --exclude-gpu, --max-gpus 112",
    ),
    ("memory", NoneQualifies(3, REFUSAL), "3 offers ruled out", "the model takes 16 GPUs"),
    ("offers", NoOffers(some=False), "any", "a catalog with offers"),
    ("offers", NoOffers(some=True), "any", "a catalog with offers that qualify"),
    (
        "deadline",
        OutOfReach(720.0, 2.4e6, "alpha"),
        "30 days",
        "100,000 days on the fastest fleet (alpha); ask for a smaller run",
    ),
]
QUOTA = End("quota", "aws", 1024, 4096)
DIFFERENCES: list[tuple[WhyNext, str]] = [
    (PriceAndSpeed(1.25, 1.5), "1.25x the price for 1.50x the speed of a GPU"),
    (PriceAndSpeed(1.25, 1.004), "1.25x the price of a GPU-hour"),
    (PaidIdle(0.4, None, None, 8760.0), "billed for 365 days at least, 40% of it idle"),
    (PaidIdle(0.4, None, 2e7, 8760.0), "20 million USD are paid at least, 40% of it idle"),
    (PaidIdle(0.4, 28, 2e7, 8760.0), "a block of 28 days is paid whole, 40% of it idle"),
    (SellsUpTo(2048), "sells up to 2,048 GPUs"),
]
LOSSES: list[tuple[WhyLost, str]] = [
    (
        CostsMore(5e4, PriceAndSpeed(2.0, 1.0)),
        "costs 50,000 USD more: 2.00x the price of a GPU-hour",
    ),
    (CostsMore(5e4, Upfront(1000.0)), "costs 50,000 USD more: 1,000 USD a GPU up front"),
    (CostsMore(5e4, Storage(900.0, False)), "costs 50,000 USD more: 900.00 USD for storage"),
    (
        CostsMore(5e4, Storage(900.0, True)),
        "costs 50,000 USD more: 900.00 USD for storage, set-up and egress",
    ),
    (
        CostsMore(5e4, PaidIdle(0.1, None, None, 48.0)),
        "costs 50,000 USD more: billed for 2 days at least, 10% of it idle",
    ),
    (CostsTheSame(on_more_gpus=True), "costs the same, on more GPUs"),
    (CostsTheSame(on_more_gpus=False), "costs the same"),
    (TakesLonger(48.0, None, None), "takes 2 days longer: no larger fleet of it is faster"),
    (
        TakesLonger(48.0, 0.9, NoNetwork()),
        "takes 2 days longer with a confidence of 0.9: no network between its nodes",
    ),
    (TakesLonger(48.0, None, QUOTA), "takes 2 days longer: your quota of aws is 1,024 GPUs"),
    (
        TakesLonger(48.0, None, LimitIs("max_gpus", 64)),
        "takes 2 days longer: the cluster-size limit is 64 GPUs",
    ),
    (AsFast(costs_more=True), "as fast, and costs more"),
    (AsFast(costs_more=False), "as fast"),
    (OverBudget(5000.0, 4500.0), "costs 5,000 USD at least; the budget is 4,500 USD"),
    (Refused(REFUSAL, no_network=False), "the model takes 16 GPUs"),
    (Refused(REFUSAL, no_network=True), "the model takes 16 GPUs; no network between its nodes"),
    (MissesSeveral(), "misses several limits at once"),
    (PastTerm(1, 480.0, 240.0), "the run takes 20 days at best; the offer ends after 10 days"),
    (PastTerm(12, 480.0, 240.0), "12 runs take 20 days at best; the offer ends after 10 days"),
    (
        Misses("deadline", 480.0, 240.0, True, 64, 0.9, QUOTA),
        "misses the deadline by 10 days: 20 days at best with a confidence of 0.9 on 64 GPUs; "
        "your quota of aws is 1,024 GPUs",
    ),
    (
        Misses("deadline", 480.0, 240.0, False, 64, None, None),
        "misses the deadline by 10 days whatever the other limits: 20 days at best on 64 GPUs",
    ),
    (
        Misses("max_gpus", 128, 64, True, 128, None, None),
        "needs 128 GPUs to keep the other limits; the cluster-size limit is 64 GPUs",
    ),
    (
        Misses("max_gpus", 128, 64, False, 128, None, None),
        "needs 128 GPUs whatever the other limits; the cluster-size limit is 64 GPUs",
    ),
    (
        Misses("budget", 5000.0, 4500.0, False, 64, None, None),
        "costs 5,000 USD at least whatever the other limits; the budget is 4,500 USD",
    ),
]
ASKED: list[tuple[str, Asked, str]] = [
    ("deadline", 720.0, "30 days"),
    ("confidence", 0.9, "0.9"),
    ("region", ("us", "eu"), "us, eu"),
    ("quota", QUOTA, "your quota of aws is 1,024 GPUs"),
    ("spot_nodes", End("spot_nodes", "alpha", 8, 512), "8 nodes of spot capacity"),
    ("largest_cluster", End("largest_cluster", "alpha", 512, 9999), "alpha sells up to 512 GPUs"),
    ("memory", Holds("alpha", 16), "alpha takes 16 GPUs to hold the model"),
]


@pytest.mark.parametrize(("limit", "finding", "asked", "needed"), REASONS)
def test_a_reason_says_what_was_asked_and_what_is_needed(
    limit: str, finding: Finding, asked: str, needed: str
) -> None:
    reason = Reason(limit, finding)
    assert reason_words(reason) == (asked, needed)
    assert (reason_words(reason)[0], reason_words(reason)[1]) == (asked, needed)


@pytest.mark.parametrize(("why", "said"), DIFFERENCES)
def test_a_difference_is_said(why: WhyNext, said: str) -> None:
    assert difference_words(why) == said


@pytest.mark.parametrize(("why", "said"), LOSSES)
def test_a_loss_is_said(why: WhyLost, said: str) -> None:
    assert lost_words(Lost("alpha", "big", None, why, None, 2.0)) == said


@pytest.mark.parametrize(("limit", "asked", "said"), ASKED)
def test_what_was_asked_of_a_limit_is_said(limit: str, asked: Asked, said: str) -> None:
    assert asked_words(limit, asked) == said


def test_no_kind_of_record_is_left_out() -> None:
    """A kind that is added without a sentence above is an error here, and one of mypy there."""
    assert {type(finding) for _, finding, _, _ in REASONS} == set(get_args(Finding))
    assert {type(why) for why, _ in DIFFERENCES} == set(get_args(WhyNext))
    assert {type(why) for why, _ in LOSSES} == set(get_args(WhyLost))
    assert set(AT_NO_PRICE) == set(get_args(NoPrice))


def test_a_price_that_does_not_help_is_told_after_the_loss() -> None:
    """Why no price would do, or what the rate of an offer that is bought stands for."""
    why = CostsTheSame(on_more_gpus=False)
    never = Lost("alpha", "big", None, why, None, 2.0, no_price="storage")
    tail = "wins at no price: storage and what is paid up front cost more by themselves"
    assert lost_words(never) == f"costs the same; {tail}"
    bought = Lost("own", "big", None, why, 1.5, 2.0, purchase_usd_per_gpu=25_000.0)
    assert (
        lost_words(bought)
        == "costs the same; its rate wins below that of servers at 25,000 USD a GPU"
    )


def test_gpu_models_without_a_fleet_are_told_in_full_and_in_short() -> None:
    """Those with the same limit share a line, in the order in which the limits come."""
    late = RuledOut("old", "deadline", TakesAtLeast(960.0, "alpha", True, 0.9))
    dear = RuledOut("big", "budget", TakesAtLeast(5e6, "beta", False, None))
    several, small = RuledOut("mid", "several", None), RuledOut("tiny", "memory", REFUSAL)
    later = RuledOut("older", "deadline", TakesAtLeast(1920.0, "alpha", True, None))
    assert ruled_out_words(late) == (
        "takes at least 40 days (alpha) with a confidence of 0.9",
        "40 days",
    )
    assert (
        ruled_out_words(dear)[0] == "takes at least 5 million USD (beta), whatever the other limits"
    )
    assert ruled_out_words(several) == (
        "misses several limits at once",
        "several limits at once",
    )
    assert list(ruled_out_lines([late, small, later])) == [
        "too slow at best: old (40 days), older (80 days)",
        "too few in one cluster to hold the model: tiny (needs 16)",
    ]


def test_a_limit_that_binds_is_told_with_the_plan_without_it() -> None:
    """Under the name that its reader knows."""
    binding = Binding("max_gpus", 64, 128, "BIG", "alpha", 52_650.0, 480.0, "cost", -0.123)
    told = "64 GPUs; without it 52,650 USD in 20 days with 128 BIG of alpha (cost -12 %)"
    assert binding_line(binding) == f"max_gpus: {told}"
    assert binding_line(binding, called="cluster-size limit") == f"cluster-size limit: {told}"


def test_a_price_that_cannot_be_true_is_told_with_its_option() -> None:
    """Held back with the way to take it; accepted with what rests on it."""
    doubt = Doubt(0.05, "a tenth of the lowest reading")
    assert held_line(Held("mine", doubt)) == f"mine at {doubt}; --accept mine takes it"
    assert accepted_line(Held("mine", doubt)) == f"mine at {doubt}; it was accepted"
    decides = accepted_line(Held("mine", doubt, decides=True))
    assert decides == f"mine at {doubt}; it was accepted and decides this plan"


@pytest.mark.parametrize(
    ("key", "unit", "value", "said"),
    [
        ("mfu", "", 0.4367, "43.67%"),
        ("support_share", "", 0.05, "0.05"),
        ("line_share", "", 1.00012345, "1.00012"),
        ("lead_days", "days", 0.5, "12 hours"),
        ("price", "USD a GPU-hour", 2.4638, "2.4638 USD"),
        ("stored_tb", "TB", 12.345, "12.35 TB"),
        ("runs", "runs", 1200, "1,200 runs"),
    ],
)
def test_a_figure_has_its_unit(key: str, unit: str, value: float, said: str) -> None:
    assert figure_words(Figure(key, "name", value, unit)) == said
