"""The memory model rejects no run that happened."""

import pytest
from step_cases import gpus, runs, setting

from catalog.runs import ObservedRun
from optimizer.step.conditions import conditions_of
from optimizer.step.constants import shipped_constants
from optimizer.step.described import NotScorableError
from optimizer.step.fit.sample import make_sample
from optimizer.step.memory import GATHERED_LAYERS, held_by, state_bytes
from optimizer.step.predict import fewest_gpus
from optimizer.step.sharing import on_fleet

# Their state or checkpoints lie in the host's memory: the framework says so, or the stated
# micro-batch cannot lie anywhere else (two points of the ZeRO-3 series).
OFFLOADS = ("offload", "LLMQ")
OFFLOADED = {"azure-ds-175B-g256", "azure-ds-2T-g1024"}

# Rejected all the same, for a state that Adam's 16 bytes a parameter do not describe or a sharding
# that the source leaves open: the model is too strict with them.
TOO_STRICT = {
    *("marin-67b-h100-may140-g8", "marin-67b-h100-may141-g8", "marin-67b-h100-may215-g8"),
    *("marin-h100-jaxpp-l24-r6", "marin-h100-jaxpp-l24-r7"),
    *("bridge-26.02.01-llama3_70b-gb300-g64-nvfp4", "dgxc-25.05.04-grok1-gb200-fp8-g128"),
}


def states_its_layout(run: ObservedRun) -> bool:
    """Whether the source names the parallelism, and state stays in GPU memory."""
    offloads = any(word.lower() in run.framework.lower() for word in OFFLOADS)
    return run.tp is not None and run.pp is not None and not offloads and run.id not in OFFLOADED


@pytest.mark.slow
def test_every_run_that_states_its_layout_fits() -> None:
    """Each fits the memory of its GPU under the layout that its source states."""
    stated = []
    for run in runs():
        if not states_its_layout(run):
            continue
        try:
            stated.append(conditions_of(run, gpus()))
        except NotScorableError:
            continue
    assert len(stated) > 400
    _, skipped = make_sample(stated, "stated", shipped_constants())
    assert {run for run, why in skipped.items() if "does not fit" in why} <= TOO_STRICT


def test_state_is_sixteen_bytes_a_parameter_over_the_fleet() -> None:
    """ZeRO: 2 of weights, 2 of gradients and 12 of optimizer, split over all ranks."""
    here = setting("llama-3.1-8b")
    kinds = on_fleet(here.kinds(), 64, here.sequences)
    sharded = kinds.take((kinds.shard == 64) & (kinds.tensor == 1))
    one_layer = GATHERED_LAYERS * 2 * 8.03e9 / 32
    assert len(sharded)
    held = state_bytes(here.work, sharded, held_by(here.work, sharded))
    assert held == pytest.approx(16 * 8e9 / 64 + one_layer, rel=0.05)


def test_a_48_gb_card_needs_more_cards_than_an_80_gb_one() -> None:
    """70B fits 16 H100 but not 16 A6000."""
    assert fewest_gpus(setting("llama-3.1-70b", "h100_sxm"), 16) is not None
    assert fewest_gpus(setting("llama-3.1-70b", "rtx_a6000"), 16) is None
