"""How long one optimizer step takes: shapes, layouts, memory and time, fitted to published runs."""

from optimizer.step.breakpoints import fewest_gpus
from optimizer.step.predict import NoLayoutError, Prediction, curve, predict, setting_of
from optimizer.step.search import BatchError, Layout, Setting
from optimizer.step.transformer import ShapeError

__all__ = [
    "BatchError",
    "Layout",
    "NoLayoutError",
    "Prediction",
    "Setting",
    "ShapeError",
    "curve",
    "fewest_gpus",
    "predict",
    "setting_of",
]
