"""When nothing fits: which limit is named, what is suggested, and that the suggestion is true."""

from dataclasses import replace

import pytest
from small_catalog import TODAY, make_catalog, make_gpu, make_offer

from catalog import Catalog
from optimizer import Answer, Reason, best_plan
from optimizer.report.wording.limits import asked_words, ruled_out_words, without_words
from optimizer.report.wording.reasons import reason_words
from problems import make_question

CATALOG = make_catalog(
    [
        make_offer(most=64),
        make_offer("alpha_big_spot", usd=1.0, pricing="spot", most=256, region="eu-north"),
        make_offer("beta_old", "old", usd=0.5, most=16, provider="beta", region="us-west"),
        make_offer(
            "gamma_big", usd=3.0, most=128, provider="gamma", estimated_size=True, region=""
        ),
    ],
    [make_gpu(), make_gpu("old", 250.0)],
)
# Goodput and storage are fixed, so that the sums below stay short.
RUN: dict[str, object] = {"model": "8B", "tokens": "1T", "goodput": 0.9, "storage_price": 0}


def answer(catalog: Catalog = CATALOG, **fields: object) -> Answer:
    """The answer to a question about an 8B model on 1T tokens."""
    return best_plan(make_question("", **{**RUN, **fields}), catalog, today=TODAY)


def reasons(catalog: Catalog = CATALOG, **fields: object) -> dict[str, Reason]:
    """The reasons why there is no plan, by limit; each one that suggests is fed back in."""
    found = answer(catalog, **fields)
    assert found.status == "infeasible"
    for reason in found.reasons:
        if reason.fields:
            assert answer(catalog, **{**fields, **reason.fields}).plan is not None, reason
    return {reason.limit: reason for reason in found.reasons}


def test_a_deadline_that_is_too_short() -> None:
    """The fastest fleet says how long it takes at least."""
    found = reasons(deadline="2d")
    # 4.8e22 FLOP on the 128 GPUs of gamma_big, MFU 1/(2 + 120/504 x 0.5), goodput 0.9: 10.2195 d.
    assert reason_words(found["deadline"])[0] == "2 days"
    assert found["deadline"].options == "--deadline 10.22d"


def test_a_fleet_that_is_too_small() -> None:
    """The fewest GPUs that meet the deadline, in whole nodes."""
    found = reasons(deadline="12d", max_gpus=16)
    # 14,815 h x (2 + (n - 8)/504 x 0.5) <= 288 h x n from n = 107.98 on.
    assert found["max_gpus"].options == "--max-gpus 112"


def test_a_budget_that_is_too_small() -> None:
    """The cheapest plan's cost, rounded up to a whole USD."""
    found = reasons(deadline="30d", budget="1000")
    needed = answer(deadline="30d").plan
    assert needed is not None
    assert found["budget"].options == f"--budget {int(needed.cost_usd) + 1}"


def test_gpu_models_that_were_not_asked_for() -> None:
    """One more GPU model, the one of the best plan."""
    found = reasons(deadline="30d", gpu="old")
    assert found["gpu"].options == "--gpu old --gpu big"


def test_a_provider_that_was_not_asked_for() -> None:
    """One more provider."""
    found = reasons(deadline="30d", provider="beta")
    assert found["provider"].options == "--provider beta --provider alpha"


def test_a_kind_of_price_that_was_not_asked_for() -> None:
    """Spot is named only where it is what helps."""
    # On demand 14,815 h x 2 (MFU 0.5) x 2 USD = 59,259 USD at least; spot at 1 USD loses far less
    # than half of its time to interruptions.
    found = reasons(deadline="300d", budget="50k")
    assert found["pricing"].options == "--pricing on_demand,reserved,spot"
    # 8 nodes of spot capacity are slower than the 128 GPUs of gamma_big.
    assert "pricing" not in reasons(deadline="6d")


def test_a_region_that_was_not_asked_for() -> None:
    """A region that somebody states; the offer without one cannot be asked for."""
    found = reasons(deadline="30d", region="us-west")
    assert found["region"].options == "--region us-west --region us-east"


def test_a_largest_cluster_that_is_our_judgment() -> None:
    """Only our own judgment can be overridden, and the class is named."""
    found = reasons(deadline="6d")
    # 14,815 h x (2 + (n - 8)/504 x 0.5) <= 144 h x n from n = 228.2 on.
    assert found["largest_cluster"].fields["largest_cluster"] == {"fast": 232}
    published = replace(CATALOG, offers=CATALOG.offers[:3])
    assert "largest_cluster" not in reasons(published, deadline="2d")


def test_a_precision_that_no_part_has() -> None:
    """The other precision is suggested."""
    found = reasons(precision="fp8")
    assert found["precision"].options in ("--precision bf16", "--precision fp16")


def test_a_model_that_no_cluster_holds() -> None:
    """The reason is named even where no change helps."""
    small = make_catalog([make_offer(most=8)], [make_gpu(memory_gb=10.0)])
    found = reasons(small)
    assert "takes 16 GPUs to hold" in reason_words(found["memory"])[1]


def test_two_limits_that_must_change_together() -> None:
    """Where neither alone is enough, both are suggested at once."""
    found = reasons(deadline="1d", budget="10")
    assert set(found) >= {"deadline, budget"}
    assert set(found["deadline, budget"].fields) == {"deadline", "budget"}


def test_a_filter_and_a_number_that_must_change_together() -> None:
    """Where the filter alone is not enough, the number that is needed besides is told."""
    offers = [*CATALOG.offers, make_offer("delta_tiny", "tiny", usd=0.1, most=8)]
    gpus = [make_gpu(), make_gpu("old", 250.0), make_gpu("tiny", memory_gb=4.0)]
    found = reasons(make_catalog(offers, gpus), gpu="tiny", max_gpus=4, deadline="12d")
    assert set(found) == {"memory", "gpu, max_gpus"}
    reason = found["gpu, max_gpus"]
    assert reason_words(reason)[1].endswith("any gpu; try without --gpu, --max-gpus 112")


def test_a_run_that_is_out_of_reach() -> None:
    """No deadline that can be asked for is late enough: the fastest fleet's time is told."""
    (reason,) = reasons(tokens="1e18").values()
    assert reason.limit == "deadline"
    assert "ask for a smaller run" in reason_words(reason)[1]


@pytest.mark.parametrize("tflops", [1001, 5000])
def test_a_speed_above_every_peak(tflops: float) -> None:
    """Nothing runs above its dense peak."""
    assert "peaks below" in reason_words(reasons(tflops_per_gpu=tflops)["tflops_per_gpu"])[1]


def test_gpu_models_without_a_plan_are_listed_with_their_reason() -> None:
    """A plan exists, and each GPU model that has none says why."""
    found = answer(deadline="30d")
    assert found.plan is not None
    (ruled,) = found.ruled_out
    assert (ruled.gpu, ruled.limit) == ("old", "deadline")
    hours = 4.8e22 / (16 * 250e12 * (1 / (2 + 8 / 504 * 0.5)) * 0.9) / 3600
    assert ruled_out_words(ruled)[1] == f"{hours / 24:.4g} days"


def test_binding_limits_say_what_is_gained_without_them() -> None:
    """The deadline binds: without it fewer GPUs run at a higher MFU."""
    found = answer(deadline="30d")
    (deadline,) = [b for b in found.binding if b.limit == "deadline"]
    assert asked_words(deadline.limit, deadline.found) == "30 days"
    assert "8 BIG" in without_words(deadline)
    relaxed = answer(deadline="2000d")
    assert not [b for b in relaxed.binding if b.limit == "deadline"]
