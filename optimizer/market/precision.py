"""In which precision a run takes a step on a part."""

from catalog import Gpu, Precision

SIXTEEN_BIT: tuple[Precision, ...] = ("bf16", "fp16")


def precision_for(asked: Precision | None, gpu: Gpu) -> Precision | None:
    """The precision a run takes on a part: the one asked for, else bf16, else fp16."""
    wanted: tuple[Precision, ...] = (asked,) if asked else SIXTEEN_BIT
    return next((p for p in wanted if gpu.peak_tflops(p) is not None), None)
