"""How long one optimizer step takes: shapes, layouts, memory and time, fitted to published runs."""

from optimizer.step.launch import Launch
from optimizer.step.predict import (
    NoLayoutError,
    Prediction,
    curve,
    fewest_gpus,
    predict,
    setting_of,
)
from optimizer.step.setting import BatchError, Setting
from optimizer.step.transformer import ShapeError

__all__ = [
    "BatchError",
    "Launch",
    "NoLayoutError",
    "Prediction",
    "Setting",
    "ShapeError",
    "curve",
    "fewest_gpus",
    "predict",
    "setting_of",
]
