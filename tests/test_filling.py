"""A fleet that whole replicas fill: the best of those, and none passed over that is better."""

import numpy as np
import pytest
from small_catalog import make_catalog, make_gpu, make_offer

from catalog import load_catalog
from optimizer import filling
from optimizer.dominance import within
from optimizer.fleets import Fleet, best_fleet, fleet_on
from optimizer.hardware import Hardware
from optimizer.market import Market, open_market
from problems import make_question


@pytest.mark.parametrize(("usd_b", "expected"), [(1.02, "b"), (1.50, "a")])
def test_a_fleet_made_larger_competes_with_other_offers(
    monkeypatch: pytest.MonkeyPatch, usd_b: float, expected: str
) -> None:
    """The optimum of a leaves GPUs idle; b wins where a's next size costs more than b does."""
    gpus = [make_gpu("g0", 312.0, 80), make_gpu("g1", 312.0, 80)]
    sold = [
        make_offer(name="a", gpu="g0", usd=1.0, most=800, upfront=5.0),
        make_offer(name="b", gpu="g1", usd=usd_b, most=800, upfront=5.0),
    ]
    curve = [(8, 0.5), (800, 0.1)]
    catalog = make_catalog(sold, gpus, {"g0": curve, "g1": curve})
    question = make_question("", model="1e9", seq_len=1024, tokens="20B", deadline="60h")
    market = open_market(question, catalog)
    cheapest = best_fleet(within(market.segments, market.limits), "cost")
    assert cheapest is not None
    assert cheapest.candidate.offer.offer == "a"

    def fills(hardware: Hardware, gpus: int) -> bool:
        return hardware.gpu.gpu == "g1" or gpus > cheapest.gpus

    monkeypatch.setattr(filling, "_fills", fills)
    found = filling.best_filled(market, "highs", 10)
    assert found is not None
    fleet, proof = found
    assert fleet.candidate.offer.offer == expected
    assert proof.objective == fleet.cost_usd
    assert proof.bound == pytest.approx(cheapest.cost_usd)


def better_fleets(market: Market, fleet: Fleet) -> list[Fleet]:
    """Every fleet within the limits that beats this one."""
    segments, objective = within(market.segments, market.limits), market.run.objective
    every = [
        fleet_on(segments, index, int(nodes))
        for index in range(len(segments))
        for nodes in np.arange(segments.fewest_nodes[index], segments.most_nodes[index] + 1)
    ]
    value = fleet.value(objective) * (1 - 1e-9)
    return [other for other in every if other.value(objective) < value]


# Deadlines for which the cheapest of all leaves GPUs idle: in 300 days it is filled by itself.
@pytest.mark.parametrize(
    ("minimize", "max_gpus", "deadline", "pricing"),
    [
        ("cost", 1024, "100d", "on_demand, reserved"),
        ("cost", 1024, "250d", "on_demand"),
        ("cost", 1024, "150d", "on_demand, reserved"),
        ("time", 488, "300d", "on_demand, reserved"),
        ("time", 1000, "300d", "on_demand, reserved"),
    ],
)
def test_no_better_fleet_is_filled(
    minimize: str, max_gpus: int, deadline: str, pricing: str
) -> None:
    """Counted one by one, each fleet that would beat the plan leaves GPUs idle."""
    question = make_question(
        "",
        model="llama-3.1-405b",
        tokens="500B",
        gpu="h100, h200, a100",
        pricing=pricing,
        minimize=minimize,
        max_gpus=max_gpus,
        deadline=deadline,
    )
    market = open_market(question, load_catalog())
    found = filling.best_filled(market, "highs", 30)
    assert found is not None
    assert filling.is_filled(found[0])
    better = better_fleets(market, found[0])
    assert better
    assert not any(filling.is_filled(fleet) for fleet in better)
    feasible = within(market.segments, market.limits)
    assert filling.best_filled_fleet(feasible, market.run.objective) == found[0]
