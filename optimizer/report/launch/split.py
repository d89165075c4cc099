"""A pipeline's split of the layers, in Megatron's words.

Checked against ``megatron.core.transformer`` of megatron-core 0.19.2: stage i of a split lies on
rank i mod pipeline, and both flags of the embedding and the loss make each count as one layer.
"""

from itertools import groupby

from optimizer.step.launch import Launch

ACCOUNT = ("--account-for-embedding-in-pipeline-split", "--account-for-loss-in-pipeline-split")


def split_flags(launch: Launch) -> list[str]:
    """The flags of a split; none where each stage holds as many layers as any other.

    Flags of the embedding and the loss where the ends hold one layer less; counts of the first and
    the last stage where only those differ; else the layout written out.
    """
    split = launch.split
    if launch.pipeline == 1 or not split:
        return []
    stages = ["--num-virtual-stages-per-pipeline-rank", str(launch.interleave)]
    virtual = stages if launch.interleave > 1 else []
    if len(set(split)) == 1:
        return virtual
    if _ends_one_less(split):
        return [*virtual, *ACCOUNT]
    if launch.interleave == 1 and _uniform_inside(split):
        return _ends(split)
    return ["--pipeline-model-parallel-layout", layout_of(split)]


def _ends_one_less(split: tuple[int, ...]) -> bool:
    """Whether the embedding and the loss stand for a layer each."""
    ends_counted = (split[0] + 1, *split[1:-1], split[-1] + 1)
    return len(set(ends_counted)) == 1


def _uniform_inside(split: tuple[int, ...]) -> bool:
    return min(split) > 0 and len(set(split[1:-1])) == 1


def _ends(split: tuple[int, ...]) -> list[str]:
    """Counts of the first and the last stage, those that differ from the ones between."""
    inside = split[1]
    ends = {"first": split[0], "last": split[-1]}
    named = {f"--decoder-{end}-pipeline-num-layers": n for end, n in ends.items() if n != inside}
    return [word for name, n in named.items() for word in (name, str(n))]


def layout_of(split: tuple[int, ...]) -> str:
    """A layout written out: E embedding, t layer, L loss, a bar between stages.

    (27, 27, 26) is ``Et*27|t*27|t*26L``; stages that repeat inside stand in brackets.
    """
    last = len(split) - 1
    stages = [_layers(count) for count in split]
    stages[0] = f"E{stages[0]}"
    stages[last] = f"{stages[last]}L"
    # What precedes the last bar repeats with its own bar: (tt|)*29.
    before = [f"({stage}|)*{n}" if n > 1 else f"{stage}|" for stage, n in _runs(stages[:-1])]
    return "".join(before) + stages[-1]


def _layers(count: int) -> str:
    return "t" * count if count < 2 else f"t*{count}"


def _runs(stages: list[str]) -> list[tuple[str, int]]:
    return [(stage, len(list(same))) for stage, same in groupby(stages)]
