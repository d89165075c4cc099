"""Published runs that their own source measured again with a later release of its software."""

import re
from collections.abc import Iterable

from catalog.runs import ObservedRun

# A framework and its release: "Megatron-Bridge 26.02".
_RELEASE = re.compile(r"(.*\S) (\d+(?:\.\d+)+)")


def superseded(runs: Iterable[ObservedRun]) -> dict[str, str]:
    """Runs that their source measured again with a later release, with that reason by their id.

    A planner predicts the stack of today; first releases on a part gained up to 150 % later.
    """
    newest: dict[tuple[object, ...], tuple[list[int], ObservedRun]] = {}
    versions = [(run, _RELEASE.fullmatch(run.framework)) for run in runs]
    told = [(run, v[1], [int(n) for n in v[2].split(".")]) for run, v in versions if v]
    for run, name, version in told:
        key = _measured(run, name)
        if key not in newest or newest[key][0] < version:
            newest[key] = (version, run)
    return {
        run.id: f"superseded: {newest[key][1].id} is of a later release"
        for run, name, version in told
        if newest[key := _measured(run, name)][0] > version
    }


def _measured(run: ObservedRun, framework: str) -> tuple[object, ...]:
    """What a source measures again: a model on a fleet, whatever the layout and the batch."""
    return (run.source, framework, run.model, run.gpu, run.gpus, run.precision, run.seq_len)
