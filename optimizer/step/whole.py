"""What whole replicas reach on many fleet sizes at once, as a floor under the best layout's MFU."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.step.layouts import Layouts, exists_on, fill
from optimizer.step.memory import fits
from optimizer.step.search import Setting, ideal_seconds
from optimizer.step.seconds import step_seconds

Floats = NDArray[np.float64]

# All kinds of replica are tried at so many of the sizes, and the best of them at every size.
SIZES_TRIED = 12


def least_mfu(setting: Setting, gpus: Floats) -> Floats:
    """MFU of a step that whole replicas surely reach at each fleet size; 0 where none is known.

    ``best_layout`` is at least as fast, and takes a search for each size. Here the kinds of
    replica that are best at some of the sizes are placed on all of them.
    """
    kinds = setting.kinds()
    spread = np.linspace(0, len(gpus) - 1, min(SIZES_TRIED, len(gpus))).round().astype(np.int64)
    best = np.unique(_placed(setting, kinds, gpus[spread]).argmax(axis=0))
    return np.asarray(_placed(setting, kinds.take(best), gpus).max(axis=0))


def _placed(setting: Setting, kinds: Layouts, gpus: Floats) -> Floats:
    """MFU of each kind at each size, shape (kinds, sizes); GPUs left over count, 0 if unfit."""
    columns = replace(kinds, **{name: getattr(kinds, name)[:, None] for name in kinds.__slots__})
    data = np.floor(gpus / columns.replica)
    exists = exists_on(fill(columns, data), setting.sequences, whole=True)
    layouts = fill(columns, np.maximum(data, 1.0))
    held = exists & fits(setting.work, setting.machine, layouts)
    seconds = step_seconds(setting.work, setting.machine, layouts, setting.fit)
    seconds = seconds * setting.slower(gpus)
    return np.where(held, ideal_seconds(setting, gpus) / seconds, 0.0)
