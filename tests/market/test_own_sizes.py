"""What the question states of its own: a quota, a power cap, the nodes of a spot fleet."""

from typing import Any

from choices import FLAT, GPUS, ask, best, binds, widened
from small_catalog import make_catalog, make_offer

from optimizer.report.wording.limits import asked_words, ruled_out_words, without_words
from optimizer.report.wording.reasons import reason_words

# kW of a GPU in a server of 1.2 kW, at 76 % of its rating and with a quarter more for cooling.
KW = 1.2 * 0.76 * 1.25


def test_a_quota_holds() -> None:
    """Of alpha 64 GPUs are sold; 20 that one may rent are two nodes."""
    fields: dict[str, Any] = {"provider": "alpha", "minimize": "time"}
    assert best(**fields).gpus == 64
    assert best(**fields, quota={"Alpha": 20}).gpus == 16
    assert best(**fields, quota={"alpha": 100}).gpus == 64
    assert best(**fields, quota={"beta": 8}).gpus == 64


def test_a_quota_that_binds_says_what_is_sold_beyond_it() -> None:
    """No more than alpha has: 2,000 h on 64 GPUs are 31.25 h."""
    binding = binds("quota", provider="alpha", minimize="time", quota={"alpha": 16})
    assert asked_words(binding.limit, binding.found) == "your quota of alpha is 16 GPUs"
    assert without_words(binding).startswith("4,000 USD in 1.302 days with 64 BIG of alpha")


def test_a_quota_that_is_too_small() -> None:
    """In 5 days 16.7 GPUs are needed: three nodes; two are not enough."""
    fields: dict[str, Any] = {"provider": "alpha", "deadline": "5d"}
    reason = widened("quota", **fields, quota={"Alpha": 16})
    assert (reason_words(reason)[0], reason_words(reason)[1]) == ("alpha: 16", "alpha: 24")
    assert reason.options == "--quota alpha=24"
    assert ask(**fields, quota={"alpha": 23}).plan is None


def test_a_quota_of_less_than_a_node() -> None:
    """Nothing of that provider qualifies, and the quota is why."""
    answer = ask(provider="alpha", quota={"alpha": 7})
    first, *_ = answer.reasons
    assert first.limit == "quota"
    assert "your quota of alpha is 7" in reason_words(first)[1]
    assert widened("quota", provider="alpha", quota={"alpha": 7}).options == "--quota alpha=8"


def test_each_quota_is_raised_alone() -> None:
    """Either is enough; the other stays as it was asked for."""
    quota = {"alpha": 8, "beta": 16}
    fields: dict[str, Any] = {"provider": "alpha, beta", "deadline": "5d", "quota": quota}
    tried = [r.options for r in ask(**fields).reasons if r.limit == "quota"]
    assert tried == ["--quota alpha=24 --quota beta=16", "--quota alpha=8 --quota beta=24"]
    for more in ({"alpha": 24, "beta": 16}, {"alpha": 8, "beta": 24}):
        assert ask(**{**fields, "quota": more}).plan is not None


def test_a_power_cap_holds() -> None:
    """100 kW are 87.7 GPUs of 1.14 kW: ten nodes; a bare number means kW."""
    assert best(minimize="time", power_cap="100").gpus == 80
    assert best(minimize="time", power_cap="0.1 MW").gpus == 80
    assert best(minimize="time", power_cap=KW * 88).gpus == 88


def test_a_power_cap_binds() -> None:
    """Without it all 512 GPUs that the fastest offer has: 2,000 h / 512 = 3.906 h."""
    binding = binds("power_cap", minimize="time", power_cap="100")
    assert asked_words(binding.limit, binding.found) == "100 kW"
    assert "in 3.906 hours with 512 BIG" in without_words(binding)


def test_a_power_cap_that_is_too_small() -> None:
    """In 10 days 8.3 GPUs are needed, so two nodes of 8: 16 x 1.14 = 18.24 kW."""
    reason = widened("power_cap", deadline="10d", power_cap="18")
    assert (reason_words(reason)[0], reason_words(reason)[1]) == ("18 kW", "18.3 kW")
    assert reason.options == "--power-cap 18.3"
    assert best(deadline="10d", power_cap=18.24).gpus == 16
    assert ask(deadline="10d", power_cap="18.2").plan is None


def test_a_power_cap_below_a_node_rules_every_gpu_model_out() -> None:
    """Eight GPUs draw 9.12 kW, which is said of each."""
    answer = ask(power_cap="5 kW")
    assert {(ruled.gpu, ruled.limit, ruled_out_words(ruled)[1]) for ruled in answer.ruled_out} == {
        ("big", "power_cap", "9.12 kW"),
        ("old", "power_cap", "9.12 kW"),
    }


SPOT = make_catalog([make_offer("alpha_spot", usd=1.0, pricing="spot", most=128)], GPUS, FLAT)
SPOT_RUN: dict[str, Any] = {"pricing": "spot", "minimize": "time"}


def test_spot_fleets_stay_within_a_few_nodes() -> None:
    """Eight unless one asks for others; from there on every node makes it faster."""
    assert best(SPOT, **SPOT_RUN).nodes == 8
    assert best(SPOT, **SPOT_RUN, spot_nodes=3).nodes == 3
    assert best(SPOT, **SPOT_RUN, spot_nodes=12).nodes == 12
    assert best(SPOT, **SPOT_RUN, spot_nodes=100).nodes == 16


def test_the_nodes_of_a_spot_fleet_bind() -> None:
    """All 128 GPUs that are sold, and no more, would be faster."""
    binding = binds("spot_nodes", SPOT, **SPOT_RUN)
    assert asked_words(binding.limit, binding.found) == "8 nodes of spot capacity"
    assert "with 128 BIG of alpha" in without_words(binding)
    assert not [b for b in ask(SPOT, **SPOT_RUN, spot_nodes=16).binding if b.limit == "spot_nodes"]


def test_too_few_nodes_of_spot_capacity() -> None:
    """As many as the deadline takes, and with one less there is no plan."""
    fields: dict[str, Any] = {"pricing": "spot", "deadline": "3d"}
    reason = widened("spot_nodes", SPOT, **fields, spot_nodes=2)
    assert reason_words(reason)[0] == "2"
    needed = int(reason_words(reason)[1])
    assert reason.options == f"--spot-nodes {needed}"
    assert best(SPOT, **fields, spot_nodes=needed).nodes == needed
    assert ask(SPOT, **fields, spot_nodes=needed - 1).plan is None
    # All nodes are there half of the time from eight on, and a quarter is kept in reserve: 2,000
    # GPU-hours in 72 h take 2,000 / 72 x 1.25 / 0.5 = 69.4 GPUs and a little for interruptions.
    assert needed == 9
