"""TPUs are sold in slices: no plan has another size, and no other size is counted."""

import pytest
from exhaustive import allowed, every_fleet

from catalog import load_catalog
from catalog.slices import SLICES, sizes_sold
from optimizer import best_plan
from optimizer.market.market import open_market
from optimizer.plan.estimate import estimate_fleet
from problems import make_question

CATALOG = load_catalog()


@pytest.mark.parametrize("gpu", ["tpu_v5e", "tpu_v5p", "tpu_v6e"])
@pytest.mark.parametrize(
    ("model", "tokens", "deadline"),
    [("8B", "200B", "20d"), ("13B", "260B", "60d"), ("70B", "300B", "60d")],
)
def test_the_best_slice_is_the_best_of_all_slices(
    gpu: str, model: str, tokens: str, deadline: str
) -> None:
    """As the count of every slice one by one has it."""
    question = make_question(model=model, tokens=tokens, deadline=deadline, gpu=gpu)
    plan = best_plan(question, CATALOG).plan
    known = allowed(list(every_fleet(question, CATALOG)), question)
    least = min((fleet.cost_usd for fleet in known), default=None)
    assert (plan is None) == (least is None)
    if plan is not None:
        assert plan.gpus in SLICES[gpu]
        assert plan.cost_usd == pytest.approx(least, rel=1e-9)


def test_every_fleet_of_a_market_is_a_slice() -> None:
    """70B within 60 days took 240 chips of TPU v6e, which nobody can rent."""
    market = open_market(make_question(model="70B", deadline="60d"), CATALOG)
    of_slices = 0
    for row, owner in enumerate(market.segments.candidate.tolist()):
        offer = market.segments.candidates[owner].offer
        if sizes := sizes_sold(offer):
            nodes = {int(market.segments.fewest_nodes[row]), int(market.segments.most_nodes[row])}
            assert len(nodes) == 1
            assert nodes.pop() * offer.gpus_per_node in sizes
            of_slices += 1
    assert of_slices > 0


def test_names_in_the_program_stay_apart() -> None:
    """An offer and a segment's number name a variable."""
    segments = open_market(make_question(model="70B", deadline="60d"), CATALOG).segments
    names = list(zip(segments.candidate.tolist(), segments.number.tolist(), strict=True))
    assert len(names) == len(set(names))


def test_a_fleet_of_ones_own_may_have_any_size() -> None:
    """Whoever has 240 chips has them."""
    question = make_question(model="8B", tokens="200B", fleet={"gpu": "tpu_v6e", "gpus": 240})
    assert estimate_fleet(question, CATALOG).gpus == 240
