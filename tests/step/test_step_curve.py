"""The staircase: exactly the launchable sizes that are faster than every smaller one."""

from itertools import pairwise

import numpy as np
import pytest
from step_cases import gpus, setting

from catalog import Precision
from optimizer.step.layouts import Layouts
from optimizer.step.machine import HIGHEST_MFU
from optimizer.step.memory import bytes_per_gpu, usable_bytes
from optimizer.step.predict import curve, fewest_gpus, predict, reach_of
from optimizer.step.seconds import step_seconds
from optimizer.step.setting import Setting, ideal_seconds
from optimizer.step.sharing import HANDICAP, fill
from optimizer.step.stairs import stairs

CASES: list[tuple[str, str, Precision, int, int]] = [
    ("llama-3.1-8b", "h100_sxm", "bf16", 8, 20),
    ("llama-3.1-70b", "b200_sxm", "fp8", 8, 24),
    ("llama-2-70b", "rtx_a6000", "bf16", 4, 32),
    ("13B", "gb200_nvl72", "bf16", 72, 8),
    ("mixtral-8x7b", "h100_sxm", "bf16", 8, 12),
    ("llama-3.2-1b", "rtx_4090", "bf16", 1, 30),
]


def by_hand(here: Setting, nodes: int) -> tuple[float, float] | None:
    """Score and seconds of the best layout on exactly so many nodes, all tried one by one."""
    found = []
    for index in range(len(here.kinds())):
        kind = here.kinds().take(np.array([index]))
        layout = _on(here, kind, nodes * here.node)
        if layout is None or bytes_per_gpu(here.work, _heaviest(here, layout)) > usable_bytes(
            here.machine
        ):
            continue
        seconds = float(step_seconds(here.work, here.machine, layout, here.fit)[0])
        seconds *= here.sequences / float(layout.sequences[0])
        size = np.array([float(nodes * here.node)])
        least = float(ideal_seconds(here, size)[0]) / HIGHEST_MFU
        seconds = max(seconds * float(here.slower(size)[0]), least)
        found.append((seconds * _trouble(here, layout), seconds))
    return min(found, default=None)


def _heaviest(here: Setting, layout: Layouts) -> Layouts:
    """The layout with the largest batch that the room allows, which a launch may have to hold."""
    return fill(layout, layout.data, here.sequences * (1 + here.room))


def _on(here: Setting, kind: Layouts, gpus: int) -> Layouts | None:
    """The kind on exactly that many GPUs, in plain integers; None where a launcher refuses."""
    tensor, pipeline, context = (int(v[0]) for v in (kind.tensor, kind.pipeline, kind.context))
    expert, micro = int(kind.expert[0]), int(kind.micro_batch[0])
    replica = tensor * pipeline * context
    data, left = divmod(gpus, replica)
    unit = data * micro * (pipeline if kind.interleave[0] > 1 else 1)
    if left or not unit:
        return None
    batch = max(round(here.sequences / unit), 1) * unit
    if abs(batch - here.sequences) > here.room * here.sequences * (1 + 1e-9):
        return None
    if batch < data * micro * pipeline:
        return None
    filled = fill(kind, np.array([float(data)]), float(batch))
    shard = int(filled.shard[0])
    sharing = shard if shard > 1 else data * context
    if sharing * tensor % (expert * max(tensor // expert, 1)):
        return None
    if data * context % shard or shard > 2048:
        return None
    return filled


def _trouble(here: Setting, layout: Layouts) -> float:
    """What pipelines, full recomputation and experts across racks have to be faster by."""
    across = here.node > 16 and here.node % int(layout.expert[0]) > 0
    laborious = layout.pipeline[0] > 1 or layout.recompute[0] == 2 or across
    return 1 + HANDICAP * laborious


@pytest.mark.slow
@pytest.mark.parametrize(("model", "gpu", "precision", "node", "most"), CASES)
def test_the_staircase_is_what_a_count_of_all_layouts_gives(
    model: str, gpu: str, precision: Precision, node: int, most: int
) -> None:
    """Every size, every kind of layout, one by one: the same steps and the same seconds."""
    here = setting(model, gpu, precision, node=node)
    steps: dict[int, float] = {}
    score, least = np.inf, np.inf
    for nodes in range(1, most + 1):
        found = by_hand(here, nodes)
        if found is None:
            continue
        if found[0] < score and found[1] < least:
            least = found[1]
            steps[nodes] = least
        score = min(score, found[0])
    known = stairs(here, most)
    assert known.nodes.tolist() == list(steps)
    assert known.seconds == pytest.approx(list(steps.values()))


def test_what_a_size_takes_does_not_depend_on_how_many_are_looked_at() -> None:
    """A staircase to fewer nodes is the beginning of one to more."""
    here = setting("llama-3.1-70b")
    short, long = stairs(here, 100), stairs(here, 1000)
    assert short.nodes.tolist() == long.nodes[: len(short)].tolist()
    assert short.seconds.tolist() == long.seconds[: len(short)].tolist()


@pytest.mark.parametrize("model", ["llama-3.1-8b", "llama-3.1-70b", "deepseek-v3"])
@pytest.mark.parametrize("node", [1, 8])
def test_the_fewest_gpus_hold_the_model_and_a_node_less_does_not(model: str, node: int) -> None:
    """The first step of the staircase."""
    here = setting(model, "h100_sxm", node=node)
    fewest = fewest_gpus(here, 4096)
    assert fewest is not None
    assert fewest_gpus(here, fewest) == fewest
    assert fewest == node or fewest_gpus(here, fewest - node) is None
    assert curve(here, fewest - node) == ()


def test_between_two_steps_gpus_idle() -> None:
    """The same layout and the same seconds a step, on every size up to the next."""
    here, part = setting("llama-3.1-405b"), gpus()["h100_sxm"]
    steps = [n for n, _ in curve(here, 2048)]
    for size, after in pairwise(steps):
        first, last = predict(here, part, size), predict(here, part, after - 8)
        assert first.layout.idle == 0
        assert last.layout.idle == after - 8 - size
        assert last.seconds_per_step == first.seconds_per_step
        assert last.mfu == pytest.approx(first.mfu * size / (after - 8))


def test_a_small_batch_ends_the_curve() -> None:
    """Four sequences cannot occupy 4,096 GPUs: beyond where they split no further GPUs idle."""
    here = setting(batch=4 * 8192)
    last = curve(here, 4096)[-1][0]
    assert 32 <= last < 4096
    assert predict(here, gpus()["h100_sxm"], 4096).layout.idle == 4096 - last


def test_more_gpus_are_never_slower() -> None:
    """Each step is faster than the one before it."""
    for model in ("llama-3.1-8b", "llama-3.1-405b", "mixtral-8x22b"):
        here = setting(model)
        seconds = stairs(here, reach_of(here, 4096)).seconds
        assert np.all(np.diff(seconds) < 0)


def test_a_batch_that_few_layouts_share_is_told_its_neighbour() -> None:
    """777 sequences are shared by no eight replicas, 768 are; of a rule's batch none is told."""
    part, tokens = gpus()["h100_sxm"], 4096
    odd = predict(setting("1.3B", batch=777 * tokens, room=0.0), part, 8)
    assert odd.global_batch_tokens == 777 * tokens
    told = [said for said in odd.warnings if "(768 sequences)" in said]
    even = predict(setting("1.3B", batch=768 * tokens, room=0.0), part, 8)
    saved = 1 - even.seconds_per_step / 768 / (odd.seconds_per_step / 777)
    assert f"takes {saved:.0%} less time" in told[0]
    for kept in (setting("1.3B", batch=768 * tokens, room=0.0), setting("1.3B")):
        assert not [said for said in predict(kept, part, 8).warnings if "sequences)" in said]
