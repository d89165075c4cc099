"""What is dropped before the program is built: by hand, and by a count of every number of nodes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from small_catalog import Curve, make_catalog, make_gpu, make_offer

from catalog import Offer
from optimizer.market.limits import Limits, Objective
from optimizer.market.market import open_market
from optimizer.market.segments import Segments
from optimizer.program.bounds import best_on_each, drop_losers, within
from problems import make_question

RUNS = 3
ROOM = 1 + 1e-9
# 6 x 1e9 x 6e11 FLOP: 2,000 GPU-hours at an MFU of 0.5 of 1,000 TFLOP/s.
RUN: dict[str, object] = {"model": "1B", "tokens": "600B", "goodput": 1, "seq_len": 1024}
CURVE = {"big": ((8, 0.5), (64, 0.4), (512, 0.2))}
CONTRACT: dict[str, Any] = {"setup_usd": 900.0, "minimum_usd": 16_000.0, "support_share": 0.1}
OFFERS = (
    make_offer("plain", usd=2.0, lead=24.0),
    make_offer("committed", usd=1.5, commitment=200.0, upfront=20.0, pricing="reserved"),
    replace(make_offer("contract", usd=1.8), **CONTRACT, egress_usd_per_gb=3.0),
    make_offer("block", usd=1.7, pricing="reserved", block_days=(7, 28)),
    make_offer("short", usd=1.6, longest=300.0),
)


def segments_of(*offers: Offer, runs: int = RUNS, **fields: object) -> Segments:
    """The segments of these offers, storage at a price that counts."""
    catalog = make_catalog(offers, [make_gpu()], CURVE)
    asked = {**RUN, "runs": runs, "storage_price": 1.0, "deadline": "900d", **fields}
    asked |= {"pricing": "on_demand,reserved"}
    return open_market(make_question("", **asked), catalog).segments


class Fleet(NamedTuple):
    """A fleet of an offer's: hours to the last step of a run, hours of all runs, USD and kW."""

    offer: str
    longest: float
    gpus: int
    time: float
    elapsed: float
    cost: float
    power: float


def fleets(segments: Segments) -> Iterator[Fleet]:
    """Every fleet of every segment, by the lines themselves."""
    s = segments
    for i in range(len(s)):
        offer, longest = s.candidates[s.candidate[i]].offer.offer, float(s.longest_hours[i])
        for nodes in range(int(s.fewest_nodes[i]), int(s.most_nodes[i]) + 1):
            n = int(s.node[i]) * nodes
            training = s.base_latest[i] / n + s.latest_per_gpu[i]
            used = RUNS * (s.base_hours[i] + s.hours_per_gpu[i] * n)
            hours = s.usd_per_gpu_hour[i] * max(used, s.commitment_hours[i] * n)
            stored = s.storage_usd[i] * RUNS * (s.base_stay[i] + s.stay_per_gpu[i] * n)
            once = s.setup_usd[i] + RUNS * s.egress_usd[i] + s.upfront_usd[i] * n
            usd = max(hours, s.minimum_usd[i]) + stored + once
            wall = s.lead_hours[i] + training
            yield Fleet(offer, longest, n, wall, RUNS * training, usd, s.kw[i] * n)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(),
        Limits({"deadline": 70.0}),
        Limits({"max_gpus": 100}),
        Limits({"power_cap": 120.0}),
        Limits({"budget": 17_000.0}),
        Limits({"budget": 21_000.0}),
        Limits({"deadline": 200.0, "max_gpus": 200, "budget": 19_000.0, "power_cap": 300.0}),
    ],
)
def test_what_is_cut_off_is_what_breaks_a_limit(limits: Limits) -> None:
    """And nothing else, on every kind of contract, for runs that follow each other."""
    every = segments_of(*OFFERS)
    counted = {
        one
        for one in fleets(every)
        if one.time <= limits["deadline"] * ROOM
        and one.elapsed <= one.longest * ROOM
        and one.cost <= limits["budget"] * ROOM
        and one.power <= limits["power_cap"] * ROOM
        and one.gpus <= limits["max_gpus"]
    }
    assert set(fleets(within(every, limits))) == counted
    assert 0 < len(counted) < len(set(fleets(every)))


@pytest.mark.parametrize(("budget", "exists"), [(14_610.0, True), (14_609.0, False)])
def test_a_budget_pays_for_storage_of_all_runs(budget: float, exists: bool) -> None:
    """2,400 GB of tokens and ten checkpoints of 14 GB, at 1 USD a GB and month of 730 hours.

    8 GPUs take 250 h for each of three runs: 3 x 2,000 GPU-hours at 2 USD, and 750 h of storage.
    """
    stored = (2400 + 10 * 14) / 730 * 750
    assert 12_000 + stored == pytest.approx(14_609.59, abs=0.005)
    eight = segments_of(make_offer(least=8, most=8))
    assert bool(len(within(eight, Limits({"budget": budget})))) == exists


@pytest.mark.parametrize(("budget", "exists"), [(20_000.0, True), (19_999.99, False)])
def test_a_minimum_spend_above_the_budget_is_so_at_every_size(budget: float, exists: bool) -> None:
    """More GPUs cost neither more nor less: the line is level."""
    offer = replace(make_offer(usd=1.0), minimum_usd=20_000.0)
    level = segments_of(offer, storage_price=0)
    assert bool(len(within(level, Limits({"budget": budget})))) == exists


@pytest.mark.parametrize("objective", ["cost", "time", "gpus", "power"])
def test_the_best_of_a_segment_is_that_of_all_its_fleets(objective: Objective) -> None:
    """Reached by the nodes that are named; and nothing on it is below its lower bound."""
    every = within(segments_of(*OFFERS), Limits())
    lower, upper, nodes = best_on_each(every, objective)
    for i in range(len(every)):
        one = every.take(np.array([i]))
        values = {found.gpus: float(getattr(found, objective)) for found in fleets(one)}
        assert upper[i] == pytest.approx(min(values.values()))
        assert values[int(nodes[i] * every.node[i])] == pytest.approx(upper[i])
        assert 0.98 * upper[i] <= lower[i] <= upper[i] * ROOM


@pytest.mark.parametrize("objective", ["time", "gpus", "power"])
def test_what_a_fleet_costs_bounds_neither_its_hours_nor_its_size(objective: Objective) -> None:
    """At a millionth of a USD an hour it is far below either: the best at the ends is the bound."""
    cheap = segments_of(make_offer(usd=1e-6, commitment=2.0, pricing="reserved"), storage_price=0)
    lower, upper, _ = best_on_each(cheap, objective)
    assert lower.tolist() == upper.tolist()
    assert float(cheap.cost(cheap.fewest_nodes).max()) < float(upper.min())


def best_of(offer: Offer, curve: Curve, storage_price: float) -> tuple[float, float, int]:
    """The lowest bound of an offer's segments, the lowest cost, and the GPUs that it takes."""
    catalog = make_catalog([offer], [make_gpu()], {"big": curve})
    asked = make_question("", **RUN, runs=RUNS, storage_price=storage_price, deadline="900d")
    lower, upper, nodes = best_on_each(open_market(asked, catalog).segments, "cost")
    best = int(np.argmin(upper))
    return float(lower[best]), float(upper[best]), int(nodes[best])


def test_between_two_numbers_of_nodes_the_bound_is_at_the_kink() -> None:
    """Three runs of 4,000 GPU-hours on 8 GPUs fall to 2,000 on 64; each GPU is paid for 200 h.

    With 1/MFU linear, 3·(4,000 - 2,000/56·(n - 8)) meets 200·n at n = 41.86, where either is
    8,372 h; 42 GPUs pay 8,400 h, 41 the 8,464 that they use.
    """
    offer = make_offer(usd=1.0, node=1, most=64, commitment=200.0, pricing="reserved")
    found = best_of(offer, ((8, 0.25), (64, 0.5)), 0.0)
    assert found == pytest.approx((200 * 12_857.142857 / 307.142857, 8400, 42))


def test_a_minimum_spend_ends_what_larger_fleets_save() -> None:
    """Use falls as above: 8,571 h on 40 GPUs, 8,464 on 41, where the contract is for 8,518.

    They meet at 40.5 GPUs. From there on each GPU costs the 10 USD up front that it costs before.
    """
    least = 12_000 - 32.5 * 6000 / 56
    offer = make_offer(usd=1.0, node=1, most=64, upfront=10.0, pricing="reserved")
    found = best_of(replace(offer, minimum_usd=least), ((8, 0.25), (64, 0.5)), 0.0)
    assert found == pytest.approx((least + 405, least + 410, 41))


def test_a_commitment_ends_what_a_minimum_spend_leaves_free() -> None:
    """6,000 h are used, 6,500 are paid for, and 200 a GPU pass them at 32.5 GPUs.

    Up to there more GPUs save storage: 2,540 GB at 1 USD a GB and month for the 63.28 h of each of
    three runs, on the line from 70.37 h at 28.42 GPUs to 56.30 at 35.53.
    """
    offer = make_offer(usd=1.0, node=1, most=64, commitment=200.0, pricing="reserved")
    stay = 2000 / 1.25**15 + (32 - 1.25**15) * (2000 / 1.25**16 - 2000 / 1.25**15) / (
        0.25 * 1.25**15
    )
    _, cost, gpus = best_of(replace(offer, minimum_usd=6500.0), ((1, 0.5),), 1.0)
    assert stay == pytest.approx(63.28, abs=0.005)
    assert cost == pytest.approx(6500 + 3 * stay * 2540 / 730)
    assert gpus == 32


def test_losers_are_dropped_but_for_twelve_rivals() -> None:
    """Of sixty offers of one size at rising prices the twelve cheapest stay."""
    sold = [make_offer(f"o{i}", usd=1 + i / 100, least=8, most=8) for i in range(60)]
    contest = drop_losers(segments_of(*reversed(sold)), "cost")
    names = {contest.segments.candidates[i].offer.offer for i in contest.segments.candidate}
    assert names == {f"o{i}" for i in range(12)}
    assert contest.reached == contest.floor == pytest.approx(8609.59, abs=0.005)


def test_all_that_reach_the_best_stay() -> None:
    """Fifty offers at one price are fifty rivals."""
    sold = [make_offer(f"o{i}", usd=1.0, least=8, most=8) for i in range(50)]
    sold += [make_offer(f"dear{i}", usd=1.0001, least=8, most=8) for i in range(10)]
    assert len(drop_losers(segments_of(*sold), "cost").segments) == 50
